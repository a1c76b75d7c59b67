"""The gates of the pages: invisible is 404, visible but read-only is 403.

A guard returns the object or raises. `require_*` answer one question about one person and one team;
they cost one query, and none for people whose organisation differs.
"""

from __future__ import annotations

from typing import TypeVar

from django.core.exceptions import PermissionDenied
from django.db import models
from django.http import Http404
from django.shortcuts import get_object_or_404

from teams.models import Membership, Team, User

M = TypeVar("M", bound=models.Model)
WRITERS = frozenset({Membership.Role.MEMBER, Membership.Role.LEAD})


def get_visible_or_404(rows: models.QuerySet, user: User, pk: int):
    """The row if the user may know that it exists, else 404.

    `rows` is a QuerySet whose class has `visible_to(user)`.
    """
    return get_object_or_404(rows.visible_to(user), pk=pk)


def role_in(user: User, team: Team | int) -> str | None:
    """The user's role in the team: lead, member, viewer, or None for a stranger."""
    team_id = team.pk if isinstance(team, Team) else team
    # One row at most; `first()` would put an ORDER BY together.
    roles = Membership.objects.filter(user=user, team_id=team_id).values_list("role", flat=True)
    return next(iter(roles), None)


def get_team_and_role(user: User, pk: int) -> tuple[Team, str | None]:
    """The team with its organisation if the user may know of it, and their role; else 404.

    One query for members, who ask most often.
    """
    rows = Membership.objects.filter(user=user, team_id=pk).select_related("team__organisation")
    membership = next(iter(rows), None)
    if membership is not None and membership.team.organisation_id == user.organisation_id:
        return membership.team, membership.role
    teams = Team.objects.select_related("organisation")
    return get_visible_or_404(teams, user, pk), None


def get_row_and_role(rows: models.QuerySet, user: User, pk: int):
    """A row of a team if the user may know that it exists, and their role in the team; else 404.

    As `get_visible_or_404` and `role_in`, in two plain queries, for what people send most often:
    the rows come with `team`, and may be private themselves (`is_private`).
    """
    row = next(iter(rows.filter(pk=pk).order_by()), None)
    if row is None:
        raise Http404
    return row, role_or_404(user, row.team, is_private=row.is_private)


def role_or_404(user: User, team: Team, *, is_private: bool) -> str | None:
    """The user's role in the team of a loaded row; 404 when they may not know of the row."""
    if team.organisation_id != user.organisation_id:
        raise Http404
    role = role_in(user, team)
    if role is None and (team.is_private or is_private):
        raise Http404
    return role


def may_write(user: User, team: Team | int) -> bool:
    """Members and leads write their team's values and check-ins."""
    return role_in(user, team) in WRITERS


def may_lead(user: User, team: Team | int) -> bool:
    """Leads create, edit, decide and close."""
    return role_in(user, team) == Membership.Role.LEAD


def require_member(user: User, team: Team | int) -> None:
    """Raise 403 unless the user writes for this team."""
    require_writer(role_in(user, team))


def require_writer(role: str | None) -> None:
    """Raise 403 unless people of this role write for their team."""
    if role not in WRITERS:
        raise PermissionDenied("Members and leads of this team can change this.")


def require_lead(user: User, team: Team | int) -> None:
    """Raise 403 unless the user leads this team."""
    if not may_lead(user, team):
        raise PermissionDenied("A lead of this team can change this.")


def manages_people(team: Team, role: str | None) -> bool:
    """Whether somebody of this role looks after who is in the team: its leads do.

    While nobody leads a private team its members do, since no administrator sees it.
    """
    if role == Membership.Role.LEAD:
        return True
    if not team.is_private or role not in WRITERS:
        return False
    leads = Membership.objects.filter(team=team, role=Membership.Role.LEAD)
    return not leads.filter(user__is_active=True).exists()


def get_managed_team(user: User, pk: int) -> Team:
    """The team whose people the user looks after; 404 when invisible, 403 when others do."""
    team, role = get_team_and_role(user, pk)
    if not manages_people(team, role):
        raise PermissionDenied("A lead of this team can change this.")
    return team


def require_admin(user: User) -> None:
    """Raise 403 unless the user administers the organisation; 404 without an organisation."""
    if user.organisation_id is None:
        raise Http404
    if not user.is_org_admin:
        raise PermissionDenied("An administrator of the organisation can change this.")
