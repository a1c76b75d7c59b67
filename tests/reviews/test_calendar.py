"""A person's calendar, read back by a real parser: what is in it, for whom, and when."""

from datetime import UTC, date, datetime, timedelta
from uuid import uuid4

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from icalendar import Calendar

from metrics import policies
from reviews.calendar_entries import Entry, entries_of
from reviews.ical import calendar_text
from teams.actions import deactivate, set_role
from teams.actions.calendars import make_feed
from teams.models import CalendarFeed, User
from tests.factories import (
    NOW,
    join,
    make_cadence,
    make_cycle,
    make_key_result,
    make_kpi,
    make_objective,
    make_review,
    make_team,
    make_user,
)

pytestmark = pytest.mark.django_db
FRIDAY = date(2026, 8, 21)
PAGE = "/profile/calendar/"


def fetch(client, person, *, at=NOW, **headers):
    with time_machine.travel(at, tick=False):
        return client.get(f"/calendar/{make_feed(person, at)}.ics", headers=headers)


def events(answer) -> dict:
    """The events of an answer by their summary, in the order they stand."""
    assert answer["Content-Type"] == "text/calendar; charset=utf-8"
    parsed = Calendar.from_ical(answer.content)
    return {str(one["SUMMARY"]): one for one in parsed.walk("VEVENT")}


def starts(answer, word: str) -> list:
    found = Calendar.from_ical(answer.content).walk("VEVENT")
    return [one.decoded("DTSTART") for one in found if word in str(one["SUMMARY"])]


def test_the_calendar_holds_what_is_due_with_its_day_and_link(client, organisation, team, alice):
    cycle = make_cycle(organisation=organisation)
    objective = make_objective(team=team, cycle=cycle, title="Customers love it")
    make_key_result(objective, owner=alice, title="NPS rises", next_due_on=FRIDAY)
    make_key_result(objective, owner=alice, title="Churn falls", next_due_on=FRIDAY)
    found = events(fetch(client, alice))

    due = found["2 check-ins are due"]
    assert due.decoded("DTEND") - due.decoded("DTSTART") == timedelta(days=1)
    assert str(due["DESCRIPTION"]) == "NPS rises\nChurn falls"
    assert str(due["URL"]) == "http://127.0.0.1:8000/my-week/"
    fridays = starts(fetch(client, alice), "check-ins are due")
    assert fridays == [FRIDAY + timedelta(days=7 * n) for n in range(6)]  # until the cycle ends
    assert found["Q3 2026 ends"].decoded("DTSTART") == date(2026, 9, 30)
    assert found["The review of Customer Success opens: Q3 2026"].decoded("DTSTART") == date(
        2026, 10, 1
    )
    uids = [str(one["UID"]) for one in found.values()]
    assert len(uids) == len(set(uids))


@pytest.mark.parametrize(
    ("own", "due", "until"),
    [({}, "5\u00a0Sep", "8\u00a0Sep"), ({"grace_days": 4}, "4\u00a0Sep", "")],
)
def test_every_page_and_the_calendar_name_one_due_day(client, team, alice, own, due, until):
    cadence = make_cadence("monthly", organisation=team.organisation)
    cadence.policies = policies.write(
        [policies.Entry(policies.EVER, None, policies.Terms(due_days=5, grace_days=3))]
    )
    cadence.save()
    kpi = make_kpi(team=team, cadence=cadence, owner=alice, target=8, name="Churn", **own)
    client.force_login(alice)
    with time_machine.travel(datetime(2026, 8, 28, 9, tzinfo=UTC), tick=False):
        paths = ("/my-week/", f"/kpis/{kpi.pk}/", f"/kpis/{kpi.pk}/policy/")
        week, page, policy = (client.get(path).content.decode() for path in paths)
    weekday = "Sat" if until else "Fri"
    assert f"{weekday} {due}" in week
    until = f", in time until {until}" if until else ""
    assert f"Next: August 2026, due {due}{until}." in page
    assert f">{due}<" in policy
    answer = fetch(client, alice, at=datetime(2026, 8, 28, 9, tzinfo=UTC))
    assert starts(answer, "value is due")[0].day == int(due[0])


def test_values_are_due_at_their_hour_through_a_change_of_clock(client, organisation, team, alice):
    make_kpi(
        team=team,
        owner=alice,
        cadence=make_cadence("weekly", organisation=organisation),
        name="NPS",
    )
    answer = fetch(client, alice, at=datetime(2026, 10, 12, 9, tzinfo=UTC))
    moments = starts(answer, "value is due")[:3]
    # Sundays at 17:00 in Oslo, before and after the clock goes back on 25 October at night.
    assert [one.astimezone(UTC).hour for one in moments] == [15, 16, 16]
    assert [one.astimezone(organisation.zone).hour for one in moments] == [17, 17, 17]
    assert [one.date() for one in moments] == [date(2026, 10, n) for n in (18, 25)] + [
        date(2026, 11, 1)
    ]
    first = next(iter(Calendar.from_ical(answer.content).walk("VEVENT")))
    assert str(first["DESCRIPTION"]) == "NPS, W42"


def test_an_open_review_and_an_action_from_one(client, organisation, team, alice):
    cycle = make_cycle(organisation=organisation)
    review = make_review(team=team, cycle=cycle)
    review_action(review, alice, date(2026, 9, 4))
    found = events(fetch(client, alice))
    assert found["Customer Success: review of the cycle, Q3 2026"].decoded("DTSTART") == NOW.date()
    assert found["Ask Sales; first, and last"].decoded("DTSTART") == date(2026, 9, 4)


def review_action(review, person, day):
    from reviews.models import ReviewAction

    return ReviewAction.objects.create(
        review=review,
        team=review.team,
        what="Ask Sales; first, and last",
        owner=person,
        due_on=day,
        created_at=NOW,
        created_by=person,
        form_token=uuid4(),
    )


NASTY = 'Semicolon; comma, back\\slash "quotes" ünï → 中文 ' + "long " * 40


@pytest.mark.parametrize(
    "title", [NASTY, "line\nBEGIN:VEVENT\r\nSUMMARY:planted", "a\x00b\x07c", "DTSTART:20260101"]
)
def test_what_people_typed_comes_back_as_it_was_and_starts_nothing_new(title):
    entries = [Entry("one", FRIDAY, title, (title, "second"), "/x/")]
    text = calendar_text("okrkpi", entries, NOW.date(), "https://okr.example")
    [event] = Calendar.from_ical(text).walk("VEVENT")
    clean = "".join(sign if sign.isprintable() else " " for sign in title).strip()
    assert str(event["SUMMARY"]) == clean
    assert str(event["DESCRIPTION"]) == f"{clean}\nsecond"
    assert all(len(line) <= 75 for line in text.split(b"\r\n"))
    assert b"\n" not in text.replace(b"\r\n", b"")


def test_only_what_the_person_may_see_is_in_it(client, organisation, team, alice, bob):
    secret = make_team(organisation=organisation, name="Secret", is_private=True)
    join(secret, bob)
    cycle = make_cycle(organisation=organisation)
    hidden = make_objective(team=secret, cycle=cycle, is_private=True)
    make_key_result(hidden, owner=bob, title="Hidden", next_due_on=FRIDAY)
    make_key_result(hidden, owner=alice, title="Not hers", next_due_on=FRIDAY)
    make_kpi(team=secret, owner=alice, name="Not hers either")

    assert "Secret" in fetch(client, bob).content.decode()
    for_alice = fetch(client, alice).content.decode()
    assert "Secret" not in for_alice
    assert "hers" not in for_alice

    set_role(bob, secret, None)
    after = fetch(client, bob).content.decode()
    assert "Secret" not in after
    assert "Hidden" not in after


def test_who_left_is_unknown_and_their_address_stays_closed(client, organisation, alice, ada):
    secret = make_feed(alice, NOW)
    assert client.get(f"/calendar/{secret}.ics").status_code == 200
    deactivate(alice, now=NOW, by=ada)
    assert client.get(f"/calendar/{secret}.ics").status_code == 404
    User.objects.filter(pk=alice.pk).update(is_active=True, left_at=None)
    assert client.get(f"/calendar/{secret}.ics").status_code == 404


def test_somebody_who_is_not_active_is_unknown(client, alice):
    secret = make_feed(alice, NOW)
    User.objects.filter(pk=alice.pk).update(is_active=False)
    assert client.get(f"/calendar/{secret}.ics").status_code == 404


def test_the_address_is_told_once_kept_as_a_hash_and_taken_back(client, alice):
    client.force_login(alice)
    page = client.post(PAGE, {"do": "make"}).content.decode()
    address = page.partition('value="http://127.0.0.1:8000')[2].partition('"')[0]
    secret = address.removeprefix("/calendar/").removesuffix(".ics")
    assert len(secret) >= 43
    assert secret not in client.get(PAGE).content.decode()
    assert secret not in str(list(CalendarFeed.objects.values()))
    client.logout()
    assert client.get(address).status_code == 200

    client.force_login(alice)
    client.post(PAGE, {"do": "make"})
    assert client.get(address).status_code == 404  # another took its place
    newest = make_feed(alice, NOW)
    client.post(PAGE, {"do": "end"})
    assert client.get(f"/calendar/{newest}.ics").status_code == 404
    assert "No address yet" in client.get(PAGE).content.decode()


def test_a_calendar_that_did_not_change_is_not_sent_again(client, team, alice):
    secret = make_feed(alice, NOW)
    path = f"/calendar/{secret}.ics"
    with time_machine.travel(NOW, tick=False):
        first = client.get(path)
        assert client.get(path, headers={"If-None-Match": first["ETag"]}).status_code == 304
        make_key_result(make_objective(team=team), owner=alice, next_due_on=FRIDAY)
        again = client.get(path, headers={"If-None-Match": first["ETag"]})
    assert again.status_code == 200
    assert again["ETag"] != first["ETag"]
    assert first["Cache-Control"] == "private, no-cache"
    assert first["Referrer-Policy"] == "no-referrer"


def test_ten_entries_and_many_cost_the_same_queries(organisation, team):
    counts = []
    for number in (10, 300):
        person = join(team, make_user("P", organisation=organisation))
        cadence = make_cadence("weekly", organisation=organisation)
        objective = make_objective(team=team, cycle=make_cycle(organisation=organisation))
        for _ in range(number):
            make_key_result(objective, owner=person, next_due_on=FRIDAY)
            make_kpi(team=team, owner=person, cadence=cadence, source=None)
        person = User.objects.select_related("organisation").get(pk=person.pk)
        with CaptureQueriesContext(connection) as asked:
            found = entries_of(person, NOW)
        counts.append(len(asked))
        assert len(found) > 13
    assert counts[0] == counts[1] <= 8
