"""The leader's dashboard: the page, its chart, its lists to take away, and views a person keeps."""

from __future__ import annotations

from django.http import Http404, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from reviews.actions.saved_views import keep_view
from reviews.dashboards.picture import read_picture
from reviews.dashboards.scope import Known, Scope, closing_day, read_known, scope_of
from reviews.exports import csv_response, xlsx_response
from reviews.forms_dashboard import QuarterForm, SavedViewForm
from reviews.models import SavedView
from reviews.pages.dashboard_board import Board
from reviews.pages.dashboard_compare import compare_context
from reviews.pages.dashboard_lists import LISTS, Rows
from reviews.pages.dashboard_page import dashboard_context
from reviews.pages.dashboard_trend import trend_context
from teams.http import AuthedRequest, wants_fragment

_PARTS = ("decide", "teams", "kpis", "objectives")


def asked(request: AuthedRequest, data: QueryDict) -> tuple[QuarterForm, Scope, Known]:
    """What the filters ask for; 404 for a team or cycle the reader may not know of.

    Without a day a cycle that is over is told as of the day it was closed. A day that cannot be
    understood is told at its field, and counts as none.
    """
    user = request.user
    if user.organisation_id is None:
        raise Http404
    now = timezone.now()
    known = read_known(user)
    today = user.organisation.today(now)
    form = QuarterForm(data, known=known, today=today)
    if form.is_unknown:
        raise Http404
    team, wanted = form.chosen("team"), form.chosen("cycle")
    cycle = next((one for one in known.cycles if str(one.pk) == wanted), None)
    scope = scope_of(
        user,
        known,
        now,
        team=next((one for one in known.visible() if str(one.pk) == team), None),
        cycle=cycle,
        on=form.chosen("on") or closing_day(cycle, user.organisation, today),
    )
    return form, scope, known


@require_GET
def dashboard(request: AuthedRequest) -> HttpResponse:
    """The quarter at a glance, of the organisation or a team with its sub-teams."""
    return _dashboard(request, request.GET, None)


def _dashboard(
    request: AuthedRequest, data: QueryDict, view_form: SavedViewForm | None
) -> HttpResponse:
    form, scope, known = asked(request, data)
    pages = {name: data.get(f"{name}_page", "") for name in _PARTS}
    context = dashboard_context(read_picture(scope, known), form, pages)
    context["views"] = SavedView.objects.filter(person=request.user)
    context["view_form"] = view_form or SavedViewForm(
        person=request.user, initial={"query": form.query()}
    )
    if view_form is not None:
        # The form stands at the foot of a long page, which opens at its head.
        context["view_form"].fields["name"].widget.attrs["autofocus"] = True
    is_wrong = bool(form.errors) or view_form is not None
    return render(request, "reviews/dashboard.html", context, status=422 if is_wrong else 200)


@require_GET
def dashboard_trend(request: AuthedRequest) -> HttpResponse:
    """Progress, expected pace and confidence week by week: a chart with its table beside it."""
    form, scope, _ = asked(request, request.GET)
    context = trend_context(scope) | {"scope": scope, "query": form.query()}
    context["is_fragment"] = wants_fragment(request)
    name = "_dashboard_trend.html" if context["is_fragment"] else "dashboard_trend.html"
    return render(request, f"reviews/{name}", context)


@require_GET
def dashboard_compare(request: AuthedRequest) -> HttpResponse:
    """The headline figures beside those of the cycle's beginning and of the cycle before."""
    form, scope, known = asked(request, request.GET)
    context = compare_context(scope, known) | {"query": form.query()}
    name = "_dashboard_compare.html" if wants_fragment(request) else "dashboard_compare.html"
    return render(request, f"reviews/{name}", context)


@require_GET
def dashboard_export(request: AuthedRequest, name: str) -> HttpResponse:
    """One list of the page, all of its rows, as CSV."""
    return csv_response(*_list(request, name))


@require_GET
def dashboard_sheet(request: AuthedRequest, name: str) -> HttpResponse:
    """The same as a spreadsheet."""
    return xlsx_response(*_list(request, name))


def _list(request: AuthedRequest, name: str) -> tuple[str, Rows]:
    """What the download of a list is called, and its rows."""
    if name not in LISTS:
        raise Http404
    form, scope, known = asked(request, request.GET)
    board = Board(read_picture(scope, known), form.chosen("status") or "")
    return f"quarter-{name}-{scope.on.isoformat()}", LISTS[name](board)


@require_POST
def view_create(request: AuthedRequest) -> HttpResponse:
    """Keep the filters under a name; a name in use is told at the field."""
    form = SavedViewForm(request.POST, person=request.user)
    if form.is_valid() and keep_view(form, now=timezone.now()):
        return redirect(f"/quarter/?{form.instance.query}")
    return _dashboard(request, QueryDict(request.POST.get("query", "")[:500]), form)


@require_POST
def view_delete(request: AuthedRequest, pk: int) -> HttpResponse:
    """Forget a view of one's own; one that is not there is forgotten already."""
    view = SavedView.objects.filter(pk=pk, person=request.user).first()
    if view is None:
        return redirect("/quarter/")
    view.delete()
    return redirect(f"/quarter/?{view.query}")
