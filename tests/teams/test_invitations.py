"""Invitations: a link that opens once, by mail or by hand; every way it opens nothing is said."""

import re
import threading
from datetime import timedelta
from uuid import uuid4

import pytest
from django.core import mail
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.utils import timezone

from teams.actions import InvitationClosed, accept, deactivate, invite, resend, revoke
from teams.links import hash_of, invitation_path, invitation_secret
from teams.models import Invitation, OutboxMessage, User
from teams.outbox import deliver_due
from tests.factories import NOW, make_organisation, make_team, make_user
from tests.objectives.test_races import at_once

INVITE = "/organisation/people/invite/"
CHOSEN = {"name": "Nora Vik", "password": "harbour-lamp-42"}


@pytest.fixture
def admin(client, ada):
    client.force_login(ada)
    return client


@pytest.fixture
def mailed(settings):
    settings.EMAIL_URL = "smtp://mail.example:25"


def asked(ada, team=None, *, now=None, **over) -> Invitation:
    fields = {"email": "nora@halden.example", "role": "member", "token": uuid4()} | over
    return invite(team=team, actor=ada, now=now or timezone.now(), **fields)


def opened(invitation) -> str:
    return invitation_path(invitation.nonce)


def typed(team, **over) -> dict:
    return {
        "email": "Nora@Halden.example",
        "team": team.pk,
        "role": "lead",
        "token": str(uuid4()),
    } | over


@pytest.mark.django_db
def test_an_administrator_invites_and_the_person_comes_in(admin, team):
    page = admin.post(INVITE, typed(team)).content.decode()
    path = re.search(r'value="http://testserver(/invitations/[^"]+)"', page)[1]
    assert "No mail server is set: pass this link on" in page
    newcomer = Client()
    page = newcomer.get(path).content.decode()
    assert "Customer Success" in page
    assert "nora@halden.example" in page
    answer = newcomer.post(path, CHOSEN)
    assert (answer.status_code, answer.url) == (302, "/")
    assert newcomer.get("/my-week/").status_code == 200
    person = User.objects.get(email="nora@halden.example")
    assert person.memberships.get().role == "lead"
    again = Client().post("/accounts/login/", {"login": person.email} | CHOSEN)
    assert again.status_code == 302


@pytest.mark.django_db
@pytest.mark.usefixtures("mailed")
def test_the_mail_carries_the_link_and_the_database_does_not(ada, team):
    made = asked(ada, team, now=NOW)
    secret = invitation_secret(made.nonce)
    kept = str(list(OutboxMessage.objects.values())) + str(list(Invitation.objects.values()))
    assert secret not in kept
    while deliver_due(NOW, "test"):
        pass
    sent = mail.outbox[-1]
    assert sent.to == ["nora@halden.example"]
    assert sent.subject == "Ada Berg invites you to Halden"
    assert f"/invitations/{secret}/" in sent.body
    assert "until Tuesday 1 September" in sent.body


@pytest.mark.django_db
@pytest.mark.usefixtures("mailed")
def test_a_mail_that_tells_of_an_old_link_does_not_leave(ada):
    made = asked(ada, now=NOW)
    resend(made, now=NOW)
    while deliver_due(NOW, "test"):
        pass
    assert len(mail.outbox) == 1
    revoke(asked(ada, email="two@halden.example", now=NOW), now=NOW)
    while deliver_due(NOW, "test"):
        pass
    assert len(mail.outbox) == 1


@pytest.mark.django_db
def test_used_twice_it_says_so(ada):
    path = opened(asked(ada))
    assert Client().post(path, CHOSEN).status_code == 302
    for answer in (Client().get(path), Client().post(path, CHOSEN)):
        assert answer.status_code == 410
        assert "This invitation was used." in answer.content.decode()
    assert User.objects.filter(email="nora@halden.example").count() == 1


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("end", "said", "status"),
    [
        (lambda one: revoke(one, now=NOW), "was taken back", 410),
        (lambda one: resend(one, now=NOW), "This link opens nothing.", 404),
        (
            lambda one: Invitation.objects.update(expires_at=timezone.now() - timedelta(seconds=1)),
            "has run out",
            410,
        ),
        (lambda one: make_user("Nora", email="nora@halden.example"), "is here already", 410),
    ],
    ids=["revoked", "sent again", "expired", "here"],
)
def test_a_link_that_opens_nothing_says_why(ada, end, said, status):
    made = asked(ada)
    path = opened(made)
    end(made)
    answer = Client().post(path, CHOSEN)
    assert answer.status_code == status
    assert said in answer.content.decode()
    assert not User.objects.filter(name="Nora Vik").exists()


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("data", "problem"),
    [
        ({"name": ""}, "Type your name as colleagues know it."),
        ({"password": "short"}, "too short"),
        ({"password": "password123"}, "too common"),
        ({"password": "nora@halden.example"}, "too similar"),
    ],
    ids=str,
)
def test_a_weak_password_or_no_name_is_refused_in_place(ada, data, problem):
    made = asked(ada)
    answer = Client().post(opened(made), CHOSEN | data)
    assert answer.status_code == 422
    assert problem in answer.content.decode()
    made.refresh_from_db()
    assert made.accepted_at is None


@pytest.mark.django_db
def test_who_is_signed_in_is_told_to_sign_out_first(admin, ada):
    path = opened(asked(ada))
    assert "You are signed in already" in admin.get(path).content.decode()
    assert admin.post(path, CHOSEN).status_code == 409


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("data", "problem"),
    [
        ({"email": "nora"}, "Type one address"),
        ({"email": ""}, "required"),
        ({"team": "98765"}, "Choose a team of the list."),
        ({"role": "emperor"}, "emperor"),
    ],
    ids=str,
)
def test_what_cannot_be_is_422_and_nobody_is_invited(admin, team, data, problem):
    answer = admin.post(INVITE, typed(team) | data)
    assert answer.status_code == 422
    assert problem in answer.content.decode()
    assert not Invitation.objects.exists()


@pytest.mark.django_db
def test_who_is_here_or_left_or_invited_needs_another_step(admin, ada, team, alice, bob):
    deactivate(bob, now=NOW)
    asked(ada)
    stranger = make_user("Zoe", organisation=make_organisation(name="Elsewhere"))
    for email, problem in [
        (alice.email.upper(), "Alice Moreau is here already."),
        (bob.email, "Bob Tanaka left."),
        ("NORA@halden.example", "invited already"),
        (stranger.email, "This address is in use."),
    ]:
        answer = admin.post(INVITE, typed(team, email=email))
        assert answer.status_code == 422
        assert problem in answer.content.decode()
    assert Invitation.objects.count() == 1


@pytest.mark.django_db
def test_a_private_team_of_others_is_not_offered(admin, organisation, team):
    hidden = make_team(organisation=organisation, name="Quiet works", is_private=True)
    assert "Quiet works" not in admin.get(INVITE).content.decode()
    assert admin.post(INVITE, typed(team) | {"team": hidden.pk}).status_code == 422


@pytest.mark.django_db
def test_the_same_form_sent_twice_is_one_invitation(admin, team):
    data = typed(team)
    pages = [admin.post(INVITE, data).content.decode() for _ in range(2)]
    links = {re.search(r"/invitations/[^\"]+", page)[0] for page in pages}
    assert len(links) == 1
    assert Invitation.objects.count() == 1


@pytest.mark.django_db
def test_the_list_sends_anew_and_revokes(admin, ada, team):
    made = asked(ada, team)
    old = opened(made)
    assert made.email in admin.get("/organisation/people/").content.decode()
    page = admin.post(f"/organisation/invitations/{made.pk}/resend/").content.decode()
    made.refresh_from_db()
    assert opened(made) in page
    assert Client().get(old).status_code == 404
    assert admin.post(f"/organisation/invitations/{made.pk}/revoke/").status_code == 302
    admin.get("/organisation/people/")  # which tells that it is done
    assert made.email not in admin.get("/organisation/people/").content.decode()
    assert admin.post(f"/organisation/invitations/{made.pk}/resend/").status_code == 302


@pytest.mark.django_db
def test_one_open_invitation_an_address_by_constraint(ada):
    asked(ada)
    with pytest.raises(IntegrityError), transaction.atomic():
        asked(ada, email="NORA@halden.example")


@pytest.mark.django_db
def test_a_message_goes_to_a_person_or_an_invitation_by_constraint(ada):
    with pytest.raises(IntegrityError), transaction.atomic():
        OutboxMessage.objects.create(
            channel="email", event_key="x", run="x", topic="x", subject="x", created_at=NOW,
            due_at=NOW,
        )  # fmt: skip


@pytest.mark.django_db
def test_the_page_tells_nobody_where_it_was_opened_from(ada):
    answer = Client().get(opened(asked(ada)))
    assert answer["Referrer-Policy"] == "same-origin"
    assert "no-store" in answer["Cache-Control"]


@pytest.mark.django_db(transaction=True)
def test_accepted_from_four_threads_it_is_one_person():
    ada = make_user("Ada", organisation=make_organisation(), is_org_admin=True)
    secret = hash_of(invitation_secret(asked(ada).nonce))
    found = at_once(*[lambda: accept(secret, **CHOSEN, now=timezone.now())] * 4)
    assert sorted(type(one).__name__ for one in found) == ["InvitationClosed"] * 3 + ["User"]
    assert {one.state for one in found if isinstance(one, InvitationClosed)} == {"accepted"}


@pytest.mark.django_db(transaction=True)
def test_control_without_the_lock_each_thread_finds_it_open():
    """Look, then write: all of them see an open invitation before the first one takes it."""
    ada = make_user("Ada", organisation=make_organisation(), is_org_admin=True)
    made, looked, seen = asked(ada), threading.Barrier(3), []

    def naive():
        seen.append(Invitation.objects.get(pk=made.pk).state_at(timezone.now()))
        connection.close()
        looked.wait(10)

    at_once(naive, naive, naive)
    assert seen == ["open"] * 3
