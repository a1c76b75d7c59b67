"""Leads look after who is in their team; a private team is never left without somebody who can."""

import re

import pytest
from django.test import Client

from teams.actions import LastLead, TeamIsLed, change_roles, deactivate, name_lead
from teams.models import AuditEvent, Membership, Team, User
from tests.factories import NOW, join, make_organisation, make_team, make_user

pytestmark = pytest.mark.django_db
ALONE = "is the only lead, and the team is private: nobody could let anybody in."


def signed_in(person) -> Client:
    client = Client()
    client.force_login(person)
    return client


def path(team) -> str:
    return f"/teams/{team.pk}/people/"


def filled(client, team, **typed) -> dict:
    """What the page would send, with what was typed over it; names of fields with _ for -."""
    page = client.get(path(team)).content.decode()
    hidden = re.findall(r'type="hidden" name="(initial-role-\d+)" value="([^"]*)"', page)
    data = dict(hidden) | {name.removeprefix("initial-"): value for name, value in hidden}
    return data | {name.replace("role_", "role-"): value for name, value in typed.items()}


def roles_in(team) -> dict[str, str]:
    rows = team.memberships.order_by("user__name")
    return {name.split()[0]: role for name, role in rows.values_list("user__name", "role")}


@pytest.fixture
def secret(organisation, alice, bob):
    """A private team of Alice, who leads it alone, and Bob."""
    team = make_team(organisation=organisation, name="Quiet works", is_private=True)
    join(team, alice, "lead")
    join(team, bob, "member")
    return team


# -- a lead ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("is_private", [False, True])
def test_a_lead_lets_in_changes_and_takes_out(organisation, team, alice, bob, vera, is_private):
    Team.objects.filter(pk=team.pk).update(is_private=is_private)
    charlie = make_user("Charlie Osei", organisation=organisation)
    client = signed_in(alice)
    typed = {f"role_{bob.pk}": "lead", f"role_{vera.pk}": "", "join": charlie.pk}
    for _ in range(2):  # sent twice, it is one effect
        answer = client.post(path(team), filled(client, team, **typed) | {"join_role": "viewer"})
        assert (answer.status_code, answer.url) == (302, path(team))
        typed.pop(f"role_{vera.pk}", None)
    assert roles_in(team) == {"Alice": "lead", "Bob": "lead", "Charlie": "viewer"}
    told = AuditEvent.objects.filter(kind="role", team=team).order_by("pk")
    assert sorted(told.values_list("verb", "label")) == [
        ("role_changed", "Bob Tanaka"),
        ("role_given", "Charlie Osei"),
        ("role_taken", "Vera Lind"),
    ]
    page = client.get(path(team)).content.decode()
    assert "role taken" in page
    assert "/organisation/" not in page  # where a lead may not go
    assert signed_in(charlie).get(team.get_absolute_url()).status_code == 200
    assert signed_in(vera).get(path(team)).status_code == (404 if is_private else 403)


def test_only_what_was_changed_is_written(team, alice, bob, vera):
    client = signed_in(alice)
    shown = filled(client, team)
    change_roles(bob, {team: "viewer"})  # somebody else, meanwhile
    client.post(path(team), shown | {f"role-{vera.pk}": "member"})
    assert roles_in(team) == {"Alice": "lead", "Bob": "viewer", "Vera": "member"}


@pytest.mark.parametrize(
    ("typed", "problem"),
    [
        ({"join": "987654"}, "Choose somebody who is here."),
        ({"join_role": "emperor", "join": ""}, "emperor"),
        ({"role": "emperor"}, "emperor"),
    ],
    ids=str,
)
def test_what_cannot_be_is_422_and_nothing_is_saved(team, alice, bob, typed, problem):
    client = signed_in(alice)
    data = filled(client, team) | {k.replace("role", f"role-{bob.pk}") if k == "role" else k: v
                                   for k, v in typed.items()}  # fmt: skip
    answer = client.post(path(team), data)
    assert answer.status_code == 422
    assert problem in answer.content.decode()
    assert roles_in(team) == {"Alice": "lead", "Bob": "member"}


def test_nobody_of_another_organisation_is_let_in(team, alice):
    stranger = make_user("Zoe Foss", organisation=make_organisation(name="Elsewhere"))
    client = signed_in(alice)
    assert "Zoe Foss" not in client.get(path(team)).content.decode()
    assert client.post(path(team), filled(client, team, join=stranger.pk)).status_code == 422
    assert roles_in(team) == {"Alice": "lead"}


def test_the_page_asks_as_much_for_many_as_for_few(
    team, alice, organisation, django_assert_num_queries
):
    client = signed_in(alice)
    with django_assert_num_queries(8):
        client.get(path(team))
    people = User.objects.bulk_create(
        User(email=f"p{n}@halden.example", name=f"Person {n}", organisation=organisation)
        for n in range(300)
    )
    Membership.objects.bulk_create(Membership(team=team, user=one) for one in people)
    with django_assert_num_queries(8):
        client.get(path(team))


# -- the last lead of a private team --------------------------------------------------------------


@pytest.mark.parametrize("role", ["member", "viewer", ""])
def test_the_last_lead_of_a_private_team_stays_with_a_sentence(secret, alice, role):
    client = signed_in(alice)
    answer = client.post(path(secret), filled(client, secret, **{f"role_{alice.pk}": role}))
    assert answer.status_code == 422
    assert f"Alice Moreau {ALONE} Make somebody else lead first." in answer.content.decode()
    assert roles_in(secret) == {"Alice": "lead", "Bob": "member"}


def test_the_lead_is_handed_over_in_one_step_whoever_comes_first(secret, alice, bob):
    client = signed_in(alice)
    typed = {f"role_{alice.pk}": "", f"role_{bob.pk}": "lead"}
    answer = client.post(path(secret), filled(client, secret, **typed))
    assert answer.url == "/teams/"  # she does not see it any more
    assert roles_in(secret) == {"Bob": "lead"}
    client = signed_in(bob)
    join(secret, alice, "lead")
    answer = client.post(path(secret), filled(client, secret, **{f"role_{bob.pk}": "viewer"}))
    assert answer.url == secret.get_absolute_url()


def test_of_an_open_team_the_last_lead_may_go_since_administrators_see_it(team, alice):
    client = signed_in(alice)
    answer = client.post(path(team), filled(client, team, **{f"role_{alice.pk}": ""}))
    assert answer.url == team.get_absolute_url()
    assert roles_in(team) == {}


def test_an_administrator_in_the_team_meets_the_same_rule(secret, alice, ada):
    join(secret, ada, "viewer")
    page = signed_in(ada).get(f"/organisation/people/{alice.pk}/").content.decode()
    hidden = dict(re.findall(r'type="hidden" name="(initial-[^"]+)" value="([^"]*)"', page))
    data = {k: v for k, v in hidden.items() if v != "False"}
    data |= {k.removeprefix("initial-"): v for k, v in data.items()}
    answer = signed_in(ada).post(
        f"/organisation/people/{alice.pk}/", data | {f"role-{secret.pk}": "member"}
    )
    assert answer.status_code == 422
    assert ALONE in answer.content.decode()
    with pytest.raises(LastLead):
        change_roles(alice, {secret: None})
    with pytest.raises(LastLead):
        deactivate(alice, now=NOW)
    alice.refresh_from_db()
    assert alice.is_active


def test_an_open_team_without_a_lead_does_not_become_private(team, bob, ada):
    client = signed_in(ada)
    data = {"name": team.name, "initial-name": team.name, "is_private": "on"}
    answer = client.post(f"/organisation/teams/{team.pk}/", data)
    assert answer.status_code == 422
    assert "Nobody leads it. Make somebody lead first." in answer.content.decode()


# -- nobody leads ---------------------------------------------------------------------------------


def away(person) -> None:
    """As on Django's admin site, which asks nothing."""
    User.objects.filter(pk=person.pk).update(is_active=False)


def test_while_nobody_leads_a_private_team_its_members_look_after_it(secret, alice, bob, vera):
    join(secret, vera, "viewer")
    assert signed_in(bob).get(path(secret)).status_code == 403
    away(alice)
    client = signed_in(bob)
    assert "/people/" in client.get(secret.get_absolute_url()).content.decode()
    assert signed_in(vera).get(path(secret)).status_code == 403
    answer = client.post(path(secret), filled(client, secret, **{f"role_{bob.pk}": "lead"}))
    assert answer.url == path(secret)
    assert roles_in(secret)["Bob"] == "lead"


def test_an_administrator_outside_sees_a_count_and_never_a_name(secret, ada, charlie):
    page = signed_in(ada).get("/organisation/teams/").content.decode()
    assert "1 hidden" in page
    assert "Quiet works" not in page
    assert f"Private team {secret.pk}" not in page
    assert signed_in(ada).get(path(secret)).status_code == 404
    assert signed_in(ada).get(f"/organisation/teams/{secret.pk}/lead/").status_code == 404


def test_a_private_team_nobody_is_in_is_listed_by_number_and_given_a_lead(
    secret, alice, bob, vera, charlie, ada
):
    join(secret, vera, "viewer")
    for person in (alice, bob):
        away(person)
    client = signed_in(ada)
    page = client.get("/organisation/teams/").content.decode()
    assert f"Private team {secret.pk}" in page
    lead = f"/organisation/teams/{secret.pk}/lead/"
    for data, problem in (
        ({"reason": "Alice left"}, "Choose who leads it."),
        ({"person": charlie.pk}, "Say why: it stands in the audit log."),
        ({"person": alice.pk, "reason": "x"}, "Choose somebody who is here."),
    ):
        answer = client.post(lead, data)
        assert answer.status_code == 422
        assert problem in answer.content.decode()
    shown = [client.get(lead).content.decode(), page]
    answer = client.post(lead, {"person": charlie.pk, "reason": "Alice left"}, follow=True)
    assert f"Charlie Osei leads private team {secret.pk} from now on." in answer.content.decode()
    shown.append(answer.content.decode())
    assert roles_in(secret)["Charlie"] == "lead"
    assert client.get(lead).status_code == 404  # once
    assert signed_in(charlie).get(secret.get_absolute_url()).status_code == 200

    record = client.get("/organisation/audit/").content.decode()
    assert "lead named" in record
    assert "Alice left" in record
    assert f"private team {secret.pk}" in record
    assert all("Quiet works" not in page for page in [*shown, record])
    assert "Alice left" in signed_in(charlie).get(path(secret)).content.decode()


def test_who_is_named_meanwhile_stays_and_nothing_else_is_written(secret, alice, bob, charlie, ada):
    away(alice)
    with pytest.raises(TeamIsLed):
        name_lead(secret, charlie, reason="Alice left", by=ada)
    assert not AuditEvent.objects.filter(verb="lead_named").exists()


def test_teams_that_are_open_archived_or_elsewhere_are_not_given_a_lead(organisation, ada):
    rows = [
        make_team(organisation=organisation),
        make_team(organisation=organisation, is_private=True, archived_at=NOW),
        make_team(is_private=True),
    ]
    for team in rows:
        answer = signed_in(ada).get(f"/organisation/teams/{team.pk}/lead/")
        assert answer.status_code == 404


def test_who_leaves_hands_the_lead_of_a_private_team_over(secret, alice, bob, charlie, ada):
    """`reviews.actions.leaving` asks for a successor, who leads from then on."""
    client = signed_in(ada)
    leave = f"/organisation/people/{alice.pk}/leave/"
    assert client.post(leave, {}).status_code == 422
    assert roles_in(secret) == {"Alice": "lead", "Bob": "member"}
    client.post(leave, {"successor": charlie.pk})
    assert roles_in(secret) == {"Bob": "member", "Charlie": "lead"}
