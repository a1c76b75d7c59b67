"""The two axes of a chart."""

from collections.abc import Sequence
from datetime import date
from typing import NamedTuple

from metrics.charts.parts import ChartPoint, Rule, plain
from metrics.kinds import CadenceKind
from metrics.special_cause import Limits
from metrics.wording import with_unit

# Shares of the height: where the data end, where rects end, where the bars of OKRs lie.
_WITH_LANE = (0.78, 0.84, 0.9, 0.935)
_WITHOUT_LANE = (0.93, 1.0, 1.0, 1.0)
_LINES = 5
_HOVER_DATES = {
    CadenceKind.DAILY: "%a %-d %b %Y",
    CadenceKind.WEEKLY: "week %V, %G",
    CadenceKind.MONTHLY: "%B %Y",
    CadenceKind.QUARTERLY: "Q%q %Y",
    CadenceKind.YEARLY: "%Y",
}


class Frame(NamedTuple):
    """The vertical axis: its ends, the distance of its lines, where rects end and bars lie."""

    bottom: float
    top: float
    step: float
    rect_top: float
    bar_low: float
    bar_high: float


def frame_of(
    series: Sequence[ChartPoint], rules: Sequence[Rule], limits: Limits | None, *, has_lane: bool
) -> Frame:
    """Choose the vertical axis: from just below the data, about five lines, room for the bars."""
    levels = [p.value for p in series if p.value is not None]
    levels += [level for rule in rules for level in (rule.lower, rule.upper) if level is not None]
    levels += [limits.lower, limits.upper] if limits else []
    low, high = (float(min(levels)), float(max(levels))) if levels else (0.0, 1.0)
    span = high - low or abs(high) or 1.0
    step = _nice(span / (_LINES - 1))
    bottom = (low - span / 20) // step * step
    if low >= 0:
        bottom = max(bottom, 0.0)
    data, rects, bar_low, bar_high = _WITH_LANE if has_lane else _WITHOUT_LANE
    height = (high - bottom or 1.0) / data
    edges = (bottom + height * share for share in (1, rects, bar_low, bar_high))
    top, rect_top, lane_low, lane_high = edges
    return Frame(bottom, top, step, rect_top, lane_low, lane_high)


def _nice(raw: float) -> float:
    """Return the round number (1, 2 or 5 times a power of ten) nearest above a distance."""
    power = 10.0 ** int(f"{raw:e}".partition("e")[2])
    return next(factor * power for factor in (1, 2, 5, 10) if factor * power >= raw * 0.999)


def time_axis(first: date, last: date, cadence: str) -> dict:
    """Return the axis of periods; a mark every so many days or months that about ten fit."""
    days = (last - first).days
    if days <= 120 and cadence in (CadenceKind.DAILY, CadenceKind.WEEKLY):
        every, form = max(1, round(days / 70)) * 7 * 86_400_000, "%-d %b\n%Y"
    else:
        months = next((m for m in (1, 2, 3, 6, 12) if days / 30.4 / m <= 12), 24)
        every, form = f"M{months}", "%b\n%Y"
    return {
        "type": "date",
        "range": [first.isoformat(), last.isoformat()],
        "dtick": every,
        "tickformat": form,
        "ticklabelmode": "period" if isinstance(every, str) else "instant",
        "showgrid": False,
        "ticks": "outside",
        "ticklen": 4,
        "tickcolor": "--edge",
        "linecolor": "--edge",
        "showline": True,
        "fixedrange": True,
        "hoverformat": _HOVER_DATES[CadenceKind(cadence)],
        "spikemode": "across",
        "spikethickness": 1,
        "spikecolor": "--edge",
        "spikedash": "solid",
    }


def value_axis(frame: Frame, unit: str) -> dict:
    """Return the axis of values; only a short unit stands at its lines."""
    before, _, after = with_unit("\0", unit).partition("\0") if len(unit) <= 2 else ("", "", "")
    return {
        "range": [frame.bottom, frame.top],
        "dtick": frame.step,
        "tickprefix": plain(before),
        "ticksuffix": plain(after) + " ",
        "separatethousands": True,
        "automargin": True,
        "gridcolor": "--line",
        "zeroline": False,
        "fixedrange": True,
        "title": {"text": ""},
    }
