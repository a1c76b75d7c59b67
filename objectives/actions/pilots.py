"""Beginning a pilot with one team, taking more teams in, and widening it to all."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction

from objectives.models import Cycle, Pilot, PilotTeam
from teams.actions import audit
from teams.models import Organisation, Team, User


class PilotRuns(Exception):
    """Another pilot runs already; nothing was written."""


class PilotTeamEnded(Exception):
    """The team was archived meanwhile; nothing was written."""


class PilotOver(Exception):
    """The pilot has ended meanwhile; nothing was written."""


@transaction.atomic
def begin_pilot(
    organisation: Organisation, team: Team, cycle: Cycle, *, actor: User, now: datetime
) -> Pilot:
    """Let one team write objectives, and the others wait; the same twice is one pilot.

    Raises PilotRuns where another one does, PilotTeamEnded for a team that is archived.
    """
    fresh = Organisation.objects.select_for_update().get(pk=organisation.pk)
    running = Pilot.objects.filter(organisation=fresh, ended_at=None).first()
    if running is not None:
        same = running.cycle_id == cycle.pk and list(running.teams.all()) == [team]
        if same:
            return running
        raise PilotRuns
    if not Team.objects.in_use().filter(pk=team.pk).exists():
        raise PilotTeamEnded
    pilot = Pilot.objects.create(organisation=fresh, cycle=cycle, begun_at=now, begun_by=actor)
    PilotTeam.objects.create(pilot=pilot, team=team, added_at=now, added_by=actor)
    Organisation.objects.filter(pk=fresh.pk).update(pilot_since=now)
    organisation.pilot_since = now
    _tell(pilot, "pilot_begun", actor, after={"team": team, "cycle": cycle.name})
    return pilot


@transaction.atomic
def widen_pilot(pilot: Pilot, teams: Iterable[Team], *, actor: User, now: datetime) -> None:
    """Let these teams write objectives too. Raises PilotOver."""
    _locked(pilot)
    told = {"added_at": now, "added_by": actor}
    for team in teams:
        _, is_new = PilotTeam.objects.get_or_create(pilot=pilot, team=team, defaults=told)
        if is_new:
            _tell(pilot, "pilot_widened", actor, after={"team": team})


@transaction.atomic
def end_pilot(pilot: Pilot, *, actor: User, now: datetime) -> None:
    """Let every team write objectives. Raises PilotOver."""
    organisation = _locked(pilot)
    Pilot.objects.filter(pk=pilot.pk).update(ended_at=now, ended_by=actor)
    Organisation.objects.filter(pk=organisation.pk).update(pilot_since=None)
    _tell(pilot, "pilot_ended", actor, after={"team": "all"})


def move_in_pilot(team: Team, into: Team, *, actor: User, now: datetime) -> None:
    """Let the pilot that runs follow a team which is merged into another one.

    In the transaction of the merge, which has locked the organisation.
    """
    member = _running_member(team)
    if member is None:
        return
    if PilotTeam.objects.filter(pilot=member.pilot_id, team=into).exists():
        member.delete()
    else:
        PilotTeam.objects.filter(pk=member.pk).update(team=into, added_at=now, added_by=actor)
    said = {"before": {"team": team}, "after": {"team": into}}
    _tell(member.pilot, "pilot_followed", actor, **said)


def is_last_in_pilot(team: Team) -> bool:
    """Whether a pilot runs whose only team in use it is: without it nobody could begin anything."""
    member = _running_member(team)
    if member is None:
        return False
    others = PilotTeam.objects.filter(pilot=member.pilot_id, team__archived_at=None)
    return not others.exclude(team=team).exists()


def _running_member(team: Team) -> PilotTeam | None:
    rows = PilotTeam.objects.filter(team=team, pilot__ended_at=None)
    return rows.select_related("pilot__organisation").first()


def _locked(pilot: Pilot) -> Organisation:
    organisation = Organisation.objects.select_for_update().get(pk=pilot.organisation_id)
    if not Pilot.objects.filter(pk=pilot.pk, ended_at=None).exists():
        raise PilotOver
    return organisation


def _tell(pilot: Pilot, verb: str, actor: User, **said) -> None:
    """Tell the audit record what became of the pilot."""
    organisation = pilot.organisation
    audit.record(
        verb, "organisation", organisation, by=actor, organisation_id=organisation.pk, **said
    )
