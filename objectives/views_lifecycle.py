"""Parking, withdrawing, bringing back, copying and ordering objectives."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from objectives.actions import Changed, CycleReplaced
from objectives.actions.copies import copy_objective
from objectives.actions.giving_up import Undecided
from objectives.actions.lifecycle import (
    park_objective,
    restore_objective,
    unpark_objective,
    withdraw_objective,
)
from objectives.actions.ordering import moved, order_objectives
from objectives.forms import ReasonForm
from objectives.models import Objective
from objectives.pages.copy_page import copy_context
from objectives.pages.giving_up import aligned_view
from objectives.pages.withdrawn_page import withdrawn_context
from objectives.pilots import require_in_pilot
from objectives.states import MOVES, MoveRefused, ObjectiveState
from objectives.views_drafts import get_led
from teams.guards import get_visible_or_404, require_lead, require_member
from teams.http import AuthedRequest
from teams.models import Team

PARK = {
    "title": "Put it on the parking list?",
    "verb": "Park",
    "text": "A parked objective is deliberately not for now. It counts nowhere, and you can take it"
    " back any day.",
}
WITHDRAW = {
    "title": "Withdraw the objective?",
    "verb": "Withdraw",
    "text": "It leaves every roll-up and keeps its history. You can bring it back for 30 days.",
}


@require_http_methods(["GET", "POST"])
def objective_park(request: AuthedRequest, pk: int) -> HttpResponse:
    """Put a draft on the parking list, with a reason."""
    return leave(request, pk, ObjectiveState.PARKED, PARK, park_objective)


@require_http_methods(["GET", "POST"])
def objective_withdraw(request: AuthedRequest, pk: int) -> HttpResponse:
    """Give up a draft, a parked or an active objective, with a reason."""
    return leave(request, pk, ObjectiveState.WITHDRAWN, WITHDRAW, withdraw_objective)


def leave(request: AuthedRequest, pk: int, then: str, words: dict, action) -> HttpResponse:
    """Ask for a reason and do it; 404 for an objective that cannot go there."""
    objective = get_led(request, pk)
    if request.method == "POST" and objective.state == then:
        return redirect(objective)
    if (objective.state, then) not in MOVES:
        raise Http404
    if request.method == "GET":
        return leaving_asked(request, objective, words, leaving_form(request, objective, then))
    form = leaving_form(request, objective, then, request.POST)
    if not form.is_valid():
        return leaving_asked(request, objective, words, form, status=422)
    try:
        action(objective, **form.cleaned_data, actor=request.user, now=timezone.now())
    except Undecided:
        # Something was aligned to it since the form was checked: now it asks.
        form = leaving_form(request, objective, then, request.POST)
        return leaving_asked(request, objective, words, form, status=422)
    except (Changed, MoveRefused):
        fresh = get_led(request, pk)
        kept = request.POST.copy()
        kept["version"] = str(fresh.version)
        form = leaving_form(request, fresh, then, kept)
        return leaving_asked(request, fresh, words, form, status=409)
    messages.success(request, "Done. You can undo it on this page.")
    return redirect(objective)


def leaving_form(
    request: AuthedRequest, objective: Objective, then: str, data: QueryDict | None = None
) -> ReasonForm:
    """The form, which asks what becomes of what is aligned to an objective that is withdrawn."""
    is_withdrawn = then == ObjectiveState.WITHDRAWN
    aligned = aligned_view(objective, request.user) if is_withdrawn else None
    fates = aligned.fates if aligned else ()
    return ReasonForm(data, initial={"version": objective.version}, fates=fates)


def leaving_asked(
    request: AuthedRequest,
    objective: Objective,
    words: dict,
    form: ReasonForm,
    *,
    status: int = 200,
) -> HttpResponse:
    """The page with the form; a 409 says how the objective stands now."""
    context = {
        "objective": objective,
        "team": objective.team,
        "form": form,
        "words": words,
        "aligned": aligned_view(objective, request.user) if "fate" in form.fields else None,
        "conflict": status == 409,
    }
    return render(request, "objectives/objective_confirm.html", context, status=status)


@require_POST
def objective_unpark(request: AuthedRequest, pk: int) -> HttpResponse:
    """Take an objective from the parking list back to the drafts."""
    return come_back(request, pk, unpark_objective, "Back among the drafts.")


@require_POST
def objective_restore(request: AuthedRequest, pk: int) -> HttpResponse:
    """Undo a withdrawal within 30 days."""
    return come_back(request, pk, restore_objective, "Brought back as it was.")


def come_back(request: AuthedRequest, pk: int, action, text: str) -> HttpResponse:
    """Do it, or say why it cannot be done."""
    objective = get_led(request, pk)
    version = objective.version
    try:
        action(objective, actor=request.user, now=timezone.now(), version=version)
    except Changed:
        messages.warning(request, "Somebody changed it meanwhile. This is how it stands now.")
    except MoveRefused as problem:
        messages.warning(request, str(problem))
    else:
        messages.success(request, text)
    return redirect(objective)


@require_http_methods(["GET", "POST"])
def objective_copy(request: AuthedRequest, pk: int) -> HttpResponse:
    """Draft the objective again for another cycle, choosing what is carried over."""
    objective = get_led(request, pk)
    require_in_pilot(objective.team)
    now = timezone.now()
    today = objective.team.organisation.today(now)
    context = copy_context(objective, today, request.POST or None)
    template = "objectives/objective_copy.html"
    if request.method == "GET":
        return render(request, template, context)
    form = context["form"]
    if not all([form.is_valid(), *(row.is_valid() for row in context["rows"])]):
        return render(request, template, context, status=422)
    carried = [one for row in context["rows"] if (one := row.carried()) is not None]
    try:
        copy = copy_objective(
            objective, **form.cleaned_data, carried=carried, actor=request.user, now=now
        )
    except (MoveRefused, CycleReplaced) as problem:
        form.add_error("cycle", str(problem))
        return render(request, template, context, status=422)
    messages.success(request, f"Drafted again for {copy.cycle}.")
    return redirect("objectives:objective_edit", copy.pk)


@require_POST
def objective_order(request: AuthedRequest, pk: int) -> HttpResponse:
    """Give a team's objectives the order that was dragged, or move one up or down."""
    team = get_visible_or_404(Team.objects.all(), request.user, pk)
    require_lead(request.user, team)
    ids = [int(one) for one in request.POST.getlist("id") if one.isascii() and one.isdigit()]
    for step, name in ((-1, "up"), (1, "down")):
        one = request.POST.get(name, "")
        if one.isascii() and one.isdigit() and int(one) in ids:
            ids = moved(ids, int(one), step)
    order_objectives(team, ids, actor=request.user, now=timezone.now())
    if request.htmx:
        return HttpResponse(status=204)
    return redirect(f"{team.get_absolute_url()}#dest")


@require_GET
def withdrawn_list(request: AuthedRequest, pk: int) -> HttpResponse:
    """What the team withdrew or deleted in the last 30 days, each with its undo."""
    team = get_visible_or_404(Team.objects.select_related("organisation"), request.user, pk)
    require_member(request.user, team)
    context = withdrawn_context(team, request.user, timezone.now())
    return render(request, "objectives/withdrawn_list.html", context)


def parked_objectives(team: Team, user):
    """The team's parking list as the person may see it."""
    rows = Objective.objects.visible_to(user).of_team(team.pk).filter(state=ObjectiveState.PARKED)
    return rows.select_related("owner")
