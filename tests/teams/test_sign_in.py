"""Signing in: works, is throttled, and says the same of unknown people and wrong passwords."""

import pytest
from django.core import mail
from django.test import Client

from tests.factories import PASSWORD, make_user

LOGIN = "/accounts/login/"


def sign_in(email, password, client=None):
    return (client or Client()).post(LOGIN, {"login": email, "password": password})


def test_a_person_signs_in_and_out(alice):
    client = Client()
    assert sign_in(alice.email, PASSWORD, client).status_code == 302
    assert client.get("/inbox/").status_code == 200
    assert client.get("/accounts/logout/").status_code == 405
    assert client.post("/accounts/logout/").status_code == 302
    assert client.get("/inbox/").status_code == 302


def test_the_address_may_be_typed_in_any_case(alice):
    assert sign_in(alice.email.upper(), PASSWORD).status_code == 302


def test_a_wrong_password_and_an_unknown_person_get_the_same_page(alice):
    wrong = sign_in(alice.email, "not-the-password")
    unknown = sign_in("nobody@halden.example", "not-the-password")
    assert wrong.status_code == unknown.status_code == 200

    def body(response, email):
        page = response.content.decode().replace(email, "X")
        return [line for line in page.splitlines() if "csrf" not in line.lower()]

    assert body(wrong, alice.email) == body(unknown, "nobody@halden.example")


def test_guessing_is_stopped_and_other_people_still_get_in(alice, bob):
    answers = [sign_in(alice.email, f"guess-{n}-guess") for n in range(12)]
    assert sign_in(alice.email, PASSWORD).status_code != 302
    assert any(a.status_code == 429 or b"Too many" in a.content for a in answers)
    elsewhere = Client(REMOTE_ADDR="203.0.113.9")
    assert sign_in(bob.email, PASSWORD, elsewhere).status_code == 302


def test_sign_in_leads_only_to_our_own_pages(alice):
    client = Client()
    answer = client.post(
        LOGIN + "?next=https://evil.example/", {"login": alice.email, "password": PASSWORD}
    )
    assert answer.status_code == 302
    assert answer.url == "/"


def test_nobody_can_sign_up(db):
    assert Client().get("/accounts/signup/").status_code in (302, 404)


def test_a_reset_link_is_sent_to_known_people_and_the_page_tells_nobody_which(alice):
    known = Client().post("/accounts/password/reset/", {"email": alice.email})
    unknown = Client().post("/accounts/password/reset/", {"email": "nobody@halden.example"})
    assert known.status_code == unknown.status_code == 302
    assert known.url == unknown.url
    link = next(m for m in mail.outbox if m.to == [alice.email])
    assert link.subject == "Choose a password for okrkpi"
    assert "example.com" not in link.body
    path = next(w for w in link.body.split() if "/password/reset/key/" in w).split("testserver")[-1]
    client = Client()
    form = client.get(path, follow=True)
    answer = client.post(
        form.request["PATH_INFO"],
        {"password1": "a-new-lighthouse-7", "password2": "a-new-lighthouse-7"},
    )
    assert answer.status_code == 302
    assert sign_in(alice.email, "a-new-lighthouse-7").status_code == 302


def test_pages_carry_the_strict_policy_and_are_not_stored(alice):
    client = Client()
    client.force_login(alice)
    for path in ("/inbox/", "/nowhere/", LOGIN):
        headers = client.get(path).headers
        policy = headers["Content-Security-Policy"]
        assert "unsafe" not in policy
        assert "script-src 'self'" in policy
        assert "object-src 'none'" in policy
        assert "frame-ancestors 'none'" in policy
        assert "no-store" in headers["Cache-Control"]
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Referrer-Policy"] == "same-origin"
        assert headers["Cross-Origin-Opener-Policy"] == "same-origin"


def test_a_password_is_never_kept_readable(alice):
    alice.refresh_from_db()
    assert PASSWORD not in alice.password


@pytest.mark.parametrize("theme", ["light", "dark", ""])
def test_a_person_chooses_the_appearance(alice, theme):
    client = Client()
    client.force_login(alice)
    client.post("/profile/", {"name": "Alice Moreau", "theme": theme})
    page = client.get("/profile/").content.decode()
    assert (f'data-theme="{theme}"' in page) == bool(theme)


def test_a_profile_without_a_name_is_refused_in_place(alice):
    client = Client()
    client.force_login(alice)
    answer = client.post("/profile/", {"name": "", "theme": "dark"})
    assert answer.status_code == 422
    assert make_user("x").name == "x"
