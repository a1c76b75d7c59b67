"""Switches that take one guard away, for the negative controls of the fault tests.

Imported by a worker whose settings say so, with the guard's name in OKRKPI_UNGUARDED.
"""

import contextlib
import os
import uuid

from django.conf import settings

from metrics.evaluation import running
from teams import claims, mails, outbox
from teams.models import OutboxMessage
from teams.querysets import OutboxQuerySet


class Apart:
    """Stands for `django.db.transaction`: every statement commits by itself."""

    @staticmethod
    def atomic(*_, **__):
        return contextlib.nullcontext()


def without_lease_end() -> None:
    """A claim never runs out: what a dead process held stays held."""
    settings.LEASE_SECONDS = 10**8


def without_transaction() -> None:
    """The inbox item and the mark that it was delivered commit one after the other."""
    outbox.transaction = Apart
    OutboxQuerySet.select_for_update = lambda self, **_: self


def without_evaluation_transaction() -> None:
    """Signals, states and messages of an evaluation commit one after the other."""
    running.transaction = Apart


def without_claim() -> None:
    """Nobody looks at who holds a message."""
    OutboxQuerySet.due = lambda self, now: self.filter(
        sent_at=None, parked_at=None, due_at__lte=now
    )
    claims.held = lambda claimed: OutboxMessage.objects.filter(pk__in=[row.pk for row in claimed])


def without_key() -> None:
    """A mail that is sent again is another mail."""
    mails.key_of = lambda rows: uuid.uuid4().hex


GUARDS = {
    "lease_end": without_lease_end,
    "transaction": without_transaction,
    "evaluation_transaction": without_evaluation_transaction,
    "claim": without_claim,
    "key": without_key,
}

if name := os.environ.get("OKRKPI_UNGUARDED"):
    GUARDS[name]()
