"""The chart of a scope's progress week by week, and the same figures as a table."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import NamedTuple

from metrics.wording import NO_VALUE, day_near, day_year, number, percent
from objectives.charts import Pace, Said, key_result_figure
from reviews.dashboards import trend
from reviews.dashboards.scope import Scope

EMPTY = "No objective in this cycle yet."


class Line(NamedTuple):
    """One week as printed."""

    week: str
    count: int
    progress: str
    expected: str
    confidence: str


def scope_words(scope: Scope) -> str:
    """Whose weeks, of which cycle: `Customer Success with its sub-teams, Q4 2026`."""
    told = [f"{scope.team.name} with its sub-teams" if scope.team else "All teams"]
    if scope.cycle is not None:
        told.append(scope.cycle.name)
    if scope.is_past:
        told.append(f"as of {day_year(scope.on)}")
    return ", ".join(told)


def read_weeks(scope: Scope) -> list[trend.Week]:
    """The weeks of the cycle so far in which there was an objective."""
    if scope.cycle is None:
        return []
    days = trend.week_ends(scope.cycle.starts_on, min(scope.on, scope.cycle.ends_on))
    return [one for one in trend.weekly(scope, days) if one.count]


def trend_context(scope: Scope) -> dict:
    """What `_dashboard_trend.html` prints; without a cycle or objectives only why it is empty."""
    weeks = read_weeks(scope)
    if not weeks:
        return {"lines": [], "chart": None, "why_empty": EMPTY, "of": scope_words(scope)}
    return {
        "lines": [
            Line(
                day_near(one.on, scope.on),
                one.count,
                percent(one.progress),
                percent(one.expected),
                NO_VALUE if one.confidence is None else f"{number(one.confidence, 1)}/10",
            )
            for one in weeks
        ],
        "chart": _figure(weeks, scope),
        "chart_words": chart_words(weeks),
        "of": scope_words(scope),
    }


def _figure(weeks: Sequence[trend.Week], scope: Scope) -> dict:
    said = [
        Said(one.on, one.progress, _tenths(one.confidence), _hover(one))
        for one in weeks
        if one.confidence is not None
    ]
    pace = [Pace(one.on, one.expected) for one in weeks if one.expected is not None]
    cycle = scope.cycle
    return key_result_figure(
        said, pace, starts_on=cycle.starts_on, ends_on=cycle.ends_on, today=scope.on
    )


def _tenths(value: Decimal) -> float:
    """A mean confidence at the edge to the chart: a pixel from now on."""
    return round(float(value), 1)


def _hover(one: trend.Week) -> str:
    return f"progress {percent(one.progress)}, confidence {number(one.confidence, 1)} of 10"


def chart_words(weeks: Sequence[trend.Week]) -> str:
    """What the chart shows, for people who do not see it."""
    first, last = weeks[0], weeks[-1]
    return (
        f"Mean progress of the objectives from {percent(first.progress)} to "
        f"{percent(last.progress)}, {percent(last.expected)} expected. Every week is in the table."
    )
