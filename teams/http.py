"""The typed request of signed-in pages, and the one test for "htmx wants a fragment"."""

from __future__ import annotations

from django.http import HttpRequest
from django_htmx.middleware import HtmxDetails

from teams.models import User


class AuthedRequest(HttpRequest):
    """A request whose user is signed in (LoginRequiredMiddleware saw to it)."""

    user: User
    htmx: HtmxDetails


def wants_fragment(request: AuthedRequest) -> bool:
    """True when htmx asks for a piece of the page, not for the page."""
    return bool(request.htmx) and not request.htmx.boosted
