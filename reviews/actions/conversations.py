"""What two people keep of their conversations: that they talk, their notes, the next date."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from django.db import IntegrityError, transaction

from reviews.models import Conversation, ConversationNote
from teams.actions import audit
from teams.models import User


@transaction.atomic
def start_conversation(one: User, other: User, now: datetime) -> Conversation:
    """The conversation `one` has with another, made if there is none; ValueError for oneself.

    The audit record tells that it was begun, since it opens a page to both; never what they write.
    """
    if one.pk == other.pk:
        raise ValueError("A conversation is of two people.")
    first, second = sorted((one, other), key=lambda person: person.pk)
    pair = {"first": first, "second": second}
    made, is_new = Conversation.objects.get_or_create(**pair, defaults={"created_at": now})
    if is_new:
        audit.record("begun", "conversation", made, by=one, label=f"{first} and {second}")
    return made


def add_note(
    conversation: Conversation, *, text: str, token: UUID, actor: User, now: datetime
) -> None:
    """Append a note; the same form twice is one note."""
    try:
        with transaction.atomic():
            ConversationNote.objects.create(
                conversation=conversation, text=text, form_token=token, author=actor, created_at=now
            )
    except IntegrityError:
        if not ConversationNote.objects.filter(form_token=token).exists():
            raise


def set_next(conversation: Conversation, day: date | None, *, seen: date | None) -> bool:
    """Put the next date in the place of the one that was seen; False when it is another one now."""
    rows = Conversation.objects.filter(pk=conversation.pk)
    if rows.filter(next_on=seen).update(next_on=day):
        return True
    return rows.filter(next_on=day).exists()
