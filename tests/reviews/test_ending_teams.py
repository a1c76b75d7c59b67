"""A team is archived when nothing is open, or merged: what is open moves, what is over stays."""

import pytest

from metrics.models import Kpi
from objectives.models import Objective
from reviews.actions.ending_teams import archive_team, merge_teams
from teams.actions import TeamInUse, restore_team
from teams.models import Team
from tests.factories import (
    NOW,
    join,
    make_closed_objective,
    make_dependency,
    make_kpi,
    make_objective,
    make_review,
    make_team,
)

pytestmark = pytest.mark.django_db
TEAMS = "/organisation/teams/"


@pytest.fixture
def admin(client, ada):
    client.force_login(ada)
    return client


@pytest.fixture
def into(organisation, bob):
    other = make_team(organisation=organisation, name="Customers")
    join(other, bob, "viewer")
    return other


def test_an_empty_team_is_archived_and_can_be_read(admin, team, alice, client):
    assert admin.post(f"{TEAMS}{team.pk}/archive/").status_code == 302
    team.refresh_from_db()
    assert team.archived_at is not None
    assert alice.memberships.get().role == "viewer"
    assert "Archived" in admin.get(TEAMS).content.decode()
    client.force_login(alice)
    assert client.get(f"/teams/{team.pk}/").status_code == 200
    assert client.get(f"/teams/{team.pk}/objectives/new/").status_code == 403
    assert f'href="/teams/{team.pk}/"' not in client.get("/teams/").content.decode()


def test_it_is_put_back_without_roles(admin, team, alice):
    archive_team(team, now=NOW)
    assert admin.post(f"{TEAMS}{team.pk}/restore/").status_code == 302
    team.refresh_from_db()
    assert (team.archived_at, alice.memberships.get().role) == (None, "viewer")


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda team: make_kpi(team=team), "It watches 1 KPI."),
        (lambda team: make_objective(team=team), "1 objective of it is open."),
        (
            lambda team: make_team(organisation=team.organisation, parent=team, name="Below"),
            "“Below” stands under it.",
        ),
        (
            lambda team: make_review(
                team=team,
                cycle=make_objective(team=team, state="closed", closed_at=NOW, grade=1).cycle,
            ),
            "1 review of it is open.",
        ),
    ],
    ids=["KPI", "objective", "sub-team", "review"],
)  # fmt: skip
def test_what_is_open_stands_in_the_way_and_is_named(admin, team, make, said):
    make(team)
    answer = admin.post(f"{TEAMS}{team.pk}/archive/")
    assert answer.status_code == 422
    assert said in answer.content.decode()
    team.refresh_from_db()
    assert team.archived_at is None


def test_merging_moves_what_is_open_and_leaves_what_is_over(admin, team, into, alice, bob, ada):
    kpi = make_kpi(team=team)
    make_kpi(team=into)
    objective = make_objective(team=team)
    over = make_objective(team=team, state="closed", closed_at=NOW, grade=1)
    waiting = make_closed_objective(make_kpi(team=team))
    asked = make_dependency(make_objective(team=into), team, bob)
    below = make_team(organisation=team.organisation, parent=team)
    for _ in range(2):  # sent twice, it is done once
        answer = admin.post(f"{TEAMS}{team.pk}/merge/", {"into": into.pk})
    assert answer.status_code == 302
    for row in (kpi, objective, over, waiting, asked, below, team):
        row.refresh_from_db()
    assert kpi.team == objective.team == waiting.team == asked.team == into
    assert kpi.source.team == into
    assert over.team == team
    assert below.parent == into
    assert (team.merged_into, team.archived_at is not None) == (into, True)
    assert dict(into.memberships.values_list("user__name", "role")) == {
        "Alice Moreau": "lead",
        "Bob Tanaka": "member",
    }
    assert kpi.events.get(type="moved").reason == "Customer Success was merged into Customers."
    assert objective.events.get(type="moved").actor == ada
    assert admin.get(kpi.get_absolute_url()).status_code == 200


def test_a_team_may_be_merged_into_one_below_it(team, ada):
    middle = make_team(organisation=team.organisation, parent=team, name="Middle")
    low = make_team(organisation=team.organisation, parent=middle, name="Low")
    merge_teams(team, low, actor=ada, now=NOW)
    above = dict(Team.objects.values_list("name", "parent__name"))
    assert above == {"Customer Success": None, "Low": None, "Middle": "Low"}


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (
            lambda team, into: [make_kpi(team=one, name="Churn") for one in (team, into)],
            "Both teams have a KPI “Churn”. Rename one of them first.",
        ),
        (
            lambda team, into: make_review(team=team, cycle=make_objective(team=team).cycle),
            "1 review of it is open.",
        ),
    ],
    ids=["same KPI", "open review"],
)
def test_what_stands_in_the_way_of_merging_is_named(admin, team, into, make, said):
    make(team, into)
    make_objective(team=team)
    answer = admin.post(f"{TEAMS}{team.pk}/merge/", {"into": into.pk})
    assert answer.status_code == 422
    assert said in answer.content.decode()
    assert not Kpi.objects.filter(team=into).exclude(name="Churn").exists()
    assert not Objective.objects.filter(team=into).exists()


def test_a_private_team_is_not_merged_into_an_open_one(team, into, ada):
    Team.objects.filter(pk=team.pk).update(is_private=True)
    with pytest.raises(TeamInUse, match="is private and"):
        merge_teams(team, into, actor=ada, now=NOW)


def test_sources_of_one_name_say_where_they_came_from(team, into, ada):
    kpi, other = make_kpi(team=team), make_kpi(team=into)
    for one in (kpi, other):
        one.source.name = "Survey tool"
        one.source.save()
    merge_teams(team, into, actor=ada, now=NOW)
    kpi.source.refresh_from_db()
    assert kpi.source.name == "Survey tool (Customer Success)"
    restore_team(team)


@pytest.mark.parametrize(
    ("typed", "said"),
    [("", "Choose the team that takes over."), ("98765", "Choose a team of the list.")],
)
def test_no_team_or_an_unknown_one_is_422(admin, team, typed, said):
    answer = admin.post(f"{TEAMS}{team.pk}/merge/", {"into": typed})
    assert answer.status_code == 422
    assert said in answer.content.decode()
