"""When mail leaves: by the person's own hour, through both changes of clock, and never twice."""

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from teams.digest_times import MailPlan, is_quiet, leaves_at, moment_of
from tests.factories import NOW

OSLO = ZoneInfo("Europe/Oslo")
ZONES = ["Europe/Oslo", "America/New_York", "Australia/Lord_Howe", "Asia/Kolkata", "UTC"]
moments = st.datetimes(datetime(2025, 1, 1), datetime(2027, 12, 31), timezones=st.just(UTC))
plans = st.builds(
    MailPlan,
    st.sampled_from(["daily", "weekly"]),
    st.integers(0, 23),
    st.integers(1, 7),
    st.sampled_from(ZONES).map(ZoneInfo),
)


def plan(rhythm="daily", hour=8, weekday=5, zone=OSLO, quiet=(None, None)) -> MailPlan:
    return MailPlan(rhythm, hour, weekday, zone, *quiet)


@pytest.mark.parametrize(
    ("chosen", "leaves"),
    [
        (plan("at_once"), NOW),  # 11:00 in Oslo, a Tuesday
        (plan("never"), None),
        (plan("daily", 8), datetime(2026, 8, 19, 6, tzinfo=UTC)),
        (plan("daily", 11), NOW),
        (plan("daily", 12), datetime(2026, 8, 18, 10, tzinfo=UTC)),
        (plan("weekly", 8, 5), datetime(2026, 8, 21, 6, tzinfo=UTC)),
        (plan("weekly", 8, 2), datetime(2026, 8, 25, 6, tzinfo=UTC)),
        (plan("at_once", quiet=(18, 8)), NOW),
        (plan("at_once", quiet=(10, 14)), datetime(2026, 8, 18, 12, tzinfo=UTC)),
        (plan("daily", 8, zone=ZoneInfo("Asia/Kolkata")), datetime(2026, 8, 19, 2, 30, tzinfo=UTC)),
    ],
)
def test_mail_leaves_at_the_hour_a_person_chose(chosen, leaves):
    assert leaves_at(chosen, NOW) == leaves


@pytest.mark.parametrize(
    ("utc_hour", "leaves_hour", "leaves_day"), [(17, 6, 19), (23, 6, 19), (4, 6, 18)]
)
def test_quiet_hours_reach_over_midnight(utc_hour, leaves_hour, leaves_day):
    chosen = plan("at_once", quiet=(19, 8))
    leaves = datetime(2026, 8, leaves_day, leaves_hour, tzinfo=UTC)
    assert leaves_at(chosen, datetime(2026, 8, 18, utc_hour, 30, tzinfo=UTC)) == leaves


def test_an_hour_the_clock_skips_is_the_first_moment_after_it():
    assert moment_of(date(2026, 3, 29), 2, OSLO) == datetime(2026, 3, 29, 1, tzinfo=UTC)
    assert moment_of(date(2026, 3, 29), 3, OSLO) == datetime(2026, 3, 29, 1, tzinfo=UTC)


def test_of_an_hour_the_clock_repeats_the_first_counts():
    assert moment_of(date(2026, 10, 25), 2, OSLO) == datetime(2026, 10, 25, 0, tzinfo=UTC)


@pytest.mark.parametrize("hour", [1, 2, 3, 8])
@pytest.mark.parametrize("zone", ["Europe/Oslo", "America/New_York"])
def test_a_year_of_daily_digests_has_one_for_each_day(hour, zone):
    chosen = plan("daily", hour, zone=ZoneInfo(zone))
    at, seen = datetime(2026, 1, 1, 12, tzinfo=UTC), []
    for _ in range(365):
        at = leaves_at(chosen, at)
        seen.append(at.astimezone(chosen.zone).date())
        at += timedelta(seconds=1)

    assert all(b - a == timedelta(days=1) for a, b in pairwise(seen))


@given(plans, moments)
def test_a_digest_leaves_soon_and_at_its_hour(chosen, ready_at):
    leaves = leaves_at(chosen, ready_at)

    longest = timedelta(days=1 if chosen.rhythm == "daily" else 7, hours=1)
    assert ready_at <= leaves <= ready_at + longest
    local = leaves.astimezone(chosen.zone)
    assert chosen.rhythm == "daily" or local.isoweekday() == chosen.weekday
    assert local.hour == chosen.hour or moment_of(local.date(), chosen.hour, chosen.zone) == leaves


@given(plans, moments)
def test_what_is_ready_earlier_never_leaves_later(chosen, ready_at):
    later = leaves_at(chosen, ready_at + timedelta(hours=3))
    assert leaves_at(chosen, ready_at) <= later


@given(st.integers(0, 23), st.integers(0, 23), st.sampled_from(ZONES).map(ZoneInfo), moments)
def test_nothing_leaves_in_quiet_hours(begin, end, zone, ready_at):
    chosen = plan("at_once", zone=zone, quiet=(begin, end))
    leaves = leaves_at(chosen, ready_at)

    assert ready_at <= leaves <= ready_at + timedelta(days=1, hours=1)
    if not is_quiet(chosen, ready_at):
        assert leaves == ready_at
    else:
        assert not is_quiet(chosen, leaves)
