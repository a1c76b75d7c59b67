from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from objectives import pace, progress, status
from objectives.kinds import Health
from objectives.status import Facts, status_of

START, END = date(2026, 7, 1), date(2026, 9, 30)
TODAY = date(2026, 8, 16)
HALF = progress.Progress(Decimal("0.5"))
PLAIN = Facts(TODAY, START, END, HALF, expected=Decimal("0.5"))


@pytest.mark.parametrize(
    ("behind", "health"),
    [
        ("-0.5", Health.ON_TRACK),
        ("0.10", Health.ON_TRACK),
        ("0.1000000001", Health.BEHIND),
        ("0.25", Health.BEHIND),
        ("0.2500000001", Health.AT_RISK),
    ],
)
def test_the_limits_of_the_bands_belong_to_the_better_side(behind, health):
    assert status.band(Decimal(behind)) == health


def test_nps_at_45_on_16_august_is_on_track_committed_and_as_a_stretch():
    way = progress.change(Decimal(38), Decimal(52), Decimal(45))
    gone = pace.elapsed(TODAY, START, END)
    committed, stretch = (pace.expected(gone, a) for a in ("committed", "aspirational"))
    assert round(pace.gap(committed, way.ratio), 3) == Decimal("0.005")
    assert round(pace.gap(stretch, way.ratio), 3) == Decimal("-0.146")
    assert status_of(replace(PLAIN, progress=way, expected=committed)) == Health.ON_TRACK
    assert status_of(replace(PLAIN, progress=way, expected=stretch)) == Health.ON_TRACK


def test_a_perfectly_paced_key_result_is_on_track_before_its_weekly_update():
    gone = Decimal(7) / 13
    facts = replace(PLAIN, progress=progress.Progress(Decimal(6) / 13), expected=gone)
    assert status_of(facts) == Health.ON_TRACK


EVERYTHING = {
    "is_closed": Health.CLOSED,
    "is_withdrawn": Health.WITHDRAWN,
    "today": Health.NOT_STARTED,
    "is_stale": Health.STALE,
    "has_data": Health.NO_DATA,
    "progress": Health.ACHIEVED,
}
WORST = Facts(
    date(2026, 6, 30),
    START,
    END,
    progress.Progress(Decimal(2)),
    Decimal(1),
    has_data=False,
    is_stale=True,
    is_closed=True,
    is_withdrawn=True,
)
OFF = {
    "is_closed": False,
    "is_withdrawn": False,
    "today": TODAY,
    "is_stale": False,
    "has_data": True,
    "progress": progress.Progress(Decimal(0)),
}


def test_precedence_is_closed_withdrawn_not_started_stale_no_data_achieved_then_bands():
    facts, seen = WORST, []
    for name in EVERYTHING:
        seen.append(status_of(facts))
        facts = replace(facts, **{name: OFF[name]})
    assert seen == list(EVERYTHING.values())
    assert status_of(facts) == Health.AT_RISK


def test_after_the_last_day_it_is_overdue_until_it_is_graded():
    assert status_of(replace(PLAIN, today=END)) == Health.ON_TRACK
    late = replace(PLAIN, today=date(2026, 10, 1), is_stale=True)
    assert status_of(late) == Health.OVERDUE
    assert status_of(replace(late, is_closed=True)) == Health.CLOSED


def test_on_the_first_day_it_has_started():
    assert status_of(replace(PLAIN, today=date(2026, 6, 30))) == Health.NOT_STARTED
    assert status_of(replace(PLAIN, today=START, expected=Decimal(0))) == Health.ON_TRACK


@given(st.decimals(-1, 2, places=3), st.decimals(-1, 2, places=3), st.decimals(0, 1, places=3))
def test_more_progress_is_never_a_worse_status(one, other, expected):
    order = [Health.AT_RISK, Health.BEHIND, Health.ON_TRACK, Health.ACHIEVED]
    less, more = sorted((one, other))
    facts = replace(PLAIN, expected=expected)
    first = status_of(replace(facts, progress=progress.Progress(less)))
    second = status_of(replace(facts, progress=progress.Progress(more)))
    assert order.index(first) <= order.index(second)


@pytest.mark.parametrize(
    ("run", "left", "health"),
    [
        (0, 3, Health.ON_TRACK),
        (0, 2, Health.BEHIND),
        (1, 1, Health.BEHIND),
        (1, 2, Health.ON_TRACK),
        (0, 1, Health.AT_RISK),
        (2, 0, Health.ACHIEVED),
    ],
)
def test_a_hold_is_judged_by_whether_the_periods_left_are_enough(run, left, health):
    assert status.hold_band(run, 2, left) == health


@pytest.mark.parametrize(
    ("judged_on", "left"),
    [(None, 3), (date(2026, 6, 1), 3), (date(2026, 7, 1), 2), (date(2026, 9, 1), 0)],
)
def test_periods_left_are_those_that_end_inside_the_cycle(judged_on, left):
    assert status.periods_left(judged_on, START, END, "monthly", 1) == left


def test_the_period_running_when_an_objective_began_is_still_to_be_judged():
    assert status.periods_left(date(2026, 7, 1), date(2026, 8, 15), END, "monthly", 1) == 2
    assert status.periods_left(None, date(2026, 8, 15), END, "monthly", 1) == 1


def test_a_week_cut_by_the_end_of_the_cycle_is_not_counted():
    # The week of 28 September ends on 4 October, after the quarter.
    assert status.periods_left(date(2026, 9, 14), START, END, "weekly", 1) == 1


def test_a_late_start_shows_after_a_week_without_a_check_in():
    assert not status.is_late_start(date(2026, 8, 10), TODAY, has_check_in=False)
    assert status.is_late_start(date(2026, 8, 9), TODAY, has_check_in=False)
    assert not status.is_late_start(date(2026, 7, 1), TODAY, has_check_in=True)


@pytest.mark.parametrize("health", Health)
@pytest.mark.parametrize("reported", ["", "on_track", "behind", "at_risk"])
def test_a_report_diverges_when_it_says_on_track_and_the_figures_do_not(reported, health):
    expected = reported == "on_track" and health in ("at_risk", "stale")
    assert status.diverges(reported, health) == expected


def test_a_standard_met_so_far_is_on_track_and_never_achieved_before_the_end():
    facts = replace(PLAIN, progress=progress.Progress(Decimal(1)), expected=Decimal(1))
    assert status_of(replace(facts, is_standard=True)) == Health.ON_TRACK
    assert status_of(facts) == Health.ACHIEVED
