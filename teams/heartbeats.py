"""Signs of life, and the slots of jobs that run every hour or day."""

from datetime import datetime, timedelta

from django.db.models import Q

from teams.models import Heartbeat

BEAT_EVERY = timedelta(seconds=10)
CLOCK_SLACK = timedelta(minutes=1)


def beat(name: str, *, now: datetime, note: str = "") -> None:
    """Store that `name` was alive at `now`, at most once in `BEAT_EVERY`; safe to repeat."""
    last = Heartbeat.objects.filter(name=name).values_list("at", flat=True).first()
    if last is not None and abs(now - last) < BEAT_EVERY:
        return
    Heartbeat.objects.update_or_create(name=name, defaults={"at": now, "note": note[:300]})


def open_slots(every: dict[str, timedelta], *, now: datetime) -> list[str]:
    """The slots that `claim_slot` may give to somebody now, found by one query for all of them."""
    claimed = dict(Heartbeat.objects.filter(name__in=every).values_list("name", "at"))
    return [
        name
        for name, stretch in every.items()
        if name not in claimed or not now - stretch < claimed[name] <= now + CLOCK_SLACK
    ]


def open_slot(name: str, *, every: timedelta, at: datetime) -> None:
    """Let the slot be claimed from `at` on, when it was claimed before: to run it sooner again."""
    Heartbeat.objects.filter(name=name).update(at=at - every)


def claim_slot(name: str, *, every: timedelta, now: datetime) -> bool:
    """True for exactly one caller in each stretch of `every`: the one that should do the job.

    A guarded UPDATE decides, so two beats or two workers have the effect of one. A stored time in
    the future means that the clock went back; it is overwritten.
    """
    row = Heartbeat.objects.filter(name=name)
    stale = Q(at__lte=now - every) | Q(at__gt=now + CLOCK_SLACK)
    if row.filter(stale).update(at=now):
        return True
    if row.exists():
        return False
    Heartbeat.objects.bulk_create([Heartbeat(name=name, at=now)], ignore_conflicts=True)
    return row.filter(at=now).exists()
