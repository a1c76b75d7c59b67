"""One batch of KPIs, from locked states to stored consequences, inside one transaction."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from metrics.episodes import OFF_KIND, STALE_KIND
from metrics.evaluation.evidence import (
    Facts,
    load_backgrounds,
    load_corrections,
    load_facts,
    off_target_evidence,
    revised,
    stale_evidence,
)
from metrics.evaluation.loading import (
    Material,
    StateRow,
    Subject,
    load_exclusions,
    load_subjects,
    load_targets,
)
from metrics.evaluation.measurements import load_values
from metrics.evaluation.notices import queue_notices
from metrics.evaluation.staleness import SourceEvent, group, raise_on_sources, resolve_sources
from metrics.evaluation.states import forget_states, write_states
from metrics.evaluation.stepping import Clock, Walk, walk_kpi
from metrics.evaluation.stored import SignalRow, load_signals
from metrics.evaluation.storing import Stored, store_transitions
from metrics.evaluation.transitions import History, Transition, transitions_of
from metrics.models import Signal
from metrics.signal_changes import RAISED, REOPENED, StoredSignal
from teams.faults import fault


class Consequences(NamedTuple):
    """What an evaluation of a batch did. `events` counts signal events by type."""

    kpis: int
    replayed: int
    events: Counter
    messages: int


class Findings(NamedTuple):
    """What a batch's data say, before anything is written."""

    walks: list[Walk]
    idle: list[int]
    signals: dict[int, list[SignalRow]]
    transitions: list[Transition]
    subjects: dict[int, Subject]


def evaluate_states(states: Sequence[StateRow], *, now: datetime, run: str) -> Consequences:
    """Evaluate KPIs whose state rows this transaction has locked, and store what follows.

    Signals, events, messages and states are written together or not at all.
    """
    found = find(states, now)
    fault("evaluation.after_load")
    grouping = group(found.transitions, now)
    transitions = grouping.kept
    facts = _facts(transitions, grouping.silent)
    evidence = _evidence(transitions, facts, found.subjects, now)
    fault("evaluation.before_signals")
    stored = store_transitions(transitions, evidence, now)
    fault("evaluation.after_signals")
    sources = raise_on_sources(grouping.silent, facts, now) if grouping.silent else []
    write_states(found.walks, _reminders(found, now), _steady(found, now), now)
    forget_states(found.idle, now)
    fault("evaluation.after_states")
    sources += resolve_sources(found.walks, now)
    messages = _queue(stored, sources, facts, run=run, now=now)
    fault("evaluation.after_outbox")
    events = Counter(one.event.type for one in stored) + Counter(one.type for one in sources)
    replayed = sum(walk.replayed for walk in found.walks)
    return Consequences(len(states), replayed, events, messages)


def load(states: Sequence[StateRow], now: datetime) -> Material:
    """Everything the walks of these states need."""
    ids = [state.kpi_id for state in states]
    subjects = load_subjects(ids, now)
    replayed = {state.kpi_id for state in states if state.must_replay}
    resumed = [pk for pk in ids if pk not in replayed]
    return Material(
        replayed,
        subjects,
        load_targets(subjects),
        load_values(resumed, replayed, subjects),
        load_exclusions(subjects),
    )


def find(states: Sequence[StateRow], now: datetime) -> Findings:
    """Walk every KPI and compare what it gives with the signals that stand."""
    material = load(states, now)
    clock = Clock()
    walks, idle = [], []
    for state in states:
        subject = material.subjects[state.kpi_id]
        if subject.plan is None:
            idle.append(state.kpi_id)
        else:
            walks.append(walk_kpi(state, subject, subject.plan, material, clock))
    touching = [walk for walk in walks if walk.touches_signals]
    signals = load_signals(touching) if touching else {}
    transitions = transitions_of(touching, signals, History(material), now)
    return Findings(walks, idle, signals, transitions, material.subjects)


def _facts(
    transitions: Sequence[Transition], silent: Mapping[int, Sequence[Transition]]
) -> dict[int, Facts]:
    """Names and people of the KPIs something is said about."""
    ids = {one.kpi_id for one in transitions if any(event.told for event in one.events)}
    ids |= {one.kpi_id for one in transitions if _needs_evidence(one)}
    ids |= {one.kpi_id for own in silent.values() for one in own}
    return load_facts(ids) if ids else {}


def _needs_evidence(one: Transition) -> bool:
    """A raise needs it; after a replay an open signal's may have been revised."""
    types = {event.type for event in one.events}
    return one.signal.is_open and bool(types & {RAISED, REOPENED} or one.walk.replayed)


def _evidence(
    transitions: Sequence[Transition],
    facts: Mapping[int, Facts],
    subjects: dict[int, Subject],
    now: datetime,
) -> dict[int, dict]:
    """The evidence to store, by position in `transitions`."""
    found: dict[int, dict] = {}
    wanted = [(at, one) for at, one in enumerate(transitions) if _needs_evidence(one)]
    off = [(at, one) for at, one in wanted if one.signal.kind == OFF_KIND]
    backgrounds = load_backgrounds([one for _, one in off], facts, subjects)
    corrections = load_corrections(one.kpi_id for _, one in off) if off else {}
    before = _stored_evidence([one.row.id for _, one in wanted if one.row])
    for at, one in off:
        kpi_id = one.kpi_id
        values = backgrounds.get(kpi_id, {})
        new = off_target_evidence(one, facts[kpi_id], values, corrections.get(kpi_id, ()))
        cause = one.events[0].reason or one.events[0].type if one.events else "data_corrected"
        old = before.get(one.row.id, {}) if one.row else {}
        changed = revised(old, new, cause=cause, now=now)
        if changed is not None:
            found[at] = changed
    for at, one in wanted:
        if one.signal.kind == STALE_KIND:
            found[at] = stale_evidence(one, one.signal.spans[-1], ())
    return found


def _stored_evidence(signal_ids: Sequence[int]) -> dict[int, dict]:
    if not signal_ids:
        return {}
    rows = Signal.objects.filter(pk__in=signal_ids)
    return dict(rows.values_list("pk", "evidence"))


def _reminders(found: Findings, now: datetime) -> dict[int, datetime]:
    """When a snooze of an open signal ends, by KPI id: somebody may have to be reminded then."""
    return {
        kpi_id: min(ends)
        for kpi_id, rows in found.signals.items()
        if (ends := [row.snoozed_until for row in rows if _sleeps(row, now)])
    }


def _steady(found: Findings, now: datetime) -> dict[int, str]:
    """The grades of open signals that only data can change now, by KPI id: `KpiState.steady`.

    Not where a pause runs, an acceptance holds, a reminder is due, or an OKR was closed and the
    question may have to be put once more.
    """
    after = {one.row.id: one.signal for one in found.transitions if one.row}
    unsettled = {one.kpi_id for one in found.transitions if one.signal.reminder_due}
    for kpi_id, rows in found.signals.items():
        if any(_is_unsettled(row, after.get(row.id), now) for row in rows):
            unsettled.add(kpi_id)
    steady = {}
    for walk in found.walks:
        severity = walk.result.standing.severity
        if severity and len(walk.episodes) == 1 and walk.kpi_id not in unsettled:
            steady[walk.kpi_id] = severity
    return steady


def _is_unsettled(row: SignalRow, after: StoredSignal | None, now: datetime) -> bool:
    closed = row.treatment_ended_at is not None
    asked = after.resuggested if after else row.workflow.get("resuggested")
    reminder = after.reminder_due if after else row.workflow.get("reminder_due")
    return bool(_sleeps(row, now) or row.acceptance or reminder or (closed and not asked))


def _sleeps(row: SignalRow, now: datetime) -> bool:
    return row.snoozed_until is not None and row.snoozed_until > now


def _queue(
    stored: Sequence[Stored],
    sources: Sequence[SourceEvent],
    facts: dict[int, Facts],
    *,
    run: str,
    now: datetime,
) -> int:
    missing = {pk for event in sources for pk in event.kpi_ids} - facts.keys()
    if missing:
        facts = facts | load_facts(missing)
    return queue_notices(stored, sources, facts, run=run, now=now)
