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
from metrics.timeliness import Timeliness
from metrics.updates import updates
from metrics.wording import NO_VALUE, percent, plural
from objectives.pages.coach_hints import team_hints
from objectives.pages.team_page import (
    Destination,
    Needs,
    destination,
    held_by,
    needs_of,
    objective_facts,
)
from objectives.pilots import outside_words
from objectives.team_objectives import objective_block
from teams.guards import WRITERS, get_team_and_role, manages_people
from teams.http import AuthedRequest
from teams.models import Membership, Organisation, Team


@require_GET
def team_list(request: AuthedRequest) -> HttpResponse:
    """The teams the person may see, with how many KPIs each has that the person may see."""
    kpis = Kpi.objects.visible_to(request.user).values("team_id").annotate(count=Count("pk"))
    counts = {row["team_id"]: row["count"] for row in kpis.order_by()}
    mine = dict(request.user.memberships.values_list("team_id", "role"))
    teams = (
        Team.objects.visible_to(request.user)
        .in_use()
        .select_related("parent")
        .order_by("name", "pk")
    )
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
    held = held_by(team.pk)
    going = Destination()
    if held.objectives:
        going = destination(team, request.user, role, today, request.GET)
    standings = going.standings
    outside = outside_words(team)
    context = {
        "team": team,
        "may_lead": role == Membership.Role.LEAD,
        "may_manage": manages_people(team, role),
        "actions": _actions(team, role, is_outside=bool(outside)),
        "outside_pilot": outside,
        "rows": rows,
        "table": format_html_join("\n", "{}", ((row.markup,) for row in rows)),
        "quarter": _quarter(team.organisation, today),
        "objectives": [objective_block(one, today, may_write=role in WRITERS) for one in standings],
        "going": going,
        "order": [one.objective.pk for one in standings],
        "needs": _needs(team, role, today, any_of_them=held.dependencies),
        "is_member": role is not None,
        "facts": _facts(rows, team.organisation, today, standings),
        "missing_target": sum(not row.has_target for row in rows),
        "coach": team_hints(
            team,
            role,
            now,
            kpi_names=[row.name for row in rows],
            objectives=[one.objective for one in standings],
            has_history=going.form is not None,
        ),
    }
    return render(request, "objectives/team_detail.html", context)


def _needs(team: Team, role: str | None, today: date, *, any_of_them: bool) -> Needs | None:
    """What its own people see of what it was asked for and asks; None for strangers."""
    if role is None:
        return None
    return needs_of(team, today) if any_of_them else Needs()


def _actions(team: Team, role: str | None, *, is_outside: bool) -> list[dict]:
    """The buttons of the page's head: what this person may do next; `is_outside` of a pilot."""
    base = f"/teams/{team.pk}/"
    upload = {"kind": "", "url": f"{base}imports/", "icon": "database", "label": "Upload a CSV"}
    if role != Membership.Role.LEAD:
        return [upload] if role in WRITERS else []
    found = [
        upload,
        {
            "kind": "quiet",
            "url": f"/start/?team={team.pk}",
            "icon": "scale",
            "label": "Sort an idea",
        },
        {"kind": "", "url": f"{base}kpis/new/", "icon": "plus", "label": "KPI"},
        {"kind": "primary", "url": f"{base}objectives/new/", "icon": "plus", "label": "Objective"},
    ]
    return found[:-1] if is_outside else found


def _quarter(organisation: Organisation, today: date) -> str:
    """The name of the running quarter, which is the cycle's."""
    month = organisation.fiscal_start_month
    return period_label(period_of(today, CadenceKind.QUARTERLY, month), month)


def _facts(rows, organisation: Organisation, today: date, standings) -> list[dict]:
    """The headline numbers in the order they are read: engine, destination, rhythm."""
    on_target, signals, in_time = _kpi_facts(rows, organisation, today)
    return [on_target, signals, *objective_facts(standings), in_time]


def _kpi_facts(rows: list[ScoreRow], organisation: Organisation, today: date) -> list[dict]:
    """Headline numbers of the scorecard: term, value, small, and the line below."""
    tally = counted(rows)
    below = f"{tally['off_target']} off target"
    if tally["stale"]:
        below += f", {tally['stale']} stale"
    return [
        {
            "term": "KPIs on target",
            "value": tally["on_target"],
            "small": f"of {tally['kpis']}",
            "below": below,
        },
        _signal_fact(rows, organisation, today),
        _timeliness_fact(rows, organisation, today),
    ]


def _timeliness_fact(rows: list[ScoreRow], organisation: Organisation, today: date) -> dict:
    """The share of the KPIs whose latest value came before its days of grace were over."""
    found = updates([row.asked for row in rows if row.asked], organisation, today)
    total = sum(found.values())
    on_time = found[Timeliness.ON_TIME]
    return {
        "term": "Updates on time",
        "value": percent(Decimal(on_time) / total)[:-2] if total else NO_VALUE,
        "small": "%" if total else "",
        "below": f"{on_time} of {total} for the last period" if total else "none was due yet",
    }


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
