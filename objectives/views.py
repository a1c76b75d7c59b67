"""The objective page and checking in, row by row."""

from __future__ import annotations

import json

from django.contrib import messages
from django.db.models import QuerySet
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods

from objectives.actions import Changed, record_check_in
from objectives.models import CheckIn, KeyResult
from objectives.pages import check_in_page
from objectives.pages.objective_page import objective_page
from objectives.standing import follows
from objectives.states import MoveRefused, ObjectiveState
from objectives.views_drafts import whole_objectives
from teams.guards import get_visible_or_404, may_write, require_member
from teams.http import AuthedRequest, wants_fragment


@require_GET
def objective_detail(request: AuthedRequest, pk: int) -> HttpResponse:
    """One objective: where it stands, its key results, its history."""
    objective = get_visible_or_404(whole_objectives(), request.user, pk)
    context = objective_page(objective, request.user, timezone.now())
    return render(request, "objectives/objective_detail.html", context)


def whole_key_results() -> QuerySet[KeyResult]:
    """Key results with what their row reads."""
    return KeyResult.objects.with_parts().select_related(
        "objective__team__organisation", "objective__cycle"
    )


def get_key_result(request: AuthedRequest, pk: int) -> KeyResult:
    """The key result for a person who may check in: 404 when invisible, 403 unless a member."""
    key_result = get_visible_or_404(whole_key_results(), request.user, pk)
    require_member(request.user, key_result.objective.team_id)
    return key_result


@require_GET
def key_result_row(request: AuthedRequest, pk: int) -> HttpResponse:
    """The row at rest, as Cancel shows it again; without htmx the objective's page."""
    key_result = get_visible_or_404(whole_key_results(), request.user, pk)
    if not wants_fragment(request):
        return redirect(f"{key_result.objective.get_absolute_url()}#{key_result.row_id}")
    writes = may_write(request.user, key_result.objective.team_id)
    context = check_in_page.rest_context(key_result, timezone.now(), may_write=writes)
    return render(request, "objectives/_kr_row.html", context)


@require_http_methods(["GET", "POST"])
def check_in(request: AuthedRequest, pk: int) -> HttpResponse:
    """Value, confidence and note, in place; the same URL is a page without htmx."""
    key_result = get_key_result(request, pk)
    now = timezone.now()
    if key_result.objective.state != ObjectiveState.ACTIVE or key_result.withdrawn_at:
        raise Http404
    before = check_in_page.standing_of(key_result, now)
    wanted = request.POST.get("corrects") or request.GET.get("corrects", "")
    corrects = correctable(request, before, wanted)
    data = request.POST if request.method == "POST" else None
    form = check_in_page.check_in_form(key_result, before, data, corrects)
    if request.method == "GET":
        return row_edit(request, key_result, form)
    if not form.is_valid():
        return row_edit(request, key_result, form, status=422)
    try:
        made = record_check_in(
            key_result,
            value=before.value if follows(key_result) else form.cleaned_data["value"],
            confidence=form.cleaned_data["confidence"],
            note=form.cleaned_data["note"],
            token=form.cleaned_data["token"],
            version=form.cleaned_data["version"],
            author=request.user,
            now=now,
            corrects=corrects,
        )
    except Changed:
        return row_conflict(request, pk, form)
    except MoveRefused as problem:
        messages.warning(request, str(problem))
        return redirect(key_result.objective)
    return row_saved(request, pk, made, before)


def correctable(request: AuthedRequest, before, wanted: str) -> CheckIn | None:
    """The check-in that is being corrected: only the person's own, and only the latest."""
    last = before.last
    is_own = last is not None and last.author_id == request.user.pk
    return last if is_own and wanted == str(last.pk) else None


def row_edit(
    request: AuthedRequest, key_result: KeyResult, form, *, status: int = 200, more=None
) -> HttpResponse:
    """The row being edited, or the page that holds only this row."""
    context = check_in_page.edit_context(key_result, form, timezone.now()) | (more or {})
    name = "_kr_row_edit.html" if wants_fragment(request) else "check_in_form.html"
    return render(request, f"objectives/{name}", context, status=status)


def row_conflict(request: AuthedRequest, pk: int, form) -> HttpResponse:
    """409: both values stand in the row; saving again keeps the second."""
    key_result = get_key_result(request, pk)
    more = check_in_page.conflict_context(key_result, form, timezone.now())
    return row_edit(request, key_result, form, status=409, more=more)


def row_saved(request: AuthedRequest, pk: int, made: CheckIn, before) -> HttpResponse:
    """The saved row with the next one to open; without htmx the objective's page."""
    key_result = get_key_result(request, pk)
    objective = key_result.objective
    if not wants_fragment(request):
        messages.success(request, "Saved.")
        return redirect(f"{objective.get_absolute_url()}#{key_result.row_id}")
    context = check_in_page.saved_context(key_result, made, before, timezone.now())
    response = render(request, "objectives/_kr_row.html", context)
    following = check_in_page.next_row(objective, key_result)
    saved = {"id": key_result.row_id, "next": following}
    response.headers["HX-Trigger"] = json.dumps({"row:saved": saved})
    return response
