"""A person's week: what they mean to do, what comes, and when they last looked."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q

from metrics.models import person
from objectives.models.key_results import KeyResult

PRIORITIES = 3


class WeekItem(models.Model):
    """One row is a priority of a person's week, or what comes in a later week.

    `week_on` is the week's Monday. Priorities have positions 1 to 3; on Friday each gets an
    outcome, and `why` where it was not done. An upcoming item belongs to the week it comes in.
    """

    class Kind(models.TextChoices):
        PRIORITY = "priority", "priority"
        UPCOMING = "upcoming", "coming up"

    class Outcome(models.TextChoices):
        OPEN = "", "open"
        DONE = "done", "done"
        NOT_DONE = "not_done", "not done"

    person = person()
    week_on = models.DateField()
    kind = models.CharField(max_length=8, choices=Kind)
    position = models.PositiveSmallIntegerField(default=1)
    text = models.CharField(max_length=200)
    key_result = models.ForeignKey(
        KeyResult, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    outcome = models.CharField(max_length=8, choices=Outcome, blank=True)
    why = models.CharField(max_length=300, blank=True)
    version = models.PositiveIntegerField(default=1)
    created_at = models.DateTimeField()

    class Meta:
        ordering = ["week_on", "position", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["person", "week_on", "kind", "position"], name="week_item_once"
            ),
            models.CheckConstraint(
                condition=Q(kind="priority", position__range=(1, PRIORITIES))
                | Q(kind="upcoming", position=1, outcome=""),
                name="week_item_position",
            ),
            models.CheckConstraint(condition=~Q(text=""), name="week_item_has_text"),
            models.CheckConstraint(
                condition=Q(outcome__in=["", "done", "not_done"]), name="week_item_outcome"
            ),
        ]

    def __str__(self) -> str:
        return self.text


class WeekVisit(models.Model):
    """One row is when a person last looked at their week, and when before that."""

    person = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+"
    )
    seen_at = models.DateTimeField()
    before_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return f"{self.person_id} at {self.seen_at:%Y-%m-%d %H:%M}"
