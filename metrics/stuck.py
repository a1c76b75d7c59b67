"""KPIs that cannot be evaluated and imports that are cut off: put off, or parked."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.db.models import Q, QuerySet

from metrics.due import mark_due
from metrics.importing import State
from metrics.models import ImportBatch, Kpi, KpiState
from teams.models import Organisation

# The first try of an import is no failure yet.
TRIED = Q(report__attempts__gte=2) | Q(report__has_key="parked")


def stuck_kpis(organisation: Organisation) -> QuerySet[KpiState]:
    """States of KPIs whose last evaluation failed; one without a due time is parked."""
    failed = KpiState.objects.exclude(last_error="")
    return failed.filter(kpi__team__organisation=organisation).order_by("pk")


def retry_kpis(states: QuerySet[KpiState], now: datetime) -> int:
    """Make these due now with all their tries; how many."""
    ids = list(states.order_by().values_list("pk", flat=True))
    mark_due(ids, now, dirty_from=None)
    return len(ids)


def park_kpis(states: QuerySet[KpiState], now: datetime) -> int:
    """Evaluate these no more until a change, or somebody, asks for it; how many were parked."""
    ids = list(states.order_by().values_list("pk", flat=True))
    failed = KpiState.objects.filter(pk__in=ids, due_at__isnull=False).exclude(last_error="")
    return failed.update(due_at=None)


def stuck_imports(organisation: Organisation) -> QuerySet[ImportBatch]:
    """Imports whose earlier tries were cut off, and those parked, that are still undecided."""
    undecided = ImportBatch.objects.filter(state__in=(State.STAGED, State.QUEUED))
    waiting = undecided.filter(Q(due_at__isnull=False) | Q(report__has_key="parked"))
    mine = waiting.filter(TRIED, team__organisation=organisation)
    return mine.order_by("created_at", "pk")


@transaction.atomic
def retry_imports(batches: QuerySet[ImportBatch], now: datetime) -> int:
    """Take these through their next step now, with all their tries; how many.

    A parked one goes on where it was: its dry run, or its import.
    """
    rows = _locked(batches, now)
    for batch in rows:
        batch.state = batch.report.pop("parked", batch.state)
        batch.report.pop("attempts", None)
        batch.due_at = now
        batch.save(update_fields=["state", "report", "due_at"])
    return len(rows)


@transaction.atomic
def park_imports(batches: QuerySet[ImportBatch], now: datetime) -> int:
    """Hand these back to whoever uploaded them: nothing is imported; how many were parked."""
    rows = [batch for batch in _locked(batches, now) if batch.due_at is not None]
    for batch in rows:
        batch.report["parked"] = batch.state
        batch.state, batch.due_at = State.STAGED, None
        batch.save(update_fields=["state", "report", "due_at"])
    return len(rows)


def _locked(batches: QuerySet[ImportBatch], now: datetime) -> list[ImportBatch]:
    """Those of the batches that no worker is at, locked in the order of their keys."""
    ids = list(batches.order_by().values_list("pk", flat=True))
    free = Q(claimed_until=None) | Q(claimed_until__lt=now)
    rows = ImportBatch.objects.filter(free, pk__in=ids, state__in=(State.STAGED, State.QUEUED))
    return list(rows.select_for_update(no_key=True).order_by("pk"))


def shown_kpis(states: QuerySet[KpiState], user) -> QuerySet[KpiState]:
    """Those whose KPI the person may see, with it."""
    visible = Kpi.objects.visible_to(user).order_by().values("pk")
    return states.filter(pk__in=visible).select_related("kpi__team")
