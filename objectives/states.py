"""The lives of objectives, cycles and dependencies: which states there are, which moves allowed."""

from __future__ import annotations

from django.db.models import TextChoices


class ObjectiveState(TextChoices):
    """A draft is invisible to every roll-up, a parked one waits; closed and withdrawn end it."""

    DRAFT = "draft", "draft"
    PARKED = "parked", "parked"
    ACTIVE = "active", "active"
    CLOSED = "closed", "closed"
    WITHDRAWN = "withdrawn", "withdrawn"


class CycleState(TextChoices):
    """`prepare` before its first day; `closing` after its last, while late updates still count."""

    PREPARE = "prepare", "in preparation"
    ACTIVE = "active", "active"
    CLOSING = "closing", "closing"
    CLOSED = "closed", "closed"


class DependencyState(TextChoices):
    """A dependency is asked for; the other team confirms or declines, or it is taken back."""

    ASKED = "asked", "asked"
    CONFIRMED = "confirmed", "confirmed"
    DECLINED = "declined", "declined"
    WITHDRAWN = "withdrawn", "taken back"


# Live: it answers its signal, so a second one for the same signal is refused.
LIVE = frozenset({ObjectiveState.DRAFT, ObjectiveState.ACTIVE})
# Ended: its figures are frozen.
ENDED = frozenset({ObjectiveState.CLOSED, ObjectiveState.WITHDRAWN})
# What teams and cycles add up: what is worked on, and how it ended.
ROLLED_UP = frozenset({ObjectiveState.ACTIVE, ObjectiveState.CLOSED})
# What may still be edited freely: nobody has checked in on it.
UNPUBLISHED = frozenset({ObjectiveState.DRAFT, ObjectiveState.PARKED})
# Cycles an objective can still be drafted for.
OPEN_CYCLES = frozenset({CycleState.PREPARE, CycleState.ACTIVE})

MOVES = frozenset(
    {
        (ObjectiveState.DRAFT, ObjectiveState.ACTIVE),
        (ObjectiveState.DRAFT, ObjectiveState.PARKED),
        (ObjectiveState.PARKED, ObjectiveState.DRAFT),
        (ObjectiveState.ACTIVE, ObjectiveState.CLOSED),
        *((state, ObjectiveState.WITHDRAWN) for state in ("draft", "parked", "active")),
        # Undo, within 30 days: back to where it was withdrawn from.
        *((ObjectiveState.WITHDRAWN, state) for state in ("draft", "parked", "active")),
    }
)


class MoveRefused(ValueError):
    """The object is not in a state from which it may go there."""


def require_move(now: str, then: str) -> None:
    """Raise MoveRefused unless an objective may go from state `now` to `then`."""
    if (now, then) not in MOVES:
        raise MoveRefused(f"An objective that is {now} cannot become {then}.")
