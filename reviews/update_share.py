"""How many of a cycle's updates came in time, from counts of key results and check-ins. Pure.

Counts, not rows: a cycle has few due days, however many key results share them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from decimal import Decimal
from typing import NamedTuple

from metrics.timeliness import Timeliness, timeliness
from objectives import rhythm


class Owing(NamedTuple):
    """`count` key results that owe check-ins alike, from `starts_on` to `ends_on`."""

    rhythm: str
    starts_on: date
    ends_on: date
    count: int


class Came(NamedTuple):
    """`count` check-ins for one due day that first came on one local day."""

    rhythm: str
    due_on: date
    came_on: date
    count: int


class Updates(NamedTuple):
    """Updates whose time is over or that came; `missed` never came or came after the next."""

    on_time: int = 0
    late: int = 0
    missed: int = 0

    @property
    def due(self) -> int:
        """How many there are to speak of."""
        return self.on_time + self.late + self.missed

    @property
    def ratio(self) -> Decimal | None:
        """The share that came in time, 0..1; None while nothing was due."""
        return Decimal(self.on_time) / self.due if self.due else None


def updates(owing: Iterable[Owing], came: Iterable[Came], weekday: int, today: date) -> Updates:
    """What became of the updates; `weekday` is the organisation's check-in day, 1 Monday.

    What has not come is counted once its grace is over. A check-in for a day that nobody owed (the
    key result was withdrawn before it) counts by itself.
    """
    expected: Counter[tuple[str, date]] = Counter()
    for one in owing:
        for due in _due_days(one, weekday):
            if due + timedelta(days=rhythm.GRACE_DAYS[one.rhythm]) < today:
                expected[one.rhythm, due] += one.count
    found: Counter[Timeliness] = Counter()
    answered: Counter[tuple[str, date]] = Counter()
    for one in came:
        found[_verdict(one, weekday, today)] += one.count
        answered[one.rhythm, rhythm.due_from(one.due_on, one.rhythm, weekday)] += one.count
    never = sum(max(count - answered[key], 0) for key, count in expected.items())
    return Updates(
        found[Timeliness.ON_TIME], found[Timeliness.LATE], found[Timeliness.MISSED] + never
    )


def _due_days(one: Owing, weekday: int) -> Iterator[date]:
    due = rhythm.first_owed(one.starts_on, one.ends_on, one.rhythm, weekday)
    while due is not None:
        yield due
        due = rhythm.first_owed(due + rhythm.DAY, one.ends_on, one.rhythm, weekday)


def _verdict(one: Came, weekday: int, today: date) -> Timeliness:
    next_due = rhythm.due_from(one.due_on + rhythm.DAY, one.rhythm, weekday)
    return timeliness(
        one.due_on,
        next_due,
        came_on=one.came_on,
        today=today,
        grace_days=rhythm.GRACE_DAYS[one.rhythm],
    )
