"""The heat map: how many KPIs and key results of each team are in which state. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from metrics.standpoint import NEAR, OFF, ON
from objectives.rolled_up import TONES
from reviews.dashboards.facts import KpiFact, SignalFact
from reviews.dashboards.goals import GoalFact
from reviews.dashboards.scope import TeamFact
from reviews.dashboards.weeks import WeekFact

KPI_TONES = {ON: "on", NEAR: "near", OFF: "off", "stale": "idle", "no_data": "idle"}
_AT = {tone: at for at, tone in enumerate(TONES)}


class HeatRow(NamedTuple):
    """One team: `kpis` and `key_results` are counts in the order of `TONES`."""

    team: TeamFact
    kpis: tuple[int, int, int, int]
    key_results: tuple[int, int, int, int]
    has_kpis: bool
    has_objectives: bool
    to_decide: int
    weeks: tuple[WeekFact, ...]


def kpi_tone(kpi: KpiFact) -> str | None:
    """The column of a KPI; None for one that is informative, which is in none."""
    return KPI_TONES.get(kpi.state)


def level(count: int) -> int:
    """How strongly a cell is tinted, 0 to 4; the number is printed in any case."""
    return min(count, 4)


def heat_rows(
    teams: Iterable[TeamFact],
    kpis: Iterable[KpiFact],
    goals: Iterable[GoalFact],
    signals: Iterable[SignalFact],
    weeks: Mapping[int, list[WeekFact]],
) -> list[HeatRow]:
    """One row for each team, in the order given, those without anything included."""
    of_kpis: dict[int, list[int]] = {}
    of_rows: dict[int, list[int]] = {}
    waiting: dict[int, int] = defaultdict(int)
    for kpi in kpis:
        counts = of_kpis.setdefault(kpi.team_id, [0] * len(TONES))
        if (tone := kpi_tone(kpi)) is not None:
            counts[_AT[tone]] += 1
    for goal in goals:
        counts = of_rows.setdefault(goal.team_id, [0] * len(TONES))
        for at, count in enumerate(goal.tones):
            counts[at] += count
    for signal in signals:
        waiting[signal.team_id] += signal.is_undecided
    nothing = [0] * len(TONES)
    return [
        HeatRow(
            team,
            tuple(of_kpis.get(team.pk, nothing)),  # type: ignore[arg-type]
            tuple(of_rows.get(team.pk, nothing)),  # type: ignore[arg-type]
            team.pk in of_kpis,
            team.pk in of_rows,
            waiting[team.pk],
            tuple(weeks.get(team.pk, ())),
        )
        for team in teams
    ]
