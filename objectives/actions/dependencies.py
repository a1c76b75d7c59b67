"""What an objective needs of another team: asked for, confirmed or declined, told to both."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from uuid import UUID

from django.db import IntegrityError, transaction

from metrics.wording import day_year
from objectives.actions.history import take_version, write_history
from objectives.models import Dependency, Objective
from objectives.states import ENDED, DependencyState, MoveRefused
from teams.models import Membership, OutboxMessage, Team, User
from teams.outbox import channels, queue_messages
from teams.sight import about


def ask_for(
    objective: Objective,
    team: Team,
    *,
    what: str,
    needed_on: date | None,
    token: UUID,
    actor: User,
    now: datetime,
) -> Dependency:
    """Ask another team for something; its leads are told. The same form twice asks once.

    Raises MoveRefused for an objective that has ended or is private, or for one's own team.
    """
    if (again := Dependency.objects.filter(form_token=token).first()) is not None:
        return again
    if objective.state in ENDED:
        raise MoveRefused("The objective has ended.")
    if objective.is_private or objective.team.is_private:
        raise MoveRefused("The other team could not see what it is asked for: this is private.")
    if team.pk == objective.team_id:
        raise MoveRefused("Ask another team; your own work is an initiative.")
    try:
        return _ask(objective, team, what, needed_on, token, actor, now)
    except IntegrityError:
        return Dependency.objects.get(form_token=token)


@transaction.atomic
def _ask(
    objective: Objective,
    team: Team,
    what: str,
    needed_on: date | None,
    token: UUID,
    actor: User,
    now: datetime,
) -> Dependency:
    made = Dependency.objects.create(
        objective=objective,
        team=team,
        what=what,
        needed_on=needed_on,
        form_token=token,
        asked_by=actor,
        asked_at=now,
    )
    write_history(
        objective,
        "dependency_asked",
        actor=actor,
        now=now,
        after={"team": team, "what": what, "needed_on": needed_on},
    )
    until = f" by {day_year(needed_on)}" if needed_on else ""
    subject = f"{objective.team} asks {team} for something{until}: {what}"
    _tell(made, leads_of(team), "asked", subject, actor=actor, now=now)
    return made


@transaction.atomic
def answer_dependency(
    dependency: Dependency,
    *,
    confirmed: bool,
    reason: str = "",
    actor: User,
    now: datetime,
    version: int,
) -> Dependency:
    """Confirm, or decline with a reason; the asking team's leads and the asker are told.

    An answer may be changed. The same answer again changes nothing. Raises Changed when somebody
    answered since `version`, MoveRefused when it was taken back, ValueError without a reason.
    """
    then = DependencyState.CONFIRMED if confirmed else DependencyState.DECLINED
    if not confirmed and not reason.strip():
        raise ValueError("Say why it cannot be done.")
    return _answer(dependency, then, reason, actor=actor, now=now, version=version)


@transaction.atomic
def take_back(dependency: Dependency, *, actor: User, now: datetime, version: int) -> Dependency:
    """Take the question back; the asked team's leads are told."""
    return _answer(dependency, DependencyState.WITHDRAWN, "", actor=actor, now=now, version=version)


def _answer(
    dependency: Dependency, then: str, reason: str, *, actor: User, now: datetime, version: int
) -> Dependency:
    fresh = Dependency.objects.select_related("objective__team", "team", "asked_by").get(
        pk=dependency.pk
    )
    if fresh.state == then and fresh.reason == reason:
        return fresh
    take_version(fresh, version)
    fresh.refresh_from_db(fields=["state", "reason", "version"])
    if fresh.state == DependencyState.WITHDRAWN:
        raise MoveRefused("The question was taken back.")
    was = fresh.state
    fresh.state, fresh.reason = then, reason
    fresh.answered_by, fresh.answered_at = actor, now
    fresh.save(update_fields=["state", "reason", "answered_by", "answered_at"])
    write_history(
        fresh.objective,
        f"dependency_{then}",
        actor=actor,
        now=now,
        reason=reason,
        before={"state": was},
        after={"team": fresh.team, "what": fresh.what},
    )
    _tell_answer(fresh, then, actor=actor, now=now)
    return fresh


def _tell_answer(dependency: Dependency, then: str, *, actor: User, now: datetime) -> None:
    if then == DependencyState.WITHDRAWN:
        subject = f"{dependency.objective.team} no longer needs: {dependency.what}"
        _tell(dependency, leads_of(dependency.team), then, subject, actor=actor, now=now)
        return
    word = "confirms" if then == DependencyState.CONFIRMED else "declines"
    people = [dependency.asked_by, *leads_of(dependency.objective.team)]
    subject = f"{dependency.team} {word}: {dependency.what}"
    _tell(dependency, people, then, subject, actor=actor, now=now, body=dependency.reason)


def leads_of(team: Team) -> list[User]:
    """The active leads of a team."""
    role = Membership.Role.LEAD
    return list(User.objects.filter(memberships__team=team, memberships__role=role, is_active=True))


def _tell(
    dependency: Dependency,
    people: Iterable[User],
    kind: str,
    subject: str,
    *,
    actor: User,
    now: datetime,
    body: str = "",
) -> None:
    """Queue one message for each person but the one who acted."""
    key = f"dependency:{dependency.pk}:{dependency.version}:{kind}"
    queue_messages(
        OutboxMessage(
            event_key=key,
            recipient_id=pk,
            channel=channel,
            run=key[:64],
            topic="dependency",
            subject=subject[:300],
            body=body,
            link=f"/dependencies/{dependency.pk}/",
            about=about(dependency.objective, dependency.team),
            created_at=now,
            due_at=now,
        )
        for pk in sorted({person.pk for person in people} - {actor.pk})
        for channel in channels()
    )
