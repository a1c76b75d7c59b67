"""Who is in a team: changed by its leads; and the way back into a private team nobody is in."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods

from teams.actions import LastLead, TeamIsLed, change_members, name_lead
from teams.forms_members import LeadForm, MembersForm
from teams.guards import get_managed_team, require_admin
from teams.http import AuthedRequest
from teams.models import Team
from teams.views_audit import history_of_members


@require_http_methods(["GET", "POST"])
def team_people(request: AuthedRequest, pk: int) -> HttpResponse:
    """The roles in a team, changed by who leads it."""
    team = get_managed_team(request.user, pk)
    form = MembersForm(request.POST or None, team=team)
    if request.method == "POST" and form.is_valid():
        try:
            change_members(team, form.roles(), by=request.user)
        except LastLead as problem:
            form.add_error(form.name_of(problem.person), str(problem))
        else:
            messages.success(request, f"The people of {team} are saved.")
            return redirect(_place_after(request, team))
    context = {"team": team, "form": form} | history_of_members(request, pk)
    status = 422 if request.method == "POST" else 200
    return render(request, "teams/team_people.html", context, status=status)


def _place_after(request: AuthedRequest, team: Team) -> str:
    """Here again; or where somebody who gave up the lead, or left, can still read."""
    if team.memberships.filter(user=request.user, role="lead").exists():
        return f"/teams/{team.pk}/people/"
    is_seen = Team.objects.visible_to(request.user).filter(pk=team.pk).exists()
    return team.get_absolute_url() if is_seen else "/teams/"


@require_http_methods(["GET", "POST"])
def team_lead(request: AuthedRequest, pk: int) -> HttpResponse:
    """Name who leads a private team that nobody is in any more; it stays unnamed here."""
    require_admin(request.user)
    abandoned = Team.objects.abandoned().filter(organisation=request.user.organisation_id)
    team = get_object_or_404(abandoned, pk=pk)
    form = LeadForm(request.POST or None, admin=request.user)
    if request.method == "POST" and form.is_valid():
        person = form.cleaned_data["person"]
        try:
            name_lead(team, person, reason=form.cleaned_data["reason"], by=request.user)
        except TeamIsLed:
            messages.info(request, f"Private team {pk} has a lead meanwhile. Nothing was changed.")
        else:
            messages.success(request, f"{person} leads private team {pk} from now on.")
        return redirect("teams:tree")
    status = 422 if request.method == "POST" else 200
    return render(request, "teams/team_lead.html", {"number": pk, "form": form}, status=status)
