"""The value of a period (signals.md 5)."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal, localcontext
from itertools import permutations

import pytest

from metrics.kinds import Aggregation
from metrics.values import Reading, aggregate, period_value

NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)


def readings(*values, weights=None):
    weights = [None if one is None else Decimal(one) for one in weights or [None] * len(values)]
    return [
        Reading(Decimal(value), NOON + timedelta(hours=n), NOON + timedelta(hours=n), weight)
        for n, (value, weight) in enumerate(zip(values, weights, strict=True))
    ]


@pytest.mark.parametrize(
    ("aggregation", "expected"),
    [
        ("last", "4"),
        ("sum", "7.3"),
        ("mean", "1.825"),
        ("min", "-0.2"),
        ("max", "4"),
        ("count", "4"),
        (Aggregation.SUM, "7.3"),
    ],
)
def test_readings_in_any_order_have_one_aggregate(aggregation, expected):
    for order in permutations(readings("0.5", "3", "-0.2", "4")):
        assert aggregate(aggregation, order) == Decimal(expected)


def test_the_last_reading_is_the_latest_observed_and_of_those_the_latest_received():
    late = Reading(Decimal(1), NOON, NOON + timedelta(days=3))
    newer = Reading(Decimal(2), NOON + timedelta(hours=1), NOON)
    corrected = Reading(Decimal(3), NOON + timedelta(hours=1), NOON + timedelta(seconds=1))
    for order in permutations([late, newer, corrected]):
        assert aggregate("last", order) == 3


def test_a_ratio_is_the_sum_of_numerators_by_the_sum_of_denominators():
    rates = readings("1", "90", weights=["10", "100"])
    assert round(aggregate("ratio", rates), 6) == Decimal("0.827273")
    # The average of the two rates would be 0.5.
    assert aggregate("ratio", rates) != Decimal("0.5")


def test_a_ratio_without_denominators_has_no_value():
    assert aggregate("ratio", readings("1", weights=["0"])) is None
    assert aggregate("ratio", readings("1")) is None
    assert aggregate("ratio", readings("0", weights=["4"])) == 0


@pytest.mark.parametrize("aggregation", [one.value for one in Aggregation])
def test_nothing_has_no_value_whatever_the_aggregation(aggregation):
    assert aggregate(aggregation, []) is None
    assert aggregate(aggregation, [], 0) is None


def test_fewer_readings_than_asked_for_are_no_value():
    assert aggregate("sum", readings("1", "2"), 3) is None
    assert aggregate("sum", readings("1", "2"), 2) == 3
    assert aggregate("ratio", readings("1", "2", weights=["2", None]), 2) is None


def test_zero_is_a_value():
    assert aggregate("sum", readings("0")) == 0
    assert period_value("sum", given=Decimal(0), readings=readings("5")) == 0


def test_a_period_value_goes_before_the_readings():
    assert period_value("sum", given=Decimal(9), readings=readings("5")) == 9
    assert period_value("sum", given=None, readings=readings("5")) == 5
    assert period_value("sum", given=None, readings=[]) is None


def test_sums_are_exact_whatever_the_context_of_the_thread():
    with localcontext() as context:
        context.prec = 3
        assert aggregate("sum", readings("1000000", "0.0001")) == Decimal("1000000.0001")


def test_an_unknown_aggregation_is_refused():
    with pytest.raises(ValueError, match="median"):
        aggregate("median", readings("1"))
