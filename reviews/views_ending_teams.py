"""An administrator archives a team or merges it into another one."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from reviews.actions.ending_teams import archive_team, merge_teams
from teams.actions import TeamInUse
from teams.forms_tree import MergeForm
from teams.http import AuthedRequest
from teams.views_tree import team_or_404

PAGE = "reviews/team_end.html"


@require_http_methods(["GET", "POST"])
def team_archive(request: AuthedRequest, pk: int) -> HttpResponse:
    """Take a team out of every list; what is in the way is named."""
    team, problem = team_or_404(request, pk), ""
    if request.method == "POST":
        try:
            archive_team(team, now=timezone.now(), by=request.user)
        except TeamInUse as in_use:
            problem = str(in_use)
        else:
            messages.success(request, f"{team} is archived. It can still be read.")
            return redirect("teams:tree")
    context = {"team": team, "problem": problem}
    return render(request, PAGE, context, status=422 if problem else 200)


@require_http_methods(["GET", "POST"])
def team_merge(request: AuthedRequest, pk: int) -> HttpResponse:
    """Let another team take over; what is in the way is named."""
    team = team_or_404(request, pk)
    form = MergeForm(request.POST or None, team=team, admin=request.user)
    if request.method == "POST" and form.is_valid():
        into = form.cleaned_data["into"]
        try:
            merge_teams(team, into, actor=request.user, now=timezone.now())
        except TeamInUse as in_use:
            form.add_error("into", str(in_use))
        else:
            messages.success(request, f"{team} is merged into {into}. It can still be read.")
            return redirect("teams:tree")
    status = 422 if request.method == "POST" else 200
    return render(request, PAGE, {"team": team, "form": form}, status=status)
