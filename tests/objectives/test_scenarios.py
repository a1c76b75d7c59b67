"""The numbers of the acceptance scenarios (product.md 5) that concern progress, to the digit."""

from datetime import date
from decimal import Decimal
from fractions import Fraction

import pytest
from django.core.exceptions import ValidationError

from metrics.models import KpiState
from objectives import grading
from objectives.kinds import Health
from objectives.models import Objective
from objectives.pace import gap
from objectives.standing import objective_standing
from tests.factories import make_check_in, make_key_result, make_kpi, make_objective

D = Decimal
SAID_FOR = date(2026, 8, 21)


def first(objective, today=date(2026, 8, 16)):
    return objective_standing(
        Objective.objects.with_parts().get(pk=objective.pk), today
    ).key_results[0]


def churn(team, recent):
    """Churn from 12.1 to 8, which follows its KPI of at most 8 %."""
    kpi = make_kpi(team=team, target=8)
    KpiState.objects.filter(kpi=kpi).update(recent=recent, latest_on=date(2026, 6, 1))
    objective = make_objective(team=team)
    baseline = D("12.1")
    make_key_result(objective, baseline=baseline, target=D(8), kpi=kpi, kpi_follows=True)
    return objective


def test_1_and_2_an_okr_drafted_at_the_end_of_the_streak_starts_at_nothing(team):
    recent = "2026-01-01x12.4/8 2026-02-01x12.6/8 2026-03-01x12.1/8"
    found = first(churn(team, recent))
    assert (found.value, found.progress.raw, found.key_result.kind) == (D("12.1"), 0, "decrease")
    # April stays off target: no way is gone, and what moved away is kept to say so.
    worse = first(churn(team, f"{recent} 2026-04-01x12.51/8"))
    assert (worse.progress.raw, worse.ratio) == (D("-0.1"), 0)


def test_3_churn_that_ends_at_8_41_has_gone_0_90_and_is_graded_0_9_green(team):
    found = first(churn(team, "2026-05-01x9.9/8 2026-06-01x8.41/8"))
    assert found.progress.raw == D("0.90")
    grade = grading.suggested(found.final_ratio)
    assert (grade, grading.band(grade)) == (D("0.9"), "high")


@pytest.mark.parametrize(
    ("ambition", "behind"), [("committed", "0.005"), ("aspirational", "-0.146")]
)
def test_4_nps_at_45_on_16_august_is_half_the_way_and_on_track_either_way(
    team, bob, ambition, behind
):
    objective = make_objective(team=team, ambition=ambition)
    row = make_key_result(objective)
    make_check_in(row, bob, value=D(38), due_on=date(2026, 8, 7))
    make_check_in(row, bob, value=D(45), due_on=SAID_FOR, confidence=6)
    found = first(objective)
    score = Fraction(1) if ambition == "committed" else Fraction(7, 10)
    assert abs(Fraction(found.expected) - score * Fraction(46, 91)) < Fraction(1, 10**20)
    assert found.ratio == D("0.5")
    assert round(gap(found.expected, found.ratio), 3) == D(behind)
    assert found.health == Health.ON_TRACK
    # The history holds old and new.
    assert [one.value for one in found.check_ins] == [38, 45]


@pytest.mark.parametrize(
    ("value", "ratio", "side"), [("75", "0.5", 0), ("95", "0", -1), ("55", "1", 1)]
)
def test_5_a_sales_cycle_from_90_to_60_counts_downwards(team, bob, value, ratio, side):
    objective = make_objective(team=team)
    row = make_key_result(objective, baseline=D(90), target=D(60))
    make_check_in(row, bob, value=D(value), due_on=SAID_FOR)
    found = first(objective)
    assert found.ratio == D(ratio)
    assert (found.progress.raw < 0, found.progress.raw > 1) == (side < 0, side > 0)


def test_5_a_target_that_is_the_start_is_refused(team):
    row = make_key_result(make_objective(team=team), baseline=D(90), target=D(60))
    row.target = D(90)
    with pytest.raises(ValidationError, match="must lie beyond the start"):
        row.validate_constraints()
