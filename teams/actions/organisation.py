"""Making an organisation, and changing what holds for everybody in it."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from teams.actions import audit
from teams.actions.people import note_person, set_role
from teams.models import Membership, Organisation, Team, User

SETTINGS = ("name", "time_zone", "fiscal_start_month")


@transaction.atomic
def create_organisation(
    *,
    name: str,
    time_zone: str,
    fiscal_start_month: int,
    admin_name: str,
    admin_email: str,
    password: str,
    now: datetime,
) -> Organisation:
    """Create an organisation, its first team and its first administrator, who leads that team."""
    organisation = Organisation(
        name=name, time_zone=time_zone, fiscal_start_month=fiscal_start_month, created_at=now
    )
    organisation.full_clean()
    organisation.save()
    admin = User.objects.create_user(
        admin_email,
        password,
        name=admin_name,
        organisation=organisation,
        is_org_admin=True,
        is_staff=True,
        is_superuser=True,
    )
    team = Team.objects.create(organisation=organisation, name=name, created_at=now)
    note_organisation(
        organisation,
        "created",
        by=None,
        after={name: getattr(organisation, name) for name in SETTINGS},
    )
    note_person(admin, "made_admin", by=None, after={"name": admin_name, "email": admin.email})
    audit.record("created", "team", team, by=None, team=team, after={"name": name})
    set_role(admin, team, Membership.Role.LEAD)
    return organisation


def note_organisation(organisation: Organisation, verb: str, *, by: User | None, **said) -> None:
    """Tell the audit record what became of an organisation or its settings."""
    pk = organisation.pk
    audit.record(verb, "organisation", organisation, by=by, organisation_id=pk, **said)


class SettingsChanged(Exception):
    """Somebody else changed settings since they were shown; nothing was written.

    `current` is what stands now in those that both changed, by name.
    """

    def __init__(self, current: dict) -> None:
        super().__init__("changed meanwhile")
        self.current = current


@transaction.atomic
def change_organisation(
    organisation: Organisation,
    typed: dict,
    *,
    seen: dict[str, str],
    now: datetime,
    by: User | None = None,
) -> Organisation:
    """Write the settings in `typed`, and no others; `seen` is what stood there before, as text.

    Saved as they are, they are confirmed. Raises SettingsChanged where somebody else changed one
    of them to something else meanwhile.
    """
    fresh = Organisation.objects.select_for_update().get(pk=organisation.pk)
    current = {name: getattr(fresh, name) for name in typed}
    moved = {
        name: stands
        for name, stands in current.items()
        if str(stands) != seen.get(name) and stands != typed[name]
    }
    if moved:
        raise SettingsChanged(moved)
    before, after = audit.differences(current, typed)
    fresh.settings_confirmed_at = now
    for name, value in after.items():
        setattr(fresh, name, value)
    fresh.save(update_fields=[*after, "settings_confirmed_at"])
    if after:
        note_organisation(fresh, "settings_changed", by=by, before=before, after=after)
    return fresh
