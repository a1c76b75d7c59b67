"""A person's calendar for other programs, and the page on which they make its address."""

from __future__ import annotations

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.cache import get_conditional_response
from django.views.decorators.http import require_GET, require_http_methods

from reviews.calendar_entries import entries_of
from reviews.ical import calendar_text, etag_of
from teams.actions.calendars import end_feed, make_feed, person_of
from teams.http import AuthedRequest
from teams.models import CalendarFeed

PAGE = "reviews/calendar.html"


@require_http_methods(["GET", "POST"])
def calendar(request: AuthedRequest) -> HttpResponse:
    """Whether there is an address; it is shown only in the answer that made it."""
    if request.user.organisation_id is None:
        raise Http404
    context = {}
    if request.method == "POST":
        if request.POST.get("do") == "end":
            end_feed(request.user)
            messages.success(request, "The address opens nothing any more.")
            return redirect("reviews:calendar")
        secret = make_feed(request.user, timezone.now())
        context["address"] = f"{settings.SITE_URL}/calendar/{secret}.ics"
    context["feed"] = CalendarFeed.objects.filter(user=request.user).first()
    return render(request, PAGE, context)


@login_not_required
@require_GET
def calendar_feed(request: HttpRequest, secret: str) -> HttpResponse:
    """The calendar an address opens; an unknown address and one that was taken back look alike."""
    person = person_of(secret)
    if person is None:
        raise Http404
    now = timezone.now()
    name = f"okrkpi, {person.organisation}"
    today = person.organisation.today(now)
    text = calendar_text(name, entries_of(person, now), today, settings.SITE_URL)
    answer = HttpResponse(text, content_type="text/calendar; charset=utf-8")
    answer["Content-Disposition"] = 'inline; filename="okrkpi.ics"'
    answer["X-Robots-Tag"] = "noindex, nofollow, noarchive"
    answer["Referrer-Policy"] = "no-referrer"
    answer["Cache-Control"] = "private, no-cache"
    answer["ETag"] = etag_of(text)
    return get_conditional_response(request, etag=answer["ETag"], response=answer)
