"""The worked examples of signals.md 15 and the facts of shared/data/kpis, as tables.

The form is promtool's: a series (`·` is no value), the moments of evaluation, the events expected
at each. An evaluation without an entry must give no event.
"""

import csv
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from metrics.judging import Target, compile_targets
from metrics.periods import period_of, reckoned_day, timeline
from metrics.reconcile import reconcile
from metrics.replay import Settings, judged_until, replay
from metrics.values import Reading, aggregate
from tests.metrics.test_reconcile import stored_after

KPIS = Path(__file__).parent / "data" / "kpis"
W23 = date(2026, 6, 1)
WEEK = timedelta(days=7)
UTC_ZONE = ZoneInfo("UTC")


def week(number):
    """The start of the n-th week of the series."""
    return W23 + WEEK * (number - 1)


def numbers(series):
    return [None if text == "·" else Decimal(text) for text in series.split()]


def monday_evaluations(series, *, targets, tolerance=None, n=2, m=2, resume=True):
    """Evaluate each Monday 06:00 UTC after each week; yields (week number, events)."""
    history = [
        Target(week(since), target=Decimal(target), tolerance=tolerance)
        for since, target in targets.items()
    ]
    compiled = compile_targets("higher_is_better", history, patience=n, recovery=m)
    line = timeline(W23, "weekly")
    values, stored, checkpoint = {}, [], ""
    for number, value in enumerate(numbers(series), start=1):
        values[week(number)] = value
        now = datetime.combine(week(number + 1), datetime.min.time(), UTC) + timedelta(hours=6)
        since = judged_until(checkpoint)
        result = replay(
            Settings(patience=n, recovery=m),
            line,
            compiled,
            values,
            (),
            reckoned_day(now, UTC_ZONE),
            checkpoint,
        )
        changes = reconcile(result.episodes, stored, since=since)
        stored = stored_after(stored, changes)
        checkpoint = result.checkpoint if resume else ""
        yield number, [event for change in changes for event in change.events], result


@pytest.mark.parametrize("resume", [True, False], ids=["from checkpoint", "from the start"])
@pytest.mark.parametrize(
    ("series", "options", "expected"),
    [
        ("41 39 38", {}, {3: [("raised", 3, "minor", None)]}),
        ("39 40 38 39", {}, {4: [("raised", 4, "minor", None)]}),
        ("37 39 36", {"tolerance": Decimal(2)}, {3: [("raised", 3, "minor", None)]}),
        ("37 · 36", {}, {3: [("raised", 3, "minor", None)]}),
        (
            "37 · · 36",
            {},
            {3: [("raised", 3, "minor", None)], 4: [("resolved", 4, "minor", "reported")]},
        ),
        (
            "37 36 41 39 42 43",
            {},
            {2: [("raised", 2, "minor", None)], 6: [("resolved", 6, "minor", "recovered")]},
        ),
        (
            "37 36 41 37 36",
            {"m": 1},
            {
                2: [("raised", 2, "minor", None)],
                3: [("resolved", 3, "minor", "recovered")],
                5: [("reopened", 5, "major", "relapse")],
            },
        ),
        (
            "37 36 37 37",
            {"targets": {1: 40, 3: 35}},
            {2: [("raised", 2, "minor", None)], 4: [("resolved", 4, "minor", "standard_relaxed")]},
        ),
        (
            "30 29 41 42",
            {},
            {2: [("raised", 2, "major", None)], 4: [("resolved", 4, "major", "recovered")]},
        ),
        ("40 40 40 41", {}, {}),
        ("· 39 · 40", {}, {}),
    ],
)
def test_the_worked_examples_give_these_events_on_these_mondays(series, options, expected, resume):
    options = {"targets": {1: 40}, **options}
    found = {}
    for number, events, _ in monday_evaluations(series, resume=resume, **options):
        if events:
            found[number] = [
                (one.type, (one.period - W23).days // 7 + 1, one.severity, one.reason)
                for one in events
            ]
            assert all(one.told for one in events)
    assert found == expected


def test_two_holes_drop_the_streak_and_the_value_after_them_starts_again():
    results = [result for _, _, result in monday_evaluations("37 · · 36", targets={1: 40})]
    assert [one.standing.streak for one in results] == [1, 1, 0, 1]
    assert [one.standing.is_stale for one in results] == [False, False, True, False]
    assert all(one.kind == "data_stale" for result in results for one in result.episodes)


def test_a_correction_that_takes_the_streak_away_retracts_the_signal():
    compiled = compile_targets(
        "higher_is_better", [Target(W23, target=Decimal(40))], patience=2, recovery=2
    )
    line, today = timeline(W23, "weekly"), week(3)
    values = {week(1): Decimal(37), week(2): Decimal(36)}
    first = replay(Settings(), line, compiled, values, (), today)
    stored = stored_after([], reconcile(first.episodes, []))
    values[week(2)] = Decimal(41)
    second = replay(Settings(), line, compiled, values, (), today)
    (change,) = reconcile(second.episodes, stored)
    assert [(one.type, one.reason, one.told) for one in change.events] == [
        ("retracted", "data_corrected", True)
    ]


# -- real series --------------------------------------------------------------------------------


def rows(name):
    with (KPIS / name).open(encoding="utf-8-sig", newline="") as file:
        yield from csv.DictReader(file)


def test_emergency_rooms_have_four_episodes_and_the_last_is_open():
    values = {}
    for row in rows("er_length_of_stay_weekly.csv"):
        year, number = row["date"].split("-W")
        values[date.fromisocalendar(int(year), int(number), 1)] = Decimal(row["los_mean"])
    start = min(values)
    target = Target(start, target=Decimal("193.54"), tolerance_pct=Decimal(5))
    compiled = compile_targets("lower_is_better", [target], patience=4, recovery=4)
    line = timeline(start, "weekly")
    rules = Settings(patience=4, recovery=4)
    result = replay(rules, line, compiled, values, (), date(2026, 8, 17))
    assert (len(values), result.judged) == (346, 346)
    assert [one.spans[0].raised for one in result.episodes] == [
        date(2020, 1, 27),
        date(2020, 11, 30),
        date(2021, 11, 1),
        date(2022, 11, 21),
    ]
    assert [one.is_open for one in result.episodes] == [False, False, False, True]


def test_boston_311_is_off_target_in_all_25_months_and_raises_in_april_2016():
    readings = {}
    for order, row in enumerate(rows("boston_cityscore_311_pothole.csv")):
        if not row["CTY_SCR_NAME"].startswith("311") or not row["CTY_SCR_NBR_DY_01"]:
            continue
        stamp = datetime.fromisoformat(row["ETL_LOAD_DATE"]).replace(tzinfo=UTC)
        month = period_of(stamp.date(), "monthly").start
        reading = Reading(Decimal(row["CTY_SCR_NBR_DY_01"]), stamp, stamp + timedelta(order))
        readings.setdefault(month, []).append(reading)
    values = {month: aggregate("mean", inside) for month, inside in readings.items()}
    target = Target(date(2016, 2, 1), target=Decimal("0.95"))
    compiled = compile_targets("higher_is_better", [target], patience=3, recovery=2)
    line = timeline(date(2016, 1, 15), "monthly")
    result = replay(Settings(), line, compiled, values, (), date(2018, 3, 30), want_verdicts=True)
    assert [one.status for one in result.verdicts] == ["off_target"] * 25
    (episode,) = result.episodes
    assert episode.spans[0].raised == date(2016, 4, 1)
    assert episode.is_open
