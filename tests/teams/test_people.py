"""The page of people: roles changed in place, the last administrator, and the next request."""

import re

import pytest
from django.db import IntegrityError, transaction
from django.test import Client

from teams.actions import LastAdmin, change_roles, deactivate, take_back
from teams.models import AuditEvent, Membership, User
from tests.factories import NOW, join, make_organisation, make_team, make_user

pytestmark = pytest.mark.django_db
PEOPLE = "/organisation/people/"


@pytest.fixture
def admin(client, ada):
    client.force_login(ada)
    return client


def signed_in(person) -> Client:
    client = Client()
    client.force_login(person)
    return client


def filled(client, person, **typed) -> dict:
    """What the page of a person would send, with what was typed over it."""
    page = client.get(f"{PEOPLE}{person.pk}/").content.decode()
    hidden = re.findall(r'type="hidden" name="(initial-[^"]+)" value="([^"]*)"', page)
    data = {name: value for name, value in hidden if value != "False"}
    shown = {name.removeprefix("initial-"): value for name, value in data.items()}
    data |= {name: "on" if value == "True" else value for name, value in shown.items()}
    data |= {name.replace("_in_", "-"): value for name, value in typed.items()}
    return {name: value for name, value in data.items() if value is not None}


def test_the_ledger_says_who_is_here_in_which_roles(admin, team, alice, bob):
    page = admin.get(PEOPLE).content.decode()
    assert alice.email in page
    assert re.search(r"Customer Success</span> <span[^>]*>lead<", page)
    assert "administrator" in page


def test_a_role_is_changed_in_its_row(admin, team, bob):
    data = filled(admin, bob) | {f"role-{team.pk}": "lead"}
    answer = admin.post(f"{PEOPLE}{bob.pk}/", data, headers={"HX-Request": "true"})
    assert answer.status_code == 200
    assert f'id="person-{bob.pk}" data-state="saved"' in answer.content.decode()
    assert bob.memberships.get().role == "lead"


def test_without_script_the_same_form_leads_back_to_the_ledger(admin, team, bob):
    other = make_team(organisation=team.organisation)
    data = filled(admin, bob) | {"join": other.pk, "join_role": "viewer"}
    for _ in range(2):  # sent twice, it is one effect
        answer = admin.post(f"{PEOPLE}{bob.pk}/", data)
        assert answer.url == f"{PEOPLE}#person-{bob.pk}"
    assert set(bob.memberships.values_list("team__name", "role")) == {
        ("Customer Success", "member"),
        (other.name, "viewer"),
    }


def test_a_person_is_taken_out_of_a_team_and_sees_it_on_the_next_request(admin, team, bob):
    theirs = signed_in(bob)
    team.is_private = True
    team.save()
    assert theirs.get(f"/teams/{team.pk}/").status_code == 200
    change_roles(bob, {team: None})
    assert theirs.get(f"/teams/{team.pk}/").status_code == 404


@pytest.mark.parametrize(
    ("data", "problem"),
    [
        ({"join": "987654"}, "Choose a team of the list."),
        ({"join_role": "emperor"}, "emperor"),
    ],
    ids=str,
)
def test_what_cannot_be_is_422_and_nothing_is_saved(admin, bob, data, problem):
    answer = admin.post(f"{PEOPLE}{bob.pk}/", filled(admin, bob) | data)
    assert answer.status_code == 422
    assert problem in answer.content.decode()
    assert bob.memberships.count() == 1


def test_the_last_administrator_stays(admin, ada):
    data = {k: v for k, v in filled(admin, ada).items() if k != "is_org_admin"}
    answer = admin.post(f"{PEOPLE}{ada.pk}/", data)
    assert answer.status_code == 422
    assert "Ada Berg is the only administrator. Make somebody else one first." in (
        answer.content.decode()
    )
    ada.refresh_from_db()
    assert ada.is_org_admin
    with pytest.raises(LastAdmin):
        deactivate(ada, now=NOW)


def test_an_administrator_who_left_does_not_count(ada, bob):
    change_roles(bob, {}, is_org_admin=True)
    deactivate(bob, now=NOW)
    with pytest.raises(LastAdmin):
        change_roles(ada, {}, is_org_admin=False)


def test_a_demoted_administrator_is_refused_on_the_next_request(admin, ada, alice):
    ada.is_staff = ada.is_superuser = True
    ada.save()
    change_roles(alice, {}, is_org_admin=True)
    assert admin.get(PEOPLE).status_code == 200
    assert admin.get("/admin/").status_code == 200
    change_roles(ada, {}, is_org_admin=False)
    assert admin.get(PEOPLE).status_code == 403
    assert admin.get("/admin/").status_code == 302


def test_a_person_who_left_is_refused_on_the_next_request_and_may_come_back(admin, bob):
    theirs = signed_in(bob)
    assert theirs.get("/inbox/").status_code == 200
    deactivate(bob, now=NOW)
    assert theirs.get("/inbox/").status_code == 302
    assert bob.email not in admin.get(PEOPLE).content.decode()
    assert "left 18 Aug 2026" in admin.get(f"{PEOPLE}?state=left").content.decode()
    admin.post(f"{PEOPLE}{bob.pk}/return/")
    bob.refresh_from_db()
    assert (bob.is_active, bob.left_at, bob.memberships.count()) == (True, None, 0)
    take_back(bob)


def test_who_left_has_no_way_in_by_constraint(bob):
    with pytest.raises(IntegrityError), transaction.atomic():
        User.objects.filter(pk=bob.pk).update(left_at=NOW)


def test_a_private_team_of_others_is_counted_not_named(admin, organisation, bob):
    hidden = make_team(organisation=organisation, name="Quiet works", is_private=True)
    join(hidden, bob)
    for path in (PEOPLE, f"{PEOPLE}{bob.pk}/"):
        page = admin.get(path).content.decode()
        assert "Quiet works" not in page
        assert "1 private" in page
    answer = admin.post(f"{PEOPLE}{bob.pk}/", filled(admin, bob) | {f"role-{hidden.pk}": "lead"})
    assert answer.status_code == 302
    assert Membership.objects.get(user=bob, team=hidden).role == "member"


def test_people_of_another_organisation_are_not_found(admin):
    stranger = make_user("Zoe", organisation=make_organisation(name="Elsewhere"))
    assert admin.get(f"{PEOPLE}{stranger.pk}/").status_code == 404
    assert stranger.email not in admin.get(PEOPLE).content.decode()


def test_the_ledger_asks_as_much_for_many_as_for_few(
    admin, team, organisation, django_assert_max_num_queries
):
    with django_assert_max_num_queries(12) as few:
        admin.get(PEOPLE)
    people = User.objects.bulk_create(
        User(email=f"p{n}@halden.example", name=f"Person {n}", organisation=organisation)
        for n in range(1000)
    )
    Membership.objects.bulk_create(Membership(team=team, user=one) for one in people)
    with django_assert_max_num_queries(12) as many:
        page = admin.get(f"{PEOPLE}?q=Person").content.decode()
    assert abs(len(many) - len(few)) <= 1
    assert "1000 people with “Person”" in page


def test_somebody_of_a_table_is_given_a_link_that_lets_them_in_once(organisation, ada):
    nora = make_user(
        "Nora Vik", email="nora@halden.example", organisation=organisation, password=None
    )
    admin, page = Client(), f"/organisation/people/{nora.pk}/"
    admin.force_login(ada)
    assert "Nora has not chosen a password yet." in admin.get(page).text
    shown = admin.post(f"{page}link/").text
    path = re.search(r'value="http://testserver(/accounts/password/reset/key/[^"]+)"', shown)[1]
    assert AuditEvent.objects.get(verb="link_made").object_id == str(nora.pk)
    assert path.split("-", 1)[1].strip("/") not in str(list(AuditEvent.objects.values()))
    form = Client()
    at = form.get(path, follow=True).request["PATH_INFO"]
    chosen = {"password1": "harbour-lamp-42", "password2": "harbour-lamp-42"}
    assert form.post(at, chosen).status_code == 302
    assert form.login(email="nora@halden.example", password="harbour-lamp-42")
    assert "has not chosen" not in admin.get(page).text
    again = admin.post(f"{page}link/", follow=True).text
    assert "Nora Vik has a way in already." in again
    assert 'id="made"' not in again
    assert 'name="password1"' not in Client().get(path, follow=True).text
