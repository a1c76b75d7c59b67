"""The card of a team for a new member."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from objectives.pages.member_card import member_card
from teams.guards import get_team_and_role
from teams.http import AuthedRequest


@require_GET
def team_card(request: AuthedRequest, pk: int) -> HttpResponse:
    """The team's KPIs and objectives on one printable page."""
    team, role = get_team_and_role(request.user, pk)
    context = member_card(team, role, timezone.now())
    return render(request, "objectives/member_card.html", context)
