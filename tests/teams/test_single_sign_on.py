"""Single sign-on against a real OpenID Connect server in a process of its own."""

import re
import subprocess
import sys
from pathlib import Path
from urllib.parse import urljoin, urlsplit

import pytest
import requests
from allauth.socialaccount.models import SocialAccount
from django.test import Client
from django.utils import timezone

from teams.actions import deactivate
from teams.models import Invitation, User
from tests.factories import make_invitation
from tests.services import free_port, wait_until

pytestmark = [pytest.mark.services, pytest.mark.django_db]


@pytest.fixture(scope="module")
def server():
    """The address of the server, stopped by its own id at the end."""
    port = free_port()
    program = Path(sys.executable).with_name("oidc-provider-mock")
    process = subprocess.Popen(
        [program, "--port", str(port)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    url = f"http://127.0.0.1:{port}"

    def answers() -> bool:
        try:
            return requests.get(f"{url}/.well-known/openid-configuration", timeout=2).ok
        except requests.ConnectionError:
            return False

    try:
        wait_until(answers, within=60)
        yield url
    finally:
        process.terminate()
        process.wait(10)


@pytest.fixture
def provider(server, settings):
    app = {
        "provider_id": "sso",
        "name": "Halden ID",
        "client_id": "okrkpi",
        "secret": "between-the-two",
        "settings": {"server_url": server},
    }
    settings.SOCIALACCOUNT_PROVIDERS = {
        "openid_connect": {"OAUTH_PKCE_ENABLED": True, "APPS": [app]}
    }
    return server


def knows(server: str, email: str, *, verified: bool = True, name: str = "Nora Vik") -> None:
    claims = {"email": email, "email_verified": verified, "name": name}
    answer = requests.put(f"{server}/users/{email}", json=claims, timeout=5)
    assert answer.status_code == 204, answer.text


def come_in(email: str, client: Client | None = None):
    """Press the button, say at the server who one is, follow back; the last answer of ours."""
    client = client or Client()
    page = client.get("/accounts/login/").content.decode()
    path = re.search(r'action="(/accounts/oidc/sso/login/[^"]*)"', page)[1]
    assert "Sign in with Halden ID" in page
    leave = client.post(path.replace("&amp;", "&"))
    assert leave.status_code == 302
    assert "code_challenge=" in leave.url
    back = requests.post(leave.url, data={"sub": email}, allow_redirects=False, timeout=5)
    there = urlsplit(urljoin(leave.url, back.headers["Location"]))
    return client, client.get(f"{there.path}?{there.query}")


def test_who_is_here_comes_in_with_the_address_the_server_vouches_for(provider, alice):
    knows(provider, alice.email)
    client, answer = come_in(alice.email)
    assert (answer.status_code, answer.url) == (302, "/")
    assert client.get("/my-week/").status_code == 200
    assert SocialAccount.objects.get().user == alice
    alice.email = "alice.moreau@halden.example"
    alice.save()
    again, answer = come_in(SocialAccount.objects.get().uid)
    assert again.get("/my-week/").status_code == 200
    assert User.objects.count() == 1


def test_who_is_invited_comes_in_with_their_role_and_without_a_password(provider, ada, team):
    made = make_invitation(ada, email="nora@halden.example", team=team, role="lead")
    knows(provider, "nora@halden.example")
    client, _ = come_in("nora@halden.example")
    assert client.get("/my-week/").status_code == 200
    person = User.objects.get(email="nora@halden.example")
    assert (person.name, person.has_usable_password()) == ("Nora Vik", False)
    assert person.memberships.get().role == "lead"
    made.refresh_from_db()
    assert made.accepted_by == person


@pytest.mark.parametrize("verified", [True, False], ids=["unknown", "not vouched for"])
def test_nobody_else_comes_in(provider, alice, verified):
    email = "stranger@halden.example" if verified else alice.email
    knows(provider, email, verified=verified)
    client, answer = come_in(email)
    assert answer.status_code == 403
    assert "Ask an administrator for an invitation." in answer.content.decode()
    assert client.get("/my-week/").status_code == 302
    assert User.objects.count() == 1
    assert not SocialAccount.objects.exists()


def test_an_invitation_taken_back_lets_nobody_in(provider, ada):
    make_invitation(ada, email="nora@halden.example")
    Invitation.objects.update(revoked_at=timezone.now())
    knows(provider, "nora@halden.example")
    assert come_in("nora@halden.example")[1].status_code == 403


def test_who_left_does_not_come_in(provider, alice):
    knows(provider, alice.email)
    come_in(alice.email)
    deactivate(alice, now=timezone.now())
    client, answer = come_in(alice.email)
    assert answer.url == "/accounts/inactive/"
    assert client.get("/my-week/").status_code == 302


def test_an_answer_nobody_asked_for_is_refused(provider, alice):
    knows(provider, alice.email)
    answer = Client().get("/accounts/oidc/sso/login/callback/?code=made-up&state=made-up")
    assert "Single sign-on did not answer" in answer.content.decode()
    assert not SocialAccount.objects.exists()


def test_a_server_that_is_away_is_said_in_a_sentence(settings, db):
    app = {
        "provider_id": "sso",
        "name": "Halden ID",
        "client_id": "okrkpi",
        "secret": "x",
        "settings": {"server_url": f"http://127.0.0.1:{free_port()}"},
    }
    settings.SOCIALACCOUNT_PROVIDERS = {"openid_connect": {"APPS": [app]}}
    answer = Client().post("/accounts/oidc/sso/login/?process=login")
    assert "Single sign-on did not answer" in answer.content.decode()


def test_without_a_server_there_is_no_button_and_no_page(db):
    assert "oidc" not in Client().get("/accounts/login/").content.decode()
    assert Client().get("/accounts/oidc/sso/login/").status_code == 404
