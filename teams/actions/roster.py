"""Teams and people from a table: all of it or nothing, and the same table twice changes nothing."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from teams.actions import audit
from teams.actions.people import lock_organisation, note_person, set_role
from teams.actions.tree import note_team
from teams.models import Membership, OutboxMessage, Team, User
from teams.outbox import channels, queue_messages
from teams.roster import Known, Plan, plan

FIELDS = ("purpose", "is_private")
LEAD = Membership.Role.LEAD


class RosterRefused(Exception):
    """The table does not fit what is there now; nothing was written. `plan` names the problems."""

    def __init__(self, made: Plan) -> None:
        super().__init__("refused")
        self.plan = made


def known_to(admin: User) -> Known:
    """What is there, as far as the administrator may know of it."""
    rows = Team.objects.filter(organisation_id=admin.organisation_id).select_related("parent")
    seen = set(Team.objects.visible_to(admin).in_use().values_list("pk", flat=True))
    people = User.objects.values_list("email", "organisation_id", "left_at", "is_active")
    held = Membership.objects.filter(team__in=seen).values_list("team__name", "user__email", "role")
    return Known(
        teams={
            team.name.lower(): {
                "name": team.name,
                "purpose": team.purpose,
                "is_private": team.is_private,
                "parent": team.parent.name.lower() if team.parent else None,
            }
            for team in rows
            if team.pk in seen
        },
        people={
            email.lower(): "elsewhere"
            if organisation_id != admin.organisation_id
            else "left"
            if left_at
            else "here"
            if is_active
            else "away"
            for email, organisation_id, left_at, is_active in people
        },
        roles={(team.lower(), email.lower()): role for team, email, role in held},
        hidden=frozenset(team.name.lower() for team in rows if team.pk not in seen),
    )


@transaction.atomic
def import_roster(text: str, *, admin: User, now: datetime) -> Plan:
    """Write what the table says, in one transaction; raises RosterRefused where it cannot be."""
    lock_organisation(admin.organisation_id)
    made = plan(text, known_to(admin))
    if made.problems:
        raise RosterRefused(made)
    teams = _write_teams(made, admin, now)
    people = _write_people(made, admin, now)
    # Who leads from now on comes first: a table may hand a private team over in one step.
    for (key, email), role in sorted(made.roles.items(), key=lambda one: (one[1] != LEAD, one)):
        set_role(people[email], teams[key], role, by=admin)
    return made


def _write_teams(made: Plan, admin: User, now: datetime) -> dict[str, Team]:
    """The teams by lower name, new ones made; parents last, when all of them are there."""
    for key in made.new_teams:
        said = made.teams[key]
        fields = {name: said[name] for name in FIELDS if name in said}
        Team.objects.create(
            organisation_id=admin.organisation_id, name=said["name"], created_at=now, **fields
        )
    rows = Team.objects.filter(organisation_id=admin.organisation_id)
    teams = {team.name.lower(): team for team in rows}
    for key in [*made.new_teams, *made.changed_teams]:
        team, said = teams[key], made.teams[key]
        stood = {name: getattr(team, name) for name in ("parent", *FIELDS)}
        for name in made.changed_teams.get(key, ()):
            setattr(team, name, teams[said[name]] if name == "parent" else said[name])
        if key in made.new_teams and "parent" in said:
            team.parent = teams[said["parent"]]
        team.save(update_fields=["parent", *FIELDS])
        stands = {name: getattr(team, name) for name in stood}
        if key in made.new_teams:
            note_team(team, "created", by=admin, after={"name": team.name} | stands)
        else:
            before, after = audit.differences(stood, stands)
            note_team(team, "changed", by=admin, before=before, after=after)
    return teams


def _write_people(made: Plan, admin: User, now: datetime) -> dict[str, User]:
    """The people of the table by lower address; new ones hear how to come in."""
    new = [
        User.objects.create_user(email, None, name=name, organisation_id=admin.organisation_id)
        for email, name in made.new_people.items()
    ]
    for person in new:
        after = {"name": person.name, "email": person.email}
        note_person(person, "added", by=admin, after=after)
    if "email" in channels():
        queue_messages([_welcome(person, admin, now) for person in new])
    emails = {email for _, email in made.roles}
    rows = User.objects.filter(organisation_id=admin.organisation_id, email__in=emails)
    return {person.email.lower(): person for person in [*new, *rows]}


def _welcome(person: User, admin: User, now: datetime) -> OutboxMessage:
    key = f"welcome:{person.pk}"
    return OutboxMessage(
        recipient=person,
        channel=OutboxMessage.Channel.EMAIL,
        event_key=key,
        run=key,
        topic="invitation",
        subject=f"{admin} added you to {admin.organisation}",
        body="Type this address on the page below: a link to choose a password comes back to it.",
        link="/accounts/password/reset/",
        created_at=now,
        due_at=now,
    )
