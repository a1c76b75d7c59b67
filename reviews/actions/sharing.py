"""The public link of a scorecard: made once a form, revoked for good."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import IntegrityError, transaction

from objectives.models import Cycle
from reviews.models import ScorecardLink
from teams.actions import audit
from teams.links import hash_of, secret_from
from teams.models import Organisation, Team, User

_SALT = "reviews.scorecard_link"
PREFIX = 6


def secret_of(token: UUID, actor: User) -> str:
    """The secret a form gives its link: the same form twice, the same link; 256 bits."""
    return secret_from(_SALT, f"{actor.pk}:{token}")


def create_link(
    organisation: Organisation,
    *,
    team: Team | None,
    cycle: Cycle,
    token: UUID,
    actor: User,
    now: datetime,
) -> tuple[ScorecardLink, str]:
    """The link and its secret, which nothing else will ever tell. The same form makes one link."""
    secret = secret_of(token, actor)
    fields = {"organisation": organisation, "team": team, "cycle": cycle, "created_by": actor}
    try:
        with transaction.atomic():
            made = ScorecardLink.objects.create(
                **fields, secret_hash=hash_of(secret), prefix=secret[:PREFIX], created_at=now
            )
            _note(made, "shared", actor)
    except IntegrityError:
        made = ScorecardLink.objects.get(secret_hash=hash_of(secret))
    return made, secret


def _note(link: ScorecardLink, verb: str, actor: User) -> None:
    audit.record(verb, "scorecard_link", link, by=actor, team=link.team)


@transaction.atomic
def revoke_link(link: ScorecardLink, *, actor: User, now: datetime) -> bool:
    """Close the page for everybody; False when it was closed before."""
    rows = ScorecardLink.objects.live().filter(pk=link.pk)
    if not rows.update(revoked_at=now, revoked_by=actor):
        return False
    _note(link, "sharing_revoked", actor)
    return True
