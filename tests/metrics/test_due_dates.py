"""The next due dates: changes of clock, holidays, weeks 53, fiscal years, terms that change."""

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from metrics.days_off import countries, is_day_off, working_day_before
from metrics.due_dates import next_due_dates
from metrics.kinds import CadenceKind
from metrics.periods import first_period, period_of
from metrics.policies import Terms

OSLO = ZoneInfo("Europe/Oslo")
MONDAY = Terms(due_days=1, grace_days=3)


def days(kind, terms, today, month=1, zone=OSLO):
    return [one.on for one in next_due_dates(kind, lambda _: terms, today, zone, month)]


def test_weeks_are_due_on_mondays_over_the_end_of_a_year_of_53_weeks():
    found = next_due_dates("weekly", lambda _: MONDAY, date(2026, 12, 22), OSLO)
    assert [one.on.isoformat() for one in found] == [
        "2026-12-28",
        "2027-01-04",
        "2027-01-11",
        "2027-01-18",
        "2027-01-25",
        "2027-02-01",
    ]
    weeks = [one.period.start.isocalendar()[:2] for one in found]
    assert weeks[:3] == [(2026, 52), (2026, 53), (2027, 1)]
    assert found[0].missing_on == date(2027, 1, 1)


def test_what_is_due_today_is_still_to_come():
    assert days("weekly", MONDAY, date(2026, 8, 24))[0] == date(2026, 8, 24)
    assert days("weekly", MONDAY, date(2026, 8, 25))[0] == date(2026, 8, 31)


def test_months_have_their_lengths_and_quarters_the_fiscal_year():
    fifth = Terms(due_days=5)
    assert days("monthly", fifth, date(2028, 1, 6)) == [
        date(2028, month, 5) for month in (2, 3, 4, 5, 6, 7)
    ]
    last = Terms(due_days=0)
    assert days("monthly", last, date(2028, 2, 1))[:2] == [date(2028, 2, 29), date(2028, 3, 31)]
    tenth = Terms(due_days=10)
    assert days("quarterly", tenth, date(2026, 8, 18), month=2)[:2] == [
        date(2026, 11, 10),
        date(2027, 2, 10),
    ]
    assert days("yearly", tenth, date(2026, 8, 18), month=4)[:1] == [date(2027, 4, 10)]


@pytest.mark.parametrize(
    ("hour", "instants"),
    [
        # Summer time ends on 25 October 2026: 02:30 would come twice, the first counts.
        (2, ["2026-10-24 00:00", "2026-10-25 00:00", "2026-10-26 01:00"]),
        (17, ["2026-10-24 15:00", "2026-10-25 16:00", "2026-10-26 16:00"]),
    ],
)
def test_the_hour_is_that_of_the_clock_on_the_wall_when_summer_time_ends(hour, instants):
    terms = Terms(due_hour=hour)
    found = next_due_dates("daily", lambda _: terms, date(2026, 10, 24), OSLO)
    assert [f"{one.at:%Y-%m-%d %H:%M}" for one in found[:3]] == instants
    assert all(one.at.tzinfo is UTC for one in found)


def test_the_hour_may_go_by_another_clock_and_the_days_stay():
    # Summer time begins in New York on 8 March 2026, in Oslo on the 29th.
    mine, theirs = Terms(due_hour=9), Terms(due_hour=9, time_zone="America/New_York")
    for terms, hours in ((mine, [8, 8, 8]), (theirs, [14, 13, 13])):
        found = next_due_dates("daily", lambda _, terms=terms: terms, date(2026, 3, 7), OSLO)
        assert [one.on.day for one in found[:3]] == [7, 8, 9]
        assert [one.at.hour for one in found[:3]] == hours


def test_an_hour_that_summer_time_skips_is_the_one_after():
    terms = Terms(due_hour=2)
    found = next_due_dates("daily", lambda _: terms, date(2027, 3, 27), OSLO)
    assert [one.at for one in found[:2]] == [
        datetime(2027, 3, 27, 1, tzinfo=UTC),
        datetime(2027, 3, 28, 1, tzinfo=UTC),
    ]


def test_people_are_reminded_on_the_working_day_before_and_the_due_date_stays():
    terms = Terms(due_days=5)
    found = next_due_dates("monthly", lambda _: terms, date(2026, 8, 18), OSLO)[0]
    assert (found.on, found.remind_on, found.why_early) == (
        date(2026, 9, 5),
        date(2026, 9, 4),
        "Saturday",
    )


def test_holidays_of_a_country_and_own_days_are_no_working_days():
    # Norway, Easter 2027: Thursday 25 and Friday 26 March, Monday 29 March.
    terms = Terms(due_days=1, country="NO", days_off=(date(2027, 3, 24),))
    found = next_due_dates("weekly", lambda _: terms, date(2027, 3, 23), OSLO)[0]
    assert (found.on, found.remind_on) == (date(2027, 3, 29), date(2027, 3, 23))
    assert "Easter Monday" in found.why_early or "påske" in found.why_early
    assert not is_day_off(date(2027, 3, 29), "", ())
    assert is_day_off(date(2027, 3, 24), "NO", terms.days_off)


def test_a_country_has_its_own_weekend():
    assert is_day_off(date(2026, 8, 21), "SA", ())  # a Friday
    assert not is_day_off(date(2026, 8, 23), "SA", ())  # a Sunday


def test_a_year_without_working_days_ends_the_search():
    off = [date(2026, 8, 1) + timedelta(days=n) for n in range(60)]
    assert working_day_before(date(2026, 9, 20), "", off) == date(2026, 9, 20)


def test_terms_from_a_day_on_move_only_the_due_dates_of_later_periods():
    def terms_of(start):
        return Terms(due_days=5) if start < date(2026, 10, 1) else Terms(due_days=10)

    found = next_due_dates("monthly", terms_of, date(2026, 8, 18), OSLO, count=3)
    assert [one.on for one in found] == [date(2026, 9, 5), date(2026, 10, 5), date(2026, 11, 10)]


def test_countries_have_names():
    known = dict(countries())
    assert (known["NO"], known["US"]) == ("Norway", "United States")


@given(
    kind=st.sampled_from(CadenceKind.values),
    today=st.dates(date(2000, 1, 1), date(2090, 1, 1)),
    due_days=st.integers(0, 366),
    month=st.integers(1, 12),
)
def test_each_period_is_due_once_and_none_is_left_out(kind, today, due_days, month):
    found = next_due_dates(kind, lambda _: Terms(due_days=due_days), today, OSLO, month)
    assert len(found) == 6
    for one, after in pairwise(found):
        assert after.period.start == one.period.end
    first = found[0]
    assert first.on >= today
    assert first.period == period_of(first.period.start, kind, month)
    assert first.period == first_period(first.period.start, kind, month)
    # The one before was due before today.
    assert first.period.start - timedelta(days=1) + timedelta(days=due_days) < today
