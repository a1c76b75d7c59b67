"""A cycle of the whole organisation: every team's objectives in one ledger."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import date
from itertools import groupby
from typing import NamedTuple

from django.core.paginator import Page, Paginator
from django.db.models import Count, Q
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from metrics.figures import confidence, rail, status_mark
from metrics.wording import NO_VALUE, day_near, percent, plural
from objectives.kinds import Health, Level
from objectives.models import Cycle, Objective
from objectives.pages.rows import grade_state, health_mark
from objectives.standing import ObjectiveStanding, TeamStanding, objective_standing, team_standing
from objectives.states import ROLLED_UP, CycleState
from teams.models import Team, User

TEAMS_A_PAGE = 50
_ROW = (
    '<tr role="row" id="team-{}"><th role="rowheader" scope="row"><a href="/teams/{}/" dir="auto">'
    '{}</a></th><td role="cell" class="n num">{}</td><td role="cell" class="wide"><span '
    'class="railrow">{}<span class="num">{}</span></span></td><td role="cell">{}</td>'
    '<td role="cell">{}</td><td role="cell">{}</td></tr>'
)


class CycleRow(NamedTuple):
    """A cycle in the list of cycles."""

    cycle: Cycle
    url: str
    span: str
    state: SafeString
    objectives: str


_STATES = {
    CycleState.PREPARE: "not_started",
    CycleState.ACTIVE: "in_treatment",
    CycleState.CLOSING: "overdue",
    CycleState.CLOSED: "resolved",
}


def cycle_rows(cycles: Iterable[Cycle], user: User, today: date) -> list[CycleRow]:
    """The cycles as printed, with how many objectives the person may see in each."""
    seen = Objective.objects.visible_to(user).filter(state__in=ROLLED_UP)
    counts = dict(seen.values_list("cycle_id").annotate(count=Count("pk")).order_by())
    return [_cycle_row(cycle, counts.get(cycle.pk, 0), today) for cycle in cycles]


def _cycle_row(cycle: Cycle, count: int, today: date) -> CycleRow:
    span = f"{day_near(cycle.starts_on, today)} to {day_near(cycle.ends_on, today)}"
    state = status_mark(
        _STATES[CycleState(cycle.state)], word=cycle.get_state_display().capitalize()
    )
    return CycleRow(cycle, cycle.get_absolute_url(), span, state, plural(count, "objective"))


def cycle_context(cycle: Cycle, user: User, today: date, number: str) -> dict:
    """What `cycle_detail.html` prints: a page of teams with objectives, and the counts of all."""
    seen = Objective.objects.visible_to(user).filter(cycle=cycle, state__in=ROLLED_UP)
    counts = dict(seen.values_list("level").annotate(count=Count("pk")).order_by())
    teams = Team.objects.filter(pk__in=seen.values("team_id")).order_by("name", "pk")
    page = Paginator(teams, TEAMS_A_PAGE).get_page(number)
    standings = _standings(seen, page, today)
    groups = {key: list(of) for key, of in groupby(standings, lambda one: one.objective.team_id)}
    return {
        "cycle": cycle,
        "row": _cycle_row(cycle, sum(counts.values()), today),
        "page": page,
        "total": sum(counts.values()),
        "table": format_html_join("\n", "{}", ((_team_row(team, groups),) for team in page)),
        "company": [_company_row(one) for one in standings if one.objective.level == Level.COMPANY],
    }


def _standings(seen, page: Page, today: date) -> list[ObjectiveStanding]:
    """Where the objectives of the page's teams stand, and the company's own, team by team."""
    rows = seen.filter(Q(team__in=[team.pk for team in page]) | Q(level=Level.COMPANY))
    rows = rows.with_latest().order_by("team_id", "position", "pk")
    return [objective_standing(one, today) for one in rows]


def _company_row(one: ObjectiveStanding) -> dict:
    return {
        "objective": one.objective,
        "status": health_mark(one.health) if one.objective.grade is None else _grade(one),
        "progress": percent(one.progress),
        "rail": rail(one.progress, one.expected),
    }


def _grade(standing: ObjectiveStanding) -> SafeString:
    grade = standing.objective.grade
    return status_mark(grade_state(grade), word=f"Closed, {grade}")


def _team_row(team: Team, groups: dict[int, list[ObjectiveStanding]]) -> SafeString:
    standings = groups.get(team.pk, [])
    total = team_standing(standings)
    lowest = min(
        (one.lowest_confidence for one in standings if one.lowest_confidence is not None),
        default=None,
    )
    return format_html(
        _ROW,
        team.pk,
        team.pk,
        team.name,
        total.count,
        rail(total.progress, total.expected),
        percent(total.progress) if total.progress is not None else NO_VALUE,
        confidence(lowest),
        _counts(standings),
        _worst(total),
    )


def _counts(standings: list[ObjectiveStanding]) -> str:
    """`2 on track, 1 at risk`, worst last."""
    found = Counter(one.health for one in standings)
    return ", ".join(f"{count} {health.label.lower()}" for health, count in found.items())


def _worst(total: TeamStanding) -> SafeString:
    return health_mark(total.health or Health.CLOSED)
