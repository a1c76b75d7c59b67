"""The judged periods of KPIs in stretches of days, when their state rows no longer reach so far."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import NamedTuple

from metrics.evaluation.loading import load_exclusions, load_subjects
from metrics.evaluation.measurements import load_values, load_windows


class Window(NamedTuple):
    """The periods of a KPI that lie inside `[since, until)` and start before `judged_before`."""

    kpi_id: int
    since: date
    until: date
    judged_before: date


def values_within(windows: Collection[Window]) -> dict[Window, list[Decimal | None]]:
    """The value of each judged period of each window, oldest first; None where it had none.

    Excluded periods are left out. A fixed number of queries at any size, none without windows.
    """
    if not windows:
        return {}
    # Only the calendar and the settings are read, which no moment changes.
    moment = datetime.combine(max(one.until for one in windows), time(), UTC)
    subjects = load_subjects({one.kpi_id for one in windows}, moment)
    found, unclear = load_windows((one[:3] for one in windows), subjects)
    if unclear:
        found |= load_values((), unclear, subjects)
    excluded = load_exclusions(subjects)
    return {
        one: [
            found.get(one.kpi_id, {}).get(start)
            for start in _starts(one, subjects[one.kpi_id].plan)
            if start not in excluded.get(one.kpi_id, ())
        ]
        for one in windows
    }


def _starts(window: Window, plan) -> Iterable[date]:
    """The first days of the window's judged periods; none for a KPI without a cadence."""
    if plan is None:
        return ()
    periods = plan.line.closed(window.since, window.until)
    return (period.start for period in periods if period.start < window.judged_before)
