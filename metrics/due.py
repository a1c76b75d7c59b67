"""What must be looked at again, and when: the due rows that drive the evaluation.

Whoever changes data, a target, an exclusion, a setting or a snooze calls `mark_due` in the same
transaction, so that a change and the work it causes are kept or lost together. Lock order: call it
before touching a Signal row; the evaluation locks states first and signals after.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import date, datetime
from itertools import islice
from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models import Case, F, Q, Value, When
from django.db.models.functions import Coalesce, Least

from metrics.models import Kpi, KpiState

if TYPE_CHECKING:
    from teams.models import User

# SQLite takes a bounded number of parameters in one statement.
CHUNK = 5000


@transaction.atomic(savepoint=False)
def mark_due(
    kpi_ids: Iterable[int],
    now: datetime,
    *,
    dirty_from: date | None,
    author: User | None = None,
) -> None:
    """Make KPIs due at `now` at the latest.

    `dirty_from` is the earliest local date whose judging may change: a value's day or period start,
    a target's or a cadence's effective date, an excluded period's start; `date.min` for a setting
    that re-judges everything; None where only the workflow changed (a snooze, a closed OKR). Not
    more of the history is replayed than that asks for. `author` is not told of what follows; where
    two people changed things before one evaluation, both are told.
    """
    remaining = iter(sorted(set(kpi_ids)))
    while ids := list(islice(remaining, CHUNK)):
        states = KpiState.objects.filter(pk__in=ids)
        if len(ids) > 1:
            # In the order of their keys, so that two callers never wait for each other.
            list(states.select_for_update(no_key=True).order_by("pk").values_list("pk"))
        states.update(**_marks(now, dirty_from, author))


def _marks(now: datetime, dirty_from: date | None, author: User | None) -> dict:
    """The new values of the due columns, as expressions over the old ones."""
    waiting = Q(due_at__lte=now)
    marks: dict = {
        "due_at": Coalesce(Least("due_at", Value(now)), Value(now)),
        "attempts": 0,
        "last_error": "",
        "marks": F("marks") + 1,
        "changed_by": None,
    }
    if author is not None:
        # Not one CASE for both: of NULLs alone PostgreSQL would make text.
        marks["changed_by"] = Case(
            When(waiting & ~Q(changed_by=author), then=None),
            default=Value(author.pk, output_field=KpiState.changed_by.field),
            output_field=KpiState.changed_by.field,
        )
    if dirty_from is None:
        marks["steady"] = ""
    else:
        day = Value(dirty_from)
        marks["dirty_from"] = Coalesce(Least("dirty_from", day), day)
    return marks


def create_states(kpi_ids: Collection[int], now: datetime) -> None:
    """Give new KPIs their state row, due at once; one that has a row keeps it."""
    KpiState.objects.bulk_create(
        [KpiState(kpi_id=pk, due_at=now) for pk in kpi_ids],
        ignore_conflicts=True,
        batch_size=CHUNK,
    )


def sweep(now: datetime) -> int:
    """Find what should be due and is not; return how many rows were mended.

    A KPI without a state row, and one with a cadence that nothing will ever look at again although
    it is not parked. Neither should exist; run every hour, this repeats what was lost.
    """
    lost = list(Kpi.objects.filter(state=None).values_list("pk", flat=True))
    create_states(lost, now)
    asleep = KpiState.objects.filter(due_at=None, last_error="", kpi__cadence__isnull=False)
    return len(lost) + asleep.update(due_at=now)
