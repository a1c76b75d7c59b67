"""The team page: how we are (KPIs) and where we are going (objectives); and the list of teams."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from django.db.models import Count
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.html import format_html_join
from django.utils.safestring import SafeString
from django.views.decorators.http import require_GET

from metrics.figures import clock
from metrics.kinds import CadenceKind
from metrics.models import Kpi
from metrics.periods import period_label, period_of
from metrics.scorecard import ScoreRow, counted, scorecard
from metrics.wording import NO_VALUE, percent, plural
from objectives.models import Objective
from objectives.rollup import team_progress
from objectives.standing import ObjectiveStanding, objective_standing
from objectives.team_objectives import objective_block
from teams.guards import WRITERS, get_team_and_role
from teams.http import AuthedRequest
from teams.models import Membership, Organisation, Team


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
    team, role = get_team_and_role(request.user, pk)
    now = timezone.now()
    today = team.organisation.today(now)
    # The same organisation, as the guard saw to it; the shell need not read it again.
    request.user.organisation = team.organisation
    rows = scorecard(team, role, now)
    standings = _standings(team, role, today)
    context = {
        "team": team,
        "may_lead": role == Membership.Role.LEAD,
        "actions": _actions(team, role),
        "rows": rows,
        "table": format_html_join("\n", "{}", ((row.markup,) for row in rows)),
        "quarter": _quarter(team.organisation, today),
        "objectives": [objective_block(one, today) for one in standings],
        "facts": [*_kpi_facts(rows, team.organisation, today), *_objective_facts(standings)],
        "missing_target": sum(not row.has_target for row in rows),
    }
    return render(request, "objectives/team_detail.html", context)


def _actions(team: Team, role: str | None) -> list[dict]:
    """The buttons of the page's head: what this person may do next."""
    base = f"/teams/{team.pk}/"
    upload = {"kind": "", "url": f"{base}imports/", "icon": "database", "label": "Upload a CSV"}
    if role != Membership.Role.LEAD:
        return [upload] if role in WRITERS else []
    return [
        upload,
        {"kind": "", "url": f"{base}kpis/new/", "icon": "plus", "label": "KPI"},
        {"kind": "primary", "url": f"{base}objectives/new/", "icon": "plus", "label": "Objective"},
    ]


def _standings(team: Team, role: str | None, today: date) -> list[ObjectiveStanding]:
    """Where the running objectives stand; a stranger sees no private one."""
    running = Objective.objects.of_team(team.pk).running_on(today)
    if role is None:
        running = running.filter(is_private=False)
    # Most teams have few or none; the query with all parts is put together only if it is needed.
    ids = list(running.values_list("pk", flat=True))
    if not ids:
        return []
    rows = Objective.objects.filter(pk__in=ids).order_by("pk").with_parts()
    return [objective_standing(one, today) for one in rows]


def _quarter(organisation: Organisation, today: date) -> str:
    """The name of the running quarter, which is the cycle's."""
    month = organisation.fiscal_start_month
    return period_label(period_of(today, CadenceKind.QUARTERLY, month), month)


def _kpi_facts(rows: list[ScoreRow], organisation: Organisation, today: date) -> list[dict]:
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
        _signal_fact(rows, organisation, today),
        {
            "term": "Values present",
            "value": NO_VALUE if share is None else percent(share)[:-2],
            "small": "" if share is None else "%",
            "below": f"{tally['with_value']} of {tally['periods']} in the last periods",
        },
    ]


def _signal_fact(rows: list[ScoreRow], organisation: Organisation, today: date) -> dict:
    """How many signals wait for a decision, and how long there is for the first."""
    waiting = [row.undecided for row in rows if row.undecided is not None]
    dated = [signal for signal in waiting if signal.decide_by is not None]
    below: str | SafeString = "" if waiting else "none waits"
    if dated:
        first = min(dated, key=lambda signal: signal.decide_by)
        whole = (first.decide_by - organisation.today(first.opened_at)).days
        below = clock((first.decide_by - today).days, max(whole, 1))
    return {"term": "Signals to decide", "value": len(waiting), "small": "", "below": below}


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
