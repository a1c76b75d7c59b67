"""The tree of teams: no team under itself, in the form, in the arithmetic and at once."""

import threading

import pytest
from django.db import connection
from hypothesis import given
from hypothesis import strategies as st

from teams.actions import TeamLoop, change_team
from teams.models import Team
from teams.tree import in_order, is_under
from tests.factories import join, make_organisation, make_team, make_user
from tests.objectives.test_races import at_once

TEAMS = "/organisation/teams/"
PARENTS = st.lists(st.integers(0, 11), min_size=1, max_size=12)


def forest(above: list[int]) -> dict[int, int | None]:
    """A tree or several: each team stands under an earlier one, or at the top."""
    return {pk: (at % (pk + 1)) - 1 if at % (pk + 1) else None for pk, at in enumerate(above)}


def naive_ancestors(parents: dict, pk: int) -> set[int]:
    above = parents[pk]
    return {pk} | (naive_ancestors(parents, above) if above is not None else set())


@given(PARENTS)
def test_who_stands_under_whom_as_a_naive_walk_finds(above):
    parents = forest(above)
    for team in parents:
        found = {pk for pk in parents if is_under(parents, team, pk)}
        assert found == naive_ancestors(parents, team)


@given(PARENTS)
def test_each_team_is_read_once_right_below_its_ancestors(above):
    parents = forest(above)
    read = in_order((pk, parent, pk) for pk, parent in parents.items())
    assert sorted(pk for pk, _ in read) == sorted(parents)
    trail: list[int] = []
    for pk, depth in read:
        trail = [*trail[:depth], pk]
        assert len(naive_ancestors(parents, pk)) == depth + 1
        assert set(trail) == naive_ancestors(parents, pk)


def test_a_circle_ends():
    assert not is_under({1: 2, 2: 1}, 1, 3)


@pytest.fixture
def admin(client, ada):
    client.force_login(ada)
    return client


@pytest.mark.django_db
class TestPages:
    def test_a_team_is_made_under_another_with_its_lead(self, admin, team, bob):
        assert (
            f'value="{team.pk}" selected'
            in admin.get(f"{TEAMS}new/?under={team.pk}").content.decode()
        )
        data = {"name": "Onboarding", "purpose": "First days", "parent": team.pk, "lead": bob.pk}
        assert admin.post(f"{TEAMS}new/", data).status_code == 302
        made = Team.objects.get(name="Onboarding")
        assert (made.parent, made.memberships.get().role) == (team, "lead")
        page = admin.get(TEAMS).content.decode()
        assert page.index(f'id="team-{team.pk}"') < page.index(f'id="team-{made.pk}"')
        assert 'data-steps="1"' in page

    @pytest.mark.parametrize(
        ("data", "problem"),
        [
            ({"name": ""}, "required"),
            ({"name": "customer success"}, "Another team already has this name."),
            ({"parent": "98765"}, "Choose a team of the list"),
            ({"is_private": "on"}, "A private team needs a lead"),
            ({"lead": "98765"}, "Choose somebody who is here."),
        ],
        ids=str,
    )
    def test_what_cannot_be_is_422_and_nothing_is_made(self, admin, team, data, problem):
        answer = admin.post(f"{TEAMS}new/", {"name": "Onboarding"} | data)
        assert answer.status_code == 422
        assert problem in answer.content.decode()
        assert Team.objects.count() == 1

    def test_only_what_was_changed_is_written(self, admin, team):
        shown = {"name": "Customer Success", "purpose": "", "parent": ""}
        shown |= {f"initial-{name}": value for name, value in shown.items()}
        Team.objects.filter(pk=team.pk).update(purpose="Typed by somebody else meanwhile")
        assert admin.post(f"{TEAMS}{team.pk}/", shown | {"name": "Success"}).status_code == 302
        team.refresh_from_db()
        assert (team.name, team.purpose) == ("Success", "Typed by somebody else meanwhile")

    def test_a_team_does_not_stand_under_itself_or_below(self, admin, team):
        below = make_team(organisation=team.organisation, parent=team)
        for parent in (team, below):
            answer = admin.post(f"{TEAMS}{team.pk}/", {"name": team.name, "parent": parent.pk})
            assert answer.status_code == 422
            assert "cannot stand under itself" in answer.content.decode()
        team.refresh_from_db()
        assert team.parent is None

    def test_the_tree_asks_as_much_for_many_as_for_few(
        self, admin, team, django_assert_max_num_queries
    ):
        with django_assert_max_num_queries(9) as few:
            admin.get(TEAMS)
        Team.objects.bulk_create(
            Team(
                organisation=team.organisation,
                name=f"T{n}",
                parent=team,
                created_at=team.created_at,
            )
            for n in range(1000)
        )
        with django_assert_max_num_queries(9) as many:
            admin.get(TEAMS)
        assert len(few) == len(many)

    def test_a_private_team_of_others_is_not_listed(self, admin, organisation):
        hidden = make_team(organisation=organisation, name="Quiet works", is_private=True)
        assert "Quiet works" not in admin.get(TEAMS).content.decode()
        assert admin.get(f"{TEAMS}{hidden.pk}/").status_code == 404


@pytest.fixture
def two(db):
    organisation = make_organisation()
    join(make_team(organisation=organisation), make_user("Ada", organisation=organisation))
    return [make_team(organisation=organisation, name=name) for name in ("North", "South")]


@pytest.mark.django_db(transaction=True)
def test_two_moves_at_once_make_no_circle(two):
    north, south = two
    found = at_once(
        lambda: change_team(north, {"parent": south}), lambda: change_team(south, {"parent": north})
    )
    assert sorted(type(one).__name__ for one in found) == ["Team", "TeamLoop"]
    assert Team.objects.filter(pk__in=[north.pk, south.pk], parent=None).count() == 1


@pytest.mark.django_db(transaction=True)
def test_control_without_the_lock_they_make_one(two):
    looked = threading.Barrier(2)

    def naive(team, parent):
        def job():
            parents = dict(Team.objects.values_list("pk", "parent_id"))
            assert not is_under(parents, parent.pk, team.pk)
            looked.wait(10)
            Team.objects.filter(pk=team.pk).update(parent=parent)
            connection.close()

        return job

    north, south = two
    at_once(naive(north, south), naive(south, north))
    assert not Team.objects.filter(pk__in=[north.pk, south.pk], parent=None).exists()


@pytest.mark.django_db
def test_a_loop_behind_the_form_is_refused(two):
    north, south = two
    change_team(south, {"parent": north})
    with pytest.raises(TeamLoop):
        change_team(north, {"parent": south})
