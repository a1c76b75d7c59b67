"""Change, slope, forecast and age (product.md 2.8)."""

from decimal import Decimal as D

import pytest

from metrics.kinds import Direction
from metrics.trend import change, forecast, slope, status_age

LOWER, HIGHER, RANGE = Direction.LOWER, Direction.HIGHER, Direction.RANGE


@pytest.mark.parametrize(
    ("before", "now", "direction", "favour"),
    [
        ("8.4", "8.3", LOWER, 1),
        ("8.3", "8.4", LOWER, -1),
        ("39", "38", HIGHER, -1),
        ("38", "39", HIGHER, 1),
        ("38", "38", HIGHER, 0),
        ("38", "38.0", LOWER, 0),
    ],
)
def test_a_change_is_better_when_its_sign_matches_the_direction(before, now, direction, favour):
    result = change([D(before), D(now)], direction)
    assert (result.difference, result.favour) == (D(now) - D(before), favour)


@pytest.mark.parametrize(
    ("before", "now", "favour"),
    [(30, 35, 1), (65, 75, -1), (41, 59, 0), (40, 60, 0), (30, 70, 0), (30, 60, 1), (60, 61, -1)],
)
def test_a_change_against_a_range_is_the_change_of_distance(before, now, favour):
    result = change([D(before), D(now)], RANGE, low=D(40), high=D(60))
    assert result.favour == favour


def test_a_change_needs_the_last_two_periods():
    assert change([D(1)], HIGHER) is None
    assert change([D(1), None], HIGHER) is None
    assert change([D(1), None, D(2)], HIGHER) is None


def test_a_ratio_is_not_given_for_per_cents_or_from_zero():
    assert change([D(50), D(55)], HIGHER).ratio == D("0.1")
    assert change([D(-50), D(-55)], HIGHER).ratio == D("-0.1")
    assert change([D(50), D(55)], HIGHER, unit="%").ratio is None
    assert change([D(0), D(55)], HIGHER).ratio is None


def test_slope_is_that_of_the_last_six_periods():
    assert slope([D(99), *map(D, range(2, 14, 2))]) == 2
    assert slope([D(1), None, D(3)]) == 1
    assert slope([D(1), None, None, None, None, None, D(9)]) is None
    assert slope([D("0.1"), D("0.2"), D("0.3")]) == D("0.1")


def test_forecast_needs_three_values_and_uses_at_most_eight():
    assert forecast([D(1), D(2)], 1) is None
    assert forecast([D(1), D(2), D(3)], 2) == 5
    assert forecast([D(1), D(2), D(3), None], 1) == 5
    assert forecast([D(500), *map(D, range(1, 9))], 1) == 9


@pytest.mark.parametrize(
    ("statuses", "expected"),
    [
        (["on_target", "off_target", "off_target", "off_target"], "3 months"),
        (["off_target"], "1 month"),
        (["off_target", "excluded", "off_target", "awaiting", "open"], "2 months"),
        (["off_target", "missing", "missing"], "2 months"),
        (["open"], ""),
        ([], ""),
    ],
)
def test_the_age_of_a_status_counts_judged_periods(statuses, expected):
    assert status_age(statuses, "monthly") == expected
