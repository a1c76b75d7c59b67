"""Messages to people: written with the change they tell of, delivered after it.

A message waits as a row. `deliver_due` claims rows with a lease, delivers them and stores that it
did. To the inbox a message comes exactly once, since the item and `sent_at` are one transaction.
E-mail and chat go out at least once: after a crash between sending and storing, the same digest is
sent again under the same key. Rows whose lease ran out are free again, so a killed process delays
its messages by `LEASE_SECONDS` and loses none. What its receiver may not see any more is parked
instead, and the inbox shows no such item.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable
from datetime import datetime

from django.conf import settings
from django.db import transaction

from teams import claims
from teams.chat import post_to_chat
from teams.digests import as_chosen
from teams.faults import fault
from teams.mailing import send_mails
from teams.models import InboxAbout, InboxItem, OutboxMessage, User
from teams.sight import NOT_TOLD, split, things_of

log = logging.getLogger(__name__)


def queue_message(
    *, recipient: User | None, channel: str, event_key: str, now: datetime, **fields
) -> None:
    """Store one message to leave at `due_at` (default `now`); the same event again is ignored.

    Call it inside the transaction of the change. `fields`: run, topic, subject, body, link, due_at,
    about, and for somebody invited, who is no person yet, invitation.
    """
    fields.setdefault("due_at", now)
    queue_messages(
        [
            OutboxMessage(
                recipient=recipient, channel=channel, event_key=event_key, created_at=now, **fields
            )
        ]
    )


def channels() -> tuple[str, ...]:
    """How people are told: in the app, and by e-mail where a mail server is named."""
    mail = (OutboxMessage.Channel.EMAIL,) if settings.EMAIL_URL else ()
    return (OutboxMessage.Channel.INBOX, *mail)


def queue_messages(messages: Iterable[OutboxMessage]) -> None:
    """Store many messages a thousand a statement; each (event, person, channel) is stored once.

    Those that a person does not want are left out; mail leaves when they chose.
    """
    OutboxMessage.objects.bulk_create(as_chosen(messages), batch_size=1000, ignore_conflicts=True)


def deliver_due(now: datetime, worker: str) -> int:
    """Claim one lot of due messages, deliver it, and return how many rows were looked after.

    A lot is many inbox rows, many mails, or what one chat is told of one run. 0 means that nothing
    was due; callers repeat until then. What fails is put off (`claims.put_off`).
    """
    fault("outbox.before_claim")
    claimed = claims.claim(now, worker)
    if not claimed:
        return 0
    fault("outbox.after_claim")
    deliver = {"inbox": _to_inbox, "email": send_mails, "chat": post_to_chat}[claimed[0].channel]
    told = claimed
    try:
        told, withheld = split(claimed)
        claims.park(withheld, now, NOT_TOLD)
        if told:
            deliver(told, now)
    except Exception as error:
        log.warning("messages put off: %s", error)
        claims.put_off(told, now, error)
    return len(claimed)


def _to_inbox(claimed: list[OutboxMessage], now: datetime) -> None:
    """Give each person their inbox item; item and mark commit together or not at all."""
    with transaction.atomic():
        rows = list(claims.held(claimed).select_for_update())
        fault("outbox.before_deliver")
        items = InboxItem.objects.bulk_create(
            InboxItem(
                message=row,
                recipient_id=row.recipient_id,
                topic=row.topic,
                subject=row.subject,
                body=row.body,
                link=row.link,
                created_at=row.created_at,
            )
            for row in rows
        )
        InboxAbout.objects.bulk_create(
            InboxAbout(item=item, kind=kind, object_id=pk)
            for item in items
            for kind, pk in set(things_of(item.message.about))
        )
        fault("outbox.after_deliver")
        claims.mark_sent(rows, now)
        fault("outbox.before_commit")
    fault("outbox.after_commit")
