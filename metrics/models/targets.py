"""What counts as on target, from when on."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from metrics.kinds import Accumulation
from metrics.models.fields import number_field, person
from metrics.models.kpis import Kpi
from metrics.querysets import KpiPartQuerySet


class Target(models.Model):
    """One row: what counts as on target from a date on. Never edited; a later row replaces.

    `value` for one-sided directions, `low` and `high` for a range. `tolerance` is absolute, in the
    KPI's unit; `tolerance_pct` is 0-100 of |value|, or of the range's width. `accumulates` is the
    fiscal window for whose total the value is (`metrics.accumulating`). A withdrawn row ends the
    judging from its date.
    """

    kpi = models.ForeignKey(Kpi, on_delete=models.CASCADE, related_name="targets")
    effective_on = models.DateField()
    value = number_field(null=True, blank=True)
    low = number_field(null=True, blank=True)
    high = number_field(null=True, blank=True)
    tolerance = number_field(null=True, blank=True)
    tolerance_pct = models.DecimalField(max_digits=6, decimal_places=3, null=True, blank=True)
    accumulates = models.CharField(
        max_length=9, choices=Accumulation, blank=True, default="", db_default=""
    )
    is_withdrawn = models.BooleanField(default=False)
    patience = models.PositiveSmallIntegerField(null=True, blank=True)
    recovery = models.PositiveSmallIntegerField(null=True, blank=True)
    fast_gap = number_field(null=True, blank=True)
    fast_patience = models.PositiveSmallIntegerField(null=True, blank=True)
    author = person(null=True, blank=True)
    reason = models.CharField(max_length=500, blank=True)
    created_at = models.DateTimeField()

    objects = KpiPartQuerySet.as_manager()

    class Meta:
        ordering = ["effective_on", "pk"]
        indexes = [models.Index(fields=["kpi", "effective_on"], name="target_by_date")]
        constraints = [
            models.CheckConstraint(
                condition=Q(is_withdrawn=True, value=None, low=None, high=None)
                | Q(is_withdrawn=False, value__isnull=False, low=None, high=None)
                | Q(is_withdrawn=False, value=None, low__isnull=False, high__gt=F("low")),
                name="target_one_shape",
                violation_error_message="A target is one value, or a range whose low is below "
                "its high.",
            ),
            models.CheckConstraint(
                condition=(Q(tolerance=None) | Q(tolerance__gte=0, tolerance_pct=None))
                & (Q(tolerance_pct=None) | Q(tolerance_pct__gte=0)),
                name="target_tolerance",
                violation_error_message="A tolerance is zero or more, absolute or in per cent.",
            ),
            models.CheckConstraint(
                condition=Q(fast_gap=None, fast_patience=None)
                | Q(fast_gap__gt=0, fast_patience__gte=1),
                name="target_fast_lane",
            ),
            models.CheckConstraint(
                condition=Q(accumulates="")
                | Q(accumulates__in=["quarterly", "yearly"], value__isnull=False),
                name="target_accumulates_one_value",
                violation_error_message="A total is one value, not a range.",
            ),
        ]

    def __str__(self) -> str:
        return f"target from {self.effective_on}"
