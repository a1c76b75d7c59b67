"""Roles of people, and their coming and going; an organisation keeps an administrator."""

from __future__ import annotations

from datetime import datetime

from allauth.usersessions.models import UserSession
from django.db import transaction

from teams.models import Membership, Organisation, Team, User


class LastAdmin(Exception):
    """Without this person nobody would administer the organisation; nothing was written."""


def lock_organisation(organisation_id: int) -> None:
    """Let one change of who administers an organisation, or of its tree, pass at a time.

    Whatever such a change is decided by must be read after it.
    """
    Organisation.objects.select_for_update(no_key=True).get(pk=organisation_id)


def require_other_admin(person: User) -> None:
    """Raise LastAdmin unless somebody else administers too; the organisation is locked."""
    others = User.objects.filter(
        organisation_id=person.organisation_id, is_org_admin=True, is_active=True
    ).exclude(pk=person.pk)
    if not others.exists():
        raise LastAdmin


@transaction.atomic
def change_roles(
    person: User, roles: dict[Team, str | None], *, is_org_admin: bool | None = None
) -> None:
    """Give a person these roles in these teams; None takes them out of a team.

    `is_org_admin` None leaves that as it is. Who no longer administers has no way into Django's
    admin site either. Raises LastAdmin.
    """
    lock_organisation(person.organisation_id)
    fresh = User.objects.select_for_update(no_key=True).get(pk=person.pk)
    if is_org_admin is not None and fresh.is_active:
        set_admin(fresh, is_org_admin)
    for team, role in sorted(roles.items(), key=lambda pair: pair[0].pk):
        set_role(fresh, team, role)


def set_admin(person: User, is_org_admin: bool) -> None:
    """Grant or revoke the administration; the organisation is locked. Raises LastAdmin."""
    if person.is_org_admin == is_org_admin:
        return
    if not is_org_admin:
        require_other_admin(person)
        person.is_staff = person.is_superuser = False
    person.is_org_admin = is_org_admin
    person.save(update_fields=["is_org_admin", "is_staff", "is_superuser"])


def set_role(person: User, team: Team, role: str | None) -> None:
    """Put one role in place of another; doing it twice is doing it once."""
    if role is None:
        Membership.objects.filter(user=person, team=team).delete()
    else:
        Membership.objects.update_or_create(user=person, team=team, defaults={"role": role})


@transaction.atomic
def deactivate(person: User, *, now: datetime) -> None:
    """Take every way in from somebody who leaves; what they wrote keeps their name.

    Their work must be handed over before it (reviews.actions.leaving). Raises LastAdmin. Again, it
    changes nothing.
    """
    lock_organisation(person.organisation_id)
    fresh = User.objects.select_for_update(no_key=True).get(pk=person.pk)
    if fresh.left_at is not None:
        return
    if fresh.is_org_admin:
        set_admin(fresh, is_org_admin=False)
    fresh.is_active, fresh.left_at = False, now
    fresh.save(update_fields=["is_active", "left_at"])
    fresh.memberships.all().delete()
    for session in UserSession.objects.filter(user=fresh):
        session.end()


@transaction.atomic
def take_back(person: User) -> None:
    """Let somebody who left in again, without any role."""
    User.objects.filter(pk=person.pk).update(is_active=True, left_at=None)
