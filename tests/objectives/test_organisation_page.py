"""The organisation's settings: who may change them, what is refused, two administrators at once."""

import re
from datetime import date
from decimal import Decimal
from itertools import pairwise

import pytest

from objectives.actions import ensure_cycles
from objectives.models import Cycle
from tests.factories import NOW, make_kpi, make_value

pytestmark = pytest.mark.django_db
CHOSEN = {
    "name": "Halden Works",
    "time_zone": "Europe/Berlin",
    "fiscal_start_month": "4",
    "check_in_weekday": "1",
    "cycle_scheme": "four_month",
    "closing_days": "21",
    "has_individual_goals": "on",
}


@pytest.fixture
def admin(client, ada):
    client.force_login(ada)
    return client


def opened(client) -> dict:
    """What the page carries of itself: what stood in each field when it was opened."""
    page = client.get("/organisation/").content.decode()
    tags = re.findall(r'<input type="hidden" name="(initial-[a-z_]+)" value="([^"]*)"', page)
    return dict(tags)


def test_an_administrator_changes_every_setting(admin, organisation):
    answer = admin.post("/organisation/", opened(admin) | CHOSEN)
    assert (answer.status_code, answer.url) == (302, "/organisation/")
    organisation.refresh_from_db()
    assert (organisation.name, organisation.time_zone) == ("Halden Works", "Europe/Berlin")
    assert (organisation.fiscal_start_month, organisation.check_in_weekday) == (4, 1)
    assert (organisation.cycle_scheme, organisation.closing_days) == ("four_month", 21)
    assert organisation.has_individual_goals


@pytest.mark.parametrize(
    ("data", "problem"),
    [
        ({"name": ""}, "required"),
        ({"name": "x" * 201}, "200"),
        ({"time_zone": "Mars/Olympus"}, "Mars/Olympus"),
        ({"fiscal_start_month": "13"}, "13"),
        ({"check_in_weekday": "0"}, "0"),
        ({"cycle_scheme": "month"}, "month"),
        ({"closing_days": "61"}, "At most 60 days."),
        ({"closing_days": "-1"}, "0 days or more."),
        ({"closing_days": "two"}, "Type a whole number of days"),
    ],
    ids=str,
)
def test_what_cannot_be_is_422_and_nothing_is_saved(admin, organisation, data, problem):
    before = organisation.name
    answer = admin.post("/organisation/", opened(admin) | CHOSEN | {"name": "Halden Two"} | data)
    page = answer.content.decode()
    assert answer.status_code == 422
    assert problem in page
    assert "name" in data or 'value="Halden Two"' in page
    organisation.refresh_from_db()
    assert (organisation.name, organisation.closing_days) == (before, 14)


def test_two_administrators_keep_what_each_changed(admin, organisation):
    shown = opened(admin)
    as_shown = {
        name.removeprefix("initial-"): value for name, value in shown.items() if value != "False"
    }
    admin.post("/organisation/", shown | as_shown | {"closing_days": "30"})
    admin.post("/organisation/", shown | as_shown | {"name": "Halden Works"})
    organisation.refresh_from_db()
    assert (organisation.closing_days, organisation.name) == (30, "Halden Works")


def test_the_same_setting_changed_meanwhile_is_told_and_may_be_set_again(admin, organisation):
    shown = opened(admin)
    admin.post("/organisation/", shown | CHOSEN | {"check_in_weekday": "3"})
    answer = admin.post("/organisation/", shown | CHOSEN | {"check_in_weekday": "2"})
    page = answer.content.decode()
    assert answer.status_code == 409
    assert "Changed meanwhile to “Wednesday”" in page
    organisation.refresh_from_db()
    assert organisation.check_in_weekday == 3
    tags = re.findall(r'<input type="hidden" name="(initial-[a-z_]+)" value="([^"]*)"', page)
    again = admin.post("/organisation/", dict(tags) | CHOSEN | {"check_in_weekday": "2"})
    assert again.status_code == 302
    organisation.refresh_from_db()
    assert organisation.check_in_weekday == 2


def test_the_same_form_sent_twice_is_saved_once(admin, organisation):
    shown = opened(admin)
    for _ in range(2):
        assert admin.post("/organisation/", shown | CHOSEN).status_code == 302


def test_cycles_that_exist_stay_and_those_ahead_follow_the_new_calendar(admin, organisation):
    before = ensure_cycles(organisation, NOW)
    admin.post("/organisation/", opened(admin) | CHOSEN | {"cycle_scheme": "quarter"})
    ensure_cycles(organisation, NOW)
    rows = list(Cycle.objects.of(organisation).filter(kind="quarter"))
    assert rows[: len(before)] == before
    assert all(one.ends_on < following.starts_on for one, following in pairwise(rows))


def test_only_administrators_are_led_there(client, admin, alice):
    assert 'href="/organisation/"' in admin.get("/profile/").content.decode()
    client.force_login(alice)
    assert 'href="/organisation/"' not in client.get("/profile/").content.decode()
    assert client.get("/organisation/").status_code == 403


@pytest.mark.parametrize(("cadence", "month"), [("quarterly", 1), ("yearly", 1), ("monthly", 4)])
def test_the_fiscal_year_stays_once_values_lie_in_its_periods(
    admin, organisation, team, cadence, month
):
    make_value(make_kpi(team=team, cadence=cadence), date(2026, 1, 1), Decimal(9))
    said = "values by quarter or year were entered" in admin.get("/organisation/").content.decode()
    assert said == (month == 1)
    assert admin.post("/organisation/", opened(admin) | CHOSEN).status_code == 302
    organisation.refresh_from_db()
    assert (organisation.fiscal_start_month, organisation.name) == (month, "Halden Works")
