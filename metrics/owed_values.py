"""Which periods of a KPI wait for a value, when it is due, and until when it is in time. Pure.

Told from the state row alone (`KpiState.recent` and `watermark_on`), without replaying: the judged
periods at the end that had none, and the closed ones that are not judged yet.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta

from metrics.evaluation.recent import RecentPeriod
from metrics.models import Kpi
from metrics.periods import Period, period_of, period_short_label
from metrics.standpoint import HAS_VALUE, MISSING
from metrics.wording import ago, day_week


def periods_owed(
    kpi: Kpi,
    recent: Iterable[RecentPeriod],
    fiscal_month: int,
    today: date,
    *,
    most_waiting: int = 1,
) -> list[Period]:
    """The judged periods at the end without a value, and closed ones not judged yet, oldest first.

    Of those there are several where the evaluation is behind or the grace is longer than a period;
    all but the first may have a value already, so more than one is for callers that look (`KEPT`
    is plenty). `kpi` comes with state and cadence; `today` is the date in the organisation's zone.
    Empty without a cadence.
    """
    if kpi.cadence is None:
        return []
    kind = kpi.cadence.kind
    found: list[Period] = []
    for one in recent:
        if one.status == MISSING:
            found.append(period_of(one.on, kind, fiscal_month))
        elif one.status in HAS_VALUE:
            found.clear()
    waiting_on = kpi.state.watermark_on
    for _ in range(most_waiting if waiting_on is not None else 0):
        waiting = period_of(waiting_on, kind, fiscal_month)
        settle = kpi.settings_on(waiting.start).settle_days
        if waiting.end + timedelta(days=settle) > today:
            break
        found.append(waiting)
        waiting_on = waiting.end
    return found


def days_of_grace(kpi: Kpi, start: date) -> int:
    """How many days after the last one of the period that starts then its value is not late; the
    first always counts."""
    return max(kpi.due_terms_on(start).wait_days, 1)


def in_time_until(kpi: Kpi, period: Period) -> date:
    """The last day on which a period's value is not late: its due day and the grace after it."""
    return period.last_day + timedelta(days=days_of_grace(kpi, period.start))


def value_due_on(kpi: Kpi, period: Period) -> date:
    """The due day of a period's value, as the terms of the KPI say; grace is not counted."""
    return period.last_day + timedelta(days=kpi.due_terms_on(period.start).due_days)


def due_words(kpi: Kpi, period: Period, today: date) -> str:
    """`due Mon 17 Aug`; once that is past, until when it is in time, or how long ago it was."""
    terms = kpi.due_terms_on(period.start)
    due = period.last_day + timedelta(days=terms.due_days)
    until = period.last_day + timedelta(days=max(terms.wait_days, 1))
    words = f"due {day_week(due)}"
    if today <= due:
        return words
    then = f"in time until {day_week(until)}" if today <= until else ago(due, today)
    return f"{words}, {then}"


def value_asked_on(kpi: Kpi, period: Period) -> date:
    """The day for which people are reminded of a period's value: the due day of the terms.

    Where they state none, or the KPI has a grace of its own, the last day on which it is not late.
    """
    due_days = kpi.cadence.terms_on(period.start, kpi.team_id).due_days
    if kpi.own_on(period.start).grace_days is not None or not due_days:
        return in_time_until(kpi, period)
    return period.last_day + timedelta(days=due_days)


def owed_name(period: Period, fiscal_month: int, today: date) -> str:
    """`July`, `W33`, `Q2 26`: as short as a row wants it."""
    if period.cadence == "monthly" and period.start.year == today.year:
        return f"{period.start:%B}"
    return period_short_label(period, fiscal_month)
