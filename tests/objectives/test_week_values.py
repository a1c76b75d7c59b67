"""Values and check-ins in the rows of My week: saved in place, and on to the next row owed."""

import json
from datetime import date

import pytest
import time_machine

from metrics.evaluation import evaluate_kpis
from metrics.models import Measurement
from objectives.models import CheckIn
from tests.factories import NOW, make_key_result, make_kpi, make_objective, make_value

FRIDAY, LAST_FRIDAY = date(2026, 8, 21), date(2026, 8, 14)


@pytest.fixture(autouse=True)
def _today():
    with time_machine.travel(NOW, tick=False):
        yield


def make_owed(team, owner, months=1, **over):
    kpi = make_kpi(team=team, target=8, owner=owner, starts_on=date(2026, 1, 1), **over)
    for month in range(1, 8 - months):
        make_value(kpi, date(2026, month, 1), 7)
    evaluate_kpis([kpi.pk], NOW)
    return kpi


@pytest.fixture
def kpi(team, bob):
    return make_owed(team, bob, name="Churn")


@pytest.fixture
def late(team, bob):
    return make_key_result(make_objective(team=team), owner=bob, next_due_on=LAST_FRIDAY)


@pytest.fixture
def due(team, bob):
    return make_key_result(make_objective(team=team), owner=bob, next_due_on=FRIDAY)


def july(kpi):
    return f"/my-week/kpis/{kpi.pk}/values/2026-07-01/edit/"


def htmx(client, method, url, kpi_or_row, data=None):
    root = getattr(kpi_or_row, "row_id", f"kpi-{kpi_or_row.pk}")
    headers = {"HX-Request": "true", "HX-Target": root}
    return getattr(client, method)(url, data, headers=headers)


def said(row, **over):
    form = {"value": "45", "confidence": "6", "token": "0" * 31 + "1", "version": row.version}
    return form | over


def test_the_row_opens_its_form_in_place(client, kpi, bob):
    client.force_login(bob)
    answer = htmx(client, "get", july(kpi), kpi)

    assert f'<li id="kpi-{kpi.pk}" data-state="edit">' in answer.text
    assert f'hx-post="{july(kpi)}"' in answer.text
    assert f'hx-get="/my-week/kpis/{kpi.pk}/"' in answer.text
    assert "Save, next" in answer.text


def test_a_value_is_saved_and_the_next_row_owed_is_a_key_result(client, kpi, late, due, bob):
    client.force_login(bob)
    answer = htmx(client, "post", july(kpi), kpi, {"value": "7.5"})

    assert json.loads(answer.headers["HX-Trigger"])["row:saved"] == {
        "id": f"kpi-{kpi.pk}",
        "next": late.row_id,
    }
    assert 'data-state="saved"' in answer.text
    assert answer.text.count("hx-swap-oob") == 1
    assert "Two values to update" in answer.text
    assert Measurement.objects.get(kpi=kpi, day=date(2026, 7, 1)).value == 7.5


def test_a_check_in_leads_on_to_the_next_row_of_the_page(client, kpi, late, due, bob):
    client.force_login(bob)
    url = f"/key-results/{late.pk}/check-in/?list=week"
    answer = htmx(client, "post", url, late, said(late))

    assert json.loads(answer.headers["HX-Trigger"])["row:saved"]["next"] == due.row_id
    assert answer.text.count("hx-swap-oob") == 1
    assert "Two values to update" in answer.text


def test_after_the_last_row_what_was_passed_over_is_next(client, kpi, late, due, bob):
    client.force_login(bob)
    answer = htmx(client, "post", f"/key-results/{due.pk}/check-in/?list=week", due, said(due))

    assert json.loads(answer.headers["HX-Trigger"])["row:saved"]["next"] == f"kpi-{kpi.pk}"


def test_when_nothing_is_left_the_counter_says_so(client, kpi, bob):
    client.force_login(bob)
    answer = htmx(client, "post", july(kpi), kpi, {"value": "7.5"})

    assert json.loads(answer.headers["HX-Trigger"])["row:saved"]["next"] == ""
    assert "Nothing to update: all values are in." in answer.text


def test_values_of_a_file_are_not_opened_by_themselves(client, team, kpi, due, bob):
    upload = make_owed(team, bob)
    upload.source.kind = "csv_upload"
    upload.source.save()
    client.force_login(bob)
    answer = htmx(client, "post", july(kpi), kpi, {"value": "7.5"})

    assert json.loads(answer.headers["HX-Trigger"])["row:saved"]["next"] == due.row_id
    assert "Two values to update" in answer.text


def test_several_months_are_filled_in_the_row(client, team, late, bob):
    kpi = make_owed(team, bob, months=3)
    url = f"/my-week/kpis/{kpi.pk}/values/fill/"
    client.force_login(bob)
    form = htmx(client, "get", url, kpi)
    assert f'<li id="kpi-{kpi.pk}" data-state="edit">' in form.text

    values = {f"value_2026-0{month}-01": "6" for month in (5, 6, 7)}
    answer = htmx(client, "post", url, kpi, values)

    assert json.loads(answer.headers["HX-Trigger"])["row:saved"]["next"] == late.row_id
    assert "was " in answer.text
    assert f"/my-week/kpis/{kpi.pk}/values/2026-07-01/edit/" in answer.text
    assert kpi.pk in {row.kpi_id for row in Measurement.objects.filter(day=date(2026, 6, 1))}


def test_what_is_no_number_is_refused_in_place_and_kept(client, kpi, bob):
    client.force_login(bob)
    answer = htmx(client, "post", july(kpi), kpi, {"value": "5,6"})

    assert answer.status_code == 422
    assert f'<li id="kpi-{kpi.pk}" data-state="edit">' in answer.text
    assert 'value="5,6"' in answer.text
    assert "can mean two things" in answer.text


def test_a_value_entered_meanwhile_is_shown_beside_ones_own(client, kpi, bob):
    make_value(kpi, date(2026, 7, 1), 9)
    client.force_login(bob)
    answer = htmx(client, "post", july(kpi), kpi, {"value": "7.5"})

    assert answer.status_code == 409
    text = answer.text.replace("\u00a0", " ")
    assert "saved 9 % meanwhile; you typed 7.5 %" in text
    assert f'hx-post="{july(kpi)}"' in text


def test_the_same_form_twice_is_one_value(client, kpi, bob):
    client.force_login(bob)
    for _ in range(2):
        assert htmx(client, "post", july(kpi), kpi, {"value": "7.5"}).status_code == 200

    assert Measurement.objects.get(kpi=kpi, day=date(2026, 7, 1)).revision == 0


def test_cancel_shows_the_row_at_rest(client, kpi, bob):
    client.force_login(bob)
    answer = htmx(client, "get", f"/my-week/kpis/{kpi.pk}/", kpi)

    assert answer.text.startswith(f'<li class="row" id="kpi-{kpi.pk}">')
    assert "Update" in answer.text


def test_without_javascript_a_page_leads_back_to_the_week(client, kpi, bob):
    client.force_login(bob)
    page = client.get(july(kpi))
    assert f'action="{july(kpi)}"' in page.text
    assert "hx-post" not in page.text.split("<main")[1]

    answer = client.post(july(kpi), {"value": "7.5"})
    assert answer.url == "/my-week/"


def test_a_check_in_of_the_week_leads_back_to_it_without_javascript(client, due, bob):
    client.force_login(bob)
    answer = client.post(f"/key-results/{due.pk}/check-in/?list=week", said(due))

    assert answer.url == f"/my-week/#{due.row_id}"
    assert CheckIn.objects.count() == 1


def test_strangers_and_viewers_enter_nothing(client, kpi, charlie, vera):
    client.force_login(vera)
    assert client.post(july(kpi), {"value": "1"}).status_code == 403
    kpi.is_private = True
    kpi.save()
    client.force_login(charlie)
    assert client.post(july(kpi), {"value": "1"}).status_code == 404
    assert not Measurement.objects.filter(kpi=kpi, day=date(2026, 7, 1)).exists()
