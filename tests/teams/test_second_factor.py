"""The second step: an authenticator app, recovery codes, and administrators who owe it."""

import re
import time

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import (
    format_hotp_value,
    hotp_value,
)
from django.db import connection
from django.test import Client

from teams.models import Organisation
from tests.factories import PASSWORD

pytestmark = pytest.mark.django_db
LOGIN = "/accounts/login/"
INDEX = "/accounts/2fa/"


def code_of(secret: str) -> str:
    return format_hotp_value(hotp_value(secret, int(time.time()) // 30))


def sign_in(person, client=None):
    client = client or Client()
    answer = client.post(LOGIN, {"login": person.email, "password": PASSWORD})
    return client, answer


def set_up(client) -> str:
    """Set up an app as a person does, and return its secret."""
    client.post("/accounts/reauthenticate/", {"password": PASSWORD})
    page = client.get("/accounts/2fa/app/").content.decode()
    secret = re.search(r'id="secret" value="([A-Z2-7]+)"', page)[1]
    answer = client.post("/accounts/2fa/app/", {"code": code_of(secret)})
    assert (answer.status_code, answer.url) == (302, "/accounts/2fa/codes/")
    return secret


def test_an_app_is_set_up_and_asked_for_from_then_on(alice):
    client, _ = sign_in(alice)
    secret = set_up(client)
    newly, answer = sign_in(alice)
    assert answer.url == "/accounts/2fa/authenticate/"
    assert newly.get("/my-week/").status_code == 302
    assert "authenticator app" in newly.get(answer.url).content.decode()
    wrong = newly.post(answer.url, {"code": "000000"})
    assert "This code does not fit." in wrong.content.decode()
    Authenticator.objects.get(type="totp")
    assert newly.get("/my-week/").status_code == 302
    from django.core.cache import cache

    cache.clear()  # the code was used a moment ago, to set the app up
    assert newly.post(answer.url, {"code": code_of(secret)}).status_code == 302
    assert newly.get("/my-week/").status_code == 200


def test_a_recovery_code_stands_for_the_step_once(alice):
    client, _ = sign_in(alice)
    set_up(client)
    page = client.get("/accounts/2fa/codes/").content.decode()
    codes = re.findall(r"<li><span>(\d{8})</span></li>", page)
    assert len(codes) == 10
    newly, answer = sign_in(alice)
    assert newly.post(answer.url, {"code": codes[0]}).status_code == 302
    assert newly.get("/my-week/").status_code == 200
    again, answer = sign_in(alice)
    assert again.post(answer.url, {"code": codes[0]}).status_code == 200
    assert again.get("/my-week/").status_code == 302
    plain = client.get("/accounts/2fa/codes/download/")
    assert codes[1] in plain.content.decode()
    assert "attachment" in plain["Content-Disposition"]


def test_new_codes_end_the_old_ones(alice):
    client, _ = sign_in(alice)
    set_up(client)
    before = client.get("/accounts/2fa/codes/").content.decode()
    assert "10 codes that are left" in client.get("/accounts/2fa/codes/new/").content.decode()
    assert client.post("/accounts/2fa/codes/new/").status_code == 302
    after = client.get("/accounts/2fa/codes/").content.decode()
    assert not set(re.findall(r"\d{8}", before)) & set(re.findall(r"<span>(\d{8})</span>", after))


def test_secrets_lie_encrypted_in_the_database(alice):
    client, _ = sign_in(alice)
    secret = set_up(client)
    with connection.cursor() as cursor:
        cursor.execute("SELECT data FROM mfa_authenticator")
        kept = str(cursor.fetchall())
    assert secret not in kept
    assert "gAAAA" in kept


def test_changing_the_step_asks_for_the_password_again(alice):
    client = Client()
    client.force_login(alice)
    for path in ("/accounts/2fa/app/", "/accounts/2fa/passkeys/add/"):
        answer = client.get(path)
        assert answer.url.startswith("/accounts/reauthenticate/?next=")
    page = client.get(answer.url).content.decode()
    assert "Type your password once more" in page
    answer = client.post(
        "/accounts/reauthenticate/?next=/accounts/2fa/app/", {"password": PASSWORD}
    )
    assert answer.url == "/accounts/2fa/app/"
    assert client.get("/accounts/2fa/app/").status_code == 200


def owed(organisation):
    Organisation.objects.filter(pk=organisation.pk).update(admins_need_second_factor=True)


def test_an_administrator_who_owes_it_is_led_there_and_gets_on_afterwards(ada, organisation):
    client, _ = sign_in(ada)
    assert client.get("/organisation/people/").status_code == 200
    owed(organisation)
    for path in ("/organisation/people/", "/my-week/", "/profile/", "/admin/"):
        assert client.get(path).url == INDEX
    fragment = client.get("/my-week/", headers={"HX-Request": "true"})
    assert fragment["HX-Redirect"] == INDEX
    assert client.post("/organisation/people/invite/", {"email": "x@y.z"}).url == INDEX
    assert "sign in with a second step" in client.get(INDEX).content.decode()
    set_up(client)
    assert client.get("/organisation/people/").status_code == 200


def test_others_do_not_owe_it(alice, organisation):
    owed(organisation)
    client, _ = sign_in(alice)
    assert client.get("/my-week/").status_code == 200


def test_the_last_step_of_an_administrator_stays_where_it_is_owed(ada, organisation):
    client, _ = sign_in(ada)
    set_up(client)
    owed(organisation)
    answer = client.post("/accounts/2fa/app/remove/")
    assert "Add another one before you remove this." in answer.content.decode()
    assert Authenticator.objects.filter(type="totp").exists()
    Organisation.objects.update(admins_need_second_factor=False)
    assert client.post("/accounts/2fa/app/remove/").status_code == 302
    assert not Authenticator.objects.exists()


def test_the_switch_is_on_the_page_of_the_organisation(ada, organisation):
    client, _ = sign_in(ada)
    page = client.get("/organisation/").content.decode()
    hidden = dict(re.findall(r'type="hidden" name="initial-([a-z_]+)" value="([^"]*)"', page))
    data = {f"initial-{name}": value for name, value in hidden.items()}
    data |= {name: value for name, value in hidden.items() if value != "False"}
    client.post("/organisation/", data | {"admins_need_second_factor": "on"})
    organisation.refresh_from_db()
    assert organisation.admins_need_second_factor
    assert client.get("/organisation/").url == INDEX


def test_sessions_are_listed_and_ended_one_by_one_or_all(alice, bob):
    here, _ = sign_in(alice)
    there, _ = sign_in(alice)
    elsewhere, _ = sign_in(bob)
    third, _ = sign_in(alice)
    page = here.get("/accounts/sessions/").content.decode()
    # Two of one day are told apart by their hour.
    assert len(re.findall(r">\d+ \w{3} \d{4} \d\d:\d\d</td>", page)) == 3
    ends = re.findall(r'action="(/profile/sessions/\d+/end/)"', page)
    assert len(ends) == 2
    assert elsewhere.post(ends[0]).status_code == 404
    assert here.post(ends[0]).status_code == 302
    assert sorted(c.get("/inbox/").status_code for c in (here, there, third)) == [200, 200, 302]
    assert here.post("/accounts/sessions/").status_code == 302
    assert sorted(c.get("/inbox/").status_code for c in (here, there, third)) == [200, 302, 302]
    assert elsewhere.get("/inbox/").status_code == 200


def test_a_passkey_that_is_none_is_refused(alice):
    answer = Client().post("/accounts/passkey/", {"credential": "{}"})
    assert (answer.status_code, answer.url) == (302, LOGIN)
    options = Client().get("/accounts/passkey/", headers={"Accept": "application/json"})
    assert options.json()["request_options"]["publicKey"]["challenge"]
