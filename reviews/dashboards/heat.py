"""The heat map: how many KPIs and key results of each team are in which state. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from metrics.standpoint import NEAR, OFF, ON
from objectives import grading
from objectives.kinds import Health
from objectives.standing import KeyResultStanding, ObjectiveStanding
from reviews.dashboards.facts import KpiFact, SignalFact
from reviews.dashboards.scope import TeamFact
from reviews.dashboards.weeks import WeekFact

TONES = ("on", "near", "off", "idle")
KPI_TONES = {ON: "on", NEAR: "near", OFF: "off", "stale": "idle", "no_data": "idle"}
HEALTH_TONES = {
    Health.ON_TRACK: "on",
    Health.ACHIEVED: "on",
    Health.BEHIND: "near",
    Health.OVERDUE: "near",
    Health.AT_RISK: "off",
    Health.STALE: "idle",
    Health.NO_DATA: "idle",
}
_BANDS = {"high": "on", "mid": "near", "low": "off"}


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


def key_result_tone(row: KeyResultStanding) -> str | None:
    """The column of a key result; a closed one's by its grade, one not begun in none."""
    if not row.counts:
        return None
    if row.health == Health.CLOSED:
        grade = row.key_result.grade
        return "idle" if grade is None else _BANDS[grading.band(grade)]
    return HEALTH_TONES.get(row.health)


def level(count: int) -> int:
    """How strongly a cell is tinted, 0 to 4; the number is printed in any case."""
    return min(count, 4)


def heat_rows(
    teams: Iterable[TeamFact],
    kpis: Iterable[KpiFact],
    standings: Iterable[ObjectiveStanding],
    signals: Iterable[SignalFact],
    weeks: Mapping[int, list[WeekFact]],
) -> list[HeatRow]:
    """One row for each team, in the order given, those without anything included."""
    of_kpis: dict[int, dict] = defaultdict(lambda: dict.fromkeys(TONES, 0))
    of_rows: dict[int, dict] = defaultdict(lambda: dict.fromkeys(TONES, 0))
    with_kpis, with_goals = set(), set()
    waiting: dict[int, int] = defaultdict(int)
    for kpi in kpis:
        with_kpis.add(kpi.team_id)
        if (tone := kpi_tone(kpi)) is not None:
            of_kpis[kpi.team_id][tone] += 1
    for one in standings:
        team_id = one.objective.team_id
        with_goals.add(team_id)
        for row in one.key_results:
            if (tone := key_result_tone(row)) is not None:
                of_rows[team_id][tone] += 1
    for signal in signals:
        waiting[signal.team_id] += signal.is_undecided
    return [
        HeatRow(
            team,
            tuple(of_kpis[team.pk].values()),
            tuple(of_rows[team.pk].values()),
            team.pk in with_kpis,
            team.pk in with_goals,
            waiting[team.pk],
            tuple(weeks.get(team.pk, ())),
        )
        for team in teams
    ]
