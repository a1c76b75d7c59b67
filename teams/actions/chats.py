"""Setting up the chat of a team or of the organisation, and looking after it."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet

from teams.actions import audit
from teams.chat import chat_row
from teams.models import ChatHook, Organisation, OutboxMessage, Team, User
from teams.outbox import queue_messages
from teams.outgoing import target_of
from teams.sealing import seal
from teams.stuck import retry_messages, stuck_messages

KIND = "chat"
TEST_TOPIC = "chat_test"


def chat_of(organisation: Organisation, team: Team | None) -> ChatHook | None:
    """The chat of a team, or of the organisation (None)."""
    rows = ChatHook.objects.filter(organisation=organisation, team=team)
    return rows.select_related("set_by").first()


@transaction.atomic
def set_chat(
    organisation: Organisation,
    team: Team | None,
    *,
    shape: str,
    url: str,
    actor: User,
    now: datetime,
) -> ChatHook:
    """Tell this chat from now on, instead of the one before. Raises outgoing.Unreachable for an
    address that is never asked."""
    fields = {
        "shape": shape,
        "sealed_url": seal(url),
        "host": target_of(url).host[:255],
        "set_by": actor,
        "set_at": now,
        "off_at": None,
        "off_reason": "",
    }
    Organisation.objects.select_for_update(no_key=True).get(pk=organisation.pk)
    before = _recorded(chat_of(organisation, team))
    hook, _ = ChatHook.objects.update_or_create(
        organisation=organisation, team=team, defaults=fields
    )
    audit.record("set", KIND, hook, by=actor, team=team, before=before, after=_recorded(hook))
    return hook


@transaction.atomic
def remove_chat(hook: ChatHook, *, actor: User) -> None:
    """Tell a chat nothing more, and forget its address and what waits for it."""
    if ChatHook.objects.filter(pk=hook.pk).delete()[0]:
        audit.record("removed", KIND, hook, by=actor, team=hook.team, before=_recorded(hook))


def _recorded(hook: ChatHook | None) -> dict:
    """What the record keeps of a chat: never its address."""
    return {"shape": hook.shape, "host": hook.host} if hook else {}


def try_chat(hook: ChatHook, now: datetime) -> bool:
    """Post a message that says nothing but that it came; once a minute however often asked.

    False where one was sent this minute already.
    """
    key = f"chat:{hook.pk}:test:{now:%Y%m%dT%H%M}"
    subject = "okrkpi can write here"
    body = "What happens to KPIs and when a review opens is told here from now on."
    words = {"topic": TEST_TOPIC, "subject": subject, "body": body, "link": ""}
    if OutboxMessage.objects.filter(hook=hook, event_key=key).exists():
        return False
    queue_messages([chat_row(hook, key, now=now, run=key[:64], **words)])
    return True


def stuck_posts(hook: ChatHook) -> QuerySet[OutboxMessage]:
    """What could not be posted to a chat, oldest first."""
    return stuck_messages(hook.organisation).filter(hook=hook)


def retry_posts(hook: ChatHook, now: datetime) -> int:
    """Try again now what could not be posted; how many."""
    return retry_messages(stuck_posts(hook), now)
