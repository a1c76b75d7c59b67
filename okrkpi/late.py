"""Whether the jobs keep up: one answer for /readyz, /healthz, /metrics, the banner and the page."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import NamedTuple

from django.db.models import Min, QuerySet, Value

from metrics.models import ImportBatch, KpiState
from metrics.wording import names
from teams.models import Heartbeat, JobRun, OutboxMessage

BEAT_LIMIT = timedelta(minutes=1)
WORK_LIMIT = timedelta(minutes=2)
FAILING_LIMIT = timedelta(minutes=15)
LIMITS = {"beat": BEAT_LIMIT, "job": FAILING_LIMIT}
WORDS = {
    "evaluation": "KPIs have waited {} to be evaluated",
    "message": "messages have waited {} to be delivered",
    "import": "an upload has waited {}",
    "job": "a job has not finished for {}",
    "beat": "no sign of the jobs for {}",
}
NEVER = "the jobs have not started yet"


def work_ages(now: datetime) -> dict[str, timedelta | None]:
    """How long each kind of work has been due, zero when none is; one query.

    `job` is the longest that a job has failed again and again. None for beat: it never ran.
    """
    waiting = OutboxMessage.objects.filter(sent_at=None, parked_at=None)
    queued = ImportBatch.objects.filter(state=ImportBatch.State.QUEUED, due_at__lte=now)
    rows = _oldest("evaluation", KpiState.objects.filter(due_at__lte=now), "due_at").union(
        _oldest("message", waiting, "due_at"),
        _oldest("import", queued, "due_at"),
        _oldest("job", JobRun.objects.all(), "failing_since"),
        _oldest("beat", Heartbeat.objects.filter(name="beat"), "at"),
        all=True,
    )
    found = dict(rows)
    ages: dict[str, timedelta | None] = {
        name: max(now - (found.get(name) or now), timedelta(0)) for name in WORDS
    }
    return ages if found.get("beat") else ages | {"beat": None}


def _oldest(name: str, rows: QuerySet, column: str) -> QuerySet:
    return (
        rows.order_by()
        .values(what=Value(name))
        .annotate(oldest=Min(column))
        .values_list("what", "oldest")
    )


def late_kinds(ages: dict[str, timedelta | None]) -> list[str]:
    """The kinds of work that are late, by name."""
    return [name for name, age in ages.items() if age is None or age > LIMITS.get(name, WORK_LIMIT)]


def late_words(ages: dict[str, timedelta | None]) -> str:
    """One sentence about what is late, without a full stop; empty when nothing is."""
    said = [
        NEVER if (age := ages[name]) is None else WORDS[name].format(length(age))
        for name in late_kinds(ages)
    ]
    text = names(said) if said else ""
    return text[:1].upper() + text[1:]


class _Unit(NamedTuple):
    seconds: int
    noun: str


_UNITS = (_Unit(86400, "day"), _Unit(3600, "hour"), _Unit(60, "minute"), _Unit(1, "second"))


def length(age: timedelta) -> str:
    """A length of time in its largest whole unit: `12 seconds`, `5 minutes`, `3 days`."""
    seconds = max(int(age.total_seconds()), 0)
    unit = next((unit for unit in _UNITS if seconds >= unit.seconds), _UNITS[-1])
    count = seconds // unit.seconds
    return f"{count:,} {unit.noun}{'' if count == 1 else 's'}"
