"""What stands aligned to an objective or a key result that is about to be withdrawn."""

from __future__ import annotations

from typing import NamedTuple

from objectives.actions.giving_up import above, aligned_to
from objectives.actions.parents import objective_of
from objectives.kinds import Fate
from objectives.models import KeyResult, Objective
from teams.models import User

MOST = 20


class Aligned(NamedTuple):
    """The objectives that lose what they are aligned to, and what may become of them.

    `shown` are those the person may see, at most `MOST`; `others` is how many there are besides.
    `fates` are the choices of the form.
    """

    shown: list[Objective]
    others: int
    fates: list[tuple[str, str]]


def aligned_view(parent: Objective | KeyResult, user: User) -> Aligned | None:
    """What is aligned to `parent`; None where nothing is."""
    rows = aligned_to(parent)
    count = rows.count()
    if not count:
        return None
    mine = rows.filter(pk__in=Objective.objects.visible_to(user).values("pk"))
    shown = list(mine.select_related("team")[:MOST])
    return Aligned(shown, count - len(shown), fates_of(parent, user))


def fates_of(parent: Objective | KeyResult, user: User) -> list[tuple[str, str]]:
    """The choices: to what stands above, by its name where the person may see it, or to nothing."""
    alone = (Fate.ALONE.value, str(Fate.ALONE.label))
    higher = above(parent)
    if higher is None:
        return [alone]
    is_seen = Objective.objects.visible_to(user).filter(pk=objective_of(higher).pk).exists()
    words = f"Align them to “{higher}”" if is_seen else str(Fate.ABOVE.label)
    return [(Fate.ABOVE.value, words), alone]
