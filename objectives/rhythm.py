"""When check-ins are due, and which due day one answers (product.md 2.11). Pure.

A week is due on the organisation's check-in day, a month on the last such day in it. A due day is
missed once the next one has come; until then a check-in for it is late.
"""

from __future__ import annotations

from calendar import monthrange
from datetime import date, timedelta

from objectives.kinds import Rhythm

DAY = timedelta(days=1)
# How long after its due day a check-in may come before the figure is called stale.
GRACE_DAYS = {Rhythm.WEEKLY: 3, Rhythm.MONTHLY: 5}


def due_from(day: date, rhythm: str, weekday: int) -> date:
    """The first due day on or after `day`; `weekday` 1 is Monday, 7 Sunday."""
    if rhythm == Rhythm.WEEKLY:
        return day + timedelta(days=(weekday - day.isoweekday()) % 7)
    due = _last_in_month(day.year, day.month, weekday)
    if due >= day:
        return due
    year, month = divmod(day.year * 12 + day.month, 12)
    return _last_in_month(year, month + 1, weekday)


def due_before(day: date, rhythm: str, weekday: int) -> date:
    """The last due day before `day`."""
    if rhythm == Rhythm.WEEKLY:
        return day - timedelta(days=(day.isoweekday() - weekday - 1) % 7 + 1)
    due = _last_in_month(day.year, day.month, weekday)
    if due < day:
        return due
    year, month = divmod(day.year * 12 + day.month - 2, 12)
    return _last_in_month(year, month + 1, weekday)


def _last_in_month(year: int, month: int, weekday: int) -> date:
    last = date(year, month, monthrange(year, month)[1])
    return last - timedelta(days=(last.isoweekday() - weekday) % 7)


def answered(made_on: date, owed_on: date | None, rhythm: str, weekday: int) -> date:
    """The due day a check-in made on `made_on` answers; `owed_on` is the oldest one not answered.

    The last due day while it is late, else the coming one. None owed means the coming one.
    """
    coming = due_from(made_on, rhythm, weekday)
    last = due_before(coming, rhythm, weekday)
    is_late = owed_on is not None and owed_on <= last and made_on < coming
    return last if is_late else coming


def first_owed(starts_on: date, ends_on: date, rhythm: str, weekday: int) -> date | None:
    """The first due day on or after `starts_on`; None when the cycle is over before it."""
    due = due_from(starts_on, rhythm, weekday)
    return due if due <= ends_on else None


def is_stale(owed_on: date | None, rhythm: str, today: date) -> bool:
    """True once the day owed is past by more than the grace."""
    return owed_on is not None and today > owed_on + timedelta(days=GRACE_DAYS[Rhythm(rhythm)])
