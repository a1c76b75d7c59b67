"""Jobs of the teams app. Each may run any number of times: rows and slots are claimed first."""

import logging
import os
import socket
import threading
import time
from datetime import timedelta

from celery import current_app, shared_task
from django.conf import settings
from django.contrib.sessions.models import Session
from django.utils import timezone

from teams.heartbeats import beat, claim_slot, open_slots
from teams.models import OutboxMessage
from teams.outbox import deliver_due

log = logging.getLogger(__name__)

RUN_SECONDS = 60
KEEP_SENT = timedelta(days=90)


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
            current_app.tasks[jobs[slot][0]]()


@shared_task
def deliver_outbox() -> int:
    """Deliver until nothing is due, for at most a minute. E-mail at least once, inbox once."""
    done, stop = 0, time.monotonic() + RUN_SECONDS
    while (count := deliver_due(timezone.now(), worker_name())) and time.monotonic() < stop:
        done += count
    beat("deliver", now=timezone.now())
    return done


@shared_task
def clean_up() -> None:
    """Delete ended sessions and messages sent long ago. Safe to rerun."""
    now = timezone.now()
    Session.objects.filter(expire_date__lt=now).delete()
    OutboxMessage.objects.filter(sent_at__lt=now - KEEP_SENT, channel="email").delete()
