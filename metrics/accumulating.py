"""Targets for the total of a fiscal quarter or year: the running total against its due share.

product.md 2.7. Pure: no database, no clock. At each closed period of the window

    running total = the values of the window's periods so far
    due share     = T * days so far / days of the window

and the period is judged by comparing the two. Say 1,200 by the end of a calendar year, monthly:
after January 1,200 * 31 / 365 = 101.9 are due, after June 1,200 * 181 / 365 = 595.1, after
December all 1,200. With 100, 90 and 120 the total after March is 310 of 295.9 due: on target.

What the formula leaves open, and what holds here:

- A window is made of the periods that begin in it, so that each period belongs to one window: of
  weeks it has 13 or 14, 52 or 53.
- A missing period adds no value, but its time has passed: it is `missing` itself, and the periods
  after it compare the total of what is there with the share of all days so far.
- An excluded period does nothing at all: neither its value nor its days count.
- A KPI that starts inside a window owes the share of the days from then on, not of those before.
- The target of a period is, as ever, the one in force on its first day; the total counts from the
  beginning of the window whatever the target was then.

To the rest of the engine a period has the running total for its value and the due share for its
target. A resume needs the totals of the windows that run: they are the checkpoint's last part.

Usage::

    if targets.windows:
        targets, values = run_up(targets, line, values, excluded, today, checkpoint)
    result = replay(settings, line, targets, values, excluded, today, checkpoint)
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Collection, Mapping
from datetime import date
from decimal import Decimal
from functools import lru_cache
from typing import NamedTuple

from metrics.judging import OFF_TARGET, Rule, Targets
from metrics.periods import Period, Timeline, first_period, period_of
from metrics.values import EXACT, QUOTIENT

# Far more digits than two different stored numbers can agree in; a due share may have no end.
_SHARE = EXACT.copy()
_SHARE.prec = 60
_SIGNIFICANT = 4
_PLACES = 2


class Tally(NamedTuple):
    """Where a window stands: its first day, the total so far and the days it took."""

    window: date
    total: Decimal
    days: int


class Pace(NamedTuple):
    """One period: its own value, and for each kind of window the tally after it and its length."""

    own: Decimal | None
    tallies: dict[str, tuple[Tally, int]]


class ShareRule(Rule):
    """The rule of one period of an accumulating target: its bounds are the due share.

    ``base`` is the rule of the whole window. ``source.target`` is the due share as it is printed,
    rounded; a verdict never rests on it.
    """

    __slots__ = ("_base", "pace")

    def __init__(self, base: Rule, pace: Pace) -> None:
        tally, whole = pace.tallies[base.source.over]
        days = min(tally.days, whole)
        due = _SHARE.divide(EXACT.multiply(base.source.target, Decimal(days)), Decimal(whole))
        self._base, self.pace = base, pace
        super().__init__(base.direction, base.source._replace(target=due), 1, 1)
        self.source = base.source._replace(target=printed(due))
        self.patience, self.recovery = base.patience, base.recovery

    @property
    def base(self) -> Rule:
        return self._base

    def distance(self, value: Decimal) -> Decimal:
        """As it is printed; the severity goes by the exact one."""
        return printed(super().distance(value))

    def miss(self, value: Decimal) -> Decimal | None:
        return QUOTIENT.divide(super().distance(value), self.scale) if self.scale else None

    def own(self, value: Decimal | None) -> Decimal | None:
        return self.pace.own

    def projected(self, value: Decimal) -> Decimal:
        """The total the window ends with at this pace, in the terms of the whole target."""
        tally, whole = self.pace.tallies[self.source.over]
        days = min(tally.days, whole)
        return printed(_SHARE.divide(EXACT.multiply(value, Decimal(whole)), Decimal(days)))


def printed(number: Decimal) -> Decimal:
    """Round to two decimals, or to four significant digits where those are finer."""
    places = max(_PLACES, _SIGNIFICANT - 1 - number.adjusted()) if number else _PLACES
    rounded = number.quantize(Decimal(1).scaleb(-places), context=_SHARE)
    whole = rounded.to_integral_value()
    return whole if rounded == whole else rounded.normalize(_SHARE)


class Paced(Targets):
    """A target history with a rule for each closed period from the checkpoint on.

    Before and after those it is as it was; ``base`` is the history without the due shares.
    """

    __slots__ = ("_paces", "base")

    def __init__(self, base: Targets, periods: list[tuple[Period, Pace]]) -> None:
        self.base = base
        self._paces = {period.start: pace for period, pace in periods}
        effective, rules = list(base.effective), list(base.rules)
        if periods:
            first, end = periods[0][0].start, periods[-1][0].end
            before = bisect_left(effective, first)
            after = bisect_right(effective, end)
            middle = [(one.start, share_rule(base.in_force(one.start), p)) for one, p in periods]
            middle.append((end, base.in_force(end)))
            effective[before:after] = [day for day, _ in middle]
            rules[before:after] = [rule for _, rule in middle]
        super().__init__(effective, rules)
        self.windows = base.windows

    def would_miss(self, raised: date, start: date, value: Decimal) -> bool:
        pace, old = self._paces[start], self.base.in_force(raised)
        judged = _judged(old, pace)
        return (
            old is not None
            and judged is not None
            and (
                share_rule(old, pace).status(judged) == OFF_TARGET  # type: ignore[union-attr]
            )
        )

    def carried(self, start: date) -> str:
        """The tallies after the period that starts on ``start``, as a checkpoint keeps them."""
        return ";".join(
            f"{kind},{tally.window},{tally.total},{tally.days}"
            for kind, (tally, _) in self._paces[start].tallies.items()
        )


def share_rule(rule: Rule | None, pace: Pace) -> Rule | None:
    """The rule of one period: the due share where the target accumulates."""
    return ShareRule(rule, pace) if rule is not None and rule.source.over else rule


def _judged(rule: Rule | None, pace: Pace) -> Decimal | None:
    """What is compared with the target: the running total where it accumulates; None: no value."""
    if rule is None or not rule.source.over or pace.own is None:
        return pace.own
    return pace.tallies[rule.source.over][0].total


def run_up(
    targets: Targets,
    line: Timeline,
    values: Mapping[date, Decimal | None],
    excluded: Collection[date],
    today: date,
    checkpoint: str = "",
) -> tuple[Paced, dict[date, Decimal | None]]:
    """The targets and values to judge by, from the checkpoint on ("": from the first period).

    ``values`` are those of the periods themselves; ``today`` is the reckoned day.
    """
    base = targets.base if isinstance(targets, Paced) else targets
    parts = checkpoint.split("/")
    tallies = _read(parts[4]) if len(parts) > 4 else {}
    since = date.fromisoformat(checkpoint[:10]) if checkpoint else line.first
    judged, periods = dict(values), []
    for period in line.closed(since, today):
        pace = _step(
            period, values.get(period.start), period.start in excluded, tallies, base, line
        )
        tallies = {kind: tally for kind, (tally, _) in pace.tallies.items()}
        periods.append((period, pace))
        if pace.own is not None and period.start not in excluded:
            judged[period.start] = _judged(base.in_force(period.start), pace)
    return Paced(base, periods), judged


def _step(
    period: Period,
    value: Decimal | None,
    is_out: bool,
    before: Mapping[str, Tally],
    targets: Targets,
    line: Timeline,
) -> Pace:
    """The tallies after one more period."""
    found = {}
    for kind in targets.windows:
        window = period_of(period.start, kind, line.fiscal_start_month)
        tally = before.get(kind)
        if tally is None or tally.window != window.start:
            tally = Tally(window.start, Decimal(0), 0)
        if not is_out:
            total = tally.total if value is None else EXACT.add(tally.total, value)
            tally = Tally(window.start, total, tally.days + (period.end - period.start).days)
        found[kind] = (tally, window_days(window, period.cadence, line.fiscal_start_month))
    return Pace(value, found)


@lru_cache(maxsize=4096)
def window_days(window: Period, cadence: str, fiscal_start_month: int) -> int:
    """The days of the periods of a cadence that begin in a window, at least 1."""
    first = first_period(window.start, cadence, fiscal_start_month).start
    after = first_period(window.end, cadence, fiscal_start_month).start
    return max((after - first).days, 1)


def window_start(day: date, kind: str, fiscal_start_month: int) -> date:
    """The first day of the window a day falls into: from there on a new target may judge anew."""
    return period_of(day, kind, fiscal_start_month).start


def _read(text: str) -> dict[str, Tally]:
    """The tallies a checkpoint carries."""
    found = {}
    for one in text.split(";") if text else ():
        kind, window, total, days = one.split(",")
        found[kind] = Tally(date.fromisoformat(window), Decimal(total), int(days))
    return found
