"""Where a team is going, on its page: filters, drafts, the parking list, dependencies, order."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from tests.factories import (
    make_check_in,
    make_cycle,
    make_dependency,
    make_key_result,
    make_objective,
    make_team,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def now_cycle(team):
    """A cycle that runs today, whenever that is."""
    today = team.organisation.today(timezone.now())
    return make_cycle(
        organisation=team.organisation,
        name="This quarter",
        starts_on=today - timedelta(days=45),
        ends_on=today + timedelta(days=45),
    )


def running(team, cycle, title, **over):
    return make_objective(team=team, cycle=cycle, title=title, starts_on=cycle.starts_on, **over)


def page(client, team, user, query=""):
    client.force_login(user)
    return client.get(f"/teams/{team.pk}/{query}").content.decode()


def test_members_see_drafts_and_the_parking_list_strangers_do_not(
    client, team, now_cycle, vera, charlie
):
    running(team, now_cycle, "Running one")
    running(team, now_cycle, "A draft", state="draft")
    running(team, now_cycle, "A parked one", state="parked")
    text = page(client, team, vera)
    assert "A draft" in text
    assert "A parked one" in text
    text = page(client, team, charlie)
    assert "Running one" in text
    assert "A draft" not in text
    assert "A parked one" not in text


def test_the_page_filters_by_cycle_owner_and_status(client, team, now_cycle, alice, bob):
    old = make_cycle(
        organisation=team.organisation,
        name="An old quarter",
        starts_on=date(2020, 1, 1),
        ends_on=date(2020, 3, 31),
        state="closed",
        closed_at=timezone.now(),
    )
    closed = {"state": "closed", "closed_at": timezone.now(), "grade": Decimal("0.7")}
    running(team, old, "Done long ago", **closed)
    for owner, title in ((alice, "Hers"), (bob, "His")):
        running(team, now_cycle, title, owner=owner)
    text = page(client, team, alice)
    assert "Done long ago" not in text
    text = page(client, team, alice, f"?cycle={old.pk}")
    assert "Done long ago" in text
    assert ">Hers</a>" not in text
    text = page(client, team, alice, f"?owner={bob.pk}")
    assert ">His</a>" in text
    assert ">Hers</a>" not in text
    text = page(client, team, alice, "?status=achieved")
    assert "No objective of the team fits the filter." in text
    text = page(client, team, alice, "?status=nonsense&cycle=x'&owner=-1")
    assert ">Hers</a>" in text


def test_dependencies_stand_on_both_teams_pages(client, team, now_cycle, alice, charlie):
    other = charlie.teams.get()
    objective = running(team, now_cycle, "Ours")
    make_dependency(objective, other, alice, what="An import of old accounts")
    text = page(client, team, alice)
    assert "Asked by us" in text
    text = page(client, other, charlie)
    assert "Asked of us" in text
    assert "An import of old accounts" in text


def test_a_dependency_of_a_private_objective_stands_on_its_own_page_only(
    client, team, now_cycle, alice, charlie
):
    other = charlie.teams.get()
    objective = running(team, now_cycle, "Ours", is_private=True)
    make_dependency(objective, other, alice, what="A quiet favour")
    assert "A quiet favour" in page(client, team, alice)
    assert "A quiet favour" not in page(client, other, charlie)


def test_leads_can_reorder_two_objectives_and_others_cannot(client, team, now_cycle, alice, bob):
    first = running(team, now_cycle, "First")
    assert 'name="up"' not in page(client, team, alice)
    running(team, now_cycle, "Second")
    text = page(client, team, alice)
    assert f'name="up" value="{first.pk}"' in text
    assert "order.js" in text
    assert 'name="up"' not in page(client, team, bob)


def test_a_fall_of_confidence_asks_what_would_bring_it_back(client, team, now_cycle, alice):
    row = make_key_result(running(team, now_cycle, "Ours"), title="NPS rises")
    for weeks, confidence in ((2, 6), (1, 4)):
        day = now_cycle.starts_on + timedelta(weeks=6 - weeks)
        make_check_in(row, alice, confidence=confidence, due_on=day)
    text = page(client, team, alice)
    assert "Confidence in “NPS rises” fell from 6 to 4." in text
    assert f"/key-results/{row.pk}/#blockers" in text


def test_progress_is_explained(client, team, now_cycle, alice):
    make_key_result(running(team, now_cycle, "Ours"))
    text = page(client, team, alice)
    assert 'class="explain"' in text


def test_the_destination_costs_the_same_queries_with_2_and_with_30_objectives(
    client, team, now_cycle, alice, django_assert_num_queries
):
    other = make_team(organisation=team.organisation)
    for _ in range(2):
        objective = running(team, now_cycle, "Ours")
        make_check_in(make_key_result(objective), alice, value=Decimal(45))
        make_dependency(objective, other, alice)
    page(client, team, alice)
    with django_assert_num_queries(17):
        client.get(f"/teams/{team.pk}/")
    for _ in range(28):
        objective = running(team, now_cycle, "Ours")
        make_check_in(make_key_result(objective), alice, value=Decimal(45))
        make_dependency(objective, other, alice)
    with django_assert_num_queries(17):
        client.get(f"/teams/{team.pk}/")
