"""The history of a KPI's target, revising and withdrawing it, and rebasing its natural limits."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from metrics.actions import rebase_limits, revise_target, withdraw_target
from metrics.forms import RebaseForm, TargetForm, WithdrawTargetForm
from metrics.kpi_page.effects import target_effects, withdrawal_effects
from metrics.kpi_page.history import judged_history
from metrics.kpi_page.loading import Place
from metrics.kpi_page.targets import row_band, row_sign
from metrics.models import Kpi, Target
from metrics.views_kpi import whole_kpis
from metrics.wording import day_near
from teams.guards import get_visible_or_404, may_lead, require_lead
from teams.http import AuthedRequest

CARRIED = ("patience", "recovery", "fast_gap", "fast_patience")


@require_http_methods(["GET", "POST"])
def target_list(request: AuthedRequest, pk: int) -> HttpResponse:
    """Every target with author and reason; leads revise it here, after a preview."""
    kpi = get_visible_or_404(whole_kpis(), request.user, pk)
    if request.method == "POST":
        require_lead(request.user, kpi.team_id)
    now = timezone.now()
    leads = may_lead(request.user, kpi.team_id)
    history = list(kpi.targets.select_related("author").order_by("-effective_on", "-pk"))
    current = _in_force(history, Place.of(kpi, now).today)
    form = _target_form(request, kpi, current, now) if leads else None
    context = _context(kpi, history, now) | {"form": form}
    if request.method == "GET" or form is None:
        return render(request, "metrics/target_list.html", context)
    if not form.is_valid():
        return render(request, "metrics/target_list.html", context, status=422)
    change = _change(form, current)
    if "preview" in request.POST:
        context["effects"] = target_effects(kpi, change, now)
        return render(request, "metrics/target_list.html", context)
    reason = form.cleaned_data["reason"]
    revise_target(kpi, **change, reason=reason, actor=request.user, now=now)
    messages.success(request, f"The target holds from {_day(change['effective_on'], kpi, now)}.")
    return redirect("metrics:target_list", pk)


@require_http_methods(["GET", "POST"])
def target_withdraw(request: AuthedRequest, pk: int) -> HttpResponse:
    """End the judging from a day on, with a reason and after a preview."""
    kpi = get_visible_or_404(whole_kpis(), request.user, pk)
    require_lead(request.user, kpi.team_id)
    now = timezone.now()
    form = WithdrawTargetForm(request.POST or None, initial={"effective_on": _next_start(kpi, now)})
    context = {"kpi": kpi, "team": kpi.team, "form": form, "effects": None}
    if request.method == "GET":
        return render(request, "metrics/target_withdraw.html", context)
    if not form.is_valid():
        return render(request, "metrics/target_withdraw.html", context, status=422)
    if "preview" in request.POST:
        context["effects"] = withdrawal_effects(kpi, form.cleaned_data["effective_on"], now)
        return render(request, "metrics/target_withdraw.html", context)
    withdraw_target(kpi, **form.cleaned_data, actor=request.user, now=now)
    messages.success(request, "The target is withdrawn.")
    return redirect("metrics:target_list", pk)


@require_http_methods(["GET", "POST"])
def limits_rebase(request: AuthedRequest, pk: int) -> HttpResponse:
    """Compute the natural limits anew from a day on, with a reason (signals.md 11)."""
    kpi = get_visible_or_404(whole_kpis(), request.user, pk)
    require_lead(request.user, kpi.team_id)
    form = RebaseForm(request.POST or None, initial={"starts_on": kpi.limits_from})
    context = {"kpi": kpi, "team": kpi.team, "form": form}
    if request.method == "GET":
        return render(request, "metrics/limits_rebase.html", context)
    if not form.is_valid():
        return render(request, "metrics/limits_rebase.html", context, status=422)
    rebase_limits(kpi, **form.cleaned_data, actor=request.user, now=timezone.now())
    messages.success(request, "The natural limits start anew.")
    return redirect(kpi)


def _in_force(history: list[Target], today: date) -> Target | None:
    """The newest row that holds today, or the first to come."""
    standing = [target for target in history if target.effective_on <= today]
    return (standing or history[::-1] or [None])[0]


def _target_form(request, kpi: Kpi, current: Target | None, now: datetime) -> TargetForm:
    initial: dict[str, Any] = {"effective_on": _next_start(kpi, now)}
    if current is not None and not current.is_withdrawn:
        per_cent = current.tolerance_pct is not None
        initial |= {
            "value": current.value,
            "low": current.low,
            "high": current.high,
            "accumulates": current.accumulates,
            "tolerance": current.tolerance_pct if per_cent else current.tolerance,
            "tolerance_in": "percent" if per_cent else "absolute",
        }
    return TargetForm(
        request.POST or None,
        initial=initial,
        direction=kpi.direction,
        unit=kpi.unit,
        reason_required=current is not None,
    )


def _change(form: TargetForm, current: Target | None) -> dict[str, Any]:
    """What the action takes: the numbers typed, the rest as it was."""
    carried = {name: getattr(current, name) for name in CARRIED} if current else {}
    return {**carried, **form.numbers(), "effective_on": form.cleaned_data["effective_on"]}


def _next_start(kpi: Kpi, now: datetime) -> date:
    """The first day of the period after the running one: no running period changes its rule."""
    running = judged_history(kpi, now).running
    return running.end if running else kpi.starts_on


def _context(kpi: Kpi, history: list[Target], now: datetime) -> dict[str, Any]:
    place = Place.of(kpi, now)
    today = place.today
    current = _in_force(history, today)
    rows = [
        {
            "day": target.effective_on,
            "from": day_near(target.effective_on, today),
            "target": row_sign(target, kpi.direction, kpi.unit),
            "band": "" if target.is_withdrawn else row_band(target, kpi.unit),
            "author": str(target.author) if target.author else "",
            "reason": target.reason,
            "made": day_near(target.created_at.astimezone(place.zone).date(), today),
            "is_current": target == current and target.effective_on <= today,
        }
        for target in history
    ]
    return {"kpi": kpi, "team": kpi.team, "rows": rows, "effects": None}


def _day(day: date, kpi: Kpi, now: datetime) -> str:
    return day_near(day, Place.of(kpi, now).today)
