"""Cycles: the stretches of time that objectives belong to."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from metrics.models.fields import person
from objectives.kinds import CycleKind
from objectives.querysets import CycleQuerySet
from objectives.states import CycleState
from teams.models import Organisation


class Cycle(models.Model):
    """One row is a stretch of an organisation's time; first and last day both belong to it.

    Years, quarters and stretches of four months are made from the calendar, those of one kind
    follow each other without overlap; custom ones are made by an administrator and do not overlap
    each other either. A year and its quarters do: they stand beside each other. One that was
    reopened stays open for late updates through `open_until`.
    """

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=10, choices=CycleKind, default=CycleKind.QUARTER)
    name = models.CharField(max_length=40)
    starts_on = models.DateField()
    ends_on = models.DateField()
    state = models.CharField(max_length=7, choices=CycleState, default=CycleState.PREPARE)
    closed_at = models.DateTimeField(null=True, blank=True)
    open_until = models.DateField(null=True, blank=True)

    objects = CycleQuerySet.as_manager()

    class Meta:
        ordering = ["starts_on", "-ends_on", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["organisation", "kind", "starts_on"],
                name="cycle_start_once",
                violation_error_message="A cycle of this kind already begins on this day.",
            ),
            models.UniqueConstraint(
                fields=["organisation", "kind", "ends_on"],
                name="cycle_end_once",
                violation_error_message="A cycle of this kind already ends on this day.",
            ),
            models.UniqueConstraint(
                fields=["organisation", "name"],
                name="cycle_name_once",
                violation_error_message="Another cycle already has this name.",
            ),
            models.CheckConstraint(
                condition=Q(ends_on__gt=F("starts_on")),
                name="cycle_ends_after_start",
                violation_error_message="The last day must come after the first.",
            ),
            models.CheckConstraint(
                condition=Q(state__in=CycleState.values), name="cycle_state_known"
            ),
            models.CheckConstraint(condition=Q(kind__in=CycleKind.values), name="cycle_kind_known"),
            models.CheckConstraint(
                condition=Q(state="closed", closed_at__isnull=False)
                | ~Q(state="closed") & Q(closed_at=None),
                name="cycle_closed_has_moment",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return f"/cycles/{self.pk}/"


class CycleEvent(models.Model):
    """One row is a change of a cycle by a person: a moved boundary, a reopening. Append-only."""

    cycle = models.ForeignKey(Cycle, on_delete=models.CASCADE, related_name="events")
    type = models.CharField(max_length=24)
    at = models.DateTimeField()
    actor = person(null=True, blank=True)
    reason = models.CharField(max_length=500)
    before = models.JSONField(default=dict)
    after = models.JSONField(default=dict)

    class Meta:
        ordering = ["at", "pk"]

    def __str__(self) -> str:
        return f"{self.type} at {self.at:%Y-%m-%d}"
