"""What a chart is made of before it is drawn: periods, spans, rules, and safe words."""

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from decimal import Decimal
from html import escape
from itertools import groupby
from typing import NamedTuple

from metrics.kinds import Direction
from metrics.wording import target_sign


class ChartPoint(NamedTuple):
    """One judged or open period, half-open in local dates; quantities in the KPI's unit.

    `value` None is a period without one. The rule is `target`, or `low` and `high`; `tolerance` is
    the absolute width of the near band, 0 for none.
    """

    start: date
    end: date
    value: Decimal | None
    status: str
    target: Decimal | None = None
    low: Decimal | None = None
    high: Decimal | None = None
    tolerance: Decimal = Decimal(0)


class Span(NamedTuple):
    """A stretch of local dates, half-open, with its words: an off-target signal or an OKR."""

    start: date
    end: date
    label: str = ""


class Rule(NamedTuple):
    """A stretch of periods under one target; `lower` and `upper` are its bounds."""

    start: date
    end: date
    lower: Decimal | None
    upper: Decimal | None
    tolerance: Decimal


def rules_of(series: Sequence[ChartPoint], direction: str, last: date) -> Iterator[Rule]:
    """Yield the stretches that have a target, in order; the newest reaches to the axis' end."""
    for rule, group in groupby(series, key=lambda p: p[4:]):
        stretch = list(group)
        target, low, high, tolerance = rule
        if direction != Direction.RANGE:
            low, high = (target, None) if direction == Direction.HIGHER else (None, target)
        end = last if stretch[-1] is series[-1] else stretch[-1].end
        if low is not None or high is not None:
            yield Rule(stretch[0].start, end, low, high, tolerance)


def bounds(rule: Rule) -> list[tuple[Decimal, int]]:
    """Return each bound of a rule with the side on which it is missed: 1 above, -1 below."""
    sides = ((rule.lower, -1), (rule.upper, 1))
    return [(level, side) for level, side in sides if level is not None]


def rule_sign(rule: Rule, direction: str, unit: str) -> str:
    """Return a rule for a label: `≤ 8.5 %`."""
    single = rule.lower if direction == Direction.HIGHER else rule.upper
    return plain(target_sign(direction, single, rule.lower, rule.upper, unit))


def middle(period: ChartPoint) -> str:
    """Return the middle day of a period, where its value is drawn."""
    return (period.start + timedelta(days=((period.end - period.start).days - 1) // 2)).isoformat()


def plain(text: str) -> str:
    """Return words that plotly shows as they are: it would read tags and entities as HTML."""
    return escape(text, quote=False)
