"""An administrator reads the record, sets up a chat and makes a calendar: by keyboard alone.

At both widths, on 2 April 2026, in an instance of their own with a chat on this machine.
"""

import csv
import io
import json
import re
import time
import urllib.error
import urllib.request

import pytest
from icalendar import Calendar
from playwright.sync_api import Page, expect

from tests.browser.conftest import App, faults, sign_in
from tests.browser.scenes import AGAIN, PASSWORD, beginning, clock_at, comes, press, put, take
from tests.services import wait_until
from tests.teams.chat_server import https_chat

pytestmark = pytest.mark.browser
WIDTHS = [1440, 390]
AUDIT = "/organisation/audit/"
# For each width a cadence with two KPIs of at most 8 % that were on target; then sixty changes of a
# team, more than a page of the record holds.
KPIS = """
from datetime import date
from django.utils import timezone
from metrics.evaluation import evaluate_kpis
from teams.actions import change_team
from teams.models import Organisation, User
from tests.factories import join, make_cadence, make_kpi, make_team, make_value
organisation = Organisation.objects.get()
ada = User.objects.get(email="ada@halden.example")
team = make_team(organisation=organisation, name="Customer Success")
join(team, ada, "lead")
for width in (1440, 390):
    cadence = make_cadence("monthly", organisation=organisation, name=f"Monthly {width}")
    for name in ("Churn", "Delay"):
        kpi = make_kpi(team=team, name=f"{name} at {width}", unit="%", cadence=cadence, target=8,
                       owner=ada, starts_on=date(2025, 10, 1))
        for month in (10, 11, 12):
            make_value(kpi, date(2025, month, 1), 7)
        evaluate_kpis([kpi.pk], timezone.now())
for number in range(1, 61):
    change_team(team, {"purpose": f"Purpose {number}"}, by=ada)
"""
# What comes in late: three months off in a row, found by the job.
OFF = """
from datetime import date
from django.utils import timezone
from metrics.due import mark_due
from metrics.models import Kpi
from tests.factories import make_value
kpi = Kpi.objects.get(name="{name}")
for month in (1, 2, 3):
    make_value(kpi, date(2026, month, 1), 9, recorded_at=timezone.now())
mark_due([kpi.pk], timezone.now(), dirty_from=date(2026, 1, 1))
"""


@pytest.fixture(scope="module")
def chat(tmp_path_factory):
    with https_chat(tmp_path_factory.mktemp("chat"), "localhost") as server:
        yield server


@pytest.fixture(scope="module")
def halden(chat, tmp_path_factory):
    clock = clock_at("2026-04-02", tmp_path_factory.mktemp("clock"))
    reach = {"OKRKPI_OUTGOING_HOSTS": chat.host, "OKRKPI_OUTGOING_CA_FILE": chat.ca_file}
    with beginning(tmp_path_factory.mktemp("halden"), clock, **reach) as app:
        app.run(KPIS)
        yield app


@pytest.fixture(params=WIDTHS)
def width(request):
    return request.param


@pytest.fixture
def page(halden, open_page, width):
    page = open_page(width=width)
    sign_in(page, halden.url, "ada@halden.example", PASSWORD)
    return page


def looked_at(page: Page, width: int) -> None:
    """axe finds nothing, and the page is as wide as before."""
    assert faults(page) == []
    page.set_viewport_size({"width": width, "height": 1000})


def changes(page: Page):
    return page.get_by_role("region", name=re.compile("^Changes")).locator("tbody tr")


# -- who changed what, when and why ---------------------------------------------------------------


def test_who_changed_a_target_and_a_cadence_is_found_and_taken_along(halden, page, width):
    revises_the_target(page, halden, f"Churn at {width}")
    changes_the_cadence(page, halden, f"Monthly {width}")
    finds_both(page, halden, width)
    reads_older_ones(page, halden, width)
    reads_the_histories(page, halden, width)
    takes_it_along(page, halden, width)


def revises_the_target(page: Page, app: App, kpi: str) -> None:
    page.goto(app.url + "/teams/")
    take(page, "link", "Customer Success")
    take(page, "link", kpi)
    take(page, "link", "Targets")
    put(page, "Target", "6")
    put(page, "Reason", f"{kpi} was too easy.")
    take(page, "button", "Review")
    take(page, "button", "Save the target")
    expect(page.locator("main")).to_contain_text(f"{kpi} was too easy.")


def changes_the_cadence(page: Page, app: App, cadence: str) -> None:
    page.goto(app.url + "/organisation/cadences/")
    put(page, f"{cadence}: days of grace", "7")
    press(page, "Tab")
    put(page, "Reason", f"{cadence} needs a week.")
    take(page, "button", re.compile("^Save from"))
    line = page.get_by_role("region", name="Changes").get_by_role("row", name=re.compile(cadence))
    expect(line.first).to_contain_text("grace 0 → 7")


def finds_both(page: Page, app: App, width: int) -> None:
    """By words, and by what it was, who and when; each line says who, when and why."""
    page.goto(app.url + AUDIT)
    looked_at(page, width)
    put(page, "Words", f"Churn at {width} easy")
    press(page, "Enter")
    expect(changes(page)).to_have_count(1)
    for said in ("target", "2 Apr 2026", "Ada Berg", "was too easy.", "8", "6"):
        expect(changes(page).first).to_contain_text(said)
    take(page, "link", "Everything, newest first")
    page.get_by_label("What", exact=True).focus()
    page.keyboard.type("policy")
    put(page, "Who", "ada@halden.example")
    page.get_by_label("From", exact=True).fill("2026-04-02")
    put(page, "Words", f"Monthly {width}")
    take(page, "button", "Find")
    expect(changes(page).first).to_contain_text("needs a week.")
    expect(changes(page).filter(has_not_text=f"Monthly {width}")).to_have_count(0)
    assert "person=" in page.url
    looked_at(page, width)
    page.get_by_label("From", exact=True).fill("2026-04-03")
    take(page, "button", "Find")
    expect(page.get_by_role("heading", name="Nothing found")).to_be_visible()
    looked_at(page, width)


def reads_older_ones(page: Page, app: App, width: int) -> None:
    page.goto(app.url + AUDIT)
    seen = changes(page).evaluate_all("rows => rows.map(row => row.id)")
    assert len(seen) == 50
    take(page, "link", "Older changes")
    expect(page).to_have_url(re.compile("before="))
    older = changes(page).evaluate_all("rows => rows.map(row => row.id)")
    assert older
    assert not set(seen) & set(older)
    expect(page.locator("main")).to_contain_text("Purpose 1")
    looked_at(page, width)


def reads_the_histories(page: Page, app: App, width: int) -> None:
    """What the record says of an object stands on the object's own page."""
    page.goto(f"{app.url}{AUDIT}?q=Churn+at+{width}+easy")
    changes(page).get_by_role("link", name=f"Churn at {width}").focus()
    press(page, "Enter")
    expect(page.get_by_role("heading", name="History")).to_be_visible()
    for said in (f"Churn at {width} was too easy.", "Ada Berg"):
        expect(page.locator("main")).to_contain_text(said)
    looked_at(page, width)
    page.goto(app.url + "/organisation/teams/")
    take(page, "link", "Edit Customer Success")
    history = page.get_by_role("region", name="History")
    expect(history).to_contain_text("Purpose 60")
    expect(history.locator("tbody tr")).to_have_count(20)
    looked_at(page, width)
    take(page, "link", "All changes")
    expect(changes(page)).to_have_count(50)


def takes_it_along(page: Page, app: App, width: int) -> None:
    page.goto(f"{app.url}{AUDIT}?q=at+{width}+easy")
    with page.expect_download() as saved:
        take(page, "link", "CSV")
    text = saved.value.path().read_text(encoding="utf-8-sig")
    (line,) = csv.DictReader(io.StringIO(text))
    assert (line["actor_name"], line["label"]) == ("Ada Berg", f"Churn at {width}")
    assert line["reason"] == f"Churn at {width} was too easy."
    assert json.loads(line["before"])["value"] == "8"
    assert json.loads(line["after"])["value"] == "6"
    assert line["at"].startswith("2026-04-02T")


# -- a chat ---------------------------------------------------------------------------------------


def test_a_chat_is_told_of_a_signal_once_and_nothing_when_it_is_switched_off(
    halden, chat, page, width
):
    page.goto(halden.url + "/organisation/chat/")
    looked_at(page, width)
    take(page, "radio", re.compile("^Slack"))
    put(page, "Address", "http://localhost/hook")
    take(page, "button", "Save")
    expect(page.locator(".err")).to_contain_text("must begin with https://")
    looked_at(page, width)
    put(page, "Address", chat.url)
    take(page, "button", "Save")
    expect(page.locator("main")).to_contain_text("The chat at localhost is told from now on.")
    expect(page.locator("main")).not_to_contain_text("s3cret")
    looked_at(page, width)
    del chat.posts[:]

    kpi = f"Churn at {width}"
    halden.run(OFF.format(name=kpi))
    wait_until(lambda: chat.posts, within=60)
    halden.run(AGAIN)
    time.sleep(3)  # the job comes round
    ((path, headers, body),) = chat.posts
    assert path == "/services/T0/B0/s3cret"
    assert kpi in json.loads(body)["text"]
    assert headers["Idempotency-Key"]

    page.reload()
    take(page, "button", "Remove the chat")
    expect(page.get_by_role("heading", name="Set up a chat")).to_be_visible()
    looked_at(page, width)
    later = f"Delay at {width}"
    halden.run(OFF.format(name=later))
    comes(page, halden.url + "/signals/", page.get_by_role("link", name=later))
    halden.run(AGAIN)
    time.sleep(3)
    assert len(chat.posts) == 1
    page.goto(f"{halden.url}{AUDIT}?kind=chat")
    expect(page.locator("main")).not_to_contain_text("s3cret")


# -- a calendar -----------------------------------------------------------------------------------


def fetched(url: str) -> tuple[int, bytes]:
    """The status and the text, as a calendar program asks for them: without signing in."""
    try:
        with urllib.request.urlopen(url, timeout=10) as answer:
            assert answer.headers["Content-Type"].startswith("text/calendar")
            return answer.status, answer.read()
    except urllib.error.HTTPError as refused:
        return refused.code, b""


def test_a_calendar_is_read_back_and_taken_back(halden, page, width):
    page.goto(halden.url + "/profile/")
    take(page, "link", "Calendar")
    looked_at(page, width)
    take(page, "button", "Make an address")
    made = page.locator("#made").input_value()
    looked_at(page, width)
    address = halden.url + re.sub("^https?://[^/]+", "", made)
    parsed = Calendar.from_ical(fetched(address)[1])
    events = {str(one["SUMMARY"]): one for one in parsed.walk("VEVENT")}
    assert any("ends" in one for one in events)
    assert f"Churn at {width}" in str(events["4 values are due"]["DESCRIPTION"])
    page.goto(page.url)
    expect(page.locator("main")).not_to_contain_text(made)
    take(page, "button", "Make another address")
    again = page.locator("#made").input_value()
    newer = halden.url + re.sub("^https?://[^/]+", "", again)
    assert [fetched(url)[0] for url in (address, newer)] == [404, 200]
    take(page, "button", "Take it back")
    expect(page.locator("main")).to_contain_text("The address opens nothing any more.")
    assert fetched(newer)[0] == 404
    looked_at(page, width)
