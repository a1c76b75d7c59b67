"""Walks each KPI with the pure engine and works out what its state row says afterwards."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import NamedTuple

from metrics.accumulating import run_up
from metrics.episodes import OFF_KIND, RAISED, RECOVERING, Episode
from metrics.evaluation.loading import Material, Plan, StateRow, Subject
from metrics.evaluation.recent import (
    KEPT,
    entry,
    entry_of,
    judged,
    judged_periods,
    same_status_since,
)
from metrics.evaluation.sql import as_day, day_text
from metrics.judging import NO_TARGETS, Targets
from metrics.periods import first_instant
from metrics.replay import Result, replay

NOTHING: Mapping = {}
NO_DAYS: frozenset[date] = frozenset()
OPEN_PHASES = frozenset({RAISED, RECOVERING})


# What the state row shows of the judged periods: `latest_on`, `latest_value`, `latest_status`,
# `status_since` and `recent`, days and numbers as text. A plain tuple, because it is on every row.
Display = tuple[str | None, str | None, str, str | None, str]


class Walk(NamedTuple):
    """One KPI's walk: what it was given and what came of it.

    `episodes` are those that may touch signals: none for a KPI without its four essentials.
    `display` None: nothing was judged in this walk. `due_at` is the next moment at which the walk
    could find anything new, by the calendar alone.
    """

    state: StateRow
    subject: Subject
    plan: Plan
    targets: Targets
    values: Mapping[date, Decimal]
    excluded: Collection[date]
    replayed: bool
    result: Result
    episodes: tuple[Episode, ...]
    display: Display | None
    due_at: datetime

    @property
    def kpi_id(self) -> int:
        """The KPI that was walked."""
        return self.state.kpi_id

    @property
    def touches_signals(self) -> bool:
        """May this KPI have a signal to open, change or end?"""
        state = self.state
        if self.episodes:
            return not self.is_steady
        return self.replayed or state.is_stale or state.phase in OPEN_PHASES

    @property
    def is_steady(self) -> bool:
        """Is the open signal just as the last evaluation left it? (`KpiState.steady`)"""
        state = self.state
        return (
            state.steady != ""
            and not self.replayed
            and len(self.episodes) == 1
            and self.episodes[0].kind == OFF_KIND
            and self.result.standing.severity == state.steady
            and self.episodes[0].spans[-1].raised.isoformat() < state.checkpoint[:10]
        )


class Next(NamedTuple):
    """The first period that is not judged: when it ends, and until when it settles or waits."""

    start: date
    closed: datetime
    settled: datetime
    waited: datetime

    @classmethod
    def after(cls, plan: Plan, until: date) -> Next:
        """That period of a plan whose periods before `until` are judged."""
        _, start, end = plan.line.next_after(until)
        settings = plan.settings.on(start)
        days = (0, settings.settle_days, settings.grace_days)
        return cls(start, *[first_instant(end + timedelta(days=n), plan.zone) for n in days])


class Clock:
    """When to look at a KPI again; remembers, since KPIs of one calendar share the answer."""

    def __init__(self) -> None:
        self._next: dict[tuple[int, str], Next] = {}

    def next_look(self, plan: Plan, until: str, values: Mapping, excluded: Collection) -> datetime:
        """The moment the first period that is not judged may be: its end, and with a value the
        settling days after it, without one the grace (signals.md 6)."""
        following = self._next.get((id(plan), until))
        if following is None:
            following = self._next[id(plan), until] = Next.after(plan, as_day(until))
        start, closed, settled, waited = following
        if start in excluded:
            return closed
        return settled if start in values else waited


def walk_kpi(
    state: StateRow, subject: Subject, plan: Plan, material: Material, clock: Clock
) -> Walk:
    """Walk one KPI from its checkpoint, or from its first period."""
    kpi_id = state.kpi_id
    values = material.values.get(kpi_id, NOTHING)
    targets = material.targets.get(kpi_id, NO_TARGETS)
    excluded = material.excluded.get(kpi_id, NO_DAYS)
    replayed = kpi_id in material.replayed
    if targets.windows:
        targets, values = run_up(
            targets, plan.line, values, excluded, plan.today, "" if replayed else state.checkpoint
        )
    result = replay(
        plan.settings,
        plan.line,
        targets,
        values,
        excluded,
        plan.today,
        "" if replayed else state.checkpoint,
    )
    until = result.checkpoint[:10] or plan.line.first.isoformat()
    display = None
    if replayed:
        display = _whole_display(plan, targets, values, excluded, as_day(until))
    elif result.judged == 1:
        display = _next_display(state, targets, result)
    elif result.judged:
        display = _further_display(state, plan, targets, values, excluded, as_day(until))
    return Walk(
        state,
        subject,
        plan,
        targets,
        values,
        excluded,
        replayed,
        result,
        result.episodes if targets is not NO_TARGETS else (),
        display,
        clock.next_look(plan, until, values, excluded),
    )


def _next_display(state: StateRow, targets: Targets, result: Result) -> Display:
    """The display after one more period: the common case, kept short for speed."""
    status, value = result.latest_status, result.latest_value
    start = result.latest.start  # type: ignore[union-attr]
    day = day_text(start)
    number = None if value is None else str(value)
    text = entry_of(day, status, number or "", targets.in_force(start))  # type: ignore[arg-type]
    recent = state.recent
    if recent.count(" ") >= KEPT - 1:
        recent = recent[recent.index(" ") + 1 :]
    return (
        day,
        number,
        status,  # type: ignore[return-value]
        state.status_since if status == state.latest_status else day,
        f"{recent} {text}" if recent else text,
    )


def _further_display(
    state: StateRow,
    plan: Plan,
    targets: Targets,
    values: Mapping,
    excluded: Collection,
    until: date,
) -> Display:
    """The display after several more periods, as after an outage."""
    since = as_day(state.checkpoint[:10])
    fresh = [
        judged(period.start, targets, values, excluded) for period in plan.line.closed(since, until)
    ]
    status, status_since = state.latest_status, state.status_since
    for one in fresh:
        if one.status != status:
            status, status_since = one.status, one.start.isoformat()
    texts = state.recent.split(" ") if state.recent else []
    texts += [entry(*one) for one in fresh]
    last = fresh[-1]
    recent = " ".join(texts[-KEPT:])
    return (last.start.isoformat(), _number(last.value), status, status_since, recent)


def _whole_display(
    plan: Plan, targets: Targets, values: Mapping, excluded: Collection, until: date
) -> Display:
    """The display after a walk from the first period."""
    line = plan.line
    known = (line, targets, values, excluded)
    last = judged_periods(*known, since=line.first, until=until, at_most=KEPT)
    if not last:
        return (None, None, "", None, "")
    latest = last[-1]
    since = same_status_since(*known, latest=latest, since=line.first)
    text = " ".join([entry(*one) for one in last])
    return (
        latest.start.isoformat(),
        _number(latest.value),
        latest.status,
        since.isoformat(),
        text,
    )


def _number(value: Decimal | None) -> str | None:
    return None if value is None else str(value)
