"""Where the evaluation of each KPI stands."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from metrics.models.fields import SharedKey, number_field, person
from metrics.models.kpis import Kpi
from metrics.querysets import KpiStateQuerySet


class KpiState(models.Model):
    """One row for each KPI: when to look at it again, and where its replay stands.

    `due_at` None means nothing is due. `dirty_from` is the earliest day changed since the
    checkpoint, by `changed_by` if that was one person. `marks` counts the times somebody made it
    due: an evaluation that read an older count leaves it due. `moment` is the latest instant
    evaluated; a task with an earlier one does nothing. `watermark_on` is the first day not judged
    yet. The lock on the row is the lease: an evaluation is one short transaction, so a killed
    process's work is free at once. After `attempts` failures the KPI is
    parked: no due time, and `last_error`. `steady` is the grade of an open off-target
    signal about which nothing but the data can change anything: while that grade stays, the signal
    need not be read. The rest is what pages print without replaying; `recent` is the last periods
    as text (`metrics.evaluation.recent`).
    """

    kpi = SharedKey(Kpi, on_delete=models.CASCADE, primary_key=True, related_name="state")
    due_at = models.DateTimeField(null=True, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    last_error = models.TextField(blank=True, default="")
    dirty_from = models.DateField(null=True, blank=True)
    changed_by = person(null=True, blank=True, db_index=False)
    marks = models.PositiveIntegerField(default=0)
    moment = models.DateTimeField(null=True, blank=True)
    checkpoint = models.TextField(blank=True, default="")
    watermark_on = models.DateField(null=True, blank=True)
    phase = models.CharField(max_length=10, default="quiet")
    is_stale = models.BooleanField(default=False)
    steady = models.CharField(max_length=8, blank=True, default="")
    streak = models.PositiveIntegerField(default=0)
    recovery = models.PositiveIntegerField(default=0)
    latest_on = models.DateField(null=True, blank=True)
    latest_value = number_field(null=True, blank=True)
    latest_status = models.CharField(max_length=12, blank=True, default="")
    status_since = models.DateField(null=True, blank=True)
    recent = models.TextField(blank=True, default="")

    objects = KpiStateQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["due_at"], condition=Q(due_at__isnull=False), name="state_due")
        ]

    def __str__(self) -> str:
        return f"{self.kpi_id}: {self.phase}"
