"""Closing an objective, and choosing the target its KPI is watched against afterwards."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from metrics.treatments import Chosen, choose_next_target
from objectives.actions import Changed, NotGraded, close_objective
from objectives.pages.closing_page import closing_context, given_grades
from objectives.pages.next_target_page import next_target_context, treatment_of
from objectives.states import MoveRefused, ObjectiveState
from objectives.views_drafts import get_led
from teams.http import AuthedRequest


@require_http_methods(["GET", "POST"])
def objective_close(request: AuthedRequest, pk: int) -> HttpResponse:
    """Grade every key result and close; 422 with what is missing, nothing closed by half."""
    objective = get_led(request, pk)
    if objective.state == ObjectiveState.CLOSED:
        return redirect(after_close(objective))
    if objective.state != ObjectiveState.ACTIVE:
        raise Http404
    now = timezone.now()
    context = closing_context(objective, now, request.POST or None)
    if request.method == "GET":
        return render(request, "objectives/objective_close.html", context)
    if not all([context["form"].is_valid(), *(row.form.is_valid() for row in context["rows"])]):
        return render(request, "objectives/objective_close.html", context, status=422)
    try:
        closed = close_objective(
            objective,
            grades=given_grades(context["rows"]),
            note=context["form"].cleaned_data["note"],
            version=context["form"].cleaned_data["version"],
            actor=request.user,
            now=now,
        )
    except NotGraded as missing:
        context["problems"] = missing.problems
        return render(request, "objectives/objective_close.html", context, status=422)
    except (Changed, MoveRefused):
        return close_conflict(request, pk)
    messages.success(request, f"Closed with grade {closed.grade}.")
    return redirect(after_close(closed))


def after_close(objective) -> str:
    """Where closing leads: to the next target where a signal was answered, else to the page."""
    page = objective.get_absolute_url()
    return f"{page}next-target/" if treatment_of(objective) is not None else page


def close_conflict(request: AuthedRequest, pk: int) -> HttpResponse:
    """409: the objective changed meanwhile; the grades that were given are kept in the form."""
    fresh = get_led(request, pk)
    if fresh.state != ObjectiveState.ACTIVE:
        messages.warning(request, "Somebody else closed it meanwhile. These are their grades.")
        return redirect(fresh)
    kept = request.POST.copy()
    kept["version"] = str(fresh.version)
    context = closing_context(fresh, timezone.now(), kept) | {"conflict": True}
    return render(request, "objectives/objective_close.html", context, status=409)


@require_http_methods(["GET", "POST"])
def objective_next_target(request: AuthedRequest, pk: int) -> HttpResponse:
    """Keep, tighten or set the KPI's target; the KPI is then watched against it."""
    objective = get_led(request, pk)
    treatment = treatment_of(objective)
    if treatment is None or treatment.ended_at is None:
        raise Http404
    now = timezone.now()
    context = next_target_context(objective, treatment, now, request.POST or None)
    template = "objectives/objective_next_target.html"
    if request.method == "GET":
        return render(request, template, context)
    form = context["form"]
    if not form.is_valid():
        return render(request, template, context, status=422)
    try:
        choose_next_target(
            treatment,
            choice=form.cleaned_data["choice"],
            own=form.own(),
            reason=form.cleaned_data["reason"],
            effective_on=form.cleaned_data["effective_on"],
            actor=request.user,
            now=now,
        )
    except Chosen:
        context = next_target_context(get_led(request, pk), None, now, None)
        return render(request, template, context | {"conflict": True}, status=409)
    except ValueError as problem:
        form.add_error("choice", str(problem))
        return render(request, template, context, status=422)
    messages.success(request, "The KPI is watched against this target from now on.")
    return redirect(objective.signal.kpi)
