"""The chat of a team, which its leads set up, and that of the organisation, which admins do."""

from __future__ import annotations

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from teams.actions.chats import (
    chat_of,
    remove_chat,
    retry_posts,
    set_chat,
    stuck_posts,
    try_chat,
)
from teams.forms_chat import ChatForm
from teams.guards import get_team_and_role, require_admin
from teams.http import AuthedRequest
from teams.models import ChatHook, Membership, Team
from teams.views_audit import history_of_chat

SHOWN = 10


@sensitive_post_parameters("url")
@require_http_methods(["GET", "POST"])
def organisation_chat(request: AuthedRequest) -> HttpResponse:
    """The chat that hears of all that is not private."""
    require_admin(request.user)
    return _chat(request, None)


@sensitive_post_parameters("url")
@require_http_methods(["GET", "POST"])
def team_chat(request: AuthedRequest, pk: int) -> HttpResponse:
    """The chat that hears of one team."""
    team, role = get_team_and_role(request.user, pk)
    if role != Membership.Role.LEAD:
        raise PermissionDenied("A lead of this team can set up its chat.")
    return _chat(request, team)


def _chat(request: AuthedRequest, team: Team | None) -> HttpResponse:
    hook = chat_of(request.user.organisation, team)
    if request.method == "GET":
        return _shown(request, team, hook, ChatForm(initial={"shape": hook and hook.shape}))
    if (wanted := request.POST.get("do", "save")) != "save":
        return _done(request, hook, wanted)
    form = ChatForm(request.POST)
    if not form.is_valid():
        return _shown(request, team, hook, form, status=422)
    made = set_chat(
        request.user.organisation,
        team,
        **form.cleaned_data,
        actor=request.user,
        now=timezone.now(),
    )
    messages.success(request, f"The chat at {made.host} is told from now on.")
    return redirect(request.path)


def _done(request: AuthedRequest, hook: ChatHook | None, wanted: str) -> HttpResponse:
    """Remove the chat, send it a test, or try again what it did not take."""
    if hook is None or wanted not in ("remove", "test", "retry"):
        raise Http404
    now = timezone.now()
    if wanted == "remove":
        remove_chat(hook, actor=request.user)
        messages.success(request, "The chat is told nothing more, and its address is forgotten.")
    elif wanted == "test":
        if try_chat(hook, now):
            messages.success(request, "A test is on its way. Look into the chat in a few seconds.")
        else:
            messages.info(request, "A test was sent this minute already. Send another in a minute.")
    else:
        retry_posts(hook, now)
        messages.success(request, "What was not delivered is tried again.")
    return redirect(request.path)


def _shown(
    request: AuthedRequest,
    team: Team | None,
    hook: ChatHook | None,
    form: ChatForm,
    status: int = 200,
) -> HttpResponse:
    stuck = stuck_posts(hook) if hook else ChatHook.objects.none()
    context = {"team": team, "hook": hook, "form": form, "count": stuck.count()}
    context["stuck"] = list(stuck[:SHOWN])
    context |= history_of_chat(request, team)
    name = "teams/chat_team.html" if team else "teams/chat_organisation.html"
    return render(request, name, context, status=status)
