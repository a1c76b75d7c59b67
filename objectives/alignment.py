"""The tree of aligned objectives, as a mapping of each objective to its parent. Pure.

A parent that is a key result stands for its objective: the tree is one of objectives. Objectives
without a parent need not be in the mapping. A mapping that holds a circle, which the actions
refuse to write, ends every walk where it meets itself again.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping


def lineage(pk: int, parents: Mapping[int, int]) -> Iterator[int]:
    """The objectives above `pk`, the nearest first."""
    seen = {pk}
    above = parents.get(pk)
    while above is not None and above not in seen:
        yield above
        seen.add(above)
        above = parents.get(above)


def depth(pk: int, parents: Mapping[int, int]) -> int:
    """How deep an objective stands: 1 without a parent, 2 below one that has none."""
    return 1 + sum(1 for _ in lineage(pk, parents))


def would_cycle(pk: int, parent: int, parents: Mapping[int, int]) -> bool:
    """Whether aligning `pk` to `parent` closes a circle: it is itself, or stands above it."""
    return parent == pk or pk in lineage(parent, parents)


def below(pk: int, parents: Mapping[int, int]) -> set[int]:
    """Every objective under `pk`, itself left out: those it cannot be aligned to."""
    return {other for other in parents if other != pk and pk in lineage(other, parents)}
