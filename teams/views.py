"""Pages about the signed-in person."""

from allauth.usersessions.models import UserSession
from django.contrib import messages
from django.core.paginator import Paginator
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from teams.actions.people import rename
from teams.forms import ProfileForm
from teams.http import AuthedRequest

INBOX_PAGE = 50


@require_GET
def inbox(request: AuthedRequest) -> HttpResponse:
    """The person's messages that tell of what they may see today, newest first."""
    items = request.user.inbox.visible_to(request.user)
    page = Paginator(items, INBOX_PAGE).get_page(request.GET.get("page"))
    return render(request, "teams/inbox.html", {"page": page, "section": "inbox"})


@require_POST
def inbox_read(request: AuthedRequest) -> HttpResponse:
    """Mark every message the person can see as read."""
    request.user.inbox.visible_to(request.user).filter(read_at=None).update(read_at=timezone.now())
    return redirect("teams:inbox")


@require_http_methods(["GET", "POST"])
def profile(request: AuthedRequest) -> HttpResponse:
    """Name and appearance of the signed-in person, and whether they read a lesson a day."""
    form = ProfileForm(request.POST or None, instance=request.user)
    if request.method == "POST" and form.is_valid():
        with transaction.atomic():
            rename(request.user, form.cleaned_data["name"], by=request.user)
            request.user.save(update_fields=["theme", "has_lessons"])
        messages.success(request, "Profile saved.")
        return redirect("teams:profile")
    status = 422 if form.is_bound else 200
    return render(request, "teams/profile.html", {"form": form}, status=status)


@require_POST
def session_end(request: AuthedRequest, pk: int) -> HttpResponse:
    """End one of the person's sessions, on another device or here."""
    session = get_object_or_404(UserSession, pk=pk, user=request.user)
    session.end()
    messages.success(request, "That session is over.")
    return redirect("usersessions_list")
