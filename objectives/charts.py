"""The chart of one key result: progress, expected pace and confidence over time. Pure.

A plain plotly figure for static/js/charts.js, as in metrics/charts: colours are names of CSS
tokens. Shares become floats of a hundred here, at the edge: they are pixels from now on.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from metrics.charts.axes import time_axis
from metrics.charts.parts import plain
from metrics.kinds import CadenceKind
from metrics.wording import NO_VALUE, day_year, percent

HEIGHT = 300


class Said(NamedTuple):
    """One check-in that stands: its day, progress 0..1 (None: none to measure), confidence 0..10.

    `words` is what it said, for hovering.
    """

    on: date
    ratio: Decimal | None
    confidence: int
    words: str


class Pace(NamedTuple):
    """What is expected on a day, 0..1."""

    on: date
    share: Decimal


def key_result_figure(
    said: Sequence[Said], pace: Sequence[Pace], *, starts_on: date, ends_on: date, today: date
) -> dict:
    """Return {"data", "layout"}: progress in % on the left axis, confidence 0..10 on the right.

    `pace` are the corners of the expected line, none for a key result without a pace.
    """
    layout = {
        "height": HEIGHT,
        "margin": {"l": 44, "r": 34, "t": 12, "b": 42},
        "hovermode": "x unified",
        "showlegend": False,
        "xaxis": time_axis(starts_on, max(ends_on, today), CadenceKind.MONTHLY)
        | {"hoverformat": "%a %-d %b %Y"},
        "yaxis": _axis([0, 104], 25, " %") | {"gridcolor": "--line"},
        "yaxis2": _axis([0, 10.4], 2.5, "")
        | {"overlaying": "y", "side": "right", "showgrid": False, "tickvals": [0, 5, 10]},
        "shapes": [_today(today)] if starts_on <= today <= ends_on else [],
        "annotations": list(_labels(said, pace)),
    }
    data = [*_pace_trace(pace), *_confidence_trace(said), *_progress_trace(said)]
    return {"data": data, "layout": layout}


def _axis(ends: list[float], step: float, suffix: str) -> dict:
    return {
        "range": ends,
        "dtick": step,
        "ticksuffix": suffix,
        "zeroline": False,
        "fixedrange": True,
        "title": {"text": ""},
    }


def _pace_trace(pace: Sequence[Pace]) -> list[dict]:
    """The expected pace, a dashed line through its corners."""
    trace = {
        "x": [one.on.isoformat() for one in pace],
        "y": [_hundred(one.share) for one in pace],
        "name": "Expected",
        "mode": "lines",
        "line": {"width": 1.5, "dash": "4px,3px", "color": "--ink-2"},
        "hoverinfo": "skip",
    }
    return [trace] if pace else []


def _progress_trace(said: Sequence[Said]) -> list[dict]:
    """Progress, with the words of each check-in on hovering."""
    shown = [one for one in said if one.ratio is not None]
    trace = {
        "x": [one.on.isoformat() for one in shown],
        "y": [_hundred(one.ratio) for one in shown],
        "text": [plain(one.words) for one in shown],
        "name": "Progress",
        "mode": "lines+markers",
        "line": {"width": 2, "color": "--okr-fill"},
        "marker": {"size": 9, "color": "--okr-fill", "line": {"width": 1.5, "color": "--paper"}},
        "hovertemplate": "%{text}<extra></extra>",
    }
    return [trace] if shown else []


def _confidence_trace(said: Sequence[Said]) -> list[dict]:
    """Confidence, thin and in steps: it holds until the next one is given."""
    alone = all(one.ratio is None for one in said)
    trace = {
        "x": [one.on.isoformat() for one in said],
        "y": [one.confidence for one in said],
        "text": [plain(one.words) for one in said],
        "yaxis": "y2",
        "name": "Confidence",
        "mode": "lines+markers",
        "line": {"width": 1.5, "shape": "hv", "color": "--ink-3"},
        "marker": {"size": 5, "color": "--ink-3"},
    }
    hover = {"hovertemplate": "%{text}<extra></extra>"} if alone else {"hoverinfo": "skip"}
    return [trace | hover] if said else []


def _today(today: date) -> dict:
    return {
        "type": "line",
        "x0": today.isoformat(),
        "x1": today.isoformat(),
        "y0": 0,
        "y1": 1,
        "yref": "paper",
        "line": {"width": 1, "color": "--ink-3", "dash": "1px,2px"},
    }


def _labels(said: Sequence[Said], pace: Sequence[Pace]) -> Iterable[dict]:
    """The words beside the lines, at their last points."""
    if pace:
        yield _label(pace[-1].on, _hundred(pace[-1].share), "expected", "right", "--ink-2")
    if not said:
        return
    if (last := said[-1]).ratio is not None:
        yield _label(last.on, _hundred(last.ratio), percent(last.ratio), "left", "--okr")
    yield _label(last.on, last.confidence, f"confidence {last.confidence}", "left", "--ink-3") | {
        "yref": "y2"
    }


def _label(on: date, height: float, text: str, side: str, color: str) -> dict:
    return {
        "x": on.isoformat(),
        "y": height,
        "text": text,
        "xanchor": side,
        "yanchor": "bottom",
        "xshift": 8 if side == "left" else 0,
        "showarrow": False,
        "font": {"color": color, "size": 12},
    }


def _hundred(share: Decimal) -> float:
    return round(float(share) * 100, 2)


def figure_words(title: str, said: Sequence[Said], expected: Decimal | None) -> str:
    """Return what the chart shows, for people who do not see it."""
    if not said:
        return f"{title}: no check-in yet."
    first, last = said[0], said[-1]
    text = f"{title} from {day_year(first.on)} to {day_year(last.on)}: "
    if last.ratio is not None:
        shares = f"progress from {percent(first.ratio)} to {percent(last.ratio)}"
        text += shares if expected is None else f"{shares}, {percent(expected)} expected today"
        text += "; "
    text = text.replace(NO_VALUE, "nothing")
    text += f"confidence from {first.confidence} to {last.confidence} of 10."
    return f"{text} Every check-in is in the table below."
