"""Teams and people from a CSV file: a dry run first, then all of it or nothing."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from teams.actions import RosterRefused, import_roster, known_to
from teams.forms_roster import RosterForm
from teams.guards import require_admin
from teams.http import AuthedRequest
from teams.roster import COLUMNS, Plan, plan

PAGE = "teams/roster.html"


@require_http_methods(["GET", "POST"])
def roster(request: AuthedRequest) -> HttpResponse:
    """Say what a table would change; with `import` among what was sent, change it."""
    require_admin(request.user)
    form = RosterForm(request.POST or None, request.FILES or None)
    context = {"form": form, "columns": ", ".join(COLUMNS)}
    if request.method == "GET":
        return render(request, PAGE, context)
    if not form.is_valid():
        return render(request, PAGE, context, status=422)
    text = form.cleaned_data["text"]
    if "import" not in request.POST:
        return _told(request, context, text, plan(text, known_to(request.user)))
    try:
        made = import_roster(text, admin=request.user, now=timezone.now())
    except RosterRefused as refused:
        return _told(request, context, text, refused.plan)
    messages.success(request, _done(made))
    return redirect("teams:tree")


def _told(request: AuthedRequest, context: dict, text: str, made: Plan) -> HttpResponse:
    """The dry run: what would change, or what stands in the way."""
    context |= {"plan": made, "text": text, "lines": _would(made)}
    return render(request, PAGE, context, status=422 if made.problems else 200)


def _would(made: Plan) -> list[tuple[str, str]]:
    """What would change, in words: the verb, and what it is about."""
    lines = [("New team", made.teams[key]["name"]) for key in made.new_teams]
    lines += [
        ("Change team", f"{made.teams[key]['name']}: {', '.join(map(_word, changes))}")
        for key, changes in made.changed_teams.items()
    ]
    lines += [("New person", f"{name}, {email}") for email, name in made.new_people.items()]
    lines += [
        ("Role", f"{email} in {made.teams[key]['name']}: {role}")
        for (key, email), role in made.roles.items()
    ]
    return lines + [("Nobody leads then", made.teams[key]["name"]) for key in made.unled]


def _word(name: str) -> str:
    return {"parent": "where it stands", "is_private": "privacy"}.get(name, name)


def _done(made: Plan) -> str:
    if made.is_empty:
        return "Everything in the table is so already. Nothing was changed."
    return (
        f"Imported: {len(made.new_teams)} new and {len(made.changed_teams)} changed teams, "
        f"{len(made.new_people)} new people, {len(made.roles)} roles."
    )
