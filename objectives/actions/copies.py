"""Copying an objective into another cycle: nothing carries over by itself."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from django.db import IntegrityError, transaction

from objectives.actions.cycles import as_replaced
from objectives.actions.history import write_history
from objectives.actions.ordering import next_position
from objectives.kinds import CHANGES
from objectives.models import Cycle, KeyResult, Milestone, Objective
from objectives.pilots import require_in_pilot
from objectives.states import OPEN_CYCLES, MoveRefused, ObjectiveState
from teams.models import User


@dataclass(frozen=True, slots=True)
class Carried:
    """A key result that is carried over: `baseline` is today's value, where it goes from one."""

    key_result: KeyResult
    baseline: Decimal | None = None
    target: Decimal | None = None


def copy_objective(
    objective: Objective,
    cycle: Cycle,
    carried: Sequence[Carried],
    *,
    why_again: str,
    token: UUID,
    actor: User,
    now: datetime,
) -> Objective:
    """Draft the objective again in another cycle, with the key results that were chosen.

    Check-ins, grades and steps stay behind; baselines restart. The same `token` again returns the
    copy that is there. Raises MoveRefused where the cycle takes no drafts any more, CycleReplaced,
    PermissionDenied while a pilot runs without the team.
    """
    if (again := Objective.objects.filter(form_token=token).first()) is not None:
        return again
    try:
        with as_replaced(cycle):
            return _copy(objective, cycle, carried, why_again, token, actor, now)
    except IntegrityError:
        # The same form sent twice at once: its twin won, and that is the answer.
        twin = Objective.objects.filter(form_token=token).first()
        if twin is None:
            raise
        return twin


@transaction.atomic
def _copy(
    objective: Objective,
    cycle: Cycle,
    carried: Sequence[Carried],
    why_again: str,
    token: UUID,
    actor: User,
    now: datetime,
) -> Objective:
    if cycle.state not in OPEN_CYCLES or cycle.organisation_id != objective.team.organisation_id:
        raise MoveRefused(f"{cycle} takes no new objectives.")
    require_in_pilot(objective.team)
    copy = Objective.objects.create(
        team=objective.team,
        cycle=cycle,
        owner=objective.owner,
        level=objective.level,
        title=objective.title,
        why=objective.why,
        ambition=objective.ambition,
        origin=objective.origin,
        rhythm=objective.rhythm,
        is_private=objective.is_private,
        position=next_position(objective.team_id),
        copied_from=objective,
        why_again=why_again,
        form_token=token,
        created_at=now,
        created_by=actor,
    )
    for place, row in enumerate(carried, start=1):
        _carry(copy, row, place)
    write_history(
        copy,
        "copied",
        actor=actor,
        now=now,
        moved=("", ObjectiveState.DRAFT),
        reason=why_again,
        after={"from": objective.cycle.name, "key_results": len(carried)},
    )
    return copy


def _carry(copy: Objective, row: Carried, place: int) -> None:
    old = row.key_result
    changes = old.kind in CHANGES
    new = KeyResult.objects.create(
        objective=copy,
        position=place,
        title=old.title,
        kind=old.kind,
        baseline=row.baseline if changes else None,
        target=row.target if changes else old.target,
        low=old.low,
        high=old.high,
        unit=old.unit,
        weight=old.weight,
        ambition=old.ambition,
        owner=old.owner,
        kpi=old.kpi,
        kpi_follows=old.kpi_follows,
        hold_periods=old.hold_periods,
    )
    Milestone.objects.bulk_create(
        Milestone(key_result=new, title=step.title, weight=step.weight, position=step.position)
        for step in old.milestones.filter(done_at=None)
    )
