"""The objective page, and checking in row by row."""

import json
from datetime import UTC, date, datetime
from decimal import Decimal
from uuid import uuid4

import pytest
import time_machine

from metrics.models import KpiState
from objectives.models import CheckIn, KeyResult
from tests.factories import (
    make_key_result,
    make_kpi,
    make_objective,
)

NOW = datetime(2026, 8, 16, 9, 0, tzinfo=UTC)
HTMX = {"HX-Request": "true"}


@pytest.fixture(autouse=True)
def _clock():
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def objective(team, alice):
    return make_objective(team=team, owner=alice, ambition="aspirational")


@pytest.fixture
def row(objective):
    return make_key_result(objective, unit="NPS")


def signed_in(client, user):
    client.force_login(user)
    return client


def check_in(client, row, *, htmx=True, **data):
    row.refresh_from_db()
    fields = {"value": "45", "confidence": "6", "note": "", "token": str(uuid4())}
    fields |= {"version": row.version}
    path = f"/key-results/{row.pk}/check-in/"
    return client.post(path, fields | data, headers=HTMX if htmx else {})


def test_the_row_is_swapped_in_place_with_progress_and_status(client, row, bob):
    """Scenario 4: NPS 38 → 52 at 45 is 50 %, on track on 16 August; the history has both."""
    signed_in(client, bob)
    check_in(client, row, value="41", confidence="7")
    page = check_in(client, row, value="45", note="Survey closed.").content.decode()
    assert page.count('id="kr-') == 1
    assert 'data-state="saved"' in page
    assert "<html" not in page
    assert "50\xa0%, up 29\xa0points" in page
    assert "was 41" in page
    assert "On track" in page
    detail = client.get(f"/objectives/{row.objective_id}/").content.decode()
    assert "41 → 45 NPS, confidence 7 → 6" in detail
    assert "50\xa0% · 35\xa0% expected" in detail
    assert "Survey closed." in detail


def test_a_committed_objective_expects_46_of_91_days(client, team, bob):
    objective = make_objective(team=team)
    row = make_key_result(objective)
    check_in(signed_in(client, bob), row)
    page = client.get(f"/objectives/{objective.pk}/").content.decode()
    assert "50\xa0% · 51\xa0% expected" in page
    assert "On track" in page
    assert "46 of 91 days since 1\xa0Jul" in page


@pytest.mark.parametrize(
    ("value", "words"),
    [("75", "50\xa0%"), ("95", "0\xa0%, moving away"), ("55", "100\xa0%, exceeded")],
)
def test_lower_is_better_reads_the_right_way_round(client, team, bob, value, words):
    """Scenario 5: a sales cycle from 90 to 60 days."""
    row = make_key_result(
        make_objective(team=team), baseline=Decimal(90), target=Decimal(60), unit="days"
    )
    check_in(signed_in(client, bob), row, value=value)
    assert words in client.get(f"/objectives/{row.objective_id}/").content.decode()


def test_saving_says_which_row_comes_next(client, objective, row, bob):
    due = {"next_due_on": date(2026, 8, 14)}
    KeyResult.objects.filter(pk=row.pk).update(**due)
    following = make_key_result(objective, **due)
    make_key_result(objective, next_due_on=date(2026, 9, 4))
    response = check_in(signed_in(client, bob), row)
    trigger = json.loads(response.headers["HX-Trigger"])
    assert trigger == {"row:saved": {"id": f"kr-{row.pk}", "next": f"kr-{following.pk}"}}
    last = check_in(client, following)
    assert json.loads(last.headers["HX-Trigger"])["row:saved"]["next"] == ""


def test_the_edit_row_has_one_focus_and_cancel_leads_back(client, row, bob):
    signed_in(client, bob)
    page = client.get(f"/key-results/{row.pk}/check-in/", headers=HTMX).content.decode()
    assert page.count("autofocus") == 1
    assert 'data-state="edit"' in page
    assert f'hx-get="/key-results/{row.pk}/"' in page
    rest = client.get(f"/key-results/{row.pk}/", headers=HTMX).content.decode()
    assert "data-state" not in rest
    assert "Update" in rest


def test_without_javascript_it_is_a_page_and_a_redirect(client, row, bob):
    signed_in(client, bob)
    page = client.get(f"/key-results/{row.pk}/check-in/").content.decode()
    assert "<h1>Check in</h1>" in page
    response = check_in(client, row, htmx=False)
    assert response.url == f"/objectives/{row.objective_id}/#kr-{row.pk}"
    assert CheckIn.objects.count() == 1
    assert client.get(f"/key-results/{row.pk}/").status_code == 200


@pytest.mark.parametrize(
    ("data", "problem"),
    [
        ({"value": "8o"}, "8o"),
        ({"value": ""}, "required"),
        ({"confidence": "11"}, "Select a valid choice"),
        ({"confidence": ""}, "Choose from 0 to 10."),
        ({"note": "x" * 281}, "280"),
        ({"token": "x"}, "came back incomplete"),
        ({"version": ""}, "came back incomplete"),
    ],
    ids=str,
)
def test_an_invalid_answer_is_422_in_the_same_row_with_what_was_typed(
    client, row, bob, data, problem
):
    response = check_in(signed_in(client, bob), row, **{"note": "kept"} | data)
    assert response.status_code == 422
    page = response.content.decode()
    assert problem in page
    assert f'id="kr-{row.pk}"' in page
    assert "kept" in page or "note" in data
    assert not CheckIn.objects.exists()


@pytest.mark.parametrize("htmx", [True, False])
def test_the_second_writer_sees_both_values_and_decides(client, row, alice, bob, htmx):
    version = row.version
    check_in(signed_in(client, bob), row, value="46")
    signed_in(client, alice)
    response = check_in(client, row, value="45", version=version, note="Mine", htmx=htmx)
    assert response.status_code == 409
    page = response.content.decode()
    assert "Saved meanwhile by Bob Tanaka: 46\xa0NPS, confidence\xa06/10" in page
    assert 'value="45"' in page
    assert "Mine" in page
    assert [c.value for c in CheckIn.objects.all()] == [Decimal(46)]
    assert check_in(client, row, value="45", version=version + 1).status_code == 200


def test_the_back_button_and_a_retry_are_one_check_in(client, row, bob):
    signed_in(client, bob)
    form = {"token": str(uuid4()), "version": row.version}
    assert check_in(client, row, **form).status_code == 200
    assert check_in(client, row, **form).status_code == 200
    assert CheckIn.objects.count() == 1


def test_edit_after_saving_corrects_the_check_in(client, row, bob):
    signed_in(client, bob)
    check_in(client, row, value="54", note="Typo")
    made = CheckIn.objects.get()
    page = client.get(f"/key-results/{row.pk}/check-in/?corrects={made.pk}", headers=HTMX)
    assert "Typo" in page.content.decode()
    check_in(client, row, value="45", corrects=made.pk)
    assert CheckIn.objects.get(value=45).corrects == made
    other = KeyResult.objects.with_parts().get(pk=row.pk)
    assert [c.value for c in other.check_ins.all() if c.corrects_id is None] == [Decimal(54)]


def test_nobody_corrects_somebody_elses_check_in(client, row, alice, bob):
    check_in(signed_in(client, bob), row, value="54")
    made = CheckIn.objects.get()
    check_in(signed_in(client, alice), row, value="45", corrects=made.pk)
    assert CheckIn.objects.get(value=45).corrects is None


def test_a_fall_of_confidence_asks_what_changed(client, row, bob):
    signed_in(client, bob)
    check_in(client, row, confidence="8")
    page = check_in(client, row, value="8o", confidence="5").content.decode()
    assert "what changed?" in page


def test_a_key_result_that_follows_its_kpi_takes_no_value(client, objective, bob):
    kpi = make_kpi(team=objective.team, target=8)
    KpiState.objects.filter(kpi=kpi).update(recent="2026-07-01x8.41/8")
    linked = {"kpi": kpi, "kpi_follows": True, "unit": "%"}
    row = make_key_result(objective, baseline=Decimal("12.1"), target=Decimal(8), **linked)
    signed_in(client, bob)
    page = client.get(f"/key-results/{row.pk}/check-in/", headers=HTMX).content.decode()
    assert 'name="value"' not in page
    assert "follows the KPI" in page
    check_in(client, row, value="1", confidence="8")
    assert CheckIn.objects.get().value == Decimal("8.41")


def test_members_and_leads_check_in_others_do_not(client, row, alice, vera, charlie):
    for user in (vera, charlie):
        assert check_in(signed_in(client, user), row).status_code == 403
    assert check_in(signed_in(client, alice), row).status_code == 200
    assert client.delete(f"/key-results/{row.pk}/check-in/").status_code == 405


def test_a_private_objective_is_404_for_strangers_everywhere(client, team, alice, charlie):
    objective = make_objective(team=team, is_private=True)
    row = make_key_result(objective)
    signed_in(client, charlie)
    for path in (
        f"/objectives/{objective.pk}/",
        f"/objectives/{objective.pk}/close/",
        f"/key-results/{row.pk}/",
        f"/key-results/{row.pk}/check-in/",
    ):
        assert client.get(path).status_code == 404
    assert signed_in(client, alice).get(f"/objectives/{objective.pk}/").status_code == 200


def test_a_viewer_sees_rows_without_update(client, row, vera):
    page = signed_in(client, vera).get(f"/objectives/{row.objective_id}/").content.decode()
    assert row.title in page
    assert "check-in/" not in page


def test_every_figure_of_the_page_and_its_rows_is_explained(client, row, bob):
    check_in(signed_in(client, bob), row)
    page = client.get(f"/objectives/{row.objective_id}/").content.decode()
    for name in (
        "progress",
        "expected",
        "confidence",
        "status",
        f"kr-{row.pk}-p",
        f"kr-{row.pk}-s",
    ):
        assert page.count(f'popovertarget="ex-{name}"') == 1
        assert page.count(f'id="ex-{name}"') == 1
    assert "(now − baseline) ÷ (target − baseline)" in page
    listed = client.get(f"/key-results/{row.pk}/?list=week", headers=HTMX).content.decode()
    assert "popovertarget" not in listed


def test_what_ended_is_not_updated(client, team, bob):
    objective = make_objective(team=team, state="closed", closed_at=NOW)
    row = make_key_result(objective)
    signed_in(client, bob)
    assert client.get(f"/key-results/{row.pk}/check-in/").status_code == 404
    refused = check_in(client, row, note="Kept")
    assert refused.status_code == 409
    assert "The objective is closed: its figures are kept." in refused.content.decode()
    assert "Kept" in refused.content.decode()
    assert not CheckIn.objects.exists()


def test_the_page_costs_the_same_queries_with_2_and_with_10_key_results(
    client, objective, bob, django_assert_num_queries
):
    def fill(count):
        for _ in range(count):
            row = make_key_result(objective)
            check_in(client, row)

    signed_in(client, bob)
    fill(2)
    with django_assert_num_queries(17):
        client.get(f"/objectives/{objective.pk}/")
    fill(8)
    with django_assert_num_queries(17):
        client.get(f"/objectives/{objective.pk}/")


def test_an_objective_of_a_closed_quarter_shows_its_grade(client, team, bob):
    objective = make_objective(
        team=team, state="closed", closed_at=NOW, grade=Decimal("0.7"), starts_on=date(2026, 7, 1)
    )
    page = signed_in(client, bob).get(f"/objectives/{objective.pk}/").content.decode()
    assert "0.7, delivered" in page
