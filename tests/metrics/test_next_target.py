"""The next target of a KPI that held (signals.md 13)."""

from decimal import Decimal as D

import pytest

from metrics.kinds import Direction
from metrics.next_target import Bounds, Choice, decide, held, propose
from metrics.values import QUOTIENT

LOWER, HIGHER, RANGE = Direction.LOWER, Direction.HIGHER, Direction.RANGE


def decimals(*values):
    return [D(str(value)) for value in values]


@pytest.mark.parametrize(
    ("values", "direction", "expected"),
    [
        ((9, 7.5, 7.9), LOWER, 7.9),
        ((7.9, 8.5), LOWER, 8.5),
        ((7.9, 8.6), LOWER, 8.5),
        ((9, 9.5, 9.1), HIGHER, 9.1),
        ((8.4, 9.1), HIGHER, 8.5),
    ],
)
def test_the_proposal_is_the_worst_of_the_last_m_and_never_looser(values, direction, expected):
    proposal = propose(decimals(*values), 2, direction, Bounds(target=D("8.5")))
    assert proposal == Bounds(target=D(str(expected)))


@pytest.mark.parametrize(
    ("values", "low", "high"),
    [
        ((48, 55), 45, 55),
        ((48, 41), 41, 59),
        ((40, 50), 40, 60),
        ((30, 50), 40, 60),
        ((50, 50), 40, 60),
    ],
)
def test_a_range_moves_in_around_its_middle(values, low, high):
    proposal = propose(decimals(*values), 2, RANGE, Bounds(low=D(40), high=D(60)))
    assert proposal == Bounds(low=D(low), high=D(high))


@pytest.mark.parametrize("direction", [LOWER, HIGHER])
def test_a_mean_without_an_end_is_proposed_with_15_digits_and_meets_its_target(direction):
    mean = QUOTIENT.divide(D(25), D(3))
    today = Bounds(target=D(9) if direction == LOWER else D(8))
    found = propose([mean, mean], 2, direction, today)
    assert str(found.target) == ("8.33333333333334" if direction == LOWER else "8.33333333333333")
    assert held([mean, mean], 2, direction, found)


def test_a_range_around_a_mean_without_an_end_holds_it_and_is_never_looser():
    mean = QUOTIENT.divide(D(130), D(3))
    found = propose([mean], 1, RANGE, Bounds(low=D(40), high=D(60)))
    assert (str(found.low), str(found.high)) == ("43.3333333333333", "56.6666666666667")
    assert held([mean], 1, RANGE, found)
    edge = D("40.00000000000000000001")
    assert propose([edge], 1, RANGE, Bounds(low=D(40), high=D(60))) == Bounds(low=40, high=60)


def test_too_few_values_or_no_target_propose_nothing():
    assert propose(decimals(7), 2, LOWER, Bounds(target=D(8))) is None
    assert propose(decimals(7, 7), 2, LOWER, Bounds()) is None
    assert propose(decimals(7, 7), 2, RANGE, Bounds(target=D(8))) is None


@pytest.mark.parametrize(
    ("values", "direction", "expected"),
    [
        ((9, 8.5, 8.5), LOWER, True),
        ((8.5, 8.51), LOWER, False),
        ((8.5, 8.5), HIGHER, True),
        ((8.49, 8.5), HIGHER, False),
        ((8,), LOWER, False),
    ],
)
def test_it_held_when_the_last_m_values_are_on_target(values, direction, expected):
    assert held(decimals(*values), 2, direction, Bounds(target=D("8.5"))) is expected


def test_a_range_held_when_the_last_m_values_are_inside():
    today = Bounds(low=D(40), high=D(60))
    assert held(decimals(40, 60), 2, RANGE, today)
    assert not held(decimals(39, 60), 2, RANGE, today)
    assert not held(decimals(40, 60), 2, RANGE, Bounds())
    assert not held(decimals(40, 60), 2, LOWER, Bounds())


def test_a_person_keeps_tightens_or_sets_an_own_target():
    today, proposal, own = (Bounds(target=D(x)) for x in ("8.5", "8.1", "8.3"))
    facts = {"today": today, "proposal": proposal}
    assert decide("keep", **facts) is None
    assert decide("tighten", **facts) == proposal
    assert decide(Choice.OWN, **facts, own=own, reason="Legacy plans") == own
    assert decide("tighten", today=today, proposal=today) is None


def test_a_choice_without_what_it_needs_is_refused():
    today = Bounds(target=D("8.5"))
    with pytest.raises(ValueError, match="nothing to tighten"):
        decide("tighten", today=today, proposal=None)
    with pytest.raises(ValueError, match="new target"):
        decide("own", today=today, proposal=None, own=Bounds(), reason="x")
    with pytest.raises(ValueError, match="why"):
        decide("own", today=today, proposal=None, own=Bounds(target=D(9)), reason="  ")
    with pytest.raises(ValueError, match="loosen"):
        decide("loosen", today=today, proposal=None)
