"""The names that an @ and the first letters after it offer."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from teams.guards import get_team_and_role, require_writer
from teams.http import AuthedRequest
from teams.mentions import offered, who_see


@require_GET
def mention_list(request: AuthedRequest, pk: int) -> HttpResponse:
    """Whom a text about the team may mention; about something `private`, only its people."""
    team, role = get_team_and_role(request.user, pk)
    require_writer(role)
    seeing = who_see(team, is_private="private" in request.GET)
    names = offered(request.GET.get("at", "")[:200], seeing=seeing, by=request.user)
    return render(request, "teams/_mentions.html", {"names": names})
