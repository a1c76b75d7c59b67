"""What a public scorecard shows: figures of a cycle, no person, no way into the app.

Whatever is private, itself or by its team, is in the count of what is hidden and nowhere else.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from django.core.paginator import Page, Paginator
from django.db.models import Q, QuerySet
from django.utils.safestring import SafeString

from metrics.figures import rail, status_mark
from metrics.models import Kpi
from metrics.periods import period_of, period_short_label
from metrics.wording import day_year, percent, quantity
from objectives.models import Objective
from objectives.pages.objective_page import objective_mark
from objectives.standing import objective_standing
from objectives.states import ROLLED_UP
from reviews.dashboards.facts import KpiFact
from reviews.dashboards.kpis import facts_of
from reviews.dashboards.kpis_then import stood_at
from reviews.dashboards.scope import end_of
from reviews.models import ScorecardLink
from reviews.pages.dashboard_engine import target_text
from teams.models import Team

TEAMS_A_PAGE = 50


class KpiLine(NamedTuple):
    """A KPI on the last day of the cycle, or today while it runs."""

    name: str
    value: str
    period: str
    target: str
    status: SafeString


class ObjectiveLine(NamedTuple):
    """An objective with its progress, or its grade once it is closed."""

    title: str
    progress: str
    rail: SafeString
    status: SafeString


@dataclass(frozen=True, slots=True)
class TeamBlock:
    """What is public of a team."""

    name: str
    kpis: list[KpiLine]
    objectives: list[ObjectiveLine]


def _of(link: ScorecardLink, rows: QuerySet) -> QuerySet:
    """The rows of the link's team, or of every team of its organisation."""
    if link.team_id is None:
        return rows.filter(team__organisation=link.organisation_id)
    return rows.filter(team=link.team_id)


def public_context(link: ScorecardLink, today: date, number: str) -> dict:
    """What `scorecard_public.html` prints; as many queries at any number of teams."""
    cycle = link.cycle
    kpis = _of(link, Kpi.objects.filter(starts_on__lte=cycle.ends_on)).order_by()
    if cycle.ends_on < today:
        kpis = kpis.filter(created_at__lte=end_of(cycle.ends_on, link.organisation))
    objectives = _of(link, Objective.objects.filter(cycle=cycle, state__in=ROLLED_UP)).order_by()
    is_open = Q(is_private=False, team__is_private=False)
    shown_kpis, shown_objectives = kpis.filter(is_open), objectives.filter(is_open)
    teams = Team.objects.filter(
        Q(pk__in=shown_kpis.values("team_id")) | Q(pk__in=shown_objectives.values("team_id"))
    )
    page = Paginator(teams.order_by("name", "pk"), TEAMS_A_PAGE).get_page(number)
    is_named = link.team is not None and not link.team.is_private
    return {
        "name": link.team.name if is_named else link.organisation.name,
        "organisation_name": link.organisation.name if is_named else "",
        "cycle": cycle,
        "span": f"{day_year(cycle.starts_on)} to {day_year(cycle.ends_on)}",
        "as_of": day_year(min(today, cycle.ends_on)),
        "blocks": _blocks(link, page, shown_kpis, shown_objectives, today),
        "names_teams": link.team_id is None,
        "page": page,
        "hidden": kpis.exclude(is_open).count() + objectives.exclude(is_open).count(),
    }


def _blocks(
    link: ScorecardLink, page: Page, kpis: QuerySet, objectives: QuerySet, today: date
) -> Iterable[TeamBlock]:
    teams = list(page)
    keys = [one.pk for one in teams]
    of_kpis, of_objectives = defaultdict(list), defaultdict(list)
    for kpi in _kpi_facts(link, kpis.filter(team__in=keys), today):
        line = kpi_line(kpi, link.organisation.fiscal_start_month)
        of_kpis[kpi.team_id].append(line)
    going = objectives.filter(team__in=keys).with_latest().order_by("team_id", "position", "pk")
    for objective in going:
        of_objectives[objective.team_id].append(_objective_line(objective, today))
    return [TeamBlock(one.name, of_kpis[one.pk], of_objectives[one.pk]) for one in teams]


def _kpi_facts(link: ScorecardLink, kpis: QuerySet, today: date) -> list[KpiFact]:
    """The KPIs as the dashboard tells of them: of today, or of the last day of an ended cycle."""
    on, then = today, None
    if link.cycle.ends_on < today:
        on = link.cycle.ends_on
        ids = set(kpis.values_list("pk", flat=True))
        then = stood_at(ids, end_of(on, link.organisation))
    return facts_of(kpis, link.organisation, on, then)


def kpi_line(kpi: KpiFact, fiscal_start_month: int) -> KpiLine:
    """Its status with the last value known, whichever period that is of."""
    last = next((one for one in reversed(kpi.history) if one.value is not None), None)
    period = ""
    if last is not None and kpi.kind:
        of_last = period_of(last.on, kpi.kind, fiscal_start_month)
        period = period_short_label(of_last, fiscal_start_month)
    return KpiLine(
        kpi.name,
        quantity(kpi.latest, kpi.unit),
        period,
        target_text(kpi),
        status_mark(kpi.state, kpi.age),
    )


def _objective_line(objective: Objective, today: date) -> ObjectiveLine:
    standing = objective_standing(objective, today)
    return ObjectiveLine(
        objective.title,
        percent(standing.progress),
        rail(standing.progress, standing.expected),
        objective_mark(standing),
    )
