"""Objectives with their key results and check-ins. The rules of every number: product.md 2."""

from __future__ import annotations

from decimal import Decimal

from django.db import models
from django.db.models import F, Q

from metrics.models import Kpi, Signal, number_field, person
from objectives.kinds import Ambition, KeyResultKind
from objectives.querysets import (
    CheckInQuerySet,
    CycleQuerySet,
    KeyResultQuerySet,
    ObjectiveQuerySet,
)
from objectives.states import CycleState, ObjectiveState
from teams.models import Organisation, Team


def grade_field(**options) -> models.DecimalField:
    """A grade 0.0 to 1.0 in tenths; None means not graded."""
    return models.DecimalField(max_digits=2, decimal_places=1, null=True, blank=True, **options)


def share_field(**options) -> models.DecimalField:
    """A share 0 to 1, unrounded to 15 decimals; None means there is nothing to measure."""
    return models.DecimalField(max_digits=16, decimal_places=15, null=True, blank=True, **options)


class Cycle(models.Model):
    """One row is a quarter of an organisation's fiscal year; first and last day both belong to it.

    The quarters of one organisation follow each other without overlap: they are made by
    `actions.ensure_cycles` only, from the calendar.
    """

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    name = models.CharField(max_length=40)
    starts_on = models.DateField()
    ends_on = models.DateField()
    state = models.CharField(max_length=7, choices=CycleState, default=CycleState.PREPARE)

    objects = CycleQuerySet.as_manager()

    class Meta:
        ordering = ["starts_on", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["organisation", "starts_on"], name="cycle_start_once"),
            models.UniqueConstraint(fields=["organisation", "ends_on"], name="cycle_end_once"),
            models.UniqueConstraint(fields=["organisation", "name"], name="cycle_name_once"),
            models.CheckConstraint(
                condition=Q(ends_on__gt=F("starts_on")), name="cycle_ends_after_start"
            ),
            models.CheckConstraint(
                condition=Q(state__in=CycleState.values), name="cycle_state_known"
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Objective(models.Model):
    """One row is an objective of a team in a cycle; `signal` is what it answers, if anything.

    `starts_on` is the first day its pace is reckoned from: the cycle's, or the day it was published
    if that was later. `grade` is the weighted mean of its key results, 0.0 to 1.0.
    """

    team = models.ForeignKey(Team, on_delete=models.PROTECT, related_name="+")
    cycle = models.ForeignKey(Cycle, on_delete=models.PROTECT, related_name="+")
    owner = person(null=True, blank=True)
    title = models.CharField(max_length=300)
    why = models.TextField(blank=True, max_length=1000)
    ambition = models.CharField(max_length=12, choices=Ambition, default=Ambition.COMMITTED)
    state = models.CharField(max_length=9, choices=ObjectiveState, default=ObjectiveState.DRAFT)
    is_private = models.BooleanField(default=False)
    signal = models.ForeignKey(
        Signal, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    version = models.PositiveIntegerField(default=1)
    starts_on = models.DateField(null=True, blank=True)
    created_at = models.DateTimeField()
    created_by = person(null=True, blank=True)
    published_at = models.DateTimeField(null=True, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)
    grade = grade_field()
    closing_note = models.TextField(blank=True, max_length=1000)

    objects = ObjectiveQuerySet.as_manager()

    class Meta:
        ordering = ["pk"]
        indexes = [models.Index(fields=["team", "state"], name="objective_by_team")]
        constraints = [
            # Accepting a suggestion twice gives one OKR (signals.md 12), however it is submitted.
            models.UniqueConstraint(
                fields=["signal"],
                condition=Q(signal__isnull=False, state__in=["draft", "active"]),
                name="objective_answers_signal_once",
            ),
            models.CheckConstraint(
                condition=Q(state__in=ObjectiveState.values), name="objective_state_known"
            ),
            models.CheckConstraint(
                condition=Q(ambition__in=Ambition.values), name="objective_ambition_known"
            ),
            models.CheckConstraint(condition=~Q(title=""), name="objective_has_title"),
            models.CheckConstraint(
                condition=Q(state__in=["closed", "withdrawn"], closed_at__isnull=False)
                | Q(state__in=["draft", "active"], closed_at=None, grade=None),
                name="objective_ended_has_moment",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["draft", "withdrawn"])
                | Q(published_at__isnull=False, starts_on__isnull=False),
                name="objective_active_has_start",
            ),
            models.CheckConstraint(
                condition=Q(grade=None) | Q(grade__range=(0, 1)), name="objective_grade"
            ),
        ]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return f"/objectives/{self.pk}/"


class KeyResult(models.Model):
    """One row is what an objective is measured by.

    `baseline` and `target` are in `unit`; the target may lie on either side, and a baseline of None
    is not known yet: there is no progress until it is. With a KPI and
    `kpi_follows` the value is the KPI's latest judged value until the objective is closed, which
    freezes it in `final_value`. `weight` 0 counts for nothing. `hold_periods` is for kind `hold`.
    `suggested_grade` is the progress rounded half up, None where there is none.
    """

    objective = models.ForeignKey(Objective, on_delete=models.CASCADE, related_name="key_results")
    position = models.PositiveSmallIntegerField()
    title = models.CharField(max_length=300)
    kind = models.CharField(max_length=6, choices=KeyResultKind, default=KeyResultKind.CHANGE)
    baseline = number_field(null=True, blank=True)
    target = number_field(null=True, blank=True)
    unit = models.CharField(max_length=20, blank=True)
    weight = models.DecimalField(max_digits=5, decimal_places=2, default=Decimal(1))
    owner = person(null=True, blank=True)
    kpi = models.ForeignKey(Kpi, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    kpi_follows = models.BooleanField(default=False)
    hold_periods = models.PositiveSmallIntegerField(null=True, blank=True)
    version = models.PositiveIntegerField(default=1)
    final_value = number_field(null=True, blank=True)
    final_progress = share_field()
    suggested_grade = grade_field()
    grade = grade_field()
    grade_reason = models.CharField(max_length=500, blank=True)
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    withdrawn_reason = models.CharField(max_length=500, blank=True)

    objects = KeyResultQuerySet.as_manager()

    class Meta:
        ordering = ["objective", "position"]
        constraints = [
            models.UniqueConstraint(fields=["objective", "position"], name="kr_position_once"),
            models.CheckConstraint(
                condition=~Q(kind="change")
                | Q(target__isnull=False) & (Q(baseline=None) | ~Q(baseline=F("target"))),
                name="kr_change_has_a_way_to_go",
                violation_error_message="From and to are the same: this is a KPI, not a result.",
            ),
            models.CheckConstraint(
                condition=Q(kind="hold", kpi__isnull=False, hold_periods__gte=1)
                | Q(hold_periods=None) & ~Q(kind="hold"),
                name="kr_hold_has_kpi_and_periods",
            ),
            models.CheckConstraint(
                condition=~Q(kind="open") | Q(baseline=None, target=None), name="kr_open_is_open"
            ),
            models.CheckConstraint(
                condition=Q(kpi_follows=False) | Q(kpi__isnull=False), name="kr_follows_a_kpi"
            ),
            models.CheckConstraint(
                condition=Q(kind__in=KeyResultKind.values), name="kr_kind_known"
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

    @property
    def row_id(self) -> str:
        """The id of its row on every page."""
        return f"kr-{self.pk}"


class CheckIn(models.Model):
    """One row is what a person said about a key result at a moment. Append-only.

    `value` is in the key result's unit, None where nothing was measured yet; `confidence` 0 to 10
    that it will be reached. `token` belongs to the form that was submitted: the same form twice is
    one check-in. `corrects` is the check-in this one replaces.
    """

    key_result = models.ForeignKey(KeyResult, on_delete=models.CASCADE, related_name="check_ins")
    value = number_field(null=True, blank=True)
    confidence = models.PositiveSmallIntegerField()
    note = models.CharField(max_length=280, blank=True)
    author = person()
    made_at = models.DateTimeField()
    token = models.UUIDField(unique=True)
    corrects = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )

    objects = CheckInQuerySet.as_manager()

    class Meta:
        ordering = ["made_at", "pk"]
        indexes = [models.Index(fields=["key_result", "made_at"], name="check_in_by_time")]
        constraints = [
            models.CheckConstraint(
                condition=Q(confidence__range=(0, 10)), name="check_in_confidence"
            ),
            models.CheckConstraint(
                condition=Q(corrects=None) | ~Q(corrects=F("pk")),
                name="check_in_not_own_correction",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.value} at {self.confidence}/10"


class ObjectiveEvent(models.Model):
    """One row is a change of an objective or one of its key results. Append-only."""

    objective = models.ForeignKey(Objective, on_delete=models.CASCADE, related_name="events")
    key_result = models.ForeignKey(
        KeyResult, on_delete=models.CASCADE, null=True, blank=True, related_name="+"
    )
    type = models.CharField(max_length=24)
    at = models.DateTimeField()
    actor = person(null=True, blank=True)
    from_state = models.CharField(max_length=9, blank=True)
    to_state = models.CharField(max_length=9, blank=True)
    reason = models.TextField(blank=True)
    before = models.JSONField(default=dict)
    after = models.JSONField(default=dict)

    class Meta:
        ordering = ["at", "pk"]

    def __str__(self) -> str:
        return f"{self.type} at {self.at:%Y-%m-%d}"
