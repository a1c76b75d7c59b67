"""Early warning: a trend that will cross its target within the cycle. Pure, and advice only.

Nothing here opens a signal (product.md C13): a line through a few points is a guess.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from decimal import Decimal
from functools import lru_cache
from math import inf
from typing import NamedTuple

from metrics.kinds import Direction
from metrics.periods import Period, period_of
from metrics.standpoint import NEAR, ON
from metrics.trend import FORECAST_LEAST, FORECAST_MOST, forecast
from reviews.dashboards.facts import KpiFact, TargetFact

# Far above the noise of binary numbers, far below anything a person would call a difference.
_MARGIN = 1e-9


class Warned(NamedTuple):
    """A KPI on or near its target whose line crosses it in `period`, `ahead` of the last one."""

    kpi: KpiFact
    period: Period
    ahead: int

    @property
    def value(self) -> Decimal:
        """Where the line stands then, in the KPI's unit."""
        return forecast([one.value for one in self.kpi.history], self.ahead) or Decimal(0)


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
    periods = _to_come(kpi.recent[kpi.recent.rfind(" ") + 1 :][:10], kpi.kind, ends_on, month)
    if not periods:
        return None
    ahead = _crossing(kpi.recent, kpi.direction, target, len(periods))
    if ahead is None:
        ahead = _crossing_exactly(kpi, target, len(periods))
    return Warned(kpi, periods[ahead - 1], ahead) if ahead else None


@lru_cache(maxsize=1024)
def _to_come(last: str, kind: str, ends_on: date, month: int) -> tuple[Period, ...]:
    """The periods after one that end by the last day of the cycle; many KPIs share them."""
    found, period = [], period_of(date.fromisoformat(last), kind, month)
    while True:
        period = period_of(period.end, kind, month)
        if period.end > ends_on + timedelta(days=1):
            return tuple(found)
        found.append(period)


def _crossing_exactly(kpi: KpiFact, target: TargetFact, left: int) -> int:
    """How many periods ahead the line first lies beyond the target; 0: not within `left`."""
    series = [one.value for one in kpi.history]
    for ahead in range(1, left + 1):
        value = forecast(series, ahead)
        if value is None:
            return 0
        if misses(value, kpi.direction, target):
            return ahead
    return 0


def _crossing(recent: str, direction: str, target: TargetFact, left: int) -> int | None:
    """The same at a tenth of the cost, in binary numbers; None where their noise could decide."""
    entries = recent.split(" ")
    count = 0
    sum_x = sum_y = sum_xx = sum_xy = most = 0.0
    for at in range(len(entries) - 1, -1, -1):
        text = entries[at][11:].partition("/")[0]
        if not text:
            continue
        value = float(text)
        count += 1
        sum_x, sum_y = sum_x + at, sum_y + value
        sum_xx, sum_xy = sum_xx + at * at, sum_xy + at * value
        most = max(most, abs(value))
        if count == FORECAST_MOST:
            break
    if count < FORECAST_LEAST:
        return 0
    rise = (count * sum_xy - sum_x * sum_y) / (count * sum_xx - sum_x * sum_x)
    level = (sum_y - rise * sum_x) / count
    low, high = _bounds(direction, target)
    margin = _MARGIN * max(1.0, most, abs(level))
    for ahead in range(1, left + 1):
        value = level + rise * (len(entries) - 1 + ahead)
        short = max(low - value, value - high)
        if short > margin:
            return ahead
        if short >= -margin:
            return None
    return 0


@lru_cache(maxsize=8192)
def _bounds(direction: str, target: TargetFact) -> tuple[float, float]:
    """What lies on target, from and to."""
    low, high = target.low, target.high
    if direction != Direction.RANGE:
        low = target.value if direction == Direction.HIGHER else None
        high = None if direction == Direction.HIGHER else target.value
    return -inf if low is None else float(low), inf if high is None else float(high)


def misses(value: Decimal, direction: str, target: TargetFact) -> bool:
    """Whether a value lies beyond the target; the edge counts as met."""
    if direction == Direction.RANGE:
        low, high = target.low, target.high
        return (low is not None and value < low) or (high is not None and value > high)
    if target.value is None:
        return False
    return value < target.value if direction == Direction.HIGHER else value > target.value
