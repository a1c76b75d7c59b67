"""Messages that could not be delivered: put off, or parked after the last try."""

from __future__ import annotations

from datetime import datetime

from django.db.models import Q, QuerySet

from teams.models import Organisation, OutboxMessage


def stuck_messages(organisation: Organisation) -> QuerySet[OutboxMessage]:
    """Messages of an organisation that were tried and are not sent, oldest first.

    They are to its people, to those whom it invited, and to its chats. A first try under way is not
    among them.
    """
    failed = ~Q(last_error="") | Q(attempts__gte=2) | Q(parked_at__isnull=False)
    tried = OutboxMessage.objects.filter(failed)
    mine = Q(recipient__organisation=organisation) | Q(invitation__organisation=organisation)
    mine |= Q(hook__organisation=organisation)
    return tried.filter(mine, sent_at=None).order_by("created_at", "pk")


def retry_messages(messages: QuerySet[OutboxMessage], now: datetime) -> int:
    """Make these due now with all their tries; how many. A delivery under way goes on."""
    return _at_rest(messages, now).update(parked_at=None, attempts=0, due_at=now)


def park_messages(messages: QuerySet[OutboxMessage], now: datetime) -> int:
    """Try these no more until somebody asks for it; how many were parked."""
    return _at_rest(messages, now).filter(parked_at=None).update(parked_at=now)


def _at_rest(messages: QuerySet[OutboxMessage], now: datetime) -> QuerySet[OutboxMessage]:
    free = Q(claimed_until=None) | Q(claimed_until__lt=now)
    rows = OutboxMessage.objects.filter(pk__in=messages.order_by().values("pk"))
    return rows.filter(free, sent_at=None)
