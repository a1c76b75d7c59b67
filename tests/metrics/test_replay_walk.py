"""How far a replay walks, through cadences, silence and checkpoints (signals.md 6, 8 and 10)."""

from datetime import date
from decimal import Decimal

import pytest

from metrics.judging import compile_targets
from metrics.periods import timeline
from metrics.replay import (
    ALL_QUIET,
    OFF_KIND,
    STALE_KIND,
    Settings,
    beyond_watermark,
    judged_until,
    replay,
)
from tests.metrics.walking import DAY, START, number, spans, statuses, target, walk, week

# -- the watermark ------------------------------------------------------------------------------


def test_the_first_awaiting_period_stops_the_walk_and_later_ones_do_not_count():
    result = walk("39 · 39", grace_days=10)
    assert statuses(result) == ["off_target"]
    assert judged_until(result.checkpoint) == week(2)
    assert spans(result) == []


def test_grace_ends_at_a_local_midnight():
    day_before = walk("39 ·", grace_days=3, today=week(3) + DAY * 2)
    on_the_day = walk("39 ·", grace_days=3, today=week(3) + DAY * 3)
    assert statuses(day_before) == ["off_target"]
    assert statuses(on_the_day) == ["off_target", "missing"]


def test_settling_holds_a_value_back_but_not_a_grace_that_is_over():
    settling = {"grace_days": 3, "settle_days": 2}
    assert statuses(walk("39", today=week(2) + DAY, **settling)) == []
    assert statuses(walk("39", today=week(2) + DAY * 2, **settling)) == ["off_target"]


def test_an_excluded_period_does_not_stop_the_walk():
    assert statuses(walk("39 x 39", grace_days=5, settle_days=0)) == [
        "off_target",
        "excluded",
        "off_target",
    ]


def test_the_running_period_is_never_judged():
    assert statuses(walk("39 39", today=week(3) - DAY)) == ["off_target"]


def test_periods_beyond_the_watermark_show_a_status_and_have_no_streak():
    chosen = Settings(patience=2, grace_days=10)
    compiled = compile_targets("higher_is_better", [target()], patience=2, recovery=2)
    values = {week(1): Decimal(39), week(3): Decimal(38)}
    line = timeline(START, "weekly")
    today = week(4)
    result = replay(chosen, line, compiled, values, (), today)
    shown = beyond_watermark(chosen, line, compiled, values, (), today, result.checkpoint)
    assert [(number(one.period.start), one.status, one.streak) for one in shown] == [
        (2, "awaiting", None),
        (3, "off_target", None),
        (4, "open", None),
    ]


def test_nothing_to_judge_leaves_the_checkpoint_as_it_was():
    before = walk("39 41")
    again = walk("39 41", checkpoint=before.checkpoint)
    assert again.checkpoint == before.checkpoint
    assert (again.judged, again.latest) == (0, None)
    assert walk("39", today=START).checkpoint == ""
    assert judged_until("") is None


# -- cadence ------------------------------------------------------------------------------------


def test_a_new_cadence_restarts_the_counters_and_an_open_signal_recovers_in_it():
    line = timeline(START, "weekly", ((date(2026, 6, 16), "monthly"),))
    compiled = compile_targets("higher_is_better", [target()], patience=2, recovery=2)
    july, august, september = date(2026, 7, 1), date(2026, 8, 1), date(2026, 9, 1)
    values = {week(n): Decimal(39) for n in (1, 2, 3)} | {week(4): Decimal(41)}
    values |= {july: Decimal(41), august: Decimal(41)}
    one = replay(Settings(), line, compiled, values, (), august)
    assert (one.standing.state, one.standing.recovery, one.standing.streak) == ("recovering", 1, 0)
    two = replay(Settings(), line, compiled, values, (), september)
    (episode,) = two.episodes
    assert episode.spans[0].ended == august
    values[week(3)] = values[week(4)] = Decimal(41)
    values[week(1)] = Decimal(41)
    values[week(4)] = Decimal(39)
    values[july] = Decimal(39)
    three = replay(Settings(), line, compiled, values, (), august)
    assert three.standing.streak == 1
    assert three.episodes == ()


# -- staleness ----------------------------------------------------------------------------------


def test_stale_is_dated_to_the_period_that_completed_the_run_and_ends_with_a_value():
    result = walk("41 · x · · 41")
    assert spans(result, STALE_KIND) == [[(2, 4, 6, "reported")]]
    assert spans(result) == []


def test_a_kpi_that_never_reported_is_stale_and_not_off_target():
    result = walk("· · ·")
    assert spans(result, STALE_KIND) == [[(1, 2, None, None)]]
    assert result.standing.is_stale
    assert result.standing.state == "quiet"


def test_two_times_stale_is_two_episodes():
    result = walk("· · 41 · ·")
    assert spans(result, STALE_KIND) == [[(1, 2, 3, "reported")], [(4, 5, None, None)]]


def test_stale_does_not_need_a_target():
    assert spans(walk("· · 39", target(since=9)), STALE_KIND) == [[(1, 2, 3, "reported")]]


def test_staleness_outlives_a_new_cadence_and_its_excluded_first_period():
    change = (week(3), "daily")
    silent = walk("· ·", changes=[change], excluded={week(3)}, today=week(3) + DAY)
    assert silent.standing.is_stale
    line = timeline(START, "weekly", (change,))
    compiled = compile_targets("higher_is_better", [target()], patience=2, recovery=2)
    values = {week(3) + DAY: Decimal(41)}
    heard = replay(Settings(), line, compiled, values, {week(3)}, week(3) + DAY * 2)
    assert [one.spans[0].ended for one in heard.episodes] == [week(3) + DAY]
    assert heard.standing == ALL_QUIET


def test_a_signal_and_staleness_can_be_open_together():
    result = walk("39 39 · ·")
    assert {one.kind for one in result.episodes if one.is_open} == {OFF_KIND, STALE_KIND}


# -- checkpoints --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("series", "text"),
    [
        ("41 41", "2026-06-15/2//"),
        (
            "39 39 41 41 41",
            '2026-07-06/5//[3,[["2026-06-01","2026-06-08","2026-06-22","2026-06-29",'
            '"recovered","minor",2]]]',
        ),
    ],
)
def test_the_checkpoint_of_a_quiet_kpi_is_a_short_text(series, text):
    assert walk(series).checkpoint == text


def test_a_walk_from_a_checkpoint_reads_only_the_values_after_it():
    before = walk("39 39 40")
    compiled = compile_targets("higher_is_better", [target()], patience=2, recovery=2)
    result = replay(
        Settings(patience=2, recovery=2),
        timeline(START, "weekly"),
        compiled,
        {week(4): Decimal(40)},
        (),
        week(5),
        before.checkpoint,
    )
    assert spans(result) == [[(1, 2, 4, "recovered")]]
    assert (result.judged, result.latest_status, result.latest_value) == (1, "on_target", 40)
