"""The last periods of a KPI as text on its state row, so that a page draws them without replaying.

One entry for each judged period, oldest first, joined by spaces, at most `KEPT`:

    2026-08-10+12/14  2026-08-17x12.4/8  2026-08-24-/8  2026-08-31~49/40..60

the period's first day, a letter for the status (`STATUS_OF`), the value (nothing if it had none),
and after a slash the target then in force (nothing without one; a range as `low..high`).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import NamedTuple

from metrics.judging import (
    EXCLUDED,
    MISSING,
    NEAR_TARGET,
    NO_TARGET,
    OFF_TARGET,
    ON_TARGET,
    Rule,
    Targets,
)
from metrics.periods import Period, Timeline

KEPT = 13

LETTER_OF = {
    ON_TARGET: "+",
    NEAR_TARGET: "~",
    OFF_TARGET: "x",
    MISSING: "-",
    EXCLUDED: "e",
    NO_TARGET: "i",
}
STATUS_OF = {letter: status for status, letter in LETTER_OF.items()}
# The letters of the periods that had a value and were not left out.
VALUED = frozenset("+~xi")


class RecentPeriod(NamedTuple):
    """One judged period: its first day, PeriodStatus value, value and target, in the KPI's unit.

    `value` None: it had none. A one-sided target stands in `target`, a range in `low` and `high`;
    all three None: no target was in force.
    """

    on: date
    status: str
    value: Decimal | None
    target: Decimal | None
    low: Decimal | None
    high: Decimal | None


def parse_recent(text: str) -> list[RecentPeriod]:
    """The periods of `KpiState.recent`, oldest first."""
    return [_parse(entry) for entry in text.split(" ") if entry]


def _parse(entry: str) -> RecentPeriod:
    value, _, aim = entry[11:].partition("/")
    low, dots, high = aim.partition("..")
    return RecentPeriod(
        date.fromisoformat(entry[:10]),
        STATUS_OF[entry[10]],
        Decimal(value) if value else None,
        Decimal(aim) if aim and not dots else None,
        Decimal(low) if dots else None,
        Decimal(high) if dots else None,
    )


def entry(start: date, status: str, value: Decimal | None, rule: Rule | None) -> str:
    """The text of one period."""
    return entry_of(start.isoformat(), status, "" if value is None else str(value), rule)


def entry_of(day: str, status: str, number: str, rule: Rule | None) -> str:
    """The same of a day and a value that are text already ("": none)."""
    if rule is None:
        return f"{day}{LETTER_OF[status]}{number}/"
    source = rule.source
    if source.target is None:
        return f"{day}{LETTER_OF[status]}{number}/{source.low}..{source.high}"
    return f"{day}{LETTER_OF[status]}{number}/{source.target!s}"


class Judged(NamedTuple):
    """A judged period as the walk found it."""

    start: date
    status: str
    value: Decimal | None
    rule: Rule | None


def judged_periods(
    line: Timeline,
    targets: Targets,
    values: Mapping[date, Decimal],
    excluded: Collection[date],
    *,
    since: date,
    until: date,
    at_most: int,
) -> list[Judged]:
    """The last judged periods that start in `[since, until)`, oldest first."""
    periods: Sequence[Period] = line.closed(since, until)
    return [judged(period.start, targets, values, excluded) for period in periods[-at_most:]]


def judged(
    start: date, targets: Targets, values: Mapping[date, Decimal], excluded: Collection[date]
) -> Judged:
    """The status of a period known to be judged, so neither open nor awaiting (signals.md 6)."""
    value, rule = values.get(start), targets.in_force(start)
    if start in excluded:
        return Judged(start, EXCLUDED, value, rule)
    if value is None:
        return Judged(start, MISSING, None, rule)
    return Judged(start, NO_TARGET if rule is None else rule.status(value), value, rule)


def same_status_since(
    line: Timeline,
    targets: Targets,
    values: Mapping[date, Decimal],
    excluded: Collection[date],
    *,
    latest: Judged,
    since: date,
) -> date:
    """First period of the latest run of the latest status, back to the one starting on `since`."""
    first = latest.start
    for period in reversed(line.closed(since, latest.start + timedelta(days=1))):
        if judged(period.start, targets, values, excluded).status != latest.status:
            break
        first = period.start
    return first
