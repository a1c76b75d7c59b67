"""Taking a period out of the judging, and putting it back: a page with a reason and a preview."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from metrics.actions import exclude_period, lift_exclusion
from metrics.forms import ReasonForm
from metrics.kpi_page.effects import exclusion_effects
from metrics.kpi_page.history import closed_period
from metrics.kpi_page.loading import Place
from metrics.models import Exclusion, Kpi
from metrics.periods import Period
from metrics.views_kpi import whole_kpis
from teams.guards import get_visible_or_404, require_lead
from teams.http import AuthedRequest


@require_http_methods(["GET", "POST"])
def period_exclude(request: AuthedRequest, pk: int, start: date) -> HttpResponse:
    """Take a period out of the judging, with a reason and after a preview."""
    return _exclusion(request, pk, start, is_excluding=True)


@require_http_methods(["GET", "POST"])
def period_include(request: AuthedRequest, pk: int, start: date) -> HttpResponse:
    """Judge an excluded period again, with a reason and after a preview."""
    return _exclusion(request, pk, start, is_excluding=False)


def _exclusion(request, pk: int, start: date, *, is_excluding: bool) -> HttpResponse:
    kpi = get_visible_or_404(whole_kpis(), request.user, pk)
    require_lead(request.user, kpi.team_id)
    now = timezone.now()
    period = closed_period(kpi, start, now)
    if period is None:
        raise Http404
    form = ReasonForm(request.POST or None)
    context = _exclusion_context(kpi, period, now, is_excluding=is_excluding)
    context["form"] = form
    if request.method == "GET":
        return render(request, "metrics/period_exclude.html", context)
    if not form.is_valid():
        return render(request, "metrics/period_exclude.html", context, status=422)
    if "preview" in request.POST:
        context["effects"] = exclusion_effects(kpi, period, now, is_excluding=is_excluding)
        return render(request, "metrics/period_exclude.html", context)
    act = exclude_period if is_excluding else lift_exclusion
    act(kpi, period, reason=form.cleaned_data["reason"], actor=request.user, now=now)
    messages.success(request, context["done"])
    return redirect(kpi)


def _exclusion_context(
    kpi: Kpi, period: Period, now: datetime, *, is_excluding: bool
) -> dict[str, Any]:
    name = Place.of(kpi, now).name(period)
    standing = Exclusion.objects.filter(
        kpi=kpi, cadence_kind=period.cadence, period_on=period.start, lifted_at=None
    ).select_related("author")
    return {
        "kpi": kpi,
        "team": kpi.team,
        "period_name": name,
        "is_excluding": is_excluding,
        "standing": standing.first(),
        "effects": None,
        "done": f"{name} is {'excluded' if is_excluding else 'judged again'}.",
        "other": f"/kpis/{kpi.pk}/periods/{period.start.isoformat()}/include/",
    }
