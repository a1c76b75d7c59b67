"""Headers for pages with private figures, and the second step that administrators owe."""

from collections.abc import Callable

from allauth.mfa.utils import is_mfa_enabled
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.cache import patch_vary_headers
from django_htmx.http import HttpResponseClientRedirect

from teams.adapter import needs_second_factor

OPEN_WITHOUT = ("/accounts/", "/static/", "/healthz", "/readyz")


def private_pages(get_response: Callable[[HttpRequest], HttpResponse]):
    """No signed-in page is kept by a cache; a fragment and its page are told apart."""

    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        if not request.path.startswith("/static/"):
            response.headers.setdefault("Cache-Control", "no-store, private")
            patch_vary_headers(response, ["HX-Request"])
        return response

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
