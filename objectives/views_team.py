"""The team page: how we are (KPIs) and where we are going (objectives); and the list of teams."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal

from django.db.models import Count
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.html import format_html_join
from django.views.decorators.http import require_GET

from metrics.figures import clock
from metrics.models import Kpi, Signal
from metrics.scorecard import ScoreRow, counted, scorecard
from metrics.wording import NO_VALUE, percent, plural
from objectives.models import Cycle, Objective
from objectives.rollup import team_progress
from objectives.standing import ObjectiveStanding, objective_standing
from objectives.team_objectives import objective_block
from teams.guards import get_visible_or_404, role_in
from teams.http import AuthedRequest
from teams.models import Membership, Team, User

DECIDE_DAYS = 21


@require_GET
def team_list(request: AuthedRequest) -> HttpResponse:
    """The teams the person may see, with how many KPIs each has that the person may see."""
    kpis = Kpi.objects.visible_to(request.user).values("team_id").annotate(count=Count("pk"))
    counts = {row["team_id"]: row["count"] for row in kpis.order_by()}
    mine = dict(request.user.memberships.values_list("team_id", "role"))
    teams = Team.objects.visible_to(request.user).select_related("parent").order_by("name", "pk")
    rows = [
        {
            "team": team,
            "kpis": plural(counts[team.pk], "KPI") if team.pk in counts else "no KPI yet",
            "role": Membership.Role(mine[team.pk]).label if team.pk in mine else "",
            "parent": team.parent.name if team.parent and not team.parent.is_private else "",
        }
        for team in teams
    ]
    return render(request, "objectives/team_list.html", {"rows": rows})


@require_GET
def team_detail(request: AuthedRequest, pk: int) -> HttpResponse:
    """One team: facts, its scorecard, and the objectives of the running cycle."""
    teams = Team.objects.select_related("organisation")
    team = get_visible_or_404(teams, request.user, pk)
    now = timezone.now()
    today = team.organisation.today(now)
    role = role_in(request.user, team)
    rows = scorecard(team, request.user, now)
    cycle = Cycle.objects.of(team.organisation).containing(today).first()
    standings = _standings(team, request.user, today)
    context = {
        "team": team,
        "may_lead": role == Membership.Role.LEAD,
        "actions": _actions(team, role),
        "rows": rows,
        "table": format_html_join("\n", "{}", ((row.markup,) for row in rows)),
        "cycle": cycle,
        "objectives": [objective_block(one, today) for one in standings],
        "facts": [*_kpi_facts(rows, team, request.user, now), *_objective_facts(standings)],
        "missing_target": sum(not row.has_target for row in rows),
    }
    return render(request, "objectives/team_detail.html", context)


def _actions(team: Team, role: str | None) -> list[dict]:
    """The buttons of the page's head: what this person may do next."""
    if role != Membership.Role.LEAD:
        return []
    base = f"/teams/{team.pk}/"
    return [
        {"kind": "", "url": f"{base}kpis/new/", "icon": "plus", "label": "KPI"},
        {"kind": "primary", "url": f"{base}objectives/new/", "icon": "plus", "label": "Objective"},
    ]


def _standings(team: Team, user: User, today: date) -> list[ObjectiveStanding]:
    objectives = Objective.objects.of_team(team.pk).visible_to(user).running_on(today)
    return [objective_standing(one, today) for one in objectives.with_parts()]


def _kpi_facts(rows: list[ScoreRow], team: Team, user: User, now: datetime) -> list[dict]:
    """Headline numbers of the scorecard: term, value, small, and the line below."""
    tally = counted(rows)
    below = f"{tally['off_target']} off target"
    if tally["stale"]:
        below += f", {tally['stale']} stale"
    share = Decimal(tally["with_value"]) / tally["periods"] if tally["periods"] else None
    return [
        {
            "term": "KPIs on target",
            "value": tally["on_target"],
            "small": f"of {tally['kpis']}",
            "below": below,
        },
        _signal_fact(team, user, now),
        {
            "term": "Values present",
            "value": NO_VALUE if share is None else percent(share)[:-2],
            "small": "" if share is None else "%",
            "below": f"{tally['with_value']} of {tally['periods']} in the last periods",
        },
    ]


def _signal_fact(team: Team, user: User, now: datetime) -> dict:
    """How many signals wait for a decision, and how long there is for the first."""
    waiting = Signal.objects.visible_to(user).undecided(now).filter(kpi__team=team)
    found = list(waiting.values_list("decide_by", "opened_at").order_by("decide_by"))
    below = "none waits"
    if found and found[0][0] is not None:
        decide_by, opened_at = found[0]
        organisation = team.organisation
        left = (decide_by - organisation.today(now)).days
        total = (decide_by - organisation.today(opened_at)) or timedelta(days=DECIDE_DAYS)
        below = clock(left, max(total.days, 1))
    return {"term": "Signals to decide", "value": len(found), "small": "", "below": below}


def _objective_facts(standings: list[ObjectiveStanding]) -> list[dict]:
    """Mean progress and the lowest confidence; nothing without objectives."""
    if not standings:
        return []
    progress = team_progress([one.progress for one in standings])
    expected = team_progress([one.expected for one in standings if one.progress is not None])
    found = [
        {
            "term": "Objectives, progress",
            "value": NO_VALUE if progress is None else percent(progress)[:-2],
            "small": "" if progress is None else "%",
            "below": f"{percent(expected)} expected today" if expected is not None else "no data",
        }
    ]
    said = [
        (row.confidence, row.key_result.title)
        for one in standings
        for row in one.key_results
        if row.confidence is not None and row.key_result.withdrawn_at is None
    ]
    if said:
        lowest, title = min(said)
        found.append({"term": "Lowest confidence", "value": lowest, "small": "/10", "below": title})
    return found
