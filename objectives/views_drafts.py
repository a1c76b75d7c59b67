"""Drafting an objective: a new one of a team, editing and publishing one that is saved."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from uuid import uuid4

from django.contrib import messages
from django.db.models import QuerySet
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from metrics.decisions import Decided
from metrics.models import Kpi
from objectives.actions import (
    Changed,
    CycleReplaced,
    ObjectiveDraft,
    ParentRefused,
    PublishRefused,
    create_objective,
    differences,
    edit_draft,
    ensure_cycles,
    publish_objective,
    stored_draft,
)
from objectives.models import Cycle, Objective
from objectives.pages.draft_page import edit_context, new_context, row_context, typed_context
from objectives.pages.draft_typed import FIELD, typed_again
from objectives.pilots import require_in_pilot
from objectives.states import LIVE, OPEN_CYCLES, MoveRefused, ObjectiveState
from teams.guards import get_visible_or_404, require_lead
from teams.http import AuthedRequest, wants_fragment
from teams.models import Organisation, Team

PAGE = "objectives/objective_form.html"


def whole_objectives() -> QuerySet[Objective]:
    """Objectives with what their pages read."""
    return Objective.objects.with_parts().select_related(
        "signal__kpi__team__organisation", "parent_objective__cycle", "parent_key_result__objective"
    )


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


def get_led_team(request: AuthedRequest, pk: int) -> Team:
    """The team for a person who leads it: 404 when invisible, else 403."""
    team = get_visible_or_404(Team.objects.select_related("organisation"), request.user, pk)
    require_lead(request.user, team)
    return team


def get_writing_team(request: AuthedRequest, pk: int) -> Team:
    """The same for a new objective: 403 too while a pilot runs without the team."""
    team = get_led_team(request, pk)
    require_in_pilot(team)
    return team


def ensure_open_cycles(organisation: Organisation, now: datetime) -> None:
    """Make the cycles of an organisation that has none to draft for yet."""
    if not Cycle.objects.of(organisation).filter(state__in=OPEN_CYCLES).exists():
        ensure_cycles(organisation, now)


def is_complete(context: dict) -> bool:
    """Both forms are valid and what the coach asks a reason for has one; each is asked, so that
    every mistake shows at once."""
    valid = [context["form"].is_valid(), context["formset"].is_valid()]
    return all([*valid, not context["hints"].unexplained])


def typed(context: dict) -> ObjectiveDraft:
    """The draft as it was typed."""
    rows, hints = context["formset"].drafts(), context["hints"]
    draft = context["form"].draft(rows, is_private=context.get("is_private_kpi", False))
    return replace(draft, kept=hints.kept, initiatives=hints.initiatives)


def hints_response(request: AuthedRequest, team: Team, kpi, *, is_sent: bool) -> HttpResponse:
    """The hints beside the field that is typed in; 422 for a field that the form has not."""
    context = typed_context(team, kpi, timezone.now(), request.POST, is_sent=is_sent)
    if context is None:
        return HttpResponse(status=422)
    return render(request, "objectives/_draft_hints_typed.html", context)


def one_row(request: AuthedRequest, context: dict) -> HttpResponse | None:
    """The row that htmx asked for alone; None where the page is wanted."""
    name = request.POST.get(FIELD, "")
    if not (name and wants_fragment(request)):
        return None
    row = row_context(context, name)
    if row is None:
        return HttpResponse(status=422)
    return render(request, "objectives/_draft_row_typed.html", context | row)


def added(request: AuthedRequest, context: dict) -> dict:
    """What says that a key result was added: a word, and the cursor in it."""
    if "add" not in request.POST:
        return {}
    context["rows"][-1]["form"].fields["title"].widget.attrs["autofocus"] = True
    return {"is_unsaved": True}


def posted_number(request: AuthedRequest, name: str) -> int:
    """A version that came with a form; 0, which no row has, when it is missing or no number."""
    text = request.POST.get(name, "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0


# -- a new one ----------------------------------------------------------------------------------


def new_response(request: AuthedRequest, team: Team, context: dict, **more) -> HttpResponse:
    """The page of an objective that is not saved yet."""
    status = more.pop("status", 200)
    context |= {"objective": None, "team": team, **more}
    return render(request, PAGE, context, status=status)


@require_http_methods(["GET", "POST"])
def objective_create(request: AuthedRequest, pk: int) -> HttpResponse:
    """A new objective of a team; the same form sent again leads to the draft that is there."""
    team = get_writing_team(request, pk)
    now = timezone.now()
    if request.method == "GET":
        context = new_context(team, request.user, now, given=request.GET)
        return new_response(request, team, context)
    ensure_open_cycles(team.organisation, now)
    context = new_context(team, request.user, now, request.POST)
    if not is_complete(context):
        return new_response(request, team, context, status=422)
    draft, token = typed(context), context["form"].cleaned_data["token"]
    try:
        objective = create_objective(team, draft, actor=request.user, now=now, token=token)
    except (ParentRefused, CycleReplaced) as problem:
        context["form"].add_error(problem.field, str(problem))
        return new_response(request, team, context, status=422)
    if (conflict := made_already(request, objective, draft)) is not None:
        return conflict
    messages.success(request, "Draft saved.")
    return redirect("objectives:objective_edit", objective.pk)


@require_POST
def objective_create_row(request: AuthedRequest, pk: int) -> HttpResponse:
    """The form as a button leaves it: one more key result, another kind; nothing is saved."""
    team = get_writing_team(request, pk)
    data = typed_again(request.POST, team)
    context = new_context(team, request.user, timezone.now(), data, is_sent=False)
    return one_row(request, context) or new_response(
        request, team, context, **added(request, context)
    )


@require_POST
def objective_create_hints(request: AuthedRequest, pk: int) -> HttpResponse:
    """The hints while a new objective of a team is typed; nothing is saved."""
    return hints_response(request, get_writing_team(request, pk), None, is_sent=False)


def made_already(
    request: AuthedRequest, objective: Objective, draft: ObjectiveDraft
) -> HttpResponse | None:
    """409 where the draft was made before and says otherwise than what was typed; else None."""
    if not differences(stored_draft(objective), draft):
        return None
    fresh = whole_objectives().get(pk=objective.pk)
    if fresh.state == ObjectiveState.DRAFT:
        return conflict_response(request, fresh, draft)
    return gone_response(request, fresh, draft)


# -- a draft that is saved ----------------------------------------------------------------------


def draft_response(
    request: AuthedRequest, objective: Objective, context: dict, **more
) -> HttpResponse:
    """The page of a draft with its form."""
    status = more.pop("status", 200)
    context |= {"objective": objective, "team": objective.team, **more}
    return render(request, PAGE, context, status=status)


def conflict_response(
    request: AuthedRequest, fresh: Objective, draft: ObjectiveDraft
) -> HttpResponse:
    """409: what is saved and what was typed side by side; saving again keeps what was typed."""
    kept = request.POST.copy()
    kept["version"] = str(fresh.version)
    context = edit_context(fresh, request.user, timezone.now(), kept)
    both = differences(stored_draft(fresh), draft)
    return draft_response(request, fresh, context, conflict=True, both=both, status=409)


def gone_response(
    request: AuthedRequest, fresh: Objective, draft: ObjectiveDraft | None
) -> HttpResponse:
    """409: it is no draft any more; what was typed can still become a new one."""
    kept = request.POST.copy()
    kept["token"] = str(uuid4())
    context = new_context(fresh.team, request.user, timezone.now(), kept, is_sent=False)
    both = differences(stored_draft(fresh), draft) if draft else []
    return new_response(request, fresh.team, context, gone=fresh, both=both, status=409)


def ended_meanwhile(request: AuthedRequest, objective: Objective) -> HttpResponse:
    """The answer to a form of what is no draft any more: its page if that says the same."""
    context = edit_context(objective, request.user, timezone.now(), request.POST)
    draft = typed(context) if is_complete(context) else None
    if draft is not None and not differences(stored_draft(objective), draft):
        return redirect(objective)
    return gone_response(request, objective, draft)


@require_http_methods(["GET", "POST"])
def objective_edit(request: AuthedRequest, pk: int) -> HttpResponse:
    """Change a draft; 409 with what was typed when somebody else changed it meanwhile."""
    if request.method == "GET":
        objective = get_draft(request, pk)
        context = edit_context(objective, request.user, timezone.now())
        return draft_response(request, objective, context)
    objective = get_led(request, pk)
    if objective.state != ObjectiveState.DRAFT:
        return ended_meanwhile(request, objective)
    result = save_draft(request, objective)
    if isinstance(result, HttpResponse):
        return result
    messages.success(request, "Draft saved.")
    return redirect("objectives:objective_edit", pk)


@require_POST
def objective_row(request: AuthedRequest, pk: int) -> HttpResponse:
    """The form as a button leaves it: one more key result, another kind; nothing is saved."""
    objective = get_draft(request, pk)
    data = typed_again(request.POST, objective.team)
    context = edit_context(objective, request.user, timezone.now(), data, is_sent=False)
    return one_row(request, context) or draft_response(
        request, objective, context, **added(request, context)
    )


@require_POST
def objective_hints(request: AuthedRequest, pk: int) -> HttpResponse:
    """The hints while a saved draft is typed in; nothing is saved."""
    objective = get_draft(request, pk)
    return hints_response(request, objective.team, kpi_answered(objective), is_sent=True)


def kpi_answered(objective: Objective) -> Kpi | None:
    """The KPI whose signal the objective answers."""
    return objective.signal.kpi if objective.signal_id else None


@require_POST
def objective_publish(request: AuthedRequest, pk: int) -> HttpResponse:
    """Publish a draft, with the changes that were typed if its form was sent."""
    objective = get_led(request, pk)
    is_form = "kr-TOTAL_FORMS" in request.POST
    if is_form and objective.state != ObjectiveState.DRAFT:
        return ended_meanwhile(request, objective)
    if objective.state not in LIVE:
        raise Http404
    if is_form:
        result = save_draft(request, objective)
        if isinstance(result, HttpResponse):
            return result
        objective = result
    if objective.state == ObjectiveState.ACTIVE:
        return redirect(objective)
    return publish(request, objective, signal_version=posted_number(request, "signal_version"))


def publish(request: AuthedRequest, objective: Objective, *, signal_version: int) -> HttpResponse:
    """Publish a draft and go to its page; the form again where something is missing."""
    if objective.state == ObjectiveState.DRAFT:
        context = edit_context(objective, request.user, timezone.now())
        if context["hints"].unexplained:
            context["hints"] = replace(context["hints"], is_asked=True)
            return draft_response(request, objective, context, status=422)
    try:
        publish_objective(
            objective,
            actor=request.user,
            now=timezone.now(),
            version=objective.version,
            signal_version=signal_version,
        )
    except PublishRefused as problem:
        messages.warning(request, f"Saved, not published. {problem}")
        return redirect("objectives:objective_edit", objective.pk)
    except (Changed, Decided, MoveRefused):
        if Objective.objects.active().filter(pk=objective.pk).exists():
            return redirect(objective)
        text = "The signal was answered otherwise meanwhile. Nothing was published."
        messages.warning(request, text)
        return redirect("objectives:objective_edit", objective.pk)
    shown = "Published. The KPI shows that it is being addressed."
    messages.success(request, shown if objective.signal_id else "Published.")
    return redirect(objective)


def save_draft(request: AuthedRequest, objective: Objective) -> Objective | HttpResponse:
    """The draft as it was typed, or the page to answer with."""
    now = timezone.now()
    context = edit_context(objective, request.user, now, request.POST)
    if not is_complete(context):
        return draft_response(request, objective, context, status=422)
    draft = typed(context)
    version = context["form"].cleaned_data["version"] or 0
    try:
        return edit_draft(objective, draft, actor=request.user, now=now, version=version)
    except (Changed, MoveRefused):
        fresh = whole_objectives().get(pk=objective.pk)
        return made_already(request, fresh, draft) or fresh
    except (ParentRefused, CycleReplaced) as problem:
        context["form"].add_error(problem.field, str(problem))
        return draft_response(request, objective, context, status=422)
