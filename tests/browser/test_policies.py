"""The rules of an administrator: due dates and replay in place, by keyboard, nothing saved."""

import pytest
from playwright.sync_api import expect

from reviews.demo_story import PASSWORD
from tests.browser.conftest import axe, sideways, sign_in

pytestmark = pytest.mark.browser
ADA = "ada@halden.example"
LEAD = "alice@halden.example"
PAGE = "/organisation/cadences/"


@pytest.mark.parametrize(("width", "scheme"), [(1440, "light"), (390, "dark")])
def test_the_replay_and_the_due_dates_follow_the_keys_and_nothing_is_saved(
    demo, open_page, width, scheme
):
    page = open_page(width=width, scheme=scheme)
    sign_in(page, demo.url, ADA, PASSWORD)
    page.goto(demo.url + PAGE)
    assert axe(page) == []
    assert sideways(page) == 0

    page.get_by_label("Monthly: due").focus()
    page.keyboard.type("5th")
    last = page.locator("#cadences ol").nth(2).locator("li").last
    expect(last).to_contain_text("5")
    page.get_by_label("Monthly: off target").fill("1")
    page.keyboard.press("Tab")
    expect(page.locator("#preview .simhead")).to_contain_text("as the rules stood then")
    expect(page.get_by_label("Monthly: of the last")).to_be_focused()
    assert axe(page) == []
    assert sideways(page) == 0

    page.reload()
    expect(page.get_by_label("Monthly: off target")).to_have_value("3")


def test_the_page_of_a_team_and_moving_a_cycle_are_clean(demo, open_page):
    page = open_page(width=1440, scheme="light")
    sign_in(page, demo.url, ADA, PASSWORD)
    page.goto(demo.url + PAGE)
    page.get_by_label("Terms of").select_option(index=1)
    page.get_by_role("button", name="Show").press("Enter")
    expect(page.get_by_role("heading", level=1)).to_contain_text("Terms of")
    assert axe(page) == []

    page.goto(demo.url + "/cycles/")
    page.get_by_role("rowheader").get_by_role("link").first.press("Enter")
    page.get_by_role("link", name="Move its end").press("Enter")
    assert axe(page) == []
    day = page.get_by_label("Last day")
    year, month, _ = day.input_value().split("-")
    day.fill(f"{year}-{month}-15")
    day.press("Tab")
    expect(page.locator("#consequences")).to_contain_text("instead of")
    assert axe(page) == []


@pytest.mark.parametrize(("width", "scheme"), [(1440, "light"), (390, "dark")])
def test_a_rule_of_one_kpi_is_tried_by_keyboard_and_kept_only_with_a_reason(
    demo, open_page, width, scheme
):
    page = open_page(width=width, scheme=scheme)
    sign_in(page, demo.url, LEAD, PASSWORD)
    page.goto(demo.url + "/kpis/1/")
    page.get_by_role("link", name="Signal policy").press("Enter")
    expect(page.get_by_role("heading", level=1)).to_contain_text("Signal policy of")
    assert axe(page) == []
    assert sideways(page) == 0

    page.get_by_label("Off-target periods until a signal").fill("1")
    page.keyboard.press("Tab")
    expect(page.locator("#preview .simhead")).to_contain_text("as the rules stood then")
    expect(page.get_by_label("Of the last")).to_be_focused()
    page.get_by_label("Days until a value counts as missing").fill("999")
    page.keyboard.press("Tab")
    expect(page.locator("#preview")).to_contain_text("At most 366.")
    page.get_by_label("Days until a value counts as missing").fill("2")
    page.get_by_role("button", name="Preview").press("Enter")
    expect(page.locator("#preview .simhead")).to_contain_text("as the rules stood then")
    assert axe(page) == []
    assert sideways(page) == 0

    page.get_by_role("button", name="Save").press("Enter")
    expect(page.get_by_label("Reason")).to_be_focused()
    expect(page.get_by_label("Off-target periods until a signal")).to_have_value("1")
    page.reload()
    expect(page.get_by_text("This KPI has followed its team")).to_be_visible()


def test_without_javascript_a_rule_is_tried_before_anybody_says_why(demo, open_page):
    page = open_page(javascript=False)
    sign_in(page, demo.url, LEAD, PASSWORD)
    page.goto(demo.url + "/kpis/1/policy/")
    page.get_by_label("Off-target periods until a signal").fill("1")
    page.get_by_role("button", name="Preview").press("Enter")
    expect(page.locator("#preview .simhead")).to_contain_text("as the rules stood then")
    expect(page.get_by_label("Off-target periods until a signal")).to_have_value("1")
