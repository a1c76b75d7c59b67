"""Every page of the demo: axe finds nothing in either theme, nothing scrolls sideways at 390 px,
and what a page is for can be done without JavaScript."""

import re

import pytest
from playwright.sync_api import expect

from reviews.demo_story import PASSWORD
from tests.browser.conftest import faults, sign_in

pytestmark = pytest.mark.browser

ALICE = "alice@halden.example"
# The demo numbers its rows from 1 in the order of reviews/demo_story.py.
PAGES = (
    "/my-week/",
    "/my-week/grid/",
    "/teams/2/card/",
    "/teams/",
    "/teams/2/",
    "/teams/4/",
    "/teams/2/kpis/new/",
    "/teams/2/imports/",
    "/teams/2/objectives/new/",
    "/kpis/1/",
    "/kpis/2/",
    "/kpis/5/",
    "/kpis/10/",
    "/kpis/1/edit/",
    "/kpis/1/policy/",
    "/kpis/1/periods/",
    "/kpis/1/targets/",
    "/kpis/5/values/fill/",
    "/signals/",
    "/signals/2/",
    "/signals/5/",
    "/signals/5/?answer=accept",
    "/signals/5/?answer=data",
    "/signals/5/?answer=target",
    "/signals/5/?answer=dismiss",
    "/objectives/1/",
    "/objectives/5/",
    "/objectives/5/close/",
    "/inbox/",
    "/profile/",
    "/nowhere/",
)


def test_axe_finds_nothing_and_nothing_scrolls_sideways(demo, open_page):
    page = open_page()
    page.goto(demo.url + "/accounts/login/")
    found = {"/accounts/login/": faults(page)}
    sign_in(page, demo.url, ALICE, PASSWORD)
    for path in PAGES:
        page.goto(demo.url + path)
        found[path] = faults(page)
    assert {path: problems for path, problems in found.items() if problems} == {}


def test_without_javascript_a_value_is_typed_in_and_a_signal_answered(demo, open_page):
    page = open_page(javascript=False)
    sign_in(page, demo.url, ALICE, PASSWORD)

    page.goto(demo.url + "/kpis/4/")
    expect(page.locator(".chart noscript p")).to_be_visible()
    page.get_by_role("link", name=re.compile("^Enter")).first.click()
    page.locator("input[name=value]").fill("3.9")
    page.get_by_role("button", name=re.compile("Save")).first.click()
    expect(page.locator("main")).to_contain_text("3.9")

    page.goto(demo.url + "/signals/5/")
    page.get_by_role("radio", name=re.compile("Accept for now")).check()
    page.get_by_role("button", name="Show this answer").click()
    page.get_by_label("Down to").fill("36")
    page.get_by_label(re.compile("^Until")).first.fill("2099-01-31")
    page.get_by_label(re.compile("^Reason")).first.fill("The survey moves to a new tool.")
    page.get_by_role("button", name=re.compile("^Accept")).click()
    expect(page.locator("main")).to_contain_text("Accepted")


def test_a_correction_keeps_the_old_value_and_asks_why(demo, open_page):
    page = open_page()
    sign_in(page, demo.url, ALICE, PASSWORD)
    page.goto(demo.url + "/kpis/6/")
    page.get_by_role("link", name=re.compile("^Correct")).first.click()
    value = page.locator("input[name=value]")
    expect(value).to_be_focused()
    value.fill("4.45")
    page.keyboard.press("Enter")
    reason = page.get_by_label(re.compile("^Reason")).first
    expect(reason).to_be_focused()
    reason.fill("Two ratings were counted twice.")
    page.keyboard.press("Enter")
    expect(page.locator("main")).to_contain_text("No signal is raised, resolved or withdrawn")
    page.keyboard.press("Enter")
    row = page.locator("tr", has_text="Two ratings were counted twice.")
    expect(row).to_contain_text("4.45")
    expect(row).to_contain_text("4.5")


def test_a_stranger_finds_nothing_private(demo, open_page):
    page = open_page()
    sign_in(page, demo.url, ALICE, PASSWORD)
    for path in ("/teams/6/", "/kpis/13/"):
        assert page.goto(demo.url + path).status == 404
    page.goto(demo.url + "/teams/")
    assert "Board" not in page.content()
