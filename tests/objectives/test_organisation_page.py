"""The organisation's settings: who may change them, what is refused, two administrators at once."""

import re
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from objectives.actions import ensure_cycles
from objectives.models import Cycle, CycleEvent, Pilot
from teams.audit.words import line_of
from teams.models import AuditEvent
from tests.factories import (
    NOW,
    make_cycle,
    make_kpi,
    make_objective,
    make_review,
    make_scorecard_link,
    make_value,
)

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
        (
            {"time_zone": "Mars/Olympus"},
            "Time zone: “Mars/Olympus” is not in the list.",
        ),
        ({"fiscal_start_month": "13"}, "Fiscal year begins in: “13” is not in the list."),
        ({"check_in_weekday": "0"}, "Weekly check-ins are due on: “0” is not in the list."),
        ({"cycle_scheme": "month"}, "A year is divided into: “month” is not in the list."),
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


def spans(organisation, kind) -> list[tuple]:
    rows = Cycle.objects.of(organisation).filter(kind=kind)
    return list(rows.values_list("name", "starts_on", "ends_on"))


@pytest.fixture
def november(monkeypatch, organisation):
    """An instance on 30 Nov 2026 with the cycles it was set up with."""
    now = datetime(2026, 11, 30, 9, tzinfo=UTC)
    monkeypatch.setattr("django.utils.timezone.now", lambda: now)
    ensure_cycles(organisation, now)
    return now


@pytest.mark.usefixtures("november")
def test_another_fiscal_year_makes_cycles_nothing_lies_in_anew(admin, organisation):
    organisation.first_steps_closed_at = None
    organisation.save()
    assert "None is in use yet." in admin.get("/organisation/").content.decode()
    sent = opened(admin) | CHOSEN | {"cycle_scheme": "quarter"}
    page = admin.post("/organisation/", sent, follow=True).content.decode()
    assert "The cycles follow the new calendar." in page
    assert spans(organisation, "quarter")[0] == (
        "FY2027-Q3",
        date(2026, 10, 1),
        date(2026, 12, 31),
    )
    names = [name for name, _, _ in spans(organisation, "quarter")]
    assert names == ["FY2027-Q3", "FY2027-Q4", "FY2028-Q1", "FY2028-Q2", "FY2028-Q3"]
    assert spans(organisation, "year") == [
        ("FY2027", date(2026, 4, 1), date(2027, 3, 31)),
        ("FY2028", date(2027, 4, 1), date(2028, 3, 31)),
    ]
    assert Cycle.objects.filter(state="active").count() == 2
    gone = AuditEvent.objects.filter(kind="cycle", verb="deleted", actor_name="Ada Berg")
    assert gone.count() == 7
    assert gone.first().label == "2026"
    # Nothing leads to a page that is not there any more.
    assert line_of(gone.first(), UTC).place == ""


@pytest.mark.usefixtures("november")
def test_a_cycle_in_use_stays_and_the_new_year_begins_where_it_ends(admin, organisation, team):
    quarter = Cycle.objects.get(name="Q4 2026")
    make_objective(team=team, cycle=quarter)
    said = "Q4 2026 until 31\N{NO-BREAK SPACE}Dec 2026"
    assert said in admin.get("/organisation/").content.decode()
    sent = opened(admin) | CHOSEN | {"cycle_scheme": "quarter", "fiscal_start_month": "3"}
    page = admin.post("/organisation/", sent, follow=True).content.decode()
    assert f"In use and left as they are: {said}. All others" in page
    assert spans(organisation, "quarter")[:3] == [
        ("Q4 2026", date(2026, 10, 1), date(2026, 12, 31)),
        ("FY2027-Q4", date(2027, 1, 1), date(2027, 2, 28)),
        ("FY2028-Q1", date(2027, 3, 1), date(2027, 5, 31)),
    ]
    assert spans(organisation, "year")[0] == ("FY2027", date(2026, 3, 1), date(2027, 2, 28))


@pytest.mark.usefixtures("november")
def test_april_keeps_the_quarter_of_an_objective_and_its_days(admin, organisation, team):
    make_objective(team=team, cycle=Cycle.objects.get(name="Q4 2026"))
    admin.post("/organisation/", opened(admin) | CHOSEN | {"cycle_scheme": "quarter"})
    names = [name for name, _, _ in spans(organisation, "quarter")]
    assert names == ["Q4 2026", "FY2027-Q4", "FY2028-Q1", "FY2028-Q2", "FY2028-Q3"]
    assert spans(organisation, "year")[0] == ("FY2027", date(2026, 4, 1), date(2027, 3, 31))


def refer(what: str, cycle: Cycle, team, ada) -> None:
    """Let one row of a table refer to the cycle."""
    if what == "objective":
        make_objective(team=team, cycle=cycle, state="draft")
    elif what == "review":
        make_review(team=team, cycle=cycle)
    elif what == "scorecard link":
        make_scorecard_link(team, cycle, ada)
    elif what == "pilot":
        Pilot.objects.create(organisation=team.organisation, cycle=cycle, begun_at=NOW)
    else:
        CycleEvent.objects.create(cycle=cycle, type="boundary_moved", at=NOW)


@pytest.mark.parametrize("what", ["objective", "review", "scorecard link", "pilot", "event"])
@pytest.mark.usefixtures("november")
def test_whatever_refers_to_a_cycle_keeps_it(admin, organisation, team, ada, what):
    cycle = Cycle.objects.get(name="Q2 2027")
    refer(what, cycle, team, ada)
    admin.post("/organisation/", opened(admin) | CHOSEN | {"cycle_scheme": "quarter"})
    kept = Cycle.objects.filter(name__startswith="Q").values_list("name", flat=True)
    assert list(kept) == ["Q2 2027"]


def test_what_is_over_and_what_has_own_dates_stays(admin, organisation, november):
    ensure_cycles(organisation, november - timedelta(days=400))
    own = make_cycle(
        organisation=organisation,
        kind="custom",
        name="Fair",
        starts_on=date(2026, 12, 1),
        ends_on=date(2026, 12, 24),
    )
    over = list(Cycle.objects.filter(ends_on__lt=november.date()))
    admin.post("/organisation/", opened(admin) | CHOSEN | {"cycle_scheme": "quarter"})
    assert over
    assert set(Cycle.objects.all()) >= {own, *over}


@pytest.mark.usefixtures("november")
def test_a_day_that_a_moved_boundary_leaves_is_no_cycle_of_its_own(admin, organisation):
    moved, after = Cycle.objects.filter(name__in=["Q4 2026", "Q1 2027"])
    moved.ends_on, after.starts_on = date(2027, 1, 30), date(2027, 1, 31)
    for one in (moved, after):
        one.save()
    CycleEvent.objects.create(cycle=moved, type="boundary_moved", at=NOW)
    sent = opened(admin) | CHOSEN | {"cycle_scheme": "quarter", "fiscal_start_month": "2"}
    assert admin.post("/organisation/", sent).status_code == 302
    assert spans(organisation, "quarter")[1] == (
        "FY2028-Q1",
        date(2027, 1, 31),
        date(2027, 4, 30),
    )


@pytest.mark.usefixtures("november")
def test_another_division_replaces_the_stretches_and_another_name_nothing(admin, organisation):
    before = spans(organisation, "quarter")
    sent = opened(admin) | CHOSEN | {"cycle_scheme": "quarter", "fiscal_start_month": "1"}
    admin.post("/organisation/", sent)
    assert spans(organisation, "quarter") == before
    assert not AuditEvent.objects.filter(kind="cycle", verb="deleted").exists()
    admin.post("/organisation/", opened(admin) | CHOSEN | {"fiscal_start_month": "1"})
    assert spans(organisation, "quarter") == []
    assert spans(organisation, "four_month")[0][0] == "T3 2026"
    assert [name for name, _, _ in spans(organisation, "year")] == ["2026", "2027"]


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
