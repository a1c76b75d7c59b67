"""The way to single sign-on, also when its server is away."""

from __future__ import annotations

from allauth.socialaccount.providers.openid_connect import views as oidc
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET, require_http_methods
from requests import RequestException

SAID = "socialaccount/authentication_error.html"


@login_not_required
@require_http_methods(["GET", "POST"])
def sign_on(request: HttpRequest, provider_id: str) -> HttpResponse:
    """Lead to the server; one that is away, or says nonsense, is said in a sentence."""
    try:
        return oidc.login(request, provider_id)
    except (RequestException, KeyError):
        return render(request, SAID, status=503)


@login_not_required
@require_GET
def sign_on_answer(request: HttpRequest, provider_id: str) -> HttpResponse:
    """Come back from the server, which may be away by now."""
    try:
        return oidc.callback(request, provider_id)
    except (RequestException, KeyError):
        return render(request, SAID, status=503)
