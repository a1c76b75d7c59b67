"""How grave an off-target span is (signals.md 10).

Graded on the off-target periods of the current span: the median of their misses (distance by
|target| or by a range's width; not defined at 0, then only duration counts) and their number
against the patience. A grade never falls inside a span; the caller keeps the highest.
"""

from collections.abc import Sequence
from decimal import Decimal

from metrics.kinds import Severity
from metrics.values import EXACT

MINOR = Severity.MINOR.value
MAJOR = Severity.MAJOR.value
CRITICAL = Severity.CRITICAL.value
RANK = {MINOR: 1, MAJOR: 2, CRITICAL: 3}

# The presets of signals.md 16.
MAJOR_MISS = Decimal("0.20")
CRITICAL_MISS = Decimal("0.50")
MAJOR_DURATION = 2
CRITICAL_DURATION = 3


def median(numbers: Sequence[Decimal]) -> Decimal | None:
    """The middle number, or the mean of the middle two; None of nothing."""
    if not numbers:
        return None
    ordered = sorted(numbers)
    middle = len(ordered) // 2
    if len(ordered) % 2:
        return ordered[middle]
    return EXACT.divide(EXACT.add(ordered[middle - 1], ordered[middle]), Decimal(2))


def grade(
    misses: Sequence[Decimal], off_periods: int, patience: int, *, fast: bool, relapse: bool
) -> str:
    """The grade of a span so far.

    ``misses`` are the defined ones among the ``off_periods``; ``fast``: the fast lane was
    completed; ``relapse``: the span reopened a signal.
    """
    middle = median(misses)
    if (
        fast
        or off_periods >= CRITICAL_DURATION * patience
        or (middle is not None and middle >= CRITICAL_MISS)
    ):
        return CRITICAL
    if (
        relapse
        or off_periods >= MAJOR_DURATION * patience
        or (middle is not None and middle >= MAJOR_MISS)
    ):
        return MAJOR
    return MINOR


def highest(one: str | None, other: str) -> str:
    """The graver of two grades; None is less than any."""
    return one if one is not None and RANK[one] > RANK[other] else other
