from decimal import Decimal

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from objectives import progress
from tests.metrics.walking import walk

numbers = st.decimals(min_value=-10_000, max_value=10_000, places=3)


def test_nps_from_38_to_52_at_45_is_half_the_way():
    assert progress.change(Decimal(38), Decimal(52), Decimal(45)).ratio == Decimal("0.5")


@pytest.mark.parametrize(
    ("value", "raw", "ratio"),
    [("75", "0.5", "0.5"), ("90", "0", "0"), ("60", "1", "1")],
)
def test_a_sales_cycle_from_90_to_60_counts_downwards(value, raw, ratio):
    found = progress.change(Decimal(90), Decimal(60), Decimal(value))
    assert (found.raw, found.ratio) == (Decimal(raw), Decimal(ratio))


def test_a_sales_cycle_that_gets_longer_moves_away_and_shows_nothing():
    found = progress.change(Decimal(90), Decimal(60), Decimal(95))
    assert found.raw < 0
    assert found.ratio == 0


def test_a_sales_cycle_below_its_target_exceeds_and_shows_all_of_the_way():
    found = progress.change(Decimal(90), Decimal(60), Decimal(55))
    assert found.raw > 1
    assert found.ratio == 1


def test_a_target_that_is_the_baseline_is_refused():
    with pytest.raises(ValueError, match="this is a KPI"):
        progress.change(Decimal(90), Decimal(90), Decimal(90))


def test_no_value_yet_is_the_baseline_and_an_unknown_baseline_is_nothing():
    assert progress.change(Decimal(38), Decimal(52), None).ratio == 0
    assert progress.change(None, Decimal(52), Decimal(45)) is None


@given(numbers, numbers, numbers)
def test_progress_stays_between_nothing_and_all(baseline, target, value):
    assume(baseline != target)
    assert 0 <= progress.change(baseline, target, value).ratio <= 1


@given(numbers, numbers, numbers)
def test_both_directions_are_the_same_formula(baseline, target, value):
    assume(baseline != target)
    up = progress.change(baseline, target, value)
    down = progress.change(-baseline, -target, -value)
    assert up == down


@given(numbers, numbers, numbers, numbers)
def test_a_value_nearer_to_the_target_is_never_less_progress(baseline, target, one, other):
    assume(baseline != target)
    low, high = sorted((one, other), reverse=target < baseline)
    first = progress.change(baseline, target, low)
    assert first.raw <= progress.change(baseline, target, high).raw


@given(numbers, numbers)
def test_the_ends_of_the_way_are_0_and_1(baseline, target):
    assume(baseline != target)
    assert progress.change(baseline, target, baseline).raw == 0
    assert progress.change(baseline, target, target).raw == 1


@pytest.mark.parametrize(
    ("statuses", "run"),
    [
        ([], None),
        (["missing", "open"], None),
        (["off_target"], 0),
        (["on_target", "off_target", "on_target"], 1),
        (["on_target", "excluded", "on_target"], 2),
        (["on_target", "missing", "on_target"], 2),
        (["on_target", "missing", "missing", "on_target"], 1),
        (["on_target", "missing", "excluded", "missing", "on_target"], 1),
        (["on_target", "missing", "on_target", "missing"], 2),
        (["on_target", "near_target"], 0),
        (["on_target", "no_target", "on_target"], 1),
        (["off_target", "on_target", "on_target", "open"], 2),
    ],
)
def test_a_run_counts_on_target_periods_and_one_hole_neither_counts_nor_breaks_it(statuses, run):
    assert progress.run_length(statuses) == run


@pytest.mark.parametrize("policy", ["hold", "reset", "count"])
@pytest.mark.parametrize("max_gap", [0, 1, 2])
@pytest.mark.parametrize("series", ["38 38 41 · 41", "38 38 41 · · 41", "38 38 41 · · · 41 x 41"])
def test_a_run_is_the_recovery_the_signal_counts(series, max_gap, policy):
    walked = walk(series, recovery=9, max_gap=max_gap, missing_policy=policy)
    statuses = [one.status for one in walked.verdicts]
    allowed = progress.gap_allowed(policy, max_gap)
    assert progress.run_length(statuses, allowed) == walked.standing.recovery


def test_a_hold_is_its_share_of_the_periods():
    assert progress.hold(None, 2) is None
    assert progress.hold(0, 2).ratio == 0
    assert progress.hold(1, 2).ratio == Decimal("0.5")
    assert progress.hold(3, 2).ratio == 1
    with pytest.raises(ValueError, match="at least one"):
        progress.hold(1, 0)


@pytest.mark.parametrize(
    ("aim", "value", "is_met"),
    [
        (progress.Aim("at_least", Decimal(5)), "5", True),
        (progress.Aim("at_least", Decimal(5)), "4.999", False),
        (progress.Aim("at_most", Decimal(8)), "8", True),
        (progress.Aim("at_most", Decimal(8)), "8.001", False),
        (progress.Aim("range", low=Decimal(40), high=Decimal(60)), "40", True),
        (progress.Aim("range", low=Decimal(40), high=Decimal(60)), "60", True),
        (progress.Aim("range", low=Decimal(40), high=Decimal(60)), "39.999", False),
        (progress.Aim("range", low=Decimal(40), high=Decimal(60)), "60.001", False),
    ],
)
def test_the_edge_of_a_standard_counts_as_met(aim, value, is_met):
    assert aim.is_met(Decimal(value)) == is_met


def test_a_standard_is_the_share_of_its_periods_with_data_and_at_grading_of_all():
    found = progress.kept(progress.Aim("at_most", Decimal(8)), [Decimal(7), None, Decimal(9)])
    assert found == (1, 2, 1)
    assert found.progress.ratio == Decimal("0.5")
    assert found.at_grading.ratio == Decimal(1) / 3


def test_a_standard_without_data_has_no_progress_and_fails_when_it_is_graded():
    aim = progress.Aim("at_most", Decimal(8))
    silent = progress.kept(aim, [None, None])
    assert silent.progress is None
    assert silent.at_grading.ratio == 0
    assert progress.kept(aim, []).at_grading is None


def test_yes_is_all_of_the_way_and_anything_else_none_of_it():
    assert progress.yes_no(Decimal(1)).ratio == 1
    assert progress.yes_no(Decimal(0)).ratio == 0
    assert progress.yes_no(None).ratio == 0


def test_milestones_are_the_share_of_the_weights_done():
    steps = [(Decimal(1), True), (Decimal(3), False)]
    assert progress.milestones(steps).ratio == Decimal("0.25")
    assert progress.milestones([]) is None
