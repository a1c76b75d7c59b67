"""The objective page, and checking in row by row wherever a row stands."""

from __future__ import annotations

import json
from datetime import date

from django.contrib import messages
from django.db.models import QuerySet
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from objectives.actions import Changed, record_check_in
from objectives.actions.check_ins import take_back_check_in
from objectives.forms_check_ins import CheckInForm
from objectives.measuring import load_parts
from objectives.models import CheckIn, KeyResult, Objective
from objectives.pages import check_in_page
from objectives.pages.happenings import meanwhile
from objectives.pages.objective_page import objective_page
from objectives.pages.rows import WEEK
from objectives.pages.week import following, place_of_key_result
from objectives.pages.week_owed import Week
from objectives.standing import KeyResultStanding, follows
from objectives.states import MoveRefused, ObjectiveState
from teams.guards import (
    get_visible_or_404,
    may_write,
    require_member,
    require_writer,
    role_or_404,
)
from teams.http import AuthedRequest, wants_fragment


@require_GET
def objective_detail(request: AuthedRequest, pk: int) -> HttpResponse:
    """One objective: where it stands, its key results, its history."""
    objective = get_visible_or_404(Objective.objects.with_parts(), request.user, pk)
    context = objective_page(objective, request.user, timezone.now())
    return render(request, "objectives/objective_detail.html", context)


def whole_key_results() -> QuerySet[KeyResult]:
    """Key results with what their row reads."""
    rows = KeyResult.objects.with_parts().with_work()
    return rows.select_related("objective__team__organisation", "objective__cycle")


def get_key_result(request: AuthedRequest, pk: int) -> KeyResult:
    """The key result for a person who may check in: 404 when invisible, 403 unless a member."""
    key_result = get_visible_or_404(whole_key_results(), request.user, pk)
    require_member(request.user, key_result.objective.team_id)
    return key_result


def get_typed_key_result(request: AuthedRequest, pk: int) -> KeyResult:
    """As `get_key_result`, in few plain queries: checking in is what people send most often."""
    key_result = typed_key_result(pk)
    objective = key_result.objective
    role = role_or_404(request.user, objective.team, is_private=objective.is_private)
    require_writer(role)
    return key_result


def typed_key_result(pk: int) -> KeyResult:
    """The key result with what a check-in needs; 404 where there is none. Guard it."""
    rows = KeyResult.objects.with_typed().filter(pk=pk).order_by()
    key_result = next(iter(rows), None)
    if key_result is None:
        raise Http404
    load_parts(key_result)
    said = (one for one in key_result.check_ins.all() if one.pk == key_result.latest_id)
    key_result.latest = next(said, None)
    return key_result


def row_at_rest(
    request: AuthedRequest, key_result: KeyResult, *, status: int = 200, notice: str = ""
) -> HttpResponse:
    """The row as Cancel shows it again; `notice` says what did not happen."""
    writes = may_write(request.user, key_result.objective.team_id)
    place = check_in_page.place_of(request.POST, request.GET)
    context = check_in_page.rest_context(key_result, timezone.now(), may_write=writes, place=place)
    context |= {"notice": notice}
    return render(request, "objectives/_kr_row.html", context, status=status)


@require_http_methods(["GET", "POST"])
def check_in(request: AuthedRequest, pk: int) -> HttpResponse:
    """Value, confidence, status and note, in place; the same URL is a page without htmx."""
    key_result = get_typed_key_result(request, pk)
    before = check_in_page.standing_of(key_result, timezone.now())
    form, corrects = bound_form(request, key_result, before)
    if request.method == "GET":
        if key_result.objective.state != ObjectiveState.ACTIVE or key_result.withdrawn_at:
            raise Http404
        return row_edit(request, key_result, form)
    if not form.is_valid():
        return row_edit(request, key_result, form, status=422)
    due_on, version = key_result.next_due_on, key_result.version
    try:
        made = save_check_in(request, key_result, form, before, corrects)
    except Changed:
        return row_conflict(request, pk, form)
    except MoveRefused as problem:
        return row_edit(request, key_result, form, status=409, more={"refused": str(problem)})
    if key_result.version == version:  # the same form again, which changed nothing now
        key_result = typed_key_result(pk)
    else:
        check_in_page.add_check_in(key_result, made)
    return row_saved(request, key_result, made, before, due_on)


@require_POST
def check_in_result(request: AuthedRequest, pk: int) -> HttpResponse:
    """What the typed value would mean and what the confidence asks; nothing is saved."""
    key_result = get_typed_key_result(request, pk)
    now = timezone.now()
    standing = check_in_page.standing_of(key_result, now)
    form, _ = bound_form(request, key_result, standing)
    context = check_in_page.result_context(key_result, standing, form, now)
    return render(request, "objectives/_kr_row_result.html", context | {"live": True})


@require_POST
def check_in_undo(request: AuthedRequest, pk: int) -> HttpResponse:
    """Take back one's own last check-in: one more version, and the row as it stands again."""
    rows = CheckIn.objects.select_related(
        "corrects", "key_result__objective__team__organisation", "key_result__objective__cycle"
    )
    check_in = get_visible_or_404(rows, request.user, pk)
    require_member(request.user, check_in.key_result.objective.team_id)
    version = request.POST.get("version", "")
    try:
        take_back_check_in(
            check_in,
            actor=request.user,
            now=timezone.now(),
            version=int(version) if version.isdecimal() else 0,
        )
    except (Changed, MoveRefused) as problem:
        return undo_refused(request, check_in.key_result_id, problem)
    key_result = get_key_result(request, check_in.key_result_id)
    place = check_in_page.place_of(request.POST)
    if wants_fragment(request):
        response = row_at_rest(request, key_result, notice="Taken back just now")
        if place == WEEK:
            week = Week.of(request.user, timezone.now())
            response.write(following(week, key_result.row_id, None).counter)
        return response
    messages.success(request, "Taken back.")
    return redirect(check_in_page.page_of(place, key_result))


def undo_refused(request: AuthedRequest, pk: int, problem: Exception) -> HttpResponse:
    """409: nothing was taken back; the row shows what stands now and the sentence says why."""
    key_result = get_key_result(request, pk)
    sentence = str(problem)
    if isinstance(problem, Changed):
        found = meanwhile(key_result)
        sentence = f"Not taken back: changed meanwhile by {found.who}, {found.what}."
    if wants_fragment(request):
        return row_at_rest(request, key_result, status=409, notice=sentence)
    messages.warning(request, sentence)
    place = check_in_page.place_of(request.POST)
    return redirect(check_in_page.page_of(place, key_result))


def bound_form(
    request: AuthedRequest, key_result: KeyResult, before: KeyResultStanding
) -> tuple[CheckInForm, CheckIn | None]:
    """The form with what was sent, and the check-in it corrects, if any."""
    wanted = request.POST.get("corrects") or request.GET.get("corrects", "")
    corrects = correctable(request, before, wanted)
    data = request.POST if request.method == "POST" else None
    now = timezone.now()
    return check_in_page.check_in_form(key_result, before, now, data, corrects), corrects


def correctable(request: AuthedRequest, before: KeyResultStanding, wanted: str) -> CheckIn | None:
    """The check-in that is being corrected: one of the person's own that stands."""
    own = (row for row in before.check_ins if row.author_id == request.user.pk)
    return next((row for row in own if wanted == str(row.pk)), None)


def save_check_in(
    request: AuthedRequest,
    key_result: KeyResult,
    form: CheckInForm,
    before: KeyResultStanding,
    corrects: CheckIn | None,
) -> CheckIn:
    """Record what a valid form says."""
    said = form.cleaned_data
    return record_check_in(
        key_result,
        value=before.value if follows(key_result) else said.get("value"),
        confidence=said["confidence"],
        reported=said["reported"],
        note=said["note"],
        token=said["token"],
        version=said["version"],
        due_on=said.get("due_on"),
        milestones=said.get("milestones"),
        author=request.user,
        now=timezone.now(),
        corrects=corrects,
    )


def row_edit(
    request: AuthedRequest, key_result: KeyResult, form, *, status: int = 200, more=None
) -> HttpResponse:
    """The row being edited, or the page that holds only this row."""
    place = check_in_page.place_of(request.POST, request.GET)
    context = check_in_page.edit_context(key_result, form, timezone.now(), place)
    name = "_kr_row_edit.html" if wants_fragment(request) else "check_in_form.html"
    return render(request, f"objectives/{name}", context | (more or {}), status=status)


def row_conflict(request: AuthedRequest, pk: int, form: CheckInForm) -> HttpResponse:
    """409: both values stand in the row; saving again puts the second after the first."""
    key_result = get_key_result(request, pk)
    more = check_in_page.conflict_context(key_result, form)
    return row_edit(request, key_result, form, status=409, more=more)


def row_saved(
    request: AuthedRequest,
    key_result: KeyResult,
    made: CheckIn,
    before: KeyResultStanding,
    due_on: date | None,
) -> HttpResponse:
    """The saved row with the next one to open; without htmx the page the row stands on.

    `due_on` is when it was due. My week counts anew what is left.
    """
    place = check_in_page.place_of(request.POST, request.GET)
    if not wants_fragment(request):
        messages.success(request, "Saved.")
        return redirect(check_in_page.page_of(place, key_result))
    now = timezone.now()
    context = check_in_page.saved_context(key_result, made, before, now, place)
    response = render(request, "objectives/_kr_row.html", context)
    if place == WEEK:
        after = place_of_key_result(key_result, due_on)
        then = following(Week.of(request.user, now), key_result.row_id, after)
        response.write(then.counter)
        upcoming = then.next
    else:
        upcoming = check_in_page.next_owed(place, key_result, request.user, now)
    saved = {"id": key_result.row_id, "next": upcoming}
    response.headers["HX-Trigger"] = json.dumps({"row:saved": saved})
    return response
