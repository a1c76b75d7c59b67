"""Reminders of what is due: at the person's hour, once a day, twice a week, and then no more."""

from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import given
from hypothesis import strategies as st

from metrics.evaluation import evaluate_kpis
from metrics.models import Cadence
from metrics.policies import Entry, Terms, read, write
from objectives.reminder_days import AFTER_DAYS, WEEKLY_CAP, is_held, wants_reminder
from objectives.reminders import Due, remind, words
from teams.message_kinds import REMINDERS
from teams.models import MessageSettings, OutboxMessage
from tests.factories import (
    join,
    make_cadence,
    make_key_result,
    make_kpi,
    make_objective,
    make_organisation,
    make_team,
    make_user,
    make_value,
)

db = pytest.mark.django_db
TUESDAY = date(2026, 8, 18)
EIGHT = datetime(2026, 8, 18, 6, tzinfo=UTC)  # in Oslo
DAY = timedelta(days=1)


def owe(team, person, title="NPS rises from 38 to 52", due_on=TUESDAY, **over):
    objective = over.pop("objective", None) or make_objective(team=team)
    return make_key_result(objective, owner=person, title=title, next_due_on=due_on, **over)


def observe(organisation, team=None, **terms):
    """Let the organisation or a team have these terms of its weekly cadence."""
    known = Cadence.objects.filter(organisation=organisation, kind="weekly").first()
    cadence = known or make_cadence("weekly", organisation=organisation)
    entry = Entry(date(2026, 1, 1), team and team.pk, Terms(**terms))
    cadence.policies = write([*read(cadence.policies), entry])
    cadence.save()
    return cadence


def told() -> list[tuple[int, datetime]]:
    rows = OutboxMessage.objects.filter(topic__in=REMINDERS, channel="inbox")
    rows = rows.order_by("due_at", "pk")
    return list(rows.values_list("recipient_id", "due_at"))


# -- which day ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("days", "told_days_ago", "wants"),
    [
        (-1, None, False),
        (0, None, True),
        (0, 0, False),
        (1, 1, False),
        (2, None, True),  # nothing could be sent on its day
        (3, 3, True),
        (4, 1, False),
        (7, 4, True),
        (8, 1, False),
        (13, None, True),
        (14, None, False),  # My week keeps showing it
    ],
)
def test_the_days_on_which_a_thing_asks_for_a_reminder(days, told_days_ago, wants):
    told_on = None if told_days_ago is None else TUESDAY - told_days_ago * DAY
    due_on = TUESDAY - days * DAY
    assert wants_reminder(due_on, due_on, told_on, TUESDAY) is wants


@given(st.lists(st.booleans(), min_size=40, max_size=40))
def test_however_the_job_fails_a_thing_is_told_three_times_at_most(runs):
    told_on, count = None, 0
    for n, works in enumerate(runs):
        if works and wants_reminder(TUESDAY, TUESDAY, told_on, TUESDAY + n * DAY):
            told_on, count = TUESDAY + n * DAY, count + 1
    assert count <= len(AFTER_DAYS) + 1
    assert count == len(AFTER_DAYS) + 1 or not all(runs)


@given(st.sets(st.integers(0, 20), max_size=8))
def test_the_cap_counts_the_seven_days_that_end_today(days_ago):
    told = {TUESDAY - n * DAY for n in days_ago}
    assert is_held(told, TUESDAY) is (len(days_ago & set(range(7))) >= WEEKLY_CAP)


def test_the_words_name_what_is_due_and_since_when():
    due = [Due(day, name, day) for day, name in ((TUESDAY - DAY, "Churn rate"), (TUESDAY, "NPS"))]
    assert words(due, TUESDAY) == (
        "2 updates are due, the oldest since Mon 17\u00a0Aug",
        "Churn rate: due by Mon 17\u00a0Aug\nNPS: due by Tue 18\u00a0Aug",
    )
    assert words(due[1:], TUESDAY)[0] == "1 update is due"
    assert words(due[1:] * 15, TUESDAY)[1].endswith("\nand 3 more")
    assert words(due[1:], TUESDAY - DAY)[0] == "1 update is due by Tue 18\u00a0Aug"


# -- who and when -------------------------------------------------------------------------------


@db
def test_a_person_is_reminded_at_their_hour_and_once_a_day(organisation, team, alice):
    owe(team, alice)
    assert remind(organisation, EIGHT - timedelta(minutes=21)) == (0, 0)

    for minutes in (-15, 0, 15, 700):
        remind(organisation, EIGHT + timedelta(minutes=minutes))

    assert told() == [(alice.pk, EIGHT)]
    row = OutboxMessage.objects.get()
    assert (row.subject, row.link) == ("1 update is due", "/my-week/")


@db
def test_each_person_by_their_own_clock(organisation, team, alice, bob):
    MessageSettings.objects.create(user=bob, hour=6, time_zone="Asia/Kolkata")
    for person in (alice, bob):
        owe(team, person)
    at = datetime(2026, 8, 18, 0, 20, tzinfo=UTC)
    remind(organisation, at)
    remind(organisation, EIGHT)

    assert told() == [(bob.pk, at + timedelta(minutes=10)), (alice.pk, EIGHT)]


@db
def test_an_hour_nobody_worked_at_is_made_up_for(organisation, team, alice):
    owe(team, alice)
    late = EIGHT + timedelta(hours=9)
    remind(organisation, late)
    assert told() == [(alice.pk, late)]


@db
def test_a_persons_hour_at_midnight_is_of_the_day_that_begins(organisation, team, alice):
    MessageSettings.objects.create(user=alice, hour=0)
    owe(team, alice)
    midnight = datetime(2026, 8, 17, 22, tzinfo=UTC)
    remind(organisation, midnight - timedelta(minutes=10))
    remind(organisation, midnight + timedelta(hours=1))
    assert told() == [(alice.pk, midnight)]


@db
@pytest.mark.parametrize(("month", "day"), [(3, 29), (10, 25)])
def test_through_a_change_of_clock_everybody_is_reminded_once_a_day(
    organisation, team, alice, month, day
):
    MessageSettings.objects.create(user=alice, hour=2)  # an hour that is skipped, or comes twice
    observe(organisation, country="IL")  # where Sunday is a working day
    first = date(2026, month, day)
    objective = make_objective(team=team, cycle=None)
    for n in range(3):
        owe(team, alice, due_on=first + n * DAY, objective=objective, title=f"Key result {n}")
        at = datetime(2026, month, day, tzinfo=UTC) + n * DAY - timedelta(hours=2)
        for half in range(48):
            remind(organisation, at + half * timedelta(minutes=30))

    days = [at.astimezone(organisation.zone).date() for _, at in told()]
    assert len(days) == len(set(days)) == WEEKLY_CAP
    assert days == [first, first + DAY]


@db
def test_the_weekly_cap_holds_what_is_more_and_says_so(organisation, team, alice):
    objective = make_objective(team=team)
    for n in range(10):
        owe(team, alice, due_on=TUESDAY + n * DAY, objective=objective, title=f"Key result {n}")
    counts = [remind(organisation, EIGHT + n * DAY) for n in range(10)]

    assert [one.reminders for one in counts] == [1, 1, 0, 0, 0, 0, 0, 1, 1, 0]
    assert [one.held for one in counts] == [0, 0, 1, 1, 0, 0, 1, 0, 0, 1]  # not at the weekend


def days_told(organisation, days: list[date]) -> list[date]:
    """On which of these days somebody is reminded when the job runs each morning."""
    for day in days:
        remind(organisation, datetime.combine(day, time(7), UTC))
    return [at.astimezone(organisation.zone).date() for _, at in told()]


@db
@pytest.mark.parametrize(
    ("terms", "due_on", "expected"),
    [
        ({}, date(2026, 8, 23), [21, 26, 31]),  # a Sunday: on Friday before, then on Wednesday
        ({"country": "DE"}, date(2026, 8, 19), [19, 24, 26]),  # three days later is a Saturday
        ({"days_off": (date(2026, 8, 18), date(2026, 8, 17))}, date(2026, 8, 18), [14, 21, 25]),
    ],
)
def test_nobody_is_reminded_on_a_day_off(organisation, team, alice, terms, due_on, expected):
    observe(organisation, **terms)
    owe(team, alice, due_on=due_on)
    days = [date(2026, 8, 12) + n * DAY for n in range(25)]
    assert [day.day for day in days_told(organisation, days)] == expected


@db
def test_a_holiday_is_that_of_the_persons_team(organisation, team, alice, charlie):
    observe(organisation, country="DE")  # 15 August is none in all of Germany, 26 October neither
    observe(organisation, team, country="AT")  # 26 October is one in Austria
    monday = date(2026, 10, 26)
    owe(team, alice, due_on=monday)
    owe(charlie.teams.get(), charlie, due_on=monday)
    remind(organisation, datetime(2026, 10, 23, 6, tzinfo=UTC))
    remind(organisation, datetime(2026, 10, 26, 7, tzinfo=UTC))

    people = [person for person, _ in told()]
    assert people == [alice.pk, charlie.pk]
    assert OutboxMessage.objects.order_by("pk").first().subject == (
        "1 update is due by Mon 26\u00a0Oct"
    )


@db
def test_a_long_stretch_of_days_off_is_looked_over(organisation, team, alice):
    days_off = tuple(date(2026, 12, day) for day in range(21, 32))
    observe(organisation, days_off=days_off, country="DE")
    owe(team, alice, due_on=date(2026, 12, 31))
    days = [date(2026, 12, 14) + n * DAY for n in range(30)]
    assert days_told(organisation, days) == [
        date(2026, 12, 18),
        date(2027, 1, 4),
        date(2027, 1, 7),
    ]


@db
@pytest.mark.parametrize(
    ("terms", "own", "expected"),
    [
        ({"due_days": 5}, {}, date(2026, 8, 5)),
        ({"due_days": 5, "grace_days": 9}, {}, date(2026, 8, 5)),
        ({"due_days": 2}, {}, date(2026, 8, 3)),  # the second is a Sunday, and July ends on Friday
        ({"due_days": 9}, {}, date(2026, 8, 7)),  # the ninth is a Sunday
        ({"due_days": 6, "days_off": (date(2026, 8, 6),)}, {}, date(2026, 8, 5)),
        ({"grace_days": 5}, {}, date(2026, 8, 5)),  # no due day: the last day it is not late
        ({"due_days": 2}, {"grace_days": 6, "settle_days": 0}, date(2026, 8, 6)),
    ],
)
def test_a_value_is_asked_for_on_the_working_day_of_its_terms(
    organisation, team, alice, terms, own, expected
):
    entry = Entry(date(2025, 1, 1), None, Terms(**terms))
    cadence = make_cadence("monthly", organisation=organisation, policies=write([entry]))
    kpi = make_kpi(team=team, owner=alice, target=8, cadence=cadence, **own)
    for month in range(1, 7):
        make_value(kpi, date(2026, month, 1), Decimal(5))
    evaluate_kpis([kpi.pk], datetime(2026, 8, 1, 3, tzinfo=UTC))
    days = [date(2026, 7, 27) + n * DAY for n in range(16)]
    assert days_told(organisation, days)[0] == expected


@db
def test_who_may_not_write_for_the_team_or_left_is_not_reminded(organisation, team, vera, charlie):
    gone = join(team, make_user("Gone", organisation=organisation, is_active=False))
    objective = make_objective(team=team)
    for n, person in enumerate((vera, charlie, gone)):
        owe(team, person, objective=objective, title=f"Key result {n}")
    assert remind(organisation, EIGHT) == (0, 0)


@db
def test_the_owner_of_the_objective_is_reminded_of_what_has_no_owner(organisation, team, bob):
    owe(team, None, objective=make_objective(team=team, owner=bob))
    remind(organisation, EIGHT)
    assert told() == [(bob.pk, EIGHT)]


@db
@pytest.mark.parametrize("over", [{"state": "draft"}, {"state": "parked"}])
def test_only_running_objectives_are_asked_about(organisation, team, alice, over):
    owe(team, alice, objective=make_objective(team=team, **over))
    assert remind(organisation, EIGHT) == (0, 0)


@db
def test_a_value_is_asked_for_on_the_last_day_it_is_not_late(organisation, team, alice):
    kpi = make_kpi(team=team, owner=alice, target=8, grace_days=5, settle_days=0)
    for month in range(1, 7):
        make_value(kpi, date(2026, month, 1), Decimal(5))
    evaluate_kpis([kpi.pk], datetime(2026, 8, 1, 3, tzinfo=UTC))
    fifth = datetime(2026, 8, 5, 6, tzinfo=UTC)

    assert remind(organisation, fifth - DAY) == (0, 0)
    assert remind(organisation, fifth) == (1, 0)
    assert kpi.name in OutboxMessage.objects.get().body

    OutboxMessage.objects.all().delete()
    make_value(kpi, date(2026, 7, 1), Decimal(5))
    assert remind(organisation, fifth) == (0, 0)


@db
def test_reminders_can_be_switched_off_or_kept_to_the_inbox(organisation, team, alice, settings):
    settings.EMAIL_URL = "smtp://mail.example"
    owe(team, alice)
    both = {"due": "not", "overdue": "not"}
    chosen = MessageSettings.objects.create(user=alice, kinds=both)
    assert remind(organisation, EIGHT) == (0, 0)

    chosen.kinds = {"due": "inbox"}
    chosen.save()
    remind(organisation, EIGHT)
    assert OutboxMessage.objects.values_list("channel", flat=True).get() == "inbox"


@db
@pytest.mark.parametrize(
    ("kinds", "subject", "channels"),
    [
        ({}, "2 updates are due, the oldest since Sat 15\xa0Aug", ["email", "inbox"]),
        ({"due": "not"}, "1 update is due, the oldest since Sat 15\xa0Aug", ["email", "inbox"]),
        ({"overdue": "not"}, "1 update is due", ["email", "inbox"]),
        # Told of in one message, it comes as far as either.
        (
            {"overdue": "inbox"},
            "2 updates are due, the oldest since Sat 15\xa0Aug",
            ["email", "inbox"],
        ),
        (
            {"due": "not", "overdue": "inbox"},
            "1 update is due, the oldest since Sat 15\xa0Aug",
            ["inbox"],
        ),
    ],
)
def test_due_and_past_due_are_switched_apart(
    organisation, team, alice, settings, kinds, subject, channels
):
    settings.EMAIL_URL = "smtp://mail.example"
    MessageSettings.objects.create(user=alice, kinds=kinds)
    owe(team, alice)
    owe(team, alice, due_on=TUESDAY - 3 * DAY)
    remind(organisation, EIGHT)
    rows = OutboxMessage.objects.order_by("channel")
    assert list(rows.values_list("channel", flat=True)) == channels
    assert {row.subject for row in rows} == {subject}


@db
@pytest.mark.parametrize(
    ("mail", "leaves"),
    [("at_once", EIGHT), ("daily", EIGHT), ("weekly", datetime(2026, 8, 21, 6, tzinfo=UTC))],
)
def test_a_reminder_joins_the_digest_of_its_hour(organisation, team, alice, settings, mail, leaves):
    settings.EMAIL_URL = "smtp://mail.example"
    MessageSettings.objects.create(user=alice, mail=mail, hour=8)
    owe(team, alice)
    remind(organisation, EIGHT - timedelta(minutes=10))
    assert OutboxMessage.objects.get(channel="email").due_at == leaves


@db
def test_another_organisation_hears_nothing(organisation, team, alice):
    elsewhere = make_organisation(name="Elsewhere")
    fay = join(make_team(organisation=elsewhere), make_user("Fay", organisation=elsewhere))
    owe(fay.teams.get(), fay)
    assert remind(organisation, EIGHT) == (0, 0)
    assert remind(elsewhere, EIGHT) == (1, 0)


def queries_of(organisation) -> int:
    with CaptureQueriesContext(connection) as asked:
        remind(organisation, EIGHT)
    return sum(query["sql"].startswith("SELECT") for query in asked)


@db
def test_ten_people_and_three_hundred_cost_the_same_queries(organisation, team):
    objective = make_objective(team=team)
    counts = []
    for people in (10, 290):
        for _ in range(people):
            person = join(team, make_user("P", organisation=organisation, password="x"))
            owe(team, person, objective=objective)
            make_kpi(team=team, owner=person)
        OutboxMessage.objects.all().delete()
        counts.append(queries_of(organisation))
    assert counts[0] == counts[1] <= 8
    assert len(told()) == 300
