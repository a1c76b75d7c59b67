"""The list of cycles, one cycle across all teams, and cycles with own dates."""

from datetime import date
from decimal import Decimal

import pytest

from objectives.actions import create_custom_cycle
from objectives.actions.cycles import Overlaps
from objectives.models import Cycle
from tests.factories import (
    NOW,
    make_check_in,
    make_cycle,
    make_key_result,
    make_objective,
    make_team,
    make_user,
)

pytestmark = pytest.mark.django_db
FIRST, LAST = date(2026, 8, 1), date(2026, 8, 31)


@pytest.fixture
def admin(client, team):
    user = make_user("Ada Berg", organisation=team.organisation, is_org_admin=True)
    client.force_login(user)
    return client


def fill(organisation, count, author):
    for number in range(count):
        team = make_team(organisation=organisation, name=f"Filler {number:04}")
        for _ in range(2):
            row = make_key_result(make_objective(team=team))
            make_check_in(row, author, value=Decimal(45))


def test_a_cycle_shows_the_teams_that_have_objectives_in_it(client, team, alice, vera):
    objective = make_objective(team=team, title="Our customers love our onboarding")
    make_check_in(make_key_result(objective), alice, value=Decimal(45), confidence=4)
    make_objective(team=team, title="A draft", state="draft")
    make_objective(team=team, title="Bring every customer home", level="company")
    client.force_login(vera)
    text = client.get(f"/cycles/{objective.cycle_id}/").content.decode()
    assert team.name in text
    assert "Bring every customer home" in text
    assert "A draft" not in text
    assert ">2</td>" in text


def test_what_is_private_counts_for_nobody_else(client, team, charlie):
    objective = make_objective(team=team, is_private=True, title="Hidden plan")
    client.force_login(charlie)
    text = client.get(f"/cycles/{objective.cycle_id}/").content.decode()
    assert "Hidden plan" not in text
    assert team.name not in text
    assert "No objective in this cycle" in text
    assert "0 objectives" in client.get("/cycles/").content.decode()


def test_another_organisations_cycle_is_unknown(client, alice):
    client.force_login(alice)
    assert client.get(f"/cycles/{make_objective().cycle_id}/").status_code == 404


def test_the_cycle_costs_the_same_queries_with_3_and_with_120_teams(
    client, team, alice, django_assert_num_queries
):
    client.force_login(alice)
    cycle = make_objective(team=team).cycle
    fill(team.organisation, 3, alice)
    client.get(f"/cycles/{cycle.pk}/")
    with django_assert_num_queries(14):
        client.get(f"/cycles/{cycle.pk}/")
    fill_more = 117
    for number in range(fill_more):
        other = make_team(organisation=team.organisation, name=f"More {number:04}")
        make_key_result(make_objective(team=other))
    with django_assert_num_queries(14):
        answer = client.get(f"/cycles/{cycle.pk}/")
    assert "Page 1 of 3" in answer.content.decode()


def test_an_admin_makes_a_cycle_with_own_dates_once(admin, team):
    fields = {"name": "Launch", "starts_on": FIRST, "ends_on": LAST}
    for _ in range(2):
        answer = admin.post("/cycles/new/", fields)
    made = Cycle.objects.get(kind="custom")
    assert (made.name, made.starts_on, made.ends_on) == ("Launch", FIRST, LAST)
    assert answer.status_code in (302, 422)


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"name": ""}, "This field is required."),
        ({"ends_on": FIRST}, "The last day must come after the first."),
        ({"starts_on": "2026-02-30"}, "Enter a valid date."),
        ({"name": "Q3 2026"}, "Another cycle already has this name."),
        ({"starts_on": date(2026, 7, 20)}, "It overlaps “Summer”"),
        ({"name": "x" * 41}, "at most 40 characters"),
    ],
)
def test_a_cycle_that_cannot_be_says_why(admin, team, fields, sentence):
    make_cycle(organisation=team.organisation)
    create_custom_cycle(
        team.organisation,
        name="Summer",
        starts_on=date(2026, 7, 1),
        ends_on=date(2026, 7, 31),
        now=NOW,
    )
    answer = admin.post(
        "/cycles/new/", {"name": "Launch", "starts_on": FIRST, "ends_on": LAST} | fields
    )
    assert answer.status_code == 422
    assert sentence in answer.content.decode()
    assert Cycle.objects.filter(kind="custom").count() == 1


def test_two_cycles_with_own_dates_do_not_overlap(team):
    fields = {"starts_on": FIRST, "ends_on": LAST, "now": NOW}
    made = create_custom_cycle(team.organisation, name="Launch", **fields)
    assert made.state == "active"
    assert create_custom_cycle(team.organisation, name="Launch", **fields) == made
    with pytest.raises(Overlaps):
        create_custom_cycle(team.organisation, name="Other", **fields)
