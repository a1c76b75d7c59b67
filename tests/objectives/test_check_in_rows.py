"""The row of a key result by its kind, its question, its due days."""

import json
from datetime import UTC, date, datetime
from decimal import Decimal
from uuid import uuid4

import pytest
import time_machine

from objectives.actions.check_ins import note_latest
from objectives.models import CheckIn, KeyResult, Milestone
from tests.factories import (
    make_blocker,
    make_check_in,
    make_initiative,
    make_key_result,
    make_kpi,
    make_milestone,
    make_objective,
)
from tests.objectives.rows import HTMX, edit, save, signed_in, undo

# A Wednesday; check-ins are due on Fridays: 14 August is missed from the 22nd on.
NOW = datetime(2026, 8, 19, 9, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _clock():
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def objective(team, alice):
    return make_objective(team=team, owner=alice)


# -- by kind -------------------------------------------------------------------------------------


def test_yes_or_no_is_answered_by_two_buttons(client, objective, bob):
    row = make_key_result(objective, kind="yes_no", title="The contract is signed")
    page = edit(signed_in(client, bob), row)
    assert '<fieldset class="seg value">' in page
    assert "Not yet" in page
    page = save(client, row, value="1").content.decode()
    assert "Yes" in page
    assert "100\xa0%" in page
    assert save(client, row, value="2").status_code == 422


def test_milestones_are_ticked_in_the_row_and_unticked_by_undo(client, objective, bob):
    row = make_key_result(objective, kind="milestones", title="Moved")
    first = make_milestone(row, title="Lease signed")
    second = make_milestone(row, title="Boxes packed")
    page = edit(signed_in(client, bob), row)
    assert "Lease signed" in page
    assert 'name="value"' not in page
    saved = save(client, row, milestones=[first.pk])
    assert "50\xa0%" in saved.content.decode()
    assert list(Milestone.objects.exclude(done_at=None)) == [first]
    assert save(client, row, milestones=[first.pk, 10**9]).status_code == 422
    row.refresh_from_db()
    assert undo(client, CheckIn.objects.get(), row.version).status_code == 200
    assert not Milestone.objects.exclude(done_at=None).exists()
    assert second.done_at is None


@pytest.mark.parametrize("kind", ["open", "milestones"])
def test_kinds_without_a_value_ask_only_confidence(client, objective, bob, kind):
    row = make_key_result(objective, kind=kind)
    assert 'name="value"' not in edit(signed_in(client, bob), row)
    assert save(client, row, value="45").status_code == 200
    assert CheckIn.objects.get().value is None


def test_a_baseline_to_be_found_may_have_no_value_yet(client, objective, bob):
    row = make_key_result(objective, kind="find_baseline")
    assert save(signed_in(client, bob), row, value="").status_code == 200
    assert save(client, row, value="12").status_code == 200


def test_a_standard_takes_the_value_of_the_period(client, objective, bob):
    row = make_key_result(objective, kind="at_least", target=Decimal(40), unit="NPS")
    assert save(signed_in(client, bob), row, value="41").status_code == 200
    assert "41" in client.get(f"/key-results/{row.pk}/", headers=HTMX).content.decode()


# -- reported beside computed --------------------------------------------------------------------


def test_reported_and_computed_status_stand_side_by_side_marked_where_they_diverge(
    client, objective, bob
):
    row = make_key_result(objective)
    signed_in(client, bob)
    page = save(client, row, value="38", reported="behind").content.decode()
    assert "reported behind" in page
    assert "arrows-exchange" not in page
    page = save(client, row, value="38", reported="on_track").content.decode()
    assert "arrows-exchange" in page
    assert 'Reported on track<span class="vh">, computed at risk</span>' in page
    assert "At risk" in page


def test_what_was_reported_is_no_proposal_the_next_time(client, objective, bob):
    row = make_key_result(objective)
    save(signed_in(client, bob), row, reported="behind")
    assert 'name="reported" value=""' in edit(client, row)
    assert 'value="behind" checked' not in edit(client, row)


# -- the question why ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("before", "now", "question"),
    [(8, 5, "Confidence fell by 3: what changed?"), (4, 3, "Confidence is 3: what is in the way?")],
)
def test_a_fall_asks_once_keeps_everything_and_then_takes_no_for_an_answer(
    client, objective, bob, before, now, question
):
    row = make_key_result(objective)
    signed_in(client, bob)
    save(client, row, confidence=before)
    form = {"confidence": now, "value": "47", "reported": "behind", "token": str(uuid4())}
    asked = save(client, row, **form)
    page = asked.content.decode()
    assert asked.status_code == 422
    assert f"{question} Save again to leave it open." in page
    assert 'value="47"' in page
    assert 'value="behind" id' in page or "behind" in page
    assert CheckIn.objects.count() == 1
    again = asked.context["form"]["asked"].value()
    assert save(client, row, **form, asked=again).status_code == 200
    assert CheckIn.objects.get(value=47).confidence == now


def test_a_note_answers_the_question_at_once(client, objective, bob):
    row = make_key_result(objective)
    saved = save(signed_in(client, bob), row, confidence=2, note="Two of four are ill.")
    assert saved.status_code == 200


def test_an_answer_for_one_fall_is_none_for_a_deeper_one(client, objective, bob):
    row = make_key_result(objective)
    signed_in(client, bob)
    assert save(client, row, confidence=2, asked="3").status_code == 422


def test_an_unchanged_confidence_above_three_asks_nothing(client, objective, bob):
    row = make_key_result(objective)
    signed_in(client, bob)
    save(client, row, confidence=6)
    assert save(client, row, confidence=4).status_code == 200


# -- the live result -----------------------------------------------------------------------------


def test_the_result_is_told_while_typing_and_nothing_is_saved(client, objective, bob):
    row = make_key_result(objective, unit="NPS")
    signed_in(client, bob)
    save(client, row, value="41", confidence=8)
    page = save(client, row, path="check-in/result/", value="45", confidence="4").content.decode()
    assert "41 → 45\xa0NPS is 50\xa0% of the way, 54\xa0% expected." in page
    assert "On track" in page
    assert "confidence fell by 4: what changed?" in page
    assert 'hx-swap-oob="true"' in page
    assert "<input" not in page
    assert CheckIn.objects.count() == 1


def test_the_result_of_steps_counts_those_ticked(client, objective, bob):
    row = make_key_result(objective, kind="milestones")
    steps = [make_milestone(row, title=str(n)) for n in range(4)]
    signed_in(client, bob)
    page = save(client, row, path="check-in/result/", milestones=[steps[0].pk]).content.decode()
    assert "25\xa0%" in page
    assert Milestone.objects.filter(done_at=None).count() == 4


def test_an_unreadable_value_leaves_the_result_as_it_is(client, objective, bob):
    row = make_key_result(objective, unit="NPS")
    signed_in(client, bob)
    save(client, row, value="41")
    page = save(client, row, path="check-in/result/", value="4x").content.decode()
    assert "41\xa0NPS is 21\xa0% of the way" in page


# -- due days ------------------------------------------------------------------------------------


def test_an_answered_row_does_not_ask_which_day_it_is_for(client, team, alice, bob):
    objective = make_objective(team=team, starts_on=date(2026, 8, 17))
    assert 'name="due_on"' not in edit(signed_in(client, bob), make_key_result(objective))


def test_missed_days_are_filled_in_and_marked(client, objective, bob):
    row = make_key_result(objective)
    make_check_in(row, bob, value=Decimal(44), due_on=date(2026, 8, 21))
    signed_in(client, bob)
    page = edit(client, row)
    assert "Fri 14\xa0Aug, late" in page
    assert "Fri 7\xa0Aug, missed" in page
    late = save(client, row, value="42", due_on="2026-08-14").content.decode()
    assert "Saved just now, late" in late
    filled = save(client, row, value="40", due_on="2026-08-07").content.decode()
    assert "Saved just now, filled in afterwards" in filled
    row.refresh_from_db()
    assert row.latest.value == Decimal(44)
    page = client.get(f"/key-results/{row.pk}/").content.decode()
    assert page.count("filled in afterwards") == 1
    assert ">late<" in page
    assert "Fri 7\xa0Aug, missed" not in edit(client, row)


@pytest.mark.parametrize("day", ["2026-06-26", "2026-08-28", "2026-08-08", "x"])
def test_only_due_days_that_are_open_can_be_answered(client, objective, bob, day):
    row = make_key_result(objective)
    assert save(signed_in(client, bob), row, due_on=day).status_code == 422


# -- what the row stands beside ------------------------------------------------------------------


def test_the_next_row_is_the_next_that_owes_and_the_first_after_the_last(client, objective, bob):
    due = date(2026, 8, 21)
    rows = [make_key_result(objective, next_due_on=due) for _ in range(3)]
    KeyResult.objects.filter(pk=rows[1].pk).update(next_due_on=date(2026, 8, 28))
    signed_in(client, bob)

    def next_of(row):
        trigger = save(client, row).headers["HX-Trigger"]
        return json.loads(trigger)["row:saved"]["next"]

    assert next_of(rows[0]) == rows[2].row_id
    KeyResult.objects.filter(pk=rows[0].pk).update(next_due_on=due)
    assert next_of(rows[2]) == rows[0].row_id
    assert next_of(rows[0]) == ""


def test_in_a_list_of_a_team_the_next_row_is_the_teams(client, team, objective, bob):
    due = date(2026, 8, 21)
    row = make_key_result(objective, next_due_on=due)
    other = make_key_result(make_objective(team=team), next_due_on=due)
    saved = save(signed_in(client, bob), row, list="team")
    assert json.loads(saved.headers["HX-Trigger"])["row:saved"]["next"] == other.row_id
    assert f"/key-results/{row.pk}/check-in/?list=team&amp;corrects=" in saved.content.decode()
    back = save(client, row, list="team", htmx=False)
    assert back.url == f"{team.get_absolute_url()}#{row.row_id}"


def test_a_list_nobody_knows_is_the_objectives_page(client, objective, bob):
    row = make_key_result(objective)
    page = edit(signed_in(client, bob), row, "?list=//evil.example")
    assert 'name="list" value="objective"' in page
    assert "evil" not in page


def test_initiatives_and_blockers_are_counted_beside_the_row(client, objective, bob):
    row = make_key_result(objective)
    make_initiative(row, done_at=NOW)
    make_initiative(row)
    make_initiative(row, deleted_at=NOW)
    make_blocker(row)
    make_blocker(row, resolved_at=NOW)
    page = signed_in(client, bob).get(f"/objectives/{objective.pk}/").content.decode()
    assert "1 blocker · 1 of 2 initiatives done" in page


def test_a_row_that_follows_its_kpi_asks_only_confidence(client, objective, bob):
    kpi = make_kpi(team=objective.team, target=8)
    row = make_key_result(objective, kpi=kpi, kpi_follows=True, unit="%")
    note_latest(row)
    page = edit(signed_in(client, bob), row)
    assert "follows the KPI" in page
    assert 'name="value"' not in page
    assert save(client, row, value="9").status_code == 200
    assert CheckIn.objects.get().value is None


def test_saving_costs_the_same_queries_with_2_and_with_60_check_ins(
    client, objective, bob, django_assert_num_queries
):
    row = make_key_result(objective)
    signed_in(client, bob)

    def fill(count):
        for _ in range(count):
            make_check_in(row, bob, value=Decimal(45))

    def sent():
        row.refresh_from_db()
        data = {"value": "45", "confidence": "6", "token": str(uuid4()), "version": row.version}
        return (f"/key-results/{row.pk}/check-in/", data)

    fill(2)
    path, data = sent()
    with django_assert_num_queries(15):
        client.post(path, data, headers=HTMX)
    fill(58)
    path, data = sent()
    with django_assert_num_queries(15):
        client.post(path, data, headers=HTMX)
