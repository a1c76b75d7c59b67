"""The lines and marks of a chart."""

from collections.abc import Iterator, Sequence
from datetime import date

from metrics.charts.axes import Frame
from metrics.charts.parts import ChartPoint, Rule, middle, plain, rule_sign
from metrics.figures.marks import PERIOD_LOOKS
from metrics.kinds import PeriodStatus
from metrics.special_cause import Limits, Mark
from metrics.wording import quantity

_OFF = PeriodStatus.OFF_TARGET
_TONES = {
    PeriodStatus.ON_TARGET: "--on-fill",
    PeriodStatus.NEAR_TARGET: "--near-fill",
    PeriodStatus.OFF_TARGET: "--off-fill",
}


def target_traces(rules: Sequence[Rule], direction: str, unit: str) -> Iterator[dict]:
    """Yield the stepped target line, two for a range; a stretch without a target is a gap."""
    for name in ("lower", "upper"):
        x: list[str | None] = []
        y: list[float | None] = []
        text: list[str] = []
        for rule in rules:
            level = getattr(rule, name)
            if level is None:
                continue
            if x and x[-1] != rule.start.isoformat():
                x, y, text = [*x, None], [*y, None], [*text, ""]
            words = f"target {rule_sign(rule, direction, unit)}"
            x += [rule.start.isoformat(), rule.end.isoformat()]
            y += [float(level)] * 2
            text += [words, words]
        if x:
            yield {
                "x": x,
                "y": y,
                "text": text,
                "name": "Target",
                "mode": "lines",
                "line": {"shape": "hv", "width": 1.5, "dash": "4px,3px", "color": "--ink-2"},
                "hovertemplate": "%{text}<extra></extra>",
            }


def value_trace(name: str, series: Sequence[ChartPoint], unit: str) -> dict:
    """Return the value line with a mark for each period, its shape and colour the status."""
    is_off = [p.status == _OFF for p in series]
    return {
        "x": [middle(p) for p in series],
        "y": [None if p.value is None else float(p.value) for p in series],
        "text": [
            plain(f"{quantity(p.value, unit)}, {PERIOD_LOOKS[PeriodStatus(p.status)].word.lower()}")
            for p in series
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
        "hovertemplate": f"{word}<extra></extra>",
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
