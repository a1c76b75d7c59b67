"""Early warning: a trend that will cross its target within the cycle. Pure, and advice only.

Nothing here opens a signal (product.md C13): a line through a few points is a guess.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from decimal import Decimal
from typing import NamedTuple

from metrics.kinds import Direction
from metrics.periods import Period, period_of
from metrics.standpoint import NEAR, ON
from metrics.trend import forecast
from reviews.dashboards.facts import KpiFact, TargetFact


class Warned(NamedTuple):
    """A KPI on or near its target whose line crosses it in `period`, there with `value`."""

    kpi: KpiFact
    period: Period
    value: Decimal


def warnings(kpis: Iterable[KpiFact], ends_on: date, month: int) -> list[Warned]:
    """Those that cross before the cycle is over, the soonest first; `month` begins the year."""
    found = [one for kpi in kpis if (one := warning(kpi, ends_on, month)) is not None]
    return sorted(found, key=lambda one: (one.period.end, one.kpi.pk))


def warning(kpi: KpiFact, ends_on: date, month: int) -> Warned | None:
    """None unless it is on or near its target now and the line crosses it by `ends_on`.

    A target for the total of a window has no straight line, and is left out.
    """
    target = kpi.target
    if kpi.state not in (ON, NEAR) or target is None or target.accumulates:
        return None
    history = kpi.history
    series = [one.value for one in history]
    period = period_of(history[-1].on, kpi.kind, month)
    ahead = 0
    while True:
        ahead, period = ahead + 1, period_of(period.end, kpi.kind, month)
        if period.end > ends_on + timedelta(days=1):
            return None
        value = forecast(series, ahead)
        if value is None:
            return None
        if misses(value, kpi.direction, target):
            return Warned(kpi, period, value)


def misses(value: Decimal, direction: str, target: TargetFact) -> bool:
    """Whether a value lies beyond the target; the edge counts as met."""
    if direction == Direction.RANGE:
        low, high = target.low, target.high
        return (low is not None and value < low) or (high is not None and value > high)
    if target.value is None:
        return False
    return value < target.value if direction == Direction.HIGHER else value > target.value
