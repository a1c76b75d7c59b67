"""Writes signals and their events. What the unique constraints refuse, another evaluation won."""

# ruff: noqa: S608 (what is joined into a query here are names of our own models)

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from itertools import groupby
from typing import Any, NamedTuple

from django.db import connection

from metrics.episodes import OFF_KIND, Settings
from metrics.evaluation.loading import Plan
from metrics.evaluation.merging import hand_over
from metrics.evaluation.stored import FLAGS, SignalRow, write_spans
from metrics.evaluation.transitions import Transition
from metrics.kinds import CadenceKind
from metrics.models import Signal, SignalEvent
from metrics.signal_changes import REOPENED, RESUGGESTED, Event

# Days from the raise to the decision (product.md 2.9).
DECIDE_DAYS = 21
DECIDE_DAYS_SOON = 7
_SOON = frozenset({CadenceKind.DAILY.value, CadenceKind.WEEKLY.value})

CHUNK = 500


class LostRace(Exception):
    """Another evaluation wrote a signal first: keep nothing of this batch, read and try again."""


class Stored(NamedTuple):
    """One event as it was stored, with what it belongs to."""

    transition: Transition
    event: Event
    signal_id: int
    key: str


def event_key(signal_id: int, kind: str, period_on: date, ordinal: int) -> str:
    """What the messages about an event of a signal are known by."""
    return f"{signal_id}:{kind}:{period_on.isoformat()}:{ordinal}"


def decide_by(plan: Plan) -> date:
    """The day by which a decision is due on a signal that opens now."""
    settings = plan.settings.on(plan.today)
    return plan.today + timedelta(days=days_to_answer(settings, plan.kind))


def days_to_answer(settings: Settings, kind: str) -> int:
    """How many days people have for a decision on a signal of a KPI of a cadence of this kind."""
    if settings.answer_days is not None:
        return settings.answer_days
    return DECIDE_DAYS_SOON if kind in _SOON else DECIDE_DAYS


def store_transitions(
    transitions: Sequence[Transition],
    evidence: Mapping[int, dict],
    now: datetime,
) -> list[Stored]:
    """Write every change of a signal and its events; `evidence` is by position in `transitions`.

    What ends goes before what opens, so that one signal of a kind is open at every step.
    """
    by_end = sorted(range(len(transitions)), key=lambda at: transitions[at].signal.is_open)
    fresh: list[tuple[int, Signal]] = []
    stored: list[tuple[int, int, int]] = []
    changed: list[tuple[SignalRow, bool, dict[str, Any]]] = []
    for at in by_end:
        one = transitions[at]
        if one.row is None:
            fresh.append((at, _new_signal(one, evidence.get(at), now)))
            continue
        changed.append((one.row, one.signal.is_open, _changes(one, evidence.get(at), now)))
        stored.append((at, one.row.id, one.row.transitions))
    update_signals(changed)
    hand_over(transitions)
    insert_signals([signal for _, signal in fresh])
    stored += [(at, signal.pk, 0) for at, signal in fresh]
    return _store_events(transitions, sorted(stored), now)


def _store_events(
    transitions: Sequence[Transition], stored: Sequence[tuple[int, int, int]], now: datetime
) -> list[Stored]:
    rows, found = [], []
    for at, signal_id, before in stored:
        for ordinal, event in enumerate(transitions[at].events, start=before + 1):
            rows.append(
                SignalEvent(
                    signal_id=signal_id,
                    type=event.type,
                    period_on=event.period,
                    ordinal=ordinal,
                    at=now,
                    told=event.told,
                    reason=event.reason or "",
                    data={"severity": event.severity, "suggests": event.suggests},
                )
            )
            key = event_key(signal_id, event.type, event.period, ordinal)
            found.append(Stored(transitions[at], event, signal_id, key))
    SignalEvent.objects.bulk_create(rows, batch_size=CHUNK, ignore_conflicts=True)
    return found


# -- one signal ---------------------------------------------------------------------------------


def _new_signal(one: Transition, evidence: dict | None, now: datetime) -> Signal:
    signal = one.signal
    opens = signal.is_open and signal.kind == OFF_KIND
    return Signal(
        kpi_id=one.kpi_id,
        opened_at=now,
        evidence=evidence or {},
        cadence_kind=one.walk.plan.kind,
        decide_by=decide_by(one.walk.plan) if opens else None,
        kind=signal.kind,
        transitions=len(one.events),
        **_spans(one, now),
        workflow=_workflow({}, one),
        told=signal.told,
    )


def _spans(one: Transition, now: datetime) -> dict[str, Any]:
    """The columns that say what the data say."""
    spans = one.signal.spans
    last = spans[-1]
    return {
        "is_open": one.signal.is_open,
        "first_off_on": spans[0].first,
        "raised_on": last.raised,
        "ended_on": last.ended,
        "end_reason": last.reason or "",
        "resolved_at": now if last.ended else None,
        "severity": last.severity,
        "spans": write_spans(spans),
    }


def _workflow(before: dict, one: Transition) -> dict:
    """The engine's own memory of the workflow."""
    kept = {name: value for name, value in before.items() if name not in FLAGS}
    if one.signal.merged_into is not None:
        kept["merged_into"] = one.signal.merged_into
    if one.acceptance_over:
        kept.pop("accepted_since", None)
    return kept | {name: True for name in FLAGS if getattr(one.signal, name)}


def _changes(one: Transition, evidence: dict | None, now: datetime) -> dict[str, Any]:
    """The columns of a stored signal that change."""
    row, signal = one.row, one.signal
    assert row is not None
    changes = _spans(one, now) | {
        "told": signal.told,
        "transitions": row.transitions + len(one.events),
        "workflow": _workflow(row.workflow, one),
    }
    if row.ended_on == changes["ended_on"]:
        del changes["resolved_at"]
    if signal.retracted:
        # A retracted signal keeps the range it had; it does not count as open any more.
        changes |= {"retracted_at": now, "retract_reason": signal.retracted}
    if evidence is not None:
        changes["evidence"] = evidence
    types = {event.type for event in one.events}
    if one.acceptance_over:
        changes |= {"accepted_level": None, "accepted_until": None}
    if row.dismissed_at is not None and not signal.dismissed:
        changes["dismissed_at"] = None
    if not row.in_treatment and (one.acceptance_over or types & {REOPENED, RESUGGESTED}):
        changes |= _undecided(one)
    return changes


def _undecided(one: Transition) -> dict[str, Any]:
    """It asks for a decision again, with a new day to decide by."""
    return {
        "decision": "",
        "decided_at": None,
        "decided_by": None,
        "decision_reason": "",
        "decide_by": decide_by(one.walk.plan),
    }


# -- many signals -------------------------------------------------------------------------------


def update_signals(changes: Iterable[tuple[SignalRow, bool, dict[str, Any]]]) -> None:
    """Write the new columns of stored signals, `(row, is it open after, columns)`.

    One prepared statement for those that change the same columns; what ends goes first. LostRace
    where a signal has other transitions by now than its row.
    """

    def kind(one: tuple[SignalRow, bool, dict[str, Any]]) -> tuple[bool, tuple[str, ...]]:
        return one[1], tuple(one[2])

    for (_, names), own in groupby(sorted(changes, key=kind), key=kind):
        fields = [Signal._meta.get_field(name) for name in names]
        rows = [
            (
                *[
                    field.get_db_prep_save(value, connection)
                    for field, value in zip(fields, columns.values(), strict=True)
                ],
                row.id,
                row.transitions,
            )
            for row, _, columns in own
        ]
        assigned = ", ".join(f"{field.column} = %s" for field in fields)
        with connection.cursor() as cursor:
            cursor.executemany(
                f"UPDATE {Signal._meta.db_table} SET {assigned} WHERE id = %s AND transitions = %s",
                rows,
            )
            if cursor.rowcount != len(rows):
                raise LostRace


def _identity(signal: Signal) -> tuple:
    return (signal.kpi_id, signal.source_id, signal.kind, str(signal.raised_on))


def insert_signals(signals: Sequence[Signal]) -> None:
    """Insert new signals and set their ids; LostRace where the database has an open one already."""
    for start in range(0, len(signals), CHUNK):
        chunk = signals[start : start + CHUNK]
        ids = _insert(chunk)
        if len(ids) < len(chunk):
            raise LostRace
        for signal in chunk:
            signal.pk = ids[_identity(signal)]


def _insert(signals: Sequence[Signal]) -> dict[tuple, int]:
    """One INSERT that passes over conflicts; the ids of the rows it made, by `_identity`.

    Django's bulk_create cannot say which rows it inserted when it passes over conflicts.
    """
    meta = Signal._meta
    fields = [field for field in meta.concrete_fields if not field.primary_key]
    one = f"({', '.join(['%s'] * len(fields))})"
    sql = (
        f"INSERT INTO {meta.db_table} ({', '.join(field.column for field in fields)})"
        f" VALUES {', '.join([one] * len(signals))}"
        " ON CONFLICT DO NOTHING RETURNING id, kpi_id, source_id, kind, raised_on"
    )
    prepare: list[tuple[str, Callable]] = [
        (field.attname, field.get_db_prep_save) for field in fields
    ]
    values = [
        convert(getattr(row, name), connection) for row in signals for name, convert in prepare
    ]
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        return {(*rest, str(raised_on)): pk for pk, *rest, raised_on in cursor.fetchall()}
