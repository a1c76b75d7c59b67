"""Aligning an objective that is there already, from its own side or from its parent's."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from objectives.actions.history import take_version, write_history
from objectives.actions.parents import objective_of, require_parent
from objectives.models import KeyResult, Objective
from objectives.states import ENDED, MoveRefused
from teams.models import User


@transaction.atomic
def align_objective(
    objective: Objective,
    parent: Objective | KeyResult | None,
    *,
    actor: User,
    now: datetime,
    version: int,
) -> Objective:
    """Align an objective to a parent, or to none; both keep it in their history.

    The same parent again changes nothing. Raises ParentRefused with the reason, Changed when
    somebody edited it since `version`, MoveRefused for what has ended.
    """
    fresh = Objective.objects.select_related("team__organisation", "cycle").get(pk=objective.pk)
    if parent_of(fresh) == parent:
        return fresh
    require_parent(fresh.pk, fresh.team.organisation, fresh.cycle, parent)
    take_version(fresh, version)
    if fresh.state in ENDED:
        raise MoveRefused("The objective has ended; its alignment stays as it was.")
    before = parent_of(fresh)
    fresh.parent_objective = parent if isinstance(parent, Objective) else None
    fresh.parent_key_result = parent if isinstance(parent, KeyResult) else None
    fresh.save(update_fields=["parent_objective", "parent_key_result"])
    write_history(
        fresh,
        "aligned",
        actor=actor,
        now=now,
        before={"parent": before},
        after={"parent": parent},
    )
    if parent is not None:
        above = objective_of(parent)
        write_history(above, "child_aligned", actor=actor, now=now, after={"child": fresh.title})
    return fresh


def parent_of(objective: Objective) -> Objective | KeyResult | None:
    """What the objective is aligned to, an objective or a key result."""
    return objective.parent_objective or objective.parent_key_result
