"""Check-ins, and thanks for them."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from metrics.models import number_field, person
from objectives.kinds import Reported
from objectives.models.key_results import KeyResult
from objectives.querysets import CheckInQuerySet


class CheckIn(models.Model):
    """One row is what a person said about a key result at a moment. Append-only.

    `value` is in the key result's unit, None where nothing was measured yet; `confidence` 0 to 10
    that it will be reached; `reported` the status the person gives it. `due_on` is the due day it
    answers: made later, it is late or was filled in afterwards (product.md 2.11). `token` belongs
    to the form that was submitted: the same form twice is one check-in. `corrects` is the check-in
    this one replaces; a retraction replaces it with nothing.
    """

    key_result = models.ForeignKey(KeyResult, on_delete=models.CASCADE, related_name="check_ins")
    value = number_field(null=True, blank=True)
    confidence = models.PositiveSmallIntegerField()
    reported = models.CharField(max_length=8, choices=Reported, blank=True)
    note = models.CharField(max_length=280, blank=True)
    due_on = models.DateField()
    author = person()
    made_at = models.DateTimeField()
    token = models.UUIDField(unique=True)
    corrects = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    is_retraction = models.BooleanField(default=False)

    objects = CheckInQuerySet.as_manager()

    class Meta:
        ordering = ["made_at", "pk"]
        indexes = [
            models.Index(fields=["key_result", "made_at"], name="check_in_by_time"),
            # The one that stands for a day is the first of it, the newest due day first.
            models.Index(fields=["key_result", "due_on", "made_at"], name="check_in_by_due"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(confidence__range=(0, 10)), name="check_in_confidence"
            ),
            models.CheckConstraint(
                condition=Q(reported__in=Reported.values), name="check_in_reported_known"
            ),
            models.CheckConstraint(
                condition=Q(corrects=None) | ~Q(corrects=F("pk")),
                name="check_in_not_own_correction",
            ),
            # A check-in is replaced once: two corrections of one would both stand.
            models.UniqueConstraint(
                fields=["corrects"],
                condition=Q(corrects__isnull=False),
                name="check_in_replaced_once",
            ),
            models.CheckConstraint(
                condition=Q(is_retraction=False) | Q(corrects__isnull=False),
                name="check_in_retracts_one",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.value} at {self.confidence}/10"


class Thanks(models.Model):
    """One row: a person said thanks for a check-in, once."""

    check_in = models.ForeignKey(CheckIn, on_delete=models.CASCADE, related_name="thanks")
    person = person()
    at = models.DateTimeField()

    class Meta:
        ordering = ["at", "pk"]
        verbose_name_plural = "thanks"
        constraints = [
            models.UniqueConstraint(fields=["check_in", "person"], name="thanks_once"),
        ]

    def __str__(self) -> str:
        return f"thanks from {self.person_id}"
