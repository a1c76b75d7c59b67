"""Holding messages while they are delivered: claimed with a lease, marked, or put off.

A claim gives each row its `lot`, once for all: rows of one digest that left together, or were meant
to, stay together, so that a try after a crash is the same digest under the same key, whatever was
queued meanwhile.
"""

from __future__ import annotations

import time
import uuid
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Case, F, QuerySet, Value, When

from teams.faults import fault
from teams.models import OutboxMessage

FIRST_PAUSE = timedelta(minutes=1)
LONGEST_PAUSE = timedelta(hours=6)
# Tries until a message is parked: of mail over almost two days, since a server that is away for one
# must lose nothing; of what is posted to a chat within a day, after which it is no news.
MAX_ATTEMPTS = {"inbox": 8, "email": 12, "chat": 8}
# Tries that may end with the death of the process, before the message is taken for the reason.
MAX_CUT_OFF = 5
INBOX_BATCH = 500
MAIL_BATCH = 20_000
# What the rows of one mail have in common.
DIGEST = ("recipient_id", "invitation_id", "run", "lot")


def pause_after(attempts: int) -> timedelta:
    """How long a message rests after so many tries: 1, 5, 25, 125 minutes, then 6 hours."""
    return min(FIRST_PAUSE * 5 ** min(attempts - 1, 9), LONGEST_PAUSE)


def claim(now: datetime, worker: str) -> list[OutboxMessage]:
    """Lease the oldest due lot to this call alone; a row someone else leased first is left out.

    The guard is the UPDATE's own condition, judged by the database after any lock it waited for.
    """
    head = OutboxMessage.objects.due(now).order_by("due_at", "pk").first()
    if head is None:
        return []
    name = str(uuid.uuid4())
    token = f"{worker[:27]}:{name}"
    with transaction.atomic():
        rows = _lot(head, now)
        OutboxMessage.objects.due(now).filter(pk__in=rows).update(
            claimed_until=now + timedelta(seconds=settings.LEASE_SECONDS),
            claimed_by=token,
            attempts=F("attempts") + 1,
            lot=Case(When(lot="", then=Value(name)), default=F("lot")),
        )
    claimed = OutboxMessage.objects.filter(claimed_by=token)
    claimed = claimed.select_related("recipient", "invitation", "hook")
    return _without_poison(list(claimed.order_by("due_at", "pk")), now)


def _lot(head: OutboxMessage, now: datetime) -> list[int]:
    """The due rows that are claimed with `head`, by id; call it in the transaction of the claim.

    Many inbox rows or mails, the mails of a digest together; of a chat what leaves in one message.
    """
    due = OutboxMessage.objects.due(now).filter(channel=head.channel)
    due = due.select_for_update(skip_locked=True)
    if head.channel == OutboxMessage.Channel.CHAT:
        due = due.filter(hook=head.hook_id, run=head.run, lot=head.lot)
        return list(due.order_by("pk").values_list("pk", flat=True))
    if head.channel == OutboxMessage.Channel.INBOX:
        return list(due.order_by("due_at", "pk").values_list("pk", flat=True)[:INBOX_BATCH])
    rows = due.order_by("due_at", *DIGEST, "pk").values_list("pk", *DIGEST)[: MAIL_BATCH + 1]
    return _whole_digests(list(rows))


def _whole_digests(rows: list[tuple]) -> list[int]:
    """The ids of what is claimed at once; of too much, without the digest that is cut in two."""
    if len(rows) > MAIL_BATCH:
        last = rows[-1][1:]
        whole = [row for row in rows if row[1:] != last]
        rows = whole or rows
    return [row[0] for row in rows]


def _without_poison(claimed: list[OutboxMessage], now: datetime) -> list[OutboxMessage]:
    """Park rows whose every delivery so far ended with the death of the process."""
    poison = {row.pk for row in claimed if row.attempts > _tries_of(row)}
    if poison:
        OutboxMessage.objects.filter(pk__in=poison).update(
            parked_at=now, last_error=f"{MAX_CUT_OFF} deliveries were cut off"
        )
    return [row for row in claimed if row.pk not in poison]


def _tries_of(row: OutboxMessage) -> int:
    return MAX_ATTEMPTS[row.channel] if row.last_error else MAX_CUT_OFF


def held(claimed: Sequence[OutboxMessage]) -> QuerySet[OutboxMessage]:
    """Those of the claimed rows that are still ours: unsent, and claimed by nobody since."""
    return OutboxMessage.objects.filter(
        pk__in=[row.pk for row in claimed], claimed_by=claimed[0].claimed_by, sent_at=None
    )


def mark_sent(rows: Sequence[OutboxMessage], now: datetime) -> None:
    """Store that the rows left; a row that lost its lease meanwhile is its new holder's."""
    fault("outbox.before_mark")
    if rows:
        held(rows).update(sent_at=now, claimed_until=None, last_error="")
    fault("outbox.after_mark")


def park(rows: Sequence[OutboxMessage], now: datetime, reason: str) -> None:
    """Try these no more until somebody asks for it; the page of the jobs tells why."""
    if rows:
        held(rows).update(parked_at=now, claimed_until=None, last_error=reason)


def put_off(claimed: Sequence[OutboxMessage], now: datetime, error: Exception | str) -> None:
    """Free the rows for a later try (`pause_after`); the last failure of their channel parks."""
    text = error if isinstance(error, str) else f"{type(error).__name__}: {error}"
    text = text.replace("\x00", "")[:1000]
    mine = held(claimed)
    for attempts in {row.attempts for row in claimed}:
        rows = mine.filter(attempts=attempts)
        if attempts >= MAX_ATTEMPTS[claimed[0].channel]:
            rows.update(parked_at=now, claimed_until=None, last_error=text)
        else:
            rows.update(due_at=now + pause_after(attempts), claimed_until=None, last_error=text)


def give_back(claimed: Sequence[OutboxMessage], due_at: datetime | None = None) -> None:
    """Free rows that were not tried, for everybody from `due_at` on (None: as they were due)."""
    if claimed:
        later = {} if due_at is None else {"due_at": due_at}
        held(claimed).update(claimed_until=None, attempts=F("attempts") - 1, **later)


class Hold:
    """The lease of many claimed rows while one after the other is delivered.

        hold = Hold(claimed, now)
        for rows in digests:
            if not hold.has(rows): …

    It renews the lease in time, and knows which rows somebody else took over where it could not.
    """

    def __init__(self, claimed: Sequence[OutboxMessage], now: datetime) -> None:
        self._claimed, self._now = claimed, now
        self._began = self._renewed = time.monotonic()
        self._lost: set[int] = set()

    @property
    def seconds(self) -> float:
        """How long it has been held."""
        return time.monotonic() - self._began

    def has(self, rows: Iterable[OutboxMessage]) -> bool:
        """Whether these rows are still ours; one query in a third of the lease, else none."""
        if time.monotonic() - self._renewed > settings.LEASE_SECONDS / 3:
            self._renew()
        return not any(row.pk in self._lost for row in rows)

    def _renew(self) -> None:
        token = self._claimed[0].claimed_by
        until = self._now + timedelta(seconds=self.seconds + settings.LEASE_SECONDS)
        mine = OutboxMessage.objects.filter(claimed_by=token, sent_at=None, parked_at=None)
        mine.exclude(claimed_until=None).update(claimed_until=until)
        kept = set(mine.values_list("pk", flat=True))
        self._lost = {row.pk for row in self._claimed} - kept
        self._renewed = time.monotonic()
