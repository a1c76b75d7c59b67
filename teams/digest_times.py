"""When mail leaves for a person: at once, or at an hour of theirs each day or week. Pure.

Hours are those of the person's own clock. Each local day has one moment for each hour: where the
clock skips the hour it is the first moment after, where the clock repeats it, the first of both.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from django.db.models import TextChoices

DAY = timedelta(days=1)


class MailRhythm(TextChoices):
    """How often mail comes."""

    AT_ONCE = "at_once", "at once"
    DAILY = "daily", "once a day"
    WEEKLY = "weekly", "once a week"
    NEVER = "never", "never"


class MailPlan(NamedTuple):
    """What a person chose. Hours are 0 to 23; `weekday` 1 is Monday, 7 Sunday.

    In the hours from `quiet_from` until `quiet_until`, which may lie on the next day, nothing
    leaves at once; None for both: there are no quiet hours.
    """

    rhythm: str
    hour: int
    weekday: int
    zone: ZoneInfo
    quiet_from: int | None = None
    quiet_until: int | None = None


def moment_of(day: date, hour: int, zone: ZoneInfo) -> datetime:
    """The moment at which an hour begins on a local day, in UTC."""
    return datetime.combine(day, time(hour), zone).astimezone(UTC)


def leaves_at(plan: MailPlan, ready_at: datetime) -> datetime | None:
    """When a message that is ready at a moment leaves as mail; None: never."""
    match plan.rhythm:
        case MailRhythm.NEVER:
            return None
        case MailRhythm.DAILY:
            return _next(plan, ready_at, range(1, 8))
        case MailRhythm.WEEKLY:
            return _next(plan, ready_at, (plan.weekday,))
    return _after_quiet(plan, ready_at)


def _next(plan: MailPlan, ready_at: datetime, weekdays: range | tuple[int, ...]) -> datetime:
    """The first moment of the person's hour on one of the weekdays, not before `ready_at`."""
    first = ready_at.astimezone(plan.zone).date()
    days = (first + n * DAY for n in range(9))
    moments = (moment_of(day, plan.hour, plan.zone) for day in days if day.isoweekday() in weekdays)
    return next(moment for moment in moments if moment >= ready_at)


def _after_quiet(plan: MailPlan, ready_at: datetime) -> datetime:
    if not is_quiet(plan, ready_at):
        return ready_at
    local = ready_at.astimezone(plan.zone)
    day = local.date() if local.hour < plan.quiet_until else local.date() + DAY
    return max(moment_of(day, plan.quiet_until, plan.zone), ready_at)


def is_quiet(plan: MailPlan, at: datetime) -> bool:
    """Whether a moment lies in the person's quiet hours."""
    if plan.quiet_from is None or plan.quiet_until is None:
        return False
    hour = at.astimezone(plan.zone).hour
    if plan.quiet_from <= plan.quiet_until:
        return plan.quiet_from <= hour < plan.quiet_until
    return hour >= plan.quiet_from or hour < plan.quiet_until
