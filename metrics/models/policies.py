"""What cadences and KPIs say from a day on about signals, with who set it and why."""

from __future__ import annotations

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q

from metrics.kinds import MissingPolicy, NearPolicy
from metrics.models.fields import person
from metrics.models.kpis import Cadence, Kpi
from metrics.policies import Own
from metrics.querysets import KpiPartQuerySet
from teams.models import Team
from teams.models_messages import validate_own_zone

_YEAR = MaxValueValidator(366, "At most 366 days.")
_ONE = MinValueValidator(1, "At least 1.")
_ABOVE_ZERO = MinValueValidator(0, "Zero or more.")


class Policy(models.Model):
    """One row: the terms of a cadence from a day on, for everybody or for one team. Append-only.

    The fields are those of `metrics.policies.Terms`. A later row of the same day and scope replaces
    the earlier. An ended row says that its team follows the organisation again. `Cadence.policies`
    is what the rows of a cadence come to; `actions.policies` writes both.
    """

    cadence = models.ForeignKey(Cadence, on_delete=models.PROTECT, related_name="+")
    team = models.ForeignKey(
        Team, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    effective_on = models.DateField()
    is_ended = models.BooleanField(default=False)
    due_days = models.PositiveSmallIntegerField(default=0, validators=[_YEAR])
    due_hour = models.PositiveSmallIntegerField(
        default=17, validators=[MaxValueValidator(23, "An hour from 0 to 23.")]
    )
    grace_days = models.PositiveSmallIntegerField(default=0, validators=[_YEAR])
    settle_days = models.PositiveSmallIntegerField(default=0, validators=[_YEAR])
    patience = models.PositiveSmallIntegerField(default=3, validators=[_ONE])
    window_n = models.PositiveSmallIntegerField(null=True, blank=True, validators=[_ONE])
    recovery = models.PositiveSmallIntegerField(default=2, validators=[_ONE])
    near_policy = models.CharField(max_length=5, choices=NearPolicy, default=NearPolicy.HOLD)
    missing_policy = models.CharField(
        max_length=5, choices=MissingPolicy, default=MissingPolicy.HOLD
    )
    tolerance_pct = models.DecimalField(
        max_digits=6, decimal_places=3, null=True, blank=True, validators=[_ABOVE_ZERO]
    )
    fast_pct = models.DecimalField(
        max_digits=6, decimal_places=3, null=True, blank=True, validators=[_ABOVE_ZERO]
    )
    fast_patience = models.PositiveSmallIntegerField(null=True, blank=True, validators=[_ONE])
    answer_days = models.PositiveSmallIntegerField(null=True, blank=True, validators=[_ONE, _YEAR])
    country = models.CharField(max_length=2, blank=True)
    days_off = models.JSONField(default=list, blank=True)
    time_zone = models.CharField(max_length=64, blank=True, validators=[validate_own_zone])
    author = person(null=True, blank=True)
    reason = models.CharField(max_length=500)
    created_at = models.DateTimeField()

    class Meta:
        ordering = ["effective_on", "pk"]
        verbose_name_plural = "policies"
        constraints = [
            models.CheckConstraint(
                condition=Q(settle_days__lte=F("due_days") + F("grace_days")),
                name="policy_settle_within_wait",
                violation_error_message="Settling days cannot exceed due day and grace together.",
            ),
            models.CheckConstraint(
                condition=Q(patience__gte=1, recovery__gte=1, due_hour__lte=23)
                & (Q(window_n=None) | Q(window_n__gte=F("patience"))),
                name="policy_counts",
                violation_error_message="K of the last N: N is at least K.",
            ),
            models.CheckConstraint(
                condition=Q(near_policy__in=NearPolicy.values)
                & Q(missing_policy__in=MissingPolicy.values),
                name="policy_kinds_known",
            ),
            models.CheckConstraint(
                condition=(Q(tolerance_pct=None) | Q(tolerance_pct__gte=0))
                & (Q(fast_pct=None, fast_patience=None) | Q(fast_pct__gt=0, fast_patience__gte=1)),
                name="policy_fast_lane",
                violation_error_message="A fast lane needs a distance above 0 and a count.",
            ),
            models.CheckConstraint(
                condition=Q(is_ended=False) | Q(team__isnull=False),
                name="policy_only_a_team_ends",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.cadence} from {self.effective_on}"


class KpiPolicy(models.Model):
    """One row: what a KPI says for itself from a day on. Append-only.

    The fields are those of `metrics.policies.Own`, and mean what they mean there; a row that says
    nothing lets the KPI follow its team again. A later row of the same day replaces the earlier.
    `Kpi.policies` is what the rows of a KPI come to; `actions.kpi_policies` writes both.
    """

    kpi = models.ForeignKey(Kpi, on_delete=models.CASCADE, related_name="own_policies")
    effective_on = models.DateField()
    patience = models.PositiveSmallIntegerField(null=True, blank=True, validators=[_ONE])
    recovery = models.PositiveSmallIntegerField(null=True, blank=True, validators=[_ONE])
    grace_days = models.PositiveSmallIntegerField(null=True, blank=True, validators=[_YEAR])
    settle_days = models.PositiveSmallIntegerField(null=True, blank=True, validators=[_YEAR])
    near_policy = models.CharField(max_length=5, choices=NearPolicy, blank=True, default="")
    missing_policy = models.CharField(max_length=5, choices=MissingPolicy, blank=True, default="")
    max_gap = models.PositiveSmallIntegerField(default=1)
    stale_after = models.PositiveSmallIntegerField(default=2, validators=[_ONE])
    reopen_window = models.PositiveSmallIntegerField(null=True, blank=True)
    window_k = models.PositiveSmallIntegerField(null=True, blank=True, validators=[_ONE])
    window_n = models.PositiveSmallIntegerField(null=True, blank=True, validators=[_ONE])
    author = person(null=True, blank=True)
    reason = models.CharField(max_length=500)
    created_at = models.DateTimeField()

    objects = KpiPartQuerySet.as_manager()

    class Meta:
        ordering = ["effective_on", "pk"]
        verbose_name_plural = "KPI policies"
        constraints = [
            models.CheckConstraint(
                condition=(Q(patience=None) | Q(patience__gte=1))
                & (Q(recovery=None) | Q(recovery__gte=1))
                & Q(stale_after__gte=1),
                name="kpi_policy_counts",
            ),
            models.CheckConstraint(
                condition=Q(settle_days=None)
                | Q(grace_days__isnull=False, settle_days__lte=F("grace_days")),
                name="kpi_policy_settle_within_grace",
                violation_error_message="Settling days need at least as many days of grace.",
            ),
            models.CheckConstraint(
                condition=Q(window_k=None, window_n=None)
                # Said, so that one of both is not merely unknown.
                | Q(window_k__isnull=False, window_n__isnull=False)
                & Q(window_k__gte=1, window_n__gte=F("window_k")),
                name="kpi_policy_window",
                violation_error_message="K of the last N: N is at least K.",
            ),
            models.CheckConstraint(
                condition=Q(near_policy__in=["", *NearPolicy.values])
                & Q(missing_policy__in=["", *MissingPolicy.values]),
                name="kpi_policy_kinds_known",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kpi} from {self.effective_on}"

    @property
    def own(self) -> Own:
        """What the row says."""
        return Own(*(getattr(self, name) for name in Own._fields))
