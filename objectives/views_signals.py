"""The signal page and its answers. Each answer has its own URL; a lead of the team decides."""

from __future__ import annotations

from datetime import date, datetime

from django import forms
from django.contrib import messages
from django.db.models import QuerySet
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from metrics import decisions
from metrics.decisions import Decided
from metrics.kinds import SignalKind
from metrics.kpi_page.effects import target_effects
from metrics.models import Signal
from metrics.periods import first_instant
from metrics.wording import day_near
from objectives.pages import signal_answers
from objectives.pages.signal_page import page_signal
from teams.guards import get_visible_or_404, may_lead, require_lead
from teams.http import AuthedRequest, wants_fragment


def whole_signals() -> QuerySet[Signal]:
    """Signals with what their page reads."""
    return Signal.objects.select_related(
        "kpi__team__organisation",
        "kpi__cadence",
        "kpi__state",
        "kpi__source",
        "kpi__owner",
        "source__team__organisation",
        "treatment",
        "decided_by",
        "acknowledged_by",
    )


def team_of(signal: Signal):
    """The team a signal concerns: its KPI's, or its source's."""
    return signal.kpi.team if signal.kpi else signal.source.team


def get_leading(request: AuthedRequest, pk: int) -> Signal:
    """The signal for a person who may decide: 404 when invisible, 403 unless they lead its team."""
    signal = get_visible_or_404(whole_signals(), request.user, pk)
    require_lead(request.user, team_of(signal))
    return signal


def get_answerable(request: AuthedRequest, pk: int) -> Signal:
    """The same, for an answer: only an off-target signal asks for one, any other is a 404."""
    signal = get_leading(request, pk)
    if signal.kind != SignalKind.OFF_TARGET:
        raise Http404
    return signal


@require_GET
def signal_detail(request: AuthedRequest, pk: int) -> HttpResponse:
    """Evidence, what was decided, and the answers for those who may decide."""
    signal = get_visible_or_404(whole_signals(), request.user, pk)
    return signal_response(request, signal, request.GET.get("answer", ""))


def signal_response(
    request: AuthedRequest,
    signal: Signal,
    chosen: str,
    *,
    form: forms.Form | None = None,
    extra: dict | None = None,
    status: int = 200,
) -> HttpResponse:
    """The page with the panel of the chosen answer; `form` is one that was typed into."""
    now = timezone.now()
    found = page_signal(signal, request.user, now)
    leads = may_lead(request.user, found["team"])
    panel = signal_answers.panel(found, request.user, chosen, now, leads=leads)
    context = found | panel | (extra or {})
    if form is not None:
        context["form"] = form
    only_panel = wants_fragment(request) and request.method == "GET"
    template = "objectives/_signal_answer.html" if only_panel else "objectives/signal_detail.html"
    return render(request, template, context, status=status)


def conflict(request: AuthedRequest, signal: Signal, chosen: str, form: forms.Form) -> HttpResponse:
    """409: what was decided meanwhile stands on the page beside what this person typed."""
    fresh = whole_signals().get(pk=signal.pk)
    kept = form.data.copy()
    kept["version"] = fresh.version
    form.data = kept
    extra = {"conflict": True}
    return signal_response(request, fresh, chosen, form=form, extra=extra, status=409)


def decide(request, signal: Signal, chosen: str, form: forms.Form, act, said: str) -> HttpResponse:
    """Check the form, act, and go back to the page; 422 or 409 with what was typed otherwise."""
    if not form.is_valid():
        return signal_response(request, signal, chosen, form=form, status=422)
    try:
        act(form.cleaned_data)
    except Decided:
        return conflict(request, signal, chosen, form)
    messages.success(request, said)
    return redirect("objectives:signal_detail", signal.pk)


def today_of(signal: Signal, now: datetime) -> date:
    """The date in the organisation's zone."""
    return team_of(signal).organisation.today(now)


@require_POST
def signal_acknowledge(request: AuthedRequest, pk: int) -> HttpResponse:
    """Say "I have seen it"."""
    signal = get_leading(request, pk)
    decisions.acknowledge(signal, actor=request.user, now=timezone.now())
    return redirect("objectives:signal_detail", pk)


@require_POST
def signal_snooze(request: AuthedRequest, pk: int) -> HttpResponse:
    """Decide later: quiet until a day."""
    signal = get_answerable(request, pk)
    now = timezone.now()
    form = signal_answers.snooze_form(signal, now, request.POST)

    def act(data: dict) -> None:
        until = first_instant(data["until"], team_of(signal).organisation.zone)
        decisions.snooze(
            signal,
            until=until,
            reason=data["reason"],
            version=data["version"],
            actor=request.user,
            now=now,
        )

    return decide(request, signal, "snooze", form, act, "Snoozed.")


@require_POST
def signal_accept(request: AuthedRequest, pk: int) -> HttpResponse:
    """Accept for now: to a level, until a date."""
    signal = get_answerable(request, pk)
    now = timezone.now()
    form = signal_answers.accept_form(signal, now, request.POST)

    def act(data: dict) -> None:
        decisions.accept_for_now(signal, **data, actor=request.user, now=now)

    return decide(request, signal, "accept", form, act, "Accepted for now.")


@require_POST
def signal_fix_data(request: AuthedRequest, pk: int) -> HttpResponse:
    """The value is wrong and will be corrected."""
    signal = get_answerable(request, pk)
    now = timezone.now()
    form = signal_answers.data_form(signal, request.POST)

    def act(data: dict) -> None:
        decisions.answer_with_data(signal, **data, actor=request.user, now=now)

    return decide(request, signal, "data", form, act, "Noted. Correct the value on the KPI page.")


@require_POST
def signal_dismiss(request: AuthedRequest, pk: int) -> HttpResponse:
    """Silence it until the episode ends."""
    signal = get_answerable(request, pk)
    now = timezone.now()
    form = signal_answers.dismiss_form(signal, request.POST)

    def act(data: dict) -> None:
        decisions.dismiss(signal, **data, actor=request.user, now=now)

    return decide(request, signal, "dismiss", form, act, "Dismissed until the episode ends.")


@require_POST
def signal_revise_target(request: AuthedRequest, pk: int) -> HttpResponse:
    """Another target from a day on; first shows what that would do to the signals."""
    signal = get_answerable(request, pk)
    now = timezone.now()
    form = signal_answers.retarget_form(signal, now, request.POST)
    if "preview" in request.POST and form.is_valid():
        day = form.cleaned_data["effective_on"]
        empty = dict.fromkeys(("value", "low", "high", "tolerance", "tolerance_pct"))
        change = empty | decisions.kept_settings(signal.kpi_id, day) | form.numbers()
        change["effective_on"] = day
        extra = {"effects": target_effects(signal.kpi, change, now)}
        return signal_response(request, signal, "target", form=form, extra=extra)

    def act(data: dict) -> None:
        decisions.answer_with_target(
            signal,
            **form.numbers(),
            effective_on=data["effective_on"],
            reason=data["reason"],
            version=data["version"],
            actor=request.user,
            now=now,
        )

    return decide(request, signal, "target", form, act, _target_words(signal, form, now))


def _target_words(signal: Signal, form: forms.Form, now: datetime) -> str:
    """`The target holds from 1 Sep.`; empty while the form does not say."""
    day = form.cleaned_data.get("effective_on") if form.is_valid() else None
    return f"The target holds from {day_near(day, today_of(signal, now))}." if day else ""
