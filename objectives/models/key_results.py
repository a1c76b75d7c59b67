"""Key results: what an objective is measured by, and how that was revised."""

from __future__ import annotations

from decimal import Decimal

from django.db import models
from django.db.models import F, Q

from metrics.models import Kpi, number_field, person
from objectives.kinds import Ambition, KeyResultKind
from objectives.models.fields import grade_field, share_field
from objectives.models.goals import Objective
from objectives.querysets import KeyResultQuerySet
from objectives.standards import JudgedValues

_UP = Q(kind="increase", target__isnull=False) & (Q(baseline=None) | Q(target__gt=F("baseline")))
_DOWN = Q(kind="decrease", target__isnull=False) & (Q(baseline=None) | Q(target__lt=F("baseline")))


class KeyResult(models.Model):
    """One row is what an objective is measured by.

    `baseline`, `target`, `low` and `high` are in `unit`. A baseline of None is not known yet: there
    is no progress until it is. `low` and `high` are for kind `range`, `hold_periods` for `hold`.
    With a KPI and `kpi_follows` the value is the KPI's latest judged value until the objective is
    closed, which freezes it in `final_value`. `weight` 0 counts for nothing. An empty `ambition` is
    the objective's. `original_baseline` and `original_target` stand where a revision replaced them.
    `latest` is the check-in that stands for the value now; `next_due_on` the day the next one is
    due, None where none is owed. `suggested_grade` is the progress rounded half up.
    """

    objective = models.ForeignKey(Objective, on_delete=models.CASCADE, related_name="key_results")
    position = models.PositiveSmallIntegerField()
    title = models.CharField(max_length=300)
    kind = models.CharField(max_length=13, choices=KeyResultKind, default=KeyResultKind.INCREASE)
    baseline = number_field(null=True, blank=True)
    target = number_field(null=True, blank=True)
    low = number_field(null=True, blank=True)
    high = number_field(null=True, blank=True)
    original_baseline = number_field(null=True, blank=True)
    original_target = number_field(null=True, blank=True)
    unit = models.CharField(max_length=20, blank=True)
    weight = models.DecimalField(max_digits=5, decimal_places=2, default=Decimal(1))
    ambition = models.CharField(max_length=12, choices=Ambition, blank=True)
    owner = person(null=True, blank=True)
    kpi = models.ForeignKey(Kpi, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    kpi_follows = models.BooleanField(default=False)
    hold_periods = models.PositiveSmallIntegerField(null=True, blank=True)
    latest = models.ForeignKey(
        "objectives.CheckIn", on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    next_due_on = models.DateField(null=True, blank=True)
    version = models.PositiveIntegerField(default=1)
    final_value = number_field(null=True, blank=True)
    final_progress = share_field()
    suggested_grade = grade_field()
    grade = grade_field()
    grade_reason = models.CharField(max_length=500, blank=True)
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    withdrawn_reason = models.CharField(max_length=500, blank=True)

    objects = KeyResultQuerySet.as_manager()
    judged_values = JudgedValues()

    class Meta:
        ordering = ["objective", "position"]
        indexes = [
            models.Index(
                fields=["owner", "next_due_on"],
                condition=Q(next_due_on__isnull=False),
                name="kr_owed",
            )
        ]
        constraints = [
            models.UniqueConstraint(fields=["objective", "position"], name="kr_position_once"),
            models.CheckConstraint(
                condition=~Q(kind__in=["increase", "decrease"]) | _UP | _DOWN,
                name="kr_change_has_a_way_to_go",
                violation_error_message="The target must lie beyond the start, the way it goes.",
            ),
            models.CheckConstraint(
                condition=~Q(kind__in=["at_least", "at_most"])
                | Q(target__isnull=False, baseline=None),
                name="kr_standard_has_target",
            ),
            models.CheckConstraint(
                condition=Q(kind="range", low__isnull=False, high__gt=F("low"), target=None)
                | ~Q(kind="range") & Q(low=None, high=None),
                name="kr_range_has_bounds",
                violation_error_message="The upper bound must lie above the lower one.",
            ),
            models.CheckConstraint(
                condition=Q(kind="hold", kpi__isnull=False, hold_periods__gte=1)
                | Q(hold_periods=None) & ~Q(kind="hold"),
                name="kr_hold_has_kpi_and_periods",
            ),
            models.CheckConstraint(
                condition=~Q(kind__in=["open", "yes_no", "milestones", "find_baseline"])
                | Q(baseline=None, target=None),
                name="kr_open_is_open",
            ),
            models.CheckConstraint(
                condition=Q(kpi_follows=False) | Q(kpi__isnull=False), name="kr_follows_a_kpi"
            ),
            models.CheckConstraint(
                condition=Q(kind__in=KeyResultKind.values), name="kr_kind_known"
            ),
            models.CheckConstraint(
                condition=Q(ambition="") | Q(ambition__in=Ambition.values),
                name="kr_ambition_known",
            ),
            models.CheckConstraint(condition=Q(weight__gte=0), name="kr_weight"),
            models.CheckConstraint(
                condition=Q(grade=None)
                | Q(grade__range=(0, 1))
                & (
                    Q(suggested_grade__isnull=False, grade=F("suggested_grade"))
                    | ~Q(grade_reason="")
                ),
                name="kr_own_grade_has_reason",
            ),
            models.CheckConstraint(
                condition=Q(final_progress=None) | Q(final_progress__range=(0, 1)),
                name="kr_final_progress",
            ),
            models.CheckConstraint(
                condition=Q(withdrawn_at=None, withdrawn_reason="")
                | Q(withdrawn_at__isnull=False) & ~Q(withdrawn_reason=""),
                name="kr_withdrawn_has_reason",
            ),
        ]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return f"/key-results/{self.pk}/"

    @property
    def row_id(self) -> str:
        """The id of its row on every page."""
        return f"kr-{self.pk}"


class Checkpoint(models.Model):
    """One row: by this date the value should be here. The path of a phased key result."""

    key_result = models.ForeignKey(KeyResult, on_delete=models.CASCADE, related_name="checkpoints")
    on = models.DateField()
    value = number_field()

    class Meta:
        ordering = ["on"]
        constraints = [
            models.UniqueConstraint(
                fields=["key_result", "on"],
                name="checkpoint_day_once",
                violation_error_message="There is already a step for this day.",
            )
        ]

    def __str__(self) -> str:
        return f"{self.value} by {self.on}"


class Milestone(models.Model):
    """One row is a step of a milestone key result; its weight counts once it is done."""

    key_result = models.ForeignKey(KeyResult, on_delete=models.CASCADE, related_name="milestones")
    title = models.CharField(max_length=200)
    weight = models.DecimalField(max_digits=5, decimal_places=2, default=Decimal(1))
    due_on = models.DateField(null=True, blank=True)
    done_at = models.DateTimeField(null=True, blank=True)
    position = models.PositiveSmallIntegerField()

    class Meta:
        ordering = ["position", "pk"]
        constraints = [
            models.CheckConstraint(condition=Q(weight__gt=0), name="milestone_weight"),
            models.UniqueConstraint(
                fields=["key_result", "position"], name="milestone_position_once"
            ),
        ]

    def __str__(self) -> str:
        return self.title


class Revision(models.Model):
    """One row: somebody changed what a running key result goes for, and why. Append-only.

    `before` and `after` hold kind, baseline, target, low, high and weight as text; None was none.
    """

    key_result = models.ForeignKey(KeyResult, on_delete=models.CASCADE, related_name="revisions")
    at = models.DateTimeField()
    actor = person()
    reason = models.CharField(max_length=500)
    before = models.JSONField(default=dict)
    after = models.JSONField(default=dict)

    class Meta:
        ordering = ["at", "pk"]
        constraints = [
            models.CheckConstraint(condition=~Q(reason=""), name="revision_has_reason"),
        ]

    def __str__(self) -> str:
        return f"revised on {self.at:%Y-%m-%d}"
