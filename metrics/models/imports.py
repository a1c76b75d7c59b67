"""Files on their way in."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from metrics.models.fields import person
from teams.models import Team


class ImportBatch(models.Model):
    """One row is one file on its way in: staged, shown as a dry run, then imported whole or not."""

    class State(models.TextChoices):
        STAGED = "staged", "waiting for a decision"
        QUEUED = "queued", "about to be imported"
        DONE = "done", "imported"
        CANCELLED = "cancelled", "not imported"
        FAILED = "failed", "refused"

    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="+")
    actor = person(null=True, blank=True)
    file_name = models.CharField(max_length=255)
    stored_name = models.CharField(max_length=255, blank=True)
    sha256 = models.CharField(max_length=64)
    size = models.PositiveBigIntegerField()
    mapping = models.JSONField(default=dict)
    state = models.CharField(max_length=9, choices=State, default=State.STAGED)
    report = models.JSONField(default=dict)
    rows_total = models.PositiveIntegerField(default=0)
    rows_done = models.PositiveIntegerField(default=0)
    reason = models.CharField(max_length=500, blank=True)
    due_at = models.DateTimeField(null=True, blank=True)
    claimed_until = models.DateTimeField(null=True, blank=True)
    claimed_by = models.CharField(max_length=64, blank=True)
    created_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-created_at", "-pk"]
        indexes = [
            models.Index(fields=["due_at"], condition=Q(due_at__isnull=False), name="import_due")
        ]

    def __str__(self) -> str:
        return self.file_name
