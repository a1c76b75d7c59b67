"""The tree of teams: who is under whom, and the order in which it is read. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import TypeVar

T = TypeVar("T")


def is_under(parents: Mapping[int, int | None], team: int, ancestor: int) -> bool:
    """Whether `ancestor` is the team itself or stands somewhere above it.

    `parents` maps each team to the one it is under, None at the top; a circle ends.
    """
    seen: set[int] = set()
    here: int | None = team
    while here is not None and here not in seen:
        if here == ancestor:
            return True
        seen.add(here)
        here = parents.get(here)
    return False


def in_order(rows: Iterable[tuple[int, int | None, T]]) -> list[tuple[T, int]]:
    """Each row (id, parent, what) once with its depth from 0, children below their parent.

    The order among brothers is kept; one whose parent is not among the rows stands at the top.
    """
    rows = list(rows)
    known = {pk for pk, _, _ in rows}
    children: dict[int | None, list[tuple[int, T]]] = defaultdict(list)
    for pk, parent, what in rows:
        children[parent if parent in known else None].append((pk, what))
    found, waiting = [], [(pk, what, 0) for pk, what in reversed(children[None])]
    while waiting:
        pk, what, depth = waiting.pop()
        found.append((what, depth))
        waiting += [(child, below, depth + 1) for child, below in reversed(children[pk])]
    return found
