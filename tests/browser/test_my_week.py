"""A Monday by keyboard alone: ten things owed, typed without a page change, at both widths."""

import re
import shutil

import pytest
from playwright.sync_api import Page, expect

from reviews.demo_story import PASSWORD
from tests.browser.conftest import axe, demo_data, faults, installation, sign_in

pytestmark = pytest.mark.browser

BOB = "bob@halden.example"
OPEN_ROW = "document.activeElement.closest('li[id]').id"
# Six key results and four KPI values of the demo's Bob, all due by now.
OWED = """
from datetime import timedelta
from decimal import Decimal
from django.utils import timezone
from metrics.evaluation import evaluate_kpis
from metrics.models import Kpi, KpiState, Measurement, Source, Target
from objectives.models import KeyResult, Objective
from teams.models import Team, User
now = timezone.now()
bob = User.objects.get(email="bob@halden.example")
team = Team.objects.get(name="Customer Success")
today = team.organisation.today(now)
monday = today - timedelta(days=today.weekday())
Kpi.objects.filter(owner=bob).update(owner=None)
KeyResult.objects.filter(owner=bob).update(owner=None)
cadence = Kpi.objects.get(name="Support first response").cadence
source = Source.objects.filter(team=team, kind="manual").first()
for n in range(1, 5):
    kpi = Kpi.objects.create(
        team=team, name=f"Region {n} first response", definition="Hours.", unit="h", owner=bob,
        direction="lower_is_better", source=source, cadence=cadence,
        starts_on=monday - timedelta(weeks=8), position=50 + n, created_at=now)
    KpiState.objects.create(kpi=kpi)
    Target.objects.create(kpi=kpi, effective_on=kpi.starts_on, value=Decimal(4), created_at=now)
    for back in range(8, 1, -1):
        Measurement.objects.create(
            kpi=kpi, day=monday - timedelta(weeks=back), identity="weekly", value=Decimal("3.5"),
            source=source, recorded_at=now)
    evaluate_kpis([kpi.pk], now)
model = Objective.objects.filter(team=team, state="active").select_related("cycle").first()
objective = Objective.objects.create(
    team=team, cycle=model.cycle, title="Every account sees value early", state="active",
    created_at=now, published_at=now, starts_on=model.cycle.starts_on)
for n in range(1, 7):
    KeyResult.objects.create(
        objective=objective, position=n, title=f"Share {n} rises from 20 to 60 %", unit="%",
        baseline=Decimal(20), target=Decimal(60), owner=bob, next_due_on=today)
"""

# What an earlier test left of them.
CLEAR = """
from objectives.models import KeyResult, Objective, CheckIn
from metrics.models import Kpi
Kpi.objects.filter(name__startswith="Region").delete()
CheckIn.objects.filter(key_result__title__startswith="Share").delete()
Objective.objects.filter(title="Every account sees value early").delete()
"""


@pytest.fixture(scope="module")
def monday(tmp_path_factory):
    """okrkpi with the demo, and ten things that Bob owes at each width."""
    folder = tmp_path_factory.mktemp("monday")
    shutil.copytree(demo_data(), folder, dirs_exist_ok=True)
    with installation("embedded", folder) as app:
        yield app


def press(page: Page, *keys: str) -> None:
    for key in keys:
        page.keyboard.press(key)


@pytest.mark.parametrize("width", [1440, 390])
def test_a_monday_by_keyboard_alone(monday, open_page, width):
    monday.run(CLEAR + OWED)
    page = open_page(width=width)
    sign_in(page, monday.url, BOB, PASSWORD)
    expect(page.get_by_role("heading", level=1)).to_have_text("My week")
    expect(page.locator("#week-count")).to_contain_text("Ten values to update")
    page.evaluate("window.stayed = true")

    # J to the first row, U opens it; from then on Enter saves and the next one opens by itself.
    press(page, "j", "u")
    for _ in range(10):
        field = page.locator("li [name='value']:focus")
        expect(field).to_have_count(1)
        typed_what_it_asks(page)
    expect(page.locator("#week-count")).to_contain_text("Nothing to update")
    expect(page.locator(".due [data-state='edit']")).to_have_count(0)
    assert page.evaluate("window.stayed") is True
    assert page.locator("[data-state='saved']").count() == 10


def typed_what_it_asks(page: Page) -> None:
    """Type the value of the open row and save; of one key result the confidence falls."""
    row = page.locator(f"#{page.evaluate(OPEN_ROW)}")
    name = row.locator("b[id]").first.inner_text()
    if name.startswith("Region"):
        press(page, *"3.9", "Enter")
        saved = page.locator("li[data-state='saved']", has_text=name.split(",")[0])
        expect(saved).to_contain_text("3.9")
        expect(saved).to_contain_text("On target")
        return
    press(page, *"40")
    expect(row).to_contain_text(re.compile("50\\s%"))
    press(page, "Tab")
    if "Share 3" in name:
        press(page, "ArrowLeft", "ArrowLeft", "ArrowLeft")
        expect(row).to_contain_text("in the way")
        press(page, "Enter")
        note = page.locator("li [name='note']:focus")
        expect(note).to_have_attribute("aria-invalid", "true")
        press(page, *"Two", "Enter")
    else:
        press(page, "ArrowRight", "Enter")
    saved = page.locator("li[data-state='saved']", has_text=name)
    expect(saved).to_contain_text(re.compile("50\\s%"))


def test_escape_gives_back_what_stood_and_the_button(monday, open_page):
    monday.run(CLEAR + OWED)
    page = open_page()
    sign_in(page, monday.url, BOB, PASSWORD)
    press(page, "j", "u")
    expect(page.locator("li [name='value']:focus")).to_have_count(1)
    press(page, *"77", "Escape")
    expect(page.locator("#due").locator("xpath=../..")).not_to_contain_text("77")
    expect(page.locator(".row-act a:focus")).to_have_text(re.compile("^Update"))


def test_plan_on_monday_and_say_on_friday_what_became_of_it(monday, open_page):
    page = open_page()
    sign_in(page, monday.url, BOB, PASSWORD)
    page.get_by_role("link", name="Plan the week").focus()
    press(page, "Enter")
    expect(page.get_by_role("textbox", name=re.compile("^Priority 1"))).to_be_focused()
    page.keyboard.type("Call the 12 accounts flagged")
    press(page, "Enter")
    square = page.locator("#week-priority")
    expect(square).to_contain_text("Call the 12 accounts flagged")

    page.get_by_role("link", name="Done or not").click()
    page.get_by_role("radio", name="not done").check()
    page.get_by_role("button", name="Save").click()
    expect(square).to_contain_text("Say in a few words why")
    page.get_by_label(re.compile("^Why not")).fill("waiting for legal")
    press(page, "Enter")
    expect(square).to_contain_text("not done: waiting for legal")


def test_a_paste_fills_the_grid_and_is_looked_at_before_it_is_saved(monday, open_page):
    monday.run(CLEAR + OWED)
    page = open_page()
    sign_in(page, monday.url, BOB, PASSWORD)
    page.goto(monday.url + "/my-week/grid/")
    lines = "Region 1 first response\t3.1\nShare 1 rises from 20 to 60 %\t30\t6"
    page.get_by_label("Lines with tabs between the cells").fill(lines)
    page.get_by_role("button", name="Fill the table").click()
    expect(page.get_by_role("status").first).to_contain_text("3 cells filled")
    first = page.locator("input[name^='v-']").first
    expect(first).to_have_value("3.1")
    first.focus()
    press(page, "ArrowDown")
    expect(page.locator("input[name^='v-']").nth(1)).to_be_focused()
    assert axe(page) == []
    page.get_by_role("button", name="Save all").click()
    expect(page.locator("main")).to_contain_text("Saved 1 value and 1 check-in.")


PASTE = """(text) => {
    const copied = new DataTransfer();
    copied.setData("text/plain", text);
    const paste = { clipboardData: copied, bubbles: true, cancelable: true };
    document.activeElement.dispatchEvent(new ClipboardEvent("paste", paste));
}"""


def test_a_block_pasted_into_a_cell_fills_from_there_and_one_that_does_not_fit_is_kept(
    monday, open_page
):
    page = open_page()
    sign_in(page, monday.url, "bob@halden.example", PASSWORD)
    page.goto(monday.url + "/my-week/grid/")
    confidence = page.get_by_role("textbox", name=re.compile(", confidence$"))
    note = page.get_by_role("textbox", name=re.compile(", note$"))
    confidence.first.focus()
    page.evaluate(PASTE, "8\tall well\r\n4\tslow\n")
    assert [confidence.nth(at).input_value() for at in (0, 1)] == ["8", "4"]
    assert [note.nth(at).input_value() for at in (0, 1)] == ["all well", "slow"]
    note.first.focus()
    page.evaluate(PASTE, "one\ttoo many")
    assert note.first.input_value() == "all well"
    assert page.get_by_label("Lines with tabs").input_value() == "one\ttoo many"


def test_axe_finds_nothing_on_the_pages_of_the_week(monday, open_page):
    monday.run(CLEAR + OWED)
    page = open_page()
    sign_in(page, monday.url, BOB, PASSWORD)
    found = {}
    for path in ("/my-week/", "/my-week/grid/", "/teams/2/card/"):
        page.goto(monday.url + path)
        if path == "/my-week/":
            press(page, "j", "u")
            expect(page.locator("li [name='value']:focus")).to_have_count(1)
        found[path] = faults(page)
    assert {path: problems for path, problems in found.items() if problems} == {}
