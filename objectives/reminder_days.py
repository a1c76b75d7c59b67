"""When somebody is reminded of what they owe. Pure.

Of one thing on its due day, three days after it and a week after it, and then no more: My week
keeps showing it. A day on which nothing could be sent is made up for within a week.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, timedelta

AFTER_DAYS = (0, 3, 7)
WEEK = timedelta(days=7)
WEEKLY_CAP = 2


def wants_reminder(due_on: date, told_on: date | None, today: date) -> bool:
    """Whether a thing that is due asks for a reminder; `told_on` is the day of the last one."""
    passed = [day for n in AFTER_DAYS if (day := due_on + timedelta(days=n)) <= today]
    if not passed or today - passed[-1] >= WEEK:
        return False
    return told_on is None or told_on < passed[-1]


def is_held(told_on: Collection[date], today: date) -> bool:
    """Whether a person was reminded as often as they may be in the seven days that end today."""
    return sum(today - WEEK < day <= today for day in told_on) >= WEEKLY_CAP
