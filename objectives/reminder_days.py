"""When somebody is reminded of what they owe. Pure.

Of one thing on its due day, three days after it and a week after it, and then no more: My week
keeps showing it. Where the due day is a day off, the first is on the last working day before it. On
a day off nobody is reminded; that, and a day on which nothing could be sent, is made up for within
a week.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, timedelta
from functools import lru_cache
from typing import NamedTuple

from metrics.days_off import is_day_off, working_day_before

AFTER_DAYS = (3, 7)
WEEK = timedelta(days=7)
WEEKLY_CAP = 2
# How far ahead a due day is looked at: longer than any stretch of days off but the longest.
LOOK_AHEAD = 14


class DaysOff(NamedTuple):
    """The days on which nobody is reminded: public holidays of a country ("" none), own days.

    Weekends are among them.
    """

    country: str = ""
    own: tuple[date, ...] = ()


@lru_cache(maxsize=8192)
def is_off(day: date, days: DaysOff) -> bool:
    """Whether a day is a weekend, a holiday or an own day off."""
    return is_day_off(day, days.country, days.own)


@lru_cache(maxsize=8192)
def asked_first(due_on: date, days: DaysOff) -> date:
    """The day of the first reminder: the due day, or the last working day before it."""
    return working_day_before(due_on, days.country, days.own)


def due_early(today: date, calendars: Collection[DaysOff]) -> list[date]:
    """The days to come that somebody is reminded of by today, since they are days off."""
    coming = (today + timedelta(days=n) for n in range(1, LOOK_AHEAD + 1))
    return [day for day in coming if any(asked_first(day, one) <= today for one in calendars)]


def wants_reminder(due_on: date, asked_on: date, told_on: date | None, today: date) -> bool:
    """Whether a thing that is due asks for a reminder, where today is no day off.

    `asked_on` is the day of its first one, `told_on` that on which the person was reminded last.
    """
    days = (asked_on, *(due_on + timedelta(days=n) for n in AFTER_DAYS))
    passed = [day for day in days if day <= today]
    if not passed or today - passed[-1] >= WEEK:
        return False
    return told_on is None or told_on < passed[-1]


def is_held(told_on: Collection[date], today: date) -> bool:
    """Whether a person was reminded as often as they may be in the seven days that end today."""
    return sum(today - WEEK < day <= today for day in told_on) >= WEEKLY_CAP
