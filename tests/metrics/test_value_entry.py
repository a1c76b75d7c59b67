"""Values by hand: entering, correcting, filling, and what happens when two people do it at once."""

import json
from datetime import date
from decimal import Decimal

import pytest
import time_machine

from metrics.models import Measurement, MeasurementRevision
from tests.factories import NOW, make_kpi, make_value

JULY = "/kpis/{}/values/2026-07-01/"
HTMX = {"HX-Request": "true"}


@pytest.fixture(autouse=True)
def _today():
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def kpi(team):
    kpi = make_kpi(team=team, target="8", starts_on=date(2026, 4, 1))
    make_value(kpi, date(2026, 4, 1), "7.9")
    return kpi


@pytest.fixture
def full(kpi):
    for month, value in ((5, "8.2"), (6, "8.4"), (7, "8.3")):
        make_value(kpi, date(2026, month, 1), value)
    return kpi


def july(kpi):
    return Measurement.objects.filter(kpi=kpi, day=date(2026, 7, 1)).first()


def test_the_form_names_the_period(client, kpi, bob):
    client.force_login(bob)

    page = client.get(JULY.format(kpi.pk) + "edit/")

    assert "Enter July 2026" in page.text
    assert 'name="value"' in page.text
    assert 'name="reason"' not in page.text


def test_htmx_gets_the_row_alone_and_everybody_else_a_page(client, kpi, bob):
    client.force_login(bob)
    target = f"value-{kpi.pk}-2026-07-01"

    row = client.get(JULY.format(kpi.pk) + "edit/", headers={**HTMX, "HX-Target": target})
    page = client.get(JULY.format(kpi.pk) + "edit/")

    assert row.text.lstrip().startswith(f'<tr id="{target}"')
    assert "<html" not in row.text
    assert "<html" in page.text


def test_a_member_saves_a_value_without_javascript(client, kpi, bob):
    client.force_login(bob)

    answer = client.post(JULY.format(kpi.pk) + "edit/", {"value": "8.3"})

    assert answer.status_code == 302
    assert answer.url == f"/kpis/{kpi.pk}/"
    assert (july(kpi).value, july(kpi).author) == (Decimal("8.3"), bob)


def test_a_saved_row_comes_back_judged(client, kpi, bob):
    client.force_login(bob)
    root = f"value-{kpi.pk}-2026-07-01"

    row = client.post(
        JULY.format(kpi.pk) + "edit/", {"value": "8.3"}, headers={**HTMX, "HX-Target": root}
    )

    assert row.status_code == 200
    assert "Off target" in row.text
    assert "Bob Tanaka" in row.text
    assert json.loads(row.headers["HX-Trigger"])["row:saved"]["id"] == root


def test_a_wrong_number_is_answered_with_what_was_typed(client, kpi, bob):
    client.force_login(bob)

    answer = client.post(JULY.format(kpi.pk) + "edit/", {"value": "8o"}, headers=HTMX)

    assert answer.status_code == 422
    assert 'value="8o"' in answer.text
    assert 'aria-invalid="true"' in answer.text
    assert july(kpi) is None


def test_the_same_form_sent_twice_is_one_value(client, kpi, bob):
    client.force_login(bob)

    for _ in range(2):
        answer = client.post(JULY.format(kpi.pk) + "edit/", {"value": "8.3"})

    assert answer.status_code == 302
    assert july(kpi).revision == 0
    assert not MeasurementRevision.objects.exists()


def test_a_first_value_meets_anothers_and_both_are_shown(client, kpi, alice, bob):
    client.force_login(bob)
    make_value(kpi, date(2026, 7, 1), "9.1", author=alice)

    answer = client.post(JULY.format(kpi.pk) + "edit/", {"value": "8.3"}, headers=HTMX)

    assert answer.status_code == 409
    assert "Alice Moreau saved 9.1" in answer.text.replace("\u00a0", " ")
    assert 'value="8.3"' in answer.text
    assert july(kpi).value == Decimal("9.1")


def test_a_correction_shows_first_and_saves_then(client, full, bob):
    client.force_login(bob)
    url = JULY.format(full.pk) + "edit/"
    typed = {"value": "7.8", "reason": "Late export", "revision": "0"}

    preview = client.post(url, {**typed, "preview": "1"})
    assert preview.status_code == 200
    assert "What this changes" in preview.text
    assert july(full).value == Decimal("8.3")

    client.post(url, typed)
    old = MeasurementRevision.objects.get(kpi=full)
    assert july(full).value == Decimal("7.8")
    assert (old.value, old.reason, old.replaced_by) == (Decimal("8.3"), "Late export", bob)


def test_a_correction_needs_a_reason(client, full, bob):
    client.force_login(bob)
    typed = {"value": "7.8", "reason": "", "revision": "0"}

    answer = client.post(JULY.format(full.pk) + "edit/", typed)

    assert answer.status_code == 422
    assert july(full).value == Decimal("8.3")


def test_a_correction_of_what_changed_meanwhile_shows_both(client, full, alice, bob):
    client.force_login(bob)
    Measurement.objects.filter(kpi=full, day=date(2026, 7, 1)).update(
        value="8.9", revision=1, author=alice
    )
    typed = {"value": "7.8", "reason": "x", "revision": "0"}

    answer = client.post(JULY.format(full.pk) + "edit/", typed)

    assert answer.status_code == 409
    text = answer.text.replace("\u00a0", " ")
    assert "Alice Moreau saved 8.9 % meanwhile; you typed 7.8 %" in text
    assert july(full).value == Decimal("8.9")


def test_an_empty_correction_withdraws_the_value(client, full, bob):
    client.force_login(bob)

    client.post(
        JULY.format(full.pk) + "edit/", {"value": "", "reason": "Wrong month", "revision": "0"}
    )

    assert july(full).value is None
    assert MeasurementRevision.objects.get(kpi=full).value == Decimal("8.3")


def test_missed_periods_are_offered_and_filled_in_one_form(client, kpi, bob):
    client.force_login(bob)
    page = client.get(f"/kpis/{kpi.pk}/")
    assert "May, June and July are missing" in page.text
    assert "Fill 3" in page.text

    form = client.get(f"/kpis/{kpi.pk}/values/fill/")
    assert form.text.count('name="value_2026-') == 3

    client.post(
        f"/kpis/{kpi.pk}/values/fill/",
        {"value_2026-05-01": "8.1", "value_2026-06-01": "", "value_2026-07-01": "8.3"},
    )
    assert list(
        Measurement.objects.filter(kpi=kpi).order_by("day").values_list("day__month", flat=True)
    ) == [4, 5, 7]


def test_a_fill_with_one_wrong_number_saves_nothing(client, kpi, bob):
    client.force_login(bob)

    answer = client.post(
        f"/kpis/{kpi.pk}/values/fill/", {"value_2026-05-01": "8.1", "value_2026-06-01": "x"}
    )

    assert answer.status_code == 422
    assert 'value="8.1"' in answer.text
    assert Measurement.objects.filter(kpi=kpi).count() == 1


def test_an_empty_fill_is_asked_again(client, kpi, bob):
    client.force_login(bob)

    answer = client.post(f"/kpis/{kpi.pk}/values/fill/", {"value_2026-05-01": ""})

    assert answer.status_code == 422


def test_a_fill_that_meets_anothers_value_saves_nothing(client, kpi, alice, bob):
    client.force_login(bob)
    make_value(kpi, date(2026, 6, 1), "9", author=alice)

    answer = client.post(
        f"/kpis/{kpi.pk}/values/fill/", {"value_2026-05-01": "8.1", "value_2026-06-01": "8.2"}
    )

    assert answer.status_code == 409
    assert Measurement.objects.filter(kpi=kpi).count() == 2


def test_a_viewer_reads_and_does_not_write(client, kpi, vera):
    client.force_login(vera)

    assert client.get(JULY.format(kpi.pk) + "edit/").status_code == 403
    assert client.post(JULY.format(kpi.pk) + "edit/", {"value": "8"}).status_code == 403
    assert client.post(f"/kpis/{kpi.pk}/values/fill/", {}).status_code == 403
    page = client.get(f"/kpis/{kpi.pk}/")
    assert "Fill 3" not in page.text
    assert "/edit/" not in page.text


def test_values_of_a_private_kpi_do_not_exist_for_strangers(client, kpi, charlie):
    kpi.is_private = True
    kpi.save()
    client.force_login(charlie)

    assert client.get(JULY.format(kpi.pk) + "edit/").status_code == 404
    assert client.post(JULY.format(kpi.pk) + "edit/", {"value": "8"}).status_code == 404


@pytest.mark.parametrize("day", ["2026-08-01", "2026-07-02", "2026-02-30", "2020-01-01"])
def test_a_day_that_begins_no_closed_period_has_no_form(client, kpi, bob, day):
    client.force_login(bob)

    assert client.get(f"/kpis/{kpi.pk}/values/{day}/edit/").status_code == 404


def test_another_method_is_refused(client, kpi, bob):
    client.force_login(bob)

    assert client.delete(JULY.format(kpi.pk) + "edit/").status_code == 405


def test_cancel_brings_the_row_back(client, full, bob):
    client.force_login(bob)
    root = f"value-{full.pk}-2026-07-01"

    row = client.get(JULY.format(full.pk), headers={**HTMX, "HX-Target": root})

    assert row.text.strip().startswith(f'<tr id="{root}">')
    assert client.get(JULY.format(full.pk)).status_code == 302


def test_on_the_team_page_the_row_of_the_kpi_comes_back(client, kpi, bob):
    client.force_login(bob)
    headers = {**HTMX, "HX-Target": f"kpi-{kpi.pk}"}

    form = client.get(JULY.format(kpi.pk) + "edit/", headers=headers)
    row = client.post(JULY.format(kpi.pk) + "edit/", {"value": "7.7"}, headers=headers)

    assert form.text.lstrip().startswith(f'<tr id="kpi-{kpi.pk}" data-state="edit">')
    assert row.text.startswith(f'<tr role="row" id="kpi-{kpi.pk}">')
    assert "On target" in row.text
    assert "Jul 26" in row.text
