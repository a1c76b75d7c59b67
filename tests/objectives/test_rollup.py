from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from objectives import rollup
from objectives.kinds import Health
from objectives.states import MOVES, MoveRefused, ObjectiveState, require_move

D = Decimal


def test_progress_is_weighted_and_what_cannot_be_measured_stays_out():
    assert rollup.objective_progress([(D(1), D("0.5")), (D(1), None)]) == D("0.5")
    assert rollup.objective_progress([(D(3), D(1)), (D(1), D(0))]) == D("0.75")


@pytest.mark.parametrize("parts", [[], [(D(1), None)], [(D(0), D(1))]])
def test_nothing_to_measure_is_none_and_never_0(parts):
    assert rollup.objective_progress(parts) is None


@pytest.mark.parametrize(
    ("children", "health"),
    [
        ([Health.ON_TRACK, Health.AT_RISK, Health.STALE], Health.AT_RISK),
        ([Health.BEHIND, Health.STALE], Health.STALE),
        ([Health.ON_TRACK, Health.BEHIND], Health.BEHIND),
        ([Health.NOT_STARTED, Health.ON_TRACK], Health.ON_TRACK),
        ([Health.ON_TRACK, Health.NO_DATA], Health.NO_DATA),
        ([Health.ACHIEVED, Health.ON_TRACK], Health.ON_TRACK),
        ([Health.ACHIEVED, Health.WITHDRAWN], Health.ACHIEVED),
        ([Health.WITHDRAWN], None),
        ([], None),
    ],
)
def test_the_worst_child_is_the_status_and_silence_is_never_green(children, health):
    assert rollup.worst(children) == health


def test_a_team_is_the_plain_mean_of_its_objectives():
    assert rollup.team_progress([D("0.2"), None, D("0.4")]) == D("0.3")
    assert rollup.team_progress([None]) is None


def test_confidence_is_a_weighted_mean_with_its_minimum_beside_it():
    assert rollup.confidence([(D(1), 8), (D(3), 4), (D(1), None)]) == (D(5), 4)
    assert rollup.confidence([(D(1), None)]) is None


@given(st.lists(st.tuples(st.decimals(0, 5, places=2), st.decimals(0, 1, places=4)), min_size=1))
def test_progress_stays_between_its_least_and_its_most(parts):
    found = rollup.objective_progress(parts)
    weighed = [share for weight, share in parts if weight]
    noise = D("1e-20")
    assert (found is None) == (not weighed)
    if weighed:
        assert min(weighed) - noise <= found <= max(weighed) + noise


@pytest.mark.parametrize("now", ObjectiveState)
@pytest.mark.parametrize("then", ObjectiveState)
def test_only_the_moves_of_the_table_are_allowed(now, then):
    if (now, then) in MOVES:
        require_move(now, then)
    else:
        with pytest.raises(MoveRefused):
            require_move(now, then)


def test_what_is_closed_never_moves_again_and_what_is_withdrawn_only_back():
    assert not [m for m in MOVES if m[0] == ObjectiveState.CLOSED]
    back = {then for now, then in MOVES if now == ObjectiveState.WITHDRAWN}
    assert back == {ObjectiveState.DRAFT, ObjectiveState.PARKED, ObjectiveState.ACTIVE}
