"""Walks each KPI with the pure engine and works out what its state row says afterwards."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import NamedTuple

from metrics.episodes import RAISED, RECOVERING, Episode
from metrics.evaluation.loading import Material, Plan, StateRow, Subject, as_day
from metrics.evaluation.recent import (
    KEPT,
    Judged,
    entry,
    judged_periods,
    same_status_since,
)
from metrics.judging import NO_TARGETS, Targets
from metrics.periods import first_instant
from metrics.replay import Result, replay

NOTHING: Mapping = {}
OPEN_PHASES = frozenset({RAISED, RECOVERING})


class Display(NamedTuple):
    """What the state row shows of the judged periods; None: nothing was judged in this walk."""

    latest_on: date | None
    latest_value: Decimal | None
    latest_status: str
    status_since: str | None
    recent: str


class Walk(NamedTuple):
    """One KPI's walk: what it was given and what came of it.

    `episodes` are those that may touch signals: none for a KPI without its four essentials.
    `due_at` is the next moment at which the walk could find anything new, by the calendar alone.
    """

    state: StateRow
    subject: Subject
    plan: Plan
    targets: Targets
    values: Mapping[date, Decimal]
    excluded: Iterable[date]
    replayed: bool
    result: Result
    episodes: tuple[Episode, ...]
    display: Display | None
    due_at: datetime

    @property
    def touches_signals(self) -> bool:
        """May this KPI have a signal to open, change or end?"""
        state = self.state
        return bool(self.episodes or self.replayed or state.is_stale or state.phase in OPEN_PHASES)


class Clock:
    """When to look at a KPI again; remembers, since KPIs of one calendar share the answer."""

    def __init__(self) -> None:
        self._known: dict[tuple, datetime] = {}

    def next_look(self, plan: Plan, until: str, values: Mapping, excluded: Iterable) -> datetime:
        """The moment the first period that is not judged may be: its end, and with a value the
        settling days after it, without one the grace (signals.md 6)."""
        line = plan.line
        key = (id(line), until)
        known = self._known.get(key)
        if known is None:
            known = self._known[key] = line.next_after(as_day(until))
        start, end = known.start, known.end
        settings = plan.settings
        if start in excluded:
            days = 0
        else:
            days = settings.settle_days if start in values else settings.grace_days
        key = (end, days, plan.zone.key)
        moment = self._known.get(key)
        if moment is None:
            moment = self._known[key] = first_instant(end + timedelta(days=days), plan.zone)
        return moment


def walk_kpi(
    state: StateRow, subject: Subject, plan: Plan, material: Material, clock: Clock
) -> Walk:
    """Walk one KPI from its checkpoint, or from its first period."""
    kpi_id = state.kpi_id
    values = material.values.get(kpi_id, NOTHING)
    targets = material.targets.get(kpi_id, NO_TARGETS)
    excluded = material.excluded.get(kpi_id, ())
    replayed = state.must_replay
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
        _display(state, plan, targets, values, excluded, replayed, result, until),
        clock.next_look(plan, until, values, excluded),
    )


def _display(
    state: StateRow,
    plan: Plan,
    targets: Targets,
    values: Mapping,
    excluded: Iterable,
    replayed: bool,
    result: Result,
    until: str,
) -> Display | None:
    if replayed:
        return _whole_display(plan, targets, values, excluded, as_day(until))
    if not result.judged:
        return None
    if result.judged == 1:
        latest = result.latest
        start = latest.start  # type: ignore[union-attr]
        rule = targets.in_force(start)
        fresh = [Judged(start, result.latest_status, result.latest_value, rule)]  # type: ignore[arg-type]
    else:
        fresh = judged_periods(
            plan.line,
            targets,
            values,
            excluded,
            since=as_day(state.checkpoint[:10]),
            until=as_day(until),
            at_most=result.judged,
        )
    status, since = state.latest_status, state.status_since
    for one in fresh:
        if one.status != status:
            status, since = one.status, one.start.isoformat()
    texts = state.recent.split(" ") if state.recent else []
    texts += [entry(*one) for one in fresh]
    last = fresh[-1]
    return Display(last.start, last.value, status, since, " ".join(texts[-KEPT:]))


def _whole_display(
    plan: Plan, targets: Targets, values: Mapping, excluded: Iterable, until: date
) -> Display:
    """The display after a walk from the first period."""
    line = plan.line
    known = (line, targets, values, excluded)
    last = judged_periods(*known, since=line.first, until=until, at_most=KEPT)
    if not last:
        return Display(None, None, "", None, "")
    latest = last[-1]
    since = same_status_since(*known, latest=latest, since=line.first)
    text = " ".join([entry(*one) for one in last])
    return Display(latest.start, latest.value, latest.status, since.isoformat(), text)
