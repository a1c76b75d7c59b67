"""What is deleted because nobody needs it any more."""

from datetime import datetime, timedelta

from django.contrib.sessions.models import Session

from teams.models import OutboxMessage
from teams.sight import NOT_TOLD

KEEP_SENT = timedelta(days=90)


def drop_old(now: datetime) -> dict[str, int]:
    """Delete ended sessions and what was sent long ago; how many of each. Safe to repeat."""
    then = now - KEEP_SENT
    sent = OutboxMessage.objects.filter(sent_at__lt=then, channel__in=["email", "chat"])
    not_told = OutboxMessage.objects.filter(parked_at__lt=then, last_error=NOT_TOLD)
    return {
        "sessions": Session.objects.filter(expire_date__lt=now).delete()[0],
        "old_messages": sent.delete()[0] + not_told.delete()[0],
    }
