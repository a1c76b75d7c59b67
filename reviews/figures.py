"""Figures of the statistics page: grades in tenths, and the mean of each cycle."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import NamedTuple

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from metrics.figures.fragments import pixel
from metrics.wording import number
from objectives.grading import SCALE
from reviews.calibration import Grades

_TALL, _STEP, _WIDE = 70, 28, 20
_BAR = '<rect class="b" x="{}" y="{}" width="{}" height="{}" rx="1"/>'
_TEXT = '<text class="{}" x="{}" y="{}">{}</text>'
_PLACE = 80
# 0 stands on the line at 76, 1 at 12.
_FOOT, _RISE = 76, 64


def grade_bars(grades: Grades, what: str) -> SafeString:
    """Draw how many key results ended with each grade; the three bands stand under the bars."""
    most = max(grades.counts.values(), default=0) or 1
    rows = [(at, grade, grades.counts[grade]) for at, grade in enumerate(SCALE)]
    bars = format_html_join("", "{}", ((_bar(at, count, most),) for at, _, count in rows))
    marks = format_html_join(
        "", _TEXT, (("q", 14 + _STEP * at, 104, number(grade, 1)) for at, grade, _ in rows)
    )
    said = ", ".join(f"{count} at {number(grade, 1)}" for _, grade, count in rows if count)
    label = f"Grades of {what} key results: {said or 'none yet'}"
    bands = format_html_join(
        "",
        _TEXT,
        (
            ("q", 56, 120, "little progress"),
            ("q", 154, 120, "progress"),
            ("q", 252, 120, "delivered"),
        ),
    )
    return format_html(
        '<svg viewBox="0 0 308 124" role="img" aria-label="{}">{}{}{}</svg>',
        label,
        bars,
        marks,
        bands,
    )


def _bar(at: int, count: int, most: int) -> SafeString:
    tall = _TALL * count / most
    top = 16 + _TALL - tall
    bar = format_html(_BAR, 4 + _STEP * at, pixel(top), _WIDE, pixel(max(tall, 1)))
    if not count:
        return bar
    return bar + format_html(_TEXT, "v q", 14 + _STEP * at, pixel(top - 4), count)


class Mean(NamedTuple):
    """The mean grade of a cycle, 0 to 1; None where nothing was graded."""

    cycle: str
    value: Decimal | None


def mean_line(means: Sequence[Mean], low: Decimal, high: Decimal) -> SafeString:
    """Draw the mean of each cycle, the oldest first, above the band that is aimed at."""
    wide = max(_PLACE * len(means), 4 * _PLACE)
    said = ", ".join(f"{one.cycle} {number(one.value, 2)}" for one in means)
    aim = _height(high), _height(low) - _height(high)
    stems = format_html_join("", "{}", ((_stem(at, one),) for at, one in enumerate(means)))
    return format_html(
        '<svg viewBox="0 0 {} 96" role="img" aria-label="Mean grade by cycle: {}">'
        '<rect class="aim" x="0" y="{}" width="{}" height="{}"/><text x="2" y="{}">aim</text>'
        "{}</svg>",
        wide,
        said or "none yet",
        pixel(aim[0]),
        wide,
        pixel(aim[1]),
        pixel(aim[0] + aim[1] - 1),
        stems,
    )


def _height(value: Decimal) -> float:
    return _FOOT - _RISE * float(value)


def _stem(at: int, one: Mean) -> SafeString:
    x = 34 + _PLACE * at
    name = format_html(_TEXT, "q", x, 92, one.cycle)
    if one.value is None:
        return name + format_html(_TEXT, "q", x, 70, number(None))
    y = pixel(_height(one.value))
    return name + format_html(
        '<line x1="{0}" x2="{0}" y1="{1}" y2="76"/><circle cx="{0}" cy="{1}" r="4.5"/>'
        '<text x="{2}" y="{3}" class="v">{4}</text>',
        x,
        y,
        x + 9,
        pixel(_height(one.value) + 4),
        number(one.value, 2),
    )
