"""The way in: where a person lands, and the guided path of an organisation that begins."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from objectives.pages.first_steps import first_steps
from teams.actions.first_steps import close_first_steps, reopen_first_steps
from teams.guards import require_admin
from teams.http import AuthedRequest


@require_GET
def home(request: AuthedRequest) -> HttpResponse:
    """Send people to their week, and an administrator on the guided path to it.

    Those of no organisation, who have no week, go to the list of teams.
    """
    user = request.user
    if user.organisation_id is None:
        return redirect("/teams/")
    is_open = user.is_org_admin and user.organisation.first_steps_closed_at is None
    if is_open and not first_steps(user).is_done:
        return redirect("objectives:first_steps")
    return redirect("/my-week/")


@require_GET
def steps(request: AuthedRequest) -> HttpResponse:
    """The five steps as they stand; what closes the path is the last of them (middleware.py)."""
    require_admin(request.user)
    is_closed = request.user.organisation.first_steps_closed_at is not None
    context = {"path": first_steps(request.user), "is_closed": is_closed}
    return render(request, "objectives/first_steps.html", context)


@require_POST
def steps_close(request: AuthedRequest) -> HttpResponse:
    """Put the path aside, or behind oneself once it is done: pages no longer speak of it."""
    require_admin(request.user)
    close_first_steps(request.user.organisation, now=timezone.now())
    if not first_steps(request.user).is_done:
        messages.success(request, "Put aside. It stays under Glossary, “First steps”.")
    return redirect("/my-week/")


@require_POST
def steps_reopen(request: AuthedRequest) -> HttpResponse:
    """Take the path up again."""
    require_admin(request.user)
    reopen_first_steps(request.user.organisation)
    return redirect("objectives:first_steps")
