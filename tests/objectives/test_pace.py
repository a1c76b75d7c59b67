from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from objectives import pace

START, END = date(2026, 7, 1), date(2026, 9, 30)
dates = st.dates(date(2020, 1, 1), date(2030, 12, 31))


@pytest.mark.parametrize(
    ("today", "share"),
    [
        (date(2026, 6, 30), Decimal(0)),
        (START, Decimal(0)),
        (date(2026, 8, 16), Decimal(46) / 91),
        (END, Decimal(1)),
        (date(2026, 10, 1), Decimal(1)),
    ],
)
def test_the_first_day_is_0_and_the_last_day_is_1(today, share):
    assert pace.elapsed(today, START, END) == share


def test_a_stretch_of_one_day_is_over_on_that_day():
    assert pace.elapsed(START - timedelta(days=1), START, START) == 0
    assert pace.elapsed(START, START, START) == 1


def test_a_stretch_goal_is_expected_at_seven_tenths_of_the_time():
    share = pace.elapsed(date(2026, 8, 16), START, END)
    assert pace.expected(share, "committed") == Decimal(46) / 91
    assert pace.expected(share, "aspirational") == Decimal("0.7") * (Decimal(46) / 91)


@given(dates, dates, dates)
def test_elapsed_stays_between_nothing_and_all(today, one, other):
    first, last = sorted((one, other))
    assert 0 <= pace.elapsed(today, first, last) <= 1


@given(dates, dates, dates, dates)
def test_elapsed_never_goes_backwards(one, other, start, end):
    earlier, later = sorted((one, other))
    first, last = sorted((start, end))
    assert pace.elapsed(earlier, first, last) <= pace.elapsed(later, first, last)


def test_the_gap_at_a_limit_is_not_moved_by_the_noise_of_quotients():
    thirds = Decimal(2) / 3
    assert pace.gap(thirds, Decimal(17) / 30) == Decimal("0.1")
    assert pace.gap(Decimal("0.7") * thirds, Decimal(11) / 30) == Decimal("0.1")


BASE, GOAL = (START, Decimal(38)), (END, Decimal(52))


@pytest.mark.parametrize(
    ("today", "share"),
    [
        (date(2026, 6, 1), "0"),
        (START, "0"),
        (date(2026, 7, 31), "0.5"),
        (date(2026, 8, 30), "0.75"),
        (END, "1"),
        (date(2026, 12, 1), "1"),
    ],
)
def test_a_path_goes_through_its_steps_and_straight_between_them(today, share):
    steps = [(date(2026, 9, 29), Decimal(52)), (date(2026, 7, 31), Decimal(45))]
    assert pace.phased(today, BASE, GOAL, steps) == Decimal(share)


def test_a_path_without_steps_is_the_straight_pace():
    today = date(2026, 8, 16)
    assert abs(pace.phased(today, BASE, GOAL, []) - pace.elapsed(today, START, END)) < 1e-20


def test_steps_outside_the_cycle_move_nothing():
    outside = [(START, Decimal(50)), (END, Decimal(40)), (date(2026, 6, 1), Decimal(50))]
    today = date(2026, 8, 16)
    assert pace.phased(today, BASE, GOAL, outside) == pace.phased(today, BASE, GOAL, [])


def test_a_step_beyond_the_ends_is_expected_as_the_end():
    assert pace.phased(date(2026, 8, 1), BASE, GOAL, [(date(2026, 8, 1), Decimal(60))]) == 1
    assert pace.phased(date(2026, 8, 1), BASE, GOAL, [(date(2026, 8, 1), Decimal(30))]) == 0


def test_a_path_of_one_day_is_over_on_that_day():
    one = (START, Decimal(38)), (START, Decimal(52))
    assert pace.phased(START - timedelta(days=1), *one, []) == 0
    assert pace.phased(START, *one, []) == 1


def test_a_path_that_goes_nowhere_is_refused():
    with pytest.raises(ValueError, match="no way"):
        pace.phased(START, BASE, (END, Decimal(38)), [])


def test_a_standard_is_expected_alike_on_every_day():
    assert pace.of_standard("committed") == 1
    assert pace.of_standard("aspirational") == Decimal("0.7")
