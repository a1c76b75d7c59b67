"""The sparkline: value line, stepped target with its off side, diamonds on off-target periods.

Ink is the value, the tint lies on the side where the target is missed and is red only while the
KPI is off target (the `data-s` attribute). Hollow dots on the floor are periods without a value.
The vertical span is at least four near bands, so that noise stays flat.
"""

from collections.abc import Sequence
from decimal import Decimal
from functools import lru_cache
from typing import NamedTuple

from django.utils.html import format_html
from django.utils.safestring import SafeString

from metrics.figures.fragments import numbers_only, pixel
from metrics.kinds import Direction, PeriodStatus
from metrics.wording import quantity, target_words

_PAD = 5
_OFF = PeriodStatus.OFF_TARGET.value
_HIGHER = Direction.HIGHER.value
_DOT = {PeriodStatus.ON_TARGET.value: "p-on", PeriodStatus.NEAR_TARGET.value: "p-near"}
_HEAD = (
    '<svg class="spark" data-s="{}" viewBox="0 0 {} {}" width="{}" height="{}" role="img" '
    'aria-label="'
)
# Printing a float costs more than looking a tenth of a pixel up; figures are at most 400 high.
_TENTHS = tuple(pixel(tenth / 10) for tenth in range(4000))


class SparkPoint(NamedTuple):
    """One period: its value (None if missing), PeriodStatus value, and the target it had.

    A single target stands in `target`, a range in `low` and `high`; all None means no target.
    """

    value: Decimal | None
    status: str = ""
    target: Decimal | None = None
    low: Decimal | None = None
    high: Decimal | None = None


def sparkline(
    name: str,
    points: Sequence[SparkPoint],
    *,
    direction: str,
    state: str,
    unit: str = "",
    band: Decimal | None = None,
    width: int = 132,
    height: int = 36,
) -> SafeString:
    """Draw the last periods of one KPI, oldest first.

    `state` is on, off, near, stale, info or accepted and only colours the figure; `band` is the
    near tolerance in the KPI's unit. Twelve points cost about 25 microseconds.
    """
    bounds = _bounds(points, direction)
    levels = [float(p[0]) for p in points if p[0] is not None]
    levels += [level for line in bounds for level in line if level is not None]
    top, scale = _scale(levels, float(band or 0), height)
    xs, edges = _columns(len(points), width)
    tenths, base = 10 * scale, 10 * (_PAD + top * scale) + 0.5

    def y(level: float) -> str:
        return _TENTHS[int(base - level * tenths)]

    body = _target(bounds, edges, y, width, height) + _values(points, xs, y, height)
    label = _label(name, points, direction, unit)
    return format_html('{}{}">{}</svg>', _head(state, width, height), label, numbers_only(body))


@lru_cache(maxsize=64)
def _head(state: str, width: int, height: int) -> SafeString:
    """Return the opening tag up to the label."""
    return format_html(_HEAD, state, width, height, width, height)


def _bounds(points: Sequence[SparkPoint], direction: str) -> tuple[list, list]:
    """Return the upper and the lower bound of each period; a bound that is not there is None."""
    upper: list[float | None] = []
    lower: list[float | None] = []
    single_is_lower = direction == _HIGHER
    seen: list | None = None
    above = below = None
    for _, _, *rule in points:
        if rule != seen:
            seen = rule
            target, low, high = rule
            if target is not None:
                low, high = (target, None) if single_is_lower else (None, target)
            above = None if high is None else float(high)
            below = None if low is None else float(low)
        upper.append(above)
        lower.append(below)
    return upper, lower


def _scale(levels: list[float], band: float, height: int) -> tuple[float, float]:
    """Return the level at the upper pad and pixels per unit."""
    if not levels:
        return 0.0, 0.0
    low, high = min(levels), max(levels)
    span = max(high - low, 4 * band)
    if span == 0:
        return high + 1.0, (height - 2 * _PAD) / 2
    return (low + high + span) / 2, (height - 2 * _PAD) / span


@lru_cache(maxsize=256)
def _columns(count: int, width: int) -> tuple[list[str], list[str]]:
    """Return the x of each period and the edges between periods, the figure's own ends included."""
    step = (width - 2 * _PAD) / (count - 1) if count > 1 else 0
    xs = [pixel(_PAD + i * step) if count > 1 else pixel(width / 2) for i in range(count)]
    edges = [pixel(_PAD + (i + 0.5) * step) for i in range(count - 1)]
    return xs, ["0", *edges, pixel(width)]


def _target(bounds: tuple[list, list], edges: list[str], y, width: int, height: int) -> str:
    """Draw the off side as an area and the bounds as stepped lines; nothing without a target."""
    zone = line = ""
    for levels, floor in zip(bounds, (0, height), strict=True):
        start = 0
        count = len(levels)
        while start < count:
            if levels[start] is None:
                start += 1
                continue
            end, path = start, ""
            while end < count and levels[end] is not None:
                level, first = levels[end], end
                while end < count and levels[end] == level:
                    end += 1
                at = y(level)
                path += f"V{at}H{edges[end]}" if first > start else f"{at}H{edges[end]}"
            line += f"M{edges[start]} {path}"
            zone += f"M{edges[start]} {path}V{floor}H{edges[start]}Z"
            start = end
    return f'<path class="zone" d="{zone}"/><path class="t" d="{line}"/>' if line else ""


def _values(points: Sequence[SparkPoint], xs: list[str], y, height: int) -> str:
    """Draw the value line, broken at missing periods, and the marks on it."""
    line, marks, missing = "", "", ""
    last, joined = None, False
    for x, (value, status, _, _, _) in zip(xs, points, strict=True):
        if value is None:
            missing += f'<circle class="miss" cx="{x}" cy="{height - 4}" r="1.75"/>'
            joined = False
            continue
        at = y(float(value))
        line += f"L{x} {at}" if joined else f"M{x} {at}h0"
        joined = True
        if last is not None and last[2] == _OFF:
            marks += (
                f'<path class="p-off" d="M{last[0]} {last[1]}m0-3.2l3.2 3.2l-3.2 3.2l-3.2-3.2z"/>'
            )
        last = (x, at, status)
    if last is not None:
        x, at, status = last
        if status == _OFF:
            marks += f'<path class="p-off last" d="M{x} {at}m0-4.5l4.5 4.5l-4.5 4.5l-4.5-4.5z"/>'
        else:
            kind = _DOT.get(status, "p-info")
            marks += f'<circle class="{kind}" cx="{x}" cy="{at}" r="3.25"/>'
        line = f'<path class="l" d="{line}"/>'
    return line + marks + missing


def _label(name: str, points: Sequence[SparkPoint], direction: str, unit: str) -> str:
    """Return the figure in words, for people who do not see it."""
    values = [p[0] for p in points if p[0] is not None]
    if not values:
        return f"{name}: no data yet"
    text = (
        f"{name}: last {len(points)} periods from {quantity(values[0], unit)}"
        f" to {quantity(values[-1], unit)}"
    )
    now = points[-1]
    if now.target is None and now.low is None:
        return text
    off = [p[1] for p in points].count(_OFF)
    target = target_words(direction, now.target, now.low, now.high, unit)
    return f"{text}, target {target}, off target in {off}"
