"""The coach by keyboard: sorting an idea, taking its one step, and the same without JavaScript."""

import re

import pytest
from playwright.sync_api import expect

from reviews.demo_story import PASSWORD
from tests.browser.conftest import faults, sign_in

pytestmark = pytest.mark.browser

NEW = "/teams/2/objectives/new/"


def test_an_idea_is_sorted_while_it_is_typed_and_opens_as_a_kpi(demo, open_page):
    page = open_page()
    sign_in(page, demo.url, "alice@halden.example", PASSWORD)
    page.goto(demo.url + "/start/")
    idea = page.get_by_label("What do you want to watch or change?")
    idea.focus()
    page.keyboard.type("Keep churn below 8 %", delay=15)
    expect(page.locator("#verdict h2")).to_have_text("A KPI")
    expect(idea).to_be_focused()
    expect(page.get_by_label("No, keep it as it is")).to_be_checked()
    expect(page).to_have_url(re.compile("idea=Keep"))

    page.keyboard.press("Tab")
    page.keyboard.press("ArrowRight")
    expect(page.get_by_label("Yes, something new")).to_be_focused()
    expect(page.locator("#verdict")).to_contain_text("You want something new.")

    page.get_by_role("link", name="Create this KPI").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_label("Name", exact=True)).to_have_value("Churn")


def test_the_one_step_is_taken_in_place_and_focus_goes_on(demo, open_page):
    page = open_page()
    sign_in(page, demo.url, "alice@halden.example", PASSWORD)
    page.goto(demo.url + NEW)
    page.get_by_label("Objective", exact=True).fill("Our customers stay")
    row = page.get_by_label("Key result 1", exact=True)
    row.focus()
    page.keyboard.type("Launch the security tier and acquire 5 customers", delay=15)
    step = page.get_by_role("button", name="Split in two")
    expect(step).to_be_visible()
    step.focus()
    page.keyboard.press("Enter")
    expect(row).to_have_value("Launch the security tier")
    expect(page.get_by_label("Key result 2", exact=True)).to_have_value("Acquire 5 customers")
    expect(row).to_be_focused()
    expect(page.get_by_label("Objective", exact=True)).to_have_value("Our customers stay")

    page.get_by_role("button", name="Keep as an initiative").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_label("Initiative 1")).to_have_value("Launch the security tier")
    expect(row).to_have_value("Acquire 5 customers")
    assert page.url.endswith(NEW)


def test_enter_in_a_number_saves_and_takes_no_step(demo, open_page):
    page = open_page()
    sign_in(page, demo.url, "alice@halden.example", PASSWORD)
    page.goto(demo.url + f"{NEW}?key_result=Launch+it&title=Our+customers+stay+for+good")
    page.get_by_label("from", exact=True).first.focus()
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(r"/objectives/\d+/edit/"))
    expect(page.get_by_label("Key result 1", exact=True)).to_have_value("Launch it")


def test_without_javascript_the_steps_are_pages(demo, open_page):
    page = open_page(javascript=False)
    sign_in(page, demo.url, "alice@halden.example", PASSWORD)
    page.goto(demo.url + "/start/")
    page.get_by_label("What do you want to watch or change?").fill("Close the books on time")
    page.get_by_role("button", name="Sort it").click()
    expect(page.locator("#verdict h2")).to_have_text("A KPI")

    page.goto(demo.url + f"{NEW}?key_result=Launch+it&title=Our+customers+stay")
    page.get_by_role("button", name="Keep as an initiative").click()
    expect(page.get_by_label("Initiative 1")).to_have_value("Launch it")
    expect(page.get_by_label("Objective", exact=True)).to_have_value("Our customers stay")


def test_axe_finds_nothing_and_nothing_is_wider_than_the_page(demo, open_page):
    page = open_page()
    sign_in(page, demo.url, "ada@halden.example", PASSWORD)
    for path in ("/start/?idea=Keep+churn+below+8+%25", "/coach/rules/"):
        page.goto(demo.url + path)
        assert faults(page) == []
