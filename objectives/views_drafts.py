"""Drafting an OKR: from a signal, or for a team; editing, publishing and giving up a draft."""

from __future__ import annotations

from django.contrib import messages
from django.db.models import QuerySet
from django.http import Http404, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from metrics.decisions import Decided
from metrics.kpi_page.history import judged_history
from metrics.models import Signal
from objectives.actions import (
    Changed,
    NothingToPublish,
    create_objective,
    draft_objective_from_signal,
    edit_draft,
    publish_objective,
)
from objectives.models import Objective
from objectives.pages.draft_page import draft_context, edit_context, new_context, typed_context
from objectives.states import LIVE, MoveRefused, ObjectiveState
from objectives.views_signals import get_answerable, signal_response, whole_signals
from teams.guards import get_visible_or_404, require_lead
from teams.http import AuthedRequest
from teams.models import Team

MOST_ROWS = 12


def whole_objectives() -> QuerySet[Objective]:
    """Objectives with what their pages read."""
    return Objective.objects.with_parts().select_related("signal__kpi__team__organisation")


def get_led(request: AuthedRequest, pk: int) -> Objective:
    """The objective for a person who leads its team: 404 when invisible, else 403."""
    objective = get_visible_or_404(whole_objectives(), request.user, pk)
    require_lead(request.user, objective.team_id)
    return objective


def get_draft(request: AuthedRequest, pk: int) -> Objective:
    """The same for a draft; 404 once it is published, since there is no draft any more."""
    objective = get_led(request, pk)
    if objective.state != ObjectiveState.DRAFT:
        raise Http404
    return objective


def one_more_row(data: QueryDict) -> QueryDict:
    """What was typed, with room for one more key result."""
    wider = data.copy()
    count = data.get("kr-TOTAL_FORMS", "")
    known = int(count) if count.isascii() and count.isdigit() and len(count) < 4 else 0
    wider["kr-TOTAL_FORMS"] = str(min(known + 1, MOST_ROWS))
    wider.setdefault("kr-INITIAL_FORMS", "0")
    return wider


def is_complete(context: dict) -> bool:
    """Both forms are valid; each is asked, so that every mistake shows at once."""
    return all([context["form"].is_valid(), context["formset"].is_valid()])


def typed(context: dict, *, kpi, is_private: bool):
    """The draft as it was typed."""
    rows = context["formset"].drafts(kpi)
    return context["form"].draft(rows, is_private=is_private)


def hints_response(request: AuthedRequest, team: Team, kpi, *, is_sent: bool) -> HttpResponse:
    """The hints beside the field that is typed in; 422 for a field that the form has not."""
    context = typed_context(team, kpi, timezone.now(), request.POST, is_sent=is_sent)
    if context is None:
        return HttpResponse(status=422)
    return render(request, "objectives/_draft_hints_typed.html", context)


# -- from a signal ------------------------------------------------------------------------------


def signal_context(
    request: AuthedRequest, signal: Signal, data: QueryDict, *, is_sent: bool = True
) -> dict:
    """The draft form of the signal page with what was typed."""
    now = timezone.now()
    history = judged_history(signal.kpi, now)
    return draft_context(signal, history, request.user, now, data, is_sent=is_sent)


@require_POST
def signal_draft_row(request: AuthedRequest, pk: int) -> HttpResponse:
    """One more key result in the form; nothing is saved."""
    signal = get_answerable(request, pk)
    context = signal_context(request, signal, one_more_row(request.POST), is_sent=False)
    return signal_response(request, signal, "okr", extra=context | {"is_unsaved": True})


@require_POST
def signal_draft_hints(request: AuthedRequest, pk: int) -> HttpResponse:
    """The hints while the draft of a signal is typed; nothing is saved."""
    kpi = get_answerable(request, pk).kpi
    return hints_response(request, kpi.team, kpi, is_sent=False)


@require_POST
def signal_draft(request: AuthedRequest, pk: int) -> HttpResponse:
    """Save the draft that answers the signal; the same again leads to the one that is there."""
    signal = get_answerable(request, pk)
    result = save_signal_draft(request, signal)
    if isinstance(result, HttpResponse):
        return result
    messages.success(request, "Draft saved. Publish it to answer the signal.")
    return redirect("objectives:objective_edit", result.pk)


@require_POST
def signal_publish(request: AuthedRequest, pk: int) -> HttpResponse:
    """Save the draft, publish it and answer the signal with it, in one step."""
    signal = get_answerable(request, pk)
    result = save_signal_draft(request, signal)
    if isinstance(result, HttpResponse):
        return result
    return publish(request, result, signal_version=posted_number(request, "version"))


def save_signal_draft(request: AuthedRequest, signal: Signal) -> Objective | HttpResponse:
    """The draft, or the page to answer with: 422 or 409 with what was typed."""
    waiting = Objective.objects.live().filter(signal=signal).first()
    if waiting is not None:
        return waiting
    context = signal_context(request, signal, request.POST)
    if not is_complete(context):
        return signal_response(request, signal, "okr", extra=context, status=422)
    draft = typed(context, kpi=signal.kpi, is_private=signal.kpi.is_private)
    version = context["form"].cleaned_data["version"] or 0
    try:
        return draft_objective_from_signal(
            signal, draft, actor=request.user, now=timezone.now(), version=version
        )
    except Decided:
        fresh = whole_signals().get(pk=signal.pk)
        kept = request.POST.copy()
        kept["version"] = str(fresh.version)
        extra = signal_context(request, fresh, kept) | {"conflict": True}
        return signal_response(request, fresh, "okr", extra=extra, status=409)


def posted_number(request: AuthedRequest, name: str) -> int:
    """A version that came with a form; 0, which no row has, when it is missing or no number."""
    text = request.POST.get(name, "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0


def publish(request: AuthedRequest, objective: Objective, *, signal_version: int) -> HttpResponse:
    """Publish a draft and go to its page; the form again where something is missing."""
    try:
        publish_objective(
            objective,
            actor=request.user,
            now=timezone.now(),
            version=objective.version,
            signal_version=signal_version,
        )
    except NothingToPublish as problem:
        messages.warning(request, str(problem))
        return redirect("objectives:objective_edit", objective.pk)
    except (Changed, Decided, MoveRefused):
        if Objective.objects.active().filter(pk=objective.pk).exists():
            return redirect(objective)
        text = "The signal was answered otherwise meanwhile. Nothing was published."
        messages.warning(request, text)
        return redirect("objectives:objective_edit", objective.pk)
    messages.success(request, "Published. The KPI shows that it is being addressed.")
    return redirect(objective)


# -- a draft that is saved ----------------------------------------------------------------------


def draft_response(
    request: AuthedRequest, objective: Objective, data: QueryDict | None = None, **more
) -> HttpResponse:
    """The page of a draft with its form."""
    context = edit_context(objective, timezone.now(), data)
    status = more.pop("status", 200)
    context |= {"objective": objective, "team": objective.team, **more}
    return render(request, "objectives/objective_form.html", context, status=status)


@require_http_methods(["GET", "POST"])
def objective_edit(request: AuthedRequest, pk: int) -> HttpResponse:
    """Change a draft; 409 with what was typed when somebody else changed it meanwhile."""
    objective = get_draft(request, pk)
    if request.method == "GET":
        return draft_response(request, objective)
    result = save_draft(request, objective)
    if isinstance(result, HttpResponse):
        return result
    messages.success(request, "Draft saved.")
    return redirect("objectives:objective_edit", pk)


@require_POST
def objective_row(request: AuthedRequest, pk: int) -> HttpResponse:
    """One more key result in the form of a draft; nothing is saved."""
    objective = get_draft(request, pk)
    return draft_response(request, objective, one_more_row(request.POST), is_unsaved=True)


@require_POST
def objective_hints(request: AuthedRequest, pk: int) -> HttpResponse:
    """The hints while a saved draft is typed in; nothing is saved."""
    objective = get_draft(request, pk)
    kpi = objective.signal.kpi if objective.signal_id else None
    return hints_response(request, objective.team, kpi, is_sent=True)


@require_POST
def objective_publish(request: AuthedRequest, pk: int) -> HttpResponse:
    """Publish a draft, with the changes that were typed if its form was sent."""
    objective = get_led(request, pk)
    if objective.state not in LIVE:
        raise Http404
    if objective.state == ObjectiveState.ACTIVE:
        return redirect(objective)
    if "kr-TOTAL_FORMS" in request.POST:
        result = save_draft(request, objective)
        if isinstance(result, HttpResponse):
            return result
        objective = result
    return publish(request, objective, signal_version=posted_number(request, "signal_version"))


def save_draft(request: AuthedRequest, objective: Objective) -> Objective | HttpResponse:
    """The draft as it was typed, or the page to answer with."""
    now = timezone.now()
    kpi = objective.signal.kpi if objective.signal_id else None
    context = edit_context(objective, now, request.POST)
    if not is_complete(context):
        return draft_response(request, objective, request.POST, status=422)
    draft = typed(context, kpi=kpi, is_private=objective.is_private)
    version = context["form"].cleaned_data["version"] or 0
    try:
        return edit_draft(objective, draft, actor=request.user, now=now, version=version)
    except Changed:
        fresh = whole_objectives().get(pk=objective.pk)
        kept = request.POST.copy()
        kept["version"] = str(fresh.version)
        return draft_response(request, fresh, kept, conflict=True, status=409)
    except MoveRefused:
        return redirect(objective)


@require_http_methods(["GET", "POST"])
def objective_create(request: AuthedRequest, pk: int) -> HttpResponse:
    """A new objective of a team that answers no signal."""
    team = get_visible_or_404(Team.objects.select_related("organisation"), request.user, pk)
    require_lead(request.user, team)
    now = timezone.now()
    context = new_context(team, request.user, now, request.POST or None)
    context |= {"objective": None, "team": team}
    if request.method == "GET":
        return render(request, "objectives/objective_form.html", context)
    if not is_complete(context):
        return render(request, "objectives/objective_form.html", context, status=422)
    draft = typed(context, kpi=None, is_private=False)
    objective = create_objective(team, draft, actor=request.user, now=now)
    messages.success(request, "Draft saved.")
    return redirect("objectives:objective_edit", objective.pk)


@require_POST
def objective_create_hints(request: AuthedRequest, pk: int) -> HttpResponse:
    """The hints while a new objective of a team is typed; nothing is saved."""
    team = get_visible_or_404(Team.objects.select_related("organisation"), request.user, pk)
    require_lead(request.user, team)
    return hints_response(request, team, None, is_sent=False)
