"""The coach's own pages: its rules and how firmly they speak, and the sorting of ideas."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods

from objectives.actions.coaching import StrictnessChanged, set_strictness
from objectives.forms_coach import RulesForm, StartForm
from objectives.pages.coach_policy import policy_of
from objectives.pages.coach_rules import rules_context
from objectives.pages.start_page import start_context
from teams.guards import require_admin
from teams.http import AuthedRequest, wants_fragment


@require_http_methods(["GET", "POST"])
def rule_list(request: AuthedRequest) -> HttpResponse:
    """Every rule with its reason and examples; an administrator says how firmly each speaks."""
    if request.method == "GET":
        return rules_response(request)
    require_admin(request.user)
    organisation = request.user.organisation
    form = RulesForm(request.POST, policy=policy_of(organisation.pk))
    if not form.is_valid():
        return rules_response(request, request.POST, status=422)
    try:
        changed = set_strictness(
            organisation,
            form.wanted(),
            was=form.was(),
            actor=request.user,
            now=timezone.now(),
        )
    except StrictnessChanged as met:
        kept = request.POST.copy()
        for code, mode in met.current.items():
            kept[f"was_{code}"] = mode
        return rules_response(request, kept, current=met.current, status=409)
    messages.success(request, f"Saved: {', '.join(changed)}." if changed else "Nothing to change.")
    return redirect("objectives:rule_list")


def rules_response(
    request: AuthedRequest,
    data: QueryDict | None = None,
    *,
    current: dict[str, str] | None = None,
    status: int = 200,
) -> HttpResponse:
    """The page of the rules, with what was chosen if it could not be saved."""
    organisation = request.user.organisation
    now = timezone.now()
    today = organisation.today(now) if organisation else now.date()
    context = rules_context(request.user, organisation, today, data, current)
    return render(request, "objectives/coach_rules.html", context, status=status)


@require_GET
def start(request: AuthedRequest) -> HttpResponse:
    """OKR, KPI or neither? The whole question stands in the address, so it can be sent on."""
    form = StartForm(request.GET)
    status = 200 if form.is_valid() else 422
    context = start_context(form, request.user, timezone.now())
    name = "_start_sorted.html" if wants_fragment(request) else "start.html"
    return render(request, f"objectives/{name}", context, status=status)
