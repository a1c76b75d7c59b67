"""Finding events of the audit record: what was asked for, and one page of it by key.

However many events there are, a page costs the same: it begins below an id and reads an index from
there. Words are no index: they are looked for in a stretch of events at a time.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import reduce
from operator import and_
from typing import NamedTuple

from django.db import connection
from django.db.models import Q, QuerySet

from teams.models import AuditEvent, User

PAGE = 50
# Words are looked for in so many events at once; the next ones are a link away.
STRETCH = 20_000
MOST_HIDDEN = 1000
MOST_WORDS = 5
# Ids follow the clock but for what was written at the same moment, and a clock that was set.
SLACK = timedelta(hours=1)
# Of one object, these kinds of events tell, too: its id is theirs.
ABOUT = {
    "kpi": ("kpi", "value", "target", "exclusion"),
    "person": ("person", "role"),
}
# Of a team, these: found by the team, since their ids are those of people and invitations.
OF_TEAM = ("team", "role", "invitation")
TEXTS = ("label", "actor_name", "reason", "before", "after", "request_id")


class Asked(NamedTuple):
    """The filters; None and empty filter nothing. Instants from `since` on, before `until`."""

    person: User | None = None
    kind: str = ""
    object_id: str = ""
    verb: str = ""
    since: datetime | None = None
    until: datetime | None = None
    words: str = ""

    @property
    def is_days_only(self) -> bool:
        """Whether nothing narrows the events but days."""
        return not (self.person or self.kind or self.object_id or self.verb or self.words)


class Found(NamedTuple):
    """One page of events, newest first.

    `before` is the id the next page begins below, None at the end. `hidden` counts those between
    that the reader may not see. `is_cut` says that words were looked for only down to `before`.
    """

    events: list[AuditEvent]
    before: int | None
    hidden: int
    is_cut: bool


def find(reader: User, asked: Asked, *, before: int | None = None, size: int = PAGE) -> Found:
    """The events of a page, for a reader who may see them; at most five queries."""
    rows = below(matching(reader, asked), before)
    floor = None
    if asked.words:
        ids = rows.values_list("pk", flat=True)
        floor = next(iter(ids[STRETCH : STRETCH + 1]), None)
        rows = rows.filter(_words(asked.words))
        rows = rows if floor is None else rows.filter(pk__gt=floor)
    events = list(rows.select_related("team")[: size + 1])
    if len(events) > size:
        events.pop()
        floor, following = None, events[-1].pk
    else:
        following = None if floor is None else floor + 1
    hidden = _hidden(reader, asked, before, following)
    return Found(events, following, hidden, is_cut=floor is not None)


def matching(reader: User, asked: Asked) -> QuerySet[AuditEvent]:
    """The events the reader may see by every filter but the words, newest first."""
    rows = AuditEvent.objects.visible_to(reader).order_by("-pk")
    if asked.person:
        rows = rows.filter(actor_id=asked.person.pk)
    kinds = ABOUT.get(asked.kind, (asked.kind,)) if asked.object_id else (asked.kind,)
    if asked.kind:
        rows = rows.filter(kind__in=kinds) if len(kinds) > 1 else rows.filter(kind=asked.kind)
    if asked.object_id:
        rows = rows.filter(object_id=asked.object_id)
    if asked.verb:
        rows = rows.filter(verb=asked.verb)
    return _in_days(rows, reader, asked)


def below(rows: QuerySet[AuditEvent], before: int | None) -> QuerySet[AuditEvent]:
    """The rows with a smaller id; all of them for None."""
    return rows if before is None else rows.filter(pk__lt=before)


def with_words(rows: QuerySet[AuditEvent], words: str) -> QuerySet[AuditEvent]:
    """The rows in which every word is found; all of them without any."""
    return rows.filter(_words(words)) if words else rows


def _words(words: str) -> Q:
    """Every word somewhere in the texts of an event, in any case."""
    each = [
        reduce(lambda found, name: found | Q(**{f"{name}__icontains": word}), TEXTS, Q())
        for word in words.split()[:MOST_WORDS]
    ]
    return reduce(and_, each, Q())


def _in_days(rows: QuerySet[AuditEvent], reader: User, asked: Asked) -> QuerySet[AuditEvent]:
    """The rows between two instants, bounded by ids too: the pages read by them."""
    mine = AuditEvent.objects.filter(organisation_id=reader.organisation_id)
    if asked.since:
        earlier = mine.filter(at__lt=asked.since - SLACK).order_by("-at", "-pk")
        pk = earlier.values_list("pk", flat=True).first()
        rows = rows.filter(at__gte=asked.since, pk__gt=pk or 0)
    if asked.until:
        later = mine.filter(at__gte=asked.until + SLACK).order_by("at", "pk")
        pk = later.values_list("pk", flat=True).first()
        rows = below(rows.filter(at__lt=asked.until), pk)
    return rows


def _hidden(reader: User, asked: Asked, before: int | None, down_to: int | None) -> int:
    """How many events the page passes over; only where no filter could be asked what is in them."""
    if not asked.is_days_only:
        return 0
    rows = below(AuditEvent.objects.hidden_from(reader), before).order_by("-pk")
    rows = rows if down_to is None else rows.filter(pk__gt=down_to)
    return _in_days(rows, reader, asked)[: MOST_HIDDEN + 1].count()


def used(column: str, organisation_id: int) -> list[str]:
    """The different kinds or verbs there are, in one query that reads one index entry for each."""
    if column not in ("kind", "verb"):
        raise ValueError(column)
    table = AuditEvent._meta.db_table
    lowest = f"SELECT MIN({column}) FROM {table} WHERE organisation_id = %s"  # noqa: S608
    with connection.cursor() as cursor:
        cursor.execute(
            f"WITH RECURSIVE used(value) AS ({lowest} UNION ALL SELECT "  # noqa: S608
            f"({lowest} AND {column} > used.value) FROM used WHERE used.value IS NOT NULL) "
            "SELECT value FROM used WHERE value IS NOT NULL",
            [organisation_id, organisation_id],
        )
        return [value for (value,) in cursor.fetchall()]
