"""The named cadences of an organisation: another one, another name, one less."""

from __future__ import annotations

from django.contrib import messages
from django.db import IntegrityError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_POST

from metrics.actions.cadences import (
    CadenceInUse,
    create_cadence,
    remove_cadence,
    rename_cadence,
)
from metrics.forms_policies import TAKEN, CadenceForm, CadenceNameForm
from metrics.models import Cadence
from metrics.views_policies import Page
from teams.guards import require_admin
from teams.http import AuthedRequest


@require_POST
def cadence_create(request: AuthedRequest) -> HttpResponse:
    """Another named cadence; the terms of its kind hold until they are changed."""
    require_admin(request.user)
    form = CadenceForm(request.POST, organisation=request.user.organisation)
    if not form.is_valid():
        page = Page(request, is_bound=False)
        return page.render(status=422, new_form=form)
    made = create_cadence(request.user.organisation, **form.cleaned_data, by=request.user)
    messages.success(request, f"{made} is there. KPIs can have it from now on.")
    return redirect("metrics:cadence_policies")


@require_POST
def cadence_rename(request: AuthedRequest, pk: int) -> HttpResponse:
    """Another name for a cadence."""
    cadence = _cadence(request, pk)
    form = CadenceNameForm(request.POST, instance=cadence)
    if form.is_valid():
        try:
            renamed = rename_cadence(cadence, form.cleaned_data["name"], by=request.user)
        except IntegrityError:  # another administrator was faster
            form.add_error("name", TAKEN)
        else:
            messages.success(request, f"It is called {renamed} now.")
            return redirect("metrics:cadence_policies")
    page = Page(request, is_bound=False)
    return page.render(status=422, name_forms=page.name_forms(form))


@require_POST
def cadence_remove(request: AuthedRequest, pk: int) -> HttpResponse:
    """Remove a cadence that no KPI has or had; 422 says why it stays."""
    cadence = _cadence(request, pk)
    try:
        remove_cadence(cadence, by=request.user)
    except CadenceInUse as problem:
        messages.warning(request, str(problem))
        return Page(request, is_bound=False).render(status=422)
    messages.success(request, f"{cadence} is removed. Its terms stay in the audit record.")
    return redirect("metrics:cadence_policies")


def _cadence(request: AuthedRequest, pk: int) -> Cadence:
    require_admin(request.user)
    return get_object_or_404(Cadence, pk=pk, organisation=request.user.organisation)
