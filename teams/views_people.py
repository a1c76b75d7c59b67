"""The page of people: who is here, in which roles, and who left."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from teams.actions import (
    CameIn,
    LastAdmin,
    LastLead,
    change_roles,
    is_awaited,
    make_first_link,
    take_back,
)
from teams.forms_people import PersonForm
from teams.guards import require_admin
from teams.http import AuthedRequest, wants_fragment
from teams.models import Invitation, User
from teams.people_page import people_of, people_page, row_of
from teams.views_audit import history_of_person


def person_or_404(request: AuthedRequest, pk: int) -> User:
    """A person of the administrator's organisation; everybody else gets 403 or 404."""
    require_admin(request.user)
    return get_object_or_404(people_of(request.user), pk=pk)


@require_GET
def people_list(request: AuthedRequest) -> HttpResponse:
    """The ledger, searched by name or address, and the invitations that wait."""
    require_admin(request.user)
    words, state = request.GET.get("q", "").strip()[:200], request.GET.get("state", "")
    page = people_page(request.user, words=words, state=state, number=request.GET.get("page"))
    waiting = Invitation.objects.of(request.user).waiting().select_related("team", "created_by")
    context = {"page": page, "words": words, "state": state, "waiting": waiting}
    return render(request, "teams/people.html", context)


@require_http_methods(["GET", "POST"])
def person_edit(request: AuthedRequest, pk: int) -> HttpResponse:
    """Change a person's roles, in their row of the ledger or on a page of their own."""
    person = person_or_404(request, pk)
    form = PersonForm(request.POST or None, person=person, admin=request.user)
    if request.method == "GET":
        return _form(request, person, form)
    if form.is_valid():
        try:
            change_roles(person, form.roles(), is_org_admin=form.administration(), by=request.user)
        except LastAdmin:
            form.add_error(
                "is_org_admin",
                f"{person} is the only administrator. Make somebody else one first.",
            )
        except LastLead as problem:
            form.add_error(f"role-{problem.team.pk}", str(problem))
    if not form.is_valid():
        return _form(request, person, form, status=422)
    if wants_fragment(request):
        row = row_of(people_of(request.user).get(pk=pk))
        return render(request, "teams/_person_row.html", {"row": row, "saved": True})
    messages.success(request, f"The roles of {person} are saved.")
    return redirect(f"/organisation/people/#person-{pk}")


def _form(
    request: AuthedRequest, person: User, form: PersonForm, *, status: int = 200, **more: str
) -> HttpResponse:
    context = {"row": row_of(person), "form": form}
    if wants_fragment(request):
        form.begin_in_row()
        return render(request, "teams/_person_edit.html", context, status=status)
    context |= {"is_awaited": is_awaited(person)} | more
    context |= history_of_person(request, person.pk)
    return render(request, "teams/person.html", context, status=status)


@require_GET
def person_row(request: AuthedRequest, pk: int) -> HttpResponse:
    """A person's row at rest, which Cancel brings back."""
    row = row_of(person_or_404(request, pk))
    if wants_fragment(request):
        return render(request, "teams/_person_row.html", {"row": row})
    return redirect("teams:people_list")


@require_POST
def person_return(request: AuthedRequest, pk: int) -> HttpResponse:
    """Let somebody who left in again; their roles are given anew."""
    person = person_or_404(request, pk)
    take_back(person, by=request.user)
    messages.success(request, f"{person} can sign in again. Give them their roles below.")
    return redirect("teams:person_edit", pk)


@require_POST
def person_link(request: AuthedRequest, pk: int) -> HttpResponse:
    """A link for somebody who was added and has never come in; it is shown nowhere else."""
    person = person_or_404(request, pk)
    try:
        path = make_first_link(person, by=request.user)
    except CameIn:
        messages.info(request, f"{person} has a way in already. No link was made.")
        return redirect("teams:person_edit", pk)
    form = PersonForm(person=person, admin=request.user)
    return _form(request, person, form, address=request.build_absolute_uri(path))
