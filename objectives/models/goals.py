"""Objectives and their history."""

from __future__ import annotations

from datetime import date

from django.db import models
from django.db.models import F, Q

from metrics.models import Signal, person
from objectives.kinds import Ambition, Level, Origin, Rhythm
from objectives.models.cycles import Cycle
from objectives.models.fields import grade_field
from objectives.querysets import ObjectiveQuerySet
from objectives.states import ObjectiveState
from teams.models import Team


class Objective(models.Model):
    """One row is an objective of a team in a cycle; `signal` is what it answers, if anything.

    Company and individual ones belong to a team too: the one that answers for it. `starts_on` is
    the first day its pace is reckoned from: the cycle's, or the day it was published if that was
    later. `grade` is the weighted mean of its key results, 0.0 to 1.0. It is aligned to one parent
    at most, an objective or a key result. `form_token` is the form that created it: sent twice, it
    is one objective. `withdrawn_from` is the state that undo brings back.
    """

    team = models.ForeignKey(Team, on_delete=models.PROTECT, related_name="+")
    cycle = models.ForeignKey(Cycle, on_delete=models.PROTECT, related_name="+")
    owner = person(null=True, blank=True)
    level = models.CharField(max_length=10, choices=Level, default=Level.TEAM)
    title = models.CharField(max_length=300)
    why = models.TextField(blank=True, max_length=1000)
    ambition = models.CharField(max_length=12, choices=Ambition, default=Ambition.COMMITTED)
    origin = models.CharField(max_length=9, choices=Origin, default=Origin.BOTTOM_UP)
    rhythm = models.CharField(max_length=7, choices=Rhythm, default=Rhythm.WEEKLY)
    state = models.CharField(max_length=9, choices=ObjectiveState, default=ObjectiveState.DRAFT)
    is_private = models.BooleanField(default=False)
    position = models.PositiveIntegerField(default=0)
    signal = models.ForeignKey(
        Signal, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    parent_objective = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    parent_key_result = models.ForeignKey(
        "objectives.KeyResult", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    copied_from = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    why_again = models.CharField(max_length=500, blank=True)
    form_token = models.UUIDField(unique=True, null=True, blank=True)
    version = models.PositiveIntegerField(default=1)
    starts_on = models.DateField(null=True, blank=True)
    created_at = models.DateTimeField()
    created_by = person(null=True, blank=True)
    published_at = models.DateTimeField(null=True, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)
    grade = grade_field()
    closing_note = models.TextField(blank=True, max_length=1000)
    withdrawn_from = models.CharField(max_length=9, blank=True)

    objects = ObjectiveQuerySet.as_manager()

    class Meta:
        ordering = ["position", "pk"]
        indexes = [
            models.Index(fields=["team", "state"], name="objective_by_team"),
            models.Index(fields=["cycle", "team"], name="objective_by_cycle"),
        ]
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
            models.CheckConstraint(
                condition=Q(level__in=Level.values), name="objective_level_known"
            ),
            models.CheckConstraint(
                condition=Q(origin__in=Origin.values), name="objective_origin_known"
            ),
            models.CheckConstraint(
                condition=Q(rhythm__in=Rhythm.values), name="objective_rhythm_known"
            ),
            models.CheckConstraint(condition=~Q(title=""), name="objective_has_title"),
            models.CheckConstraint(
                condition=Q(state__in=["closed", "withdrawn"], closed_at__isnull=False)
                | Q(state__in=["draft", "parked", "active"], closed_at=None, grade=None),
                name="objective_ended_has_moment",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["draft", "parked", "withdrawn"])
                | Q(published_at__isnull=False, starts_on__isnull=False),
                name="objective_active_has_start",
            ),
            models.CheckConstraint(
                condition=Q(state="withdrawn", withdrawn_from__in=["draft", "parked", "active"])
                | ~Q(state="withdrawn") & Q(withdrawn_from=""),
                name="objective_withdrawn_from",
            ),
            models.CheckConstraint(
                condition=Q(grade=None) | Q(grade__range=(0, 1)), name="objective_grade"
            ),
            models.CheckConstraint(
                condition=Q(parent_objective=None) | Q(parent_key_result=None),
                name="objective_one_parent",
                violation_error_message="An objective is aligned to one parent only.",
            ),
            models.CheckConstraint(
                condition=Q(parent_objective=None) | ~Q(parent_objective=F("pk")),
                name="objective_not_own_parent",
            ),
        ]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return f"/objectives/{self.pk}/"

    @property
    def begins_on(self) -> date:
        """The first day its pace is reckoned from; a draft's is its cycle's."""
        return self.starts_on or self.cycle.starts_on


class ObjectiveEvent(models.Model):
    """One row is a change of an objective or one of its key results. Append-only."""

    objective = models.ForeignKey(Objective, on_delete=models.CASCADE, related_name="events")
    key_result = models.ForeignKey(
        "objectives.KeyResult", on_delete=models.CASCADE, null=True, blank=True, related_name="+"
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
        indexes = [models.Index(fields=["objective", "at"], name="objective_event_by_time")]

    def __str__(self) -> str:
        return f"{self.type} at {self.at:%Y-%m-%d}"
