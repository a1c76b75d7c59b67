"""What the jobs did: one row for each, and the last of their failures."""

from __future__ import annotations

from django.db import models


class JobRun(models.Model):
    """One row is a scheduled job: its last run, and its last run that did something.

    `took_ms` is how long the last run took; `counts` says what the last run that found work did
    (`worked_at`, `worked_ms`), by name. `done` and `failures` are totals since the row was made.
    `failing_since` None: the last run went well.
    """

    name = models.CharField(max_length=40, primary_key=True)
    ended_at = models.DateTimeField()
    took_ms = models.PositiveIntegerField(default=0)
    worked_at = models.DateTimeField(null=True, blank=True)
    worked_ms = models.PositiveIntegerField(default=0)
    counts = models.JSONField(default=dict)
    done = models.PositiveBigIntegerField(default=0)
    failures = models.PositiveBigIntegerField(default=0)
    failing_since = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return self.name


class JobFailure(models.Model):
    """One row is one way in which a job failed, `times` in a row with the same text.

    It belongs to the instance: its text may speak of any organisation's rows.
    """

    job = models.CharField(max_length=40)
    text = models.TextField()
    times = models.PositiveIntegerField(default=1)
    first_at = models.DateTimeField()
    last_at = models.DateTimeField()

    class Meta:
        ordering = ["-last_at", "-pk"]
        indexes = [models.Index(fields=["job", "-last_at"], name="job_failure_newest")]

    def __str__(self) -> str:
        return f"{self.job}: {self.text[:60]}"
