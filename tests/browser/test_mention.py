"""Names offered behind an @: by keys and by pointer, in a note and in a text of several lines."""

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import axe, faults, sign_in
from tests.browser.test_check_in import SETUP, open_row, row

pytestmark = pytest.mark.browser
PASSWORD = "halden-demo"
WIDTHS = [1440, 390]
# People whose names begin alike, and a review with its list of learnings.
MORE = """
from django.utils import timezone
from objectives.models import Cycle
from teams.models import Organisation, Team
from tests.factories import make_review, make_user
organisation = Organisation.objects.get()
for name in ("Max Lindqvist", "Maxine Ode", "Tom Max"):
    make_user(name, organisation=organisation, email=name.split()[1].lower() + "@halden.example")
team = Team.objects.get(name="Customer Success")
cycle = Cycle.objects.filter(organisation=organisation, state="active").order_by("pk").first()
print(make_review(team=team, cycle=cycle, kind="monthly", for_on=cycle.starts_on).pk)
"""


@pytest.fixture(scope="module")
def review(demo) -> str:
    return demo.run(MORE).strip()


@pytest.fixture(params=WIDTHS)
def width(request):
    return request.param


def note_of(page: Page, number: int) -> Locator:
    return row(page, number).get_by_label(re.compile("^Note"))


def names(page: Page) -> Locator:
    return page.get_by_role("listbox", name="People to mention").get_by_role("option")


@pytest.fixture
def page(demo, review, open_page, width):
    """Bob before the row of a check-in, its note in focus."""
    made = demo.run(SETUP.format(title=f"Mentions {width}")).strip()
    page = open_page(width=width)
    sign_in(page, demo.url, "bob@halden.example", PASSWORD)
    page.goto(f"{demo.url}/objectives/{made}/")
    open_row(page, 1)
    note_of(page, 1).focus()
    return page


def test_a_name_is_taken_by_keys_and_the_next_enter_saves(page, width):
    note = note_of(page, 1)
    page.keyboard.type("Ask @ma")
    expect(names(page)).to_have_text(["Max Lindqvist", "Maxine Ode", "Tom Max"])
    expect(note).to_have_role("combobox")
    expect(note).to_have_attribute("aria-expanded", "true")
    expect(names(page).first).to_have_attribute("aria-selected", "true")
    assert faults(page) == []
    page.set_viewport_size({"width": width, "height": 1000})
    page.keyboard.press("ArrowUp")  # round to the last
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    chosen = names(page).nth(1)
    expect(chosen).to_have_attribute("aria-selected", "true")
    expect(note).to_have_attribute("aria-activedescendant", chosen.get_attribute("id"))
    page.keyboard.press("Enter")
    expect(note).to_have_value("Ask @Maxine Ode ")
    expect(names(page)).to_have_count(0)
    expect(note).to_have_attribute("aria-expanded", "false")
    expect(note).to_be_focused()
    page.keyboard.type("about it")
    expect(names(page)).to_have_count(0)
    page.keyboard.press("Enter")
    expect(row(page, 1)).to_contain_text("Saved just now")
    expect(row(page, 2).get_by_label(re.compile("^Value"))).to_be_focused()


def test_escape_closes_the_names_and_loses_nothing(page):
    note = note_of(page, 1)
    page.keyboard.type("With @max")
    expect(names(page)).to_have_count(3)
    page.keyboard.press("Escape")
    expect(names(page)).to_have_count(0)
    expect(note).to_have_value("With @max")
    expect(note).to_be_focused()
    page.keyboard.type("imal effort")
    expect(note).to_have_value("With @maximal effort")
    expect(names(page)).to_have_count(0)
    page.keyboard.press("Escape")  # no names are shown: now it is the row's
    expect(row(page, 1).get_by_role("link", name="Update")).to_be_focused()


def test_a_name_is_taken_by_pointer_in_the_middle_of_a_text(page):
    note = note_of(page, 1)
    page.keyboard.type("Ask  about it")
    for _ in range(len(" about it")):
        page.keyboard.press("ArrowLeft")
    page.keyboard.type("@lind")
    names(page).first.click()
    expect(note).to_have_value("Ask @Max Lindqvist about it")
    expect(note).to_be_focused()
    page.keyboard.press("Control+z")
    expect(note).to_have_value("Ask @lind about it")


def test_an_address_and_what_fits_nobody_offer_nothing_and_ask_little(page):
    asked = []
    page.on("request", lambda sent: "/mentions/" in sent.url and asked.append(sent.url))
    note = note_of(page, 1)
    page.keyboard.type("mail max@max.example, @ma")
    expect(names(page)).to_have_count(3)
    page.keyboard.type(" and all the others")
    expect(names(page)).to_have_count(0)
    page.wait_for_timeout(300)
    assert all("at=ma" in url for url in asked)
    assert len(asked) <= 2
    page.keyboard.press("Tab")
    expect(note).not_to_be_focused()


def test_without_an_answer_the_field_works_as_before(page):
    page.route("**/mentions/**", lambda route: route.fulfill(status=404))
    note = note_of(page, 1)
    page.keyboard.type("@max")
    page.wait_for_timeout(300)
    expect(names(page)).to_have_count(0)
    expect(page.locator(".toast")).to_have_count(0)
    expect(note).to_have_value("@max")
    page.keyboard.press("Enter")
    expect(row(page, 1)).to_contain_text("Saved just now")


def test_in_a_text_of_several_lines_enter_takes_and_then_breaks_the_line(
    demo, review, open_page, width
):
    page = open_page(width=width)
    sign_in(page, demo.url, "bob@halden.example", PASSWORD)
    page.goto(f"{demo.url}/reviews/{review}/")
    text = page.get_by_label("One learning")
    text.focus()
    page.keyboard.type("Calls help, says @max")
    expect(names(page)).to_have_count(3)
    assert axe(page) == []
    page.keyboard.press("Enter")
    page.keyboard.press("Enter")
    page.keyboard.type("and so do letters")
    expect(text).to_have_value("Calls help, says @Max Lindqvist \nand so do letters")
    page.keyboard.press("Control+Enter")
    expect(page.locator("#learned-list")).to_contain_text("Calls help, says @Max Lindqvist")


def test_without_script_the_note_is_a_plain_field(demo, review, open_page):
    made = demo.run(SETUP.format(title="Mentions without")).strip()
    page = open_page(javascript=False)
    sign_in(page, demo.url, "bob@halden.example", PASSWORD)
    page.goto(f"{demo.url}/objectives/{made}/")
    row(page, 1).get_by_role("link", name="Update").click()
    expect(page.get_by_label(re.compile("^Note"))).to_have_role("textbox")
    page.get_by_label(re.compile("^Note")).fill("Ask @Maxine Ode")
    page.get_by_role("button", name=re.compile("^Save")).click()
    expect(page.locator("main")).to_contain_text("Ask @Maxine Ode")
