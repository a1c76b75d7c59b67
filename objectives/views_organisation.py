"""What an administrator decides for everybody: the organisation's calendar and habits."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from metrics.kinds import CadenceKind
from metrics.models import Measurement
from metrics.wording import day_year, names
from objectives.actions.new_calendar import CALENDAR, change_settings, cycles_in_use
from teams.actions import SettingsChanged
from teams.forms import OrganisationForm
from teams.guards import require_admin
from teams.http import AuthedRequest
from teams.models import Organisation
from teams.views_audit import history_of_organisation


@require_http_methods(["GET", "POST"])
def organisation(request: AuthedRequest) -> HttpResponse:
    """Name, time zone, fiscal year, check-in day, cycles and individual goals."""
    require_admin(request.user)
    # A copy: what is typed must not show in the shell before it is saved.
    form = _form(request, request.POST or None)
    if request.method == "GET":
        return _shown(request, form)
    if not form.is_valid():
        return _shown(request, form, status=422)
    try:
        changed = change_settings(
            _stored(request),
            form.typed(),
            seen=form.seen(),
            now=timezone.now(),
            by=request.user,
        )
    except SettingsChanged as problem:
        again = _form(request, request.POST)
        again.tell(problem)
        return _shown(request, again, status=409)
    is_other = any(name in form.changed_data for name in CALENDAR)
    said = f" {_cycles_said(changed)}" if is_other else ""
    messages.success(request, f"Organisation saved.{said}")
    on_path = changed.first_steps_closed_at is None
    return redirect("objectives:first_steps" if on_path else "objectives:organisation")


def _stored(request: AuthedRequest) -> Organisation:
    return Organisation.objects.get(pk=request.user.organisation_id)


def _form(request: AuthedRequest, data) -> OrganisationForm:
    """The form; the fiscal year is fixed once values lie in its quarters and years."""
    counted = Measurement.objects.filter(
        kpi__team__organisation_id=request.user.organisation_id,
        kpi__cadence__kind__in=[CadenceKind.QUARTERLY, CadenceKind.YEARLY],
    )
    return OrganisationForm(data, instance=_stored(request), fixed_year=counted.exists())


def _shown(request: AuthedRequest, form: OrganisationForm, *, status: int = 200) -> HttpResponse:
    staying = _staying(_stored(request))
    context = {"form": form, "staying": names(staying) if staying else ""}
    context |= history_of_organisation(request)
    return render(request, "teams/organisation.html", context, status=status)


def _cycles_said(organisation: Organisation) -> str:
    staying = _staying(organisation)
    if not staying:
        return "The cycles follow the new calendar."
    return f"In use and left as they are: {names(staying)}. All others follow the new calendar."


def _staying(organisation: Organisation) -> list[str]:
    """`Q4 2026 until 31 Dec 2026`, of each cycle that another calendar leaves as it is."""
    today = organisation.today(timezone.now())
    return [f"{one} until {day_year(one.ends_on)}" for one in cycles_in_use(organisation, today)]
