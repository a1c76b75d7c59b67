"""The pages of goals in the demo: axe finds nothing in either theme, nothing scrolls sideways."""

import pytest
from playwright.sync_api import expect

from reviews.demo_story import PASSWORD
from tests.browser.conftest import faults, sign_in

pytestmark = pytest.mark.browser

ALICE, ADA = "alice@halden.example", "ada@halden.example"
# The demo numbers its rows from 1 in the order of reviews/demo.py.
PAGES = (
    "/cycles/",
    "/alignment/",
    "/coach/rules/",
    "/start/",
    "/start/?idea=Keep+churn+below+8+%25&state=no&cost=fine&horizon=none",
    "/teams/2/?status=on_track",
    "/teams/2/withdrawn/",
    "/dependencies/1/",
    "/key-results/12/",
    "/key-results/12/check-in/",
    "/objectives/2/",
    "/objectives/5/copy/",
    "/objectives/5/align/",
    "/objectives/5/children/",
    "/objectives/5/ask/",
    "/objectives/5/withdraw/",
    "/objectives/7/",
    "/reviews/",
)
ADMIN_PAGES = ("/cycles/new/", "/organisation/", "/coach/rules/", "/objectives/2/close/")


def faulty(page, url: str, paths) -> dict:
    """What is wrong on each page, by its path."""
    found = {}
    for path in paths:
        answer = page.goto(url + path)
        problems = faults(page)
        if answer.status != 200:
            problems.append(f"answered {answer.status}")
        if problems:
            found[path] = problems
    return found


def test_axe_finds_nothing_on_the_pages_of_goals(demo, open_page):
    page = open_page()
    sign_in(page, demo.url, ALICE, PASSWORD)
    page.goto(demo.url + "/cycles/")
    cycle = page.get_by_role("rowheader").get_by_role("link").first.get_attribute("href")
    assert faulty(page, demo.url, [*PAGES, cycle]) == {}


@pytest.mark.parametrize("width", [1440, 390])
def test_axe_finds_nothing_on_the_pages_of_an_admin(demo, open_page, width):
    page = open_page(width=width)
    sign_in(page, demo.url, ADA, PASSWORD)
    assert faulty(page, demo.url, ADMIN_PAGES) == {}


def test_an_objective_is_parked_taken_up_withdrawn_and_brought_back_by_keyboard(demo, open_page):
    page = open_page()
    sign_in(page, demo.url, "chidi@halden.example", PASSWORD)
    page.goto(demo.url + "/objectives/6/")
    more = page.get_by_text("More", exact=True)
    more.focus()
    page.keyboard.press("Enter")
    page.get_by_role("link", name="Withdraw it").focus()
    page.keyboard.press("Enter")
    page.get_by_label("Reason").fill("The centre moves again.")
    page.keyboard.press("Enter")
    expect(page.locator("main")).to_contain_text("Withdrawn")
    more.focus()
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Bring it back").focus()
    page.keyboard.press("Enter")
    expect(page.locator("main")).to_contain_text("Brought back as it was.")
    expect(page.locator("main .log")).to_contain_text("The centre moves again.")
