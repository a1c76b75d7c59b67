"""My week: what I owe, what changed, and the four squares, each edited in place."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods

from objectives.actions.week import ItemChanged, close_week, note_visit, plan_week
from objectives.forms_week import AheadForm, OutcomeForm, PlanForm
from objectives.models import WeekItem
from objectives.pages.week import week_page
from objectives.pages.week_owed import WEEK, Week, my_key_results
from objectives.pages.week_squares import (
    WEEKS_AHEAD,
    priorities_of,
    square_context,
    upcoming_of,
)
from teams.http import AuthedRequest, wants_fragment

HOME = "/my-week/"
MOST_CHOICES = 100


def week_of(request: AuthedRequest, now: datetime) -> Week:
    """The person's week; 404 for people of no organisation, who have no calendar."""
    if request.user.organisation_id is None:
        raise Http404
    return Week.of(request.user, now)


@require_GET
def my_week(request: AuthedRequest) -> HttpResponse:
    """The home page: what I owe, what comes, what changed, and the four squares."""
    now = timezone.now()
    week = week_of(request, now)
    seen_before = note_visit(request.user, now)
    context = week_page(week, request.GET.get("page"), seen_before)
    return render(request, "objectives/my_week.html", context)


def asked_monday(week: Week, day: date, *, back: int, ahead: int) -> date:
    """The Monday that is asked about; 404 unless it is one, at most so many weeks away."""
    if day.weekday() or not week.monday - back * WEEK <= day <= week.monday + ahead * WEEK:
        raise Http404
    return day


@require_http_methods(["GET", "POST"])
def week_plan(request: AuthedRequest, day: date) -> HttpResponse:
    """The three priorities of a week: this one or the next."""
    week = week_of(request, timezone.now())
    monday = asked_monday(week, day, back=0, ahead=1)
    items = priorities_of(week, monday)
    rows = [(one.pk, one.title) for one in my_key_results(week)][:MOST_CHOICES]
    form = PlanForm(request.POST or None, monday=monday, items=items, key_results=rows)
    return _square(request, week, form, "plan")


@require_http_methods(["GET", "POST"])
def week_ahead(request: AuthedRequest, day: date) -> HttpResponse:
    """What comes in the four weeks after this one."""
    week = week_of(request, timezone.now())
    monday = asked_monday(week, day, back=0, ahead=0)
    mondays = [monday + timedelta(weeks=n) for n in range(1, WEEKS_AHEAD + 1)]
    form = AheadForm(request.POST or None, mondays=mondays, items=upcoming_of(week, mondays))
    return _square(request, week, form, "ahead")


def _square(request: AuthedRequest, week: Week, form: PlanForm, name: str) -> HttpResponse:
    """A square being edited; once it is saved, the square as it is printed."""
    if request.method == "GET":
        return _editing(request, week, form, name)
    if not form.is_valid():
        return _editing(request, week, form, name, status=422)
    try:
        plan_week(request.user, form.entries(), now=week.now)
    except ItemChanged as changed:
        form.keep_typed(changed)
        return _editing(request, week, form, name, status=409)
    return _saved(request, week, name)


@require_http_methods(["GET", "POST"])
def week_outcome(request: AuthedRequest, day: date) -> HttpResponse:
    """Friday: done or not, and why; of this week or the one before."""
    week = week_of(request, timezone.now())
    items = priorities_of(week, asked_monday(week, day, back=1, ahead=0))
    if not items:
        return redirect(HOME)
    form = OutcomeForm(request.POST or None, items=items)
    if request.method == "GET":
        return _editing(request, week, form, "outcome")
    if not form.is_valid():
        return _editing(request, week, form, "outcome", status=422)
    try:
        close_week(form.entries())
    except ItemChanged as changed:
        form.keep_typed(changed)
        return _editing(request, week, form, "outcome", status=409)
    return _saved(request, week, "plan")


def _editing(
    request: AuthedRequest, week: Week, form, name: str, *, status: int = 200
) -> HttpResponse:
    template = "_week_square_edit" if wants_fragment(request) else "week_square_form"
    context = {"form": form, "name": name, "title": form.title, "action": request.path}
    return render(request, f"objectives/{template}.html", context, status=status)


def _saved(request: AuthedRequest, week: Week, name: str) -> HttpResponse:
    if not wants_fragment(request):
        messages.success(request, "Saved.")
        return redirect(f"{HOME}#four")
    return render(request, f"objectives/_week_{name}.html", square_context(week))


@require_GET
def week_square(request: AuthedRequest, kind: str) -> HttpResponse:
    """A square as it is printed, as Cancel shows it again."""
    if kind not in WeekItem.Kind.values:
        raise Http404
    week = week_of(request, timezone.now())
    if not wants_fragment(request):
        return redirect(f"{HOME}#four")
    name = "plan" if kind == WeekItem.Kind.PRIORITY else "ahead"
    return render(request, f"objectives/_week_{name}.html", square_context(week))
