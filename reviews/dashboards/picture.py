"""Everything one dashboard tells of, read in a number of queries that no count of rows changes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from metrics.kinds import CadenceKind
from metrics.periods import Period, first_instant, period_of
from objectives.rolled_up import RowFact
from reviews.dashboards import goals, kpis, signals, weeks
from reviews.dashboards.facts import KpiFact, SignalFact
from reviews.dashboards.goals import GoalFact
from reviews.dashboards.kpis import Stood
from reviews.dashboards.kpis_then import stood_at
from reviews.dashboards.scope import Known, Scope
from reviews.dashboards.waiting import DependencyFact, read_dependencies

QUARTERS = 4


@dataclass(frozen=True, slots=True)
class Picture:
    """What the reader may see of a scope; what is hidden is a count.

    `signals` are those open at the moment and those opened in the last quarters, the first to be
    decided first. `weeks` are the last weeks' check-ins by team; `signal_kpis` the KPI of each
    signal that an objective answers. `rows` are the key results that are looked at one by one, and
    `followed` how the KPIs they follow stood at a past moment.
    """

    scope: Scope
    kpis: list[KpiFact]
    goals: list[GoalFact]
    rows: list[RowFact]
    signals: list[SignalFact]
    dependencies: list[DependencyFact]
    weeks: dict[int, list[weeks.WeekFact]]
    hidden_kpis: int
    hidden_objectives: int
    signal_kpis: dict[int, int]
    followed: dict[int, Stood]

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
    """Read it: about a dozen queries, however many teams there are."""
    then, followed = stood_then(scope) if scope.is_past else (None, {})
    found = goals.read_goals(scope, followed)
    facts = kpis.read_kpis(scope, then)
    month = scope.organisation.fiscal_start_month
    since = first_instant(last_quarters(scope.on, month)[0].start, scope.organisation.zone)
    return Picture(
        scope,
        facts,
        found.facts,
        found.rows,
        signals.read_signals(scope, since, known.leads, known.member_of),
        read_dependencies(scope),
        weeks.weeks_of_teams(found.facts, weeks.read_came(scope), scope),
        kpis.count_all(scope) - len(facts),
        max(goals.count_all(scope) - len(found.facts), 0),
        goals.kpis_of_signals(found.facts),
        followed,
    )


def stood_then(scope: Scope) -> tuple[dict[int, Stood], dict[int, Stood]]:
    """How the KPIs in scope stood at the moment, and those of them and others that are followed."""
    ids = set(kpis.visible_kpis(scope).order_by().values_list("pk", flat=True))
    followed = goals.followed_kpis(scope)
    found = stood_at(ids | followed, scope.moment)
    return found, {pk: one for pk, one in found.items() if pk in followed}
