"""What one team needs of another: asked, answered, told."""

from datetime import date
from uuid import uuid4

import pytest

from objectives.actions import Changed
from objectives.actions.dependencies import answer_dependency, ask_for, take_back
from objectives.models import Dependency, ObjectiveEvent
from objectives.states import MoveRefused
from teams.models import OutboxMessage
from tests.factories import NOW, join, make_objective, make_team, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def other(team):
    return make_team(organisation=team.organisation, name="Product")


@pytest.fixture
def omar(other):
    return join(other, make_user("Omar Haddad", organisation=other.organisation), "lead")


def ask(objective, other, actor, **over):
    fields = {"what": "An import of old accounts", "needed_on": date(2026, 9, 1)}
    fields |= {"token": uuid4(), "actor": actor, "now": NOW}
    return ask_for(objective, other, **fields | over)


def told(kind):
    rows = OutboxMessage.objects.filter(event_key__endswith=kind, channel="inbox")
    return set(rows.values_list("recipient__name", flat=True))


def test_the_leads_of_the_asked_team_are_told_once(team, alice, other, omar):
    token = uuid4()
    objective = make_objective(team=team)
    first = ask(objective, other, alice, token=token)
    assert ask(objective, other, alice, token=token) == first
    assert told("asked") == {"Omar Haddad"}
    assert Dependency.objects.count() == 1


def test_a_confirmation_is_told_to_those_who_asked(team, alice, other, omar):
    asked = ask(make_objective(team=team), other, alice)
    found = answer_dependency(asked, confirmed=True, actor=omar, now=NOW, version=1)
    assert (found.state, found.answered_by) == ("confirmed", omar)
    assert told("confirmed") == {"Alice Moreau"}


def test_declining_needs_a_reason(team, alice, other, omar):
    asked = ask(make_objective(team=team), other, alice)
    with pytest.raises(ValueError, match="why"):
        answer_dependency(asked, confirmed=False, actor=omar, now=NOW, version=1)
    fields = {"actor": omar, "now": NOW, "version": 1, "reason": "Full until October"}
    assert answer_dependency(asked, confirmed=False, **fields).state == "declined"


def test_two_answers_at_once_are_not_both_kept(team, alice, other, omar):
    asked = ask(make_objective(team=team), other, alice)
    answer_dependency(asked, confirmed=True, actor=omar, now=NOW, version=1)
    with pytest.raises(Changed):
        take_back(asked, actor=alice, now=NOW, version=1)


def test_the_same_answer_again_changes_nothing(team, alice, other, omar):
    asked = ask(make_objective(team=team), other, alice)
    for _ in range(2):
        answer_dependency(asked, confirmed=True, actor=omar, now=NOW, version=1)
    assert ObjectiveEvent.objects.filter(type="dependency_confirmed").count() == 1


def test_what_was_taken_back_is_not_answered(team, alice, other, omar):
    asked = ask(make_objective(team=team), other, alice)
    back = take_back(asked, actor=alice, now=NOW, version=1)
    with pytest.raises(MoveRefused):
        answer_dependency(back, confirmed=True, actor=omar, now=NOW, version=back.version)


@pytest.mark.parametrize("over", [{"is_private": True}, {"state": "closed", "closed_at": NOW}])
def test_a_private_or_ended_objective_asks_nobody(team, alice, other, over):
    with pytest.raises(MoveRefused):
        ask(make_objective(team=team, **over), other, alice)


def test_one_does_not_ask_ones_own_team(team, alice):
    with pytest.raises(MoveRefused):
        ask(make_objective(team=team), team, alice)
