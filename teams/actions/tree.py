"""Making, changing and moving teams; a team is never its own ancestor."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from teams.actions import audit
from teams.actions.people import lock_organisation, role_event, set_role
from teams.models import Membership, Team, User
from teams.tree import is_under

# What the audit record keeps of a new team.
FIELDS = ("name", "parent", "purpose", "is_private")


class TeamLoop(Exception):
    """The team would stand under itself; nothing was written."""


class TeamInUse(Exception):
    """The team cannot be archived as it is; its text names what is in the way and the remedy."""


@transaction.atomic
def create_team(team: Team, *, lead: User | None, now: datetime, by: User | None = None) -> Team:
    """Save a new team, with its first lead if one is named."""
    team.created_at = now
    team.save(force_insert=True)
    note_team(team, "created", by=by, after={name: getattr(team, name) for name in FIELDS})
    if lead is not None:
        set_role(lead, team, Membership.Role.LEAD, by=by)
    return team


def note_team(team: Team, verb: str, *, by: User | None, **said) -> None:
    """Tell the audit record what became of a team."""
    audit.record(verb, "team", team, by=by, team=team, **said)


@transaction.atomic
def change_team(team: Team, changes: dict, *, by: User | None = None) -> Team:
    """Write `changes` (field name to value) of a team, and no others.

    A new `parent` is looked at after the tree is locked: two moves at once cannot make a circle.
    Raises TeamLoop.
    """
    lock_organisation(team.organisation_id)
    if parent := changes.get("parent"):
        rows = Team.objects.filter(organisation_id=team.organisation_id)
        if is_under(dict(rows.values_list("pk", "parent_id")), parent.pk, team.pk):
            raise TeamLoop
    fresh = Team.objects.select_related("parent").get(pk=team.pk)
    stood = {name: getattr(fresh, name) for name in changes}
    before, after = audit.differences(stood, changes)
    if not after:
        return fresh
    for name, value in after.items():
        setattr(fresh, name, value)
    fresh.save(update_fields=list(after))
    note_team(fresh, "changed", by=by, before=before, after=after)
    return fresh


def require_no_subteams(team: Team) -> None:
    """Raise TeamInUse while teams in use stand under it; the organisation is locked."""
    below = list(team.children.in_use().values_list("name", flat=True))
    if below:
        named = ", ".join(f"“{name}”" for name in below[:3])
        more = f" and {len(below) - 3} more" if len(below) > 3 else ""
        verb = "stands" if len(below) == 1 else "stand"
        raise TeamInUse(f"{named}{more} {verb} under it. Move or archive first.")


@transaction.atomic
def close_team(team: Team, *, into: Team | None, now: datetime, by: User | None = None) -> None:
    """Take a team out of every list; its people may read it from now on, and not change it."""
    Team.objects.filter(pk=team.pk, archived_at=None).update(archived_at=now, merged_into=into)
    viewer = Membership.Role.VIEWER
    held = team.memberships.exclude(role=viewer).select_related("user").order_by("pk")
    audit.record_many([role_event(one.user, team, one.role, viewer, by=by) for one in held])
    team.memberships.update(role=viewer)
    note_team(team, "merged" if into else "archived", by=by, after={"into": into} if into else None)


@transaction.atomic
def restore_team(team: Team, *, by: User | None = None) -> None:
    """Put an archived team back into the lists; its roles are given anew."""
    lock_organisation(team.organisation_id)
    archived = Team.objects.filter(pk=team.pk, archived_at__isnull=False)
    if archived.update(archived_at=None, merged_into=None):
        note_team(team, "restored", by=by)
