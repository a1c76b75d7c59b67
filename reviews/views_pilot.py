"""An administrator begins with one team in one cycle, looks how it went, and widens."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from objectives.actions.pilots import (
    PilotOver,
    PilotRuns,
    PilotTeamEnded,
    begin_pilot,
    end_pilot,
    widen_pilot,
)
from objectives.models import Pilot
from objectives.pilots import running_pilot
from objectives.views_drafts import ensure_open_cycles
from reviews.forms_pilot import BeginPilotForm, WidenPilotForm
from reviews.pages.pilot_page import pilot_context
from teams.guards import require_admin
from teams.http import AuthedRequest

PAGE = "reviews/pilot.html"
OVER = "The pilot has ended meanwhile: every team writes objectives."


@require_http_methods(["GET", "POST"])
def pilot(request: AuthedRequest) -> HttpResponse:
    """The pilot that runs, or the form that begins one."""
    require_admin(request.user)
    organisation = request.user.organisation
    running = running_pilot(organisation)
    if running is not None:
        if request.method == "POST":
            messages.warning(request, "A pilot runs already. Widen it, or end it first.")
            return redirect("reviews:pilot")
        return _running(request, running, None)
    now = timezone.now()
    ensure_open_cycles(organisation, now)
    form = BeginPilotForm(request.POST or None, admin=request.user, today=organisation.today(now))
    if request.method == "POST" and form.is_valid():
        try:
            begin_pilot(organisation, **form.cleaned_data, actor=request.user, now=now)
        except PilotRuns:
            messages.warning(request, "Somebody began another pilot meanwhile.")
        except PilotTeamEnded:
            messages.warning(request, "The team was archived meanwhile. Choose another one.")
        else:
            messages.success(request, f"{form.cleaned_data['team']} begins. The others wait.")
        return redirect("reviews:pilot")
    status = 422 if request.method == "POST" else 200
    return render(request, PAGE, {"form": form}, status=status)


@require_POST
def pilot_widen(request: AuthedRequest) -> HttpResponse:
    """Take teams in."""
    require_admin(request.user)
    running = running_pilot(request.user.organisation)
    if running is None:
        return _over(request)
    context = pilot_context(running, request.user, _today(request))
    form = WidenPilotForm(request.POST, others=context["others"])
    if not form.is_valid():
        return _running(request, running, form, status=422)
    try:
        widen_pilot(running, form.cleaned_data["teams"], actor=request.user, now=timezone.now())
    except PilotOver:
        return _over(request)
    messages.success(request, "They can write objectives now.")
    return redirect("reviews:pilot")


@require_POST
def pilot_end(request: AuthedRequest) -> HttpResponse:
    """Widen it to all teams."""
    require_admin(request.user)
    running = running_pilot(request.user.organisation)
    if running is not None:
        try:
            end_pilot(running, actor=request.user, now=timezone.now())
        except PilotOver:
            return _over(request)
        messages.success(request, "Every team writes objectives now.")
    return redirect("reviews:pilot")


def _over(request: AuthedRequest) -> HttpResponse:
    messages.warning(request, OVER)
    return redirect("reviews:pilot")


def _today(request: AuthedRequest):
    return request.user.organisation.today(timezone.now())


def _running(
    request: AuthedRequest, running: Pilot, form: WidenPilotForm | None, *, status: int = 200
) -> HttpResponse:
    context = pilot_context(running, request.user, _today(request))
    context["form"] = form or WidenPilotForm(others=context["others"])
    return render(request, PAGE, context, status=status)
