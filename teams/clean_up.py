"""What is deleted because nobody needs it any more."""

from datetime import datetime, timedelta

from django.contrib.sessions.models import Session

from teams.models import OutboxMessage

KEEP_SENT = timedelta(days=90)


def drop_old(now: datetime) -> dict[str, int]:
    """Delete ended sessions and what was sent long ago; how many of each. Safe to repeat."""
    sent = OutboxMessage.objects.filter(sent_at__lt=now - KEEP_SENT, channel__in=["email", "chat"])
    return {
        "sessions": Session.objects.filter(expire_date__lt=now).delete()[0],
        "old_messages": sent.delete()[0],
    }
