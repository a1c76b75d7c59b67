"""The guided path closes with the request that did its last step."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from objectives.pages.first_steps import first_steps
from teams.actions.first_steps import close_first_steps

PLACE = "/first-steps/"


def close_path(get_response: Callable[[HttpRequest], HttpResponse]):
    """After what an administrator on the path sent, look whether all of it is done; else nothing.

    Reading closes nothing. Opening the path again does not close it at once.
    """

    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        is_sent = request.method == "POST" and response.status_code < 400
        if is_sent and _is_on_path(request) and first_steps(request.user).is_done:
            close_first_steps(request.user.organisation, now=timezone.now())
        return response

    return middleware


def _is_on_path(request: HttpRequest) -> bool:
    user = request.user
    return (
        user.is_authenticated
        and user.is_org_admin
        and user.organisation_id is not None
        and user.organisation.first_steps_closed_at is None
        and not request.path.startswith(PLACE)
    )
