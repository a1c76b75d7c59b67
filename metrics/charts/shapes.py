"""The stretches of time behind the data, and the words beside them."""

from collections.abc import Iterator, Sequence
from datetime import date, timedelta

from metrics.charts.axes import Frame
from metrics.charts.parts import Rule, Span, bounds, plain, rule_sign
from metrics.special_cause import Limits
from metrics.wording import leading, points, quantity

# Share of the chart's height that a line of words takes.
_LABEL_SHARE = 0.08
# charts.js leaves labels of this name out when the chart is narrow.
WIDE = "wide"
_GAP = timedelta(days=5)


def bands(rules: Sequence[Rule]) -> Iterator[dict]:
    """Yield the near bands, on the side on which the target is missed."""
    for rule in rules:
        for level, side in bounds(rule) if rule.tolerance else []:
            edges = sorted((level, level + side * rule.tolerance))
            yield rect(rule.start, rule.end, float(edges[0]), float(edges[1]), "--near-tint")


def rect(start: date, end: date, low: float, high: float, fill: str) -> dict:
    """Return a filled stretch of time behind the data."""
    return {
        "type": "rect",
        "x0": start.isoformat(),
        "x1": end.isoformat(),
        "y0": low,
        "y1": high,
        "fillcolor": fill,
        "line": {"width": 0},
        "layer": "below",
    }


def upright(on: date, frame: Frame) -> dict:
    """Return the dotted line of a marker."""
    return {
        "type": "line",
        "x0": on.isoformat(),
        "x1": on.isoformat(),
        "y0": frame.bottom,
        "y1": frame.rect_top,
        "line": {"width": 1, "color": "--ink-3", "dash": "1px,2px"},
    }


def span_labels(
    off_spans: Sequence[Span], okr_spans: Sequence[Span], frame: Frame, first: date
) -> Iterator[dict]:
    """Yield the words of signals, low in their stretch, and of OKRs, beside their bar."""
    for span in off_spans:
        if span.label:
            at = (span.start + _GAP).isoformat()
            height = frame.bottom + (frame.top - frame.bottom) * 0.1
            yield _label(at, height, span.label, "left", color="--off", weight=600, wide=True)
    for span in okr_spans:
        height = (frame.bar_low + frame.bar_high) / 2
        # Beside the bar where there is room: before it, or after it if it begins at the edge.
        is_early = span.start - timedelta(days=90) < first
        at = span.end + _GAP if is_early else span.start - _GAP
        side = "left" if is_early else "right"
        yield _label(at.isoformat(), height, span.label, side, color="--okr", weight=600, size=12)


def marker_labels(markers: Sequence[tuple[date, str]], frame: Frame) -> Iterator[dict]:
    """Yield the words of markers, left of their line."""
    height = frame.bottom + (frame.rect_top - frame.bottom) * 0.94
    for on, words in markers:
        yield _label((on - _GAP).isoformat(), height, words, "right", wide=True)


def target_labels(
    rules: Sequence[Rule], direction: str, unit: str, frame: Frame, aim: str
) -> Iterator[dict]:
    """Yield the first target with its band at the left and, if it has moved, the newest right."""
    if not rules:
        return
    rule = rules[0]
    words = f"{aim} {rule_sign(rule, direction, unit)}"
    if rule.tolerance:
        words += f", band {plain(points(rule.tolerance, unit))}"
    yield _beside_line(rule, frame, rule.start + _GAP, words, "left", wide=False)
    if len(rules) > 1:
        sign = rule_sign(rules[-1], direction, unit)
        newest = rules[-1]
        yield _beside_line(newest, frame, newest.end - _GAP, sign, "right", wide=True, weight=600)


def _beside_line(
    rule: Rule, frame: Frame, at: date, words: str, side: str, *, wide: bool, weight: int = 400
) -> dict:
    """Return a label on the far side of the near band; above the line where that is the edge."""
    level, way = bounds(rule)[-1]
    height = float(level + way * rule.tolerance)
    if way < 0 and height - frame.bottom < _LABEL_SHARE * (frame.top - frame.bottom):
        height, way = float(level), 1
    label = _label(at.isoformat(), height, words, side, wide=wide, weight=weight, is_plain=True)
    anchor = "bottom" if way > 0 else "top"
    # The ground of the page keeps the line of a natural limit from striking the words through.
    return label | {"yanchor": anchor, "yshift": 2 * way, "bgcolor": "--paper"}


def limit_label(limits: Limits | None, since: date, unit: str) -> list[dict]:
    """Return the words under the lower natural limit."""
    if limits is None:
        return []
    words = f"natural limits {leading(limits.lower, unit, 1)} to {quantity(limits.upper, unit, 1)}"
    words += "" if limits.is_locked else ", on trial"
    at = (since + _GAP).isoformat()
    label = _label(at, float(limits.lower), words, "left", color="--ink-3", wide=True)
    return [label | {"yanchor": "top"}]


def _label(
    x: str,
    y: float,
    words: str,
    side: str,
    *,
    color: str = "--ink-2",
    weight: int = 400,
    size: int | None = None,
    wide: bool = False,
    is_plain: bool = False,
) -> dict:
    """Return a label without arrow that begins (left) or ends (right) at x."""
    font = {"color": color} | ({"weight": weight} if weight != 400 else {})
    label = {
        "x": x,
        "y": y,
        "text": words if is_plain else plain(words),
        "xanchor": side,
        "showarrow": False,
        "font": font | ({"size": size} if size else {}),
    }
    return label | ({"name": WIDE} if wide else {})
