"""Parking, withdrawing and bringing back: where an objective goes without being graded."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import IntegrityError, transaction

from metrics.decisions import Decided, lock_kpi
from objectives.actions.closing import end_signal_treatment
from objectives.actions.drafts import answer_signal
from objectives.actions.giving_up import align_again, move_aligned
from objectives.actions.history import take_version, write_history
from objectives.actions.parents import lock_tree
from objectives.models import Objective
from objectives.standing import objective_standing
from objectives.states import MoveRefused, ObjectiveState, require_move
from teams.models import User

UNDO_DAYS = 30


def park_objective(
    objective: Objective, *, reason: str, actor: User, now: datetime, version: int
) -> Objective:
    """Put a draft on the parking list: deliberately not now. Its signal waits for another answer.

    Parking what is parked changes nothing. Raises Changed or MoveRefused.
    """
    return _move(objective, ObjectiveState.PARKED, "parked", reason, actor, now, version)


def unpark_objective(
    objective: Objective, *, actor: User, now: datetime, version: int
) -> Objective:
    """Take an objective from the parking list back to the drafts.

    Raises Changed, or MoveRefused where its signal was answered by another one meanwhile.
    """
    try:
        return _move(objective, ObjectiveState.DRAFT, "unparked", "", actor, now, version)
    except IntegrityError:
        raise MoveRefused("Its signal is answered by another objective meanwhile.") from None


@transaction.atomic
def _move(
    objective: Objective,
    then: str,
    kind: str,
    reason: str,
    actor: User,
    now: datetime,
    version: int,
) -> Objective:
    fresh = Objective.objects.get(pk=objective.pk)
    if fresh.state == then:
        return fresh
    take_version(objective, version)
    fresh.refresh_from_db()
    require_move(fresh.state, then)
    moved = (fresh.state, then)
    fresh.state = then
    fresh.save(update_fields=["state"])
    write_history(fresh, kind, actor=actor, now=now, reason=reason, moved=moved)
    return fresh


@transaction.atomic
def withdraw_objective(
    objective: Objective,
    *,
    reason: str,
    actor: User,
    now: datetime,
    version: int,
    fate: str = "",
) -> Objective:
    """Give up a draft, a parked or an active objective; it can be brought back for 30 days.

    An active one that answers a signal stops addressing it: the KPI is watched as before. `fate`
    says what becomes of the objectives aligned to it. Raises Changed, MoveRefused for what has
    ended, or Undecided where something is aligned and there is no `fate`.
    """
    if objective.signal_id:
        # In the order of the evaluation, before anything of the objective is locked.
        lock_kpi(objective.signal.kpi_id, now, author=actor)
    lock_tree(objective.team.organisation)
    take_version(objective, version)
    fresh = Objective.objects.with_parts().get(pk=objective.pk)
    require_move(fresh.state, ObjectiveState.WITHDRAWN)
    was = fresh.state
    move_aligned(fresh, fate, actor=actor, now=now)
    rows = objective_standing(fresh, fresh.team.organisation.today(now)).key_results
    fresh.state, fresh.withdrawn_from, fresh.closed_at = ObjectiveState.WITHDRAWN, was, now
    fresh.save(update_fields=["state", "withdrawn_from", "closed_at"])
    moved = (was, ObjectiveState.WITHDRAWN)
    write_history(fresh, "withdrawn", actor=actor, now=now, reason=reason, moved=moved)
    if was == ObjectiveState.ACTIVE and fresh.signal_id:
        end_signal_treatment(fresh, rows, actor=actor, now=now)
    return fresh


def may_be_restored(objective: Objective, now: datetime) -> bool:
    """True for 30 days after an objective was withdrawn."""
    is_withdrawn = objective.state == ObjectiveState.WITHDRAWN
    return is_withdrawn and now - objective.closed_at <= timedelta(days=UNDO_DAYS)


def restore_objective(
    objective: Objective, *, actor: User, now: datetime, version: int
) -> Objective:
    """Undo a withdrawal: back to the state it was withdrawn from, with all it had.

    Raises Changed, or MoveRefused after 30 days or where its signal was answered otherwise.
    """
    try:
        return _restore(objective, actor=actor, now=now, version=version)
    except (IntegrityError, Decided):
        raise MoveRefused("Its signal was answered otherwise meanwhile.") from None


@transaction.atomic
def _restore(objective: Objective, *, actor: User, now: datetime, version: int) -> Objective:
    if objective.signal_id:
        lock_kpi(objective.signal.kpi_id, now, author=actor)
    lock_tree(objective.team.organisation)
    take_version(objective, version)
    fresh = Objective.objects.with_parts().get(pk=objective.pk)
    if not may_be_restored(fresh, now):
        raise MoveRefused(f"What was withdrawn can be brought back for {UNDO_DAYS} days.")
    then = fresh.withdrawn_from
    require_move(fresh.state, then)
    was_withdrawn_at = fresh.closed_at
    fresh.state, fresh.withdrawn_from, fresh.closed_at = then, "", None
    fresh.save(update_fields=["state", "withdrawn_from", "closed_at"])
    align_again(fresh, was_withdrawn_at, actor=actor, now=now)
    moved = (ObjectiveState.WITHDRAWN, then)
    write_history(fresh, "restored", actor=actor, now=now, moved=moved)
    if then == ObjectiveState.ACTIVE and fresh.signal_id:
        answer_signal(fresh, actor=actor, now=now, version=None)
    return fresh
