"""The tree of aligned objectives: walked, measured, and kept free of circles."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from objectives.alignment import below, depth, lineage, would_cycle

# 4 stands under 3, 3 under 2, 2 under 1; 6 under 5.
TREE = {4: 3, 3: 2, 2: 1, 6: 5}


def test_the_lineage_names_the_nearest_first():
    assert list(lineage(4, TREE)) == [3, 2, 1]
    assert list(lineage(1, TREE)) == []


@pytest.mark.parametrize(("pk", "deep"), [(1, 1), (2, 2), (4, 4), (6, 2), (99, 1)])
def test_depth_counts_from_the_top(pk, deep):
    assert depth(pk, TREE) == deep


@pytest.mark.parametrize(
    ("pk", "parent", "closes"),
    [(1, 1, True), (1, 4, True), (2, 3, True), (4, 1, False), (1, 6, False), (5, 4, False)],
)
def test_a_circle_is_seen_before_it_is_closed(pk, parent, closes):
    assert would_cycle(pk, parent, TREE) is closes


def test_what_stands_below_cannot_be_a_parent():
    assert below(2, TREE) == {3, 4}
    assert below(4, TREE) == set()


def test_a_mapping_with_a_circle_still_ends():
    assert list(lineage(1, {1: 2, 2: 3, 3: 2})) == [2, 3]
    assert depth(1, {1: 1}) == 1


@st.composite
def trees(draw):
    """A tree: the parent of each objective has a smaller number, or there is none."""
    count = draw(st.integers(2, 12))
    chosen = {pk: draw(st.none() | st.integers(1, pk - 1)) for pk in range(2, count + 1)}
    return count, {pk: parent for pk, parent in chosen.items() if parent is not None}


def naive_reaches(start: int, goal: int, parents: dict[int, int]) -> bool:
    """Try every path of as many steps as there are objectives."""
    place = start
    for _ in range(len(parents) + 2):
        if place == goal:
            return True
        if place not in parents:
            return False
        place = parents[place]
    return False


@given(trees(), st.data())
def test_would_cycle_agrees_with_a_naive_walk(tree, data):
    count, parents = tree
    pk, parent = data.draw(st.integers(1, count)), data.draw(st.integers(1, count))
    assert would_cycle(pk, parent, parents) == naive_reaches(parent, pk, parents)


@given(trees(), st.data())
def test_aligning_where_no_circle_closes_leaves_every_walk_finite(tree, data):
    count, parents = tree
    pk, parent = data.draw(st.integers(1, count)), data.draw(st.integers(1, count))
    if would_cycle(pk, parent, parents):
        return
    joined = parents | {pk: parent}
    assert all(not naive_reaches(joined[one], one, joined) for one in joined)
    assert depth(pk, joined) == depth(parent, joined) + 1
    assert pk in below(parent, joined)
