"""When the values of a cadence are due next. Pure: no clock; the calendar of holidays is a table.

A value is due a number of days after its period's last day, by an hour of the organisation's clock
or of that of its terms.
On a day off people are reminded on the working day before; the due date stays. Hours that a change
of clocks skips or repeats are taken as `periods.naive_instant` says.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date, datetime, time, timedelta
from itertools import islice
from typing import NamedTuple
from zoneinfo import ZoneInfo

from metrics.days_off import reason_off, working_day_before
from metrics.periods import Period, Timeline, naive_instant, next_period, period_of
from metrics.policies import Terms

SHOWN = 6
# The due day lies at most a year after its period.
_LATEST = timedelta(days=367)


class DueDate(NamedTuple):
    """One value that will be asked for: local days, and the moment it is due in UTC.

    `missing_on` is the first day on which it counts as missing; `remind_on` the last working day
    until it is due, with `why_early` where that is not the due day itself.
    """

    period: Period
    on: date
    at: datetime
    missing_on: date
    remind_on: date
    why_early: str


def next_due_dates(
    kind: str,
    terms_of: Callable[[date], Terms],
    today: date,
    zone: ZoneInfo,
    fiscal_start_month: int = 1,
    count: int = SHOWN,
) -> list[DueDate]:
    """The next due dates of a cadence of a kind, those of today among them, in order.

    `terms_of` gives the terms of a period by its first day. Where another due day comes into force
    it may fall before that of the period before; the order is that of the periods.
    """
    period = period_of(today - _LATEST, kind, fiscal_start_month)
    return list(islice(_coming(period, next_period, terms_of, today, zone), count))


def due_dates_along(
    line: Timeline,
    terms_of: Callable[[date], Terms],
    today: date,
    zone: ZoneInfo,
    count: int = SHOWN,
) -> list[DueDate]:
    """The next due dates of one KPI, whose cadence may change: those of the periods of its line."""
    period = line.next_after(today - _LATEST)
    coming = _coming(period, lambda one: line.next_after(one.end), terms_of, today, zone)
    return list(islice(coming, count))


def _coming(
    period: Period,
    following: Callable[[Period], Period],
    terms_of: Callable[[date], Terms],
    today: date,
    zone: ZoneInfo,
) -> Iterator[DueDate]:
    while True:
        due = due_date(period, terms_of(period.start), zone)
        if due.on >= today:
            yield due
        period = following(period)


def due_date(period: Period, terms: Terms, zone: ZoneInfo) -> DueDate:
    """When the value of a period is due under these terms."""
    on = period.last_day + timedelta(days=terms.due_days)
    clock = ZoneInfo(terms.time_zone) if terms.time_zone else zone
    remind_on = working_day_before(on, terms.country, terms.days_off)
    return DueDate(
        period,
        on,
        naive_instant(datetime.combine(on, time(terms.due_hour)), clock),
        on + timedelta(days=terms.grace_days + 1),
        remind_on,
        "" if remind_on == on else reason_off(on, terms.country, terms.days_off),
    )
