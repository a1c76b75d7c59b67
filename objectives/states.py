"""The lives of an objective and of a cycle: which states there are and which moves are allowed."""

from __future__ import annotations

from django.db.models import TextChoices


class ObjectiveState(TextChoices):
    """A draft is invisible to every roll-up; closed and withdrawn are the end."""

    DRAFT = "draft", "draft"
    ACTIVE = "active", "active"
    CLOSED = "closed", "closed"
    WITHDRAWN = "withdrawn", "withdrawn"


class CycleState(TextChoices):
    """`prepare` before its first day; `closing` from its last day until everything is graded."""

    PREPARE = "prepare", "in preparation"
    ACTIVE = "active", "active"
    CLOSING = "closing", "closing"
    CLOSED = "closed", "closed"


# Live: it answers its signal, so a second one for the same signal is refused.
LIVE = frozenset({ObjectiveState.DRAFT, ObjectiveState.ACTIVE})
# Ended: its figures are frozen.
ENDED = frozenset({ObjectiveState.CLOSED, ObjectiveState.WITHDRAWN})

MOVES = frozenset(
    {
        (ObjectiveState.DRAFT, ObjectiveState.ACTIVE),
        (ObjectiveState.DRAFT, ObjectiveState.WITHDRAWN),
        (ObjectiveState.ACTIVE, ObjectiveState.CLOSED),
        (ObjectiveState.ACTIVE, ObjectiveState.WITHDRAWN),
    }
)


class MoveRefused(ValueError):
    """The object is not in a state from which it may go there."""


def require_move(now: str, then: str) -> None:
    """Raise MoveRefused unless an objective may go from state `now` to `then`."""
    if (now, then) not in MOVES:
        raise MoveRefused(f"An objective that is {now} cannot become {then}.")
