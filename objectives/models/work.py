"""What is done for a key result, what stands in its way, and what another team owes it."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from metrics.models import person
from objectives.models.goals import Objective
from objectives.models.key_results import KeyResult
from objectives.querysets import DependencyQuerySet
from objectives.states import DependencyState
from teams.models import Team


class Initiative(models.Model):
    """One row is a piece of work under a key result. It never counts in progress."""

    key_result = models.ForeignKey(KeyResult, on_delete=models.CASCADE, related_name="initiatives")
    title = models.CharField(max_length=300)
    owner = person(null=True, blank=True)
    due_on = models.DateField(null=True, blank=True)
    done_at = models.DateTimeField(null=True, blank=True)
    deleted_at = models.DateTimeField(null=True, blank=True)
    position = models.PositiveSmallIntegerField(default=0)
    version = models.PositiveIntegerField(default=1)
    form_token = models.UUIDField(unique=True, null=True, blank=True)
    created_at = models.DateTimeField()
    created_by = person(null=True, blank=True)

    class Meta:
        ordering = ["position", "pk"]
        constraints = [
            models.CheckConstraint(condition=~Q(title=""), name="initiative_has_title"),
        ]

    def __str__(self) -> str:
        return self.title


class Blocker(models.Model):
    """One row is what stands in the way of a key result: what, who can remove it, by when."""

    key_result = models.ForeignKey(KeyResult, on_delete=models.CASCADE, related_name="blockers")
    what = models.CharField(max_length=300)
    remover = person(null=True, blank=True)
    by_on = models.DateField(null=True, blank=True)
    resolved_at = models.DateTimeField(null=True, blank=True)
    deleted_at = models.DateTimeField(null=True, blank=True)
    version = models.PositiveIntegerField(default=1)
    form_token = models.UUIDField(unique=True, null=True, blank=True)
    created_at = models.DateTimeField()
    created_by = person(null=True, blank=True)

    class Meta:
        ordering = ["created_at", "pk"]
        constraints = [
            models.CheckConstraint(condition=~Q(what=""), name="blocker_says_what"),
        ]

    def __str__(self) -> str:
        return self.what


class Dependency(models.Model):
    """One row: an objective needs something of another team, which confirms or declines."""

    objective = models.ForeignKey(Objective, on_delete=models.CASCADE, related_name="dependencies")
    team = models.ForeignKey(Team, on_delete=models.PROTECT, related_name="+")
    what = models.CharField(max_length=300)
    needed_on = models.DateField(null=True, blank=True)
    state = models.CharField(max_length=9, choices=DependencyState, default=DependencyState.ASKED)
    version = models.PositiveIntegerField(default=1)
    form_token = models.UUIDField(unique=True, null=True, blank=True)
    asked_by = person()
    asked_at = models.DateTimeField()
    answered_by = person(null=True, blank=True)
    answered_at = models.DateTimeField(null=True, blank=True)
    reason = models.CharField(max_length=500, blank=True)

    objects = DependencyQuerySet.as_manager()

    class Meta:
        ordering = ["asked_at", "pk"]
        verbose_name_plural = "dependencies"
        constraints = [
            models.CheckConstraint(condition=~Q(what=""), name="dependency_says_what"),
            models.CheckConstraint(
                condition=Q(state__in=DependencyState.values), name="dependency_state_known"
            ),
            models.CheckConstraint(
                condition=Q(state="asked", answered_at=None)
                | ~Q(state="asked") & Q(answered_at__isnull=False, answered_by__isnull=False),
                name="dependency_answer_has_moment",
            ),
            models.CheckConstraint(
                condition=~Q(state="declined") | ~Q(reason=""), name="dependency_declined_why"
            ),
        ]

    def __str__(self) -> str:
        return self.what
