"""What stands around an objective on its page, and what a lead can do there."""

from datetime import timedelta

import pytest
from django.utils import timezone

from objectives.pages.surroundings import steps_of
from tests.factories import make_dependency, make_key_result, make_objective, make_team

pytestmark = pytest.mark.django_db


@pytest.fixture
def other(team):
    return make_team(organisation=team.organisation, name="Product")


def page(client, objective, user):
    client.force_login(user)
    return client.get(f"/objectives/{objective.pk}/").content.decode()


def test_parent_children_and_needs_stand_on_the_page(client, team, other, alice):
    row = make_key_result(make_objective(team=other, title="Win the market"), title="Share rises")
    objective = make_objective(team=team, title="Ours", parent_key_result=row)
    make_objective(team=other, title="Theirs below", parent_objective=objective)
    make_dependency(objective, other, alice, what="An import of old accounts")
    text = page(client, objective, alice)
    assert f'<a href="/key-results/{row.pk}/" dir="auto">Share rises</a>' in text
    assert "Theirs below" in text
    assert "An import of old accounts" in text


def test_a_hidden_parent_is_only_said_to_be_there(client, team, other, alice):
    hidden = make_objective(team=other, title="Quiet plan", is_private=True)
    objective = make_objective(team=team, parent_objective=hidden)
    text = page(client, objective, alice)
    assert "1 hidden" in text
    assert "Quiet plan" not in text


def test_a_hidden_child_is_not_listed(client, team, other, alice):
    objective = make_objective(team=team)
    make_objective(team=other, title="Quiet child", is_private=True, parent_objective=objective)
    assert "Quiet child" not in page(client, objective, alice)


@pytest.mark.parametrize(
    ("state", "labels"),
    [
        ("draft", ["Align it", "Ask another team", "Draft it again", "Put it on", "Withdraw it"]),
        ("parked", ["Take it up", "Withdraw it"]),
        ("active", ["Align it", "Ask another team", "Draft it again", "Withdraw it"]),
        ("closed", ["Draft it again"]),
    ],
)
def test_a_lead_can_do_what_the_state_allows(team, state, labels):
    now = timezone.now()
    ended = {"closed_at": now} if state == "closed" else {}
    steps = steps_of(make_objective(team=team, state=state, **ended), now)
    assert len(steps) == len(labels)
    assert all(step.label.startswith(label) for step, label in zip(steps, labels, strict=True))


def test_what_was_withdrawn_is_brought_back_for_30_days(client, team, alice, bob):
    now = timezone.now()
    fields = {"state": "withdrawn", "withdrawn_from": "active"}
    gone = make_objective(team=team, closed_at=now - timedelta(days=29), **fields)
    assert f"/objectives/{gone.pk}/restore/" in page(client, gone, alice)
    assert f"/objectives/{gone.pk}/restore/" not in page(client, gone, bob)
    old = make_objective(team=team, closed_at=now - timedelta(days=31), **fields)
    assert f"/objectives/{old.pk}/restore/" not in page(client, old, alice)


@pytest.mark.parametrize(("level", "who"), [("team", "We will"), ("individual", "I will")])
def test_the_card_says_who_will_and_by_what_it_is_measured(client, team, alice, level, who):
    objective = make_objective(team=team, level=level, title="Greet every customer")
    make_key_result(objective, title="Customers greeted rise")
    said = f"<b>{who}</b> greet every customer, <b>as measured by</b>"
    assert said in page(client, objective, alice)
