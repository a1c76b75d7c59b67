"""A review graded by keyboard, seen by a second browser within seconds, closed, and its minutes."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import App, axe, installation, sign_in

pytestmark = pytest.mark.browser
PASSWORD = "halden-demo"
# A cycle that ended: an aspirational objective whose key results stand at 100, 70 and 30 of 100.
SETUP = """
from datetime import date
from decimal import Decimal
from teams.models import Team, User
from tests.factories import (
    make_check_in, make_cycle, make_key_result, make_objective, make_review, make_review_action,
)
team = Team.objects.get(name="Customer Success")
alice = User.objects.get(email="alice@halden.example")
cycle = make_cycle(organisation=team.organisation, kind="custom", name="Trial {n}",
                   starts_on=date(2019, {n}, 1), ends_on=date(2019, {n}, 28), state="closing")
objective = make_objective(team=team, cycle=cycle, starts_on=cycle.starts_on, title="Trial {n}",
                           ambition="aspirational")
for value in (100, 70, 30):
    row = make_key_result(objective, title=f"Ends at {{value}}", unit="%",
                          baseline=Decimal(0), target=Decimal(100))
    make_check_in(row, alice, value=Decimal(value), due_on=date(2019, {n}, 20))
review = make_review(team=team, cycle=cycle)
print(review.pk)
"""


@pytest.fixture(scope="module")
def served(tmp_path_factory):
    """okrkpi with the demo on PostgreSQL and Redis."""
    with installation("services", tmp_path_factory.mktemp("served")) as app:
        yield app


@pytest.fixture
def app(request) -> App:
    """The embedded okrkpi, unless a test asks for the one on services."""
    is_served = getattr(request, "param", "embedded") == "services"
    return request.getfixturevalue("served" if is_served else "demo")


@pytest.fixture
def opened(app, open_page, request):
    """A function that opens a fresh review for a person, signed in; and its address."""
    last = request.node.originalname.split("_")[-1]
    number = {"graded": 1, "typing": 2, "plain": 3, "way": 4, "once": 5}[last]
    made = app.run(SETUP.format(n=number)).strip()

    def open_one(who: str, **how) -> Page:
        page = open_page(**how)
        sign_in(page, app.url, f"{who}@halden.example", PASSWORD)
        page.goto(f"{app.url}/reviews/{made}/")
        return page

    return open_one


def row(page: Page, title: str):
    return page.locator("tr[id^=grade-]", has_text=title)


def choose(page: Page, title: str, grade: str) -> None:
    """Choose a grade by keyboard alone: focus the scale, then an arrow key to it."""
    radio = row(page, title).locator(f"[type=radio][value='{grade}']")
    steps = [*[f"0.{n}" for n in range(1, 10)], "1"]
    before = steps[steps.index(grade) - 1] if grade != "0.1" else "0"
    row(page, title).locator(f"[type=radio][value='{before}']").focus()
    page.keyboard.press("ArrowRight")
    expect(radio).to_be_checked()


@pytest.mark.parametrize("app", ["embedded", "services"], indirect=True)
def test_a_meeting_of_two_is_graded(app: App, opened):
    alice, bob = opened("alice"), opened("bob")
    for title, grade in (("Ends at 100", "1"), ("Ends at 70", "0.7")):
        choose(alice, title, grade)
        expect(row(alice, title)).not_to_contain_text("Not graded yet")
        # The other browser sees it by itself within seconds.
        expect(row(bob, title).locator(f"[type=radio][value='{grade}']")).to_be_checked(
            timeout=8_000
        )
    choose(alice, "Ends at 30", "0.5")
    reason = row(alice, "Ends at 30").get_by_label(re.compile("^Reason"))
    expect(reason).to_be_focused()
    expect(row(alice, "Ends at 30")).to_contain_text("Say why 0.5: the suggestion is 0.3.")
    alice.keyboard.type("Two large accounts count more")
    alice.keyboard.press("Enter")
    expect(row(alice, "Ends at 30")).not_to_contain_text("Say why")
    expect(row(bob, "Ends at 30").get_by_label(re.compile("^Reason"))).to_have_value(
        "Two large accounts count more", timeout=8_000
    )
    expect(alice.locator("#review-steps")).to_contain_text("3 of 3 graded")
    assert axe(alice) == []
    alice.emulate_media(color_scheme="dark")
    assert axe(alice) == []
    alice.locator("tr[id^=next-] input[value=drop]").focus()
    alice.keyboard.press("Space")
    close = alice.get_by_role("button", name="Close the review")
    expect(close).to_be_enabled()
    close.focus()
    alice.keyboard.press("Enter")
    expect(alice.locator("main")).to_contain_text("These figures stay as they were.")
    assert axe(alice) == []
    expect(bob.locator("#review-pulse")).to_contain_text("closed meanwhile", timeout=8_000)
    with alice.expect_download() as minutes:
        alice.get_by_role("link", name="Minutes").click()
    told = minutes.value.path().read_text()
    grade = alice.locator("header[id^=head-] .okr-sum b").inner_text()
    assert f"### Trial 1: {grade}" in told
    assert "graded 0.5, suggested 0.3. Two large accounts count more" in told


def test_an_entry_of_another_never_disturbs_typing(opened):
    alice, bob = opened("alice"), opened("bob")
    learning = bob.get_by_label("One learning")
    learning.fill("Half a sen")
    cause = bob.get_by_label(re.compile("^What was the root cause"))
    choose(alice, "Ends at 70", "0.1")
    expect(row(alice, "Ends at 70").get_by_label(re.compile("^Reason"))).to_be_focused()
    alice.keyboard.type("It was counted twice")
    alice.keyboard.press("Enter")
    expect(row(bob, "Ends at 70").locator("[type=radio][value='0.1']")).to_be_checked(timeout=8_000)
    expect(learning).to_have_value("Half a sen")
    # Bob types a root cause while Alice writes hers: his stays, and his save shows him both.
    expect(cause).to_be_visible(timeout=8_000)
    cause.focus()
    bob.keyboard.type("Mine: two")
    hers = alice.get_by_label(re.compile("^What was the root cause"))
    hers.fill("Hers: hiring took a quarter")
    hers.press("Enter")
    expect(alice.locator("#review-foot")).not_to_contain_text("root cause")
    bob.wait_for_timeout(4_000)
    expect(cause).to_have_value("Mine: two")
    expect(cause).to_be_focused()
    bob.keyboard.press("Enter")
    expect(bob.locator("div[id^=words-]")).to_contain_text("Hers: hiring took a quarter")
    expect(cause).to_have_value("Mine: two")
    bob.get_by_role("link", name="Keep theirs").click()
    expect(cause).to_have_value("Hers: hiring took a quarter")


def test_what_is_typed_stays_while_an_answer_is_on_its_way(opened):
    page = opened("alice")
    choose(page, "Ends at 70", "0.1")
    reason = row(page, "Ends at 70").get_by_label(re.compile("^Reason"))
    expect(reason).to_be_focused()
    page.keyboard.type("It was")
    page.route("**/key-results/**", lambda route: (page.wait_for_timeout(600), route.continue_()))
    with page.expect_response(lambda answer: answer.request.method == "POST"):
        page.keyboard.press("Enter")
        page.keyboard.type(" counted twice")
    expect(reason).to_have_value("It was counted twice")
    page.unroute_all()
    with page.expect_response(lambda answer: "twice" in (answer.request.post_data or "")):
        page.keyboard.press("Enter")
    expect(row(page, "Ends at 70")).not_to_contain_text("Say why")
    page.reload()
    expect(reason).to_have_value("It was counted twice")


def test_what_is_typed_stays_when_the_page_is_left_at_once(opened):
    page = opened("alice")
    address = page.url
    choose(page, "Ends at 70", "0.1")
    reason = row(page, "Ends at 70").get_by_label(re.compile("^Reason"))
    expect(reason).to_be_focused()
    page.keyboard.type("It was counted twice")
    page.get_by_role("link", name="My week").click()
    page.wait_for_url(lambda now: now != address)
    page.goto(address)
    expect(reason).to_have_value("It was counted twice")


def test_without_javascript_a_review_is_plain(opened):
    page = opened("alice", javascript=False, width=390)
    line = row(page, "Ends at 100")
    line.locator("label", has_text="1.0").click()
    line.get_by_role("button", name="Save").click()
    expect(page.locator("#review-steps")).to_contain_text("1 of 3 graded")
    row(page, "Ends at 30").locator("label", has_text=".5").click()
    row(page, "Ends at 30").get_by_role("button", name="Save").click()
    expect(page.get_by_text("Say why 0.5: the suggestion is 0.3.")).to_be_visible()
    row(page, "Ends at 30").get_by_label(re.compile("^Reason")).fill("Counted by accounts")
    row(page, "Ends at 30").get_by_role("button", name="Save").click()
    expect(page.locator("#review-steps")).to_contain_text("2 of 3 graded")
    assert page.evaluate("document.documentElement.scrollWidth") == 390
