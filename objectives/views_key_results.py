"""The key result page, revising what a key result goes for, withdrawing it and bringing it back."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from objectives.actions import Changed
from objectives.actions.giving_up import Undecided
from objectives.actions.key_results import (
    restore_key_result,
    revise_key_result,
    withdraw_key_result,
)
from objectives.forms_key_results import RevisionForm, WithdrawalForm
from objectives.models import KeyResult
from objectives.pages import check_in_page
from objectives.pages.giving_up import aligned_view
from objectives.pages.happenings import meanwhile
from objectives.pages.key_result_page import aim_words, evidence, key_result_page
from objectives.states import MoveRefused, ObjectiveState
from objectives.views import row_at_rest, whole_key_results
from teams.guards import get_visible_or_404, may_write, require_lead
from teams.http import AuthedRequest, wants_fragment


@require_GET
def key_result_detail(request: AuthedRequest, pk: int) -> HttpResponse:
    """One key result; for htmx its row at rest, as Cancel shows it again."""
    key_result = get_visible_or_404(whole_key_results(), request.user, pk)
    if wants_fragment(request):
        return row_at_rest(request, key_result)
    return key_result_shown(request, key_result)


def key_result_shown(
    request: AuthedRequest, key_result: KeyResult, more: dict | None = None, *, status: int = 200
) -> HttpResponse:
    """The whole page; `more` replaces a part of its context, as an open form does."""
    context = key_result_page(key_result, request.user, timezone.now()) | (more or {})
    return render(request, "objectives/key_result_detail.html", context, status=status)


@require_GET
def key_result_evidence(request: AuthedRequest, pk: int) -> HttpResponse:
    """The chart and the check-ins alone, fetched again after one was saved; without htmx all."""
    key_result = get_visible_or_404(whole_key_results(), request.user, pk)
    if not wants_fragment(request):
        return redirect(key_result)
    now = timezone.now()
    standing = check_in_page.standing_of(key_result, now)
    writes = may_write(request.user, key_result.objective.team_id)
    writes = writes and key_result.objective.state == ObjectiveState.ACTIVE
    context = evidence(key_result, standing, request.user, now, may_write=writes)
    return render(request, "objectives/_key_result_evidence.html", context)


def get_running(request: AuthedRequest, pk: int) -> KeyResult:
    """A key result of an active objective for its lead; 404 once the objective has ended."""
    key_result = get_visible_or_404(whole_key_results(), request.user, pk)
    require_lead(request.user, key_result.objective.team_id)
    if key_result.objective.state != ObjectiveState.ACTIVE:
        raise Http404
    return key_result


@require_http_methods(["GET", "POST"])
def key_result_revise(request: AuthedRequest, pk: int) -> HttpResponse:
    """Change what a running key result goes for, with a reason; the old figures are kept."""
    key_result = get_running(request, pk)
    if key_result.withdrawn_at is not None:
        raise Http404
    form = RevisionForm(request.POST or None, key_result=key_result)
    if request.method == "GET":
        return revision_asked(request, key_result, form)
    if not form.is_valid():
        return revision_asked(request, key_result, form, status=422)
    try:
        revise_key_result(
            key_result,
            form.aim(),
            reason=form.cleaned_data["reason"],
            actor=request.user,
            now=timezone.now(),
            version=form.cleaned_data["version"],
        )
    except (Changed, MoveRefused):
        fresh = get_visible_or_404(whole_key_results(), request.user, pk)
        again = RevisionForm(with_version(request, fresh), key_result=fresh)
        return revision_asked(request, fresh, again, status=409)
    messages.success(request, "Revised. What it went for before stands beside it.")
    return redirect(key_result)


def revision_asked(
    request: AuthedRequest, key_result: KeyResult, form: RevisionForm, *, status: int = 200
) -> HttpResponse:
    """The form that revises; after a conflict with what somebody else did meanwhile."""
    today = check_in_page.today_of(key_result, timezone.now())
    context = {
        "key_result": key_result,
        "objective": key_result.objective,
        "form": form,
        "now": aim_words(key_result, key_result.objective.cycle.ends_on, today),
        "conflict": meanwhile(key_result) if status == 409 else None,
    }
    return render(request, "objectives/key_result_revise.html", context, status=status)


@require_http_methods(["GET", "POST"])
def key_result_withdraw(request: AuthedRequest, pk: int) -> HttpResponse:
    """Take a key result out of every roll-up, with a reason."""
    key_result = get_running(request, pk)
    if key_result.withdrawn_at is not None:
        return redirect(key_result)
    if request.method == "GET":
        return withdrawal_asked(request, key_result)
    form = withdrawal_form(request, key_result, request.POST)
    if not form.is_valid():
        return withdrawal_asked(request, key_result, form, status=422)
    try:
        withdraw_key_result(key_result, **form.cleaned_data, actor=request.user, now=timezone.now())
    except Undecided:
        # Something was aligned to it since the form was checked: now it asks.
        form = withdrawal_form(request, key_result, request.POST)
        return withdrawal_asked(request, key_result, form, status=422)
    except (Changed, MoveRefused):
        fresh = get_visible_or_404(whole_key_results(), request.user, pk)
        form = withdrawal_form(request, fresh, with_version(request, fresh))
        return withdrawal_asked(request, fresh, form, status=409)
    messages.success(request, "Withdrawn. You can bring it back for 30 days.")
    return redirect(key_result)


def withdrawal_form(request: AuthedRequest, key_result: KeyResult, data=None) -> WithdrawalForm:
    """The form, which asks what becomes of what is aligned to the key result."""
    aligned = aligned_view(key_result, request.user)
    fates = aligned.fates if aligned else ()
    return WithdrawalForm(data, initial={"version": key_result.version}, fates=fates)


def withdrawal_asked(
    request: AuthedRequest,
    key_result: KeyResult,
    form: WithdrawalForm | None = None,
    *,
    status: int = 200,
) -> HttpResponse:
    """The page with the form; after a conflict with what somebody else did meanwhile."""
    context = {
        "key_result": key_result,
        "objective": key_result.objective,
        "form": form or withdrawal_form(request, key_result),
        "aligned": aligned_view(key_result, request.user),
        "conflict": meanwhile(key_result) if status == 409 else None,
    }
    return render(request, "objectives/key_result_withdraw.html", context, status=status)


def with_version(request: AuthedRequest, key_result: KeyResult):
    """What was typed, ready to be sent again on top of what stands now."""
    kept = request.POST.copy()
    kept["version"] = str(key_result.version)
    return kept


@require_POST
def key_result_restore(request: AuthedRequest, pk: int) -> HttpResponse:
    """Bring a withdrawn key result back within 30 days."""
    key_result = get_visible_or_404(whole_key_results(), request.user, pk)
    require_lead(request.user, key_result.objective.team_id)
    version = key_result.version
    try:
        restore_key_result(key_result, actor=request.user, now=timezone.now(), version=version)
    except Changed:
        messages.warning(request, "Somebody changed it meanwhile. This is how it stands now.")
    except MoveRefused as problem:
        messages.warning(request, str(problem))
    else:
        messages.success(request, "Brought back; it counts again.")
    return redirect(key_result)
