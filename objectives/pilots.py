"""While a pilot runs: which teams write objectives, and what the others are told.

A team outside of it reads everything, keeps its KPIs and signals, and goes on with what it runs
already; it begins no objective. The actions that begin one ask themselves (`require_in_pilot`), so
that no way around the pages is left. Without a pilot none of this asks the database anything.
"""

from __future__ import annotations

from django.core.exceptions import PermissionDenied

from objectives.models import Pilot
from teams.models import Organisation, Team


def running_pilot(organisation: Organisation) -> Pilot | None:
    """The pilot that runs, with its cycle and teams; two queries, none without one."""
    if organisation.pilot_since is None:
        return None
    rows = Pilot.objects.filter(organisation=organisation, ended_at=None)
    return rows.select_related("cycle").prefetch_related("teams").first()


def outside_words(team: Team) -> str:
    """What a team outside the pilot is told; empty for a team inside, and without a pilot."""
    pilot = running_pilot(team.organisation)
    if pilot is None or team in (inside := list(pilot.teams.all())):
        return ""
    inside = [one for one in inside if one.archived_at is None]
    return (
        f"{_named(inside)} OKRs first, in {pilot.cycle.name}. This team watches its KPIs and begins"
        " no objective until an administrator widens the pilot."
    )


def _named(inside: list[Team]) -> str:
    """`Customer Success tries`, `3 teams try`; a private team is not named."""
    if len(inside) != 1:
        return f"{len(inside)} teams try"
    return "Another team tries" if inside[0].is_private else f"{inside[0].name} tries"


def require_in_pilot(team: Team) -> None:
    """Raise PermissionDenied, which answers 403, while a pilot runs without this team."""
    if words := outside_words(team):
        raise PermissionDenied(words)
