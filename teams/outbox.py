"""Messages to people: written with the change they tell of, delivered after it.

A message waits as a row. `deliver_due` claims rows with a lease, delivers them and stores that it
did. To the inbox a message comes exactly once, since the item and `sent_at` are one transaction.
E-mail goes out at least once: after a crash between sending and storing, the same digest is sent
again under the same Message-ID. Rows whose lease ran out are free again, so a killed process delays
its messages by `LEASE_SECONDS` and loses none.
"""

from __future__ import annotations

import logging
import uuid
from collections.abc import Iterable
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import F, QuerySet

from teams.digests import as_chosen
from teams.faults import fault
from teams.mails import digest_mail
from teams.models import InboxItem, OutboxMessage, User

log = logging.getLogger(__name__)

MAX_ATTEMPTS = 5
FIRST_PAUSE = timedelta(minutes=1)
INBOX_BATCH = 500


def queue_message(
    *, recipient: User | None, channel: str, event_key: str, now: datetime, **fields
) -> None:
    """Store one message to leave at `due_at` (default `now`); the same event again is ignored.

    Call it inside the transaction of the change. `fields`: run, topic, subject, body, link, due_at,
    and for somebody invited, who is no person yet, invitation.
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

    A lot is up to `INBOX_BATCH` inbox rows, or all rows of one e-mail digest. 0 means that nothing
    was due; callers repeat until then. A lot that fails is put off; its fifth failure parks it.
    """
    fault("outbox.before_claim")
    claimed = _claim(now, worker)
    if not claimed:
        return 0
    fault("outbox.after_claim")
    deliver = _to_inbox if claimed[0].channel == OutboxMessage.Channel.INBOX else _by_mail
    try:
        deliver(claimed, now)
    except Exception as error:
        log.warning("messages put off: %s", error)
        _put_off(claimed, now, error)
    return len(claimed)


def _claim(now: datetime, worker: str) -> list[OutboxMessage]:
    """Lease the oldest due lot to this call alone; a row someone else leased first is left out.

    The guard is the UPDATE's own condition, judged by the database after any lock it waited for.
    """
    head = OutboxMessage.objects.due(now).order_by("due_at", "pk").first()
    if head is None:
        return []
    token = f"{worker[:27]}:{uuid.uuid4()}"
    with transaction.atomic():
        rows = list(
            _lot(head, now).select_for_update(skip_locked=True).values_list("pk", flat=True)
        )
        OutboxMessage.objects.due(now).filter(pk__in=rows).update(
            claimed_until=now + timedelta(seconds=settings.LEASE_SECONDS),
            claimed_by=token,
            attempts=F("attempts") + 1,
        )
    claimed = OutboxMessage.objects.filter(claimed_by=token)
    claimed = claimed.select_related("recipient", "invitation")
    return _without_poison(list(claimed.order_by("due_at", "pk")), now)


def _lot(head: OutboxMessage, now: datetime) -> QuerySet[OutboxMessage]:
    """The due rows that leave with `head`."""
    due = OutboxMessage.objects.due(now).filter(channel=head.channel).order_by("due_at", "pk")
    if head.channel == OutboxMessage.Channel.INBOX:
        return due[:INBOX_BATCH]
    return due.filter(recipient=head.recipient_id, run=head.run)


def _without_poison(claimed: list[OutboxMessage], now: datetime) -> list[OutboxMessage]:
    """Park rows whose every delivery so far ended with the death of the process."""
    poison = [row for row in claimed if row.attempts > MAX_ATTEMPTS]
    if poison:
        OutboxMessage.objects.filter(pk__in=[row.pk for row in poison]).update(
            parked_at=now, last_error=f"{MAX_ATTEMPTS} deliveries were cut off"
        )
    return [row for row in claimed if row.attempts <= MAX_ATTEMPTS]


def _held(claimed: list[OutboxMessage]) -> QuerySet[OutboxMessage]:
    """Those of the claimed rows that are still ours: unsent, and claimed by nobody since."""
    return OutboxMessage.objects.filter(
        pk__in=[row.pk for row in claimed], claimed_by=claimed[0].claimed_by, sent_at=None
    )


def _to_inbox(claimed: list[OutboxMessage], now: datetime) -> None:
    """Give each person their inbox item; item and mark commit together or not at all."""
    with transaction.atomic():
        rows = list(_held(claimed).select_for_update())
        fault("outbox.before_deliver")
        InboxItem.objects.bulk_create(
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
        fault("outbox.after_deliver")
        _mark_sent(rows, now)
        fault("outbox.before_commit")
    fault("outbox.after_commit")


def _by_mail(claimed: list[OutboxMessage], now: datetime) -> None:
    """Send one digest and store that it went out; no transaction is open meanwhile."""
    rows = [row for row in claimed if _is_wanted(row, now)]
    fault("outbox.before_deliver")
    if rows:
        digest_mail(rows).send()
    fault("outbox.after_deliver")
    with transaction.atomic():
        _mark_sent(claimed, now)
        fault("outbox.before_commit")
    fault("outbox.after_commit")


def _is_wanted(row: OutboxMessage, now: datetime) -> bool:
    """Whether the person is still here, or the invitation of the mail still the one it tells of."""
    if row.invitation is None:
        return row.recipient.is_active
    is_current = row.event_key == f"invitation:{row.invitation.nonce}"
    return is_current and row.invitation.state_at(now) == "open"


def _mark_sent(rows: list[OutboxMessage], now: datetime) -> None:
    """Store that the rows left; a row that lost its lease meanwhile is its new holder's."""
    fault("outbox.before_mark")
    if rows:
        _held(rows).update(sent_at=now, claimed_until=None, last_error="")
    fault("outbox.after_mark")


def _put_off(claimed: list[OutboxMessage], now: datetime, error: Exception) -> None:
    """Free the rows for a later try: after 1, 5, 25 and 125 minutes; the fifth failure parks."""
    held = _held(claimed)
    text = f"{type(error).__name__}: {error}"[:1000]
    for attempts in {row.attempts for row in claimed}:
        rows = held.filter(attempts=attempts)
        if attempts >= MAX_ATTEMPTS:
            rows.update(parked_at=now, claimed_until=None, last_error=text)
        else:
            pause = FIRST_PAUSE * 5 ** (attempts - 1)
            rows.update(due_at=now + pause, claimed_until=None, last_error=text)
