"""Large files are checked and imported by a job: a due row with a lease, as all work here is.

A worker that dies leaves its lease to run out; the next one starts the step anew, which is safe:
a dry run writes nothing and an import is one transaction.
"""

from __future__ import annotations

import logging
import time
import uuid
from collections.abc import Callable
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import Q

from metrics import import_files
from metrics.importing import NotImported, State, check_batch, commit_batch
from metrics.models import ImportBatch
from teams.faults import fault

log = logging.getLogger(__name__)

Clock = Callable[[], datetime]

# Up to this size a file is checked and imported within the request.
SMALL_ROWS = 5_000
MAX_ATTEMPTS = 3
# The one transaction of an import shows no progress; this is slower than any disk seen.
SLOWEST_ROWS_PER_SECOND = 10_000
KEEP_STAGED = timedelta(days=7)


def queue_check(batch: ImportBatch, now: datetime) -> None:
    """Have the dry run of a staged batch made by a job."""
    _put_due(batch, State.STAGED, now)


def queue_commit(batch: ImportBatch, now: datetime) -> None:
    """Have a checked batch imported by a job; sent twice it is queued once."""
    _put_due(batch, State.QUEUED, now)


def run_next_import(clock: Clock, worker: str) -> bool:
    """Take one due batch through its next step; False if nothing is due.

    `clock` gives the moment now, again and again, since reading a large file takes a while.
    """
    now = clock()
    batch = _claim(now, worker)
    if batch is None:
        return False
    fault("import.after_claim")
    if batch.report.get("attempts", 0) > MAX_ATTEMPTS:
        _fail(batch, "Every try to read this file was cut off. Split it and upload the parts.", now)
        return True
    try:
        _step(batch, clock)
    except NotImported as error:
        log.info("import %s: %s", batch.pk, error)
        _finish(batch, State.STAGED)
    except OSError as error:
        log.warning("import %s: %s", batch.pk, error)
        _fail(batch, "The uploaded file is gone. Upload it again.", now)
    return True


def drop_abandoned(now: datetime) -> int:
    """Cancel batches nobody decided within a week, and remove their files; return how many."""
    old = ImportBatch.objects.filter(
        state=State.STAGED, due_at=None, created_at__lt=now - KEEP_STAGED
    )
    names = list(old.values_list("stored_name", flat=True))
    count = old.update(state=State.CANCELLED, finished_at=now)
    for name in names:
        import_files.discard(name)
    return count


def _step(batch: ImportBatch, clock: Clock) -> None:
    if batch.state == State.QUEUED:
        rows = batch.report.get("readings", 0)
        _renew(batch, clock() + timedelta(seconds=rows / SLOWEST_ROWS_PER_SECOND))
        commit_batch(batch, now=clock())
    else:
        check_batch(batch, now=clock(), progress=_Progress(batch, clock))
        _finish(batch, State.STAGED)


class _Progress:
    """Tells the page how far the reading is, and holds the lease, once a second."""

    def __init__(self, batch: ImportBatch, clock: Clock) -> None:
        self.batch = batch
        self.clock = clock
        self.told = time.monotonic()

    def __call__(self, rows: int) -> None:
        if time.monotonic() - self.told >= 1:
            self.told = time.monotonic()
            self.batch.rows_done = rows
            _renew(self.batch, self.clock())


def _put_due(batch: ImportBatch, state: str, now: datetime) -> None:
    ImportBatch.objects.filter(pk=batch.pk, state=State.STAGED, due_at=None).update(
        state=state, due_at=now, rows_done=0, claimed_until=None, claimed_by=""
    )
    batch.refresh_from_db()


def _claim(now: datetime, worker: str) -> ImportBatch | None:
    """Lease the oldest due batch to this call; the UPDATE's own condition is the guard."""
    free = Q(claimed_until=None) | Q(claimed_until__lt=now)
    due = ImportBatch.objects.filter(free, due_at__lte=now)
    batch = due.select_related("team__organisation", "actor").order_by("due_at", "pk").first()
    if batch is None:
        return None
    token = f"{worker[:27]}:{uuid.uuid4()}"
    batch.report = {**batch.report, "attempts": batch.report.get("attempts", 0) + 1}
    until = now + timedelta(seconds=settings.LEASE_SECONDS)
    mine = due.filter(pk=batch.pk).update(
        claimed_until=until, claimed_by=token, report=batch.report
    )
    batch.claimed_by = token
    return batch if mine else None


def _renew(batch: ImportBatch, now: datetime) -> None:
    until = now + timedelta(seconds=settings.LEASE_SECONDS)
    ImportBatch.objects.filter(pk=batch.pk, claimed_by=batch.claimed_by).update(
        rows_done=batch.rows_done, claimed_until=until
    )


def _finish(batch: ImportBatch, state: str) -> None:
    """Hand the batch back to the person who decides about it."""
    ImportBatch.objects.filter(pk=batch.pk, claimed_by=batch.claimed_by).update(
        state=state, due_at=None, claimed_until=None, claimed_by=""
    )


def _fail(batch: ImportBatch, why: str, now: datetime) -> None:
    problem = {"reason": why, "remedy": "", "row": None, "column": "", "text": "", "code": "file"}
    undecided = ImportBatch.objects.filter(pk=batch.pk, state__in=(State.STAGED, State.QUEUED))
    undecided.update(
        state=State.FAILED,
        due_at=None,
        finished_at=now,
        report={**batch.report, "problems": [problem], "refused": 1},
    )
    import_files.discard(batch.stored_name)
