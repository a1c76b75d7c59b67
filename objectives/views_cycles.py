"""The organisation's cycles: the list, one across all teams, own dates, moving and reopening."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods

from metrics.wording import day_year
from objectives.actions import create_custom_cycle
from objectives.actions.boundaries import (
    BoundaryRefused,
    NotClosed,
    check_boundary,
    following,
    move_boundary,
    reopen_cycle,
)
from objectives.actions.cycles import Overlaps
from objectives.actions.history import Changed
from objectives.forms_cycles import BoundaryForm, CustomCycleForm, ReopenForm
from objectives.models import Cycle
from objectives.pages.cycle_moves import consequences, cycle_history
from objectives.pages.cycle_page import cycle_context, cycle_rows
from objectives.states import CycleState
from teams.guards import require_admin
from teams.http import AuthedRequest, wants_fragment


@require_GET
def cycle_list(request: AuthedRequest) -> HttpResponse:
    """Every cycle of the organisation, the latest first."""
    organisation = request.user.organisation
    if organisation is None:
        raise Http404
    cycles = Cycle.objects.of(organisation).order_by("-starts_on", "kind")
    today = organisation.today(timezone.now())
    context = {"rows": cycle_rows(cycles, request.user, today), "today": today}
    return render(request, "objectives/cycle_list.html", context)


@require_GET
def cycle_detail(request: AuthedRequest, pk: int) -> HttpResponse:
    """One cycle across all teams."""
    organisation = request.user.organisation
    cycle = get_object_or_404(Cycle, pk=pk, organisation_id=request.user.organisation_id)
    today = organisation.today(timezone.now())
    context = cycle_context(cycle, request.user, today, request.GET.get("page", "1"))
    context |= {
        "history": cycle_history(cycle, organisation.zone, today),
        "may_move": cycle.ends_on >= today,
        "may_reopen": cycle.state == CycleState.CLOSED,
    }
    return render(request, "objectives/cycle_detail.html", context)


@require_http_methods(["GET", "POST"])
def cycle_create(request: AuthedRequest) -> HttpResponse:
    """A cycle with its own dates, beside those of the calendar."""
    require_admin(request.user)
    organisation = request.user.organisation
    form = CustomCycleForm(request.POST or None, organisation=organisation)
    if request.method == "GET":
        return render(request, "objectives/cycle_form.html", {"form": form})
    if form.is_valid():
        try:
            made = create_custom_cycle(
                organisation, **form.cleaned_data, now=timezone.now(), by=request.user
            )
        except Overlaps as problem:
            form.add_error("starts_on", str(problem))
        else:
            messages.success(request, f"{made} is there.")
            return redirect(made)
    return render(request, "objectives/cycle_form.html", {"form": form}, status=422)


@require_http_methods(["GET", "POST"])
def cycle_move(request: AuthedRequest, pk: int) -> HttpResponse:
    """Another last day of a cycle; what follows from it is shown before it is saved."""
    require_admin(request.user)
    cycle = get_object_or_404(
        Cycle.objects.select_related("organisation"),
        pk=pk,
        organisation_id=request.user.organisation_id,
    )
    now = timezone.now()
    today = cycle.organisation.today(now)
    after = following(cycle)
    initial = {"ends_on": cycle.ends_on, "seen": cycle.ends_on}
    form = BoundaryForm(request.POST if request.method == "POST" else None, initial=initial)
    context = {"cycle": cycle, "after": after, "form": form, "is_over": cycle.ends_on < today}
    if request.method == "GET":
        return render(request, "objectives/cycle_move.html", context)
    form.is_valid()
    day = form.cleaned_data.get("ends_on")
    if day is not None:
        try:
            check_boundary(cycle, after, day, today)
        except BoundaryRefused as problem:
            form.add_error("ends_on", str(problem))
        else:
            context["consequences"] = consequences(cycle, after, day, today)
    if "preview" in request.POST:
        form.errors.pop("reason", None)  # not asked for yet
        status = 422 if "ends_on" in form.errors else 200
        name = "_cycle_consequences" if wants_fragment(request) else "cycle_move"
        return render(request, f"objectives/{name}.html", context, status=status)
    if not form.is_valid():
        return render(request, "objectives/cycle_move.html", context, status=422)
    try:
        moved = move_boundary(cycle, **form.cleaned_data, actor=request.user, now=now)
    except Changed as changed:
        return _moved_meanwhile(request, changed.current, context)
    messages.success(request, f"{moved} ends on {day_year(moved.ends_on)}.")
    return redirect(moved)


def _moved_meanwhile(request: AuthedRequest, stored: Cycle, context: dict) -> HttpResponse:
    """Keep what was typed, say what stands there now; saving again counts."""
    data = request.POST.copy()
    data["seen"] = stored.ends_on.isoformat()
    form = BoundaryForm(data)
    said = f"Changed meanwhile: it ends on {day_year(stored.ends_on)}."
    form.add_error("ends_on", f"{said} Save again to put yours there.")
    context |= {"form": form, "consequences": []}
    return render(request, "objectives/cycle_move.html", context, status=409)


@require_http_methods(["GET", "POST"])
def cycle_reopen(request: AuthedRequest, pk: int) -> HttpResponse:
    """Let a closed cycle take late updates again, until a day and with a reason."""
    require_admin(request.user)
    cycle = get_object_or_404(Cycle, pk=pk, organisation_id=request.user.organisation_id)
    form = ReopenForm(request.POST if request.method == "POST" else None)
    context = {"cycle": cycle, "form": form}
    if request.method == "GET":
        return render(request, "objectives/cycle_reopen.html", context)
    if form.is_valid():
        try:
            known = form.cleaned_data
            opened = reopen_cycle(cycle, **known, actor=request.user, now=timezone.now())
        except (BoundaryRefused, NotClosed) as problem:
            form.add_error("open_until", str(problem))
        else:
            messages.success(request, f"{opened} is open for late updates again.")
            return redirect(opened)
    return render(request, "objectives/cycle_reopen.html", context, status=422)
