"""What people decide about a signal, each one transaction with its event row.

A decision never changes what the data say (signals.md 2): it changes who is told, and what the
pages show. The response clock stops at the first decision; acknowledging and snoozing do not stop
it. Every write takes the `version` of the signal its form was opened with, so a second person is
shown what was decided instead of overwriting it.
"""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

from django.db import transaction

from metrics.actions.history import as_text
from metrics.actions.targets import revise_target
from metrics.due import mark_due
from metrics.models import Kpi, Signal, SignalEvent, Target
from teams.actions import audit
from teams.models import User

ACKNOWLEDGED = "acknowledged"
SNOOZED = "snoozed"
ACCEPTED = "accepted"
DATA_FIX = "data_fix"
TARGET_REVISED = "target_revised"
DISMISSED = "dismissed"
PEOPLE_DECIDED = (ACKNOWLEDGED, SNOOZED, ACCEPTED, DATA_FIX, TARGET_REVISED, DISMISSED)

_ANSWER = ("decision", "decided_at", "decided_by", "decision_reason", "version")
_QUIET = ("snoozed_until", "accepted_level", "accepted_until", "dismissed_at", "workflow")


class Decided(Exception):
    """Somebody decided about the signal since the form was opened, or it no longer stands.

    `current` is the signal as it is now; nothing was written.
    """

    def __init__(self, current: Signal) -> None:
        super().__init__("decided meanwhile")
        self.current = current


def lock_kpi(kpi_id: int, now: datetime, *, author: User | None) -> None:
    """Lock a KPI and its state, in that order, and make it due.

    A change of a target locks the KPI and then its state, the evaluation the state and then the
    signals: whoever takes all three in this order never waits in a circle.
    """
    list(Kpi.objects.select_for_update(of=("self",), no_key=True).filter(pk=kpi_id).values("pk"))
    mark_due([kpi_id], now, dirty_from=None, author=author)


def lock_signal(signal: Signal, now: datetime, *, author: User | None) -> Signal:
    """Lock the signal for a decision and make its KPI due; returns it as it stands now.

    What the decision means for who is told is worked out by the next evaluation.
    """
    if signal.kpi_id is not None:
        lock_kpi(signal.kpi_id, now, author=author)
    rows = Signal.objects.select_for_update(of=("self",), no_key=True)
    return rows.select_related("kpi__team__organisation", "source__team__organisation").get(
        pk=signal.pk
    )


def require_undecided_since(signal: Signal, version: int) -> Signal:
    """Lock the signal; raise Decided when its version moved on or it was retracted."""
    rows = Signal.objects.select_for_update(of=("self",), no_key=True)
    current = rows.get(pk=signal.pk)
    _require(current, version)
    return current


def _require(current: Signal, version: int) -> None:
    if current.version != version or current.retracted_at is not None:
        raise Decided(current)


def write_event(
    signal: Signal,
    kind: str,
    *,
    actor: User | None,
    now: datetime,
    reason: str = "",
    data: dict | None = None,
    before: dict | None = None,
) -> SignalEvent:
    """Append a person's act to a locked signal's log and to the audit record.

    `data` is kept as text; `before` is the answer that stood, which only the record keeps.
    """
    about = signal.kpi or signal.source
    signal.transitions += 1
    signal.save(update_fields=["transitions"])
    audit.record(
        kind,
        "signal",
        signal,
        by=actor,
        label=about.name,
        team=about.team,
        is_private=signal.kpi_id is not None and signal.kpi.is_private,
        before=before,
        after=data,
        reason=reason,
    )
    return SignalEvent.objects.create(
        signal=signal,
        type=kind,
        period_on=signal.raised_on,
        ordinal=signal.transitions,
        at=now,
        actor=actor,
        reason=reason,
        data={name: as_text(value) for name, value in (data or {}).items()},
    )


@transaction.atomic
def acknowledge(signal: Signal, *, actor: User, now: datetime) -> Signal:
    """Say "I have seen it"; the first to say so is kept, and the response clock runs on."""
    current = lock_signal(signal, now, author=actor)
    if current.acknowledged_at is not None or current.retracted_at is not None:
        return current
    current.acknowledged_at, current.acknowledged_by = now, actor
    current.save(update_fields=["acknowledged_at", "acknowledged_by"])
    write_event(current, ACKNOWLEDGED, actor=actor, now=now)
    return current


@transaction.atomic
def snooze(
    signal: Signal, *, until: datetime, reason: str, actor: User, now: datetime, version: int
) -> Signal:
    """Keep silent until a moment: evaluation goes on, and one reminder follows if it is still open.

    The signal stays undecided.
    """
    current = lock_signal(signal, now, author=actor)
    _require(current, version)
    before = _forget_answer(current)
    current.snoozed_until = until
    current.workflow = current.workflow | {"reminder_due": current.is_open}
    current.version += 1
    current.save(update_fields=[*_ANSWER, *_QUIET])
    data = {"until": until}
    write_event(current, SNOOZED, actor=actor, now=now, reason=reason, data=data, before=before)
    return current


@transaction.atomic
def accept_for_now(
    signal: Signal,
    *,
    level: Decimal,
    until: date,
    reason: str,
    actor: User,
    now: datetime,
    version: int,
) -> Signal:
    """Live with it down to `level` (the KPI's unit) until a local date, with a reason.

    It ends at the first judged period whose value is worse than the level, or that ends after the
    date. `accepted_since` is the first day not judged yet: what was judged before cannot end it.
    """
    current = lock_signal(signal, now, author=actor)
    _require(current, version)
    before = _forget_answer(current)
    current.accepted_level, current.accepted_until = level, until
    watermark = current.kpi.state.watermark_on
    current.workflow = current.workflow | {
        "reminder_due": current.is_open,
        "accepted_since": (watermark or current.raised_on).isoformat(),
    }
    data = {"level": level, "until": until}
    return _answer(current, Signal.Decision.ACCEPT, ACCEPTED, actor, now, reason, data, before)


@transaction.atomic
def answer_with_data(
    signal: Signal, *, reason: str, actor: User, now: datetime, version: int
) -> Signal:
    """Say that the value is wrong and will be corrected; only the correction ends the signal."""
    current = lock_signal(signal, now, author=actor)
    _require(current, version)
    before = _forget_answer(current)
    return _answer(current, Signal.Decision.DATA, DATA_FIX, actor, now, reason, {}, before)


@transaction.atomic
def answer_with_target(
    signal: Signal,
    *,
    effective_on: date,
    value: Decimal | None = None,
    low: Decimal | None = None,
    high: Decimal | None = None,
    reason: str,
    actor: User,
    now: datetime,
    version: int,
) -> Target:
    """Answer with another target from a date on; tolerance and counts stay those of today's.

    The signal resolves when the data say so by the new target, as `target relaxed`.
    """
    current = lock_signal(signal, now, author=actor)
    _require(current, version)
    target = revise_target(
        current.kpi,
        effective_on=effective_on,
        value=value,
        low=low,
        high=high,
        reason=reason,
        actor=actor,
        now=now,
        **kept_settings(current.kpi_id, effective_on),
    )
    before = _forget_answer(current)
    data = {"value": value, "low": low, "high": high, "effective_on": effective_on}
    data = {name: number for name, number in data.items() if number is not None}
    _answer(current, Signal.Decision.TARGET, TARGET_REVISED, actor, now, reason, data, before)
    return target


def kept_settings(kpi_id: int, day: date) -> dict:
    """The tolerance, counts and fast lane of the target in force on a day, for its successor."""
    names = (
        "tolerance",
        "tolerance_pct",
        "patience",
        "recovery",
        "fast_gap",
        "fast_patience",
        "accumulates",
    )
    rows = Target.objects.filter(kpi_id=kpi_id, effective_on__lte=day)
    return rows.order_by("-effective_on", "-pk").values(*names).first() or {}


@transaction.atomic
def dismiss(signal: Signal, *, reason: str, actor: User, now: datetime, version: int) -> Signal:
    """Silence it until the episode ends; a new episode speaks again."""
    current = lock_signal(signal, now, author=actor)
    _require(current, version)
    before = _forget_answer(current)
    current.dismissed_at = now
    return _answer(current, Signal.Decision.DISMISS, DISMISSED, actor, now, reason, {}, before)


def _forget_answer(signal: Signal) -> dict:
    """Clear what an earlier decision left behind, and return it; its event stays in the log."""
    names = ("decision", "snoozed_until", "accepted_level", "accepted_until")
    left = {name: getattr(signal, name) for name in names}
    left = {name: value for name, value in left.items() if value not in (None, "")}
    signal.decision = Signal.Decision.NONE
    signal.decided_at = signal.decided_by = None
    signal.decision_reason = ""
    signal.snoozed_until = signal.accepted_level = signal.accepted_until = None
    signal.dismissed_at = None
    dropped = ("accepted_since", "reminder_due")
    signal.workflow = {k: v for k, v in signal.workflow.items() if k not in dropped}
    return left


def _answer(
    signal: Signal,
    decision: str,
    kind: str,
    actor: User,
    now: datetime,
    reason: str,
    data: dict,
    before: dict,
) -> Signal:
    """Store a decision on a locked signal with its event; `before` is the answer that stood."""
    answer(signal, decision, actor=actor, now=now, reason=reason)
    write_event(signal, kind, actor=actor, now=now, reason=reason, data=data, before=before)
    return signal


def answer(
    signal: Signal, decision: str, *, actor: User | None, now: datetime, reason: str
) -> None:
    """Set the decision of a locked signal and save what belongs to it; the caller logs it."""
    signal.decision, signal.decision_reason = decision, reason
    signal.decided_at, signal.decided_by = now, actor
    signal.version += 1
    signal.save(update_fields=[*_ANSWER, *_QUIET])
