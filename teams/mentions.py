"""Tells people that somebody mentions or thanks them: once, and only of what they may see."""

from __future__ import annotations

from datetime import datetime
from functools import reduce
from operator import or_

from django.db.models import Case, Q, QuerySet, When

from teams.mentioning import first_words, mentioned
from teams.models import OutboxMessage, Team, User
from teams.outbox import channels, queue_messages

MENTION, THANKS = "mention", "thanks"
MOST = 20  # people that one entry calls
OFFERED = 8  # names offered for the first letters
LEAST = 2  # letters that ask for names


def who_see(team: Team, *, is_private: bool) -> QuerySet[User]:
    """The active people who may read what belongs to a team, private itself or not."""
    people = User.objects.filter(organisation=team.organisation_id, is_active=True)
    if team.is_private or is_private:
        people = people.filter(memberships__team=team)
    return people.order_by("pk")


def offered(typed: str, *, seeing: QuerySet[User], by: User) -> list[str]:
    """Up to `OFFERED` names of which a word begins as typed, of those who may see it (`seeing`).

    Those whose first name begins so come first. None below `LEAST` letters, which asks nothing.
    """
    typed = " ".join(typed.split())
    if len(typed) < LEAST:
        return []
    # SQLite knows no case but of ASCII letters: names begin with capitals.
    first = Q(name__istartswith=typed) | Q(name__startswith=typed.title())
    later = Q(name__icontains=f" {typed}") | Q(name__contains=f" {typed.title()}")
    rows = seeing.filter(first | later).exclude(pk=by.pk).values_list("name", flat=True)
    is_later = Case(When(first, then=0), default=1)
    return list(rows.order_by(is_later, "name").distinct()[:OFFERED])


def queue_mentions(
    *texts: str,
    key: str,
    seeing: QuerySet[User],
    by: User,
    about: str,
    of: str,
    link: str,
    now: datetime,
) -> None:
    """Tell everybody whom the texts mention, of those who may see them (`seeing`).

    `key` names the entry, whatever is changed in it later: each person hears of it once. `about`
    is what the entry belongs to in words, `of` as `teams.sight` names it. Costs nothing where there
    is no @, else a query and the rows.
    """
    text = "\n".join(one for one in texts if one)
    words = first_words(text)
    if not words:
        return
    named = reduce(or_, (Q(name__istartswith=word) for word in sorted(words)[:MOST]))
    people = dict(seeing.filter(named).exclude(pk=by.pk).values_list("pk", "name"))
    whom = sorted(mentioned(text, people.items()))[:MOST]
    _queue(MENTION, key, whom, f"{by} mentions you: {about}", text, of, link, now)


def queue_thanks(
    *,
    key: str,
    seeing: QuerySet[User],
    to: User,
    by: User,
    about: str,
    of: str,
    link: str,
    now: datetime,
) -> None:
    """Tell a person that somebody thanks them, if they may still see for what (`of`)."""
    whom = list(seeing.filter(pk=to.pk).values_list("pk", flat=True))
    _queue(THANKS, key, whom, f"{by} thanks you for a check-in", about, of, link, now)


def _queue(
    topic: str,
    key: str,
    whom: list[int],
    subject: str,
    body: str,
    of: str,
    link: str,
    now: datetime,
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
            about=of,
            created_at=now,
            due_at=now,
        )
        for person in whom
        for channel in channels()
    )
