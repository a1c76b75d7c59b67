"""The organisation's cycles: the list, one cycle across all teams, and cycles with own dates."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods

from objectives.actions import create_custom_cycle
from objectives.actions.cycles import Overlaps
from objectives.forms_cycles import CustomCycleForm
from objectives.models import Cycle
from objectives.pages.cycle_page import cycle_context, cycle_rows
from teams.guards import require_admin
from teams.http import AuthedRequest


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
            made = create_custom_cycle(organisation, **form.cleaned_data, now=timezone.now())
        except Overlaps as problem:
            form.add_error("starts_on", str(problem))
        else:
            messages.success(request, f"{made} is there.")
            return redirect(made)
    return render(request, "objectives/cycle_form.html", {"form": form}, status=422)
