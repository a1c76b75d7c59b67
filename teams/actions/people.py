"""Roles of people, and their coming and going.

An organisation keeps an administrator, and a private team somebody who leads it.
"""

from __future__ import annotations

from datetime import datetime

from allauth.usersessions.models import UserSession
from django.db import transaction

from teams.actions import audit
from teams.actions.calendars import end_feed
from teams.links import password_path
from teams.models import AuditEvent, Membership, Organisation, Team, User


class LastAdmin(Exception):
    """Without this person nobody would administer the organisation; nothing was written."""


class LastLead(Exception):
    """Without this person nobody would lead the private team; nothing was written."""

    def __init__(self, person: User, team: Team) -> None:
        super().__init__(
            f"{person} is the only lead, and the team is private: nobody could let anybody in. "
            "Make somebody else lead first."
        )
        self.person, self.team = person, team


class CameIn(Exception):
    """The person has a way in of their own; nothing was written."""


class TeamIsLed(Exception):
    """Somebody is there who looks after the people of the team; nothing was written."""


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


def require_other_lead(person: User, team: Team) -> None:
    """Raise LastLead unless somebody else leads a private team, too; the organisation is locked."""
    if not team.is_private or team.archived_at is not None:
        return
    leads = Membership.objects.filter(
        team=team, role=Membership.Role.LEAD, user__is_active=True
    ).exclude(user=person)
    if not leads.exists():
        raise LastLead(person, team)


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
    admin site either. Raises LastAdmin, and LastLead of a private team.
    """
    lock_organisation(person.organisation_id)
    fresh = User.objects.select_for_update(no_key=True).get(pk=person.pk)
    if is_org_admin is not None and fresh.is_active:
        set_admin(fresh, is_org_admin, by=by)
    for team, role in sorted(roles.items(), key=lambda pair: pair[0].pk):
        set_role(fresh, team, role, by=by)


@transaction.atomic
def change_members(team: Team, roles: dict[User, str | None], *, by: User | None = None) -> None:
    """Give these people their roles in a team; None takes them out of it. Raises LastLead.

    Who leads from now on comes first: a lead may hand over in one step. Who left meanwhile gets
    no role any more.
    """
    lock_organisation(team.organisation_id)
    fresh = Team.objects.get(pk=team.pk)
    here = User.objects.filter(pk__in=[person.pk for person in roles], is_active=True)
    active = set(here.values_list("pk", flat=True))
    lead = Membership.Role.LEAD
    for person, role in sorted(roles.items(), key=lambda pair: (pair[1] != lead, pair[0].pk)):
        if role is None or person.pk in active:
            set_role(person, fresh, role, by=by)


@transaction.atomic
def name_lead(team: Team, person: User, *, reason: str, by: User) -> None:
    """Let somebody lead a private team in which nobody is left who could let anybody in.

    That it was done, by whom and why, stands in the record of the organisation too, where every
    administrator reads it; what the team is called stands in its own. Raises TeamIsLed.
    """
    lock_organisation(team.organisation_id)
    if not Team.objects.abandoned().filter(pk=team.pk).exists():
        raise TeamIsLed
    set_role(person, team, Membership.Role.LEAD, by=by, reason=reason)
    note_person(person, "lead_named", by=by, after={"leads": team}, reason=reason)


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
def set_role(
    person: User, team: Team, role: str | None, *, by: User | None = None, reason: str = ""
) -> None:
    """Put one role in place of another; doing it twice is doing it once. Raises LastLead."""
    held = Membership.objects.filter(user=person, team=team).values_list("role", flat=True)
    was = next(iter(held), None)
    if was == role:
        return
    if was == Membership.Role.LEAD:
        require_other_lead(person, team)
    if role is None:
        Membership.objects.filter(user=person, team=team).delete()
    else:
        Membership.objects.update_or_create(user=person, team=team, defaults={"role": role})
    audit.record_many([role_event(person, team, was, role, by=by, reason=reason)])


def role_event(
    person: User,
    team: Team,
    was: str | None,
    role: str | None,
    *,
    by: User | None,
    reason: str = "",
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
        reason=reason,
    )


@transaction.atomic
def deactivate(person: User, *, now: datetime, by: User | None = None) -> None:
    """Take every way in from somebody who leaves; what they wrote keeps their name.

    Their work must be handed over before it (reviews.actions.leaving), and the private teams they
    lead alone. Raises LastAdmin and LastLead. Again, it changes nothing.
    """
    lock_organisation(person.organisation_id)
    fresh = User.objects.select_for_update(no_key=True).get(pk=person.pk)
    if fresh.left_at is not None:
        return
    held = list(fresh.memberships.select_related("team"))
    for one in held:
        if one.role == Membership.Role.LEAD:
            require_other_lead(fresh, one.team)
    if fresh.is_org_admin:
        set_admin(fresh, is_org_admin=False, by=by)
    fresh.is_active, fresh.left_at = False, now
    fresh.save(update_fields=["is_active", "left_at"])
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


def is_awaited(person: User) -> bool:
    """Whether somebody who was added has never come in and has no password to do it with."""
    return person.is_active and person.last_login is None and not person.has_usable_password()


@transaction.atomic
def make_first_link(person: User, *, by: User) -> str:
    """The path at which somebody awaited chooses a password; it works once, for three days.

    It is kept nowhere; that it was made is in the record. Raises CameIn.
    """
    fresh = User.objects.select_for_update(no_key=True).get(pk=person.pk)
    if not is_awaited(fresh):
        raise CameIn
    note_person(fresh, "link_made", by=by)
    return password_path(fresh)


@transaction.atomic
def rename(person: User, name: str, *, by: User) -> None:
    """Call a person by another name; the record keeps the one they had."""
    was = User.objects.values_list("name", flat=True).get(pk=person.pk)
    if was == name:
        return
    User.objects.filter(pk=person.pk).update(name=name)
    note_person(person, "renamed", by=by, before={"name": was}, after={"name": name})
