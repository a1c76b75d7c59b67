"""What the acceptance scenarios begin with, and the keys they are played by."""

import os
import re
import shutil
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import App, running, sign_in
from tests.services import wait_until

PASSWORD = "lantern-on-the-pier-4"
# Halden with Alice, who leads Customer Success, and Bob, who works in it.
PEOPLE = """
from django.utils import timezone
from objectives.actions import ensure_cycles
from teams.models import Organisation
from tests.factories import join, make_team, make_user
organisation = Organisation.objects.get()
team = make_team(organisation=organisation, name="Customer Success")
for name, role in (("Alice Moreau", "lead"), ("Bob Tanaka", "member")):
    email = name.split()[0].lower() + "@halden.example"
    join(team, make_user(name, organisation=organisation, email=email, password="{password}"), role)
ensure_cycles(organisation, timezone.now())
"""
# Churn of at most 8 % at each width, which Bob owns. January and February raise nothing; then March
# comes in, and the job finds it by itself.
CHURN = """
from datetime import date
from django.utils import timezone
from metrics.due import mark_due
from metrics.evaluation import evaluate_kpis
from metrics.models import Cadence, Signal
from teams.models import Team, User
from tests.factories import make_kpi, make_value
team = Team.objects.get(name="Customer Success")
for width in (1440, 390):
    kpi = make_kpi(
        team=team, name=f"Churn at {width}", target=8, unit="%", direction="lower_is_better",
        definition="Accounts lost in the month, of those at its start.",
        cadence=Cadence.objects.get(organisation=team.organisation, kind="monthly"),
        owner=User.objects.get(email="bob@halden.example"), starts_on=date(2026, 1, 1))
    make_value(kpi, date(2026, 1, 1), "12.4")
    make_value(kpi, date(2026, 2, 1), "12.6")
    evaluate_kpis([kpi.pk], timezone.now())
    assert not Signal.objects.filter(kpi=kpi).exists()
    make_value(kpi, date(2026, 3, 1), "12.1")
    mark_due([kpi.pk], timezone.now(), dirty_from=date(2026, 3, 1))
"""
# A cycle of 92 days of which 46 are gone today, as on 16 August of a quarter from July on.
HALF_WAY = """
from datetime import timedelta
from decimal import Decimal
from django.utils import timezone
from objectives.models import Cycle
from teams.models import Team, User
from tests.factories import make_check_in, make_cycle, make_key_result, make_objective
team = Team.objects.get(name="Customer Success")
bob = User.objects.get(email="bob@halden.example")
now = timezone.now()
today = team.organisation.today(now)
begun = today - timedelta(days=46)
name = f"Half way on {{today}}"
cycle = Cycle.objects.filter(name=name).first() or make_cycle(
    organisation=team.organisation, kind="custom", name=name, starts_on=begun,
    ends_on=today + timedelta(days=45))
for title, ambition, unit, baseline, target in {rows}:
    objective = make_objective(
        team=team, cycle=cycle, starts_on=begun, title=title, ambition=ambition)
    row = make_key_result(objective, title=title, unit=unit, baseline=Decimal(baseline),
                          target=Decimal(target), owner=bob, next_due_on=today)
    make_check_in(row, bob, value=Decimal(baseline), confidence=7, made_at=now - timedelta(days=7),
                  due_on=today - timedelta(days=7))
    print(objective.pk, row.pk)
"""
# What the job does, three times more.
AGAIN = """
from django.utils import timezone
from metrics.evaluation import evaluate_kpis
from metrics.models import Kpi
from teams.outbox import deliver_due
for _ in range(3):
    evaluate_kpis([*Kpi.objects.values_list("pk", flat=True)], timezone.now())
    deliver_due(timezone.now(), "again")
"""


class Clock:
    """The clock of a running okrkpi; it goes forward."""

    def __init__(self, file: Path) -> None:
        self.file = file

    def at(self, day: str) -> None:
        """Nine in the morning of a day; every process follows at once."""
        self.file.write_text(f"{day}T09:00:00+00:00")


def clock_at(day: str, folder: Path) -> Clock:
    """A clock that is kept in a folder and stands at nine in the morning of a day."""
    clock = Clock(folder / "now")
    clock.at(day)
    return clock


@contextmanager
def beginning(folder: Path, clock: Clock, **environ: str):
    """okrkpi by this clock, with Halden and Ada, who administers it, and nothing else."""
    path = str(Path(__file__).with_name("clock"))
    environ |= {"PYTHONPATH": path, "TEST_CLOCK": str(clock.file)}
    if template := os.environ.get("MIGRATED_SQLITE"):
        shutil.copy(template, folder / "db.sqlite3")
    with running(folder, "--no-demo", **environ) as app:
        admin = ("--admin-name=Ada Berg", "--admin-email=ada@halden.example")
        app.manage("create_organisation", "Halden", *admin, OKRKPI_ADMIN_PASSWORD=PASSWORD)
        yield app


def press(page: Page, *keys: str) -> None:
    for key in keys:
        page.keyboard.press(key)


def put(page: Page, label: str, text: str) -> None:
    """Type into the field whose label begins so, in place of what stands there."""
    fields = page.locator("input, textarea").and_(page.get_by_label(re.compile(f"^{label}")))
    fields.first.focus()
    press(page, "Control+A")
    page.keyboard.type(text)


def take(page: Page, role: str, name: str | re.Pattern) -> None:
    """Press a link or a button, or choose a radio, by keyboard."""
    page.get_by_role(role, name=name, exact=isinstance(name, str)).first.focus()
    press(page, "Space" if role == "radio" else "Enter")


def people(halden: App, open_page, *names: str, width: int) -> list[Page]:
    pages = [open_page(width=width) for _ in names]
    for page, name in zip(pages, names, strict=True):
        sign_in(page, halden.url, f"{name}@halden.example", PASSWORD)
    return pages


def comes(page: Page, url: str, place: Locator) -> None:
    """Open a page until the job has done what makes this appear there."""

    def is_there() -> bool:
        page.goto(url)
        return place.count() > 0

    wait_until(is_there, within=40, every=0.5)


def row(page: Page, title: str) -> Locator:
    return page.locator("li.row", has_text=title)


def open_row(page: Page, title: str) -> Locator:
    """Walk to the row of a title with J and open it with Enter; its value has the focus."""
    walk_to(page, row(page, title))
    press(page, "Enter")
    value = row(page, title).get_by_label(re.compile("^Value"))
    expect(value).to_be_focused()
    return value


def walk_to(page: Page, place: Locator) -> None:
    for _ in range(page.locator("main .row").count()):
        press(page, "j")
        if place.evaluate("row => row === document.activeElement"):
            return
    raise AssertionError("J does not lead to the row")
