"""The OKR that answers a signal, as the KPI sees it, and the target that comes after it.

The objectives app calls these; nothing here knows what an objective is. While a treatment runs the
KPI shows "being addressed" beside its true status, and only data end its signal.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date, datetime
from decimal import Decimal

from django.db import transaction
from django.db.models import Value
from django.db.models.functions import Greatest

from metrics import next_target
from metrics.actions.history import as_text
from metrics.actions.targets import revise_target
from metrics.decisions import (
    Decided,
    answer,
    kept_settings,
    lock_signal,
    write_event,
)
from metrics.models import Kpi, Signal, Target, Treatment
from metrics.next_target import Bounds
from teams.models import User

OKR_STARTED = "treatment_began"
OKR_CLOSED = "okr_closed"
TARGET_CHOSEN = "target_chosen"


class Chosen(Exception):
    """The next target was chosen already; `current` is the treatment as it stands."""

    def __init__(self, current: Treatment) -> None:
        super().__init__("chosen meanwhile")
        self.current = current


@transaction.atomic
def begin_treatment(
    signal: Signal,
    *,
    title: str,
    url: str,
    is_private: bool,
    baseline: Decimal | None,
    target: Decimal | None,
    starts_on: date,
    ends_on: date,
    actor: User,
    now: datetime,
    version: int,
) -> Treatment:
    """Answer the signal with an OKR at `url`; the same again returns the one that runs.

    `baseline` and `target` are in the KPI's unit. A signal that is raised again after its first OKR
    keeps one row: the new OKR takes it, the earlier one stays in the log. Raises Decided when the
    signal was decided since `version`, or another OKR treats it.
    """
    current = _lock_heir(signal, now, author=actor)
    if current.pk != signal.pk and not current.decision:
        # What the person answered goes on under the signal that took its place.
        version = current.version
    running = Treatment.objects.filter(signal=current, ended_at=None).first()
    if running is not None and running.url == url:
        return running
    if running is not None or current.version != version or current.retracted_at is not None:
        raise Decided(current)
    treatment, _ = Treatment.objects.update_or_create(
        signal=current,
        defaults={
            "team": current.kpi.team,
            "title": title,
            "url": url,
            "is_private": is_private,
            "baseline": baseline,
            "target": target,
            "final_value": None,
            "grade": None,
            "starts_on": starts_on,
            "ends_on": ends_on,
            "began_at": now,
            "ended_at": None,
            "proposal": {},
            "choice": "",
            "chosen_target": None,
        },
    )
    current.snoozed_until = current.accepted_level = current.accepted_until = None
    current.dismissed_at = None
    # What was noted after an earlier OKR must not silence what follows this one.
    noted = ("reminder_due", "accepted_since", "still_off_noted", "resuggested")
    current.workflow = {k: v for k, v in current.workflow.items() if k not in noted}
    answer(current, Signal.Decision.OKR, actor=actor, now=now, reason="")
    # A private OKR is named nowhere a stranger may read.
    data = {} if is_private else {"title": title, "url": url}
    write_event(current, OKR_STARTED, actor=actor, now=now, data=data)
    return treatment


@transaction.atomic
def move_treatments(signal_ids: Collection[int], *, ends_on: date) -> int:
    """Let the OKRs that answer these signals and still run end on another day; how many did.

    One that begins later ends on the day it begins.
    """
    running = Treatment.objects.filter(signal__in=signal_ids, ended_at=None)
    return running.update(ends_on=Greatest(Value(ends_on), "starts_on"))


def end_treatment(
    signal: Signal,
    *,
    grade: Decimal | None,
    final_value: Decimal | None,
    values: Sequence[Decimal],
    recovery: int,
    actor: User,
    now: datetime,
) -> Treatment:
    """Note that the OKR is closed, and keep the proposal for the next target (signals.md 13).

    `values` are the KPI's judged values in order, `recovery` is M. The signal stays open until data
    end it. Ending twice changes nothing.
    """
    treatment = _lock_treatment(signal, now, author=actor)
    current = treatment.signal
    if treatment.ended_at is not None:
        return treatment
    treatment.grade, treatment.final_value = grade, final_value
    treatment.ended_at = now
    today = current.kpi.team.organisation.today(now)
    treatment.proposal = proposal_for(current.kpi, values, recovery, today)
    treatment.save(update_fields=["grade", "final_value", "ended_at", "proposal"])
    current.version += 1
    current.save(update_fields=["version"])
    write_event(
        current,
        OKR_CLOSED,
        actor=actor,
        now=now,
        data={"grade": grade, "final_value": final_value},
    )
    return treatment


def _lock_heir(signal: Signal, now: datetime, *, author: User) -> Signal:
    """Lock the signal; where it was merged into another, that one."""
    current = lock_signal(signal, now, author=author)
    while current.retracted_at is not None and (heir := current.workflow.get("merged_into")):
        current = lock_signal(Signal(pk=heir, kpi_id=current.kpi_id), now, author=author)
    return current


def _lock_treatment(signal: Signal, now: datetime, *, author: User) -> Treatment:
    """Lock the OKR that answers the signal, wherever a merge took it, with its signal."""
    rows = Treatment.objects.select_for_update(of=("self",))
    own = lock_signal(signal, now, author=author)
    running = rows.filter(signal=own, ended_at=None).first()
    current = own if running else _lock_heir(own, now, author=author)
    treatment = running or rows.get(signal=current)
    treatment.signal = current
    return treatment


def proposal_for(kpi: Kpi, values: Sequence[Decimal], recovery: int, today: date) -> dict:
    """The proposal as it is kept: today's target, whether it held, and what to tighten to."""
    now = bounds_on(kpi, today)
    held = next_target.held(values, recovery, kpi.direction, now)
    proposed = next_target.propose(values, recovery, kpi.direction, now) if held else None
    return {
        "today": _texts(now),
        "held": held,
        "proposed": _texts(proposed) if proposed and proposed != now else None,
        "values": [as_text(value) for value in values[-recovery:]],
    }


def bounds_on(kpi: Kpi, day: date) -> Bounds:
    """The target in force on a day, as bounds; empty without one."""
    rows = Target.objects.filter(kpi=kpi, effective_on__lte=day)
    row = rows.order_by("-effective_on", "-pk").first()
    if row is None or row.is_withdrawn:
        return Bounds()
    return Bounds(target=row.value, low=row.low, high=row.high)


def _texts(bounds: Bounds) -> dict:
    found = {"target": bounds.target, "low": bounds.low, "high": bounds.high}
    return {name: as_text(value) for name, value in found.items() if value is not None}


def read_bounds(texts: dict | None) -> Bounds | None:
    """Bounds as they were kept in a proposal; None where nothing was proposed."""
    if texts is None:
        return None
    return Bounds(**{name: Decimal(text) for name, text in texts.items()})


@transaction.atomic
def choose_next_target(
    treatment: Treatment,
    *,
    choice: str,
    own: Bounds | None = None,
    reason: str = "",
    effective_on: date,
    actor: User,
    now: datetime,
) -> Target | None:
    """Keep, tighten or set the target the KPI is watched against from `effective_on` on.

    Returns the new row, None where today's stays. The choice is made once: raises Chosen when it
    was made already, unless it is the same again (a form sent twice). Raises ValueError with a
    sentence when the choice lacks what it needs.
    """
    signal = lock_signal(treatment.signal, now, author=actor)
    current = Treatment.objects.select_for_update(of=("self",)).get(pk=treatment.pk)
    if current.choice:
        raise Chosen(current)
    bounds = next_target.decide(
        choice,
        today=bounds_on(signal.kpi, effective_on),
        proposal=read_bounds(current.proposal.get("proposed")),
        own=own,
        reason=reason,
    )
    target = None
    if bounds is not None:
        target = revise_target(
            signal.kpi,
            effective_on=effective_on,
            value=bounds.target,
            low=bounds.low,
            high=bounds.high,
            # A private OKR is not named where everybody reads the history of the target.
            reason=reason
            or ("After an OKR." if current.is_private else f"After the OKR “{current.title}”."),
            actor=actor,
            now=now,
            **kept_settings(signal.kpi_id, effective_on),
        )
    current.choice, current.chosen_target = choice, target
    current.save(update_fields=["choice", "chosen_target"])
    data = {"choice": choice, "effective_on": effective_on} | (_texts(bounds) if bounds else {})
    write_event(signal, TARGET_CHOSEN, actor=actor, now=now, reason=reason, data=data)
    return target
