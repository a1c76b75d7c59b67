"""Parking, withdrawing, undo, and the order of objectives."""

from datetime import timedelta

import pytest

from metrics.models import Treatment
from objectives.actions import Changed
from objectives.actions.lifecycle import (
    park_objective,
    restore_objective,
    unpark_objective,
    withdraw_objective,
)
from objectives.actions.ordering import moved, order_objectives
from objectives.models import ObjectiveEvent
from objectives.states import MoveRefused
from tests.factories import NOW, make_key_result, make_kpi, make_objective, make_signal

pytestmark = pytest.mark.django_db


def test_a_draft_is_parked_and_taken_back(team, alice):
    draft = make_objective(team=team, state="draft")
    parked = park_objective(draft, reason="Next year", actor=alice, now=NOW, version=1)
    assert parked.state == "parked"
    back = unpark_objective(parked, actor=alice, now=NOW, version=parked.version)
    assert back.state == "draft"
    kinds = list(ObjectiveEvent.objects.values_list("type", "from_state", "to_state"))
    assert kinds == [("parked", "draft", "parked"), ("unparked", "parked", "draft")]


def test_parking_twice_is_one_change(team, alice):
    draft = make_objective(team=team, state="draft")
    for _ in range(2):
        park_objective(draft, reason="Later", actor=alice, now=NOW, version=1)
    assert ObjectiveEvent.objects.count() == 1


def test_an_active_objective_is_not_parked(team, alice):
    with pytest.raises(MoveRefused):
        park_objective(make_objective(team=team), reason="", actor=alice, now=NOW, version=1)


def test_a_stale_form_withdraws_nothing(team, alice):
    objective = make_objective(team=team, version=2)
    with pytest.raises(Changed):
        withdraw_objective(objective, reason="Gone", actor=alice, now=NOW, version=1)
    objective.refresh_from_db()
    assert objective.state == "active"


def test_what_was_withdrawn_comes_back_with_all_it_had(team, alice):
    objective = make_objective(team=team)
    make_key_result(objective)
    gone = withdraw_objective(objective, reason="Merged", actor=alice, now=NOW, version=1)
    assert (gone.state, gone.withdrawn_from, gone.closed_at) == ("withdrawn", "active", NOW)
    last_moment = NOW + timedelta(days=30)
    back = restore_objective(gone, actor=alice, now=last_moment, version=gone.version)
    assert (back.state, back.withdrawn_from, back.closed_at) == ("active", "", None)
    assert back.key_results.count() == 1


def test_after_30_days_it_stays_withdrawn(team, alice):
    gone = withdraw_objective(
        make_objective(team=team), reason="Merged", actor=alice, now=NOW, version=1
    )
    with pytest.raises(MoveRefused):
        restore_objective(
            gone, actor=alice, now=NOW + timedelta(days=30, seconds=1), version=gone.version
        )


def treated(team):
    """An active objective that answers a signal, with the KPI's side of it."""
    signal = make_signal(make_kpi(team=team, target=8), decision="okr")
    objective = make_objective(team=team, signal=signal)
    Treatment.objects.create(
        signal=signal,
        team=team,
        title=objective.title,
        url=objective.get_absolute_url(),
        starts_on=objective.starts_on,
        ends_on=objective.cycle.ends_on,
        began_at=NOW,
    )
    return objective


def test_withdrawing_an_answer_ends_the_treatment_and_undo_begins_it_again(team, alice):
    objective = treated(team)
    gone = withdraw_objective(objective, reason="Wrong lever", actor=alice, now=NOW, version=1)
    assert Treatment.objects.get().ended_at == NOW
    restore_objective(gone, actor=alice, now=NOW, version=gone.version)
    treatment = Treatment.objects.get()
    assert (treatment.ended_at, treatment.url) == (None, objective.get_absolute_url())


def test_undo_is_refused_once_another_objective_answers_the_signal(team, alice):
    objective = treated(team)
    gone = withdraw_objective(objective, reason="Wrong lever", actor=alice, now=NOW, version=1)
    make_objective(team=team, signal=objective.signal, state="draft")
    with pytest.raises(MoveRefused, match="otherwise"):
        restore_objective(gone, actor=alice, now=NOW, version=gone.version)


@pytest.mark.parametrize(
    ("pk", "steps", "expected"),
    [(2, -1, [2, 1, 3]), (2, 1, [1, 3, 2]), (1, -1, [1, 2, 3]), (3, 5, [1, 2, 3])],
)
def test_one_of_a_list_moves_as_far_as_there_is_room(pk, steps, expected):
    assert moved([1, 2, 3], pk, steps) == expected


def test_objectives_keep_the_order_they_were_given(team, alice):
    first, second, third = (make_objective(team=team, title=title) for title in "ABC")
    found = order_objectives(team, [third.pk, first.pk], actor=alice, now=NOW)
    assert found == [third.pk, first.pk, second.pk]
    other = make_objective(title="Elsewhere")
    assert order_objectives(team, [other.pk], actor=alice, now=NOW) == found
    assert order_objectives(team, found, actor=alice, now=NOW) == found
    assert ObjectiveEvent.objects.filter(type="reordered").count() == 1
