"""Values typed in the rows of My week: the views of values at home in another list."""

from __future__ import annotations

import json
from datetime import date
from decimal import Decimal
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.views.decorators.http import require_GET, require_http_methods

from metrics.evaluation.recent import KEPT
from metrics.kpi_page.history import History, judged_history
from metrics.models import Kpi
from metrics.owed_values import periods_owed
from metrics.scorecard import as_judged
from metrics.scorecard_facts import targets_of
from metrics.value_list import full_row, owed_row, saved_row
from metrics.views_kpi import whole_kpis
from metrics.views_values import value_edit, value_fill
from objectives.pages.week import following, place_of_value
from objectives.pages.week_owed import Week
from objectives.pages.week_rows import listed, value_urls
from teams.guards import get_visible_or_404, require_member
from teams.http import AuthedRequest, wants_fragment


class WeekHome:
    """My week as the home of a value's row: see `metrics.value_home.Home`."""

    page = "/my-week/"

    def typing(self, request: AuthedRequest, kpi: Kpi, start: date | None) -> dict[str, Any]:
        urls = value_urls(kpi, start or date.min)
        one = start is not None
        return {
            "root": f"kpi-{kpi.pk}" if wants_fragment(request) else "",
            "action": urls.edit if one else urls.fill,
            "cancel": f"{self.page}#kpi-{kpi.pk}",
            "cancel_row": f"/my-week/kpis/{kpi.pk}/",
            "listed": "metrics/_value_form.html" if one else "metrics/_fill_form.html",
            "save_verb": "Save, next",
        }

    def saved(self, request: AuthedRequest, kpi: Kpi, start: date, text: str) -> HttpResponse:
        if not wants_fragment(request):
            messages.success(request, text)
            return redirect(self.page)
        now = timezone.now()
        week = Week.of(request.user, now)
        kpi = whole_kpis().get(pk=kpi.pk)
        history = judged_history(kpi, now)
        after = place_of_value(kpi, history.verdict_of(start).period)
        then = following(week, f"kpi-{kpi.pk}", after)
        target = targets_of([kpi.pk], week.today).get(kpi.pk)
        shown = listed(week, kpi, as_judged(kpi, history), target)
        newest = next(v.period.start for v in reversed(history.verdicts) if v.own is not None)
        row = saved_row(shown, _value_before(history, start), value_urls(kpi, newest))
        response = HttpResponse(format_html("{}{}", row, then.counter))
        saved = {"id": f"kpi-{kpi.pk}", "next": then.next}
        response.headers["HX-Trigger"] = json.dumps({"row:saved": saved})
        return response


def _value_before(history: History, start: date) -> Decimal | None:
    """The last value of a period before the one that starts on a day."""
    earlier = (v.own for v in reversed(history.verdicts) if v.period.start < start)
    return next((value for value in earlier if value is not None), None)


def _row_at_rest(week: Week, kpi: Kpi) -> SafeString:
    """The row as the data say it now: what it still asks for, or all values are in."""
    history = judged_history(kpi, week.now)
    recent = as_judged(kpi, history)
    entered = {v.period.start for v in history.verdicts if v.own is not None}
    owed = periods_owed(kpi, recent, week.fiscal_month, week.today, most_waiting=KEPT)
    periods = [one for one in owed if one.start not in entered]
    target = targets_of([kpi.pk], week.today).get(kpi.pk)
    shown = listed(week, kpi, recent, target, periods)
    if periods:
        return owed_row(shown, value_urls(kpi, periods[0].start))
    start = recent[-1].on if recent else week.today
    return full_row(shown, value_urls(kpi, start))


@require_GET
def week_value_row(request: AuthedRequest, pk: int) -> HttpResponse:
    """A KPI's row at rest, as Cancel shows it again."""
    kpi = get_visible_or_404(whole_kpis(), request.user, pk)
    require_member(request.user, kpi.team_id)
    if not wants_fragment(request):
        return redirect(WeekHome.page)
    now = timezone.now()
    week = Week.of(request.user, now)
    return HttpResponse(_row_at_rest(week, kpi))


@require_http_methods(["GET", "POST"])
def week_value_edit(request: AuthedRequest, pk: int, start: date) -> HttpResponse:
    """Enter or correct a period's value in its row of My week."""
    return value_edit(request, pk, start, WeekHome())


@require_http_methods(["GET", "POST"])
def week_value_fill(request: AuthedRequest, pk: int) -> HttpResponse:
    """Fill several missed periods in the KPI's row of My week."""
    return value_fill(request, pk, WeekHome())
