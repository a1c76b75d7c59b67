"""Beginning with OKRs in one team before all of them do."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from metrics.models import person
from objectives.models.cycles import Cycle
from teams.models import Organisation, Team


class Pilot(models.Model):
    """One row is a pilot: while it runs, only its teams write objectives. At most one runs.

    `cycle` is the one after which it is looked at; nothing ends by itself. Widened to all, it has
    ended.
    """

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    cycle = models.ForeignKey(Cycle, on_delete=models.PROTECT, related_name="+")
    begun_at = models.DateTimeField()
    begun_by = person(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    ended_by = person(null=True, blank=True)
    teams = models.ManyToManyField(Team, through="PilotTeam", related_name="+")

    class Meta:
        ordering = ["-begun_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["organisation"], condition=Q(ended_at=None), name="pilot_runs_once"
            ),
        ]

    def __str__(self) -> str:
        return f"pilot in {self.cycle}"


class PilotTeam(models.Model):
    """One row is a team of a pilot, from the day it was taken in."""

    pilot = models.ForeignKey(Pilot, on_delete=models.CASCADE, related_name="members")
    team = models.ForeignKey(Team, on_delete=models.PROTECT, related_name="+")
    added_at = models.DateTimeField()
    added_by = person(null=True, blank=True)

    class Meta:
        ordering = ["added_at", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["pilot", "team"], name="pilot_team_once"),
        ]

    def __str__(self) -> str:
        return f"{self.team} in {self.pilot}"
