"""Checking in by keyboard alone, at the width of a desk and of a phone."""

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import App, axe, sign_in

pytestmark = pytest.mark.browser
PASSWORD = "halden-demo"
WIDTHS = [1440, 390]
# Three key results that owe a check-in today; the second stands at a high confidence.
SETUP = """
from datetime import timedelta
from decimal import Decimal
from django.utils import timezone
from objectives.models import KeyResult, Objective
from teams.models import Team, User
from tests.factories import make_check_in, make_key_result, make_objective

now = timezone.now()
team = Team.objects.get(name="Customer Success")
cycle = Objective.objects.filter(team=team, state="active").first().cycle
objective = make_objective(team=team, cycle=cycle, starts_on=cycle.starts_on, title="{title}")
alice = User.objects.get(email="alice@halden.example")
today = team.organisation.today(now)
for number in range(1, 4):
    row = make_key_result(objective, title=f"Key result {{number}}", unit="NPS",
                          baseline=Decimal(0), target=Decimal(100))
    make_check_in(row, alice, value=Decimal(40), confidence=7, made_at=now - timedelta(days=7),
                  due_on=today - timedelta(days=6))
    KeyResult.objects.filter(pk=row.pk).update(next_due_on=today)
print(objective.pk)
"""


@pytest.fixture(params=WIDTHS)
def width(request):
    return request.param


@pytest.fixture
def page_of(demo, open_page, width):
    """A function that opens the objective's page for a person, signed in."""
    made = demo.run(SETUP.format(title=f"Wide {width}")).strip()

    def open_one(who: str) -> Page:
        page = open_page(width=width)
        sign_in(page, demo.url, f"{who}@halden.example", PASSWORD)
        page.goto(f"{demo.url}/objectives/{made}/")
        return page

    return open_one


def row(page: Page, number: int) -> Locator:
    return page.locator("li.row", has_text=f"Key result {number}")


def value_of(page: Page, number: int) -> Locator:
    return row(page, number).get_by_label(re.compile("^Value"))


def open_row(page: Page, number: int) -> None:
    """Walk to the row with J and open it with Enter."""
    for _ in range(number):
        page.keyboard.press("j")
    expect(row(page, number)).to_be_focused()
    page.keyboard.press("Enter")
    expect(value_of(page, number)).to_be_focused()


def test_a_usual_update_takes_digits_tab_one_arrow_and_enter(page_of):
    page = page_of("bob")
    open_row(page, 1)
    page.keyboard.type("43")
    page.keyboard.press("Tab")
    page.keyboard.press("ArrowRight")
    result = page.locator("#" + row(page, 1).get_attribute("id") + "-result")
    expect(result).to_contain_text("40 → 43\xa0NPS is 43\xa0% of the way")
    assert axe(page) == []
    page.keyboard.press("Enter")
    expect(row(page, 1)).to_contain_text("Saved just now")
    expect(row(page, 1)).to_contain_text("8/10")
    expect(row(page, 1)).to_contain_text("was 40")
    # The next row that owes opens by itself, its value selected.
    expect(value_of(page, 2)).to_be_focused()
    page.keyboard.type("44")
    page.keyboard.press("Enter")
    expect(value_of(page, 3)).to_be_focused()
    page.keyboard.type("45")
    page.keyboard.press("Enter")
    expect(row(page, 3)).to_contain_text("Saved just now")
    expect(row(page, 3).get_by_role("link", name="Edit")).to_be_focused()
    assert axe(page) == []


def test_escape_restores_and_an_unreadable_value_loses_nothing(page_of):
    page = page_of("bob")
    open_row(page, 2)
    page.keyboard.type("99")
    page.keyboard.press("Escape")
    expect(row(page, 2).get_by_role("link", name="Update")).to_be_focused()
    expect(row(page, 2)).not_to_contain_text("99")
    page.keyboard.press("Enter")
    expect(value_of(page, 2)).to_be_focused()
    page.keyboard.type("8o")
    for _ in range(3):
        page.keyboard.press("Tab")
    # Where an earlier day is still open it may be chosen before the note.
    if page.evaluate("document.activeElement.tagName") == "SELECT":
        page.keyboard.press("Tab")
    page.keyboard.type("The survey closed.")
    page.keyboard.press("Enter")
    expect(row(page, 2).locator(".err")).to_contain_text("8o")
    expect(value_of(page, 2)).to_be_focused()
    expect(value_of(page, 2)).to_have_value("8o")
    expect(row(page, 2).get_by_label(re.compile("^Note"))).to_have_value("The survey closed.")
    assert axe(page) == []
    page.keyboard.press("Control+A")
    page.keyboard.type("80")
    page.keyboard.press("Enter")
    expect(row(page, 2)).to_contain_text("Saved just now")


def test_a_fall_of_confidence_asks_at_once_and_only_once(page_of):
    page = page_of("bob")
    open_row(page, 3)
    page.keyboard.press("Tab")
    for _ in range(4):
        page.keyboard.press("ArrowLeft")
    note = row(page, 3).get_by_label(re.compile("^Note"))
    expect(row(page, 3)).to_contain_text("confidence fell by 4: what changed?")
    page.keyboard.press("Enter")
    expect(row(page, 3).locator(".err")).to_contain_text("Save again to leave it open.")
    expect(note).to_be_focused()
    page.keyboard.type("Two of four are ill.")
    page.keyboard.press("Enter")
    expect(row(page, 3)).to_contain_text("Saved just now")
    expect(row(page, 3)).to_contain_text("3/10")


def test_undo_by_keyboard_brings_back_what_stood(page_of):
    page = page_of("bob")
    open_row(page, 1)
    page.keyboard.type("77")
    page.keyboard.press("Enter")
    expect(value_of(page, 2)).to_be_focused()
    page.keyboard.press("Escape")
    undo = row(page, 1).get_by_role("button", name=re.compile("^Undo"))
    undo.focus()
    page.keyboard.press("Enter")
    expect(row(page, 1)).to_contain_text("Taken back just now")
    expect(row(page, 1).locator(".row-now")).to_contain_text("40")


def test_two_people_at_once_see_both_and_choose(page_of):
    bob, alice = page_of("bob"), page_of("alice")
    open_row(bob, 1)
    bob.keyboard.type("45")
    open_row(alice, 1)
    alice.keyboard.type("46")
    alice.keyboard.press("Enter")
    expect(row(alice, 1)).to_contain_text("Saved just now")
    bob.keyboard.press("Enter")
    expect(row(bob, 1)).to_contain_text("Saved meanwhile by Alice Moreau: 46\xa0NPS")
    expect(value_of(bob, 1)).to_have_value("45")
    expect(row(bob, 1).get_by_role("link", name=re.compile("Keep theirs"))).to_be_visible()
    assert axe(bob) == []
    bob.keyboard.press("Enter")
    expect(row(bob, 1)).to_contain_text("Saved just now")
    expect(row(bob, 1)).to_contain_text("was 46")
    bob.reload()
    expect(bob.locator(".log")).to_contain_text("46 → 45 NPS")


def test_the_page_of_a_key_result_redraws_after_a_check_in_and_takes_work(page_of):
    page = page_of("bob")
    row(page, 1).get_by_role("link", name="Key result 1", exact=True).click()
    page.wait_for_load_state("load")  # before that a link is a link
    expect(page.locator("[data-chart] .main-svg").first).to_be_visible()
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    expect(page.get_by_label(re.compile("^Value"))).to_be_focused()
    page.keyboard.type("61")
    page.keyboard.press("Enter")
    table = page.get_by_role("region", name="Every check-in")
    expect(table).to_contain_text("40 → 61\xa0NPS")
    expect(page.locator("[data-chart] .main-svg").first).to_be_visible()
    page.get_by_role("link", name="Add an initiative").focus()
    page.keyboard.press("Enter")
    title = page.get_by_label("Initiative", exact=True)
    expect(title).to_be_focused()
    page.keyboard.type("Call the ten largest")
    page.keyboard.press("Enter")
    expect(page.locator(".work")).to_contain_text(["Call the ten largest", ""])
    expect(title).to_be_focused()
    page.keyboard.press("Escape")
    expect(title).to_have_count(0)
    done = page.get_by_role("button", name="Done: Call the ten largest")
    done.focus()
    page.keyboard.press("Enter")
    expect(done).to_have_attribute("aria-pressed", "true")
    expect(done).to_be_focused()
    assert axe(page) == []


def test_the_row_works_without_javascript(demo: App, open_page):
    made = demo.run(SETUP.format(title="Plain")).strip()
    page = open_page(javascript=False)
    sign_in(page, demo.url, "bob@halden.example", PASSWORD)
    page.goto(f"{demo.url}/objectives/{made}/")
    row(page, 1).get_by_role("link", name=re.compile("^Update")).click()
    page.get_by_label(re.compile("^Value")).fill("50")
    page.get_by_role("button", name=re.compile("^Save")).click()
    expect(row(page, 1)).to_contain_text("50")
    page.goto(page.url)
    expect(page.locator("body")).to_contain_text("Key result 1: 40 → 50 NPS")
