"""Which lesson a person reads today. Pure: the same notes, role, past and day give the same one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta

from objectives.lessons import LESSONS, Lesson

# A note that stays brings its lesson back after a while, not every other day.
REST = timedelta(days=14)


def lesson_of_day(
    notes: Sequence[str],
    role: str,
    seen: Mapping[str, date],
    today: date,
    *,
    lessons: Sequence[Lesson] = LESSONS,
) -> Lesson | None:
    """The lesson for a person of a role: "member", "lead" or "admin".

    `notes` are codes of the coach's rules, the latest first; `seen` the day each lesson was last
    shown. The lesson of a day stays through the day, and is never that of the day before. First
    comes what answers a note and was not shown for two weeks, then what was never shown, then what
    was shown longest ago. None where there is nothing but yesterday's.
    """
    fitting = [one for one in lessons if role in one.roles]
    current = next((one for one in lessons if seen.get(one.key) == today), None)
    if current is not None:
        return current
    latest = max((day for day in seen.values()), default=None)
    fresh = [one for one in fitting if latest is None or seen.get(one.key) != latest]
    for code in notes:
        for one in fresh:
            if code in one.rules and seen.get(one.key, date.min) <= today - REST:
                return one
    return min(fresh, key=lambda one: seen.get(one.key, date.min), default=None)
