"""Tells chats what happens: which of them hear of a team, and the post that tells them.

A team's chat hears of everything of its team, which its lead decided; the organisation's of what
everybody in it may see. Delivered from the outbox, at least once, under a key of the digest.
"""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Collection, Sequence
from datetime import datetime

from django.conf import settings
from django.db import transaction
from django.db.models import Q

from teams import claims, outgoing
from teams.chat_payloads import PAYLOADS, Line
from teams.digests import as_chosen
from teams.faults import fault
from teams.mails import key_of
from teams.models import ChatHook, Membership, OutboxMessage, Team, User
from teams.sealing import CannotOpen, unseal
from teams.sight import about

log = logging.getLogger(__name__)

CHAT = OutboxMessage.Channel.CHAT
GONE = {404, 410}
OFF_TOPIC = "chat_off"


def hooks_of_teams(team_ids: Collection[int]) -> dict[int, list[ChatHook]]:
    """The chats that hear of each team, those that are off left out: its own, and that of the
    organisation where the team is open. One query where there is no chat, else two."""
    teams = Team.objects.filter(pk__in=team_ids).order_by()
    mine = Q(team__in=team_ids) | Q(team=None, organisation__in=teams.values("organisation_id"))
    hooks = list(ChatHook.objects.filter(mine, off_at=None).order_by("pk"))
    found: dict[int, list[ChatHook]] = defaultdict(list)
    if not hooks:
        return found
    for pk, organisation, is_private in teams.values_list("pk", "organisation_id", "is_private"):
        for hook in hooks:
            is_of_all = hook.team_id is None and hook.organisation_id == organisation
            if hook.team_id == pk or (is_of_all and not is_private):
                found[pk].append(hook)
    return found


def chat_row(hook: ChatHook, event_key: str, *, now: datetime, **fields) -> OutboxMessage:
    """A message for a chat. `fields`: run, topic, subject, body, link, about."""
    fields["subject"] = fields["subject"][:300]
    return OutboxMessage(
        hook=hook, channel=CHAT, event_key=event_key, created_at=now, due_at=now, **fields
    )


# -- delivering ---------------------------------------------------------------------------------


def post_to_chat(claimed: Sequence[OutboxMessage], now: datetime) -> None:
    """Post what one chat is told of one run, and store that it was; no transaction is open."""
    hook = claimed[0].hook
    if hook.off_at is not None:
        claims.park(claimed, now, f"The chat is switched off: {hook.off_reason}")
        return
    fault("outbox.before_deliver")
    try:
        status = outgoing.post_json(
            unseal(hook.sealed_url), PAYLOADS[hook.shape](_lines(claimed)), key=key_of(claimed)
        )
    except (outgoing.Unreachable, CannotOpen) as error:
        text = str(error) or "Its address was sealed with another key. Set it again."
        _put_off(hook, claimed, now, text)
        return
    fault("outbox.after_deliver")
    if status in GONE:
        switch_off(hook, claimed, now, f"It answered {status}: nobody listens there any more.")
    elif not 200 <= status < 300:
        _put_off(hook, claimed, now, f"It answered {status}.")
    else:
        claims.mark_sent(claimed, now)
        fault("outbox.after_commit")


def _lines(claimed: Sequence[OutboxMessage]) -> list[Line]:
    return [
        Line(row.subject, row.body, f"{settings.SITE_URL}{row.link}" if row.link else "")
        for row in claimed
    ]


def _put_off(hook: ChatHook, claimed: Sequence[OutboxMessage], now: datetime, text: str) -> None:
    """Try these later, and what else waits for the chat not before a minute has passed."""
    log.warning("chat %s put off: %s", hook.pk, text)
    claims.put_off(claimed, now, text)
    OutboxMessage.objects.due(now).filter(hook=hook).update(due_at=now + claims.FIRST_PAUSE)


@transaction.atomic
def switch_off(
    hook: ChatHook, claimed: Sequence[OutboxMessage], now: datetime, reason: str
) -> None:
    """Tell a chat nothing more, park what waits for it, and tell who looks after it, once."""
    from teams.actions import audit  # here, since the actions queue messages

    is_first = ChatHook.objects.filter(pk=hook.pk, set_at=hook.set_at, off_at=None).update(
        off_at=now, off_reason=reason
    )
    claims.park(claimed, now, reason)
    if not is_first:
        return
    OutboxMessage.objects.due(now).filter(hook=hook).update(parked_at=now, last_error=reason)
    where = {"team": hook.team_id, "organisation_id": hook.organisation_id}
    audit.record("switched_off", "chat", hook, by=None, reason=reason, **where)
    news = [row for person in _looking_after(hook) for row in _news(hook, person, now)]
    OutboxMessage.objects.bulk_create(as_chosen(news), ignore_conflicts=True)


def _looking_after(hook: ChatHook) -> list[User]:
    """Who set the chat; when they left, the leads of its team or the administrators."""
    people = User.objects.filter(organisation=hook.organisation_id, is_active=True)
    if found := list(people.filter(pk=hook.set_by_id)):
        return found
    if hook.team_id is None:
        return list(people.filter(is_org_admin=True).order_by("pk"))
    leads = Q(memberships__team=hook.team_id, memberships__role=Membership.Role.LEAD)
    return list(people.filter(leads).order_by("pk"))


def _news(hook: ChatHook, person: User, now: datetime) -> list[OutboxMessage]:
    whose = f"of {hook.team}" if hook.team_id else "of the organisation"
    key = f"chat:{hook.pk}:off:{hook.set_at.isoformat()}"
    mail = [OutboxMessage.Channel.EMAIL] if settings.EMAIL_URL else []
    return [
        OutboxMessage(
            event_key=key,
            recipient=person,
            channel=channel,
            run=key[:64],
            topic=OFF_TOPIC,
            subject=f"The chat {whose} is told nothing any more",
            body=f"{hook.host} answered that its address is gone. Set another one.",
            link=hook.get_absolute_url(),
            about=about(hook.team) if hook.team_id else "",
            created_at=now,
            due_at=now,
        )
        for channel in (OutboxMessage.Channel.INBOX, *mail)
    ]
