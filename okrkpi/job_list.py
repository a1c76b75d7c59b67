"""The scheduled jobs in words, and what each would do now, without doing it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import NamedTuple

from django.conf import settings
from django.db import transaction

from metrics import due
from metrics.evaluation import evaluate_due
from metrics.models import ImportBatch, KpiState
from metrics.overdue_decisions import tell_overdue
from metrics.wording import plural
from objectives.actions.cycles import ensured_cycles
from objectives.reminders import remind
from reviews.actions.opening import open_due_reviews
from teams.audit.chain import seal_events
from teams.clean_up import drop_old
from teams.models import Organisation, OutboxMessage

# A dry run of the evaluation locks its KPIs until it is taken back: a second at the most.
DRY_KPIS = 500
DRY_EVENTS = 5000
NOUNS = {
    "kpis": ("KPI evaluated", "KPIs evaluated"),
    "put_off": ("KPI put off", "KPIs put off"),
    "messages": ("message", "messages"),
    "raised": ("signal raised", "signals raised"),
    "resolved": ("signal resolved", "signals resolved"),
    "import_steps": ("step of an upload", "steps of uploads"),
    "mended": ("lost KPI made due", "lost KPIs made due"),
    "dropped_uploads": ("undecided upload dropped", "undecided uploads dropped"),
    "cycles": ("cycle made or moved on", "cycles made or moved on"),
    "reviews": ("review opened", "reviews opened"),
    "reminders": ("person reminded", "people reminded"),
    "held": ("held by the weekly cap", "held by the weekly cap"),
    "told": ("person told", "people told"),
    "sealed": ("change sealed", "changes sealed"),
    "sessions": ("ended session deleted", "ended sessions deleted"),
    "old_messages": ("old mail deleted", "old mails deleted"),
}


class Job(NamedTuple):
    """A scheduled job. `every` is how often it runs; `is_slot`: hourly or daily, may be asked for.

    `would` says what it would do now for an organisation, in lines; None where it cannot tell.
    """

    name: str
    label: str
    every: timedelta
    is_slot: bool
    would: Callable[[Organisation, datetime], list[str]] | None


def counts_words(counts: dict[str, int]) -> str:
    """What a run did: `24 KPIs evaluated, 1 signal raised`; empty for nothing."""
    return ", ".join(
        f"{number:,} {NOUNS.get(name, (name.replace('_', ' '),) * 2)[number != 1]}"
        for name, number in sorted(counts.items(), key=lambda item: _place(item[0]))
        if number
    )


def _place(name: str) -> int:
    return list(NOUNS).index(name) if name in NOUNS else len(NOUNS)


@contextmanager
def taken_back() -> Iterator[None]:
    """Whatever is written inside is taken back at the end."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def _evaluation(organisation: Organisation, now: datetime) -> list[str]:
    waiting = KpiState.objects.due(now).count()
    with taken_back():
        counts = evaluate_due(now, limit=DRY_KPIS, worker="dry run").told()
    lines = [f"{plural(waiting, 'KPI')} due."]
    if waiting > DRY_KPIS:
        lines.append(f"Of the first {DRY_KPIS}:")
    return [*lines, f"{counts_words(counts)}."] if waiting else lines


def _delivery(organisation: Organisation, now: datetime) -> list[str]:
    waiting = OutboxMessage.objects.due(now)
    inbox = waiting.filter(channel=OutboxMessage.Channel.INBOX).count()
    mails = waiting.filter(channel=OutboxMessage.Channel.EMAIL).order_by()
    digests = mails.values("recipient", "run").distinct().count()
    later = OutboxMessage.objects.filter(sent_at=None, parked_at=None, due_at__gt=now).count()
    return [
        f"{plural(inbox, 'message')} to inboxes, {plural(digests, 'mail')}.",
        f"{plural(later, 'message')} for later.",
    ]


def _imports(organisation: Organisation, now: datetime) -> list[str]:
    waiting = ImportBatch.objects.filter(due_at__lte=now).count()
    return [f"{plural(waiting, 'upload')} to check or to import."]


def _sweep(organisation: Organisation, now: datetime) -> list[str]:
    with taken_back():
        return _counted({"mended": due.sweep(now)})


def _cycles(organisation: Organisation, now: datetime) -> list[str]:
    with taken_back():
        moved = ensured_cycles(organisation, now)
    return [f"{cycle}: {cycle.get_state_display()}." for cycle in moved] or [NOTHING]


def _reviews(organisation: Organisation, now: datetime) -> list[str]:
    with taken_back():
        return _counted({"reviews": open_due_reviews(organisation, now)})


def _remind(organisation: Organisation, now: datetime) -> list[str]:
    with taken_back():
        return _counted(remind(organisation, now)._asdict())


def _escalate(organisation: Organisation, now: datetime) -> list[str]:
    with taken_back():
        return _counted({"told": tell_overdue(organisation, now)})


def _seal(organisation: Organisation, now: datetime) -> list[str]:
    with taken_back():
        return _counted({"sealed": seal_events(now, limit=DRY_EVENTS)})


def _clean_up(organisation: Organisation, now: datetime) -> list[str]:
    with taken_back():
        return _counted(drop_old(now))


NOTHING = "Nothing to do."


def _counted(counts: dict[str, int]) -> list[str]:
    words = counts_words(counts)
    return [f"{words}."] if words else [NOTHING]


KNOWN = {
    "evaluate_due": ("Evaluate KPIs", _evaluation),
    "deliver_outbox": ("Deliver messages", _delivery),
    "import_queued": ("Check and import uploads", _imports),
    "sweep": ("Find lost work", _sweep),
    "advance_cycles": ("Open and close cycles", _cycles),
    "open_reviews": ("Open reviews", _reviews),
    "remind": ("Remind of what is due", _remind),
    "escalate": ("Tell of decisions past their day", _escalate),
    "seal_audit": ("Seal the audit record", _seal),
    "clean_up": ("Delete what is old", _clean_up),
}
# Not a job of its own: it starts the hourly and daily ones.
CLOCK = "teams.tasks.tick"


def scheduled_jobs() -> list[Job]:
    """Every scheduled job, in the order of the settings; the clock that starts them left out."""
    tick = timedelta(seconds=settings.TICK_SECONDS)
    often = [(name.rpartition(".")[2], tick, False) for name in settings.TICKED_TASKS]
    slots = [
        (slot, timedelta(seconds=seconds), True)
        for slot, (_, seconds) in settings.SLOT_JOBS.items()
    ]
    clock = CLOCK.rpartition(".")[2]
    return [_job(*one) for one in [*often, *slots] if one[0] != clock]


def _job(name: str, every: timedelta, is_slot: bool) -> Job:
    label, would = KNOWN.get(name, (name.replace("_", " ").capitalize(), None))
    return Job(name, label, every, is_slot, would)
