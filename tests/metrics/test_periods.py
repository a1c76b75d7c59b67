"""Periods in local dates, and where they meet the clock (signals.md 4)."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from metrics.kinds import CadenceKind
from metrics.periods import (
    Period,
    bounds_utc,
    first_instant,
    first_period,
    local_day,
    naive_instant,
    next_period,
    period_label,
    period_of,
    period_short_label,
    periods_between,
    reckoned_day,
    stamp_day,
    timeline,
)

CADENCES = ["daily", "weekly", "monthly", "quarterly", "yearly"]


def d(text):
    return date.fromisoformat(text)


def utc(text):
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("day", "cadence", "fiscal", "start", "end", "label", "short"),
    [
        ("2026-08-17", "daily", 1, "2026-08-17", "2026-08-18", "17 Aug 2026", "17 Aug"),
        ("2026-08-19", "weekly", 1, "2026-08-17", "2026-08-24", "2026-W34", "W34"),
        ("2027-01-03", "weekly", 1, "2026-12-28", "2027-01-04", "2026-W53", "W53"),
        ("2027-01-04", "weekly", 1, "2027-01-04", "2027-01-11", "2027-W01", "W01"),
        ("2024-12-31", "weekly", 4, "2024-12-30", "2025-01-06", "2025-W01", "W01"),
        ("2026-07-31", "monthly", 1, "2026-07-01", "2026-08-01", "July 2026", "Jul 26"),
        ("2024-02-29", "monthly", 7, "2024-02-01", "2024-03-01", "February 2024", "Feb 24"),
        ("2026-12-31", "quarterly", 1, "2026-10-01", "2027-01-01", "Q4 2026", "Q4 26"),
        ("2026-01-01", "quarterly", 4, "2026-01-01", "2026-04-01", "FY2026-Q4", "FY26-Q4"),
        ("2026-04-01", "quarterly", 4, "2026-04-01", "2026-07-01", "FY2027-Q1", "FY27-Q1"),
        ("2026-01-31", "quarterly", 2, "2025-11-01", "2026-02-01", "FY2026-Q4", "FY26-Q4"),
        ("2026-01-31", "quarterly", 12, "2025-12-01", "2026-03-01", "FY2026-Q1", "FY26-Q1"),
        ("2026-08-17", "yearly", 1, "2026-01-01", "2027-01-01", "2026", "2026"),
        ("2026-03-31", "yearly", 4, "2025-04-01", "2026-04-01", "FY2026", "FY26"),
        ("2026-04-01", "yearly", 4, "2026-04-01", "2027-04-01", "FY2027", "FY27"),
    ],
)
def test_a_day_falls_into_its_period_and_the_period_has_its_names(
    day, cadence, fiscal, start, end, label, short
):
    period = period_of(d(day), cadence, fiscal)
    assert period == Period(cadence, d(start), d(end))
    assert period.key == (cadence, d(start))
    assert period_label(period, fiscal) == label
    assert period_short_label(period, fiscal) == short


def test_week_53_is_followed_by_week_1():
    assert period_label(next_period(period_of(d("2026-12-30"), "weekly"))) == "2027-W01"


def test_an_enum_cadence_is_as_good_as_its_text():
    assert period_of(d("2026-08-17"), CadenceKind.WEEKLY) == period_of(d("2026-08-17"), "weekly")
    assert timeline(d("2026-08-17"), CadenceKind.WEEKLY).closed(
        d("2026-08-17"), d("2026-08-24")
    ) == (Period("weekly", d("2026-08-17"), d("2026-08-24")),)


def test_an_unknown_cadence_is_refused():
    with pytest.raises(ValueError, match="hourly"):
        period_of(d("2026-08-17"), "hourly")


@settings(max_examples=200, deadline=None)
@given(
    st.dates(date(1990, 1, 1), date(2090, 1, 1)),
    st.sampled_from(CADENCES),
    st.integers(1, 12),
)
def test_every_day_is_in_exactly_one_period_and_periods_follow_each_other(day, cadence, fiscal):
    period = period_of(day, cadence, fiscal)
    assert period.start <= day <= period.last_day
    following = next_period(period)
    assert following.start == period.end
    assert period_of(period.end, cadence, fiscal) == following
    assert period_of(period.start, cadence, fiscal) == period
    listed = list(periods_between(period.start, following.end, cadence, fiscal))
    assert listed == [period, following]


# -- zones --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("day", "zone", "instant"),
    [
        ("2026-03-29", "Europe/Berlin", "2026-03-28T23:00"),
        ("2026-03-30", "Europe/Berlin", "2026-03-29T22:00"),
        ("2026-10-26", "Europe/Berlin", "2026-10-25T23:00"),
        # Midnight does not exist: the date begins at its first instant, 01:00.
        ("2018-11-04", "America/Sao_Paulo", "2018-11-04T03:00"),
        ("2026-03-08", "America/Havana", "2026-03-08T05:00"),
        # Midnight occurs twice: the first counts.
        ("2026-11-01", "America/Havana", "2026-11-01T04:00"),
        ("2018-02-18", "America/Sao_Paulo", "2018-02-18T03:00"),
        ("2010-11-07", "America/St_Johns", "2010-11-07T02:30"),
        # Half an hour of summer time.
        ("2026-10-05", "Australia/Lord_Howe", "2026-10-04T13:00"),
        ("2026-04-06", "Australia/Lord_Howe", "2026-04-05T13:30"),
        # A date the zone never had is empty: it begins where the next one does.
        ("2011-12-30", "Pacific/Apia", "2011-12-30T10:00"),
        ("2011-12-31", "Pacific/Apia", "2011-12-30T10:00"),
        # A gap across midnight, 23:30 to 00:30: the date begins at half past.
        ("1919-03-31", "America/Toronto", "1919-03-31T04:30"),
    ],
)
def test_a_date_begins_at_its_first_instant(day, zone, instant):
    assert first_instant(d(day), ZoneInfo(zone)) == utc(instant)


@pytest.mark.parametrize(
    ("day", "zone", "hours"),
    [
        ("2026-03-29", "Europe/Berlin", 23),
        ("2026-10-25", "Europe/Berlin", 25),
        ("2026-10-04", "Australia/Lord_Howe", 23.5),
        ("2026-04-05", "Australia/Lord_Howe", 24.5),
        ("2018-11-04", "America/Sao_Paulo", 23),
        ("2026-11-01", "America/Havana", 25),
        ("2011-12-30", "Pacific/Apia", 0),
        ("2026-08-17", "Europe/Berlin", 24),
    ],
)
def test_a_day_has_as_many_hours_as_its_zone_gives_it(day, zone, hours):
    begins, ends = bounds_utc(period_of(d(day), "daily"), ZoneInfo(zone))
    assert ends - begins == timedelta(hours=hours)
    assert begins.tzinfo is UTC


def test_a_week_with_a_change_of_clocks_is_not_7_times_24_hours():
    begins, ends = bounds_utc(period_of(d("2026-03-29"), "weekly"), ZoneInfo("Europe/Berlin"))
    assert ends - begins == timedelta(hours=7 * 24 - 1)


@pytest.mark.parametrize(
    ("stamp", "zone", "day"),
    [
        (d("2026-08-17"), "Pacific/Kiritimati", "2026-08-17"),
        (datetime(2026, 8, 17), "Pacific/Kiritimati", "2026-08-17"),
        (utc("2026-08-16T22:00"), "Europe/Berlin", "2026-08-17"),
        (utc("2026-08-16T21:59:59.999999"), "Europe/Berlin", "2026-08-16"),
        (utc("2026-08-17T03:59"), "America/New_York", "2026-08-16"),
    ],
)
def test_a_stamp_falls_into_its_local_date(stamp, zone, day):
    assert stamp_day(stamp, ZoneInfo(zone)) == d(day)


def test_a_naive_time_has_no_instant_of_its_own():
    with pytest.raises(ValueError, match="naive"):
        local_day(datetime(2026, 8, 17), ZoneInfo("UTC"))


@pytest.mark.parametrize(
    ("naive", "instant"),
    [
        ("2026-10-25T02:30", "2026-10-25T00:30"),  # occurs twice: the first
        ("2026-03-29T02:30", "2026-03-29T01:30"),  # does not exist: 03:30 summer time
        ("2026-08-17T00:00", "2026-08-16T22:00"),
    ],
)
def test_a_naive_time_is_local_and_the_first_in_a_repeated_hour(naive, instant):
    berlin = ZoneInfo("Europe/Berlin")
    assert naive_instant(datetime.fromisoformat(naive), berlin) == utc(instant)


@pytest.mark.parametrize(
    ("now", "zone", "day"),
    [
        ("2026-08-16T21:59:59", "Europe/Berlin", "2026-08-16"),
        ("2026-08-16T22:00:00", "Europe/Berlin", "2026-08-17"),
        # St John's set its clocks from 00:01 back to 23:01: the new date had come already.
        ("2010-11-07T02:30", "America/St_Johns", "2010-11-07"),
        ("2010-11-07T02:45", "America/St_Johns", "2010-11-07"),
        ("2011-12-30T09:59:59", "Pacific/Apia", "2011-12-29"),
        ("2011-12-30T10:00", "Pacific/Apia", "2011-12-31"),
    ],
)
def test_the_reckoned_day_is_the_latest_that_has_begun(now, zone, day):
    assert reckoned_day(utc(now), ZoneInfo(zone)) == d(day)


ZONES = [
    "Europe/Berlin",
    "America/St_Johns",
    "America/Havana",
    "America/Sao_Paulo",
    "Pacific/Apia",
    "Australia/Lord_Howe",
]


@settings(max_examples=300, deadline=None)
@given(
    st.datetimes(datetime(2009, 1, 1), datetime(2019, 12, 31), timezones=st.just(UTC)),
    st.sampled_from(ZONES),
    st.integers(0, 7200),
)
def test_comparing_days_is_comparing_instants(now, name, seconds):
    zone = ZoneInfo(name)
    today = reckoned_day(now, zone)
    assert first_instant(today, zone) <= now < first_instant(today + timedelta(days=1), zone)
    assert reckoned_day(now + timedelta(seconds=seconds), zone) >= today


# -- the tracked periods ------------------------------------------------------------------------


def starts(line, today):
    return [(one.cadence, one.start.isoformat()) for one in line.closed(line.first, d(today))]


def test_a_partial_first_period_is_not_tracked():
    assert timeline(d("2026-06-02"), "weekly").first == d("2026-06-08")
    assert timeline(d("2026-06-01"), "weekly").first == d("2026-06-01")
    assert timeline(d("2026-06-02"), "monthly").first == d("2026-07-01")
    assert first_period(d("2026-02-01"), "yearly", 2).start == d("2026-02-01")


def test_the_running_period_is_not_closed_until_its_last_day_is_over():
    line = timeline(d("2026-06-01"), "weekly")
    assert starts(line, "2026-06-07") == []
    assert starts(line, "2026-06-08") == [("weekly", "2026-06-01")]


def test_a_new_cadence_begins_with_its_first_full_period_and_drops_what_overlaps_it():
    line = timeline(d("2026-06-01"), "weekly", ((d("2026-06-10"), "monthly"),))
    assert starts(line, "2026-09-01") == [
        ("weekly", "2026-06-01"),
        ("weekly", "2026-06-08"),
        ("weekly", "2026-06-15"),
        ("weekly", "2026-06-22"),
        ("monthly", "2026-07-01"),
        ("monthly", "2026-08-01"),
    ]
    assert line.restarts == {d("2026-07-01")}
    assert line.containing(d("2026-06-30")) is None
    assert line.containing(d("2026-07-31")) == period_of(d("2026-07-31"), "monthly")
    assert line.containing(d("2026-05-31")) is None
    assert line.next_after(d("2026-06-23")) == period_of(d("2026-07-01"), "monthly")


@pytest.mark.parametrize(
    ("changes", "kept"),
    [
        ((("2026-06-10", "weekly"),), {"weekly"}),  # a change to the same is none
        ((("2026-06-10", "yearly"), ("2026-06-15", "monthly")), {"weekly", "monthly"}),
        ((("2026-06-10", "daily"), ("2026-06-10", "monthly")), {"weekly", "monthly"}),
        ((("2026-05-01", "monthly"),), {"monthly"}),  # before the start
    ],
)
def test_changes_that_never_begin_leave_no_periods(changes, kept):
    line = timeline(d("2026-06-01"), "weekly", tuple((d(day), kind) for day, kind in changes))
    found = starts(line, "2027-03-01")
    assert {cadence for cadence, _ in found} == kept
    dates = [start for _, start in found]
    assert dates == sorted(set(dates))
    assert line.restarts <= {d(start) for start in dates}


def test_an_overtaken_change_does_not_restart_the_counters_where_it_would_have_begun():
    changes = ((d("2026-06-10"), "yearly"), (d("2026-06-15"), "monthly"))
    line = timeline(d("2026-06-01"), "weekly", changes)
    assert line.restarts == {d("2026-07-01")}


def test_a_change_taken_back_before_it_began_restarts_nothing():
    changes = ((d("2026-06-10"), "yearly"), (d("2026-06-16"), "weekly"))
    line = timeline(d("2026-06-01"), "weekly", changes)
    plain = timeline(d("2026-06-01"), "weekly")
    assert line.restarts == frozenset()
    assert starts(line, "2026-09-01") == starts(plain, "2026-09-01")


def test_closed_periods_after_a_date_continue_where_an_earlier_walk_stopped():
    line = timeline(d("2026-06-01"), "weekly", ((d("2026-06-10"), "monthly"),))
    whole = list(line.closed(line.first, d("2026-12-01")))
    for place, period in enumerate(whole):
        assert list(line.closed(period.end, d("2026-12-01"))) == whole[place + 1 :]
