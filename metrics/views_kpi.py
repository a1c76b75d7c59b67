"""The KPI page, and the forms that make and edit a KPI."""

from __future__ import annotations

from django.contrib import messages
from django.core.paginator import Paginator
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods

from metrics.actions import KpiChanged, create_kpi, edit_kpi
from metrics.forms import KpiEditForm, KpiForm, TargetForm
from metrics.kinds import Direction
from metrics.kpi_page.history import judged_history
from metrics.kpi_page.loading import Place, load_evidence, load_kpi_page
from metrics.models import Kpi
from teams.guards import get_visible_or_404, may_write, require_lead
from teams.http import AuthedRequest
from teams.models import Team

PERIODS_A_PAGE = 52
# What a link to the form of a new KPI may say of it; `target` is its first target.
PROPOSED = ("name", "definition", "unit", "direction")


def whole_kpis() -> QuerySet[Kpi]:
    """KPIs with what their page and forms read."""
    return Kpi.objects.select_related("team__organisation", "cadence", "source", "owner", "state")


@require_GET
def kpi_detail(request: AuthedRequest, pk: int) -> HttpResponse:
    """One KPI: where it stands, its chart, its definition, the loop, its log and its evidence."""
    kpi = get_visible_or_404(whole_kpis(), request.user, pk)
    return render(
        request, "metrics/kpi_detail.html", load_kpi_page(kpi, request.user, timezone.now())
    )


@require_GET
def kpi_periods(request: AuthedRequest, pk: int) -> HttpResponse:
    """Every period of a KPI, a page at a time, newest first."""
    kpi = get_visible_or_404(whole_kpis(), request.user, pk)
    now = timezone.now()
    verdicts = judged_history(kpi, now).verdicts
    page = Paginator(verdicts[::-1], PERIODS_A_PAGE).get_page(request.GET.get("page"))
    writes = may_write(request.user, kpi.team_id)
    rows = load_evidence(kpi, page.object_list[::-1], Place.of(kpi, now), may_write=writes)
    context = {"kpi": kpi, "team": kpi.team, "page": page, "evidence": rows}
    return render(request, "metrics/kpi_periods.html", context)


@require_http_methods(["GET", "POST"])
def kpi_create(request: AuthedRequest, pk: int) -> HttpResponse:
    """A new KPI of a team: the four essentials first, its first target in the same form."""
    team = get_visible_or_404(Team.objects.select_related("organisation"), request.user, pk)
    require_lead(request.user, team)
    now = timezone.now()
    initial = {"starts_on": team.organisation.today(now).replace(day=1), "owner": request.user.pk}
    initial |= {name: request.GET[name] for name in PROPOSED if request.GET.get(name)}
    form = KpiForm(request.POST or None, team=team, initial=initial)
    target = TargetForm(
        request.POST or None,
        prefix="target",
        first=True,
        initial={"value": request.GET.get("target", "")},
        direction=request.POST.get("direction", Direction.HIGHER),
        unit=request.POST.get("unit", ""),
    )
    # Both are asked, so that every mistake is shown at once.
    if request.method == "POST" and all([form.is_valid(), target.is_valid()]):
        with transaction.atomic():
            kpi = form.save(commit=False)
            kpi.source = form.source(by=request.user)
            numbers = target.numbers() if target.has_target() else None
            create_kpi(kpi, target=numbers, actor=request.user, now=now)
        messages.success(request, f"{kpi.name} is on the scorecard.")
        return redirect(kpi)
    context = {"form": form, "target_form": target, "team": team, "kpi": None}
    status = 422 if request.method == "POST" else 200
    return render(request, "metrics/kpi_form.html", context, status=status)


@require_http_methods(["GET", "POST"])
def kpi_edit(request: AuthedRequest, pk: int) -> HttpResponse:
    """Edit a KPI's definition and settings; somebody else's edit in between is shown, not lost."""
    kpi = get_visible_or_404(whole_kpis(), request.user, pk)
    require_lead(request.user, kpi.team_id)
    form = KpiEditForm(
        request.POST or None, instance=kpi, team=kpi.team, initial={"version": kpi.version}
    )
    context = {"form": form, "target_form": None, "team": kpi.team, "kpi": kpi}
    if request.method == "GET":
        return render(request, "metrics/kpi_form.html", context)
    if not form.is_valid():
        return render(request, "metrics/kpi_form.html", context, status=422)
    try:
        _save_edit(form, kpi, request)
    except KpiChanged:
        context |= {"stored": Kpi.objects.get(pk=pk)}
        return render(request, "metrics/kpi_form.html", context, status=409)
    messages.success(request, "Saved.")
    return redirect("metrics:kpi_detail", pk)


@transaction.atomic
def _save_edit(form: KpiEditForm, kpi: Kpi, request: AuthedRequest) -> None:
    edit_kpi(
        kpi,
        form.changes() | {"source": form.source(by=request.user)},
        version=form.cleaned_data["version"] or 0,
        cadence_from=form.cleaned_data["cadence_from"],
        actor=request.user,
        now=timezone.now(),
    )
