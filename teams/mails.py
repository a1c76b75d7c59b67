"""How a mail looks: its words as plain text and as HTML, and the headers that come with it."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from email.utils import parseaddr

from django.conf import settings
from django.core import signing
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string

from teams.links import invitation_path
from teams.models import OutboxMessage, User

UNSUBSCRIBE = "teams.unsubscribe"
SETTINGS_PATH = "/profile/messages/"


def digest_mail(rows: list[OutboxMessage]) -> EmailMultiAlternatives:
    """The one mail for rows of one digest; all rows have the same recipient and run.

    The Message-ID depends on the digest and on which events it holds: a retry has the same one,
    and a later mail of the same run with further events is not taken for a copy.
    """
    first, count = rows[0], len(rows)
    subject = first.subject if count == 1 else f"{first.subject} and {count - 1} more"
    parts = [
        {"subject": row.subject, "lines": row.body.splitlines(), "link": _link(row)} for row in rows
    ]
    context = {"parts": parts, "settings": _absolute(SETTINGS_PATH), "is_person": first.recipient}
    mail = EmailMultiAlternatives(
        subject=" ".join(subject.split()),
        body=render_to_string("teams/mail/digest.txt", context).strip() + "\n",
        to=[first.invitation.email if first.invitation else first.recipient.email],
        headers=_headers(rows),
    )
    mail.attach_alternative(render_to_string("teams/mail/digest.html", context), "text/html")
    return mail


def _headers(rows: list[OutboxMessage]) -> dict[str, str]:
    first = rows[0]
    domain = parseaddr(settings.DEFAULT_FROM_EMAIL)[1].rpartition("@")[2] or "localhost"
    headers = {"Message-ID": f"<{key_of(rows)}@{domain}>", "Auto-Submitted": "auto-generated"}
    if first.recipient:
        headers["List-Unsubscribe"] = f"<{_absolute(unsubscribe_path(first.recipient))}>"
        headers["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    return headers


def key_of(rows: Sequence[OutboxMessage]) -> str:
    """What the receiver knows a digest by: the same for each try of the same messages."""
    events = "\n".join([rows[0].digest_key, *sorted(row.event_key for row in rows)])
    return hashlib.sha256(events.encode()).hexdigest()[:40]


def unsubscribe_path(user: User) -> str:
    """Where a person ends their mail without signing in; signed, so nobody can make another's."""
    return f"/unsubscribe/{signing.dumps(user.pk, salt=UNSUBSCRIBE)}/"


def unsubscribing(token: str) -> User | None:
    """The person a link to end mail was made for; None for a link that was not made here."""
    try:
        pk = signing.loads(token, salt=UNSUBSCRIBE)
    except signing.BadSignature:
        return None
    return User.objects.filter(pk=pk).first()


def _link(row: OutboxMessage) -> str:
    return _absolute(invitation_path(row.invitation.nonce) if row.invitation else row.link)


def _absolute(path: str) -> str:
    return f"{settings.SITE_URL}{path}" if path.startswith("/") else path
