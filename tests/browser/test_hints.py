"""The writing hints follow what is typed, beside the field, without moving focus or losing text."""

import re

import pytest
from playwright.sync_api import expect

from reviews.demo_story import PASSWORD
from tests.browser.conftest import sign_in

pytestmark = pytest.mark.browser

TASK = "Implement proactive health scoring for all accounts by week four"


def test_the_hints_follow_the_typing(demo, open_page):
    page = open_page()
    sign_in(page, demo.url, "alice@halden.example", PASSWORD)
    asked = []
    page.on("request", lambda sent: asked.append(sent.url) if "/hints/" in sent.url else None)
    page.goto(demo.url + "/signals/5/?answer=okr")
    expect(page.locator("#writing-check")).to_contain_text("0 to look at")

    field = page.get_by_label("Key result 3", exact=True)
    field.focus()
    page.keyboard.type(TASK, delay=15)
    box = page.locator("#draft-kr-2-hints")
    expect(box).to_contain_text("What changes for people when it is done?")
    expect(field).to_be_focused()
    expect(field).to_have_value(TASK)
    expect(page.locator("#writing-check")).to_contain_text("1 to look at")
    assert len(asked) == 1, "debounced: one request for one burst of typing"

    title = page.get_by_label("Objective", exact=True)
    title.fill("Increase revenue by 10 %")
    expect(page.locator("#draft-title-hints")).to_contain_text(re.compile("W6.*W5", re.DOTALL))
    expect(box.locator(".hint")).to_have_count(1)
