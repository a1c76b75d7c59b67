"""Change, slope and forecast of a KPI, and how long it has had its status (product.md 2.8).

A series is the values of neighbouring periods in order, None for a period without a value, in the
KPI's unit. Differences of a per cent are points; `wording.signed` prints them so.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from metrics.kinds import Direction, PeriodStatus
from metrics.wording import periods

SLOPE_PERIODS = 6
FORECAST_MOST = 8
FORECAST_LEAST = 3

_PASSED_OVER = {PeriodStatus.OPEN, PeriodStatus.AWAITING, PeriodStatus.EXCLUDED}


@dataclass(frozen=True, slots=True)
class Change:
    """The newest value against the one before.

    `difference` is in the KPI's unit, points if that is a per cent. `ratio` is the relative change
    (0.05 is 5 %), None for a per cent or from 0. `favour` is 1 better, -1 worse, 0 neither.
    """

    difference: Decimal
    ratio: Decimal | None
    favour: int


def change(
    series: Sequence[Decimal | None],
    direction: str,
    *,
    unit: str = "",
    low: Decimal | None = None,
    high: Decimal | None = None,
) -> Change | None:
    """Compare the last two periods; None unless both have a value.

    For a range the favour is that of the distance to it: nearer is better, a move inside neither.
    """
    if len(series) < 2 or series[-1] is None or series[-2] is None:
        return None
    before, now = series[-2], series[-1]
    difference = now - before
    ratio = difference / abs(before) if before and unit != "%" else None
    if direction == Direction.RANGE:
        gain = _outside(before, low, high) - _outside(now, low, high)
    else:
        gain = difference if direction == Direction.HIGHER else -difference
    return Change(difference, ratio, (gain > 0) - (gain < 0))


def _outside(value: Decimal, low: Decimal | None, high: Decimal | None) -> Decimal:
    """Return the distance to a range, 0 inside or without one."""
    if low is not None and value < low:
        return low - value
    if high is not None and value > high:
        return value - high
    return Decimal(0)


def slope(series: Sequence[Decimal | None], count: int = SLOPE_PERIODS) -> Decimal | None:
    """Return the least-squares change for each period over the last `count` periods.

    None with fewer than two values among them.
    """
    fitted = _fit(list(enumerate(series[-count:])))
    return None if fitted is None else fitted[0]


def forecast(series: Sequence[Decimal | None], ahead: int) -> Decimal | None:
    """Return where the line through the last 3 to 8 values stands `ahead` periods from the newest.

    The newest period counts even if it has no value. None with fewer than three values; natural
    bounds of the KPI are not applied.
    """
    found = forecasts(series, range(ahead, ahead + 1))
    return found[0] if found else None


def forecasts(series: Sequence[Decimal | None], ahead: range) -> list[Decimal]:
    """Return the same for several periods ahead, by one line; empty below three values."""
    valued = [(at, value) for at, value in enumerate(series) if value is not None]
    if len(valued) < FORECAST_LEAST:
        return []
    rise, level = _fit(valued[-FORECAST_MOST:])
    return [level + rise * (len(series) - 1 + one) for one in ahead]


def _fit(points: Sequence[tuple[int, Decimal | None]]) -> tuple[Decimal, Decimal] | None:
    """Return rise and level at 0 of the least-squares line; None with fewer than two values."""
    valued = [(at, value) for at, value in points if value is not None]
    n = len(valued)
    if n < 2:
        return None
    sum_x = sum(at for at, _ in valued)
    sum_y = sum(value for _, value in valued)
    sum_xx = sum(at * at for at, _ in valued)
    sum_xy = sum(at * value for at, value in valued)
    rise = (n * sum_xy - sum_x * sum_y) / (n * sum_xx - sum_x * sum_x)
    return rise, (sum_y - rise * sum_x) / n


def status_age(statuses: Sequence[str], cadence: str) -> str:
    """Return how long the newest judged status has lasted: `3 months`; empty if nothing is judged.

    Open, awaiting and excluded periods are passed over.
    """
    judged = [status for status in statuses if status not in _PASSED_OVER]
    if not judged:
        return ""
    length = 0
    for status in reversed(judged):
        if status != judged[-1]:
            break
        length += 1
    return periods(length, cadence)
