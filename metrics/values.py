"""The value of a period (signals.md 5): the period value if there is one, else the aggregate of
the readings inside it. Decimals at full precision; None means "no value", zero is a value.

Usage::

    value = period_value("ratio", given=None, readings=readings, min_readings=1)
"""

from collections.abc import Sequence
from datetime import datetime
from decimal import ROUND_HALF_EVEN, Context, Decimal
from typing import NamedTuple

from metrics.kinds import Aggregation

# Sums and products of 15-digit numbers are exact in this context whatever the thread's own is;
# only a mean and a ratio, which may have no end, are rounded, to 34 digits.
EXACT = Context(prec=400, rounding=ROUND_HALF_EVEN, traps=[])
QUOTIENT = Context(prec=34, rounding=ROUND_HALF_EVEN)


class Reading(NamedTuple):
    """One reading inside a period.

    ``observed`` and ``received`` are comparable among the readings of a KPI (UTC instants).
    ``weight`` is the denominator when the KPI is a ratio of sums, and ``value`` its numerator.
    """

    value: Decimal
    observed: datetime
    received: datetime
    weight: Decimal | None = None


def _total(numbers: Sequence[Decimal]) -> Decimal:
    total = Decimal(0)
    for number in numbers:
        total = EXACT.add(total, number)
    return total


def _ratio(readings: Sequence[Reading]) -> Decimal | None:
    """Sum of numerators by sum of denominators; no value where the denominators add up to 0."""
    below = _total([reading.weight for reading in readings if reading.weight is not None])
    if not below:
        return None
    return QUOTIENT.divide(_total([reading.value for reading in readings]), below)


def aggregate(
    aggregation: str, readings: Sequence[Reading], min_readings: int = 1
) -> Decimal | None:
    """The value of a period from its readings, in any order.

    Fewer than ``min_readings``, or none at all, is no value: the sum of nothing is not zero, nor
    is the count of nothing. Of a ratio, a reading without a denominator says nothing and is left
    out.
    """
    if aggregation == Aggregation.RATIO.value:
        readings = [reading for reading in readings if reading.weight is not None]
    if not readings or len(readings) < min_readings:
        return None
    numbers = [reading.value for reading in readings]
    match str(aggregation):
        case Aggregation.LAST.value:
            latest = max(readings, key=lambda one: (one.observed, one.received, one.value))
            return latest.value
        case Aggregation.SUM.value:
            return _total(numbers)
        case Aggregation.MEAN.value:
            return QUOTIENT.divide(_total(numbers), Decimal(len(numbers)))
        case Aggregation.MIN.value:
            return min(numbers)
        case Aggregation.MAX.value:
            return max(numbers)
        case Aggregation.COUNT.value:
            return Decimal(len(numbers))
        case Aggregation.RATIO.value:
            return _ratio(readings)
    raise ValueError(f"unknown aggregation {aggregation!r}")


def period_value(
    aggregation: str,
    *,
    given: Decimal | None,
    readings: Sequence[Reading],
    min_readings: int = 1,
) -> Decimal | None:
    """The value of a period: ``given`` (a period value) if there is one, else the aggregate."""
    return given if given is not None else aggregate(aggregation, readings, min_readings)
