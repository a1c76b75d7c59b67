"""What is aligned to an objective or a key result that is withdrawn, and that comes back."""

from __future__ import annotations

from datetime import datetime

from django.db.models import F, Q, QuerySet

from objectives.actions.alignment import align_objective, parent_of
from objectives.actions.history import write_history
from objectives.actions.parents import ParentRefused
from objectives.draft_offers import parent_key
from objectives.kinds import Fate
from objectives.models import KeyResult, Objective, ObjectiveEvent
from objectives.states import ENDED, LIVE, MoveRefused
from teams.models import User

# In the history of who was aligned: other words could tell what is private to another team.
LEFT = "What it was aligned to was withdrawn."


class Undecided(MoveRefused):
    """Objectives are aligned to what is to be withdrawn, and nobody said what becomes of them."""


def aligned_to(parent: Objective | KeyResult) -> QuerySet[Objective]:
    """The objectives aligned to a key result, or to an objective or one of its key results.

    Those that ended keep what they were aligned to and are left out.
    """
    if isinstance(parent, KeyResult):
        to = Q(parent_key_result=parent)
    else:
        to = Q(parent_objective=parent) | Q(parent_key_result__objective=parent)
    return Objective.objects.filter(to).exclude(state__in=ENDED).order_by("pk")


def above(parent: Objective | KeyResult) -> Objective | KeyResult | None:
    """What would take on what is aligned to `parent`: its objective, or what that is aligned to.

    None where nothing stands above it that is being worked on.
    """
    if isinstance(parent, KeyResult):
        return parent.objective
    higher = parent_of(parent)
    if isinstance(higher, KeyResult):
        return higher if higher.withdrawn_at is None and higher.objective.state in LIVE else None
    return higher if higher and higher.state in LIVE else None


def move_aligned(parent: Objective | KeyResult, fate: str, *, actor: User, now: datetime) -> None:
    """Align what is aligned to `parent` as `fate` says; each keeps it in its history.

    The tree is held by whoever withdraws `parent`. Raises Undecided where something is aligned to
    it and `fate` is empty.
    """
    children = list(aligned_to(parent).select_for_update(of=("self",)))
    if not children:
        return
    if fate not in Fate.values:
        raise Undecided(
            "Other objectives are aligned to it. Say what becomes of them, or align them first."
        )
    to = above(parent) if fate == Fate.ABOVE else None
    for child in children:
        before = parent_of(child)
        Objective.objects.filter(pk=child.pk).update(
            parent_objective=to if isinstance(to, Objective) else None,
            parent_key_result=to if isinstance(to, KeyResult) else None,
            version=F("version") + 1,
        )
        write_history(
            child,
            "aligned",
            actor=actor,
            now=now,
            reason=LEFT,
            before={"parent": before, "key": parent_key(before)},
            after={"parent": to, "key": parent_key(to), "left": parent_key(parent)},
        )


def align_again(
    parent: Objective | KeyResult, withdrawn_at: datetime, *, actor: User, now: datetime
) -> None:
    """Align to `parent`, which is brought back, what its withdrawal aligned to something else.

    What was aligned otherwise since stays as it is.
    """
    moves = ObjectiveEvent.objects.filter(
        type="aligned", at=withdrawn_at, after__left=parent_key(parent)
    )
    for move in moves.select_related("objective__parent_objective", "objective__parent_key_result"):
        child = move.objective
        was = _row_of(move.before["key"])
        if was is None or child.state in ENDED or parent_key(parent_of(child)) != move.after["key"]:
            continue
        try:
            align_objective(child, was, actor=actor, now=now, version=child.version)
        except ParentRefused:
            continue


def _row_of(key: str) -> Objective | KeyResult | None:
    model = KeyResult if key.startswith("k") else Objective
    return model.objects.filter(pk=int(key[1:])).first()
