"""The pages on which a person says when and about what they are written to."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from teams.digests import change_settings, stop_mail
from teams.forms_messages import MessageSettingsForm
from teams.http import AuthedRequest
from teams.mails import unsubscribing
from teams.models import MessageSettings


@require_http_methods(["GET", "POST"])
def message_settings(request: AuthedRequest) -> HttpResponse:
    """The person's hours, and how far each kind of message comes."""
    stored = MessageSettings.objects.filter(user=request.user).first()
    form = MessageSettingsForm(
        request.POST or None, instance=stored or MessageSettings(user=request.user)
    )
    if request.method == "POST" and form.is_valid():
        change_settings(form.chosen(), timezone.now())
        messages.success(request, "Saved.")
        return redirect("message_settings")
    status = 422 if form.is_bound else 200
    return render(request, "teams/message_settings.html", {"form": form}, status=status)


@csrf_exempt  # Mail programs post here by themselves (RFC 8058); the link is the right to do so.
@login_not_required
@require_http_methods(["GET", "POST"])
def unsubscribe(request: HttpRequest, token: str) -> HttpResponse:
    """End a person's mail by the link in one of them; reading the page changes nothing."""
    user = unsubscribing(token)
    if user is None:
        raise Http404
    if request.method == "POST":
        stop_mail(user, timezone.now())
    context = {"address": user.email, "is_done": request.method == "POST"}
    return render(request, "teams/unsubscribe.html", context)
