"""KPIs, the rhythm they are measured in, where their values come from, and their history."""

from __future__ import annotations

from datetime import date

from django.db import models
from django.db.models import F, Q

from metrics import policies
from metrics.episodes import Settings
from metrics.kinds import (
    Aggregation,
    CadenceKind,
    Direction,
    MissingPolicy,
    NearPolicy,
    Theme,
)
from metrics.models.fields import number_field, person
from metrics.querysets import KpiPartQuerySet, KpiQuerySet
from teams.models import Organisation, Team


class Cadence(models.Model):
    """One row is a rhythm an organisation measures in, with its presets (signals.md 16).

    `grace_days` after a period's end before a value counts as missing; `settle_days` (at most the
    grace) during which a value may still change before it is judged. `patience` off-target periods
    raise a signal; `recovery` on-target periods resolve it. Those four hold until `policies`, the
    terms from later days on, replace them: the text of what the cadence's `Policy` rows come to.
    """

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    name = models.CharField(max_length=80)
    kind = models.CharField(max_length=9, choices=CadenceKind)
    grace_days = models.PositiveSmallIntegerField(default=0)
    settle_days = models.PositiveSmallIntegerField(default=0)
    patience = models.PositiveSmallIntegerField(default=3)
    recovery = models.PositiveSmallIntegerField(default=2)
    policies = models.TextField(blank=True, default="", db_default="")

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(settle_days__lte=F("grace_days")),
                name="cadence_settle_within_grace",
                violation_error_message="Settling days cannot exceed grace days.",
            ),
            models.CheckConstraint(
                condition=Q(patience__gte=1, recovery__gte=1), name="cadence_counts"
            ),
            models.CheckConstraint(
                condition=Q(kind__in=CadenceKind.values), name="cadence_kind_known"
            ),
            models.UniqueConstraint(
                fields=["organisation", "name"],
                name="cadence_name_once",
                violation_error_message="Another cadence already has this name.",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def preset(self) -> policies.Terms:
        """The terms that hold until others replace them."""
        return policies.Terms(self.grace_days, self.settle_days, self.patience, self.recovery)

    def terms_on(self, day: date, team_id: int | None) -> policies.Terms:
        """The terms of a team (None: of the organisation) for a period that starts on a day."""
        return policies.in_force(policies.read(self.policies), self.preset, team_id, day)


class Source(models.Model):
    """One row says where values of a team come from; its kind is a module in `metrics/sources/`."""

    class Kind(models.TextChoices):
        MANUAL = "manual", "entered by hand"
        CSV = "csv_upload", "CSV upload"

    team = models.ForeignKey(Team, on_delete=models.PROTECT, related_name="sources")
    kind = models.CharField(max_length=20, choices=Kind)
    name = models.CharField(max_length=120)
    note = models.CharField(max_length=500, blank=True)
    settings = models.JSONField(default=dict, blank=True)

    class Meta:
        ordering = ["name", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["team", "name"], name="source_name_once"),
        ]

    def __str__(self) -> str:
        return self.name


class Kpi(models.Model):
    """One row is a metric a team watches for ever.

    It is a KPI, and judged, once it has its four essentials: a definition, a target, a source and a
    cadence. Without one of them it is a metric: charted, never judged. The settings that are NULL
    or empty are as the cadence says for its team, or the default of signals.md 3. They hold from
    the beginning until `policies`, what it says for itself from later days on, replaces them: the
    text of what its `KpiPolicy` rows come to. `theme` is what
    sort of health it tells of; `counterpart` the KPI that would slip if this one were won at its
    cost.
    """

    class Nature(models.TextChoices):
        LEADING = "leading", "leading"
        LAGGING = "lagging", "lagging"

    team = models.ForeignKey(Team, on_delete=models.PROTECT, related_name="kpis")
    name = models.CharField(max_length=200)
    definition = models.TextField(blank=True, max_length=2000)
    why = models.TextField(blank=True, max_length=1000)
    owner = person(null=True, blank=True)
    unit = models.CharField(max_length=20, blank=True)
    direction = models.CharField(max_length=16, choices=Direction, default=Direction.HIGHER)
    aggregation = models.CharField(max_length=5, choices=Aggregation, default=Aggregation.LAST)
    nature = models.CharField(max_length=7, choices=Nature, default=Nature.LAGGING)
    theme = models.CharField(max_length=10, choices=Theme, blank=True)
    counterpart = models.ForeignKey(
        "self", on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    source = models.ForeignKey(
        Source, on_delete=models.PROTECT, null=True, blank=True, related_name="kpis"
    )
    cadence = models.ForeignKey(
        Cadence, on_delete=models.PROTECT, null=True, blank=True, related_name="kpis"
    )
    parent = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="children"
    )
    starts_on = models.DateField()
    is_private = models.BooleanField(default=False)
    position = models.PositiveIntegerField(default=0)
    version = models.PositiveIntegerField(default=1)

    patience = models.PositiveSmallIntegerField(null=True, blank=True)
    recovery = models.PositiveSmallIntegerField(null=True, blank=True)
    grace_days = models.PositiveSmallIntegerField(null=True, blank=True)
    settle_days = models.PositiveSmallIntegerField(null=True, blank=True)
    min_readings = models.PositiveSmallIntegerField(default=1)
    missing_policy = models.CharField(max_length=5, choices=MissingPolicy, blank=True, default="")
    near_policy = models.CharField(max_length=5, choices=NearPolicy, blank=True, default="")
    max_gap = models.PositiveSmallIntegerField(default=1)
    stale_after = models.PositiveSmallIntegerField(default=2)
    reopen_window = models.PositiveSmallIntegerField(null=True, blank=True)
    window_k = models.PositiveSmallIntegerField(null=True, blank=True)
    window_n = models.PositiveSmallIntegerField(null=True, blank=True)
    policies = models.TextField(blank=True, default="", db_default="", editable=False)
    natural_floor = number_field(null=True, blank=True)
    natural_ceiling = number_field(null=True, blank=True)
    limits_from = models.DateField(null=True, blank=True)
    created_at = models.DateTimeField()
    created_by = person(null=True, blank=True)

    objects = KpiQuerySet.as_manager()

    class Meta:
        ordering = ["position", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["team", "name"],
                name="kpi_name_once",
                violation_error_message="This team already has a KPI of this name.",
            ),
            models.CheckConstraint(
                condition=Q(direction__in=Direction.values), name="kpi_direction_known"
            ),
            models.CheckConstraint(
                condition=Q(aggregation__in=Aggregation.values), name="kpi_aggregation_known"
            ),
            models.CheckConstraint(
                condition=(Q(patience=None) | Q(patience__gte=1))
                & (Q(recovery=None) | Q(recovery__gte=1))
                & Q(min_readings__gte=1, stale_after__gte=1),
                name="kpi_counts",
            ),
            models.CheckConstraint(
                condition=Q(settle_days=None)
                | Q(grace_days__isnull=False, settle_days__lte=F("grace_days")),
                name="kpi_settle_within_grace",
            ),
            models.CheckConstraint(
                condition=Q(window_k=None, window_n=None)
                # Said, so that one of both is not merely unknown.
                | Q(window_k__isnull=False, window_n__isnull=False)
                & Q(window_k__gte=1, window_n__gte=F("window_k")),
                name="kpi_window",
            ),
            models.CheckConstraint(condition=~Q(parent=F("pk")), name="kpi_not_own_parent"),
            models.CheckConstraint(
                condition=Q(theme="") | Q(theme__in=Theme.values), name="kpi_theme_known"
            ),
            models.CheckConstraint(
                condition=Q(counterpart=None) | ~Q(counterpart=F("pk")),
                name="kpi_not_own_counterpart",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return f"/kpis/{self.pk}/"

    def settings_on(self, day: date) -> Settings:
        """What it is judged by in a period that starts on a day; it has a cadence, loaded."""
        terms = self.cadence.terms_on(day, self.team_id)
        return policies.settings_under(terms, self.own_on(day))

    def own_on(self, day: date) -> policies.Own:
        """What it says for itself in a period that starts on a day."""
        return policies.own_on(self.first_own, self.policies, day)

    def due_terms_on(self, day: date) -> policies.Terms:
        """By what people are asked for the value of a period that starts on a day."""
        return policies.due_under(self.cadence.terms_on(day, self.team_id), self.own_on(day))

    @property
    def first_own(self) -> policies.Own:
        """What it has said for itself from the beginning."""
        return policies.Own(*(getattr(self, name) for name in policies.Own._fields))


class CadenceChange(models.Model):
    """One row: from this date on the KPI is measured in this cadence (signals.md 4.6).

    A KPI that always had one cadence has no rows here; `Kpi.cadence` is the latest assignment.
    """

    kpi = models.ForeignKey(Kpi, on_delete=models.CASCADE, related_name="cadence_changes")
    cadence = models.ForeignKey(Cadence, on_delete=models.PROTECT, related_name="+")
    effective_on = models.DateField()
    author = person(null=True, blank=True)
    reason = models.CharField(max_length=500, blank=True)
    created_at = models.DateTimeField()

    objects = KpiPartQuerySet.as_manager()

    class Meta:
        ordering = ["effective_on", "pk"]

    def __str__(self) -> str:
        return f"{self.cadence} from {self.effective_on}"


class KpiEvent(models.Model):
    """One row is a change of a KPI's definition, target, cadence or exclusion. Append-only."""

    kpi = models.ForeignKey(Kpi, on_delete=models.CASCADE, related_name="events")
    type = models.CharField(max_length=24)
    at = models.DateTimeField()
    actor = person(null=True, blank=True)
    reason = models.TextField(blank=True)
    before = models.JSONField(default=dict)
    after = models.JSONField(default=dict)

    class Meta:
        ordering = ["at", "pk"]

    def __str__(self) -> str:
        return f"{self.type} at {self.at:%Y-%m-%d}"
