"""Jobs of the teams app. Each may run any number of times: rows and slots are claimed first."""

import logging
import os
import socket
import threading
import time
from datetime import datetime, timedelta

from celery import current_app, shared_task
from django.conf import settings
from django.utils import timezone

from teams.audit.chain import seal_events
from teams.clean_up import drop_old
from teams.faults import fault
from teams.heartbeats import beat, claim_slot, open_slot, open_slots
from teams.job_runs import recorded
from teams.outbox import deliver_due

log = logging.getLogger(__name__)

RUN_SECONDS = 60
RETRY_SLOT = timedelta(minutes=5)


def worker_name() -> str:
    """Who holds a lease: host, process and thread."""
    return f"{socket.gethostname()[:30]}:{os.getpid()}:{threading.get_ident()}"


@shared_task
def tick() -> None:
    """Note that beat is alive, and run what is due every hour or day. Safe to rerun: slots."""
    now = timezone.now()
    beat("beat", now=now)
    jobs = {slot: job for slot, job in settings.SLOT_JOBS.items() if job[0] in current_app.tasks}
    every = {slot: timedelta(seconds=seconds) for slot, (_, seconds) in jobs.items()}
    for slot in open_slots(every, now=now):
        if claim_slot(slot, every=every[slot], now=now):
            _run_slot(slot, jobs[slot][0], every[slot], now)


def _run_slot(slot: str, task: str, every: timedelta, now: datetime) -> None:
    """Run an hourly or daily job; one that fails is tried again soon, and stops no other."""
    try:
        fault("slot.before_job")
        current_app.tasks[task]()
        fault("slot.after_job")
    except Exception:
        log.exception("%s failed", task)
        open_slot(slot, every=every, at=now + min(every, RETRY_SLOT))


@shared_task
def deliver_outbox() -> int:
    """Deliver until nothing is due, for at most a minute. E-mail at least once, inbox once."""
    stop = time.monotonic() + RUN_SECONDS
    with recorded("deliver_outbox") as run:
        while (count := deliver_due(timezone.now(), worker_name())) and time.monotonic() < stop:
            run.count("messages", count)
    beat("deliver", now=timezone.now())
    return run.counts["messages"]


@shared_task
def clean_up() -> None:
    """Delete ended sessions and messages sent long ago. Safe to rerun."""
    with recorded("clean_up") as run:
        run.counts.update(drop_old(timezone.now()))


@shared_task
def seal_audit() -> None:
    """Seal what the audit record does not hold in its chain yet. Safe to rerun: one at a time."""
    with recorded("seal_audit") as run:
        run.count("sealed", seal_events(timezone.now()))
