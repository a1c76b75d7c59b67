"""Turns messages into what each person chose: which they get, and when their mail leaves.

Rows that leave for a person at the same moment have one `run`, so they are one digest.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime

from django.db import transaction
from django.db.models import Q

from teams.digest_times import MailRhythm, leaves_at
from teams.message_kinds import REMINDERS, Reach, reach_of
from teams.models import MessageSettings, OutboxMessage, User

CHUNK = 5000
EMAIL = OutboxMessage.Channel.EMAIL


def as_chosen(messages: Iterable[OutboxMessage]) -> list[OutboxMessage]:
    """The messages that their recipients want, mail with the moment it leaves at.

    One query for each `CHUNK` of people.
    """
    rows = list(messages)
    chosen = settings_of({row.recipient_id for row in rows if row.recipient_id})
    return [row for row in rows if _is_wanted(row, chosen.get(row.recipient_id))]


def settings_of(people: Collection[int]) -> dict[int, MessageSettings]:
    """What these people chose, by id, with their organisation; else the defaults."""
    ids, found = sorted(people), {}
    for at in range(0, len(ids), CHUNK):
        rows = User.objects.filter(pk__in=ids[at : at + CHUNK]).order_by()
        for user in rows.select_related("organisation", "message_settings"):
            chosen = getattr(user, "message_settings", None) or MessageSettings(user=user)
            chosen.user = user
            found[user.pk] = chosen
    return found


def _is_wanted(row: OutboxMessage, chosen: MessageSettings | None) -> bool:
    """Whether it is wanted; puts the moment of mail right.

    `chosen` None: it goes to no person, but to a chat or to whom an invitation names.
    """
    if chosen is None:
        return True
    reach = reach_of(row.topic, chosen.kinds)
    if row.channel != EMAIL or reach != Reach.MAIL:
        return row.channel != EMAIL and reach != Reach.NOT
    return _plan(row, chosen, row.due_at)


def _plan(row: OutboxMessage, chosen: MessageSettings, ready_at: datetime) -> bool:
    """Say when a mail leaves and with which others; False: never."""
    organisation = chosen.user.organisation
    plan = chosen.plan(organisation.time_zone if organisation else "UTC")
    # A reminder is made for the person's hour already: with a daily digest it waits for no more.
    if row.topic in REMINDERS and plan.rhythm == MailRhythm.DAILY:
        plan = plan._replace(rhythm=MailRhythm.AT_ONCE, quiet_from=None, quiet_until=None)
    leaves = leaves_at(plan, ready_at)
    if leaves is None:
        return False
    if leaves != ready_at or chosen.mail != MailRhythm.AT_ONCE:
        row.due_at, row.run = leaves, f"digest:{leaves:%Y%m%dT%H%M%S}"
    return True


@transaction.atomic
def change_settings(settings: MessageSettings, now: datetime) -> None:
    """Store what a person chose, and plan mail that waits for its hour anew by it.

    What they do not want any more is dropped; a delivery under way goes on.
    """
    User.objects.select_for_update(no_key=True).get(pk=settings.user_id)
    settings.save()
    free = Q(claimed_until=None) | Q(claimed_until__lt=now)
    waiting = OutboxMessage.objects.filter(
        free, recipient=settings.user_id, channel=EMAIL, sent_at=None, parked_at=None, attempts=0
    )
    rows = list(waiting.select_for_update(skip_locked=True, of=("self",)))
    kept = [row for row in rows if _is_still_wanted(row, settings, now)]
    OutboxMessage.objects.bulk_update(kept, ["due_at", "run"], batch_size=500)
    dropped = {row.pk for row in rows} - {row.pk for row in kept}
    OutboxMessage.objects.filter(pk__in=dropped).delete()


def _is_still_wanted(row: OutboxMessage, chosen: MessageSettings, now: datetime) -> bool:
    if reach_of(row.topic, chosen.kinds) != Reach.MAIL:
        return False
    row.due_at = now
    return _plan(row, chosen, now)


def stop_mail(user: User, now: datetime) -> None:
    """Send a person no more mail, as they asked by the link in one; the inbox stays."""
    settings = MessageSettings.objects.filter(user=user).first() or MessageSettings(user=user)
    settings.mail = MailRhythm.NEVER
    change_settings(settings, now)
