"""Making, changing and moving teams; a team is never its own ancestor."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from teams.actions.people import lock_organisation, set_role
from teams.models import Membership, Team, User
from teams.tree import is_under


class TeamLoop(Exception):
    """The team would stand under itself; nothing was written."""


class TeamInUse(Exception):
    """The team cannot be archived as it is; its text names what is in the way and the remedy."""


@transaction.atomic
def create_team(team: Team, *, lead: User | None, now: datetime) -> Team:
    """Save a new team, with its first lead if one is named."""
    team.created_at = now
    team.save(force_insert=True)
    if lead is not None:
        set_role(lead, team, Membership.Role.LEAD)
    return team


@transaction.atomic
def change_team(team: Team, changes: dict) -> Team:
    """Write `changes` (field name to value) of a team, and no others.

    A new `parent` is looked at after the tree is locked: two moves at once cannot make a circle.
    Raises TeamLoop.
    """
    lock_organisation(team.organisation_id)
    if parent := changes.get("parent"):
        rows = Team.objects.filter(organisation_id=team.organisation_id)
        if is_under(dict(rows.values_list("pk", "parent_id")), parent.pk, team.pk):
            raise TeamLoop
    fresh = Team.objects.get(pk=team.pk)
    for name, value in changes.items():
        setattr(fresh, name, value)
    fresh.save(update_fields=list(changes))
    return fresh


def require_no_subteams(team: Team) -> None:
    """Raise TeamInUse while teams in use stand under it; the organisation is locked."""
    below = list(team.children.in_use().values_list("name", flat=True))
    if below:
        named = ", ".join(f"“{name}”" for name in below[:3])
        more = f" and {len(below) - 3} more" if len(below) > 3 else ""
        verb = "stands" if len(below) == 1 else "stand"
        raise TeamInUse(f"{named}{more} {verb} under it. Move or archive first.")


def close_team(team: Team, *, into: Team | None, now: datetime) -> None:
    """Take a team out of every list; its people may read it from now on, and not change it."""
    Team.objects.filter(pk=team.pk, archived_at=None).update(archived_at=now, merged_into=into)
    team.memberships.update(role=Membership.Role.VIEWER)


@transaction.atomic
def restore_team(team: Team) -> None:
    """Put an archived team back into the lists; its roles are given anew."""
    lock_organisation(team.organisation_id)
    Team.objects.filter(pk=team.pk).update(archived_at=None, merged_into=None)
