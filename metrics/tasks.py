"""Jobs of the metrics app. Each may run any number of times: the rows they take say what is due."""

import time

from celery import shared_task
from django.utils import timezone

from metrics import due
from metrics.evaluation import evaluate_due as evaluate_batch
from metrics.import_jobs import drop_abandoned, run_next_import
from metrics.overdue_decisions import tell_overdue
from teams.heartbeats import beat
from teams.job_runs import for_each_organisation, recorded
from teams.tasks import RUN_SECONDS, worker_name


@shared_task
def evaluate_due() -> int:
    """Evaluate until nothing is due, for at most a minute; returns how many KPIs were evaluated.

    At least once, safe to rerun: an evaluation is derived from data and its consequences carry
    unique keys. All batches of one call are one run: one moment, one digest for each person.
    """
    now, stop = timezone.now(), time.monotonic() + RUN_SECONDS
    with recorded("evaluate_due") as run:
        while time.monotonic() < stop:
            counts = evaluate_batch(now, worker=worker_name())
            run.counts.update(counts.told())
            if not counts.kpis and not counts.failed:
                break
    beat("evaluate", now=timezone.now())
    return run.counts["kpis"]


@shared_task
def import_queued() -> int:
    """Check and import large files until none is due; returns how many steps were taken.

    At least once, safe to rerun: a dry run writes nothing, an import is one transaction that takes
    the batch's state along.
    """
    stop = time.monotonic() + RUN_SECONDS
    with recorded("import_queued") as run:
        while time.monotonic() < stop and run_next_import(timezone.now, worker_name()):
            run.count("import_steps", 1)
    return run.counts["import_steps"]


@shared_task
def sweep() -> int:
    """Make due what got lost and drop uploads nobody decided about, every hour. Safe to rerun."""
    now = timezone.now()
    with recorded("sweep") as run:
        run.count("dropped_uploads", drop_abandoned(now))
        run.count("mended", due.sweep(now))
    return run.counts["mended"]


@shared_task
def escalate() -> None:
    """Tell of decisions past their day, every hour. Safe to rerun: each person hears once."""
    now = timezone.now()
    with recorded("escalate") as run:
        for_each_organisation(
            lambda organisation: run.count("told", tell_overdue(organisation, now))
        )
