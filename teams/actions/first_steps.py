"""Closing the guided path of an organisation, and taking it up again."""

from __future__ import annotations

from datetime import datetime

from teams.models import Organisation


def close_first_steps(organisation: Organisation, *, now: datetime) -> None:
    """Done or put aside: pages no longer speak of the path. The first moment stays."""
    rows = Organisation.objects.filter(pk=organisation.pk, first_steps_closed_at=None)
    if rows.update(first_steps_closed_at=now):
        organisation.first_steps_closed_at = now


def reopen_first_steps(organisation: Organisation) -> None:
    """Pages speak of the path again, until every step is done."""
    Organisation.objects.filter(pk=organisation.pk).update(first_steps_closed_at=None)
    organisation.first_steps_closed_at = None
