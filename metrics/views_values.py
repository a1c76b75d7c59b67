"""Values by hand, in place: entering, correcting and filling periods.

The same URL answers htmx with the row (its root is the id htmx asks to replace) and people without
JavaScript with a page. A list elsewhere that types values in its own rows passes its `Home`.
"""

from __future__ import annotations

import json
from datetime import date, datetime
from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods

from metrics.actions import (
    ValueChanged,
    correct_value,
    fill_missed,
    record_value,
)
from metrics.forms_values import CorrectionForm, FillForm, ValueForm
from metrics.kpi_page.effects import value_effects
from metrics.kpi_page.evidence import edit_url, row_root
from metrics.kpi_page.history import History, closed_period, judged_history
from metrics.kpi_page.loading import (
    Place,
    load_evidence,
    missed_periods,
    missed_words,
    short_names,
)
from metrics.kpi_page.targets import words
from metrics.models import Kpi, Measurement
from metrics.owed_values import due_words
from metrics.periods import Period
from metrics.replay import Verdict
from metrics.scorecard import load_row
from metrics.value_home import Home
from metrics.views_kpi import whole_kpis
from metrics.wording import number, quantity
from teams.guards import (
    get_row_and_role,
    get_visible_or_404,
    may_lead,
    require_member,
    require_writer,
)
from teams.http import AuthedRequest, wants_fragment

EVIDENCE_COLUMNS, SCORECARD_COLUMNS = 7, 8


def typed_kpis() -> QuerySet[Kpi]:
    """KPIs with what a value by hand needs, and no more: this is the POST people make most."""
    return Kpi.objects.select_related("team__organisation", "cadence", "source")


@require_GET
def value_row(request: AuthedRequest, pk: int, start: date) -> HttpResponse:
    """A period's row at rest, as Cancel shows it again."""
    kpi = get_visible_or_404(whole_kpis(), request.user, pk)
    require_member(request.user, kpi.team_id)
    now = timezone.now()
    history = judged_history(kpi, now)
    _closed_or_404(history, start)
    if not wants_fragment(request):
        return redirect(kpi)
    return _row_at_rest(request, kpi, history, start, now)


@require_http_methods(["GET", "POST"])
def value_edit(
    request: AuthedRequest, pk: int, start: date, home: Home | None = None
) -> HttpResponse:
    """Enter a period's value; one that is there is corrected, with a reason and after a preview."""
    kpi, role = get_row_and_role(typed_kpis(), request.user, pk)
    require_writer(role)
    now = timezone.now()
    if request.method == "POST" and "preview" not in request.POST:
        return _post_value(request, kpi, start, now, home)
    verdict = _closed_or_404(judged_history(kpi, now), start)
    corrects = request.method == "POST" or verdict.value is not None
    form = _value_form(request, kpi, verdict, corrects=corrects)
    context = _value_context(request, kpi, verdict, now, home, corrects=corrects)
    context["form"] = form
    if request.method == "GET":
        return _edit_state(request, context)
    if not form.is_valid():
        return _edit_state(request, context, status=422)
    value = form.cleaned_data["value"]
    context["effects"] = value_effects(kpi, verdict.period, value, now)
    return _edit_state(request, context)


def _post_value(request, kpi: Kpi, start: date, now: datetime, home: Home | None) -> HttpResponse:
    """Save what was typed. Nothing is judged for it but where the form must be shown again."""
    period = closed_period(kpi, start, now)
    if period is None:
        raise Http404
    # What was opened as a first value stays one when it is sent, even sent twice.
    corrects = "reason" in request.POST
    form = (CorrectionForm if corrects else ValueForm)(
        request.POST, auto_id=_auto_id(kpi, start), unit=kpi.unit
    )
    conflict = None
    if form.is_valid():
        try:
            _save_value(form, kpi, period, request, now, corrects=corrects)
        except ValueChanged as error:
            conflict = error
        else:
            name = Place.of(kpi, now).name(period)
            return _saved(request, kpi, start, f"Saved {name}.", now, home)
    verdict = _closed_or_404(judged_history(kpi, now), start)
    context = _value_context(request, kpi, verdict, now, home, corrects=corrects)
    context["form"] = form
    if conflict is not None:
        return _conflict(request, context, conflict.current)
    return _edit_state(request, context, status=422)


def _save_value(form, kpi: Kpi, period: Period, request, now: datetime, *, corrects: bool) -> None:
    value = form.cleaned_data["value"]
    if not corrects:
        record_value(kpi, period, value, actor=request.user, now=now)
        return
    correct_value(
        kpi,
        period,
        value,
        revision=form.cleaned_data["revision"],
        reason=form.cleaned_data["reason"],
        actor=request.user,
        now=now,
    )


def _value_form(request, kpi: Kpi, verdict: Verdict, *, corrects: bool) -> ValueForm:
    data = request.POST or None
    options: dict[str, Any] = {"auto_id": _auto_id(kpi, verdict.period.start), "unit": kpi.unit}
    if not corrects:
        return ValueForm(data, **options)
    stored = _stored(kpi, verdict.period)
    initial = {"value": verdict.own, "revision": stored.revision if stored else None}
    return CorrectionForm(data, initial=initial, **options)


def _auto_id(kpi: Kpi, start: date) -> str:
    """Ids that stay apart when several rows are open."""
    return f"v{kpi.pk}-{start:%Y%m%d}-%s"


def _value_context(
    request, kpi: Kpi, verdict: Verdict, now: datetime, home: Home | None, *, corrects: bool
) -> dict[str, Any]:
    place = Place.of(kpi, now)
    period = verdict.period
    rule = verdict.rule
    leads = corrects and may_lead(request.user, kpi.team_id)
    note = f"Target {words(rule, kpi.direction, kpi.unit)}" if rule else "No target"
    if not corrects:
        note += f" · {due_words(kpi, period, place.today)}"
    start = period.start
    base = f"/kpis/{kpi.pk}/"
    return {
        "kpi": kpi,
        "team": kpi.team,
        "period_name": place.name(period),
        "note": note,
        "action": edit_url(kpi, start),
        "cancel": base,
        "cancel_row": f"{base}values/{start.isoformat()}/",
        "is_correction": corrects,
        "last_value": f"now {number(verdict.own)}" if corrects else "",
        "exclude_url": f"{base}periods/{start.isoformat()}/exclude/" if leads else "",
        "effects": None,
        "conflict": "",
        **_where(request, kpi, row_root(kpi, start)),
        **(home.typing(request, kpi, start) if home else {}),
    }


def _where(request, kpi: Kpi, root: str) -> dict[str, Any]:
    """The root and width of the row that htmx replaces; neither on a page of its own."""
    if not wants_fragment(request):
        return {"root": "", "columns": 0}
    if _on_scorecard(request, kpi):
        return {"root": f"kpi-{kpi.pk}", "columns": SCORECARD_COLUMNS}
    return {"root": root, "columns": EVIDENCE_COLUMNS}


def _on_scorecard(request, kpi: Kpi) -> bool:
    """Does htmx replace the KPI's row on the team page, not a period's on the KPI page?"""
    return request.htmx.target == f"kpi-{kpi.pk}"


def _edit_state(request, context: dict, status: int = 200) -> HttpResponse:
    row = "_value_row_listed" if "listed" in context else "_value_row_edit"
    name = row if wants_fragment(request) else "value_form"
    return render(request, f"metrics/{name}.html", context, status=status)


def _conflict(request, context: dict, current: Measurement | None) -> HttpResponse:
    """Show both values and let the person decide: their form now stands on the stored revision."""
    kpi: Kpi = context["kpi"]
    typed = context["form"].cleaned_data["value"]
    theirs = quantity(current.value, kpi.unit) if current else "no value"
    who = current.author if current and current.author else "Somebody else"
    initial = {"value": typed, "revision": current.revision if current else None}
    options: dict[str, Any] = {"auto_id": context["form"].auto_id, "unit": kpi.unit}
    context |= {
        "form": CorrectionForm(initial=initial, **options),
        "is_correction": True,
        "last_value": f"now {number(current.value)}" if current else "",
        "conflict": f"{who} saved {theirs} meanwhile; you typed {quantity(typed, kpi.unit)}. "
        "Keep theirs with Cancel, or say why yours is right.",
    }
    return _edit_state(request, context, status=409)


@require_http_methods(["GET", "POST"])
def value_fill(request: AuthedRequest, pk: int, home: Home | None = None) -> HttpResponse:
    """Fill several missed periods in one form."""
    kpi = get_visible_or_404(whole_kpis(), request.user, pk)
    require_member(request.user, kpi.team_id)
    now = timezone.now()
    place = Place.of(kpi, now)
    history = judged_history(kpi, now)
    missed = _asked_periods(request, history)
    if not missed and request.method == "GET":
        return redirect(home.page if home else kpi)
    labels = short_names(missed, place)
    form = FillForm(request.POST or None, periods=missed, labels=labels, auto_id=f"f{kpi.pk}-%s")
    context = _fill_context(request, kpi, missed, home) | {"form": form}
    if request.method == "GET":
        return _fill_state(request, context)
    if not form.is_valid():
        return _fill_state(request, context, status=422)
    try:
        rows = fill_missed(kpi, form.entries(), actor=request.user, now=now)
    except ValueChanged as error:
        theirs = quantity(error.current.value if error.current else None, kpi.unit)
        context["conflict"] = f"Somebody else entered {theirs} meanwhile. Nothing was saved."
        return _fill_state(request, context, status=409)
    text = f"Saved {len(rows)} values."
    if home is not None:
        return home.saved(request, kpi, rows[0].day, text)
    return _saved(request, kpi, rows[-1].day, text, now, None, is_fill=True)


def _asked_periods(request, history: History) -> list[Period]:
    """The missed periods; of a sent form those it asked about, whatever was filled since."""
    if request.method == "GET":
        return missed_periods(history.verdicts)
    asked = {name.removeprefix("value_") for name in request.POST if name.startswith("value_")}
    return [v.period for v in history.verdicts if v.period.start.isoformat() in asked]


def _fill_context(request, kpi: Kpi, missed: list[Period], home: Home | None) -> dict[str, Any]:
    return {
        "kpi": kpi,
        "team": kpi.team,
        "note": f"{len(missed)} periods without a value",
        "action": f"/kpis/{kpi.pk}/values/fill/",
        "cancel": f"/kpis/{kpi.pk}/",
        "cancel_row": f"/kpis/{kpi.pk}/values/{missed[-1].start}/" if missed else "",
        "conflict": "",
        **_where(request, kpi, f"fill-{kpi.pk}"),
        **(home.typing(request, kpi, None) if home else {}),
    }


def _fill_state(request, context: dict, status: int = 200) -> HttpResponse:
    if not wants_fragment(request):
        name = "value_fill"
    elif "listed" in context:
        name = "_value_row_listed"
    else:
        name = "_value_row_fill" if _on_scorecard(request, context["kpi"]) else "_kpi_fill"
    return render(request, f"metrics/{name}.html", context, status=status)


def _saved(
    request,
    kpi: Kpi,
    start: date,
    text: str,
    now: datetime,
    home: Home | None,
    *,
    is_fill: bool = False,
) -> HttpResponse:
    """The row as it is now, judged at once; without htmx the KPI's page, or the list's."""
    if home is not None:
        return home.saved(request, kpi, start, text)
    if not wants_fragment(request):
        messages.success(request, text)
        return redirect(kpi)
    history = judged_history(kpi, now)
    if is_fill and not _on_scorecard(request, kpi):
        response = HttpResponse(status=204)
        response.headers["HX-Refresh"] = "true"
        return response
    response = _row_at_rest(request, kpi, history, start, now)
    root = f"kpi-{kpi.pk}" if _on_scorecard(request, kpi) else row_root(kpi, start)
    saved = {"row:saved": {"id": root}, "toast": {"text": text}}
    response.headers["HX-Trigger"] = json.dumps(saved)
    return response


def _row_at_rest(request, kpi: Kpi, history: History, start: date, now: datetime) -> HttpResponse:
    """The row that htmx replaces: of the scorecard, of the fill banner, or of the evidence."""
    place = Place.of(kpi, now)
    if _on_scorecard(request, kpi):
        return HttpResponse(load_row(kpi, history, request.user, now))
    if request.htmx.target == f"fill-{kpi.pk}":
        missed = missed_words(kpi, history.verdicts, place)
        return render(request, "metrics/_kpi_missed.html", {"kpi": kpi, "missed": missed})
    verdict = _closed_or_404(history, start)
    rows = load_evidence(kpi, [verdict], place, may_write=True)
    return render(request, "metrics/_value_row.html", {"row": rows[0]})


def _stored(kpi: Kpi, period: Period) -> Measurement | None:
    """The period value as it is stored; None where the value comes from readings or is missing."""
    return Measurement.objects.filter(kpi=kpi, day=period.start, identity=period.cadence).first()


def _closed_or_404(history: History, start: date) -> Verdict:
    """The closed period that starts on a day; others have no value to enter."""
    verdict = history.verdict_of(start)
    if verdict is None:
        raise Http404
    return verdict
