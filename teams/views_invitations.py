"""Asking people in, and the page an invitation opens."""

from __future__ import annotations

from allauth.account.utils import perform_login
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.db import IntegrityError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from teams.actions import InvitationClosed, accept, invite, resend, revoke
from teams.forms_invitations import AcceptForm, InviteForm
from teams.guards import require_admin
from teams.http import AuthedRequest
from teams.links import hash_of, invitation_path
from teams.models import Invitation
from teams.outbox import channels

INVITE = "teams/invite.html"
CLOSED = {
    "accepted": "This invitation was used. Sign in with the address it was sent to.",
    "revoked": "This invitation was taken back. Ask who invited you.",
    "expired": "This invitation has run out. Ask who invited you for a new link.",
    "unknown": "This link opens nothing. A newer one may have been sent since: look for the last.",
    "here already": "Somebody with this address is here already. Sign in instead.",
}


@require_http_methods(["GET", "POST"])
def invitation_create(request: AuthedRequest) -> HttpResponse:
    """Ask somebody in; the answer shows the link, which is shown nowhere else."""
    require_admin(request.user)
    form = InviteForm(request.POST or None, admin=request.user)
    if request.method == "POST" and form.is_valid():
        try:
            made = invite(**form.cleaned_data, actor=request.user, now=timezone.now())
        except IntegrityError:
            form.add_error("email", "Somebody else invited this address just now.")
        else:
            return _shown(request, made)
    status = 422 if request.method == "POST" else 200
    return render(request, INVITE, {"form": form}, status=status)


@require_POST
def invitation_resend(request: AuthedRequest, pk: int) -> HttpResponse:
    """A new link in place of the old one, for another term."""
    invitation = _invitation_or_404(request, pk)
    try:
        made = resend(invitation, now=timezone.now(), by=request.user)
    except InvitationClosed as closed:
        messages.info(request, f"{invitation.email}: the invitation was {closed.state} meanwhile.")
        return redirect("teams:people_list")
    return _shown(request, made)


@require_POST
def invitation_revoke(request: AuthedRequest, pk: int) -> HttpResponse:
    """Close an invitation."""
    invitation = _invitation_or_404(request, pk)
    if revoke(invitation, now=timezone.now(), by=request.user):
        messages.success(request, f"The invitation of {invitation.email} opens nothing now.")
    else:
        messages.info(request, f"The invitation of {invitation.email} was over already.")
    return redirect("teams:people_list")


def _invitation_or_404(request: AuthedRequest, pk: int) -> Invitation:
    require_admin(request.user)
    return get_object_or_404(Invitation.objects.of(request.user), pk=pk)


def _shown(request: AuthedRequest, made: Invitation) -> HttpResponse:
    """The page with the link of an invitation, and the form for the next one."""
    context = {
        "made": made,
        "address": request.build_absolute_uri(invitation_path(made.nonce)),
        "is_mailed": "email" in channels(),
        "form": InviteForm(admin=request.user),
    }
    return render(request, INVITE, context)


@login_not_required
@sensitive_post_parameters("password")
@require_http_methods(["GET", "POST"])
def invitation_accept(request: HttpRequest, secret: str) -> HttpResponse:
    """Choose a name and a password; an invitation that opens nothing says why.

    Only the hash is looked up, so how long it takes tells nothing of how near a guess was.
    """
    rows = Invitation.objects.select_related("organisation", "team", "created_by")
    invitation = rows.filter(secret_hash=hash_of(secret)).first()
    state = invitation.state_at(timezone.now()) if invitation else "unknown"
    if state != "open":
        return _closed(request, state)
    context = {"invitation": invitation, "form": AcceptForm(invitation=invitation)}
    if request.user.is_authenticated:
        return _answer(request, context, 200 if request.method == "GET" else 409)
    if request.method == "GET":
        return _answer(request, context)
    form = context["form"] = AcceptForm(request.POST, invitation=invitation)
    if not form.is_valid():
        return _answer(request, context, 422)
    try:
        person = accept(hash_of(secret), **form.cleaned_data, now=timezone.now())
    except InvitationClosed as closed:
        return _closed(request, closed.state)
    messages.success(request, f"Welcome to {invitation.organisation}.")
    return perform_login(request, person)


def _closed(request: HttpRequest, state: str) -> HttpResponse:
    return _answer(request, {"closed": CLOSED[state]}, 404 if state == "unknown" else 410)


def _answer(request: HttpRequest, context: dict, status: int = 200) -> HttpResponse:
    answer = render(request, "teams/invitation.html", context, status=status)
    # Not "no-referrer": browsers then send no origin with the form, and it would be refused.
    answer["Referrer-Policy"] = "same-origin"
    answer["X-Robots-Tag"] = "noindex, nofollow, noarchive"
    return answer
