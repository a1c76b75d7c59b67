"""Closing: every key result graded, figures frozen, the signal's treatment ended."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from metrics.models import Kpi, KpiState, Signal, Treatment
from objectives.actions import (
    Changed,
    Grade,
    KeyResultDraft,
    NotGraded,
    ObjectiveDraft,
    close_objective,
    draft_objective_from_signal,
    publish_objective,
)
from objectives.models import KeyResult, Objective
from objectives.standing import objective_standing
from objectives.states import MoveRefused
from tests.factories import (
    NOW,
    make_check_in,
    make_cycle,
    make_exclusion,
    make_key_result,
    make_kpi,
    make_objective,
    make_signal,
    make_target,
    make_value,
)

D = Decimal


@pytest.fixture
def kpi(team):
    kpi = make_kpi(team=team, target=8)
    return state(kpi, "2026-05-01x9.9/8 2026-06-01x8.41/8")


def state(kpi, recent):
    """Put the last periods on the KPI's state row, as an evaluation would."""
    last = D(recent.split()[-1][11:].partition("/")[0])
    KpiState.objects.filter(kpi=kpi).update(
        recent=recent, latest_value=last, latest_on=date(2026, 6, 1)
    )
    kpi.state.refresh_from_db()
    return kpi


@pytest.fixture
def objective(kpi, alice):
    """Churn from 12.1 to 8, published for a signal; the KPI stands at 8.41."""
    signal = make_signal(kpi)
    churn = KeyResultDraft(
        title="Churn drops from 12.1 to 8 %",
        baseline=D("12.1"),
        target=D(8),
        unit="%",
        kpi=kpi,
        kpi_follows=True,
    )
    cycle = make_cycle(organisation=kpi.team.organisation)
    draft = ObjectiveDraft("Keep our customers", "aspirational", alice, cycle, [churn])
    made = draft_objective_from_signal(signal, draft, actor=alice, now=NOW, version=1)
    return publish_objective(made, actor=alice, now=NOW, version=made.version)


def close(objective, who, grades=None, **over):
    rows = KeyResult.objects.filter(objective=objective)
    given = {row.pk: Grade(D("0.9")) for row in rows} if grades is None else grades
    fields = {"actor": who, "now": NOW, "version": objective.version}
    return close_objective(objective, grades=given, **fields | over)


def test_churn_that_ends_at_8_41_is_graded_0_9_and_frozen(objective, alice):
    closed = close(objective, alice)
    row = closed.key_results.get()
    assert (row.final_value, row.final_progress) == (D("8.41"), D("0.9"))
    assert (row.suggested_grade, row.grade) == (D("0.9"), D("0.9"))
    assert (closed.state, closed.grade, closed.closed_at) == ("closed", D("0.9"), NOW)
    event = closed.events.get(type="closed")
    assert (event.actor, event.from_state, event.to_state) == (alice, "active", "closed")


def test_a_kpi_corrected_later_does_not_move_what_was_frozen(objective, kpi, alice):
    close(objective, alice)
    state(kpi, "2026-06-01x12.1/8")
    fresh = Objective.objects.with_parts().get(pk=objective.pk)
    row = objective_standing(fresh, date(2026, 9, 1)).key_results[0]
    assert (row.value, row.ratio) == (D("8.41"), D("0.9"))


def test_an_override_needs_a_reason_and_closes_nothing_without(objective, alice):
    row = objective.key_results.get()
    with pytest.raises(NotGraded) as found:
        close(objective, alice, {row.pk: Grade(D("0.5"))})
    assert "Say why 0.5" in found.value.problems[row.pk]
    objective.refresh_from_db()
    assert (objective.state, objective.version) == ("active", 2)
    closed = close(objective, alice, {row.pk: Grade(D("0.5"), "Right by luck.")})
    assert closed.grade == D("0.5")
    assert KeyResult.objects.get().grade_reason == "Right by luck."


def test_an_ungraded_key_result_blocks_and_is_named(objective, alice):
    second = make_key_result(objective, title="Calls within 48 h")
    first = objective.key_results.order_by("position")[0]
    with pytest.raises(NotGraded) as found:
        close(objective, alice, {first.pk: Grade(D("0.9")), second.pk: Grade(None)})
    assert list(found.value.problems) == [second.pk]
    assert "Calls within 48 h" in found.value.problems[second.pk]


def test_what_is_left_out_needs_a_reason_and_does_not_count(objective, alice):
    driver = make_key_result(objective, kind="open", title="A driver")
    first = objective.key_results.order_by("position")[0]
    out = Grade(None, "", is_left_out=True)
    with pytest.raises(NotGraded):
        close(objective, alice, {first.pk: Grade(D("0.9")), driver.pk: out})
    out = replace(out, reason="Never named.")
    closed = close(objective, alice, {first.pk: Grade(D("0.9")), driver.pk: out})
    driver.refresh_from_db()
    assert (driver.grade, driver.withdrawn_reason) == (None, "Never named.")
    assert closed.grade == D("0.9")


def test_what_has_no_progress_is_graded_by_hand_with_a_reason(objective, alice):
    driver = make_key_result(objective, kind="open", title="A driver")
    first = objective.key_results.order_by("position")[0]
    grades = {first.pk: Grade(D("0.9")), driver.pk: Grade(D("0.3"))}
    with pytest.raises(NotGraded):
        close(objective, alice, grades)
    grades[driver.pk] = Grade(D("0.3"), "Half a start.")
    assert close(objective, alice, grades).grade == D("0.6")


def test_a_committed_objective_below_1_needs_a_sentence(team, alice):
    objective = make_objective(team=team)
    row = make_key_result(objective)
    with pytest.raises(NotGraded) as found:
        close(objective, alice, {row.pk: Grade(D("0.0"))})
    assert "note" in found.value.problems
    closed = close(objective, alice, {row.pk: Grade(D("0.0"))}, note="No survey was sent.")
    assert closed.closing_note == "No survey was sent."


def test_grades_1_0_and_0_7_and_0_3_make_0_7(team, alice):
    objective = make_objective(team=team, ambition="aspirational")
    grades = {}
    for share in ("1.0", "0.7", "0.3"):
        row = make_key_result(objective)
        grades[row.pk] = Grade(D(share), "Agreed in the review.")
    assert close(objective, alice, grades).grade == D("0.7")


def test_closing_ends_the_treatment_but_never_the_signal(objective, alice):
    close(objective, alice)
    treatment = Treatment.objects.get()
    assert (treatment.ended_at, treatment.grade) == (NOW, D("0.9"))
    assert treatment.final_value == D("8.41")
    assert treatment.proposal["held"] is False
    assert Signal.objects.get().is_open


def test_values_that_held_are_proposed_when_it_closes(objective, kpi, alice):
    make_value(kpi, date(2026, 5, 1), "7.9")
    make_value(kpi, date(2026, 6, 1), "7.6")
    state(kpi, "2026-05-01+7.9/8 2026-06-01+7.6/8")
    row = objective.key_results.get()
    close(objective, alice, {row.pk: Grade(D("1.0"))})
    assert Treatment.objects.get().proposal["proposed"] == {"target": "7.9"}


def test_an_excluded_period_moves_neither_the_key_result_nor_the_next_target(objective, kpi, alice):
    make_value(kpi, date(2026, 5, 1), "7.9")
    make_value(kpi, date(2026, 6, 1), "7.6")
    make_value(kpi, date(2026, 7, 1), "30")
    make_exclusion(kpi, date(2026, 7, 1))
    state(kpi, "2026-05-01+7.9/8 2026-06-01+7.6/8 2026-07-01e30/8")
    row = objective.key_results.get()
    close(objective, alice, {row.pk: Grade(D("1.0"))})
    row.refresh_from_db()
    assert row.final_value == D("7.6")
    proposal = Treatment.objects.get().proposal
    assert (proposal["values"], proposal["held"]) == (["7.9", "7.6"], True)


def test_values_from_long_ago_still_say_whether_the_target_held(objective, kpi, alice):
    Kpi.objects.filter(pk=kpi.pk).update(starts_on=date(2024, 1, 1))
    make_target(kpi, effective_on=date(2024, 1, 1), value=D(8))
    make_value(kpi, date(2024, 5, 1), "7.9")
    make_value(kpi, date(2024, 6, 1), "7.6")
    close(objective, alice)
    assert Treatment.objects.get().proposal["values"] == ["7.9", "7.6"]


def test_the_second_to_close_is_told(objective, alice, bob):
    version = objective.version
    close(objective, alice)
    with pytest.raises((Changed, MoveRefused)):
        close(Objective.objects.get(pk=objective.pk), bob, version=version)
    assert Objective.objects.get().events.filter(type="closed").count() == 1


def test_a_draft_is_not_closed(team, alice):
    objective = make_objective(team=team, state="draft")
    with pytest.raises(MoveRefused):
        close(objective, alice, {})


def test_an_objective_without_key_results_closes_without_a_grade(team, alice):
    assert close(make_objective(team=team), alice, {}).grade is None


def say(row, who, value, due_on):
    return make_check_in(row, who, value=D(value), due_on=due_on)


def test_periods_of_a_standard_without_a_value_are_failures_when_it_is_graded(team, alice):
    objective = make_objective(team=team)
    row = make_key_result(objective, kind="at_least", target=D(5))
    for day in (3, 10, 17, 24):
        say(row, alice, 6, date(2026, 7, day))
    # Due and past by 18 August: seven Fridays, of which four were met and three are missing.
    ended = close(objective, alice, {row.pk: Grade(D("0.6"))}, note="Three weeks were not read.")
    row.refresh_from_db()
    assert (row.final_progress.quantize(D("0.0001")), row.suggested_grade) == (
        D("0.5714"),
        D("0.6"),
    )
    fresh = objective_standing(Objective.objects.with_parts().get(pk=ended.pk), date(2026, 9, 1))
    assert fresh.progress == row.final_progress


@pytest.mark.parametrize(
    ("kind", "said", "share"), [("yes_no", 1, "1"), ("yes_no", 0, "0"), ("yes_no", None, "0")]
)
def test_a_yes_or_no_is_graded_all_or_nothing(team, alice, kind, said, share):
    objective = make_objective(team=team, ambition="aspirational")
    row = make_key_result(objective, kind=kind)
    if said is not None:
        say(row, alice, said, date(2026, 8, 14))
    close(objective, alice, {row.pk: Grade(D(share))})
    row.refresh_from_db()
    assert (row.final_progress, row.suggested_grade) == (D(share), D(share))


def test_milestones_are_graded_by_what_is_done(team, alice):
    objective = make_objective(team=team, ambition="aspirational")
    row = make_key_result(objective, kind="milestones")
    row.milestones.create(title="Draft", position=1, done_at=NOW)
    row.milestones.create(title="Signed", position=2, weight=D(3))
    # 0.25 rounds half up.
    assert close(objective, alice, {row.pk: Grade(D("0.3"))}).grade == D("0.3")
    row.refresh_from_db()
    assert (row.final_progress, row.suggested_grade) == (D("0.25"), D("0.3"))


def test_a_baseline_still_to_be_found_needs_a_persons_grade_or_a_reason(team, alice):
    objective = make_objective(team=team, ambition="aspirational")
    row = make_key_result(objective, kind="find_baseline")
    say(row, alice, 40, date(2026, 8, 14))
    with pytest.raises(NotGraded):
        close(objective, alice, {row.pk: Grade(D("0.5"))})
    close(objective, alice, {row.pk: Grade(D("0.5"), "We know it now.")})
    row.refresh_from_db()
    assert (row.final_value, row.final_progress, row.suggested_grade) == (40, None, None)


def test_what_was_revised_keeps_its_progress_by_the_original_target(team, alice):
    objective = make_objective(team=team, ambition="aspirational")
    changed = {"original_baseline": D(38), "original_target": D(66)}
    row = make_key_result(objective, **changed)
    standard = make_key_result(objective, kind="at_most", target=D(9), original_target=D(8))
    plain = make_key_result(objective)
    for one, value in ((row, 45), (standard, 9), (plain, 52)):
        say(one, alice, value, date(2026, 7, 3))
    grades = {row.pk: D("0.5"), standard.pk: D("0.1"), plain.pk: D(1)}
    close(objective, alice, {pk: Grade(grade) for pk, grade in grades.items()})
    after = objective.events.get(type="closed").after
    assert {name for name in after if name != "grade"} == {
        f"original_{row.pk}",
        f"original_{standard.pk}",
    }
    assert (after[f"original_{row.pk}"], after[f"original_{standard.pk}"]) == ("0.25", "0")


def test_what_was_withdrawn_before_is_not_graded_and_does_not_count(team, alice):
    objective = make_objective(team=team, ambition="aspirational")
    kept, gone = make_key_result(objective), make_key_result(objective)
    type(gone).objects.filter(pk=gone.pk).update(withdrawn_at=NOW, withdrawn_reason="Sold.")
    say(kept, alice, 45, date(2026, 8, 14))
    assert close(objective, alice, {kept.pk: Grade(D("0.5"))}).grade == D("0.5")
    gone.refresh_from_db()
    assert (gone.grade, gone.final_progress, gone.withdrawn_reason) == (None, None, "Sold.")
