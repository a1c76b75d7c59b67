"""Targets, distance, tolerance and status (signals.md 3, 5 and 6)."""

from datetime import date, timedelta
from decimal import Decimal, localcontext

import pytest

from metrics.judging import Rule, Target, compile_targets, period_status
from metrics.kinds import Direction
from metrics.periods import period_of

DAY = date(2026, 6, 1)


def rule(direction="lower_is_better", **fields):
    numbers = {
        name: Decimal(value) if isinstance(value, str) else value for name, value in fields.items()
    }
    return Rule(direction, Target(DAY, **numbers), 3, 2)


@pytest.mark.parametrize(
    ("made", "value", "distance", "status"),
    [
        (rule(target="40"), "40", "0", "on_target"),
        (rule(target="40"), "39", "0", "on_target"),
        (rule(target="40"), "40.000000000000001", "1E-15", "off_target"),
        (rule("higher_is_better", target="40"), "40", "0", "on_target"),
        (rule("higher_is_better", target="40"), "39.9", "0.1", "off_target"),
        (rule("higher_is_better", target="40", tolerance="2"), "38", "2", "near_target"),
        (rule("higher_is_better", target="40", tolerance="2"), "37.99", "2.01", "off_target"),
        (rule(target="40", tolerance_pct="5"), "42", "2", "near_target"),
        (rule(target="40", tolerance_pct="5"), "42.0001", "2.0001", "off_target"),
        (rule(target="-40", tolerance_pct="5"), "-38", "2", "near_target"),
        (rule(target="0", tolerance_pct="5"), "0", "0", "on_target"),
        (rule(target="0", tolerance_pct="5"), "0.0001", "0.0001", "off_target"),
        (rule("in_range", low="2", high="6"), "2", "0", "on_target"),
        (rule("in_range", low="2", high="6"), "6", "0", "on_target"),
        (rule("in_range", low="2", high="6"), "1.5", "0.5", "off_target"),
        (rule("in_range", low="2", high="6"), "7", "1", "off_target"),
        # Per cent of a range is of its width, 4.
        (rule("in_range", low="2", high="6", tolerance_pct="25"), "7", "1", "near_target"),
        (rule("in_range", low="2", high="6", tolerance_pct="25"), "1", "1", "near_target"),
        (rule("in_range", low="2", high="6", tolerance_pct="25"), "0.99", "1.01", "off_target"),
        (rule("in_range", low="5", high="5", tolerance_pct="25"), "5", "0", "on_target"),
        (rule("in_range", low="5", high="5", tolerance_pct="25"), "5.1", "0.1", "off_target"),
        # In binary floats 0.8 - 0.7 is more than 0.1.
        (rule(target="0.7", tolerance="0.1"), "0.8", "0.1", "near_target"),
        (rule(target="12.5"), "12.6", "0.1", "off_target"),
    ],
)
def test_a_value_has_a_distance_and_a_status(made, value, distance, status):
    assert made.distance(Decimal(value)) == Decimal(distance)
    assert made.status(Decimal(value)) == status


def test_verdicts_are_exact_whatever_the_context_of_the_thread():
    with localcontext() as context:
        context.prec = 2
        made = rule(target="100000000000000", tolerance="0.000000000000001")
        assert made.status(Decimal("100000000000000.000000000000001")) == "near_target"
        assert made.status(Decimal("100000000000000.0000000000000011")) == "off_target"
        assert made.distance(Decimal("100000000000000.25")) == Decimal("0.25")


def test_the_fast_lane_is_reached_by_a_miss_of_its_gap():
    lower = rule(target="10", fast_gap="5", fast_patience=1)
    assert [lower.is_fast(Decimal(n)) for n in ("14.99", "15", "5")] == [False, True, False]
    inside = rule("in_range", low="2", high="6", fast_gap="1", fast_patience=1)
    assert [inside.is_fast(Decimal(n)) for n in ("1", "1.1", "7", "4")] == [
        True,
        False,
        True,
        False,
    ]
    assert not rule(target="10").is_fast(Decimal(1000))


def test_a_miss_is_measured_by_the_target_or_the_width_and_not_defined_at_zero():
    assert rule(target="-40").miss(Decimal(-30)) == Decimal("0.25")
    assert rule("in_range", low="2", high="6").miss(Decimal(8)) == Decimal("0.5")
    assert rule(target="0").miss(Decimal(8)) is None


@pytest.mark.parametrize(
    ("direction", "fields"),
    [
        ("lower_is_better", {}),
        ("in_range", {"target": "4"}),
        ("in_range", {"low": "6", "high": "2"}),
        ("lower_is_better", {"target": "4", "tolerance": "1", "tolerance_pct": "5"}),
        ("lower_is_better", {"target": "4", "fast_gap": "1"}),
        ("sideways", {"target": "4"}),
    ],
)
def test_a_target_that_contradicts_itself_is_refused(direction, fields):
    with pytest.raises(ValueError, match=r"range|target|tolerance|lane|direction"):
        rule(direction, **fields)


def entry(day, target, recorded=0, **over):
    return Target(date(2026, 6, day), target=Decimal(target), recorded=recorded, **over)


def test_the_target_of_a_period_is_the_one_in_force_on_its_first_day():
    targets = compile_targets(
        Direction.LOWER, [entry(10, 35), entry(1, 40)], patience=3, recovery=2
    )
    assert targets.in_force(date(2026, 5, 31)) is None
    assert targets.in_force(date(2026, 6, 9)).source.target == 40
    assert targets.in_force(date(2026, 6, 10)).source.target == 35


def test_a_single_target_is_not_in_force_before_its_date():
    targets = compile_targets("lower_is_better", [entry(10, 35)], patience=3, recovery=2)
    assert targets.in_force(date(2026, 6, 9)) is None
    assert targets.in_force(date(2026, 6, 10)).source.target == 35
    assert compile_targets("lower_is_better", [], patience=3, recovery=2).in_force(DAY) is None


@pytest.mark.parametrize("order", [1, -1])
def test_a_later_entry_with_the_same_date_replaces_the_earlier(order):
    history = [entry(1, 40, 1), entry(1, 35, 2), entry(1, 30, 0)][::order]
    targets = compile_targets("lower_is_better", history, patience=3, recovery=2)
    assert targets.in_force(DAY).source.target == 35


def test_a_withdrawn_target_leaves_none_until_the_next():
    gone = Target(date(2026, 6, 5), withdrawn=True)
    targets = compile_targets(
        "lower_is_better", [entry(1, 40), gone, entry(9, 30)], patience=3, recovery=2
    )
    assert targets.in_force(date(2026, 6, 4)) is not None
    assert targets.in_force(date(2026, 6, 5)) is None
    assert targets.in_force(date(2026, 6, 9)) is not None
    alone = compile_targets("lower_is_better", [gone], patience=3, recovery=2)
    assert alone.in_force(date(2026, 6, 6)) is None


def test_a_target_may_override_patience_and_recovery():
    own = rule(target="4", patience=5, recovery=1)
    assert (own.patience, own.recovery) == (5, 1)
    assert (rule(target="4").patience, rule(target="4").recovery) == (3, 2)


WEEK = period_of(DAY, "weekly")
FIVE = Decimal(5)


@pytest.mark.parametrize(
    ("days_after_end", "value", "excluded", "grace", "settle", "expected"),
    [
        (-1, FIVE, False, 0, 0, "open"),
        (-1, FIVE, True, 0, 0, "open"),
        (0, FIVE, False, 0, 0, "off_target"),
        (0, None, True, 3, 3, "excluded"),
        (0, None, False, 0, 0, "missing"),
        (0, None, False, 3, 0, "awaiting"),
        (2, None, False, 3, 0, "awaiting"),
        (3, None, False, 3, 0, "missing"),
        (0, FIVE, False, 3, 0, "off_target"),
        (0, FIVE, False, 3, 2, "awaiting"),
        (1, FIVE, False, 3, 2, "awaiting"),
        (2, FIVE, False, 3, 2, "off_target"),
    ],
)
def test_statuses_are_tried_in_their_order(
    days_after_end, value, excluded, grace, settle, expected
):
    found = period_status(
        WEEK,
        value,
        rule(target="4"),
        excluded=excluded,
        grace_days=grace,
        settle_days=settle,
        today=WEEK.end + timedelta(days=days_after_end),
    )
    assert found == expected


def test_a_hole_is_missing_before_it_is_without_a_target():
    for value, expected in ((None, "missing"), (FIVE, "no_target")):
        found = period_status(
            WEEK, value, None, excluded=False, grace_days=0, settle_days=0, today=WEEK.end
        )
        assert found == expected
