"""An objective drafted again in another cycle."""

from datetime import date
from decimal import Decimal
from uuid import uuid4

import pytest

from objectives.actions.copies import Carried, copy_objective
from objectives.models import Milestone, Objective
from objectives.states import MoveRefused
from tests.factories import (
    NOW,
    make_check_in,
    make_cycle,
    make_key_result,
    make_objective,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def next_quarter(team):
    return make_cycle(
        organisation=team.organisation,
        name="Q4 2026",
        starts_on=date(2026, 10, 1),
        ends_on=date(2026, 12, 31),
    )


def copied(objective, cycle, carried, actor, token=None):
    fields = {"why_again": "The way was right, the time too short.", "actor": actor, "now": NOW}
    return copy_objective(objective, cycle, carried, token=token or uuid4(), **fields)


def test_only_the_chosen_key_results_are_carried_and_restart_at_todays_value(
    team, alice, next_quarter
):
    objective = make_objective(team=team)
    nps, left = make_key_result(objective), make_key_result(objective)
    make_check_in(nps, alice, value=Decimal(45))
    carried = [Carried(nps, baseline=Decimal(45), target=Decimal(52))]
    copy = copied(objective, next_quarter, carried, alice)
    row = copy.key_results.get()
    assert (copy.state, copy.cycle, copy.copied_from) == ("draft", next_quarter, objective)
    assert (row.title, row.baseline, row.target, row.latest) == (nps.title, 45, 52, None)
    assert left.objective.state == "active"


def test_the_same_form_twice_copies_once(team, alice, next_quarter):
    objective, token = make_objective(team=team), uuid4()
    first = copied(objective, next_quarter, [], alice, token)
    assert copied(objective, next_quarter, [], alice, token) == first
    assert Objective.objects.filter(copied_from=objective).count() == 1


def test_milestones_that_are_done_stay_behind(team, alice, next_quarter):
    objective = make_objective(team=team)
    row = make_key_result(objective, kind="milestones")
    Milestone.objects.create(key_result=row, title="Pilot", position=1, done_at=NOW)
    Milestone.objects.create(key_result=row, title="All sites", position=2)
    copy = copied(objective, next_quarter, [Carried(row)], alice)
    titles = copy.key_results.get().milestones.values_list("title", flat=True)
    assert list(titles) == ["All sites"]


def test_a_closed_cycle_takes_no_copy(team, alice, next_quarter):
    next_quarter.state, next_quarter.closed_at = "closed", NOW
    next_quarter.save()
    with pytest.raises(MoveRefused):
        copied(make_objective(team=team), next_quarter, [], alice)
