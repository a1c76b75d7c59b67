"""Who may see what. The list is the check: every page fetches through one of these."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import models
from django.db.models import Exists, OuterRef, Q

from teams.sight import hidden_by_now, hidden_from

if TYPE_CHECKING:
    from teams.models import User


def team_access(user: User, path: str = "team") -> Q:
    """Rows whose team (reached by `path`, "" for a team itself) the user may see.

    Everybody may read the teams of their own organisation; a private team only its members.
    """
    prefix = f"{path}__" if path else ""
    member = Q(**{f"{prefix}pk__in": member_team_ids(user)})
    own = Q(**{f"{prefix}organisation_id": user.organisation_id})
    return own & (Q(**{f"{prefix}is_private": False}) | member)


def private_access(user: User, path: str = "team") -> Q:
    """Rows in a visible team that are not private themselves, unless the user is a member."""
    return team_access(user, path) & (
        Q(is_private=False) | Q(**{f"{path}__pk__in": member_team_ids(user)})
    )


def member_team_ids(user: User) -> models.QuerySet:
    """The ids of the teams the user belongs to, as a subquery."""
    return user.memberships.values("team_id")


class TeamQuerySet(models.QuerySet):
    """Questions about many teams."""

    def visible_to(self, user: User) -> TeamQuerySet:
        """Teams of the user's organisation; private ones only for their members."""
        return self.filter(team_access(user, ""))

    def in_use(self) -> TeamQuerySet:
        """Teams that are not archived."""
        return self.filter(archived_at=None)

    def abandoned(self) -> TeamQuerySet:
        """Private teams in use with nobody who is here to look after them: viewers at most."""
        members = self.model._meta.get_field("memberships").related_model.objects
        writers = members.filter(
            team=OuterRef("pk"), role__in=["lead", "member"], user__is_active=True
        )
        return self.in_use().filter(~Exists(writers), is_private=True)

    def led_by(self, user: User) -> TeamQuerySet:
        """Teams in which the user has the role lead."""
        return self.filter(memberships__user=user, memberships__role="lead")


class UserQuerySet(models.QuerySet):
    """Questions about many people."""

    def colleagues_of(self, user: User) -> UserQuerySet:
        """Active people of the same organisation, the user included."""
        return self.filter(organisation_id=user.organisation_id, is_active=True)


class InvitationQuerySet(models.QuerySet):
    """Questions about many invitations."""

    def waiting(self) -> InvitationQuerySet:
        """Those neither accepted nor revoked; some of them may have expired."""
        return self.filter(accepted_at=None, revoked_at=None)

    def of(self, user: User) -> InvitationQuerySet:
        """Invitations a person may look after: to teams they see, and to no team."""
        seen = Q(team=None) | team_access(user)
        return self.filter(seen, organisation_id=user.organisation_id)


class OutboxQuerySet(models.QuerySet):
    """Questions about messages that wait."""

    def due(self, now) -> OutboxQuerySet:
        """Messages to deliver now: unsent, not parked, due, and leased by nobody alive."""
        return self.filter(sent_at=None, parked_at=None, due_at__lte=now).filter(
            Q(claimed_until=None) | Q(claimed_until__lt=now)
        )


class InboxQuerySet(models.QuerySet):
    """Questions about what people read in the app."""

    def visible_to(self, user: User) -> InboxQuerySet:
        """Items that tell of what the user may see today, or of nothing that belongs to a team."""
        about = self.model.about.rel.related_model.objects.filter(item=OuterRef("pk"))
        return self.filter(~Exists(about.filter(hidden_from(user))))


class AuditQuerySet(models.QuerySet):
    """Questions about many events of the audit record, newest first by their id."""

    def visible_to(self, user: User) -> AuditQuerySet:
        """Events of the user's organisation they may read: a private team's only for its members.

        What they are about may have become private since, or gone to a private team: today counts.
        Those of a team that is no longer there are told to nobody, since it may have been private.
        """
        mine = Q(organisation_id=user.organisation_id)
        return self.filter(mine & _audit_access(user) & ~Q(hidden_by_now(user)))

    def hidden_from(self, user: User) -> AuditQuerySet:
        """Events of the user's organisation they may not read; to be counted, never shown."""
        teams = self.model._meta.get_field("team").related_model
        told = Q(is_private=False, team_id__in=teams.objects.filter(is_private=False).values("pk"))
        of_team = Q(team_id__isnull=False) & ~(told | Q(team_id__in=member_team_ids(user)))
        mine = Q(organisation_id=user.organisation_id)
        return self.filter(mine & (of_team | Q(hidden_by_now(user))))


def _audit_access(user: User) -> Q:
    return (
        Q(team_id=None)
        | Q(is_private=False, team__is_private=False)
        | Q(team_id__in=member_team_ids(user))
    )
