"""Everything one dashboard tells of, read in a number of queries that no count of rows changes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from metrics.kinds import CadenceKind
from metrics.periods import Period, first_instant, period_of
from objectives.standing import ObjectiveStanding
from reviews.dashboards import goals, kpis, signals, weeks
from reviews.dashboards.facts import KpiFact, SignalFact
from reviews.dashboards.kpis_then import stood_at
from reviews.dashboards.scope import Known, Scope

QUARTERS = 4


@dataclass(frozen=True, slots=True)
class Picture:
    """What the reader may see of a scope; what is hidden is a count.

    `signals` are those open at the moment and those opened in the last quarters, the first to be
    decided first. `weeks` are the last weeks' check-ins by team; `signal_kpis` the KPI of each
    signal that an objective answers.
    """

    scope: Scope
    kpis: list[KpiFact]
    standings: list[ObjectiveStanding]
    signals: list[SignalFact]
    weeks: dict[int, list[weeks.WeekFact]]
    hidden_kpis: int
    hidden_objectives: int
    signal_kpis: dict[int, int]

    @property
    def undecided(self) -> list[SignalFact]:
        """The signals that wait for a decision, overdue first."""
        return [one for one in self.signals if one.is_undecided]

    @property
    def open_signals(self) -> list[SignalFact]:
        """The signals whose episode goes on."""
        return [one for one in self.signals if one.is_open]


def last_quarters(on: date, month: int) -> list[Period]:
    """The fiscal quarters whose time to decision is told, oldest first; the last holds `on`."""
    found = [period_of(on, CadenceKind.QUARTERLY, month)]
    while len(found) < QUARTERS:
        before = found[0].start - timedelta(days=1)
        found.insert(0, period_of(before, CadenceKind.QUARTERLY, month))
    return found


def read_picture(scope: Scope, known: Known) -> Picture:
    """Read it: about twenty queries, however many teams there are."""
    then = None
    if scope.is_past:
        loaded = goals.loaded_then(scope)
        ids = set(kpis.visible_kpis(scope).order_by().values_list("pk", flat=True))
        then = stood_at(ids | goals.followed_kpis(loaded), scope.moment)
        standings = goals.look_back(loaded, then, scope.moment, scope.on)
    else:
        standings = goals.standings_now(scope)
    found = kpis.read_kpis(scope, then)
    month = scope.organisation.fiscal_start_month
    since = first_instant(last_quarters(scope.on, month)[0].start, scope.organisation.zone)
    weekday = scope.organisation.check_in_weekday
    came = weeks.read_came(scope, standings)
    return Picture(
        scope,
        found,
        standings,
        signals.read_signals(scope, since, known.leads, known.member_of),
        weeks.weeks_of_teams(standings, came, scope.on, weekday),
        kpis.count_all(scope) - len(found),
        max(goals.count_all(scope) - len(standings), 0),
        goals.kpis_of_signals(standings),
    )
