"""The figures at the top of the dashboard, and how fast signals are answered. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import date
from decimal import Decimal
from typing import NamedTuple
from zoneinfo import ZoneInfo

from metrics.periods import Period, local_day
from metrics.standpoint import NEAR, OFF, ON
from objectives.kinds import Health
from objectives.rollup import team_progress, worst
from objectives.standing import TeamStanding
from reviews.dashboards.facts import KpiFact, SignalFact
from reviews.dashboards.goals import GoalFact
from reviews.dashboards.weeks import WeekFact, on_time
from reviews.speed import median_days


class Headline(NamedTuple):
    """What is counted: KPIs by state, signals that wait, objectives together, speed, updates.

    `judged` KPIs have a target and data; `overdue` signals are past their date. `median_days` is
    that of the signals opened within the cycle, None while none was answered.
    """

    kpis: int
    judged: int
    on: int
    near: int
    off: int
    stale: int
    longest: KpiFact | None
    undecided: int
    overdue: int
    first_due: SignalFact | None
    goals: TeamStanding
    at_risk: int
    median_days: Decimal | None
    answered: int
    in_time: int
    due: int


def headline(
    kpis: Sequence[KpiFact],
    goals: Sequence[GoalFact],
    signals: Collection[SignalFact],
    weeks: Iterable[WeekFact],
    today: date,
) -> Headline:
    """The figures; `signals` are all of the last quarters, of which some wait for a decision."""
    states = [one.state for one in kpis]
    off = [one for one in kpis if one.state == OFF]
    waiting = [one for one in signals if one.is_undecided]
    dated = [one for one in waiting if one.decide_by is not None]
    decided = [one for one in signals if one.first_decided_at is not None]
    in_time, due = on_time(weeks)
    return Headline(
        len(kpis),
        sum(one.is_judged for one in kpis),
        states.count(ON),
        states.count(NEAR),
        len(off),
        states.count("stale"),
        max(off, key=lambda one: one.days, default=None),
        len(waiting),
        sum(one.decide_by < today for one in dated),
        min(dated, key=lambda one: one.decide_by, default=None),
        together(goals),
        sum(one.health == Health.AT_RISK for one in goals),
        median_days(one.days_to_decision for one in decided),
        len(decided),
        in_time,
        due,
    )


def together(goals: Sequence[GoalFact]) -> TeamStanding:
    """What objectives that are rolled up add up to, as `standing.team_standing` has it."""
    measurable = [one for one in goals if one.progress is not None]
    return TeamStanding(
        len(goals),
        team_progress([one.progress for one in measurable]),
        team_progress([one.expected for one in measurable]),
        worst(one.health for one in goals),
    )


class Speed(NamedTuple):
    """One quarter: how many signals opened in it, how many were answered, and how fast."""

    quarter: Period
    opened: int
    answered: int
    median_days: Decimal | None


def speed(signals: Iterable[SignalFact], quarters: Sequence[Period], zone: ZoneInfo) -> list[Speed]:
    """The time to decision of each quarter, by the day on which its signals opened."""
    days = [(local_day(one.opened_at, zone), one) for one in signals]
    found = []
    for quarter in quarters:
        inside = [one for day, one in days if quarter.start <= day < quarter.end]
        answered = sum(one.first_decided_at is not None for one in inside)
        middle = median_days(one.days_to_decision for one in inside)
        found.append(Speed(quarter, len(inside), answered, middle))
    return found
