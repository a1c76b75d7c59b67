"""A lead looks after the people of a private team, and an administrator opens one left behind."""

import re

import pytest
from playwright.sync_api import Page, expect

from reviews.demo_story import PASSWORD
from tests.browser.conftest import App, faults, sign_in
from tests.browser.scenes import press, put, take

pytestmark = pytest.mark.browser
# Private teams of Alice, who leads them alone, and Bob; a number at each width for what is left.
SECRETS = """
from django.utils import timezone
from teams.models import Membership, Organisation, Team, User
organisation = Organisation.objects.get()
for width in (1440, 390):
    team = Team.objects.create(organisation=organisation, name=f"Quiet {width}", is_private=True,
                               created_at=timezone.now())
    for name, role in (("alice", "lead"), ("bob", "member")):
        person = User.objects.get(email=f"{name}@halden.example")
        Membership.objects.create(team=team, user=person, role=role)
    left = Team.objects.create(organisation=organisation, name=f"Empty {width}", is_private=True,
                               created_at=timezone.now())
    print(team.pk, left.pk)
"""


@pytest.fixture(scope="module")
def secrets(demo) -> dict[int, tuple[str, str]]:
    """The numbers of the two private teams at each width."""
    lines = demo.run(SECRETS).split()
    return {1440: tuple(lines[:2]), 390: tuple(lines[2:])}


def signed_in(app: App, open_page, name: str, width: int) -> Page:
    page = open_page(width=width)
    sign_in(page, app.url, f"{name}@halden.example", PASSWORD)
    return page


def choose(page: Page, label: str, words: str) -> None:
    page.get_by_label(re.compile(f"^{label}")).focus()
    page.keyboard.type(words)


@pytest.mark.parametrize("width", [1440, 390])
def test_a_lead_lets_in_and_hands_over_by_keyboard(demo, secrets, open_page, width):
    team, _ = secrets[width]
    page = signed_in(demo, open_page, "alice", width)
    page.goto(f"{demo.url}/teams/{team}/")
    take(page, "link", "People")
    assert faults(page) == []
    page.set_viewport_size({"width": width, "height": 1000})
    choose(page, "Alice Moreau", "member")
    take(page, "button", "Save")
    expect(page.locator(".err")).to_contain_text("Make somebody else lead first.")
    assert faults(page) == []
    page.set_viewport_size({"width": width, "height": 1000})
    choose(page, "Bob Tanaka", "lead")
    choose(page, "Somebody else", "Chidi")
    take(page, "button", "Save")
    expect(page.get_by_role("heading", level=1)).to_have_text(f"Quiet {width}")
    expect(page.get_by_role("link", name="People", exact=True)).to_have_count(0)

    page = signed_in(demo, open_page, "bob", width)
    page.goto(f"{demo.url}/teams/{team}/people/")
    for label, role in (("Alice", "member"), ("Bob", "lead"), ("Chidi", "member")):
        expect(page.get_by_label(re.compile(f"^{label}"))).to_have_value(role)
    expect(page.get_by_role("region", name="History")).to_contain_text("Chidi Osei")


@pytest.mark.parametrize("width", [1440, 390])
def test_an_administrator_names_a_lead_of_a_team_nobody_is_in(demo, secrets, open_page, width):
    _, left = secrets[width]
    page = signed_in(demo, open_page, "ada", width)
    page.goto(demo.url + "/organisation/teams/")
    for word in ("Quiet", "Empty"):
        expect(page.locator("main")).not_to_contain_text(word)
    expect(page.locator("main")).to_contain_text("hidden: private teams you are not in.")
    assert faults(page) == []
    page.set_viewport_size({"width": width, "height": 1000})
    take(page, "link", f"Make somebody lead of private team {left}")
    expect(page.get_by_role("heading", level=1)).to_have_text(f"Private team {left}")
    assert faults(page) == []
    page.set_viewport_size({"width": width, "height": 1000})
    choose(page, "Who leads it from now on", "Dana")
    put(page, "Reason", "Its people left")
    press(page, "Enter")
    expect(page.locator("main")).to_contain_text(f"Dana Petrov leads private team {left}")
    page.goto(demo.url + "/organisation/audit/")
    line = page.locator("tbody tr", has_text="lead named").first
    for said in ("Dana Petrov", "Ada Berg", "Its people left", f"private team {left}"):
        expect(line).to_contain_text(said)
    page = signed_in(demo, open_page, "dana", width)
    page.goto(f"{demo.url}/teams/{left}/")
    expect(page.get_by_role("heading", level=1)).to_have_text(f"Empty {width}")
