"""Cadences and signal policy: when values are due, and when a KPI asks for an answer."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from metrics.actions.cadences import used_cadences, why_it_stays
from metrics.actions.policies import (
    BeganAlready,
    PoliciesChanged,
    end_policies,
    fingerprint,
    has_own_terms,
    set_policies,
)
from metrics.forms_policies import CadenceForm, CadenceNameForm, PolicyForms
from metrics.models import Cadence
from metrics.policy_page import cadence_rows, change_log, teams_of_their_own, until_words
from metrics.policy_replay import chosen_kpis, replay_page
from metrics.wording import day_near
from teams.guards import get_visible_or_404, require_admin
from teams.http import AuthedRequest, wants_fragment
from teams.models import Team

_CHANGED = (
    "Somebody else changed the terms after you opened the page. What you typed is kept; "
    "look at the changes below and save again to put yours in force."
)


class Page:
    """What a request to the page is about: the scope, the cadences, the forms."""

    def __init__(self, request: AuthedRequest, *, is_bound: bool = True) -> None:
        self.request, self.now = request, timezone.now()
        self.organisation = request.user.organisation
        self.today = self.organisation.today(self.now)
        self.teams = Team.objects.visible_to(request.user).in_use().order_by("name")
        text = request.GET.get("team", "")
        number = int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0
        self.team = get_visible_or_404(Team.objects, request.user, number) if text else None
        self.team_id = self.team.pk if self.team else None
        rows = Cadence.objects.filter(organisation=self.organisation).order_by("pk")
        self.cadences = list(rows)
        self.default_from = _next_month(self.today)
        stored = {c.pk: c.terms_on(self.default_from, self.team_id) for c in self.cadences}
        self.forms = PolicyForms(
            request.POST if is_bound and request.method == "POST" else None,
            self.cadences,
            stored,
            change={"effective_on": self.default_from, "seen": fingerprint(self.cadences)},
            today=self.today,
            teams=self.teams,
        )

    @property
    def url(self) -> str:
        """The page's own address with its scope."""
        here = reverse("metrics:cadence_policies")
        return f"{here}?team={self.team_id}" if self.team else here

    @property
    def since(self) -> date | None:
        """From when on the typed terms hold; None while no such day is typed."""
        if not self.forms.change.is_bound:
            return self.default_from
        self.forms.change.is_valid()
        return self.forms.change.cleaned_data.get("effective_on")

    def context(self) -> dict[str, Any]:
        """Everything the whole page prints but the replay."""
        organisation, user = self.organisation, self.request.user
        return {
            "page_url": self.url,
            "team": self.team,
            "own_terms": self.team is not None
            and any(has_own_terms(c, self.team, self.default_from) for c in self.cadences),
            "teams": self.teams,
            "own_teams": teams_of_their_own(self.cadences, {t.pk: t for t in self.teams}),
            "forms": self.forms,
            "rows": cadence_rows(self.forms, organisation, self.team, user, self.now, self.since),
            "from": day_near(self.since or self.default_from, self.today),
            "zone": organisation.time_zone,
            "log": change_log(self.cadences, self.team, organisation, self.now),
            "new_form": CadenceForm(organisation=organisation),
            "name_forms": self.name_forms(),
        }

    def name_forms(self, typed: CadenceNameForm | None = None) -> list[CadenceNameForm]:
        """A form for the name of each cadence; `typed` in place of its own."""
        if self.team is not None:
            return []
        used = used_cadences(self.cadences)
        found = []
        for one in self.cadences:
            is_typed = typed is not None and one.pk == typed.instance.pk
            form = typed if is_typed else CadenceNameForm(instance=one)
            form.why_it_stays = why_it_stays(one, self.cadences, used)
            found.append(form)
        return found

    def replay(self):
        """The replay of the chosen KPIs under the typed terms."""
        replayed = self.forms.replay.cleaned_data
        kpis, count = chosen_kpis(self.request.user, self.team, replayed)
        return replay_page(
            kpis,
            count,
            self.cadences,
            self.forms.terms(),
            team=self.team,
            months=replayed["months"],
            organisation=self.organisation,
            now=self.now,
        )

    def render(self, *, status: int = 200, **more: Any) -> HttpResponse:
        """The whole page."""
        context = self.context() | more
        return render(self.request, "metrics/policies.html", context, status=status)


@require_http_methods(["GET", "POST"])
def cadence_policies(request: AuthedRequest) -> HttpResponse:
    """The terms of all cadences for everybody, or with `?team=` for one team.

    `do` says what a post wants: `dates` the due dates, `preview` the replay, `end` to follow the
    organisation again; else the terms are saved.
    """
    require_admin(request.user)
    page = Page(request)
    if request.method == "GET":
        return page.render()
    do = request.POST.get("do", "save")
    if do == "dates" and wants_fragment(request):
        return render(request, "metrics/_policy_cadences.html", page.context())
    if do in ("dates", "preview"):
        return _preview(page)
    return _end(page) if do == "end" else _save(page)


def _preview(page: Page) -> HttpResponse:
    if not page.forms.terms_are_valid:
        if wants_fragment(page.request):
            problems = {"problems": list(page.forms.problems()), "forms": page.forms}
            return render(page.request, "metrics/_policy_replay.html", problems, status=422)
        return page.render(status=422)
    replay = page.replay()
    if wants_fragment(page.request):
        return render(page.request, "metrics/_policy_replay.html", {"replay": replay})
    return page.render(replay=replay)


def _save(page: Page) -> HttpResponse:
    if not page.forms.are_valid:
        return page.render(status=422)
    change = page.forms.change.cleaned_data
    try:
        saved = set_policies(
            page.organisation,
            page.forms.terms(),
            team=page.team,
            **change,
            actor=page.request.user,
            now=page.now,
        )
    except PoliciesChanged:
        return _conflict(page)
    except BeganAlready:
        page.forms.change.add_error(
            "effective_on", "That day is over: choose today or a later one."
        )
        return page.render(status=422)
    day = day_near(change["effective_on"], page.today)
    said = f"Saved. In force from {day}." if saved else "Nothing differs from what is in force."
    messages.success(page.request, said + until_words(saved, page.today))
    return redirect(page.url)


def _end(page: Page) -> HttpResponse:
    """The team follows the organisation again."""
    change = page.forms.change
    if page.team is None or not change.is_valid():
        return page.render(status=422)
    try:
        ended = end_policies(
            page.team, **change.cleaned_data, actor=page.request.user, now=page.now
        )
    except PoliciesChanged:
        return _conflict(page)
    day = day_near(change.cleaned_data["effective_on"], page.today)
    said = f"The organisation’s terms hold from {day}." if ended else "Nothing was changed."
    messages.success(page.request, said + until_words(ended, page.today))
    return redirect(page.url)


def _conflict(page: Page) -> HttpResponse:
    """Keep what was typed, and let the next save count."""
    data = page.forms.change.data.copy()
    data["seen"] = fingerprint(page.cadences)
    page.forms.change.data = data
    return page.render(status=409, conflict=_CHANGED)


def _next_month(today: date) -> date:
    return date(today.year + today.month // 12, today.month % 12 + 1, 1)
