"""The tree of teams, drawn by its administrators: with forms, and by dragging."""

from __future__ import annotations

import json

from django.contrib import messages
from django.db import IntegrityError
from django.db.models import Count, Prefetch
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from teams.actions import TeamLoop, change_team, create_team, restore_team
from teams.forms_tree import MoveForm, TeamForm
from teams.guards import get_visible_or_404, require_admin
from teams.http import AuthedRequest, wants_fragment
from teams.models import Membership, Team, User
from teams.tree import in_order
from teams.views_audit import history_of_team


def team_or_404(request: AuthedRequest, pk: int) -> Team:
    """A team the administrator may know of; everybody else gets 403 or 404."""
    team = get_visible_or_404(Team.objects.select_related("organisation"), request.user, pk)
    require_admin(request.user)
    return team


@require_GET
def tree(request: AuthedRequest) -> HttpResponse:
    """Every team the administrator may know of: those in use as a tree, the archived below."""
    require_admin(request.user)
    context = _tree_of(request.user)
    if wants_fragment(request):
        return render(request, "teams/_tree.html", context)
    return render(request, "teams/tree.html", context | _unseen_by(request.user))


def _tree_of(admin: User) -> dict:
    leads = Membership.objects.filter(role=Membership.Role.LEAD).select_related("user")
    rows = (
        Team.objects.visible_to(admin)
        .select_related("merged_into")
        .annotate(count=Count("memberships"))
        .prefetch_related(Prefetch("memberships", leads, to_attr="leads"))
        .order_by("name", "pk")
    )
    live = [team for team in rows if team.archived_at is None]
    return {
        "rows": in_order((team.pk, team.parent_id, team) for team in live),
        "archived": [team for team in rows if team.archived_at is not None],
    }


def _unseen_by(admin: User) -> dict:
    """How many teams are hidden from the administrator, and which have nobody, by their number."""
    private = Team.objects.in_use().filter(organisation=admin.organisation_id, is_private=True)
    hidden = private.exclude(pk__in=admin.memberships.values("team_id"))
    abandoned = Team.objects.abandoned().filter(organisation=admin.organisation_id)
    numbers = abandoned.order_by("pk").values_list("pk", flat=True)
    return {"hidden": hidden.count(), "abandoned": list(numbers)}


@require_http_methods(["GET", "POST"])
def team_create(request: AuthedRequest) -> HttpResponse:
    """A new team, at the top or under another one."""
    require_admin(request.user)
    given = {"parent": request.GET.get("under"), "lead": request.GET.get("lead")}
    form = TeamForm(request.POST or None, admin=request.user, initial=given)
    if request.method == "POST" and form.is_valid():
        try:
            lead = form.cleaned_data["lead"]
            team = form.save(commit=False)
            made = create_team(team, lead=lead, now=timezone.now(), by=request.user)
        except IntegrityError:
            form.add_error("name", "Another team already has this name.")
        else:
            messages.success(request, f"The team {made} is made.")
            return redirect(f"/organisation/teams/#team-{made.pk}")
    status = 422 if request.method == "POST" else 200
    return render(request, "teams/team_form.html", {"form": form}, status=status)


@require_http_methods(["GET", "POST"])
def team_edit(request: AuthedRequest, pk: int) -> HttpResponse:
    """Rename a team, say what it is for, move it, open or close it to others."""
    team = team_or_404(request, pk)
    form = TeamForm(request.POST or None, instance=team, admin=request.user)
    if request.method == "POST" and form.is_valid():
        try:
            change_team(team, form.changes(), by=request.user)
        except IntegrityError:
            form.add_error("name", "Another team already has this name.")
        except TeamLoop:
            form.add_error("parent", "That team stands under this one meanwhile. Choose another.")
        else:
            messages.success(request, f"The team {form.cleaned_data['name']} is saved.")
            return redirect(f"/organisation/teams/#team-{pk}")
    status = 422 if request.method == "POST" else 200
    context = {"form": form, "team": Team.objects.get(pk=pk)}
    context |= history_of_team(request, pk)
    return render(request, "teams/team_form.html", context, status=status)


@require_http_methods(["GET", "POST"])
def team_move(request: AuthedRequest, pk: int) -> HttpResponse:
    """Put a team under another one: in its row, dragged there, or on a page of its own."""
    team = team_or_404(request, pk)
    form = MoveForm(request.POST or None, instance=team, admin=request.user)
    if request.method == "GET":
        return _move_form(request, team, form)
    if form.is_valid():
        try:
            moved = change_team(team, form.changes(), by=request.user)
        except TeamLoop:
            form.add_error("parent", "That team stands under this one meanwhile. Choose another.")
        else:
            return _moved(request, moved, form)
    return _move_form(request, team, form, status=422)


def _move_form(
    request: AuthedRequest, team: Team, form: MoveForm, *, status: int = 200
) -> HttpResponse:
    """The form in place of the team's row; refused, in the whole tree, which may have changed."""
    if not wants_fragment(request):
        context = {"form": form, "team": team}
        return render(request, "teams/team_move.html", context, status=status)
    told = _tree_of(request.user)
    if status == 200:
        # As in the tree: the form stands in a row that keeps its place and its columns.
        found = [row for row in told["rows"] if row[0] == team]
        row, depth = found[0] if found else (team, 0)
        context = {"form": form, "team": row, "depth": depth}
        return render(request, "teams/_tree_move.html", context)
    context = told | {"form": form, "open": team.pk}
    return render(request, "teams/_tree.html", context, status=status)


def _moved(request: AuthedRequest, team: Team, form: MoveForm) -> HttpResponse:
    """The tree as it is now, the focus on the team in it, and where that stands in words."""
    place = form.cleaned_data["parent"]
    where = f"stands under {place}" if place else "stands at the top"
    text = f"{team} {'stays where it is' if form.is_under_hidden and not place else where}."
    if not wants_fragment(request):
        messages.success(request, text)
        return redirect(f"/organisation/teams/#team-{team.pk}")
    response = render(request, "teams/_tree.html", _tree_of(request.user))
    saved = {"id": f"team-{team.pk}", "next": ""}
    response.headers["HX-Trigger"] = json.dumps({"row:saved": saved, "toast": {"text": text}})
    return response


@require_POST
def team_restore(request: AuthedRequest, pk: int) -> HttpResponse:
    """Put an archived team back into the lists."""
    team = team_or_404(request, pk)
    restore_team(team, by=request.user)
    messages.success(request, f"{team} is in use again. Give its people their roles.")
    return redirect(f"/organisation/teams/#team-{pk}")
