"""The public link of a scorecard, and addresses people keep."""

from __future__ import annotations

from django.db import models

from metrics.models import person
from objectives.models import Cycle
from reviews.querysets import ScorecardLinkQuerySet
from teams.models import Organisation, Team


class ScorecardLink(models.Model):
    """One row is a public, read-only page of a cycle, for everybody who has its address.

    Only the SHA-256 of the address's secret is kept; `prefix` tells links apart. Without a team it
    is the whole organisation's. Revoked, it is unknown.
    """

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    team = models.ForeignKey(
        Team, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    cycle = models.ForeignKey(Cycle, on_delete=models.PROTECT, related_name="+")
    secret_hash = models.CharField(max_length=64, unique=True)
    prefix = models.CharField(max_length=8)
    created_at = models.DateTimeField()
    created_by = person()
    revoked_at = models.DateTimeField(null=True, blank=True)
    revoked_by = person(null=True, blank=True)

    objects = ScorecardLinkQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at", "-pk"]

    def __str__(self) -> str:
        return f"{self.cycle} {self.prefix}…"


class SavedView(models.Model):
    """One row is a dashboard with its filters that a person keeps under a name."""

    person = person()
    name = models.CharField(max_length=80)
    query = models.CharField(max_length=500, blank=True)
    created_at = models.DateTimeField()

    class Meta:
        ordering = ["name", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["person", "name"],
                name="saved_view_once",
                violation_error_message="You already keep a view of this name.",
            )
        ]

    def __str__(self) -> str:
        return self.name
