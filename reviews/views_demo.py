"""An administrator removes the demo."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from reviews.actions.demo_removal import Busy, NotDemo, remove_demo
from reviews.forms_demo import RemoveDemoForm
from reviews.pages.demo_page import demo_context
from teams.guards import require_admin
from teams.http import AuthedRequest
from teams.models import Organisation


@require_http_methods(["GET", "POST"])
def demo(request: AuthedRequest) -> HttpResponse:
    """What goes and what stays; once the name is typed, it is done. 404 without the demo."""
    require_admin(request.user)
    organisation = Organisation.objects.get(pk=request.user.organisation_id)
    if organisation.demo_loaded_at is None:
        raise Http404
    form = RemoveDemoForm(request.POST or None, organisation=organisation)
    if request.method == "GET":
        return _shown(request, form)
    if not form.is_valid():
        return _shown(request, form, status=422)
    try:
        remove_demo(organisation, actor=request.user, now=timezone.now())
    except NotDemo:
        return redirect("objectives:first_steps")
    except Busy:
        form.add_error(
            None,
            "Something was saved at the same moment, so nothing was removed. Try once more.",
        )
        return _shown(request, form, status=409)
    messages.success(request, f"The demo is gone. {organisation.name} begins anew.")
    return redirect("objectives:first_steps")


def _shown(request: AuthedRequest, form: RemoveDemoForm, *, status: int = 200) -> HttpResponse:
    context = demo_context(request.user) | {"form": form}
    return render(request, "reviews/demo.html", context, status=status)
