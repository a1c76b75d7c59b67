"""Headers for pages with private figures."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.utils.cache import patch_vary_headers


def private_pages(get_response: Callable[[HttpRequest], HttpResponse]):
    """No signed-in page is kept by a cache; a fragment and its page are told apart."""

    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        if not request.path.startswith("/static/"):
            response.headers.setdefault("Cache-Control", "no-store, private")
            patch_vary_headers(response, ["HX-Request"])
        return response

    return middleware
