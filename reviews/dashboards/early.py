"""Early warning: a trend that will cross its target within the cycle. Pure, and advice only.

Nothing here opens a signal (product.md C13): a line through a few points is a guess.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from decimal import Decimal
from functools import lru_cache
from typing import NamedTuple

from metrics.kinds import Direction
from metrics.periods import Period, period_of
from metrics.standpoint import NEAR, ON
from metrics.trend import FORECAST_LEAST, FORECAST_MOST, forecast
from reviews.dashboards.facts import KpiFact, TargetFact

# Far above the noise of binary numbers, far below anything a person would call a difference.
_MARGIN = 1e-9


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
    if not _may_cross(kpi.recent, kpi.direction, target, _periods_left(kpi, ends_on, month)):
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


def _periods_left(kpi: KpiFact, ends_on: date, month: int) -> int:
    """How many periods after the last judged one end by the last day of the cycle."""
    last = kpi.recent[kpi.recent.rfind(" ") + 1 :][:10]
    return _left(last, kpi.kind, ends_on, month)


@lru_cache(maxsize=1024)
def _left(last: str, kind: str, ends_on: date, month: int) -> int:
    """The same from the first day of the last judged period; KPIs of one calendar share it."""
    period, count = period_of(date.fromisoformat(last), kind, month), 0
    while True:
        period = period_of(period.end, kind, month)
        if period.end > ends_on + timedelta(days=1):
            return count
        count += 1


def _may_cross(recent: str, direction: str, target: TargetFact, left: int) -> bool:
    """False where the line surely stays on the right side: most KPIs, at a tenth of the cost.

    In binary numbers with a margin for their noise; what may cross is worked out in decimals. A
    straight line crosses nothing between two points unless it has at one of them.
    """
    if not left:
        return False
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
        return False
    rise = (count * sum_xy - sum_x * sum_y) / (count * sum_xx - sum_x * sum_x)
    level = (sum_y - rise * sum_x) / count
    ends = [level + rise * (len(entries) - 1 + ahead) for ahead in (1, left)]
    margin = _MARGIN * max(1.0, most, *map(abs, ends))
    if direction == Direction.RANGE:
        low = target.low is not None and min(ends) - margin < float(target.low)
        return low or (target.high is not None and max(ends) + margin > float(target.high))
    if target.value is None:
        return False
    aim = float(target.value)
    return min(ends) - margin < aim if direction == Direction.HIGHER else max(ends) + margin > aim


def misses(value: Decimal, direction: str, target: TargetFact) -> bool:
    """Whether a value lies beyond the target; the edge counts as met."""
    if direction == Direction.RANGE:
        low, high = target.low, target.high
        return (low is not None and value < low) or (high is not None and value > high)
    if target.value is None:
        return False
    return value < target.value if direction == Direction.HIGHER else value > target.value
