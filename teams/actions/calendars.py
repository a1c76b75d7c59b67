"""The secret address of a person's calendar: made, made anew, and taken back."""

from __future__ import annotations

import secrets
from datetime import datetime

from django.db import transaction

from teams.actions import audit
from teams.links import hash_of
from teams.models import CalendarFeed, User

SECRET_BYTES = 32
# In the audit record, which says that there is an address and never which.
KIND = "calendar"


@transaction.atomic
def make_feed(user: User, now: datetime) -> str:
    """The secret of a new address, told only now; the one before opens nothing any more."""
    secret = secrets.token_urlsafe(SECRET_BYTES)
    fields = {"secret_hash": hash_of(secret), "made_at": now}
    CalendarFeed.objects.update_or_create(user=user, defaults=fields)
    audit.record("address_made", KIND, user, by=user)
    return secret


@transaction.atomic
def end_feed(user: User, *, by: User | None = None) -> bool:
    """Let the address open nothing more, `by` its owner if nobody is named; False without one."""
    if not CalendarFeed.objects.filter(user=user).delete()[0]:
        return False
    audit.record("address_removed", KIND, user, by=by or user)
    return True


def person_of(secret: str) -> User | None:
    """Whose calendar a secret opens; None for an unknown one and for somebody who left.

    Only the hash is looked up, so how long it takes tells nothing of how near a guess was.
    """
    rows = User.objects.filter(
        calendar_feed__secret_hash=hash_of(secret), is_active=True, organisation__isnull=False
    )
    return rows.select_related("organisation").first()
