"""What an administrator decides for everybody: the organisation's calendar and habits."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from teams.actions import SettingsChanged, change_organisation
from teams.forms import OrganisationForm
from teams.guards import require_admin
from teams.http import AuthedRequest
from teams.models import Organisation


@require_http_methods(["GET", "POST"])
def organisation(request: AuthedRequest) -> HttpResponse:
    """Name, time zone, fiscal year, check-in day, cycles and individual goals."""
    require_admin(request.user)
    # A copy: what is typed must not show in the shell before it is saved.
    form = OrganisationForm(request.POST or None, instance=_stored(request))
    if request.method == "GET":
        return _shown(request, form)
    if not form.is_valid():
        return _shown(request, form, status=422)
    try:
        change_organisation(_stored(request), form.typed(), seen=form.seen())
    except SettingsChanged as changed:
        again = OrganisationForm(request.POST, instance=_stored(request))
        again.tell(changed)
        return _shown(request, again, status=409)
    messages.success(request, "Organisation saved.")
    return redirect("teams:organisation")


def _stored(request: AuthedRequest) -> Organisation:
    return Organisation.objects.get(pk=request.user.organisation_id)


def _shown(request: AuthedRequest, form: OrganisationForm, *, status: int = 200) -> HttpResponse:
    return render(request, "teams/organisation.html", {"form": form}, status=status)
