"""What an @ and two letters offer: at most eight, who may read it, and nobody else's names."""

import re

import pytest
from django.test import Client

from teams.mentioning import mentioned
from teams.mentions import offered, who_see
from teams.models import User
from tests.factories import join, make_organisation, make_team, make_user

pytestmark = pytest.mark.django_db


def names(client, team, at, **asked) -> list[str]:
    answer = client.get(f"/teams/{team.pk}/mentions/", {"at": at} | asked)
    assert answer.status_code == 200
    return re.findall(r'role="option"[^>]*>([^<]*)<', answer.content.decode())


@pytest.fixture
def theirs(client, alice, bob, vera, charlie):
    client.force_login(alice)
    return client


@pytest.mark.parametrize(
    ("at", "found"),
    [
        ("bo", ["Bob Tanaka"]),
        ("BOB t", ["Bob Tanaka"]),
        ("  bob   t", ["Bob Tanaka"]),
        ("ta", ["Bob Tanaka"]),  # the beginning of any word
        ("an", []),  # not the middle of one
        ("os", ["Charlie Osei"]),
        ("al", []),  # oneself
        ("b", []),
        ("", []),
        ("%%", []),
        ("__", []),
        ("b" * 5000, []),
    ],
)
def test_words_that_begin_as_typed_are_offered(theirs, team, at, found):
    assert names(theirs, team, at) == found


def test_letters_that_are_no_ascii_are_found_in_any_case(theirs, team, organisation):
    for name in ("Øystein Berg", "Marta Ünal"):
        make_user(name, organisation=organisation)
    assert names(theirs, team, "øy") == ["Øystein Berg"]
    assert names(theirs, team, "ün") == ["Marta Ünal"]


def test_at_most_eight_first_names_first_and_a_name_once(theirs, team, organisation):
    for n in range(9):
        make_user(f"Max {n}", organisation=organisation)
    make_user("Anna Max", organisation=organisation)
    make_user("Max 0", organisation=organisation)
    assert names(theirs, team, "max") == [f"Max {n}" for n in range(8)]


def test_of_something_private_only_the_team_is_offered(theirs, team, organisation):
    assert names(theirs, team, "ch") == ["Charlie Osei"]
    assert names(theirs, team, "ch", private=1) == []
    assert names(theirs, team, "ve", private=1) == ["Vera Lind"]
    User.objects.filter(name="Vera Lind").update(is_active=False)
    assert names(theirs, team, "ve", private=1) == []


def test_of_a_private_team_only_its_people_are_offered_to_them(charlie, bob, organisation):
    secret = make_team(organisation=organisation, is_private=True)
    join(secret, charlie)
    client = Client()
    client.force_login(charlie)
    assert names(client, secret, "bo") == []
    join(secret, bob, "viewer")
    assert names(client, secret, "bo") == ["Bob Tanaka"]


def test_people_of_another_organisation_are_not_offered(theirs, team):
    make_user("Bodil Foss", organisation=make_organisation(name="Elsewhere"))
    assert names(theirs, team, "bo") == ["Bob Tanaka"]


def test_who_is_offered_is_who_is_told(team, alice, bob, vera, charlie):
    """What is put into the text mentions that person and nobody else."""
    everybody = list(User.objects.values_list("pk", "name"))
    for name in offered("ta", seeing=who_see(team, is_private=False), by=alice):
        assert mentioned(f"ask @{name} about it", everybody) == {bob.pk}


def test_a_name_is_text_and_never_markup(theirs, team, organisation):
    make_user("Zoe <img src=x>", organisation=organisation)
    page = theirs.get(f"/teams/{team.pk}/mentions/?at=zoe").content.decode()
    assert "Zoe &lt;img src=x&gt;" in page
    assert "<img" not in page


def test_it_costs_one_query_for_the_names_at_any_size(
    theirs, team, organisation, django_assert_num_queries
):
    # Besides: the session, the person, the role.
    with django_assert_num_queries(4):
        names(theirs, team, "bo")
    User.objects.bulk_create(
        User(email=f"p{n}@halden.example", name=f"Bodil {n}", organisation=organisation)
        for n in range(1000)
    )
    with django_assert_num_queries(4):
        assert len(names(theirs, team, "bo")) == 8
    with django_assert_num_queries(3):
        names(theirs, team, "b")
