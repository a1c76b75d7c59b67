"""Roles of people, and their coming and going; an organisation keeps an administrator."""

from __future__ import annotations

from datetime import datetime

from allauth.usersessions.models import UserSession
from django.db import transaction

from teams.actions import audit
from teams.actions.calendars import end_feed
from teams.models import AuditEvent, Membership, Organisation, Team, User


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
    person: User,
    roles: dict[Team, str | None],
    *,
    is_org_admin: bool | None = None,
    by: User | None = None,
) -> None:
    """Give a person these roles in these teams; None takes them out of a team.

    `is_org_admin` None leaves that as it is. Who no longer administers has no way into Django's
    admin site either. Raises LastAdmin.
    """
    lock_organisation(person.organisation_id)
    fresh = User.objects.select_for_update(no_key=True).get(pk=person.pk)
    if is_org_admin is not None and fresh.is_active:
        set_admin(fresh, is_org_admin, by=by)
    for team, role in sorted(roles.items(), key=lambda pair: pair[0].pk):
        set_role(fresh, team, role, by=by)


def set_admin(person: User, is_org_admin: bool, *, by: User | None) -> None:
    """Grant or revoke the administration; the organisation is locked. Raises LastAdmin."""
    if person.is_org_admin == is_org_admin:
        return
    if not is_org_admin:
        require_other_admin(person)
        person.is_staff = person.is_superuser = False
    person.is_org_admin = is_org_admin
    person.save(update_fields=["is_org_admin", "is_staff", "is_superuser"])
    note_person(
        person,
        "made_admin" if is_org_admin else "admin_taken",
        by=by,
        before={"administers": not is_org_admin},
        after={"administers": is_org_admin},
    )


def note_person(person: User, verb: str, *, by: User | None, **said) -> None:
    """Tell the audit record what became of a person."""
    pk = person.organisation_id
    audit.record(verb, "person", person, by=by, organisation_id=pk, **said)


@transaction.atomic
def set_role(person: User, team: Team, role: str | None, *, by: User | None = None) -> None:
    """Put one role in place of another; doing it twice is doing it once."""
    held = Membership.objects.filter(user=person, team=team).values_list("role", flat=True)
    was = next(iter(held), None)
    if was == role:
        return
    if role is None:
        Membership.objects.filter(user=person, team=team).delete()
    else:
        Membership.objects.update_or_create(user=person, team=team, defaults={"role": role})
    audit.record_many([role_event(person, team, was, role, by=by)])


def role_event(
    person: User, team: Team, was: str | None, role: str | None, *, by: User | None
) -> AuditEvent:
    """The event that a person has another role in a team; None is no role."""
    verb = "role_given" if was is None else "role_taken" if role is None else "role_changed"
    return audit.event(
        verb,
        "role",
        person,
        by=by,
        team=team,
        before={"role": was},
        after={"role": role, "team": team.name},
    )


@transaction.atomic
def deactivate(person: User, *, now: datetime, by: User | None = None) -> None:
    """Take every way in from somebody who leaves; what they wrote keeps their name.

    Their work must be handed over before it (reviews.actions.leaving). Raises LastAdmin. Again, it
    changes nothing.
    """
    lock_organisation(person.organisation_id)
    fresh = User.objects.select_for_update(no_key=True).get(pk=person.pk)
    if fresh.left_at is not None:
        return
    if fresh.is_org_admin:
        set_admin(fresh, is_org_admin=False, by=by)
    fresh.is_active, fresh.left_at = False, now
    fresh.save(update_fields=["is_active", "left_at"])
    held = list(fresh.memberships.select_related("team"))
    fresh.memberships.all().delete()
    end_feed(fresh, by=by)
    audit.record_many(role_event(fresh, one.team, one.role, None, by=by) for one in held)
    note_person(fresh, "left", by=by, before={"active": True}, after={"active": False})
    for session in UserSession.objects.filter(user=fresh):
        session.end()


@transaction.atomic
def take_back(person: User, *, by: User | None = None) -> None:
    """Let somebody who left in again, without any role; who is here stays as they are."""
    if User.objects.filter(pk=person.pk, is_active=False).update(is_active=True, left_at=None):
        note_person(person, "taken_back", by=by, before={"active": False}, after={"active": True})


@transaction.atomic
def rename(person: User, name: str, *, by: User) -> None:
    """Call a person by another name; the record keeps the one they had."""
    was = User.objects.values_list("name", flat=True).get(pk=person.pk)
    if was == name:
        return
    User.objects.filter(pk=person.pk).update(name=name)
    note_person(person, "renamed", by=by, before={"name": was}, after={"name": name})
