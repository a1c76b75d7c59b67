"""Sends what is due by mail: one mail for each person and digest, over one connection.

Each mail is marked as sent right after it was, so a crash repeats one at most, under the Message-ID
it had. A mail that is refused is put off by itself; a server that is away puts off everything
that waits for it, and costs one attempt in a minute until it is back.
"""

from __future__ import annotations

import logging
import smtplib
from collections.abc import Sequence
from datetime import datetime

from django.core.mail import get_connection
from django.core.mail.backends.base import BaseEmailBackend

from teams import claims
from teams.faults import fault
from teams.mails import digest_mail
from teams.models import OutboxMessage

log = logging.getLogger(__name__)

# How long one call sends before it lets go of the rest.
SEND_SECONDS = 20
TOO_MANY = 421  # "closing the channel": it says nothing about the mail


def digests_of(claimed: Sequence[OutboxMessage]) -> list[list[OutboxMessage]]:
    """The rows that leave together, each group one mail, in the order of their first rows."""
    found: dict[tuple, list[OutboxMessage]] = {}
    for row in claimed:
        key = tuple(getattr(row, name) for name in claims.DIGEST)
        found.setdefault(key, []).append(row)
    return list(found.values())


def send_mails(claimed: Sequence[OutboxMessage], now: datetime) -> None:
    """Send the digests of these rows and store which went out; no transaction is open meanwhile."""
    hold, post = claims.Hold(claimed, now), Post()
    waiting = digests_of(claimed)
    try:
        for at, rows in enumerate(waiting):
            if at and hold.seconds > SEND_SECONDS:
                claims.give_back(_flat(waiting[at:]))
                return
            if hold.has(rows) and not _send_one(rows, post, now):
                claims.give_back(_flat(waiting[at + 1 :]), now + claims.FIRST_PAUSE)
                return
    finally:
        post.close()


def _send_one(rows: list[OutboxMessage], post: Post, now: datetime) -> bool:
    """Send one digest, or put it off; False: there is no server to send the next one by."""
    try:
        fault("outbox.before_deliver")
        if wanted := [row for row in rows if _is_wanted(row, now)]:
            post.send(wanted)
        fault("outbox.after_deliver")
    except Exception as error:
        log.warning("mail put off: %s", error)
        claims.put_off(rows, now, error)
        return not _is_outage(error)
    claims.mark_sent(rows, now)  # one statement, which is its own transaction
    fault("outbox.after_commit")
    return True


def _flat(digests: Sequence[list[OutboxMessage]]) -> list[OutboxMessage]:
    return [row for rows in digests for row in rows]


def _is_wanted(row: OutboxMessage, now: datetime) -> bool:
    """Whether the invitation of the mail, if it is one, is still the one it tells of."""
    if row.invitation is None:
        return True
    is_current = row.event_key == f"invitation:{row.invitation.nonce}"
    return is_current and row.invitation.state_at(now) == "open"


def _is_outage(error: Exception) -> bool:
    """Whether the next mail would fare no better: nothing was said about this one."""
    if isinstance(error, smtplib.SMTPAuthenticationError | smtplib.SMTPConnectError):
        return True
    if isinstance(error, smtplib.SMTPResponseException):
        return error.smtp_code == TOO_MANY
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        return False
    return isinstance(error, OSError)  # SMTPServerDisconnected is one, and so are timeouts


class Post:
    """One connection to the mail server, opened for the first mail and again where it broke off."""

    def __init__(self) -> None:
        self._connection: BaseEmailBackend | None = None
        self._count = 0

    def send(self, rows: list[OutboxMessage]) -> None:
        """Send a digest. A server that hung up after other mails is called once more."""
        mail = digest_mail(rows)
        if self._connection is None:
            self._open()
        try:
            self._connection.send_messages([mail])
        except Exception as error:
            if not self._count or not _is_outage(error):
                raise
            self._open()
            self._connection.send_messages([mail])
        self._count += 1

    def _open(self) -> None:
        self.close()
        self._connection, self._count = get_connection(), 0
        self._connection.open()

    def close(self) -> None:
        """Hang up."""
        if self._connection is not None:
            self._connection.close()
