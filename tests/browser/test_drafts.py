"""An objective with key results of several kinds, written by keyboard alone and without scripts."""

import contextlib

import pytest
from playwright.sync_api import Error, expect

from reviews.demo_story import PASSWORD
from tests.browser.conftest import axe, sign_in

pytestmark = pytest.mark.browser

NEW = "/teams/2/objectives/new/"
YEAR = "Become the tool small firms recommend to each other"


def put(page, label: str, text: str) -> None:
    """Type into the field of a label, by keyboard."""
    page.get_by_label(label, exact=True).last.focus()
    page.keyboard.type(text)


@pytest.mark.parametrize("width", [1440, 390])
def test_an_objective_is_written_by_keyboard(demo, open_page, width):
    page = open_page(width=width)
    sign_in(page, demo.url, "alice@halden.example", PASSWORD)
    page.goto(demo.url + NEW)
    put(page, "Objective", "Customers hear from us first")
    put(page, "Key result 1", "Accounts greeted in their first week rise from 30 to 80 %")
    page.keyboard.press("Tab")
    kind = page.locator("#id_kr-0-kind")
    expect(kind).to_be_focused()
    for field, text in (("baseline", "30"), ("target", "80"), ("unit", "%")):
        page.keyboard.press("Tab")
        expect(page.locator(f"#id_kr-0-{field}")).to_be_focused()
        page.keyboard.type(text)

    put(page, "Key result 2", "The welcome guide is used by every new account")
    page.keyboard.press("Tab")
    # As fast as a person types: an answer to the first letter does not end the word.
    page.keyboard.type("mile", delay=150)
    first = page.locator("#id_kr-1-milestone-0-title")
    expect(first).to_be_visible()
    expect(page.locator("#id_kr-1-kind")).to_be_focused()
    expect(page.locator("#id_kr-1-title")).to_have_value(
        "The welcome guide is used by every new account"
    )
    page.keyboard.press("Tab")
    expect(first).to_be_focused()
    page.keyboard.type("Guide is out")

    page.get_by_role("button", name="Key result", exact=True).focus()
    page.keyboard.press("Enter")
    expect(page.locator("#id_kr-3-title")).to_be_focused()
    expect(first).to_have_value("Guide is out")
    assert axe(page) == []
    page.keyboard.press("Control+Enter")
    page.wait_for_url("**/edit/")
    expect(page.locator("#id_kr-0-target")).to_have_value("80")
    expect(page.locator(".sentence")).to_contain_text("(1 milestone)")
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_a_kind_is_changed_without_scripts_and_nothing_typed_is_lost(demo, open_page):
    page = open_page(javascript=False)
    sign_in(page, demo.url, "alice@halden.example", PASSWORD)
    page.goto(demo.url + NEW)
    page.get_by_label("Objective", exact=True).fill("Customers hear from us first")
    page.locator("#id_kr-0-title").fill("Accounts greeted at once")
    page.locator("#id_kr-0-baseline").fill("30")
    page.locator("#id_kr-0-kind").select_option("range")
    page.get_by_role("button", name="Change kind").first.click()
    expect(page.locator("#id_kr-0-low")).to_be_visible()
    expect(page.get_by_label("Objective", exact=True)).to_have_value("Customers hear from us first")
    page.locator("#id_kr-0-kind").select_option("increase")
    page.get_by_role("button", name="Change kind").first.click()
    expect(page.locator("#id_kr-0-baseline")).to_have_value("30")
    page.locator("#id_kr-0-target").fill("30")
    page.get_by_role("button", name="Save draft").click()
    expect(page.locator(".err").first).to_contain_text("this is a KPI, not a key result")


def test_the_company_objective_of_the_demo_is_offered_to_align_to(demo, open_page):
    page = open_page()
    sign_in(page, demo.url, "alice@halden.example", PASSWORD)
    page.goto(demo.url + NEW)
    options = page.locator("#id_parent option", has_text=YEAR)
    expect(options.first).to_be_attached()


def opened(demo, open_page, path: str, number: int = 1):
    """The page of a draft whose requests for a row wait until the test lets them go."""
    page = open_page()
    held = []
    page.route("**/row/", lambda route: held.append(route))
    sign_in(page, demo.url, "alice@halden.example", PASSWORD)
    page.goto(demo.url + path)
    put(page, f"Key result {number}", "Accounts greeted rise")
    return page, held


def let_go(page, held) -> None:
    """Let the one request that waits go on, once it was sent."""
    for _ in range(100):
        if held:
            break
        page.wait_for_timeout(50)
    held.pop().continue_()


@pytest.mark.parametrize(("path", "number"), [(NEW, 1), ("/signals/5/?answer=okr", 3)])
def test_what_is_typed_while_another_kind_is_on_its_way_stays(demo, open_page, path, number):
    page, held = opened(demo, open_page, path, number)
    title, baseline, low = (
        page.locator(f"#id_kr-{number - 1}-{name}") for name in ("title", "baseline", "low")
    )
    page.keyboard.press("Tab")
    page.keyboard.type("is in")
    page.keyboard.press("Tab")
    expect(baseline).to_be_focused()
    page.keyboard.type("30")
    put(page, f"Key result {number}", " in a week")
    page.keyboard.press("ArrowLeft")
    let_go(page, held)

    expect(low).to_be_visible()
    expect(title).to_be_focused()
    expect(title).to_have_value("Accounts greeted rise in a week")
    page.keyboard.type("!")
    expect(title).to_have_value("Accounts greeted rise in a wee!k")
    expect(baseline).to_have_value("30")


def test_a_kind_chosen_while_a_row_is_added_gets_its_fields(demo, open_page):
    page, held = opened(demo, open_page, NEW)
    add = page.get_by_role("button", name="Key result", exact=True)
    add.focus()
    page.keyboard.press("Enter")
    page.locator("#id_kr-0-kind").focus()
    page.route("**/row/", lambda route: route.continue_())
    page.keyboard.type("is in")
    let_go(page, held)
    expect(page.locator("#id_kr-0-low")).to_be_visible()
    expect(page.locator("#id_kr-3-title")).to_be_visible()


def test_hints_on_their_way_for_a_row_that_is_replaced_end_with_it(demo, open_page):
    """Their answer found no place and htmx wrote an error for each; open_page fails on those."""
    page, held = opened(demo, open_page, NEW)
    hints = []
    page.route("**/hints/", lambda route: hints.append(route))
    page.keyboard.press("Tab")
    page.keyboard.type("is in")
    with page.expect_request("**/hints/"):
        pass
    let_go(page, held)
    expect(page.locator("#id_kr-0-low")).to_be_visible()
    with contextlib.suppress(Error):
        hints.pop().continue_()
    expect(page.locator("#writing-check")).to_contain_text("to look at")
