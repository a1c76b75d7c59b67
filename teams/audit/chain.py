"""The chain of hashes over the audit record: sealed by a job, verified by a command.

Who changes something only inserts an event, so no write waits for another. One sealer at a time
puts events behind each other: each hash is over the one before it and the text of its event. Who
can change rows in spite of the triggers would have to make every later hash anew, which differs
from any that was noted elsewhere.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import NamedTuple

from django.db import transaction
from django.db.models import QuerySet

from teams.models import AuditEvent, AuditSeal, Heartbeat
from teams.models_audit import SEALED, seal_hash

# What stands before the first event of the chain.
GENESIS = "0" * 64
BATCH = 500
CHUNK = 2000
RUN_LIMIT = 20_000
# A transaction that began before the last seal may still add events with lower ids; none is open
# for so long.
LOOK_BACK = timedelta(days=1)
LATE = timedelta(hours=1)
_LOCK = "audit_sealer"


class Head(NamedTuple):
    """The end of the chain: worth noting elsewhere, since nothing before it can change unseen."""

    position: int
    hash: str


class Verdict(NamedTuple):
    """What a verification found: the head of the chain that holds, and the first thing wrong."""

    head: Head
    problem: str


def head() -> Head:
    """The last seal; position 0 while nothing is sealed."""
    last = AuditSeal.objects.order_by("-position").values_list("position", "hash").first()
    return Head(*last) if last else Head(0, GENESIS)


def newest_sealed() -> int:
    """The highest id of an event that is sealed; 0 while none is."""
    ids = AuditSeal.objects.order_by("-event_id").values_list("event_id", flat=True)
    return ids.first() or 0


def came_late(now: datetime, newest: int) -> QuerySet[AuditEvent]:
    """The events with lower ids that were not there yet when `newest` was sealed."""
    before = AuditSeal.objects.filter(sealed_at__lt=now - LOOK_BACK).order_by("-sealed_at")
    floor = before.values_list("event_id", flat=True).first() or 0
    return AuditEvent.objects.filter(pk__gt=floor, pk__lt=newest, seal=None).order_by("pk")


def seal_events(now: datetime, *, limit: int = RUN_LIMIT) -> int:
    """Seal up to `limit` events; how many. While somebody else seals, none.

    Those that came late first, found once; then what is newer, from where the chain ends on.
    """
    done = 0
    for is_late in (True, False):
        while done < limit:
            size = min(BATCH, limit - done)
            count = _seal_batch(now, size, is_late=is_late)
            done += count
            if count < size:
                break
    return done


@transaction.atomic
def _seal_batch(now: datetime, size: int, *, is_late: bool) -> int:
    Heartbeat.objects.bulk_create([Heartbeat(name=_LOCK, at=now)], ignore_conflicts=True)
    mine = Heartbeat.objects.select_for_update(skip_locked=True).filter(pk=_LOCK)
    if not list(mine):
        return 0
    position, previous = head()
    newest = newest_sealed()
    newer = AuditEvent.objects.filter(pk__gt=newest).order_by("pk")
    waiting = came_late(now, newest) if is_late else newer
    seals = []
    for values in waiting.values_list(*SEALED)[:size]:
        position += 1
        made = seal_hash(previous, values)
        seals.append(AuditSeal(position, values[0], previous, made, now))
        previous = made
    AuditSeal.objects.bulk_create(seals, batch_size=BATCH)
    return len(seals)


def verify(now: datetime, *, noted: Head | None = None) -> Verdict:
    """Compute the whole chain anew, in constant memory; stops at the first thing wrong.

    `noted` is a head somebody wrote down earlier: it must still be part of the chain.
    """
    holds = Head(0, GENESIS)
    for seal in _seals():
        if problem := _problem(holds, seal):
            return Verdict(holds, problem)
        holds = Head(seal.position, seal.hash)
        if noted and noted.position == seal.position and noted.hash != seal.hash:
            return Verdict(holds, f"Position {seal.position} had another hash when it was noted.")
    if noted and noted.position > holds.position:
        return Verdict(holds, f"Position {noted.position} was noted, the chain ends before it.")
    late = AuditEvent.objects.filter(seal=None, at__lt=now - LATE).order_by("pk").first()
    if late is not None:
        return Verdict(
            holds, f"Event {late.pk} of {late.at:%Y-%m-%d %H:%M} UTC was not sealed within an hour."
        )
    return Verdict(holds, "")


class _Sealed(NamedTuple):
    """A seal with what is there of its event; `values` None where the event is gone."""

    position: int
    event_id: int
    previous_hash: str
    hash: str
    values: tuple | None


def _seals() -> Iterator[_Sealed]:
    """Every seal in the order of the chain, a chunk at a time."""
    last = None
    while True:
        rows = AuditSeal.objects.order_by("position")
        rows = rows if last is None else rows.filter(position__gt=last)
        chunk = list(rows.values_list("position", "event_id", "previous_hash", "hash")[:CHUNK])
        if not chunk:
            return
        ids = [row[1] for row in chunk]
        # By their span first: ids follow each other but for events that came late.
        found = _events(pk__range=(min(ids), max(ids))) if _is_tight(ids) else _events(pk__in=ids)
        for row in chunk:
            yield _Sealed(*row, found.get(row[1]))
        last = chunk[-1][0]


def _is_tight(ids: list[int]) -> bool:
    return max(ids) - min(ids) < 2 * CHUNK


def _events(**where) -> dict[int, tuple]:
    rows = AuditEvent.objects.filter(**where).order_by().values_list(*SEALED)
    return {values[0]: values for values in rows}


def _problem(before: Head, seal: _Sealed) -> str:
    """What is wrong with a seal behind the chain that holds so far; empty for nothing."""
    if seal.position != before.position + 1:
        return f"Position {before.position + 1} is missing: the chain goes on at {seal.position}."
    if seal.previous_hash != before.hash:
        return f"Position {seal.position} does not follow the position before it."
    if seal.values is None:
        return f"Position {seal.position}: event {seal.event_id} is missing."
    if seal_hash(before.hash, seal.values) != seal.hash:
        return f"Position {seal.position}: event {seal.event_id} or its seal was changed."
    return ""
