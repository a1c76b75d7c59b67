"""An administrator's morning in an empty instance, the first steps, and scenario 8 of product.md 5:
by keyboard, on 2 April 2026."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import App, axe, sign_in
from tests.browser.scenes import (
    PASSWORD,
    beginning,
    clock_at,
    comes,
    people,
    press,
    put,
    take,
)

pytestmark = pytest.mark.browser
WIDTHS = [1440, 390]
# Two years of a KPI of at most 8 %: three months off raise a signal, two do not; March is on.
KPIS = """
from datetime import date
from django.utils import timezone
from metrics.evaluation import evaluate_kpis
from teams.models import Organisation, User
from tests.factories import join, make_cadence, make_kpi, make_team, make_user, make_value
organisation = Organisation.objects.get()
team = make_team(organisation=organisation, name="Customer Success")
bob = join(team, make_user("Bob Tanaka", organisation=organisation, email="bob@halden.example",
           password="{password}"), "member")
join(team, User.objects.get(email="ada@halden.example"), "lead")
for width in (1440, 390):
    cadence = make_cadence("monthly", organisation=organisation, name=f"Monthly {{width}}")
    kpi = make_kpi(team=team, name=f"Churn at {{width}}", cadence=cadence, target=8, owner=bob,
                   starts_on=date(2025, 4, 1))
    for at, value in enumerate("7 9 9 7 7 9 9 9 7 7 7 7".split()):
        make_value(kpi, date(2025 + (3 + at) // 12, (3 + at) % 12 + 1, 1), value)
    evaluate_kpis([kpi.pk], timezone.now())
"""
# What comes in after the change: April and May are off.
TWO_OFF = """
from datetime import date
from django.utils import timezone
from metrics.due import mark_due
from metrics.models import Kpi
from tests.factories import make_value
for kpi in Kpi.objects.filter(name__startswith="Churn at"):
    for month in (4, 5):
        make_value(kpi, date(2026, month, 1), "9", recorded_at=timezone.now())
    mark_due([kpi.pk], timezone.now(), dirty_from=date(2026, 4, 1))
"""


@pytest.fixture(scope="module")
def clock(tmp_path_factory):
    return clock_at("2026-04-02", tmp_path_factory.mktemp("clock"))


@pytest.fixture(scope="module")
def halden(clock, tmp_path_factory):
    with beginning(tmp_path_factory.mktemp("halden"), clock) as app:
        yield app


def ada(app: App, open_page, width: int = 1440) -> Page:
    page = open_page(width=width)
    sign_in(page, app.url, "ada@halden.example", PASSWORD)
    return page


# -- 8: an administrator's cadence ----------------------------------------------------------------


def test_8_due_day_grace_and_patience_are_previewed_saved_and_hold_from_their_day(
    halden, clock, open_page
):
    halden.run(KPIS.format(password=PASSWORD))
    for changed, width in enumerate(WIDTHS, start=1):
        page = ada(halden, open_page, width)
        page.goto(halden.url + "/organisation/cadences/")
        changes_the_cadence(page, f"Monthly {width}", f"Churn at {width}", changed)
        (bob,) = people(halden, open_page, "bob", width=width)
        assert bob.goto(halden.url + "/organisation/cadences/").status == 403
        expect(bob.locator("main")).to_contain_text("administrator")
    clock.at("2026-06-08")
    halden.run(TWO_OFF)
    for width in WIDTHS:
        page = ada(halden, open_page, width)
        waiting = page.locator("main section", has_text="Needs a decision")
        link = waiting.get_by_role("link", name=f"Churn at {width}")
        comes(page, halden.url + "/signals/", link)
        link.first.focus()
        press(page, "Enter")
        expect(page.locator("main")).to_contain_text(re.compile("2 months", re.IGNORECASE))


def changes_the_cadence(page: Page, cadence: str, kpi: str, changed: int) -> None:
    """`changed` is how many of the two cadences ask sooner with this one."""
    row = page.get_by_role("row", name=re.compile(cadence)).first
    page.get_by_label(f"{cadence}: due").focus()
    page.keyboard.type("5th")
    put(page, f"{cadence}: days of grace", "7")
    press(page, "Tab")
    days = row.locator("ol.dates li")
    expect(days).to_have_count(6)
    # April runs already: it keeps its old due day.
    said = ["30 Apr", "5 Jun", "5 Jul", "5 Aug", "5 Sep", "5 Oct"]
    expect(days).to_have_text([re.compile(one.replace(" ", r"\s")) for one in said])
    put(page, f"{cadence}: off target", "2")
    press(page, "Tab")
    head = page.locator("#preview .simhead")
    expect(head).to_contain_text(re.compile(f"{changed} (is|are) new"))
    expect(head).to_contain_text("2 as the rules stood then")
    expect(head.locator(".hero")).to_have_text(str(2 + changed))
    expect(page.locator("#preview")).to_contain_text("in the last 12 months")
    raised = page.locator("#preview details", has_text="Would be raised").first
    expect(raised).to_contain_text(kpi)
    put(page, "Reason", "Two months are enough to ask.")
    take(page, "button", re.compile("^Save from"))
    line = page.get_by_role("region", name="Changes").get_by_role("row", name=re.compile(cadence))
    for said in ("off target 3 → 2", "grace 0 → 7", "Two months are enough to ask.", "Ada Berg"):
        expect(line.first).to_contain_text(said)
    expect(page.get_by_label(f"{cadence}: off target")).to_have_value("2")


# -- the morning ----------------------------------------------------------------------------------

# Forty teams in three layers, each with a lead.
ROSTER = "team,under,purpose,e-mail,name,role\n" + "".join(
    f"Team {n:02},{f'Team {n // 4:02}' if n >= 4 else ''},What team {n} does,"
    f"lead{n}@halden.example,Lead {n},lead\n"
    for n in range(1, 41)
)


def test_an_administrator_sets_up_forty_teams_in_a_morning(clock, open_page, tmp_path):
    with beginning(tmp_path, clock) as app:
        page = ada(app, open_page)
        takes_the_fiscal_year(page)
        invites_by_file(page, app)
        draws_the_tree(page, app)
        adds_a_cycle(page, app)
        previews_a_policy(page, app)
        looks_at_the_jobs(page, app)
        finds_who_changed_this(page, app)


def takes_the_fiscal_year(page: Page) -> None:
    take(page, "link", "Look at them and save")
    page.get_by_label("Fiscal year begins in").focus()
    page.keyboard.type("April")
    take(page, "button", "Save")
    expect(page.locator("main")).to_contain_text("the year begins in April")
    expect(page.locator(".ruler")).to_contain_text("Q1")


def invites_by_file(page: Page, app: App) -> None:
    page.goto(app.url + "/organisation/people/import/")
    bad = ROSTER.replace("lead7@halden.example", "lead7")
    for text in (bad, ROSTER):
        page.get_by_label("CSV file").set_input_files(
            {"name": "roster.csv", "mimeType": "text/csv", "buffer": text.encode()}
        )
        take(page, "button", "Dry run")
        if text is bad:
            expect(page.locator("main")).to_contain_text("Nothing was changed")
            expect(page.get_by_role("rowheader", name="Row 8")).to_be_visible()
    expect(page.get_by_role("heading", name="Dry run")).to_be_visible()
    assert axe(page) == []
    take(page, "button", "Import")
    expect(page.get_by_role("heading", level=1)).to_have_text("Teams")
    page.goto(app.url + "/organisation/people/")
    expect(page.locator("main")).to_contain_text("lead40@halden.example")


def draws_the_tree(page: Page, app: App) -> None:
    page.goto(app.url + "/organisation/teams/new/")
    put(page, "Name", "Team 41")
    page.get_by_label("Stands under").focus()
    page.keyboard.type("Team 02")
    take(page, "button", "Save")
    expect(page.locator("main")).to_contain_text("The team Team 41 is made.")
    expect(page.locator("[id^=team-]")).to_have_count(42)
    take(page, "link", "Edit Team 41")
    page.get_by_label("Stands under").focus()
    page.keyboard.type("Team 03")
    take(page, "button", "Save")
    expect(page.locator("main")).to_contain_text("The team Team 41 is saved.")


def adds_a_cycle(page: Page, app: App) -> None:
    page.goto(app.url + "/cycles/")
    expect(page.locator("main")).to_contain_text("Q1")
    page.goto(app.url + "/cycles/new/")
    put(page, "Name", "Launch")
    page.get_by_label("First day").fill("2026-04-06")
    page.get_by_label("Last day").fill("2026-05-29")
    take(page, "button", "Create")
    expect(page.locator("main")).to_contain_text("Launch")


def previews_a_policy(page: Page, app: App) -> None:
    page.goto(app.url + "/organisation/cadences/")
    put(page, "Monthly: off target", "2")
    press(page, "Tab")
    expect(page.locator("#preview .simhead")).to_contain_text("in the last 12 months")
    put(page, "Reason", "We answer sooner.")
    take(page, "button", re.compile("^Save from"))
    line = page.get_by_role("region", name="Changes").get_by_role("row", name=re.compile("Monthly"))
    for said in ("off target 3 → 2", "We answer sooner.", "Ada Berg"):
        expect(line.first).to_contain_text(said)


def looks_at_the_jobs(page: Page, app: App) -> None:
    page.goto(app.url + "/organisation/jobs/")
    expect(page.get_by_role("heading", name="What runs by itself")).to_be_visible()
    page.get_by_role("button", name=re.compile("^Dry run")).first.focus()
    press(page, "Enter")
    expect(page.locator("main")).to_contain_text("Nothing was changed.")
    page.get_by_role("button", name=re.compile("^Run")).first.focus()
    press(page, "Enter")
    expect(page.locator(".toasts, main").first).to_be_visible()
    assert axe(page) == []


def finds_who_changed_this(page: Page, app: App) -> None:
    page.goto(app.url + "/organisation/audit/")
    for said in ("We answer sooner.", "Ada Berg"):
        expect(page.locator("main")).to_contain_text(said)
    assert axe(page) == []


# -- the first steps: an empty instance to its first check-in -------------------------------------


def test_the_first_steps_lead_to_a_check_in_by_keyboard(clock, open_page, tmp_path):
    with beginning(tmp_path, clock) as app:
        page = ada(app, open_page)
        expect(page.get_by_role("heading", level=1)).to_have_text("First steps")
        assert axe(page) == []
        take(page, "link", "Look at them and save")
        take(page, "button", "Save")
        expect(page.locator("[aria-current=step]")).to_contain_text("Four to six KPIs")
        take(page, "link", "Choose from the examples")
        for group, names in (
            ("Retention", ["Monthly churn rate", "Renewal rate"]),
            ("Quality", ["Net Promoter Score", "Defect rate"]),
        ):
            page.locator("summary", has_text=group).focus()
            press(page, "Enter")
            for name in names:
                page.get_by_role("checkbox", name=name).focus()
                press(page, "Space")
        put(page, "Net Promoter Score: at least", "50")
        assert axe(page) == []
        take(page, "button", "Put them on the scorecard")
        expect(page.locator("main")).to_contain_text("4 KPIs are on the scorecard.")
        expect(page.locator("[aria-current=step]")).to_contain_text("One objective")
        take(page, "link", "Begin with an example")
        expect(page.get_by_label("Objective", exact=True)).not_to_have_value("")
        take(page, "button", "Save draft")
        expect(page.locator("main")).to_contain_text("Draft saved.")
        take(page, "link", "first steps")
        take(page, "link", "Go on with the draft")
        take(page, "button", "Publish")
        expect(page.locator("main")).to_contain_text("Published.")
        take(page, "link", "first steps")
        take(page, "link", "Check in")
        put(page, "Value", "84")
        take(page, "button", re.compile("^Save"))
        expect(page.locator("main")).to_contain_text("Saved just now")
        page.goto(app.url + "/first-steps/")
        expect(page.locator("main")).to_contain_text("All five are done.")
        page.goto(app.url)
        expect(page.get_by_role("heading", level=1)).to_have_text("My week")
        expect(page.locator(".pathline")).to_have_count(0)
