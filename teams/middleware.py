"""A name for each request, headers for private figures, the second step administrators owe."""

from collections.abc import Callable
from uuid import uuid4

from allauth.mfa.utils import is_mfa_enabled
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.cache import patch_vary_headers
from django_htmx.http import HttpResponseClientRedirect

from teams.adapter import needs_second_factor
from teams.audit import origin

OPEN_WITHOUT = ("/accounts/", "/static/", "/healthz", "/readyz")


def request_id(get_response: Callable[[HttpRequest], HttpResponse]):
    """Give each request an id of our own: in its answer, in the logs, with what it changed.

    What a client calls its request is not taken over: a record must not be named by others.
    """

    def middleware(request: HttpRequest) -> HttpResponse:
        identifier = str(uuid4())
        request.request_id = identifier
        with origin.request(identifier):
            response = get_response(request)
        response.headers["X-Request-ID"] = identifier
        return response

    return middleware


def private_pages(get_response: Callable[[HttpRequest], HttpResponse]):
    """No signed-in page is kept by a cache; a fragment and its page are told apart."""

    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        if not request.path.startswith("/static/"):
            response.headers.setdefault("Cache-Control", "no-store, private")
            patch_vary_headers(response, ["HX-Request"])
        return response

    return middleware


def local_dates(get_response: Callable[[HttpRequest], HttpResponse]):
    """Write the moments on a page as days and hours of the person's organisation."""

    def middleware(request: HttpRequest) -> HttpResponse:
        user = request.user
        if not user.is_authenticated or user.organisation_id is None:
            return get_response(request)
        with timezone.override(user.organisation.zone):
            return get_response(request)

    return middleware


def second_factor(get_response: Callable[[HttpRequest], HttpResponse]):
    """Lead an administrator without the second step their organisation asks for to set it up.

    One query for those who owe it; none for everybody else.
    """

    def middleware(request: HttpRequest) -> HttpResponse:
        user = request.user
        if (
            user.is_authenticated
            and not request.path.startswith(OPEN_WITHOUT)
            and needs_second_factor(user)
            and not is_mfa_enabled(user)
        ):
            page = redirect("mfa_index")
            return HttpResponseClientRedirect(page.url) if request.htmx else page
        return get_response(request)

    return middleware
