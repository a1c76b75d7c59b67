"""An administrator lets somebody leave, and names who takes over."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from reviews.actions.leaving import NobodyTakesOver, leave, open_work
from reviews.forms_leaving import LeavingForm
from teams.actions import LastAdmin
from teams.http import AuthedRequest
from teams.views_people import person_or_404


@require_http_methods(["GET", "POST"])
def person_leave(request: AuthedRequest, pk: int) -> HttpResponse:
    """What is open, who takes over, and the step itself."""
    person = person_or_404(request, pk)
    form = LeavingForm(request.POST or None, person=person)
    if request.method == "POST" and form.is_valid():
        successor = form.cleaned_data["successor"]
        try:
            leave(person, successor=successor, actor=request.user, now=timezone.now())
        except NobodyTakesOver:
            form.add_error("successor", "There is open work. Choose who takes it over.")
        except LastAdmin:
            form.add_error(
                None, f"{person} is the only administrator. Make somebody else one first."
            )
        else:
            messages.success(request, f"{person} can no longer sign in. What they wrote stays.")
            return redirect("teams:people_list")
    counts = [
        (count, one if count == 1 else many)
        for count, one, many in open_work(person).counts()
        if count
    ]
    context = {"person": person, "form": form, "counts": counts}
    status = 422 if request.method == "POST" else 200
    return render(request, "reviews/person_leave.html", context, status=status)
