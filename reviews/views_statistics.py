"""Statistics and calibration over cycles, of the organisation or a team with its sub-teams."""

from __future__ import annotations

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from objectives.kinds import CycleKind
from objectives.models import Cycle
from reviews.exports import csv_response, xlsx_response
from reviews.pages.statistics import EXPORTS, Scope, scope_of, statistics_context
from reviews.tables import Table
from reviews.views_scorecard import may_share
from teams.guards import get_visible_or_404
from teams.http import AuthedRequest
from teams.models import Team


def asked_scope(request: AuthedRequest) -> Scope:
    """The scope of the address; 404 for a team the person may not see, or no organisation."""
    if request.user.organisation is None:
        raise Http404
    wanted = request.GET.get("team", "")
    team = None
    if wanted:
        if not (wanted.isascii() and wanted.isdigit() and len(wanted) < 16):
            raise Http404
        rows = Team.objects.select_related("organisation")
        team = get_visible_or_404(rows, request.user, int(wanted))
    return scope_of(request.user, team, request.GET.get("kind", ""), timezone.now())


@require_GET
def statistics(request: AuthedRequest) -> HttpResponse:
    """The page; nothing on it tells of a person."""
    scope = asked_scope(request)
    pages = request.GET.get("page", "1"), request.GET.get("signals", "1")
    context = statistics_context(scope, request.GET.get("cycle", ""), pages)
    kinds = Cycle.objects.of(scope.organisation).values_list("kind", flat=True)
    context["kinds"] = [(kind, CycleKind(kind).label) for kind in sorted(set(kinds))]
    context["kind"] = scope.cycles[0].kind if scope.cycles else ""
    context["may_share"] = may_share(request.user)
    context["pickable"] = Team.objects.visible_to(request.user).order_by("name", "pk")
    query = request.GET.copy()
    for name in ("page", "signals"):
        query.pop(name, None)
    context["query"] = query.urlencode()
    return render(request, "reviews/statistics.html", context)


@require_GET
def statistics_export(request: AuthedRequest, name: str) -> HttpResponse:
    """One table of the page, all of its rows, as CSV."""
    return csv_response(f"statistics-{name}", _table(request, name).export())


@require_GET
def statistics_sheet(request: AuthedRequest, name: str) -> HttpResponse:
    """The same as a spreadsheet."""
    return xlsx_response(f"statistics-{name}", _table(request, name).export())


def _table(request: AuthedRequest, name: str) -> Table:
    """The table of a download; 404 for a name that is none."""
    if name not in EXPORTS:
        raise Http404
    return EXPORTS[name](asked_scope(request), request.GET.get("cycle", ""))
