"""The library of example KPIs, from which a team takes several at once."""

from __future__ import annotations

from django.contrib import messages
from django.db import IntegrityError
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from metrics.actions.library import take_examples
from metrics.forms_library import LibraryForm
from metrics.library import GROUPS
from metrics.models import Kpi
from teams.guards import get_visible_or_404, require_lead
from teams.http import AuthedRequest
from teams.models import Team


@require_http_methods(["GET", "POST"])
def library(request: AuthedRequest, pk: int) -> HttpResponse:
    """Examples by function; those that are ticked become KPIs of the team, all of them or none."""
    team = get_visible_or_404(Team.objects.select_related("organisation"), request.user, pk)
    require_lead(request.user, team)
    form = _form(request, team)
    if request.method == "GET":
        return _shown(request, team, form)
    if form.is_sent_again():
        return _done(request, team, "They are on the scorecard.")
    if not form.is_valid():
        return _shown(request, team, form, status=422)
    try:
        made = take_examples(team, form.wanted(), actor=request.user, now=timezone.now())
    except IntegrityError:
        form = _form(request, team)
        if form.is_sent_again():
            return _done(request, team, "They are on the scorecard.")
        form.add_error(None, "Somebody added one of these meanwhile. Look and save again.")
        return _shown(request, team, form, status=409)
    words = "1 KPI is" if len(made) == 1 else f"{len(made)} KPIs are"
    return _done(request, team, f"{words} on the scorecard. Each can be edited on its page.")


def _form(request: AuthedRequest, team: Team) -> LibraryForm:
    names = set(Kpi.objects.filter(team=team).values_list("name", flat=True))
    return LibraryForm(request.POST or None, names=names)


def _shown(
    request: AuthedRequest, team: Team, form: LibraryForm, *, status: int = 200
) -> HttpResponse:
    asked = request.GET.get("group", "")
    opened = asked if asked in GROUPS else "" if form.is_bound else next(iter(GROUPS))
    context = {
        "team": team,
        "form": form,
        "groups": form.groups(opened),
        "count": len(form.names),
    }
    return render(request, "metrics/library.html", context, status=status)


def _done(request: AuthedRequest, team: Team, words: str) -> HttpResponse:
    """Back to the guided path for an administrator on it, else to the scorecard."""
    messages.success(request, words)
    on_path = request.user.is_org_admin and team.organisation.first_steps_closed_at is None
    return redirect("/first-steps/" if on_path else team)
