"""The list of signals: what needs a decision first, then what is being done about the rest."""

from __future__ import annotations

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from metrics.models import Signal
from metrics.signal_list import list_context
from metrics.signal_sections import PAGE, in_sections, section_counts, with_row_parts
from teams.http import AuthedRequest
from teams.models import Heartbeat


@require_GET
def signal_list(request: AuthedRequest) -> HttpResponse:
    """Signals by section, 50 a page; the queries are the same at 10 and at 1,000."""
    now = timezone.now()
    sectioned = in_sections(Signal.objects.visible_to(request.user), now)
    counts = section_counts(sectioned)
    paginator = Paginator(with_row_parts(sectioned), PAGE)
    # The counts are known, so the paginator need not ask again.
    paginator.__dict__["count"] = sum(counts.values())
    page = paginator.get_page(request.GET.get("page"))
    checked = Heartbeat.objects.filter(name="evaluate").first()
    context = list_context(page, counts, checked, request.user, now)
    return render(request, "metrics/signal_list.html", context)
