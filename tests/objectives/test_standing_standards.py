"""Where standards stand: by hand and by their KPI."""

from datetime import date, timedelta

import pytest

from metrics.evaluation import evaluate_kpis
from metrics.models import KpiState
from objectives.models import Objective
from objectives.standing import objective_standing
from tests.factories import (
    NOW,
    make_check_in,
    make_cycle,
    make_exclusion,
    make_key_result,
    make_kpi,
    make_objective,
    make_value,
)
from tests.objectives.standings import TODAY, D, first, say, standing


@pytest.fixture
def objective(team):
    return make_objective(team=team)


# -- standards by hand -----------------------------------------------------------------------------


def test_a_standard_by_hand_counts_the_due_days_that_were_answered(objective, bob):
    row = make_key_result(objective, kind="at_least", target=D(5))
    say(row, bob, 5, 4, None, 6)
    found = first(objective, date(2026, 7, 27))
    assert (found.kept, found.ratio) == ((2, 3, 1), D(2) / 3)
    assert found.final_ratio == D("0.5")


def test_a_due_day_that_is_not_past_counts_once_it_is_answered(objective, bob):
    row = make_key_result(objective, kind="at_least", target=D(5))
    say(row, bob, 5, 5)
    # On Thursday 9 July only the 3rd is past; the 10th was answered ahead.
    assert first(objective, date(2026, 7, 9)).kept == (2, 2, 0)


def test_of_two_check_ins_for_one_day_the_later_counts_and_one_taken_back_does_not(objective, bob):
    row = make_key_result(objective, kind="at_most", target=D(5))
    say(row, bob, 9)
    say(row, bob, 4, made_at=NOW + timedelta(hours=1))
    assert first(objective, date(2026, 7, 9)).kept == (1, 1, 0)
    last = row.check_ins.order_by("pk").last()
    make_check_in(row, bob, due_on=date(2026, 7, 3), corrects=last, is_retraction=True)
    assert first(objective, date(2026, 7, 9)).kept == (0, 1, 0)


def test_due_days_outside_the_objective_do_not_count(objective, bob):
    row = make_key_result(objective, kind="at_most", target=D(5))
    say(row, bob, 9, since=date(2026, 10, 2))
    found = first(objective, date(2026, 10, 5))
    assert found.kept == (0, 0, 13)
    assert found.progress is None


def test_a_standard_nobody_has_spoken_of_has_no_progress_and_no_data(objective):
    make_key_result(objective, kind="range", low=D(1), high=D(2))
    found = first(objective)
    assert (found.progress, found.health, found.final_ratio) == (None, "no_data", 0)
    assert standing(objective).progress is None


@pytest.mark.parametrize(
    ("values", "ambition", "health"),
    [
        ([5, 5, 5, 5, 5, 5, 5], "committed", "on_track"),
        ([4, 5, 5, 5, 5, 5, 5], "committed", "behind"),
        ([4, 4, 5, 5, 5, 5, 5], "committed", "at_risk"),
        ([4, 4, 5, 5, 5, 5, 5], "aspirational", "on_track"),
    ],
)
def test_a_standard_is_judged_by_its_share_alike_on_every_day(
    objective, bob, values, ambition, health
):
    row = make_key_result(objective, kind="at_least", target=D(5), ambition=ambition)
    say(row, bob, *values)
    assert first(objective).health == health
    assert first(objective).expected == (1 if ambition == "committed" else D("0.7"))


# -- standards by their KPI ------------------------------------------------------------------------


def linked(objective, kpi, **over):
    fields = {"kind": "at_least", "target": D(5), "kpi": kpi, "kpi_follows": True}
    return make_key_result(objective, **fields | over)


def test_a_standard_by_its_kpi_counts_judged_periods_inside_the_objective(objective):
    kpi = make_kpi(team=objective.team, target=8)
    recent = "2026-06-01x9/8 2026-07-01x6/8 2026-08-01-/8 2026-09-01+4/8 2026-10-01+9/8"
    KpiState.objects.filter(kpi=kpi).update(recent=recent)
    linked(objective, kpi)
    # Judged by its own target of at least 5, not by the KPI's.
    assert first(objective, date(2026, 11, 5)).kept == (1, 2, 1)


def test_an_excluded_period_is_passed_over(objective):
    kpi = make_kpi(team=objective.team, target=8)
    KpiState.objects.filter(kpi=kpi).update(recent="2026-07-01e3/8 2026-08-01+6/8")
    linked(objective, kpi)
    assert first(objective).kept == (1, 1, 0)


def daily(objective, values, since=date(2026, 7, 1)):
    """A daily KPI with these values, evaluated at the end of the cycle."""
    kpi = make_kpi(
        team=objective.team,
        cadence="daily",
        target=8,
        direction="higher_is_better",
        starts_on=since,
    )
    for day, value in enumerate(values):
        if value is not None:
            make_value(kpi, since + timedelta(days=day), value)
    evaluate_kpis([kpi.pk], NOW + timedelta(days=50))
    return kpi


def test_a_daily_kpi_is_counted_beyond_what_its_state_row_keeps(objective):
    kpi = daily(objective, [6] * 60 + [4] * 20 + [None] * 12)
    make_exclusion(kpi, date(2026, 7, 2))
    linked(objective, kpi)
    met, judged, missing = first(objective, date(2026, 10, 5)).kept
    assert (met, judged, missing) == (59, 79, 12)


def test_readings_inside_a_period_are_counted_by_their_aggregate(objective):
    kpi = daily(objective, [None] * 92)
    for day in range(92):
        on = date(2026, 7, 1) + timedelta(days=day)
        make_value(kpi, on, 4, identity="09:00:00")
        make_value(kpi, on, 6, identity="10:00:00")
    KpiState.objects.filter(kpi=kpi).update(checkpoint="")
    evaluate_kpis([kpi.pk], NOW + timedelta(days=51))
    linked(objective, kpi)
    assert first(objective, date(2026, 10, 5)).kept == (92, 92, 0)


def test_a_week_cut_by_the_end_of_a_cycle_does_not_count(team):
    cycle = make_cycle(
        organisation=team.organisation,
        kind="year",
        name="2026",
        starts_on=date(2026, 1, 1),
        ends_on=date(2026, 12, 31),
    )
    objective = make_objective(team=team, cycle=cycle, starts_on=date(2026, 1, 1))
    kpi = make_kpi(team=team, cadence="weekly", target=8, direction="higher_is_better")
    for week in range(60):
        make_value(kpi, date(2026, 1, 5) + timedelta(weeks=week), 9)
    evaluate_kpis([kpi.pk], NOW + timedelta(days=180))
    linked(objective, kpi)
    # 51 whole weeks lie in 2026; the one of 28 December ends in 2027.
    assert first(objective, date(2027, 1, 20)).kept == (51, 51, 0)


def test_standards_of_long_histories_cost_the_same_queries_at_any_size(
    team, bob, django_assert_num_queries
):
    def fill(count):
        for _ in range(count):
            objective = make_objective(team=team)
            linked(objective, daily(objective, [6] * 60))
            say(make_key_result(objective, kind="at_least", target=D(5)), bob, 5, 5)

    def work(loaded):
        return [objective_standing(row, TODAY) for row in loaded.order_by("pk")]

    fill(1)
    rows = Objective.objects.filter(team=team)
    for loaded in (rows.with_parts(), rows.with_latest()):
        with django_assert_num_queries(12):
            assert len(work(loaded.all())) == 1
    fill(4)
    for loaded in (rows.with_parts(), rows.with_latest()):
        with django_assert_num_queries(12):
            assert len(work(loaded.all())) == 5
