"""A key result becomes a KPI, and a KPI a key result, in one click each."""

from __future__ import annotations

from urllib.parse import urlencode

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_POST

from metrics.models import Kpi, Signal
from metrics.numbers import number_text
from objectives.actions.conversions import key_result_to_kpi, kpi_made_of
from objectives.actions.history import Changed
from objectives.coach.proposals import key_result_from_kpi
from objectives.kinds import KeyResultKind, change_kind
from objectives.models import KeyResult, Objective
from objectives.pages.draft_page import stored_facts
from objectives.states import MoveRefused
from teams.guards import get_visible_or_404, require_lead
from teams.http import AuthedRequest


@require_POST
def to_kpi(request: AuthedRequest, pk: int) -> HttpResponse:
    """Make a KPI of a key result, which leaves its objective; sent twice it is one KPI."""
    rows = KeyResult.objects.visible_to(request.user).select_related(
        "objective__team__organisation", "kpi"
    )
    key_result = rows.filter(pk=pk).first()
    if key_result is None or key_result.withdrawn_at is not None:
        return _made_before(request, pk)
    require_lead(request.user, key_result.objective.team_id)
    typed = request.POST.get("version", "")
    version = int(typed) if typed.isascii() and typed.isdigit() and len(typed) < 10 else 0
    try:
        kpi, is_new = key_result_to_kpi(
            key_result, actor=request.user, now=timezone.now(), version=version
        )
    except Changed:
        messages.warning(request, "The key result was changed meanwhile. Look at it again.")
        return redirect(key_result.objective)
    except MoveRefused as problem:
        messages.warning(request, str(problem))
        return redirect(key_result.objective)
    messages.success(request, made_words(kpi, is_new=is_new))
    return redirect(kpi)


def made_words(kpi: Kpi, *, is_new: bool) -> str:
    """What a conversion led to."""
    if is_new:
        return f"{kpi.name} is on the scorecard. It is judged once it has its four essentials."
    return f"{kpi.name} is a KPI already."


def _made_before(request: AuthedRequest, pk: int) -> HttpResponse:
    """Where a second click leads: to the KPI that the first one made."""
    objectives = Objective.objects.visible_to(request.user)
    kpi = kpi_made_of(objectives.values("pk"), pk)
    if kpi is None:
        raise Http404
    require_lead(request.user, kpi.team_id)
    return redirect(kpi)


@require_POST
def to_key_result(request: AuthedRequest, pk: int) -> HttpResponse:
    """Open the draft form with the key result that moves a KPI to its target; nothing is saved.

    A KPI with a signal that waits for a decision is answered by it: that form opens instead.
    """
    kpis = Kpi.objects.select_related("team__organisation", "state")
    kpi = get_visible_or_404(kpis, request.user, pk)
    require_lead(request.user, kpi.team_id)
    now = timezone.now()
    signal = Signal.objects.undecided(now).filter(kpi=kpi).first()
    if signal is not None:
        return redirect(f"/signals/{signal.pk}/?answer=okr")
    found = key_result_from_kpi(stored_facts(kpi, kpi.team.organisation.today(now)))
    given = {"key_result": found.title, "unit": found.unit, "kpi": str(kpi.pk)}
    numbers = {"baseline": found.baseline, "target": found.target}
    given |= {name: number_text(value) for name, value in numbers.items() if value is not None}
    kind = change_kind(found.baseline, found.target, kpi.direction)
    given["kind"] = KeyResultKind.OPEN if found.target is None else kind
    asked = urlencode({name: value for name, value in given.items() if value})
    return redirect(f"/teams/{kpi.team_id}/objectives/new/?{asked}")
