"""When one KPI asks for an answer: what it says for itself, from a day on, with a reason."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from metrics.actions.kpi_policies import set_kpi_policy
from metrics.actions.policies import BeganAlready, PoliciesChanged, fingerprint
from metrics.forms_kpi_policies import KpiPolicyForms
from metrics.kpi_policy_page import change_log, due_days, in_force_rows, terms_note, until_words
from metrics.models import Kpi
from metrics.policies import Own
from metrics.policy_replay import ReplayPage, replay_page
from metrics.views_kpi import whole_kpis
from metrics.wording import day_near
from teams.guards import get_visible_or_404, may_lead, require_lead
from teams.http import AuthedRequest, wants_fragment

_CHANGED = (
    "Somebody else changed what this KPI says after you opened the page. What you typed is kept; "
    "look at the changes below and save again to put yours in force."
)


class Page:
    """What a request to the page is about: the KPI with its cadence, and the forms of a lead."""

    def __init__(self, request: AuthedRequest, kpi: Kpi) -> None:
        self.request, self.kpi, self.now = request, kpi, timezone.now()
        self.organisation = kpi.team.organisation
        self.today = self.organisation.today(self.now)
        self.url = reverse("metrics:kpi_policy", args=[kpi.pk])
        data = request.POST if request.method == "POST" else None
        self.forms = KpiPolicyForms(data, kpi, seen=fingerprint([kpi]), today=self.today)

    @property
    def since(self) -> date | None:
        """From when on the typed rules hold; None while no such day is typed."""
        change = self.forms.change
        if not change.is_bound:
            return self.today
        change.is_valid()
        return change.cleaned_data.get("effective_on")

    def proposal(self) -> dict[str, Any]:
        """What the due dates print, and what is wrong in what was typed."""
        own = self.forms.own
        typed = own.own() if own.is_bound and own.is_valid() else None
        return {
            "kpi": self.kpi,
            "page_url": self.url,
            "due": due_days(self.kpi, self.now, typed, self.since),
            "problems": self.forms.problems() if own.is_bound else [],
        }

    def replay(self) -> ReplayPage:
        """The replay of this KPI as if it had always said what is typed."""
        return replay_page(
            [self.kpi],
            1,
            [self.kpi.cadence],
            {},
            team=None,
            months=self.forms.months.cleaned_data["months"],
            organisation=self.organisation,
            now=self.now,
            own={self.kpi.pk: self.forms.own.own()},
        )

    def render(self, *, status: int = 200, **more: Any) -> HttpResponse:
        """The whole page."""
        kpi, leads = self.kpi, may_lead(self.request.user, self.kpi.team_id)
        context = self.proposal() | {
            "team": kpi.team,
            "may_lead": leads,
            "forms": self.forms,
            "rows": in_force_rows(kpi, self.today),
            "terms_note": terms_note(kpi, self.today, self.now),
            "log": change_log(kpi, self.now),
            "may_end": kpi.own_on(self.today) != Own() or bool(kpi.policies),
        }
        return render(self.request, "metrics/kpi_policy.html", context | more, status=status)


@require_http_methods(["GET", "POST"])
def kpi_policy(request: AuthedRequest, pk: int) -> HttpResponse:
    """What is in force for a KPI and whose it is; leads change what it says for itself.

    `do` says what a post wants: `preview` the due dates and the replay, `end` to follow the team
    again; else what was typed is saved.
    """
    kpi = get_visible_or_404(whole_kpis(), request.user, pk)
    if request.method == "POST":
        require_lead(request.user, kpi.team_id)
    if kpi.cadence is None:
        context = {"kpi": kpi, "team": kpi.team, "may_lead": may_lead(request.user, kpi.team_id)}
        status = 422 if request.method == "POST" else 200
        return render(request, "metrics/kpi_policy.html", context, status=status)
    page = Page(request, kpi)
    if request.method == "GET":
        return page.render()
    do = request.POST.get("do", "save")
    if do == "preview":
        return _preview(page)
    return _save(page, Own()) if do == "end" else _save(page)


def _preview(page: Page) -> HttpResponse:
    can = page.forms.can_replay
    more, status = ({"replay": page.replay()}, 200) if can else ({}, 422)
    if wants_fragment(page.request):
        context = page.proposal() | {"may_lead": True} | more
        return render(page.request, "metrics/_kpi_policy_proposal.html", context, status=status)
    return page.render(status=status, **more)


def _save(page: Page, own: Own | None = None) -> HttpResponse:
    """Save what was typed, or what was asked for without typing."""
    forms = page.forms
    if not (forms.change.is_valid() if own is not None else forms.are_valid):
        return page.render(status=422)
    change = forms.change.cleaned_data
    wanted = forms.own.own() if own is None else own
    try:
        row = set_kpi_policy(page.kpi, wanted, **change, actor=page.request.user, now=page.now)
    except PoliciesChanged:
        return _conflict(page)
    except BeganAlready:
        forms.change.add_error("effective_on", "That day is over: choose today or a later one.")
        return page.render(status=422)
    day = day_near(change["effective_on"], page.today)
    said = "Nothing differs from what is in force."
    if row is not None:
        said = f"Saved. In force from {day}.{until_words(row, page.today)}"
    messages.success(page.request, said)
    return redirect(page.url)


def _conflict(page: Page) -> HttpResponse:
    """Keep what was typed, and let the next save count."""
    data = page.forms.change.data.copy()
    stored = whole_kpis().get(pk=page.kpi.pk)
    data["seen"] = fingerprint([stored])
    page.forms.change.data = data
    page.kpi = stored
    return page.render(status=409, conflict=_CHANGED)
