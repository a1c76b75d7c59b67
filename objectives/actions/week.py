"""A person's own week: what they mean to do, what became of it, what comes, when they looked."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import NamedTuple

from django.db import IntegrityError, transaction
from django.db.models import F

from objectives.models import KeyResult, WeekItem, WeekVisit
from teams.models import User

# A visit goes on while somebody looks again within this time.
VISIT = timedelta(minutes=30)


class ItemChanged(Exception):
    """The item was changed in another window meanwhile; nothing was written.

    `position` and `week_on` say which; `current` is the item as it stands, None if it is gone.
    """

    def __init__(self, entry: ItemEntry, current: WeekItem | None) -> None:
        super().__init__("changed meanwhile")
        self.entry = entry
        self.current = current


class ItemEntry(NamedTuple):
    """What was typed for one place of a week; an empty `text` clears it.

    `version` is that of the item the form was opened with, None where the place was empty.
    """

    week_on: date
    kind: str
    position: int
    text: str
    key_result: KeyResult | None
    version: int | None


class OutcomeEntry(NamedTuple):
    """What became of one priority; `why` where it was not done."""

    item: WeekItem
    outcome: str
    why: str
    version: int


@transaction.atomic
def plan_week(person: User, entries: Sequence[ItemEntry], *, now: datetime) -> None:
    """Keep a person's items as they were typed, all or none.

    What stands already is left alone, so the same form twice is done once. Raises ItemChanged
    where a place was changed since the form was opened.
    """
    rows = WeekItem.objects.select_for_update(of=("self",)).filter(
        person=person, week_on__in={entry.week_on for entry in entries}
    )
    standing = {(row.week_on, row.kind, row.position): row for row in rows}
    for entry in entries:
        row = standing.get((entry.week_on, entry.kind, entry.position))
        if not _is_so(row, entry):
            if (row.version if row else None) != entry.version:
                raise ItemChanged(entry, row)
            _put(person, row, entry, now)


def _is_so(row: WeekItem | None, entry: ItemEntry) -> bool:
    """Whether the place holds already what was typed."""
    if row is None:
        return not entry.text
    wanted = entry.key_result.pk if entry.key_result else None
    return row.text == entry.text and row.key_result_id == wanted


def _put(person: User, row: WeekItem | None, entry: ItemEntry, now: datetime) -> None:
    if row is not None and not entry.text:
        row.delete()
        return
    if row is not None:
        row.text, row.key_result, row.version = entry.text, entry.key_result, row.version + 1
        row.save(update_fields=["text", "key_result", "version"])
        return
    try:
        with transaction.atomic():
            WeekItem.objects.create(
                person=person,
                week_on=entry.week_on,
                kind=entry.kind,
                position=entry.position,
                text=entry.text,
                key_result=entry.key_result,
                created_at=now,
            )
    except IntegrityError:
        # The same place was filled at the same moment: the other form was first.
        current = WeekItem.objects.filter(
            person=person, week_on=entry.week_on, kind=entry.kind, position=entry.position
        ).first()
        if not _is_so(current, entry):
            raise ItemChanged(entry, current) from None


@transaction.atomic
def close_week(entries: Sequence[OutcomeEntry]) -> None:
    """Keep what became of priorities, all or none; the same form twice is done once.

    Raises ItemChanged where one was changed since the form was opened.
    """
    for entry in entries:
        same = {"outcome": entry.outcome, "why": entry.why}
        rows = WeekItem.objects.filter(pk=entry.item.pk)
        if rows.filter(**same).exists():
            continue
        if not rows.filter(version=entry.version).update(**same, version=F("version") + 1):
            typed = ItemEntry(
                entry.item.week_on,
                entry.item.kind,
                entry.item.position,
                entry.item.text,
                None,
                entry.version,
            )
            raise ItemChanged(typed, rows.first())


def note_visit(person: User, now: datetime) -> datetime | None:
    """Note that a person looks at their week; return when they looked before this visit.

    None: they never did. A visit is over after half an hour without a look.
    """
    visit = WeekVisit.objects.filter(person=person).first()
    if visit is None:
        WeekVisit.objects.bulk_create(
            [WeekVisit(person=person, seen_at=now)], ignore_conflicts=True
        )
        return None
    if now - visit.seen_at > VISIT:
        visit.before_at = visit.seen_at
    visit.seen_at = max(now, visit.seen_at)
    visit.save(update_fields=["seen_at", "before_at"])
    return visit.before_at
