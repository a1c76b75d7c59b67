"""What counts as a number in a text, and what it is read as."""

from decimal import Decimal as D

import pytest

from objectives.coach.reading import read


@pytest.mark.parametrize(
    "text",
    [
        "in Q3",
        "by end of Q3 2026",
        "Q4'26 and FY26",
        "FY 2026/27",
        "H2",
        "in 2026",
        "the 2027 launch",
        "by week four",
        "in week 12",
        "until W34",
        "day 90",
        "month three",
        "by 30 September",
        "by 1st of October 2026",
        "by September 30, 2026",
        "2026-09-30",
        "30.09.2026",
        "within three months",
        "in the next 2 quarters",
        "G2 reviews",
        "B2B and B2C",
        "90-day retention",
        "two-sided market",
        "zero-touch start",
        "double-entry books",
        "24/7 support",
        "1:1 talks",
        "at 17:00",
        "ISO 27001 and SOC 2",
        "our 3rd market",
        "no one is left behind",
        "one place for everything",
        "someone",
        "the first half",
        "half of our customers",
    ],
)
def test_names_dates_and_cycles_are_no_numbers(text):
    assert read(text).amounts == ()


@pytest.mark.parametrize(
    ("text", "value", "unit"),
    [
        ("45", "45", ""),
        ("5,000 users", "5000", ""),
        ("5 000 users", "5000", ""),
        ("1,250,000.5", "1250000.5", ""),
        ("12,4 days", "12.4", ""),
        ("−3 points", "-3", ""),
        ("8%", "8", "%"),
        ("8 %", "8", "%"),
        ("50 percent", "50", "%"),
        ("twenty-five per cent", "25", "%"),
        ("$2M", "2000000", "$"),
        ("€ 1.5bn", "1500000000", "€"),
        ("$250K MRR", "250000", "$"),
        ("180 €", "180", "€"),
        ("3 million users", "3000000", ""),
        ("3x", "3", "×"),
        ("3 x", "3", "×"),
        ("×3", "3", "×"),
        ("x3", "3", "×"),
        ("double", "2", "×"),
        ("tenfold", "10", "×"),
        ("time shrinks by half", "0.5", "×"),
        ("4.2/5", "4.2", "/5"),
        ("five deals", "5", ""),
        ("a hundred", "100", ""),
        ("one hundred and twenty", "120", ""),
        ("two thousand five hundred", "2500", ""),
        ("zero incidents", "0", ""),
        ("5 deals in Q3 2026", "5", ""),
        ("٤٥", "45", ""),
        ("١٢٫٥٪", "12.5", "%"),
        ("４５", "45", ""),
        ("2,050 users", "2050", ""),
        ("2030%", "2030", "%"),
    ],
)
def test_a_number_its_value_and_its_unit(text, value, unit):
    (amount,) = read(text).amounts
    assert (amount.value, amount.unit) == (D(value), unit)


@pytest.mark.parametrize(
    ("text", "way"),
    [
        ("NPS increases from 38 to 52", (38, 52)),
        ("NPS 38 → 52", (38, 52)),
        ("NPS 38->52", (38, 52)),
        ("ARR from this segment from $2M to $6M", (2000000, 6000000)),
        ("from about 90 days down to only 60 days", (90, 60)),
        ("from five to ten", (5, 10)),
        ("from an average of 90 to an average of 60", (90, 60)),
        ("from one that is still at 90 to 60", None),
        ("traffic from 2030 to 5,000", (2030, 5000)),
        ("from 8 % in Q1 to 12 %", (8, 12)),
        ("plans from 2026 to 2027", None),
        ("reach 52", None),
        ("from week 3 to week 5", None),
        ("from 38", None),
        ("from the start to 52", None),
    ],
)
def test_from_and_to(text, way):
    assert read(text).way == (way and tuple(map(D, way)))


@pytest.mark.parametrize(
    ("text", "threshold"),
    [
        ("NPS above 45", ("at_least", 45)),
        ("at least 45", ("at_least", 45)),
        ("≥ 45", ("at_least", 45)),
        ("more than 45", ("at_least", 45)),
        ("below 8 %", ("at_most", 8)),
        ("fewer than 8", ("at_most", 8)),
        ("answered within 4 hours", ("at_most", 4)),
        ("80% of accounts called within 48 hours", None),
        ("more 8", None),
        ("above an average of 45", ("at_least", 45)),
        ("above what we had in all 45", None),
        ("no more than 2 outages", ("at_most", 2)),
        ("not less than 2 releases", ("at_least", 2)),
        ("45", None),
    ],
)
def test_a_bound_and_its_good_side(text, threshold):
    assert read(text).threshold == (threshold and (threshold[0], D(threshold[1])))


@pytest.mark.parametrize(
    ("text", "aim"),
    [
        ("NPS rises from 38 to 52", 52),
        ("CAC below $180", 180),
        ("90-day retention reaches 95%", 95),
        ("80% of accounts called within 48 hours", 80),
        ("Reduce churn by 50 percent", None),
        ("10% more revenue", None),
        ("grow 3x", None),
        ("12 of 40", None),
    ],
)
def test_the_level_to_reach(text, aim):
    assert read(text).aim == (None if aim is None else D(aim))


@pytest.mark.parametrize(
    ("text", "opener"),
    [
        ("Launch it", "launch"),
        ("KR1: Launch it", "launch"),
        ("Key Result #2 Launch it", "launch"),
        ("(1) Launch it", "launch"),
        ("• launch it", "launch"),
        ("We will launch it", "launch"),
        ("To launch it", "launch"),
        ("Successfully launch it", "launch"),
        ("“Launch it”", "launch"),
        ("Objective clarity improves", "objective"),
        ("Launch events bring 300 leads", ""),
        ("Design reviews take 2 days", ""),
        ("Support teams find answers in seconds", ""),
        ("Launch events in Rome", "launch"),
        ("Help customers find answers", "help"),
        ("80% launch it", ""),
        ("", ""),
        ("…", ""),
    ],
)
def test_the_first_word_comes_after_labels(text, opener):
    assert read(text).opener == opener


@pytest.mark.parametrize(
    ("text", "has_time"),
    [
        ("by end of Q3", True),
        ("this quarter", True),
        ("by Friday", True),
        ("by September", True),
        ("by the end of the year", True),
        ("in 2026", True),
        ("within 3 months", True),
        ("NPS increases from 38 to 52", False),
        ("within 48 hours", False),
        ("customers may leave", False),
    ],
)
def test_by_when(text, has_time):
    assert read(text).has_time is has_time
