"""Moving the end of a cycle, which is where the next one begins, and reopening one that is closed.

What is over stays as it was counted: only a boundary that lies ahead moves, and only to a day that
does. So no cycle begins or ends by it today, and no state goes back.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime, timedelta

from django.db import transaction
from django.db.models import F

from metrics.treatments import move_treatments
from metrics.wording import day_year
from objectives.actions.check_ins import due_after
from objectives.actions.cycles import note_cycle
from objectives.actions.history import Changed
from objectives.kinds import CycleKind
from objectives.models import Cycle, CycleEvent, KeyResult, Objective, ObjectiveEvent
from objectives.states import CycleState, ObjectiveState
from teams.models import Organisation, User

MOVED = "boundary_moved"
REOPENED = "reopened"
ONE_DAY = timedelta(days=1)


class BoundaryRefused(ValueError):
    """The boundary cannot lie there; the sentence says why and what to do."""


class NotClosed(ValueError):
    """Only a closed cycle can be reopened."""


def following(cycle: Cycle) -> Cycle | None:
    """The cycle of its kind that begins the day after it ends; None for one with own dates."""
    if cycle.kind == CycleKind.CUSTOM:
        return None
    mine = Cycle.objects.of(cycle.organisation).filter(kind=cycle.kind)
    return mine.filter(starts_on=cycle.ends_on + ONE_DAY).first()


def check_boundary(cycle: Cycle, after: Cycle | None, ends_on: date, today: date) -> None:
    """Raise BoundaryRefused unless the cycle may end on that day; `after` is the one that follows.

    One query.
    """
    if cycle.ends_on < today:
        raise BoundaryRefused(f"{cycle} is over: its dates stay as they were counted.")
    if ends_on < today:
        raise BoundaryRefused("Choose today or a later day: what is over stays.")
    if ends_on <= cycle.starts_on:
        raise BoundaryRefused(
            f"The last day must come after {day_year(cycle.starts_on)}, the first."
        )
    if after is not None and ends_on + ONE_DAY >= after.ends_on:
        raise BoundaryRefused(
            f"It would leave nothing of {after}, which ends on {day_year(after.ends_on)}. "
            f"Choose a day before {day_year(after.ends_on - ONE_DAY)}."
        )
    others = Cycle.objects.of(cycle.organisation).filter(
        kind=cycle.kind, starts_on__lte=ends_on, ends_on__gte=cycle.starts_on
    )
    other = others.exclude(pk__in=[cycle.pk, after.pk if after else cycle.pk]).first()
    if other is not None:
        span = f"{day_year(other.starts_on)} to {day_year(other.ends_on)}"
        raise BoundaryRefused(f"It would overlap {other} ({span}). Choose an earlier day.")


@transaction.atomic
def move_boundary(
    cycle: Cycle, *, ends_on: date, seen: date, reason: str, actor: User, now: datetime
) -> Cycle:
    """Let a cycle end on another day, and the next one of its kind begin the day after.

    Running objectives are paced by the new dates, their check-ins are due until the new last day,
    and the signals they answer stay addressed until then. The same again changes nothing. Raises
    BoundaryRefused, or Changed where the cycle does not end on `seen` any more.
    """
    # As `ensure_cycles`: two calendars never move at once.
    Organisation.objects.select_for_update(no_key=True).get(pk=cycle.organisation_id)
    stored = Cycle.objects.select_related("organisation").get(pk=cycle.pk)
    if stored.ends_on == ends_on:
        return stored
    if stored.ends_on != seen:
        raise Changed(stored)
    after = following(stored)
    check_boundary(stored, after, ends_on, stored.organisation.today(now))
    told = {"reason": reason, "actor": actor, "at": now}
    _end(stored, ends_on, told)
    if after is not None:
        _begin(after, ends_on + ONE_DAY, told)
    return stored


def _end(cycle: Cycle, ends_on: date, told: dict) -> None:
    old, cycle.ends_on = cycle.ends_on, ends_on
    cycle.save(update_fields=["ends_on"])
    _note(cycle, "ends_on", old, ends_on, told)
    running = Objective.objects.filter(cycle=cycle, state=ObjectiveState.ACTIVE)
    # Nobody begins after the end.
    running.filter(starts_on__gt=ends_on).update(starts_on=ends_on)
    signals = running.filter(signal__isnull=False).values_list("signal_id", flat=True)
    move_treatments(list(signals), ends_on=ends_on)
    _set_due_days([cycle.pk])


def _begin(cycle: Cycle, starts_on: date, told: dict) -> None:
    old, cycle.starts_on = cycle.starts_on, starts_on
    cycle.save(update_fields=["starts_on"])
    _note(cycle, "starts_on", old, starts_on, told)
    ready = Objective.objects.filter(cycle=cycle, state=ObjectiveState.ACTIVE, starts_on=old)
    ready.update(starts_on=starts_on)
    _set_due_days([cycle.pk])


def _note(cycle: Cycle, name: str, old: date, new: date, told: dict) -> None:
    """The cycle's own history, and that of each objective that runs in it."""
    before, after = {name: old.isoformat()}, {name: new.isoformat()}
    actor, reason = told["actor"], told["reason"]
    note_cycle(cycle, MOVED, by=actor, before=before, after=after, reason=reason)
    CycleEvent.objects.create(cycle=cycle, type=MOVED, before=before, after=after, **told)
    running = Objective.objects.filter(cycle=cycle, state=ObjectiveState.ACTIVE)
    ObjectiveEvent.objects.bulk_create(
        [
            ObjectiveEvent(objective_id=pk, type="cycle_moved", before=before, after=after, **told)
            for pk in running.values_list("pk", flat=True)
        ],
        batch_size=500,
    )
    running.update(version=F("version") + 1)


def _set_due_days(cycle_ids: Collection[int]) -> None:
    """When the next check-in is due, by the dates as they stand now."""
    rows = KeyResult.objects.filter(
        objective__cycle__in=cycle_ids,
        objective__state=ObjectiveState.ACTIVE,
        withdrawn_at=None,
    ).select_related("latest", "objective__cycle", "objective__team__organisation")
    changed = []
    for row in rows:
        due = due_after(row.objective, row.latest)
        if due != row.next_due_on:
            row.next_due_on = due
            changed.append(row)
    KeyResult.objects.bulk_update(changed, ["next_due_on"], batch_size=500)


@transaction.atomic
def reopen_cycle(
    cycle: Cycle, *, open_until: date, reason: str, actor: User, now: datetime
) -> Cycle:
    """Let a closed cycle be closing again, through a day from today on, with a reason.

    Its objectives stay as they were closed. Reopening it again changes nothing; raises NotClosed
    where it never closed, BoundaryRefused for a day that is over.
    """
    Organisation.objects.select_for_update(no_key=True).get(pk=cycle.organisation_id)
    stored = Cycle.objects.select_related("organisation").get(pk=cycle.pk)
    if stored.state == CycleState.CLOSING and stored.open_until == open_until:
        return stored
    if stored.state != CycleState.CLOSED:
        raise NotClosed(f"{stored} is not closed.")
    if open_until < stored.organisation.today(now):
        raise BoundaryRefused("Choose today or a later day.")
    before = {"state": stored.state, "closed_at": stored.closed_at.isoformat()}
    stored.state, stored.closed_at, stored.open_until = CycleState.CLOSING, None, open_until
    stored.save(update_fields=["state", "closed_at", "open_until"])
    after = {"state": stored.state, "open_until": open_until.isoformat()}
    note_cycle(stored, REOPENED, by=actor, before=before, after=after, reason=reason)
    CycleEvent.objects.create(
        cycle=stored,
        type=REOPENED,
        at=now,
        actor=actor,
        reason=reason,
        before=before,
        after=after,
    )
    return stored
