"""The lines and marks of a chart.

Only the value line answers to hovering, with everything about its period: plotly's unified hover
would otherwise show a step or a ring of a neighbouring period as if it were this one's.
"""

from collections.abc import Iterator, Sequence
from datetime import date

from metrics.charts.axes import Frame
from metrics.charts.parts import ChartPoint, Rule, middle, plain
from metrics.figures.marks import PERIOD_LOOKS
from metrics.kinds import PeriodStatus
from metrics.special_cause import Limits, Mark
from metrics.wording import NO_VALUE, quantity, target_sign

_OFF = PeriodStatus.OFF_TARGET
_TONES = {
    PeriodStatus.ON_TARGET: "--on-fill",
    PeriodStatus.NEAR_TARGET: "--near-fill",
    PeriodStatus.OFF_TARGET: "--off-fill",
}


def target_traces(rules: Sequence[Rule]) -> Iterator[dict]:
    """Yield the stepped target line, two for a range; a stretch without a target is a gap."""
    for name in ("lower", "upper"):
        x: list[str | None] = []
        y: list[float | None] = []
        for rule in rules:
            level = getattr(rule, name)
            if level is None:
                continue
            if x and x[-1] != rule.start.isoformat():
                x, y = [*x, None], [*y, None]
            x += [rule.start.isoformat(), rule.end.isoformat()]
            y += [float(level)] * 2
        if x:
            yield {
                "x": x,
                "y": y,
                "name": "Target",
                "mode": "lines",
                "line": {"shape": "hv", "width": 1.5, "dash": "4px,3px", "color": "--ink-2"},
                "hoverinfo": "skip",
            }


def value_trace(
    name: str,
    series: Sequence[ChartPoint],
    *,
    direction: str,
    unit: str,
    causes: Sequence[Mark] = (),
) -> dict:
    """Return the value line with a mark for each period, its shape and colour the status."""
    is_off = [p.status == _OFF for p in series]
    marked = {mark.position for mark in causes}
    return {
        "x": [middle(p) for p in series],
        "y": [None if p.value is None else float(p.value) for p in series],
        "text": [
            plain(_words(p, direction, unit) + (", special cause" if at in marked else ""))
            for at, p in enumerate(series)
        ],
        "name": plain(name),
        "mode": "lines+markers",
        "connectgaps": False,
        "line": {"width": 2, "color": "--ink"},
        "marker": {
            "opacity": 1,
            "color": [_TONES.get(p.status, "--idle-fill") for p in series],
            "symbol": ["diamond" if off else "circle" for off in is_off],
            "size": [12 if off else 10 for off in is_off],
            "line": {"width": 1.5, "color": "--paper"},
        },
        "hovertemplate": "%{text}<extra></extra>",
    }


def _words(point: ChartPoint, direction: str, unit: str) -> str:
    """Return a period's value, status and target: `8.3 %, on target (≤ 8.5 %)`."""
    status = PERIOD_LOOKS[PeriodStatus(point.status)].word.lower()
    rule = target_sign(direction, point.target, point.low, point.high, unit)
    return f"{quantity(point.value, unit)}, {status}" + (f" ({rule})" if rule != NO_VALUE else "")


def missing_trace(series: Sequence[ChartPoint], frame: Frame) -> list[dict]:
    """Return hollow dots on the floor for periods without a value."""
    missing = [p for p in series if p.status == PeriodStatus.MISSING]
    return _dots(missing, [frame.bottom] * len(missing), "missing", 7, "--idle")


def cause_trace(series: Sequence[ChartPoint], causes: Sequence[Mark]) -> list[dict]:
    """Return rings around the values that complete a special cause."""
    marked = [series[mark.position] for mark in causes]
    return _dots(marked, [float(p.value) for p in marked], "special cause", 18, "--ink")


def _dots(at: Sequence[ChartPoint], y: list[float], word: str, size: int, color: str) -> list[dict]:
    """Return one trace of hollow marks, none if there is nothing to mark."""
    marker = {"symbol": "circle-open", "size": size, "color": color, "line": {"width": 1.5}}
    trace = {
        "x": [middle(p) for p in at],
        "y": y,
        "name": word.capitalize(),
        "mode": "markers",
        "marker": marker,
        "cliponaxis": False,
        "hoverinfo": "skip",
    }
    return [trace] if at else []


def limit_traces(limits: Limits | None, since: date, last: date) -> list[dict]:
    """Return the natural process limits as thin lines."""
    if limits is None:
        return []
    return [
        {
            "x": [since.isoformat(), last.isoformat()],
            "y": [float(level)] * 2,
            "name": "Natural limit",
            "mode": "lines",
            "line": {"width": 1, "dash": "1px,3px", "color": "--ink-3"},
            "hoverinfo": "skip",
        }
        for level in (limits.lower, limits.upper)
    ]
