"""Did an update come in time? (product.md 2.11). Pure: local dates in, a verdict out.

An update is what a rhythm asks for again and again: a period's value, a check-in. One is due on a
day; it is late until the next one is due and missed after that. Days of grace count as in time, so
that nobody is late for what may still come; with no grace this is 2.11 to the letter. The day it
first came counts, not that of a later correction.

Usage::

    timeliness(date(2026, 7, 31), date(2026, 8, 31), came_on=date(2026, 8, 4), today=today,
               grace_days=5)                                           # Timeliness.ON_TIME
"""

from __future__ import annotations

from datetime import date, timedelta

from django.db.models import TextChoices


class Timeliness(TextChoices):
    """What to say of one update; one that has not come is counted once its grace is over."""

    NOT_DUE = "not_due", "not due yet"
    ON_TIME = "on_time", "on time"
    LATE = "late", "late"
    MISSED = "missed", "missed"


def timeliness(
    due: date, next_due: date, *, came_on: date | None, today: date, grace_days: int = 0
) -> Timeliness:
    """The verdict on the update due on `due`, as seen on `today`; all are local dates.

    `next_due`, after `due`, is the day the next one is due; `came_on` is when it first came, None
    if it has not. Raises ValueError unless `due` < `next_due` and `grace_days` >= 0.

    Every day is inclusive: on the last day of grace it is on time, on the next due date still late.
    A grace that reaches the next due date or beyond leaves no late.
    """
    if next_due <= due or grace_days < 0:
        raise ValueError("The next update is due after this one, and grace is not negative.")
    last_day = due + timedelta(days=grace_days)
    reached = today if came_on is None else came_on
    if reached <= last_day:
        return Timeliness.NOT_DUE if came_on is None else Timeliness.ON_TIME
    return Timeliness.LATE if reached <= next_due else Timeliness.MISSED


def is_stale(due: date, *, came_on: date | None, today: date, grace_days: int) -> bool:
    """Is the update still out after its grace: today > due + grace?"""
    return came_on is None and today > due + timedelta(days=grace_days)
