"""Drafting the OKR that answers a signal."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_POST

from metrics.decisions import Decided
from metrics.kpi_page.history import judged_history
from metrics.models import Signal
from objectives.actions import CycleReplaced, ParentRefused, draft_objective_from_signal
from objectives.models import Objective
from objectives.pages.draft_page import draft_context
from objectives.pages.draft_typed import typed_again
from objectives.pilots import require_in_pilot
from objectives.views_drafts import (
    added,
    ensure_open_cycles,
    hints_response,
    is_complete,
    made_already,
    one_row,
    posted_number,
    publish,
    typed,
)
from objectives.views_signals import get_answerable, signal_response, whole_signals
from teams.http import AuthedRequest


def signal_context(
    request: AuthedRequest, signal: Signal, data: QueryDict, *, is_sent: bool = True
) -> dict:
    """The draft form of the signal page with what was typed."""
    now = timezone.now()
    history = judged_history(signal.kpi, now)
    return draft_context(signal, history, request.user, now, data, is_sent=is_sent)


@require_POST
def signal_draft_row(request: AuthedRequest, pk: int) -> HttpResponse:
    """The form as a button leaves it: one more key result, another kind; nothing is saved."""
    signal = get_answerable(request, pk)
    data = typed_again(request.POST, signal.kpi.team)
    context = signal_context(request, signal, data, is_sent=False)
    return one_row(request, context) or signal_response(
        request, signal, "okr", extra=context | added(request, context)
    )


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
    require_in_pilot(signal.kpi.team)
    ensure_open_cycles(signal.kpi.team.organisation, timezone.now())
    context = signal_context(request, signal, request.POST)
    if not is_complete(context):
        return signal_response(request, signal, "okr", extra=context, status=422)
    draft = typed(context)
    version = context["form"].cleaned_data["version"] or 0
    try:
        objective = draft_objective_from_signal(
            signal, draft, actor=request.user, now=timezone.now(), version=version
        )
    except (ParentRefused, CycleReplaced) as problem:
        context["form"].add_error(problem.field, str(problem))
        return signal_response(request, signal, "okr", extra=context, status=422)
    except Decided:
        return decided_meanwhile(request, signal)
    return made_already(request, objective, draft) or objective


def decided_meanwhile(request: AuthedRequest, signal: Signal) -> HttpResponse:
    """409: the signal was answered otherwise; what was typed is kept, to be saved again."""
    fresh = whole_signals().get(pk=signal.pk)
    kept = request.POST.copy()
    kept["version"] = str(fresh.version)
    extra = signal_context(request, fresh, kept) | {"conflict": True}
    return signal_response(request, fresh, "okr", extra=extra, status=409)
