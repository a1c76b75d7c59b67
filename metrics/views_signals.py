"""The list of signals: what needs a decision first, then what is being done about the rest."""

from __future__ import annotations

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from metrics.models import Signal
from metrics.signal_list import list_context
from metrics.signal_sections import DECIDE, PAGE, read_page
from teams.http import AuthedRequest
from teams.models import Heartbeat


@require_GET
def signal_list(request: AuthedRequest) -> HttpResponse:
    """Signals by section, 50 a page; the queries are the same at 10 and at 1,000."""
    now = timezone.now()
    signals = Signal.objects.visible_to(request.user)
    wanted = request.GET.get("page", "")
    number = int(wanted) if wanted.isdecimal() and len(wanted) < 7 else 1
    counts, placed = read_page(signals, now, max(number - 1, 0) * PAGE)
    page = Paginator(range(sum(counts.values())), PAGE).get_page(wanted)
    if page.number != number:
        counts, placed = read_page(signals, now, (page.number - 1) * PAGE)
    # The navigation counts the same.
    request.undecided_signals = counts[DECIDE]
    checked = Heartbeat.objects.filter(name="evaluate")[:1]
    context = list_context(page, counts, placed, next(iter(checked), None), request.user, now)
    return render(request, "metrics/signal_list.html", context)
