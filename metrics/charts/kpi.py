"""The chart of one KPI, and the same in a sentence."""

from collections.abc import Sequence
from datetime import date

from metrics.charts.axes import frame_of, time_axis, value_axis
from metrics.charts.parts import ChartPoint, Span, rules_of
from metrics.charts.shapes import (
    bands,
    limit_label,
    marker_labels,
    rect,
    span_labels,
    target_labels,
    upright,
)
from metrics.charts.traces import (
    cause_trace,
    limit_traces,
    missing_trace,
    target_traces,
    value_trace,
)
from metrics.kinds import PeriodStatus
from metrics.special_cause import Limits, Mark
from metrics.wording import day_year, period_noun, plural, quantity

_HEIGHT = 380


def kpi_figure(
    name: str,
    series: Sequence[ChartPoint],
    *,
    direction: str,
    cadence: str,
    unit: str = "",
    until: date | None = None,
    off_spans: Sequence[Span] = (),
    okr_spans: Sequence[Span] = (),
    markers: Sequence[tuple[date, str]] = (),
    limits: Limits | None = None,
    limits_from: date | None = None,
    causes: Sequence[Mark] = (),
    aim: str = "target",
) -> dict:
    """Return {"data", "layout"} of one KPI's periods, oldest first, at least one.

    `until` is the end of the time axis (default: the end of the last period). `limits` are drawn
    from `limits_from` (default: the first period) on; `causes` are positions within `series`;
    `aim` is what the target line is called.
    """
    first, last = series[0].start, max(until or series[-1].end, series[-1].end)
    rules = list(rules_of(series, direction, last))
    frame = frame_of(series, rules, limits, has_lane=bool(okr_spans))
    since = limits_from or first
    data = [
        *target_traces(rules),
        *limit_traces(limits, since, last),
        value_trace(name, series, direction=direction, unit=unit, causes=causes),
        *missing_trace(series, frame),
        *cause_trace(series, causes),
    ]
    shapes = [
        *(rect(s.start, s.end, frame.bottom, frame.rect_top, "--off-tint") for s in off_spans),
        *bands(rules),
        *(
            rect(max(s.start, first), min(s.end, last), frame.bar_low, frame.bar_high, "--okr-fill")
            | {"layer": "above"}
            for s in okr_spans
        ),
        *(upright(on, frame) for on, _ in markers),
    ]
    layout = {
        "height": _HEIGHT,
        "margin": {"l": 40, "r": 8, "t": 4, "b": 42},
        "hovermode": "x unified",
        "showlegend": False,
        "xaxis": time_axis(first, last, cadence),
        "yaxis": value_axis(frame, unit),
        "shapes": shapes,
        "annotations": [
            *span_labels(off_spans, okr_spans, frame, first),
            *marker_labels(markers, frame),
            *target_labels(rules, direction, unit, frame, aim),
            *limit_label(limits, since, unit),
        ],
    }
    return {"data": data, "layout": layout}


def chart_sentence(name: str, series: Sequence[ChartPoint], *, cadence: str, unit: str = "") -> str:
    """Return what the chart shows, for people who do not see it."""
    valued = [p for p in series if p.value is not None]
    if not valued:
        return f"{name}: no data yet."
    values = [p.value for p in valued]
    off = sum(p.status == PeriodStatus.OFF_TARGET for p in series)
    return (
        f"{name} from {day_year(valued[0].start)} to {day_year(valued[-1].start)}: "
        f"from {quantity(values[0], unit)} to {quantity(values[-1], unit)}, "
        f"lowest {quantity(min(values), unit)}, highest {quantity(max(values), unit)}, "
        f"off target in {off} of {plural(len(valued), period_noun(cadence))}. "
        "Values are in the evidence table below."
    )
