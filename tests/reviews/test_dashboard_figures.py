"""Every figure of the quarter against a plain computation over the rows of random organisations.

Each organisation is looked at now and as of past days, by somebody who sees a part of it.
"""

from collections import Counter
from datetime import UTC, date, datetime, time, timedelta
from fractions import Fraction
from statistics import mean

import pytest
import time_machine

from metrics.models import Measurement, MeasurementRevision
from metrics.periods import period_end
from reviews.dashboards.goals import read_standings
from reviews.dashboards.picture import read_picture
from reviews.dashboards.scope import read_known, scope_of
from reviews.dashboards.trend import week_ends, weekly
from reviews.pages.dashboard_board import Board
from tests.factories import NOW
from tests.reviews.naive_quarter import ZONE, Naive
from tests.reviews.random_quarter import RandomQuarter

pytestmark = [pytest.mark.django_db]
DAYS = [None, date(2026, 8, 10), date(2026, 7, 12)]
QUARTERS = [
    (date(2025, 10, 1), date(2026, 1, 1)),
    (date(2026, 1, 1), date(2026, 4, 1)),
    (date(2026, 4, 1), date(2026, 7, 1)),
    (date(2026, 7, 1), date(2026, 10, 1)),
]
BANDS = {"0.2": "off", "0.5": "near", "0.9": "on"}
TONE_OF = {
    **dict.fromkeys(["on_target", "on_track", "achieved"], "on"),
    **dict.fromkeys(["near_target", "behind", "overdue"], "near"),
    **dict.fromkeys(["off_target", "at_risk"], "off"),
    **dict.fromkeys(["stale", "no_data"], "idle"),
}
COUNTED = {"off_target", "near_target", "stale"}


@pytest.fixture(autouse=True)
def then():
    with time_machine.travel(NOW, tick=False):
        yield


def both(world: RandomQuarter, day: date | None) -> tuple[Board, Naive]:
    known = read_known(world.viewer)
    scope = scope_of(world.viewer, known, NOW, cycle=world.cycle, on=day)
    moment = NOW
    if day is not None:
        last = datetime.combine(day + timedelta(days=1), time(), ZONE).astimezone(UTC)
        moment = last - timedelta(microseconds=1)
    naive = Naive(world.viewer, moment, world.cycle, is_past=day is not None)
    return Board(read_picture(scope, known)), naive


def exactly(found, expected, digits: int = 18) -> bool:
    """Equal but for the last digits of a decimal quotient."""
    if found is None or expected is None:
        return found is expected
    return abs(Fraction(found) - expected) < Fraction(1, 10**digits)


def near(found, expected) -> bool:
    """Equal but for the last digits of what a database added up."""
    return exactly(found, expected, 12)


def tone(row, health: str) -> str | None:
    if health == "closed":
        return "idle" if row.grade is None else BANDS[str(row.grade.normalize())]
    return TONE_OF.get(health)


@pytest.mark.parametrize("seed", range(8))
def test_every_figure_is_that_of_the_raw_rows(seed):
    world = RandomQuarter(seed)
    for day in DAYS:
        board, naive = both(world, day)
        same_kpis(board, naive)
        same_goals(board, naive)
        same_signals(board, naive)
        same_teams(board, naive)
        same_gaps(board, naive)


def same_kpis(board: Board, naive: Naive) -> None:
    states = {kpi.pk: naive.state(kpi) for kpi in naive.kpis}
    found = {
        one.pk: (one.state, one.length if one.state in COUNTED else states[one.pk][1])
        for one in board.picture.kpis
    }
    assert found == states
    counts = Counter(state for state, _ in states.values())
    top = board.top
    assert (top.kpis, top.on, top.near, top.off, top.stale) == (
        len(states),
        *(counts[state] for state in ("on_target", "near_target", "off_target", "stale")),
    )
    assert top.judged == sum(state in COUNTED | {"on_target"} for state, _ in states.values())
    assert board.picture.hidden_kpis == naive.hidden_kpis
    days = {"weekly": 7, "monthly": 30}
    lengths = [
        states[kpi.pk][1] * days[kpi.cadence.kind]
        for kpi in naive.kpis
        if states[kpi.pk][0] == "off_target"
    ]
    assert (top.longest.days if top.longest else None) == max(lengths, default=None)
    themes = Counter(kpi.theme for kpi in naive.kpis if kpi.theme)
    assert {one.theme: one.said for one in board.covers if one.said} == themes


def same_goals(board: Board, naive: Naive) -> None:
    expected = {goal.pk: naive.goal(goal) for goal in naive.goals}
    found = {one.pk: one for one in board.picture.goals}
    assert found.keys() == expected.keys()
    for goal in naive.goals:
        progress, pace, health = expected[goal.pk]
        one, rows = found[goal.pk], naive.rows(goal)
        assert near(one.progress, progress)
        assert near(one.expected, pace)
        assert (one.health, one.state) == (health, naive.state_of(goal))
        said = [(row.weight, confidence) for row, *_, confidence in rows if confidence is not None]
        by_hand = [row for row, *_ in rows if not row.kpi_follows]
        lowest = min(said, key=lambda pair: pair[1])[1] if any(w for w, _ in said) else None
        assert (one.lowest, one.count, one.owed) == (lowest, len(rows), len(by_hand))
    same_rows(board, naive)
    measurable = [one for one in expected.values() if one[0] is not None]
    goals = board.top.goals
    assert goals.count == len(expected)
    assert near(goals.progress, mean(p for p, *_ in measurable) if measurable else None)
    assert near(goals.expected, mean(e for _, e, _ in measurable) if measurable else None)
    assert board.top.at_risk == sum(health == "at_risk" for *_, health in expected.values())
    assert board.picture.hidden_objectives == naive.hidden_goals


def same_rows(board: Board, naive: Naive) -> None:
    """Those tied to a KPI or long without an update; and all of them in the list to take away."""
    told = {one.pk: (one.health, one.kpi_id) for one in board.picture.rows}
    listed = {
        row.key_result.pk: row
        for one in read_standings(board.scope, board.picture.followed)
        for row in one.key_results
        if row.counts
    }
    for goal in naive.goals:
        for row, ratio, pace, health, confidence in naive.rows(goal):
            one = listed.pop(row.pk)
            assert exactly(one.ratio, ratio)
            assert exactly(one.expected, pace)
            assert (one.health, one.confidence) == (health, confidence)
            if row.kpi_id is not None:
                assert told[row.pk] == (health, row.kpi_id)
    assert listed == {}


def same_signals(board: Board, naive: Naive) -> None:
    waiting = [one for one in naive.signals if naive.decision(one)[1]]
    top = board.top
    assert {one.pk for one in board.picture.undecided} == {one.pk for one in waiting}
    dates = sorted(one.decide_by for one in waiting if one.decide_by)
    assert top.overdue == sum(day < naive.today for day in dates)
    assert (top.first_due.decide_by if top.first_due else None) == (dates[0] if dates else None)
    order = [one.decide_by or date.max for one in board.picture.undecided]
    assert order == sorted(order)
    for one, (starts, ends) in zip(board.speed, QUARTERS, strict=True):
        opened, answered, middle = naive.of_quarter(starts, ends)
        assert (one.opened, one.answered) == (opened, answered)
        assert exactly(one.median_days, middle)


def same_teams(board: Board, naive: Naive) -> None:
    rows = board.heat(board.scope.teams)
    assert {row.team.pk for row in rows} == {team.pk for team in naive.teams}
    of_team = {row.team.pk: row for row in rows}
    in_time = due = 0
    for team in naive.teams:
        row = of_team[team.pk]
        kpis = Counter(
            TONE_OF.get(naive.state(kpi)[0]) for kpi in naive.kpis if kpi.team_id == team.pk
        )
        assert row.kpis == tuple(kpis[name] for name in ("on", "near", "off", "idle"))
        parts = Counter(
            tone(part, health)
            for goal in naive.goals
            if goal.team_id == team.pk
            for part, _, _, health, _ in naive.rows(goal)
        )
        assert row.key_results == tuple(parts[name] for name in ("on", "near", "off", "idle"))
        waits = [one for one in naive.signals if one.kpi.team_id == team.pk]
        assert row.to_decide == sum(naive.decision(one)[1] for one in waits)
        weeks = naive.weeks(team)
        if row.weeks:
            found = [(one.due, one.came, one.in_time, one.is_over) for one in row.weeks]
            assert found == weeks
        else:
            assert all(one[0] == 0 for one in weeks)
        in_time += sum(early for _, _, early, _ in weeks)
        due += sum(asked if over else came for asked, came, _, over in weeks)
    assert (board.top.in_time, board.top.due) == (in_time, due)


def same_gaps(board: Board, naive: Naive) -> None:
    off = [kpi for kpi in naive.kpis if naive.state(kpi)[0] == "off_target"]
    running = [goal for goal in naive.goals if naive.state_of(goal) == "active"]
    moved = {row.kpi_id for goal in running for row, *_ in naive.rows(goal)}
    decided = {
        one.kpi_id
        for one in naive.signals
        if naive.decision(one)[0] and (one.resolved_at is None or one.resolved_at > naive.moment)
    }
    expected = Counter()
    for kpi in off:
        expected["no-owner"] += kpi.owner is None or not kpi.owner.is_active
        expected["no-answer"] += kpi.pk not in moved | decided
    for goal in running:
        rows = naive.rows(goal)
        expected["no-key-result"] += not rows
        expected["orphan"] += not any(row.kpi_id for row, *_ in rows)
        for row, *_ in rows:
            if row.kpi_follows:
                continue
            last = naive.said(row)
            since = last.made_at.astimezone(ZONE).date() if last else goal.starts_on
            expected["untouched"] += (naive.today - since).days > 31
    for team in naive.teams:
        expected["no-kpis"] += not any(kpi.team_id == team.pk for kpi in naive.kpis)
        expected["no-objectives"] += not any(goal.team_id == team.pk for goal in naive.goals)
    assert Counter(one.kind.slug for one in board.gaps) == +expected


def values_come_in_time() -> None:
    """The weeks tell of KPIs by what is known now: let nothing be late or corrected."""
    MeasurementRevision.objects.all().delete()
    for one in Measurement.objects.all():
        end = period_end(one.day, one.identity)
        at = datetime.combine(end, time(6), UTC)
        Measurement.objects.filter(kpi=one.kpi_id, day=one.day).update(recorded_at=at)


@pytest.mark.parametrize("seed", range(4))
def test_each_week_is_what_the_dashboard_of_its_last_day_says(seed):
    world = RandomQuarter(seed)
    values_come_in_time()
    scope = scope_of(world.viewer, read_known(world.viewer), NOW, cycle=world.cycle)
    days = week_ends(world.cycle.starts_on, NOW.date() - timedelta(days=1))
    assert len(days) > 4
    for day, week in zip(days, weekly(scope, days), strict=True):
        board, naive = both(world, day)
        goals = board.top.goals
        stood = [naive.goal(goal) for goal in naive.goals]
        measurable = [one for one in stood if one[0] is not None]
        assert (week.on, week.count) == (day, len(stood))
        assert (week.progress, week.expected) == (goals.progress, goals.expected)
        assert near(week.progress, mean(p for p, *_ in measurable) if measurable else None)
        assert near(week.expected, mean(e for _, e, _ in measurable) if measurable else None)
