"""A picture with what is worked out from it once, for the page and for its downloads."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cached_property

from metrics.standpoint import OFF
from reviews.dashboards import conflicts, coverage, early, gaps, headline, heat, links
from reviews.dashboards.facts import KpiFact, SignalFact
from reviews.dashboards.goals import GoalFact
from reviews.dashboards.picture import Picture, last_quarters
from reviews.dashboards.scope import TeamFact
from reviews.forms_dashboard import HEALTHS, KPI_STATES
from reviews.pages.dashboard_engine import worst_first
from reviews.pages.dashboard_goals import furthest_behind

_KPI_STATES = frozenset(state for state, _ in KPI_STATES)
_HEALTHS = frozenset(health for health, _ in HEALTHS)


class Board:
    """A picture with what is worked out from it once: by id, linked, in the order of the page."""

    def __init__(self, picture: Picture, status: str = "") -> None:
        self.picture, self.scope, self.status = picture, picture.scope, status
        self.kpi_of = {one.pk: one for one in picture.kpis}
        self.team_names = {one.pk: one.name for one in self.scope.visible}
        self.leads = {one.pk: one.leads for one in self.scope.visible}

    @cached_property
    def links(self) -> dict[int, list[links.Link]]:
        """The objectives tied to each KPI."""
        return links.links_of_kpis(self.picture.goals, self.picture.rows, self.picture.signal_kpis)

    @cached_property
    def open_by_kpi(self) -> dict[int, SignalFact]:
        """The open signal of each KPI."""
        return {one.kpi_id: one for one in self.picture.open_signals}

    @cached_property
    def kpis(self) -> list[KpiFact]:
        """The KPIs of the wall, off target first; those of the status that was chosen."""
        found = worst_first(self.picture.kpis)
        if self.status in _KPI_STATES:
            found = [one for one in found if one.state == self.status]
        return found

    @cached_property
    def goals(self) -> list[GoalFact]:
        """The objectives, furthest behind first; those of the status that was chosen."""
        found = furthest_behind(self.picture.goals)
        if self.status in _HEALTHS or self.status == "stale":
            found = [one for one in found if one.health == self.status]
        return found

    @cached_property
    def gaps(self) -> list[gaps.Gap]:
        """What nobody looks after."""
        of_kpis = self.open_by_kpi.items()
        answered = {pk for pk, one in of_kpis if one.decision and not one.was_treated}
        return gaps.gaps(
            self.scope.in_use(),
            self.picture.kpis,
            self.picture.goals,
            self.picture.rows,
            self.links,
            answered,
            self.scope.on,
            self.scope.organisation.today,
        )

    @cached_property
    def still_off(self) -> list[SignalFact]:
        """The open signals of KPIs off target whose OKR is closed and that nothing else answers."""
        return [
            one
            for one in self.open_by_kpi.values()
            if one.was_treated
            and (kpi := self.kpi_of.get(one.kpi_id)) is not None
            and kpi.state == OFF
            and not gaps.is_being_fixed(self.links.get(kpi.pk, ()))
        ]

    @cached_property
    def conflicts(self) -> list[conflicts.Conflict]:
        """Key results and KPIs that contradict each other."""
        goals = {one.pk: one for one in self.picture.goals}
        return conflicts.conflicts(goals, self.picture.rows, self.kpi_of)

    @cached_property
    def tradeoffs(self) -> list[conflicts.Tradeoff]:
        """Pairs of counter-metrics of which one is won at the other's cost."""
        return conflicts.tradeoffs(self.picture.kpis)

    @cached_property
    def warned(self) -> list[early.Warned]:
        """The KPIs whose line crosses their target within the cycle."""
        if self.scope.cycle is None:
            return []
        month = self.scope.organisation.fiscal_start_month
        return early.warnings(self.picture.kpis, self.scope.cycle.ends_on, month)

    @cached_property
    def covers(self) -> list[coverage.Cover]:
        """How many KPIs watch each side of the work."""
        return coverage.coverage(self.picture.kpis)

    @cached_property
    def speed(self) -> list[headline.Speed]:
        """How fast signals were answered, by the quarter they opened in."""
        quarters = last_quarters(self.scope.on, self.scope.organisation.fiscal_start_month)
        return headline.speed(self.picture.signals, quarters, self.scope.organisation.zone)

    @cached_property
    def teams(self) -> list[TeamFact]:
        """The teams of the map: those in use, and ended ones of which it still tells."""
        told = {one.team_id for one in self.picture.kpis}
        told |= {one.team_id for one in self.picture.goals}
        in_use = set(self.scope.in_use())
        return [one for one in self.scope.teams if one in in_use or one.pk in told]

    def heat(self, teams: Iterable[TeamFact]) -> list[heat.HeatRow]:
        """The rows of the heat map of some teams."""
        one = self.picture
        return heat.heat_rows(teams, one.kpis, one.goals, one.signals, one.weeks)

    @cached_property
    def top(self) -> headline.Headline:
        """The headline figures."""
        weeks = [week for of_team in self.picture.weeks.values() for week in of_team]
        picture = self.picture
        return headline.headline(picture.kpis, picture.goals, picture.signals, weeks, self.scope.on)
