"""What a replay counts, at its boundaries: streaks, raises, severity (signals.md 7)."""

from decimal import Decimal

import pytest

from metrics.judging import Target, compile_targets
from metrics.periods import timeline
from metrics.replay import ALL_QUIET, Settings, replay
from tests.metrics.walking import START, spans, statuses, streaks, target, walk, week

# -- streaks ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("series", "settings", "expected"),
    [
        ("39 39 39", {"patience": 3}, [1, 2, 3]),
        ("39 40 39", {}, [1, 0, 1]),
        ("39 38 · 39", {"patience": 9}, [1, 2, 2, 3]),
        ("39 · · 39", {}, [1, 1, 0, 1]),
        ("39 · · 39", {"max_gap": 2}, [1, 1, 1, 2]),
        ("39 · 39", {"max_gap": 0}, [1, 0, 1]),
        ("39 · 39", {"missing_policy": "reset"}, [1, 0, 1]),
        ("39 · · 39", {"missing_policy": "count", "patience": 9}, [1, 2, 3, 4]),
        ("39 x 39", {}, [1, 1, 2]),
        ("39 · x · 39", {}, [1, 1, 1, 0, 1]),
        ("39 · 38 · 39", {"patience": 9}, [1, 1, 2, 2, 3]),
    ],
)
def test_the_streak_after_each_period(series, settings, expected):
    assert streaks(walk(series, **settings)) == expected


@pytest.mark.parametrize(
    ("policy", "expected"), [("hold", [1, 1, 2]), ("reset", [1, 0, 1]), ("count", [1, 2, 3])]
)
def test_a_near_period_does_what_its_policy_says(policy, expected):
    result = walk("37 39 37", target(tolerance=2), near_policy=policy, patience=9)
    assert streaks(result) == expected
    assert statuses(result) == ["off_target", "near_target", "off_target"]


def test_a_hole_counts_only_where_there_is_a_target():
    late = walk("· · · 39", target(since=3), missing_policy="count", patience=9, max_gap=9)
    assert streaks(late) == [0, 0, 1, 2]


def test_near_periods_alone_never_raise():
    assert spans(walk("39 39 39 39 39", target(tolerance=2), patience=1)) == []


# -- raise and resolve --------------------------------------------------------------------------


def test_the_raise_belongs_to_the_period_that_completed_n():
    assert spans(walk("41 39 38 37")) == [[(2, 3, None, None)]]


def test_recovery_restarts_at_anything_with_a_value_that_is_not_on_target():
    assert spans(walk("39 39 40 39 40 40")) == [[(1, 2, 6, "recovered")]]
    near = walk("30 30 40 39 40 40", target(tolerance=2))
    assert spans(near) == [[(1, 2, 6, "recovered")]]


def test_a_hole_neither_resolves_nor_restarts_a_recovery_but_two_do_restart_it():
    assert spans(walk("39 39 40 · 40")) == [[(1, 2, 5, "recovered")]]
    assert spans(walk("39 39 40 · · 40")) == [[(1, 2, None, None)]]
    assert walk("39 39 · · · ·").standing.state == "raised"


def test_an_excluded_period_changes_nothing_in_a_recovery():
    assert spans(walk("39 39 40 x 40")) == [[(1, 2, 5, "recovered")]]


@pytest.mark.parametrize(
    ("series", "state"),
    [
        ("40", "quiet"),
        ("39", "watching"),
        ("39 39", "raised"),
        ("39 39 40", "recovering"),
        ("39 39 40 39", "raised"),
        ("39 39 40 40", "quiet"),
    ],
)
def test_the_four_states(series, state):
    assert walk(series).standing.state == state


def test_a_withdrawn_target_ends_the_signal_with_its_own_reason():
    result = walk("39 39 39", target(), target(since=3, withdrawn=True))
    assert spans(result) == [[(1, 2, 3, "standard_withdrawn")]]
    assert statuses(result)[-1] == "no_target"
    assert result.standing == ALL_QUIET


@pytest.mark.parametrize(
    ("series", "reason"),
    [
        ("37 36 37 37", "standard_relaxed"),
        ("37 36 41 37", "standard_relaxed"),
        ("37 36 37 41", "standard_relaxed"),
        ("37 36 41 42", "recovered"),
        ("37 36 40 40", "recovered"),
    ],
)
def test_any_value_that_was_off_by_the_target_of_the_raise_makes_it_relaxed(series, reason):
    result = walk(series, target(), target(since=3, value=35))
    assert spans(result) == [[(1, 2, 4, reason)]]


def test_only_the_last_m_values_are_asked_whether_the_target_was_relaxed():
    easier = target(since=3, value=35, recovery=3)
    result = walk("37 36 37 41 42", target(), easier)
    assert spans(result) == [[(1, 2, 5, "standard_relaxed")]]
    shortened = walk("37 36 37 41 42", target(), easier, target(since=5, value=35, recovery=2))
    assert spans(shortened) == [[(1, 2, 5, "recovered")]]


def test_a_value_that_was_near_by_the_old_target_is_a_recovery():
    result = walk("30 30 39 39", target(tolerance=2), target(since=3, value=35))
    assert spans(result) == [[(1, 2, 4, "recovered")]]


# -- patience -----------------------------------------------------------------------------------


def test_a_shorter_patience_acts_from_its_date_on_the_streak_already_run():
    shorter = walk("39 39 39 39 39", target(patience=5), target(since=4, patience=2))
    assert spans(shorter) == [[(1, 4, None, None)]]


def test_a_longer_patience_does_not_undo_a_raise():
    longer = walk("39 39 39", target(), target(since=3, patience=9))
    assert spans(longer) == [[(1, 2, None, None)]]


def test_a_patience_of_one_raises_at_once():
    assert spans(walk("41 39", patience=1)) == [[(2, 2, None, None)]]


# -- the fast lane ------------------------------------------------------------------------------


def fast(series, patience=1, gap=10):
    return walk(series, target(fast_gap=gap, fast_patience=patience), patience=5)


def test_one_very_large_miss_raises_by_the_fast_lane_and_is_critical():
    result = fast("41 30")
    assert spans(result) == [[(2, 2, None, None)]]
    assert result.standing.severity == "critical"
    assert spans(fast("41 30.0001")) == []


def test_the_fast_lane_counts_large_misses_in_a_row():
    assert spans(fast("29 39 29", patience=2)) == []
    assert spans(fast("29 · 29", patience=2)) == [[(1, 3, None, None)]]
    assert spans(fast("39 29 29", patience=2)) == [[(1, 3, None, None)]]


def test_a_near_period_ends_a_run_of_large_misses_though_the_streak_holds():
    near = target(tolerance=2, fast_gap=10, fast_patience=2)
    assert spans(walk("29 39 29", near, patience=5)) == []
    assert spans(walk("39 29 29", near, patience=5)) == [[(2, 3, None, None)]]


# -- reopening ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("between", "window", "episodes"),
    [(2, None, 1), (3, None, 2), (0, 2, 1), (1, 2, 2), (0, 0, 2), (30, 40, 1)],
)
def test_a_raise_within_the_window_by_position_continues_the_signal(between, window, episodes):
    # Resolved at week 4; two off weeks follow after `between` good ones: raised at 6 + between.
    series = "39 39 40 40 " + "40 " * between + "39 39"
    result = walk(series, reopen_window=window)
    assert len(spans(result)) == episodes
    severity = result.episodes[-1].severity
    assert severity == ("major" if episodes == 1 else "minor")


def test_excluded_and_missing_periods_count_as_positions():
    assert len(spans(walk("39 39 40 40 x x 39 39", reopen_window=4))) == 1
    assert len(spans(walk("39 39 40 40 x x x 39 39", reopen_window=4))) == 2


def test_after_a_withdrawn_target_it_is_a_new_signal():
    result = walk("39 39 39 39 39", target(), target(3, withdrawn=True), target(4))
    assert spans(result) == [[(1, 2, 3, "standard_withdrawn")], [(4, 5, None, None)]]


# -- k of the last n ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("series", "k_of_n", "expected"),
    [
        ("39 41 39", (2, 3), [[(1, 3, None, None)]]),
        ("39 41 41 39", (2, 3), []),
        ("39 · 41 x 39", (2, 3), [[(1, 5, None, None)]]),
        ("39 · · 41 39", (2, 4), []),
        ("39 39", (2, 2), [[(1, 2, None, None)]]),
        ("41 39 41", (1, 3), [[(2, 2, None, None)]]),
    ],
)
def test_k_of_the_last_n_judged_values_raise(series, k_of_n, expected):
    assert spans(walk(series, k_of_n=k_of_n)) == expected


def test_the_window_counts_a_near_period_as_not_off_where_the_streak_holds():
    assert spans(walk("37 39 37", target(tolerance=2))) == [[(1, 3, None, None)]]
    assert spans(walk("37 39 37", target(tolerance=2), k_of_n=(2, 2))) == []


def test_the_window_never_reaches_back_into_a_span_that_has_ended():
    result = walk("39 39 41 39", k_of_n=(2, 3), recovery=1)
    assert spans(result) == [[(1, 2, 3, "recovered"), (4, 4, None, None)]]


def test_the_n_of_the_window_is_the_n_of_reopening():
    eight_later = "39 40 " + "40 " * 7 + "39"
    within = walk(eight_later, k_of_n=(1, 4), patience=1, recovery=1)
    assert spans(within) == [[(1, 1, 2, "recovered"), (10, 10, None, None)]]


# -- severity -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("series", "severity"),
    [
        ("39 39", "minor"),
        ("32 32", "major"),
        ("32.01 32", "minor"),
        ("20 20", "critical"),
        ("39 39 39", "minor"),
        ("39 39 39 39", "major"),
        ("39 39 39 39 39 39", "critical"),
        ("30 30 39 39 39", "major"),
        ("20 20 40 39 39", "critical"),
    ],
)
def test_the_grade_follows_the_median_miss_and_the_duration_and_never_falls(series, severity):
    assert walk(series).standing.severity == severity


def test_holes_that_count_make_a_signal_longer_but_not_deeper():
    result = walk("39 · · ·", missing_policy="count", max_gap=9)
    assert result.standing.severity == "major"
    assert result.episodes[0].spans[0].off_periods == 4


def test_a_relapse_is_graded_anew_and_at_least_major():
    result = walk("20 20 40 40 39 39")
    assert [one.severity for one in result.episodes[0].spans] == ["critical", "major"]


def test_at_a_target_of_zero_only_the_duration_counts():
    compiled = compile_targets(
        "lower_is_better", [Target(START, target=Decimal(0))], patience=2, recovery=2
    )
    values = {week(n): Decimal(1000) for n in range(1, 6)}
    line = timeline(START, "weekly")
    grades = [
        replay(Settings(patience=2), line, compiled, values, (), week(n)).standing.severity
        for n in (3, 4, 5)
    ]
    assert grades == ["minor", "minor", "major"]
