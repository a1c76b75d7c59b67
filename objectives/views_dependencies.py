"""Asking another team for something, and answering."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from objectives.actions import Changed
from objectives.actions.dependencies import answer_dependency, ask_for, take_back
from objectives.forms_dependencies import AnswerForm, DependencyForm
from objectives.models import Dependency
from objectives.pages.dependency_page import dependency_view
from objectives.states import ENDED, DependencyState, MoveRefused
from objectives.views_drafts import get_led
from teams.guards import get_visible_or_404, may_lead, require_lead
from teams.http import AuthedRequest


@require_http_methods(["GET", "POST"])
def dependency_create(request: AuthedRequest, pk: int) -> HttpResponse:
    """Ask another team for something the objective needs."""
    objective = get_led(request, pk)
    if objective.state in ENDED:
        raise Http404
    now = timezone.now()
    today = objective.team.organisation.today(now)
    fields = {"user": request.user, "team": objective.team, "today": today}
    form = DependencyForm(request.POST or None, **fields)
    context = {"objective": objective, "team": objective.team, "form": form}
    template = "objectives/dependency_form.html"
    if request.method == "GET":
        return render(request, template, context)
    if form.is_valid():
        try:
            made = ask_for(objective, **form.cleaned_data, actor=request.user, now=now)
        except MoveRefused as problem:
            form.add_error(None, str(problem))
        else:
            messages.success(request, f"Asked. The leads of {made.team} are told.")
            return redirect(f"/dependencies/{made.pk}/")
    return render(request, template, context, status=422)


def whole_dependencies():
    """Dependencies with what their page reads."""
    return Dependency.objects.select_related(
        "objective__team__organisation", "objective__cycle", "team", "asked_by", "answered_by"
    )


@require_GET
def dependency_detail(request: AuthedRequest, pk: int) -> HttpResponse:
    """What is asked, by whom, and the answer; leads of the asked team answer here."""
    dependency = get_visible_or_404(whole_dependencies(), request.user, pk)
    return page(request, dependency)


def page(
    request: AuthedRequest,
    dependency: Dependency,
    form: AnswerForm | None = None,
    status: int = 200,
) -> HttpResponse:
    """The page of one dependency, with a form for those who may answer."""
    now = timezone.now()
    today = dependency.objective.team.organisation.today(now)
    is_open = dependency.state != DependencyState.WITHDRAWN
    answers = is_open and may_lead(request.user, dependency.team)
    asks = is_open and may_lead(request.user, dependency.objective.team)
    context = {
        "view": dependency_view(dependency, today),
        "dependency": dependency,
        "form": form or AnswerForm(initial={"version": dependency.version}),
        "answers": answers,
        "asks": asks,
        "conflict": status == 409,
    }
    return render(request, "objectives/dependency_detail.html", context, status=status)


@require_POST
def dependency_answer(request: AuthedRequest, pk: int) -> HttpResponse:
    """Confirm or decline; 409 with what was typed when somebody else answered meanwhile."""
    dependency = get_visible_or_404(whole_dependencies(), request.user, pk)
    require_lead(request.user, dependency.team)
    form = AnswerForm(request.POST)
    if not form.is_valid():
        return page(request, dependency, form, 422)
    data = form.cleaned_data
    try:
        answer_dependency(
            dependency,
            confirmed=data["answer"] == "confirm",
            reason=data["reason"],
            version=data["version"],
            actor=request.user,
            now=timezone.now(),
        )
    except (Changed, MoveRefused):
        fresh = whole_dependencies().get(pk=pk)
        kept = request.POST.copy()
        kept["version"] = str(fresh.version)
        return page(request, fresh, AnswerForm(kept), 409)
    messages.success(request, "Answered. Those who asked are told.")
    return redirect(f"/dependencies/{pk}/")


@require_POST
def dependency_take_back(request: AuthedRequest, pk: int) -> HttpResponse:
    """Take the question back."""
    dependency = get_visible_or_404(whole_dependencies(), request.user, pk)
    require_lead(request.user, dependency.objective.team)
    try:
        take_back(dependency, actor=request.user, now=timezone.now(), version=dependency.version)
    except (Changed, MoveRefused):
        messages.warning(request, "It was answered meanwhile. This is how it stands now.")
    else:
        messages.success(request, "Taken back.")
    return redirect(f"/dependencies/{pk}/")
