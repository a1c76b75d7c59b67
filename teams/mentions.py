"""Tells people that somebody mentions or thanks them: once, and only of what they may see."""

from __future__ import annotations

from datetime import datetime
from functools import reduce
from operator import or_

from django.db.models import Q, QuerySet

from teams.mentioning import first_words, mentioned
from teams.models import OutboxMessage, Team, User
from teams.outbox import channels, queue_messages

MENTION, THANKS = "mention", "thanks"
MOST = 20  # people that one entry calls


def who_see(team: Team, *, is_private: bool) -> QuerySet[User]:
    """The active people who may read what belongs to a team, private itself or not."""
    people = User.objects.filter(organisation=team.organisation_id, is_active=True)
    if team.is_private or is_private:
        people = people.filter(memberships__team=team)
    return people.order_by("pk")


def queue_mentions(
    *texts: str, key: str, seeing: QuerySet[User], by: User, about: str, link: str, now: datetime
) -> None:
    """Tell everybody whom the texts mention, of those who may see them (`seeing`).

    `key` names the entry, whatever is changed in it later: each person hears of it once. `about`
    is what the entry belongs to. Costs nothing where there is no @, else a query and the rows.
    """
    text = "\n".join(one for one in texts if one)
    words = first_words(text)
    if not words:
        return
    named = reduce(or_, (Q(name__istartswith=word) for word in sorted(words)[:MOST]))
    people = dict(seeing.filter(named).exclude(pk=by.pk).values_list("pk", "name"))
    whom = sorted(mentioned(text, people.items()))[:MOST]
    _queue(MENTION, key, whom, f"{by} mentions you: {about}", text, link, now)


def queue_thanks(
    *, key: str, seeing: QuerySet[User], to: User, by: User, about: str, link: str, now: datetime
) -> None:
    """Tell a person that somebody thanks them, if they may still see for what."""
    whom = list(seeing.filter(pk=to.pk).values_list("pk", flat=True))
    _queue(THANKS, key, whom, f"{by} thanks you for a check-in", about, link, now)


def _queue(
    topic: str, key: str, whom: list[int], subject: str, body: str, link: str, now: datetime
) -> None:
    queue_messages(
        OutboxMessage(
            event_key=key,
            recipient_id=person,
            channel=channel,
            run=key[:64],
            topic=topic,
            subject=subject[:300],
            body=body,
            link=link,
            created_at=now,
            due_at=now,
        )
        for person in whom
        for channel in channels()
    )
