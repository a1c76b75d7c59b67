"""Early warning: a trend that will cross its target within the cycle. Pure, and advice only.

Nothing here opens a signal (product.md C13): a line through a few points is a guess.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from decimal import Decimal
from functools import lru_cache
from math import inf
from operator import mul
from typing import NamedTuple

from metrics.kinds import Direction
from metrics.periods import Period, period_of
from metrics.standpoint import NEAR, ON
from metrics.trend import FORECAST_LEAST, FORECAST_MOST, forecast, forecasts
from reviews.dashboards.facts import KpiFact, TargetFact

# Far above the noise of binary numbers, far below anything a person would call a difference.
_MARGIN = 1e-9
_IN_A_ROW = tuple(range(1 - FORECAST_MOST, 1))


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
    to_come = forecasts([one.value for one in kpi.history], range(1, left + 1))
    for ahead, value in enumerate(to_come, start=1):
        if misses(value, kpi.direction, target):
            return ahead
    return 0


def _crossing(recent: str, direction: str, target: TargetFact, left: int) -> int | None:
    """The same at a tenth of the cost, in binary numbers; None where their noise could decide."""
    places, values = _last_points(recent)
    count = len(values)
    if count < FORECAST_LEAST:
        return 0
    (sum_x, spread), sum_y = _spread(places), sum(values)
    rise = (count * sum(map(mul, places, values)) - sum_x * sum_y) / spread
    level = (sum_y - rise * sum_x) / count
    most = max(max(values), -min(values))
    low, high = _bounds(direction, target)
    margin = _MARGIN * max(1.0, most, abs(level))
    first, last = level + rise, level + rise * left
    # A straight line is furthest out at one of its ends.
    if max(low - first, low - last, first - high, last - high) < -margin:
        return 0
    for ahead in range(1, left + 1):
        value = level + rise * ahead
        short = max(low - value, value - high)
        if short > margin:
            return ahead
        if short >= -margin:
            return None
    return 0


@lru_cache(maxsize=1024)
def _spread(places: tuple[int, ...]) -> tuple[int, int]:
    """The sum of the places, and by what a line through them is divided; many KPIs share both."""
    total = sum(places)
    return total, len(places) * sum(map(mul, places, places)) - total * total


def _last_points(recent: str) -> tuple[tuple[int, ...], list[float]]:
    """The periods of the last values, 0 the newest of all and those before it below, and these."""
    texts = [
        one[11:].partition("/")[0] for one in recent.rsplit(" ", FORECAST_MOST)[-FORECAST_MOST:]
    ]
    if all(texts):
        return _IN_A_ROW[-len(texts) :], list(map(float, texts))
    texts = [one[11:].partition("/")[0] for one in recent.split(" ")]
    newest = len(texts) - 1
    places = [at - newest for at, text in enumerate(texts) if text][-FORECAST_MOST:]
    return tuple(places), [float(text) for text in texts if text][-FORECAST_MOST:]


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
