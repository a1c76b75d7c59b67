"""People, teams and signing in, in a real browser: by keyboard, without script, with a passkey."""

import re

import pytest
from playwright.sync_api import expect

from reviews.demo_story import PASSWORD
from tests.browser.conftest import axe, faults, sign_in

pytestmark = pytest.mark.browser
ADMIN = "ada@halden.example"
MEMBER = "alice@halden.example"
PAGES = (
    "/organisation/people/",
    "/organisation/people/invite/",
    "/organisation/people/import/",
    "/organisation/teams/",
    "/organisation/teams/new/",
    "/organisation/chat/",
    "/accounts/2fa/",
    "/accounts/sessions/",
    "/profile/messages/",
    "/profile/calendar/",
)


def test_no_violation_and_no_sideways_scroll(demo, open_page):
    page = open_page()
    sign_in(page, demo.url, ADMIN, PASSWORD)
    for path in PAGES:
        page.goto(demo.url + path)
        assert faults(page) == [], path


def test_a_role_is_changed_in_its_row_by_keyboard(demo, open_page):
    page = open_page()
    sign_in(page, demo.url, ADMIN, PASSWORD)
    page.goto(demo.url + "/organisation/people/?q=alice")
    edit = page.get_by_role("link", name=re.compile("Edit the roles of Alice"))
    role = page.locator("select[name^='role-']").first
    edit.focus()
    page.keyboard.press("Enter")
    expect(role).to_be_focused()
    page.keyboard.press("Escape")
    expect(role).to_have_count(0)
    expect(edit).to_be_focused()
    page.keyboard.press("Enter")
    expect(role).to_be_focused()
    page.keyboard.press("v")  # viewer
    page.get_by_role("button", name="Save", exact=True).focus()
    page.keyboard.press("Enter")
    page.locator("tr[data-state=saved]").wait_for()
    expect(edit).to_be_focused()
    assert "viewer" in page.locator("tr[data-state=saved]").inner_text()
    assert page.url.endswith("?q=alice")


def test_somebody_is_invited_and_comes_in_without_script(demo, open_page):
    page = open_page(javascript=False)
    sign_in(page, demo.url, ADMIN, PASSWORD)
    page.goto(demo.url + "/organisation/people/invite/")
    page.get_by_label("E-mail").fill("nora@halden.example")
    page.get_by_role("button", name="Invite", exact=True).click()
    link = page.get_by_label("Link of the invitation").input_value()
    guest = open_page(width=390, javascript=False)
    guest.goto(link)
    guest.get_by_label("Your name").fill("Nora Vik")
    guest.get_by_label("A password").fill("harbour-lamp-42")
    guest.get_by_role("button", name="Come in").click()
    guest.get_by_text("Welcome to Halden").wait_for()
    late = open_page()
    late.goto(link)
    assert "This invitation was used." in late.locator("main").inner_text()


def test_a_passkey_signs_in_without_the_password(demo, open_page):
    url = demo.url.replace("127.0.0.1", "localhost")  # a passkey belongs to a name
    page = open_page()
    device = page.context.new_cdp_session(page)
    device.send("WebAuthn.enable")
    device.send(
        "WebAuthn.addVirtualAuthenticator",
        {
            "options": {
                "protocol": "ctap2",
                "transport": "internal",
                "hasResidentKey": True,
                "hasUserVerification": True,
                "isUserVerified": True,
                "automaticPresenceSimulation": True,
            }
        },
    )
    sign_in(page, url, MEMBER, PASSWORD)
    page.goto(url + "/accounts/2fa/passkeys/add/")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Confirm").click()
    page.get_by_label("Name").fill("Laptop")
    page.get_by_label("Passwordless").check()
    assert axe(page) == []
    page.get_by_role("button", name="Add the passkey").click()
    page.get_by_role("heading", name="Recovery codes").wait_for()
    page.goto(url + "/accounts/2fa/")
    assert "Laptop" in page.locator("main").inner_text()
    page.context.clear_cookies()
    page.goto(url + "/accounts/login/")
    assert axe(page) == []
    page.get_by_role("button", name="Sign in with a passkey").click()
    page.get_by_role("heading", name="My week").wait_for()
