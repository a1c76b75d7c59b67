"""A team's review of a cycle: grades, decisions, learnings, actions, and what was frozen."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from metrics.models import person
from objectives.models import Cycle, KeyResult, Objective
from objectives.models.fields import grade_field
from reviews.kinds import Decision, ReviewKind
from reviews.querysets import ReviewQuerySet
from teams.models import Team


class Review(models.Model):
    """One row is a look of a team at a cycle; `for_on` is the first day of what it looks at.

    The quarterly one opens by itself when its cycle goes into closing and grades its objectives;
    mid-cycle and monthly ones grade nothing. `frozen` is what its page showed when it was closed;
    it stays whatever is corrected later.
    """

    team = models.ForeignKey(Team, on_delete=models.PROTECT, related_name="+")
    cycle = models.ForeignKey(Cycle, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=9, choices=ReviewKind, default=ReviewKind.QUARTERLY)
    for_on = models.DateField()
    opened_at = models.DateTimeField()
    opened_by = person(null=True, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)
    closed_by = person(null=True, blank=True)
    frozen = models.JSONField(default=dict, blank=True)
    version = models.PositiveIntegerField(default=1)

    objects = ReviewQuerySet.as_manager()

    class Meta:
        ordering = ["-for_on", "-pk"]
        constraints = [
            models.UniqueConstraint(fields=["team", "cycle", "kind", "for_on"], name="review_once"),
            models.CheckConstraint(
                condition=Q(kind__in=ReviewKind.values), name="review_kind_known"
            ),
            models.CheckConstraint(
                condition=Q(closed_at=None, closed_by=None)
                | Q(closed_at__isnull=False, closed_by__isnull=False),
                name="review_closed_by_somebody",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.team}, {self.cycle}: {self.get_kind_display()}"

    def get_absolute_url(self) -> str:
        return f"/reviews/{self.pk}/"

    @property
    def is_open(self) -> bool:
        """Whether it can still be written in."""
        return self.closed_at is None


class GivenGrade(models.Model):
    """One row is the grade of a key result as the team gives it in a review, until it is closed.

    None is not graded yet. Away from the suggestion it needs a reason; left out, too.
    """

    review = models.ForeignKey(Review, on_delete=models.CASCADE, related_name="grades")
    key_result = models.ForeignKey(KeyResult, on_delete=models.CASCADE, related_name="+")
    grade = grade_field()
    reason = models.CharField(max_length=500, blank=True)
    is_left_out = models.BooleanField(default=False)
    version = models.PositiveIntegerField(default=1)
    changed_at = models.DateTimeField()
    changed_by = person()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["review", "key_result"], name="given_grade_once"),
            models.CheckConstraint(
                condition=Q(grade=None) | Q(grade__range=(0, 1)), name="given_grade_range"
            ),
            models.CheckConstraint(
                condition=Q(is_left_out=False) | Q(grade=None) & ~Q(reason=""),
                name="given_grade_left_out_why",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.grade} for {self.key_result_id}"


class ObjectiveDecision(models.Model):
    """One row is what a review decides of an objective: keep, modify or drop, and why.

    `root_cause` is asked below 0.7, `explanation` of a committed one below 1.0; `why_again` of what
    goes on in the next cycle. `follow_up` is the draft that came of it.
    """

    review = models.ForeignKey(Review, on_delete=models.CASCADE, related_name="decisions")
    objective = models.ForeignKey(Objective, on_delete=models.CASCADE, related_name="+")
    decision = models.CharField(max_length=6, choices=Decision, blank=True)
    note = models.CharField(max_length=1000, blank=True)
    root_cause = models.CharField(max_length=1000, blank=True)
    explanation = models.CharField(max_length=1000, blank=True)
    why_again = models.CharField(max_length=500, blank=True)
    follow_up = models.ForeignKey(
        Objective, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    version = models.PositiveIntegerField(default=1)
    changed_at = models.DateTimeField()
    changed_by = person()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["review", "objective"], name="decision_once"),
            models.CheckConstraint(
                condition=Q(decision="") | Q(decision__in=Decision.values),
                name="decision_known",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.decision or 'undecided'}: {self.objective_id}"


class Learning(models.Model):
    """One row is what the team learned, in somebody's words."""

    review = models.ForeignKey(Review, on_delete=models.CASCADE, related_name="learnings")
    text = models.CharField(max_length=1000)
    author = person()
    created_at = models.DateTimeField()
    deleted_at = models.DateTimeField(null=True, blank=True)
    version = models.PositiveIntegerField(default=1)
    form_token = models.UUIDField(unique=True)

    class Meta:
        ordering = ["created_at", "pk"]
        constraints = [models.CheckConstraint(condition=~Q(text=""), name="learning_has_text")]

    def __str__(self) -> str:
        return self.text


class ReviewAction(models.Model):
    """One row is what somebody does next; while it is open it returns in the next review."""

    review = models.ForeignKey(Review, on_delete=models.CASCADE, related_name="actions")
    team = models.ForeignKey(Team, on_delete=models.PROTECT, related_name="+")
    what = models.CharField(max_length=300)
    owner = person(null=True, blank=True)
    due_on = models.DateField(null=True, blank=True)
    done_at = models.DateTimeField(null=True, blank=True)
    deleted_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField()
    created_by = person()
    version = models.PositiveIntegerField(default=1)
    form_token = models.UUIDField(unique=True)

    class Meta:
        ordering = ["due_on", "pk"]
        indexes = [
            models.Index(
                fields=["team"],
                condition=Q(done_at=None, deleted_at=None),
                name="review_action_open",
            )
        ]
        constraints = [models.CheckConstraint(condition=~Q(what=""), name="review_action_says")]

    def __str__(self) -> str:
        return self.what


class Outcome(models.Model):
    """One row is how an objective ended, with everything it was computed from. Never changed."""

    objective = models.OneToOneField(Objective, on_delete=models.PROTECT, related_name="outcome")
    review = models.ForeignKey(
        Review, on_delete=models.PROTECT, null=True, blank=True, related_name="outcomes"
    )
    grade = grade_field()
    facts = models.JSONField(default=dict)
    at = models.DateTimeField()

    class Meta:
        ordering = ["at", "pk"]

    def __str__(self) -> str:
        return f"{self.grade} for {self.objective_id}"
