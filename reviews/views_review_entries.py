"""What people enter in a review, one piece at a time: 422 in place, 409 with both values."""

from __future__ import annotations

import json
from datetime import datetime
from typing import NamedTuple

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from objectives import grading
from objectives.actions import Changed
from objectives.models import KeyResult, Objective
from objectives.standing import key_result_standing
from objectives.states import ROLLED_UP, ObjectiveState
from reviews.actions import meeting
from reviews.actions.entries import NEXT, WORDS, ReviewClosed, decide, give_grade
from reviews.forms_reviews import ActionForm, GradeForm, LearningForm, NextForm, WordsForm
from reviews.kinds import Decision, ReviewKind
from reviews.models import GivenGrade, Learning, ObjectiveDecision, Review, ReviewAction
from reviews.pages.review_page import review_context
from reviews.pages.review_parts import Typed
from reviews.views_reviews import PAGE, get_review
from teams.guards import require_writer
from teams.http import AuthedRequest, wants_fragment

CHANGED = json.dumps({"review:changed": {}})


class Asked(NamedTuple):
    """Who enters something in which review, and when."""

    request: AuthedRequest
    review: Review
    role: str
    now: datetime


def get_written(request: AuthedRequest, pk: int) -> Asked:
    """The review for a person who may write in it: 404 when invisible, 403 for readers."""
    review, role = get_review(request, pk)
    require_writer(role)
    return Asked(request, review, role, timezone.now())


def get_graded(request: AuthedRequest, pk: int) -> Asked:
    """The same for a review that grades; 404 for the other looks."""
    asked = get_written(request, pk)
    if asked.review.kind != ReviewKind.QUARTERLY:
        raise Http404
    return asked


def reviewed(asked: Asked) -> dict:
    """Which objectives a review looks at, as a filter."""
    review = asked.review
    return {"team": review.team_id, "cycle": review.cycle_id, "state__in": ROLLED_UP}


def shown(asked: Asked, template: str, name: str, root: str, typed: Typed | None = None):
    """One piece as a fragment, or the whole page with it; without htmx back to its place."""
    status = 200 if typed is None else 409 if typed.theirs else 422
    if typed is None and not wants_fragment(asked.request):
        return redirect(f"{asked.review.get_absolute_url()}#{root}")
    is_piece = wants_fragment(asked.request)
    context = review_context(
        asked.review, asked.role, asked.now, typed=typed, with_kpis=not is_piece
    )
    if not is_piece:
        return render(asked.request, PAGE, context, status=status)
    part = next(part for part in parts_of(context, name) if part.root == root)
    response = render(asked.request, template, context | {"part": part}, status=status)
    if typed is None:
        response.headers["HX-Trigger-After-Settle"] = CHANGED
    return response


def parts_of(context: dict, name: str):
    """The pieces of one kind on a page."""
    for view in context["objectives"]:
        if name == "grades":
            yield from view.grades
        elif getattr(view, name) is not None:
            yield getattr(view, name)


def closed_meanwhile(asked: Asked, typed: str) -> HttpResponse:
    """409: the review was closed first; what was typed is shown, to be copied."""
    context = {"review": asked.review, "typed": typed}
    name = "_review_closed.html" if wants_fragment(asked.request) else "review_closed.html"
    response = render(asked.request, f"reviews/{name}", context, status=409)
    if wants_fragment(asked.request):
        response.headers["HX-Retarget"] = "#review-pulse"
        response.headers["HX-Reswap"] = "outerHTML"
    return response


def said_in(sent: QueryDict) -> str:
    """What a person typed, for a page that can no longer keep it."""
    names = ("grade", "reason", "decision", "note", "why_again", "explanation", "root_cause")
    texts = [sent.get(name, "").strip() for name in (*names, "text", "what")]
    return " · ".join(text for text in texts if text)


@require_http_methods(["GET", "POST"])
def review_grade(request: AuthedRequest, pk: int, key_result_pk: int) -> HttpResponse:
    """Grade one key result or leave it out; GET is its row as it stands."""
    asked = get_graded(request, pk)
    rows = KeyResult.objects.with_parts().select_related(
        "objective__cycle", "objective__team__organisation"
    )
    key_result = get_object_or_404(
        rows,
        pk=key_result_pk,
        withdrawn_at=None,
        objective__state=ObjectiveState.ACTIVE,
        objective__team=asked.review.team_id,
        objective__cycle=asked.review.cycle_id,
    )
    root = f"grade-{key_result.pk}"
    piece = (asked, "reviews/_review_grade.html", "grades", root)
    if not asked.review.is_open:
        return closed_meanwhile(asked, said_in(request.POST))
    if request.method == "GET":
        return shown(*piece)
    today = asked.review.team.organisation.today(asked.now)
    standing = key_result_standing(key_result, key_result.objective, today)
    form = GradeForm(request.POST, suggested=grading.suggested(standing.final_ratio))
    if not form.is_valid():
        return shown(*piece, Typed(root, form, is_sent="save" in request.POST))
    try:
        give_grade(
            asked.review,
            key_result,
            form.given(),
            actor=request.user,
            now=asked.now,
            version=form.cleaned_data["version"] or 0,
        )
    except Changed as problem:
        return shown(*piece, Typed(root, form, grade_words(problem.current)))
    except ReviewClosed:
        return closed_meanwhile(asked, said_in(request.POST))
    return shown(*piece)


def grade_words(row: GivenGrade) -> str:
    """What somebody else decided of a key result."""
    what = "left it out" if row.is_left_out else f"graded it {row.grade:.1f}"
    return f"{row.changed_by} {what}{f': {row.reason}' if row.reason else ''}"


@require_http_methods(["GET", "POST"])
def review_words(request: AuthedRequest, pk: int, objective_pk: int) -> HttpResponse:
    """What kept an objective from 1.0 and its root cause."""
    return _said(request, pk, objective_pk, "words")


@require_http_methods(["GET", "POST"])
def review_next(request: AuthedRequest, pk: int, objective_pk: int) -> HttpResponse:
    """Keep, modify or drop an objective."""
    return _said(request, pk, objective_pk, "next")


# The form, its fields, and where the page holds the piece.
_PIECES = {
    "words": (WordsForm, WORDS, "words"),
    "next": (NextForm, NEXT, "after"),
}


def _said(request: AuthedRequest, pk: int, objective_pk: int, kind: str) -> HttpResponse:
    asked = get_graded(request, pk)
    objective = get_object_or_404(Objective, pk=objective_pk, **reviewed(asked))
    make_form, names, attribute = _PIECES[kind]
    root = f"{kind}-{objective.pk}"
    piece = (asked, f"reviews/_review_{kind}.html", attribute, root)
    if not asked.review.is_open:
        return closed_meanwhile(asked, said_in(request.POST))
    if request.method == "GET":
        return shown(*piece)
    form = make_form(request.POST)
    if not form.is_valid():
        return shown(*piece, Typed(root, form, is_sent="save" in request.POST))
    try:
        decide(
            asked.review,
            objective,
            {name: form.cleaned_data[name] for name in names},
            names=names,
            seen=form.cleaned_data["seen"],
            actor=request.user,
            now=asked.now,
        )
    except Changed as problem:
        return shown(*piece, Typed(root, form, decision_words(problem.current, kind)))
    except ReviewClosed:
        return closed_meanwhile(asked, said_in(request.POST))
    return shown(*piece)


def decision_words(row: ObjectiveDecision, kind: str) -> str:
    """What somebody else wrote of an objective."""
    if kind == "words":
        told = [row.explanation, row.root_cause]
    else:
        told = [Decision(row.decision).label if row.decision else "", row.note, row.why_again]
    return f"{row.changed_by} wrote: {' · '.join(one for one in told if one) or 'nothing'}"


@require_POST
def learning_create(request: AuthedRequest, pk: int) -> HttpResponse:
    """Write down what was learned; the form stays for the next one."""
    asked = get_written(request, pk)
    form = LearningForm(request.POST)
    if not form.is_valid():
        return listed(asked, "learned", {"learning": form})
    said = form.cleaned_data
    return entered(
        asked,
        "learned",
        meeting.add_learning,
        text=said["text"],
        token=said["token"],
        actor=request.user,
    )


@require_POST
def action_create(request: AuthedRequest, pk: int) -> HttpResponse:
    """Note who does what by when."""
    asked = get_written(request, pk)
    team = asked.review.team
    form = ActionForm(request.POST, team=team, today=team.organisation.today(asked.now))
    if not form.is_valid():
        return listed(asked, "actions", {"action": form})
    said = form.cleaned_data
    return entered(
        asked,
        "actions",
        meeting.add_action,
        what=said["what"],
        owner=said["owner"],
        due_on=said["due_on"],
        token=said["token"],
        actor=request.user,
    )


def listed(asked: Asked, part: str, forms: dict | None = None, status: int = 422) -> HttpResponse:
    """A list with its form, as a fragment or in the page."""
    is_piece = wants_fragment(asked.request)
    context = review_context(
        asked.review, asked.role, asked.now, forms=forms, with_kpis=not is_piece
    )
    name = f"reviews/_review_{part}.html" if is_piece else PAGE
    return render(asked.request, name, context, status=status)


def entered(asked: Asked, part: str, action, *args, **how) -> HttpResponse:
    """Do it, and show the list again; 409 when it changed or the review was closed meanwhile."""
    try:
        action(asked.review, *args, now=asked.now, **how)
    except ReviewClosed:
        return closed_meanwhile(asked, said_in(asked.request.POST))
    except Changed:
        return listed(asked, part, status=409)
    if not wants_fragment(asked.request):
        return redirect(f"{asked.review.get_absolute_url()}#{part}")
    response = listed(asked, part, status=200)
    response.headers["HX-Trigger-After-Settle"] = CHANGED
    return response


def sent_version(request: AuthedRequest) -> int:
    """The version the button was printed with; 0, which none has, when it is no number."""
    version = request.POST.get("version", "")
    return int(version) if version.isdecimal() and len(version) < 10 else 0


@require_POST
def learning_delete(request: AuthedRequest, pk: int, learning_pk: int) -> HttpResponse:
    """Take a learning off the page: its author or a lead."""
    asked = get_written(request, pk)
    learning = get_object_or_404(Learning, pk=learning_pk, review=asked.review)
    if learning.author_id != request.user.pk and asked.role != "lead":
        raise PermissionDenied("Its author or a lead of this team can take it off.")
    how = {"version": sent_version(request), "by": request.user}
    return entered(asked, "learned", meeting.delete_learning, learning, **how)


@require_POST
def action_delete(request: AuthedRequest, pk: int, action_pk: int) -> HttpResponse:
    """Take an action of this review off its list."""
    asked = get_written(request, pk)
    action = get_object_or_404(ReviewAction, pk=action_pk, review=asked.review)
    how = {"version": sent_version(request), "by": request.user}
    return entered(asked, "actions", meeting.delete_action, action, **how)


@require_POST
def action_done(request: AuthedRequest, pk: int, action_pk: int) -> HttpResponse:
    """Mark an action of the team done, or keep it open."""
    asked = get_written(request, pk)
    action = get_object_or_404(ReviewAction, pk=action_pk, team=asked.review.team_id)
    part = "actions" if action.review_id == asked.review.pk else "earlier"
    is_done = request.POST.get("done") == "1"
    how = {"version": sent_version(request), "by": request.user}
    return entered(asked, part, meeting.finish_action, action, is_done=is_done, **how)
