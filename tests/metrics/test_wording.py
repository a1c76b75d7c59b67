"""Numbers, units, dates and lengths in the pages' words (design README, section 9)."""

from datetime import date
from decimal import Decimal as D

import pytest

from metrics import wording
from metrics.kinds import Direction

LOWER, HIGHER, RANGE = Direction.LOWER, Direction.HIGHER, Direction.RANGE


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("8.300000000000000", "8.3"),
        ("8.0", "8"),
        ("100", "100"),
        ("1E+3", "1,000"),
        ("0E-9", "0"),
        ("-0.0", "0"),
        ("-0.1", "−0.1"),
        ("1168", "1,168"),
        ("1234567.5", "1,234,567.5"),
        ("0.33335", "0.3334"),
        ("8.333333333333333333333333333", "8.3333"),
        ("0.0000123456", "0.0000123"),
        ("-0.00045678", "−0.000457"),
        ("999999999999.999999999999999", "1,000,000,000,000"),
        ("123456789012345678901234567890.5", "123,456,789,012,345,678,901,234,567,890.5"),
    ],
)
def test_a_number_shows_no_trailing_zeros(value, text):
    assert wording.number(D(value)) == text


def test_a_number_rounds_halves_away_from_zero_when_places_are_given():
    assert [wording.number(D(x), 1) for x in ("8", "8.25", "-8.25", "-0.04")] == [
        "8.0",
        "8.3",
        "−8.3",
        "0.0",
    ]
    assert wording.number(None) == "–"


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("9999", "9,999"),
        ("10000", "10K"),
        ("41230", "41.2K"),
        ("254400", "254K"),
        ("999499", "999K"),
        ("999500", "1M"),
        ("-1250000", "−1.25M"),
        ("7000000000000", "7,000B"),
    ],
)
def test_a_short_number_keeps_three_digits(value, text):
    assert wording.short_number(D(value)) == text


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [
        ("8.30", "%", "8.3\u00a0%"),
        ("38", "", "38"),
        ("4.5", "/ 5", "4.5\u00a0/ 5"),
        ("3.1", "×", "3.1×"),
        ("254", "$", "$254"),
        ("-254", "$", "−$254"),
        ("254", "$ K", "$254\u00a0K"),
    ],
)
def test_a_quantity_carries_its_unit(value, unit, text):
    assert wording.quantity(D(value), unit) == text
    assert wording.quantity(None, unit) == "–"


def test_differences_of_per_cents_are_points():
    assert wording.signed(D("-0.1"), "%") == "−0.1\u00a0pts"
    assert wording.signed(D("0.410")) == "+0.41"
    assert wording.signed(D("0.0")) == "0"
    assert wording.signed(None, "%") == "–"
    assert wording.points(D("-0.5"), "%") == "0.5\u00a0points"
    assert wording.points(D(1), "%") == "1\u00a0point"
    assert wording.points(D(-2), "h") == "2\u00a0h"


def test_targets_in_tables_and_in_sentences():
    assert wording.target_sign(LOWER, D("8.50"), unit="%") == "≤\u00a08.5\u00a0%"
    assert wording.target_sign(HIGHER, D(45)) == "≥\u00a045"
    assert wording.target_sign(RANGE, low=D(40), high=D(60), unit="%") == "40–60\u00a0%"
    assert wording.target_words(LOWER, D("8.50"), unit="%") == "at most 8.5\u00a0%"
    assert wording.target_words(HIGHER, D(45)) == "at least 45"
    assert wording.target_words(RANGE, low=D(40), high=D(60)) == "between 40 and 60"
    for direction in Direction:
        assert wording.target_sign(direction) == "–"
        assert wording.target_words(direction) == "no target"


def test_shares_counts_and_lengths():
    assert wording.percent(D("0.391")) == "39\u00a0%"
    assert wording.percent(D("0.005")) == "1\u00a0%"
    assert wording.percent(None) == "–"
    assert wording.plural(1, "value") == "1 value"
    assert wording.plural(1200, "value") == "1,200 values"
    lengths = [wording.periods(n, c) for n, c in ((3, "monthly"), (1, "quarterly"), (2, "daily"))]
    assert lengths == ["3 months", "1 quarter", "2 days"]


def test_dates():
    day = date(2026, 8, 17)
    assert wording.day_week(day) == "Mon 17\u00a0Aug"
    assert wording.day_short(day) == "17\u00a0Aug"
    assert wording.day_year(day) == "17\u00a0Aug 2026"
    assert wording.day_near(day, date(2026, 1, 1)) == "17\u00a0Aug"
    assert wording.day_near(day, date(2027, 1, 1)) == "17\u00a0Aug 2026"
    assert wording.month_short(day) == "Aug"


def test_time_left_and_time_ago():
    assert [wording.time_left(d) for d in (9, 1, 0, -1, -2)] == [
        "9 days left",
        "1 day left",
        "due today",
        "1 day past",
        "2 days past",
    ]
    today = date(2026, 8, 18)
    assert wording.ago(today, today) == "today"
    assert wording.ago(date(2026, 8, 17), today) == "1 day ago"
    assert wording.ago(date(2026, 8, 10), today) == "8 days ago"


def test_names_are_joined_for_a_sentence():
    assert wording.names(["May"]) == "May"
    assert wording.names(["May", "June", "July"]) == "May, June and July"


@pytest.mark.parametrize(
    ("unit", "way", "target", "range_", "short", "difference"),
    [
        ("$", "from $180 to $200", "at least $200", "between $180 and $200", "$180–200", "+$20"),
        (
            "%",
            "from 180 to 200\u00a0%",
            "at least 200\u00a0%",
            "between 180 and 200\u00a0%",
            "180–200\u00a0%",
            "+20\u00a0pts",
        ),
        ("", "from 180 to 200", "at least 200", "between 180 and 200", "180–200", "+20"),
        (
            "€ m",
            "from €180 to €200\u00a0m",
            "at least €200\u00a0m",
            "between €180 and €200\u00a0m",
            "€180–200\u00a0m",
            "+€20\u00a0m",
        ),
    ],
)
def test_a_currency_stands_before_every_number_and_another_unit_behind_the_last(
    unit, way, target, range_, short, difference
):
    low, high = D(180), D(200)
    assert f"from {wording.leading(low, unit)} to {wording.quantity(high, unit)}" == way
    assert wording.target_words(HIGHER, high, unit=unit) == target
    assert wording.target_words(RANGE, low=low, high=high, unit=unit) == range_
    assert wording.target_sign(RANGE, low=low, high=high, unit=unit) == short
    assert wording.signed(high - low, unit) == difference
    assert wording.signed(low - high, unit) == difference.replace("+", "−")
