"""Invitations: by link and e-mail, opened once, until a day, by nobody who only reads the database.

The secret of a link is made from the row's nonce and the instance's key; what is kept is its hash.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID, uuid4

from django.conf import settings
from django.db import IntegrityError, transaction

from teams.actions import audit
from teams.actions.people import note_person, set_role
from teams.links import hash_of, invitation_secret
from teams.models import Invitation, OutboxMessage, Team, User
from teams.outbox import queue_message

LASTS = timedelta(days=14)


class InvitationClosed(Exception):
    """It opens nothing; `state` says why: accepted, revoked, expired, unknown or here already."""

    def __init__(self, state: str) -> None:
        super().__init__(state)
        self.state = state


@transaction.atomic
def invite(
    *, email: str, team: Team | None, role: str, token: UUID, actor: User, now: datetime
) -> Invitation:
    """Ask somebody in, with a mail where a mail server is named; one form makes one invitation.

    Raises IntegrityError where another invitation of this address is open.
    """
    known = Invitation.objects.filter(nonce=token, created_by=actor).first()
    if known is not None:
        return known
    made = Invitation.objects.create(
        organisation_id=actor.organisation_id,
        email=email.lower(),
        team=team,
        role=role if team else "",
        nonce=token,
        secret_hash=hash_of(invitation_secret(token)),
        created_at=now,
        created_by=actor,
        expires_at=now + LASTS,
    )
    _note(made, "invited", by=actor, after={"role": made.role, "until": made.expires_at})
    _mail(made, now)
    return made


def _note(invitation: Invitation, verb: str, *, by: User | None, **said) -> None:
    audit.record(
        verb,
        "invitation",
        invitation,
        by=by,
        label=invitation.email,
        team=invitation.team,
        organisation_id=invitation.organisation_id,
        **said,
    )


@transaction.atomic
def resend(invitation: Invitation, *, now: datetime, by: User | None = None) -> Invitation:
    """Give it a new secret and a new term; the old link opens nothing any more.

    Raises InvitationClosed when it was accepted or revoked meanwhile.
    """
    fresh = Invitation.objects.select_for_update(of=("self",)).get(pk=invitation.pk)
    if (state := fresh.state_at(now)) not in ("open", "expired"):
        raise InvitationClosed(state)
    fresh.nonce = uuid4()
    fresh.secret_hash = hash_of(invitation_secret(fresh.nonce))
    fresh.expires_at = now + LASTS
    fresh.save(update_fields=["nonce", "secret_hash", "expires_at"])
    until = {"until": invitation.expires_at}
    _note(fresh, "invited_again", by=by, before=until, after={"until": fresh.expires_at})
    _mail(fresh, now)
    return fresh


@transaction.atomic
def revoke(invitation: Invitation, *, now: datetime, by: User | None = None) -> bool:
    """Close it; False when it was accepted or revoked before."""
    waiting = Invitation.objects.waiting().filter(pk=invitation.pk)
    if not waiting.update(revoked_at=now):
        return False
    _note(invitation, "invitation_revoked", by=by)
    return True


@transaction.atomic
def accept(secret_hash: str, *, name: str, password: str | None, now: datetime) -> User:
    """Make the invited person, with their role; the link opens nothing afterwards.

    No password: they come in by single sign-on. Raises InvitationClosed.
    """
    invitation = Invitation.objects.select_for_update().filter(secret_hash=secret_hash).first()
    state = invitation.state_at(now) if invitation else "unknown"
    if state != "open":
        raise InvitationClosed(state)
    if User.objects.filter(email__iexact=invitation.email).exists():
        raise InvitationClosed("here already")
    try:
        with transaction.atomic():
            person = User.objects.create_user(
                invitation.email, password, name=name, organisation_id=invitation.organisation_id
            )
    except IntegrityError:
        raise InvitationClosed("here already") from None
    note_person(person, "joined", by=person, after={"name": name, "email": person.email})
    if invitation.team and invitation.team.archived_at is None:
        set_role(person, invitation.team, invitation.role, by=person)
    invitation.accepted_at, invitation.accepted_by = now, person
    invitation.save(update_fields=["accepted_at", "accepted_by"])
    return person


def _mail(invitation: Invitation, now: datetime) -> None:
    """Queue the mail with the change; its link is made when it leaves (teams.outbox)."""
    if not settings.EMAIL_URL:
        return
    where = f"the team {invitation.team} of " if invitation.team else ""
    organisation = invitation.organisation
    last = invitation.expires_at.astimezone(organisation.zone)
    key = f"invitation:{invitation.nonce}"
    queue_message(
        recipient=None,
        invitation=invitation,
        channel=OutboxMessage.Channel.EMAIL,
        event_key=key,
        run=key,
        topic="invitation",
        subject=f"{invitation.created_by} invites you to {organisation}",
        body=f"Come into {where}{organisation}: choose your name and a password. "
        f"The link works once, until {last:%A} {last.day} {last:%B}.",
        now=now,
    )
