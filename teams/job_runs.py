"""Notes what a job did, so that an administrator can see it; a note never breaks a job.

    with recorded("sweep") as run:
        run.count("mended", due.sweep(now))

A run that did something costs one UPDATE. One that found nothing is noted once in `BEAT_EVERY` for
each process, and costs nothing otherwise: most runs are of that kind.
"""

from __future__ import annotations

import logging
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime

from django.db import DatabaseError
from django.db.models import F, Value
from django.db.models.functions import Coalesce
from django.utils import timezone

from teams.audit import origin
from teams.heartbeats import BEAT_EVERY
from teams.models import JobFailure, JobRun, Organisation

log = logging.getLogger(__name__)

KEEP_FAILURES = 20
TEXT_LENGTH = 2000
_noted: dict[str, datetime] = {}


class Run:
    """A run under way; `counts` is what it did, by name."""

    def __init__(self) -> None:
        self.counts: Counter[str] = Counter()

    def count(self, name: str, number: int) -> None:
        """Add to what was done."""
        self.counts[name] += number


@contextmanager
def recorded(job: str) -> Iterator[Run]:
    """Note the run of a job when it ends; what it raises is noted too, and raised on."""
    run, began = Run(), time.monotonic()
    try:
        with origin.job(job):
            yield run
    except Exception as error:
        _note(job, run, began, error)
        raise
    _note(job, run, began, None)


def for_each_organisation(action: Callable[[Organisation], None]) -> None:
    """Do something for every organisation; one that fails keeps none of the others from it.

    Raises the first failure when all have had their turn.
    """
    failed: list[Exception] = []
    for organisation in Organisation.objects.all():
        try:
            action(organisation)
        except Exception as error:
            log.exception("a job failed for organisation %s", organisation.pk)
            failed.append(error)
    if failed:
        raise failed[0]


def _note(job: str, run: Run, began: float, error: Exception | None) -> None:
    now, took = timezone.now(), round((time.monotonic() - began) * 1000)
    counts = {name: number for name, number in run.counts.items() if number}
    last = _noted.get(job)
    if error is None and not counts and last is not None and abs(now - last) < BEAT_EVERY:
        return
    try:
        _store(job, now, took, counts, error)
        _noted[job] = now
    except DatabaseError:
        log.warning("the run of %s could not be noted", job, exc_info=True)


def _store(job: str, now: datetime, took: int, counts: dict, error: Exception | None) -> None:
    changes: dict = {"ended_at": now, "took_ms": took, "failing_since": None}
    if counts:
        changes |= {"worked_at": now, "worked_ms": took, "counts": counts}
        changes["done"] = F("done") + sum(counts.values())
    if error is not None:
        changes["failures"] = F("failures") + 1
        changes["failing_since"] = Coalesce("failing_since", Value(now))
    row = JobRun.objects.filter(pk=job)
    if not row.update(**changes):
        JobRun.objects.bulk_create([JobRun(name=job, ended_at=now)], ignore_conflicts=True)
        row.update(**changes)
    if error is not None:
        keep_failure(job, f"{type(error).__name__}: {error}", now)


def keep_failure(job: str, text: str, now: datetime) -> None:
    """Keep the text of a failure; the same one again is counted, and few of each job are kept."""
    text = text.replace("\x00", "")[:TEXT_LENGTH]
    known = JobFailure.objects.filter(job=job)
    newest = known.first()
    if newest is not None and newest.text == text:
        known.filter(pk=newest.pk).update(times=F("times") + 1, last_at=now)
        return
    JobFailure.objects.create(job=job, text=text, first_at=now, last_at=now)
    kept = list(known.values_list("pk", flat=True)[:KEEP_FAILURES])
    known.exclude(pk__in=kept).delete()
