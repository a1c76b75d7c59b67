"""KPIs, their targets, values and signals. The rules of every number are in `signals.md`."""

from __future__ import annotations

from django.conf import settings
from django.core.validators import MaxLengthValidator
from django.db import models
from django.db.models import F, Q

from metrics.kinds import (
    Aggregation,
    CadenceKind,
    Direction,
    EndReason,
    MissingPolicy,
    NearPolicy,
    Severity,
    SignalKind,
)
from metrics.querysets import KpiPartQuerySet, KpiQuerySet, KpiStateQuerySet, SignalQuerySet
from teams.models import Organisation, Team


def number_field(**options) -> models.DecimalField:
    """A stored quantity: 12 digits before the point, 15 after, at most 15 of them significant.

    15 significant digits come back equal from PostgreSQL's numeric and from SQLite's REAL.
    """
    return models.DecimalField(max_digits=27, decimal_places=15, **options)


def person(**options) -> models.ForeignKey:
    """A person named in history; the row outlives the person's account."""
    return models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", **options
    )


class Cadence(models.Model):
    """One row is a rhythm an organisation measures in, with its presets (signals.md 16).

    `grace_days` after a period's end before a value counts as missing; `settle_days` (at most the
    grace) during which a value may still change before it is judged. `patience` off-target periods
    raise a signal; `recovery` on-target periods resolve it.
    """

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    name = models.CharField(max_length=80)
    kind = models.CharField(max_length=9, choices=CadenceKind)
    grace_days = models.PositiveSmallIntegerField(default=0)
    settle_days = models.PositiveSmallIntegerField(default=0)
    patience = models.PositiveSmallIntegerField(default=3)
    recovery = models.PositiveSmallIntegerField(default=2)

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
            models.UniqueConstraint(fields=["organisation", "name"], name="cadence_name_once"),
        ]

    def __str__(self) -> str:
        return self.name


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
    take the cadence's preset or the default of signals.md 3.
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
    missing_policy = models.CharField(
        max_length=5, choices=MissingPolicy, default=MissingPolicy.HOLD
    )
    near_policy = models.CharField(max_length=5, choices=NearPolicy, default=NearPolicy.HOLD)
    max_gap = models.PositiveSmallIntegerField(default=1)
    stale_after = models.PositiveSmallIntegerField(default=2)
    reopen_window = models.PositiveSmallIntegerField(null=True, blank=True)
    window_k = models.PositiveSmallIntegerField(null=True, blank=True)
    window_n = models.PositiveSmallIntegerField(null=True, blank=True)
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
                | Q(window_k__gte=1, window_n__gte=F("window_k")),
                name="kpi_window",
            ),
            models.CheckConstraint(condition=~Q(parent=F("pk")), name="kpi_not_own_parent"),
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return f"/kpis/{self.pk}/"


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


class Target(models.Model):
    """One row: what counts as on target from a date on. Never edited; a later row replaces.

    `value` for one-sided directions, `low` and `high` for a range. `tolerance` is absolute, in the
    KPI's unit; `tolerance_pct` is 0-100 of |value|, or of the range's width. A withdrawn row ends
    the judging from its date.
    """

    kpi = models.ForeignKey(Kpi, on_delete=models.CASCADE, related_name="targets")
    effective_on = models.DateField()
    value = number_field(null=True, blank=True)
    low = number_field(null=True, blank=True)
    high = number_field(null=True, blank=True)
    tolerance = number_field(null=True, blank=True)
    tolerance_pct = models.DecimalField(max_digits=6, decimal_places=3, null=True, blank=True)
    is_withdrawn = models.BooleanField(default=False)
    patience = models.PositiveSmallIntegerField(null=True, blank=True)
    recovery = models.PositiveSmallIntegerField(null=True, blank=True)
    fast_gap = number_field(null=True, blank=True)
    fast_patience = models.PositiveSmallIntegerField(null=True, blank=True)
    author = person(null=True, blank=True)
    reason = models.CharField(max_length=500, blank=True)
    created_at = models.DateTimeField()

    objects = KpiPartQuerySet.as_manager()

    class Meta:
        ordering = ["effective_on", "pk"]
        indexes = [models.Index(fields=["kpi", "effective_on"], name="target_by_date")]
        constraints = [
            models.CheckConstraint(
                condition=Q(is_withdrawn=True, value=None, low=None, high=None)
                | Q(is_withdrawn=False, value__isnull=False, low=None, high=None)
                | Q(is_withdrawn=False, value=None, low__isnull=False, high__gt=F("low")),
                name="target_one_shape",
                violation_error_message="A target is one value, or a range whose low is below "
                "its high.",
            ),
            models.CheckConstraint(
                condition=(Q(tolerance=None) | Q(tolerance__gte=0, tolerance_pct=None))
                & (Q(tolerance_pct=None) | Q(tolerance_pct__gte=0)),
                name="target_tolerance",
                violation_error_message="A tolerance is zero or more, absolute or in per cent.",
            ),
            models.CheckConstraint(
                condition=Q(fast_gap=None, fast_patience=None)
                | Q(fast_gap__gt=0, fast_patience__gte=1),
                name="target_fast_lane",
            ),
        ]

    def __str__(self) -> str:
        return f"target from {self.effective_on}"


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


class Measurement(models.Model):
    """One row is a fact as it stands now: a value for a period, or a reading on a day.

    The key is (KPI, local day, identity); there is no surrogate, which loads 1.3-1.6 times faster.
    `day` is a period's first day or the local date of a reading. `identity` is the cadence kind for
    a period value ("weekly"), "" for a bare date, the naive local time "10:00:00" or the UTC
    instant for a stamped reading, and "id:<external id>" where the source gave one. `value` None
    means the value was withdrawn. `denominator` is only for ratios. What it replaced is in
    MeasurementRevision.

    The foreign keys are not checked row by row: of a million rows those checks cost more than
    loading them. Django still cascades and protects, and an import locks its KPIs first.
    """

    pk = models.CompositePrimaryKey("kpi", "day", "identity")
    kpi = models.ForeignKey(
        Kpi, on_delete=models.CASCADE, related_name="+", db_index=False, db_constraint=False
    )
    day = models.DateField()
    identity = models.CharField(max_length=120, default="")
    value = number_field(null=True)
    denominator = number_field(null=True)
    observed_at = models.DateTimeField(null=True)
    external_id = models.CharField(max_length=100, default="")
    source = models.ForeignKey(
        Source,
        on_delete=models.PROTECT,
        null=True,
        related_name="+",
        db_index=False,
        db_constraint=False,
    )
    batch = models.ForeignKey(
        ImportBatch,
        on_delete=models.PROTECT,
        null=True,
        related_name="+",
        db_index=False,
        db_constraint=False,
    )
    author = person(null=True, db_index=False, db_constraint=False)
    recorded_at = models.DateTimeField()
    revision = models.PositiveSmallIntegerField(default=0)

    objects = KpiPartQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["kpi", "source", "external_id"],
                condition=~Q(external_id=""),
                name="measurement_external_id_once",
            )
        ]

    def __str__(self) -> str:
        return f"{self.kpi_id} {self.day} {self.identity}: {self.value}"


class MeasurementRevision(models.Model):
    """One row is a value as it was before a correction or withdrawal. Append-only."""

    kpi = models.ForeignKey(Kpi, on_delete=models.CASCADE, related_name="+", db_index=False)
    day = models.DateField()
    identity = models.CharField(max_length=120)
    revision = models.PositiveSmallIntegerField()
    value = number_field(null=True)
    denominator = number_field(null=True)
    source = models.ForeignKey(
        Source, on_delete=models.PROTECT, null=True, related_name="+", db_index=False
    )
    batch = models.ForeignKey(
        ImportBatch, on_delete=models.PROTECT, null=True, related_name="+", db_index=False
    )
    author = person(null=True, db_index=False)
    recorded_at = models.DateTimeField()
    replaced_at = models.DateTimeField()
    replaced_by = person(null=True, db_index=False)
    reason = models.CharField(max_length=500, blank=True)

    objects = KpiPartQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["kpi", "day", "identity", "revision"], name="revision_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.kpi_id} {self.day} rev {self.revision}: {self.value}"


class Exclusion(models.Model):
    """One row: a person took a period out of the judging, with a reason; lifting keeps the row."""

    kpi = models.ForeignKey(Kpi, on_delete=models.CASCADE, related_name="exclusions")
    cadence_kind = models.CharField(max_length=9, choices=CadenceKind)
    period_on = models.DateField()
    reason = models.CharField(max_length=500, validators=[MaxLengthValidator(500)])
    author = person(null=True)
    created_at = models.DateTimeField()
    lifted_at = models.DateTimeField(null=True, blank=True)
    lifted_by = person(null=True, blank=True)

    objects = KpiPartQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["kpi", "cadence_kind", "period_on"],
                condition=Q(lifted_at=None),
                name="exclusion_once",
            )
        ]

    def __str__(self) -> str:
        return f"{self.period_on} excluded"


class KpiState(models.Model):
    """One row for each KPI: when to look at it again, and where its replay stands.

    `due_at` None means nothing is due. `dirty_from` is the earliest day changed since the
    checkpoint, by `changed_by` if that was one person. `marks` counts the times somebody made it
    due: an evaluation that read an older count leaves it due. `moment` is the latest instant
    evaluated; a task with an earlier one does nothing. `watermark_on` is the first day not judged
    yet. The lock on the row is the lease: an evaluation is one short transaction, so a killed
    process's work is free at once. After `attempts` failures the KPI is
    parked: no due time, and `last_error`. `steady` is the grade of an open off-target
    signal about which nothing but the data can change anything: while that grade stays, the signal
    need not be read. The rest is what pages print without replaying; `recent` is the last periods
    as text (`metrics.evaluation.recent`).
    """

    kpi = models.OneToOneField(
        Kpi, on_delete=models.CASCADE, primary_key=True, related_name="state"
    )
    due_at = models.DateTimeField(null=True, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    last_error = models.TextField(blank=True, default="")
    dirty_from = models.DateField(null=True, blank=True)
    changed_by = person(null=True, blank=True, db_index=False)
    marks = models.PositiveIntegerField(default=0)
    moment = models.DateTimeField(null=True, blank=True)
    checkpoint = models.TextField(blank=True, default="")
    watermark_on = models.DateField(null=True, blank=True)
    phase = models.CharField(max_length=10, default="quiet")
    is_stale = models.BooleanField(default=False)
    steady = models.CharField(max_length=8, blank=True, default="")
    streak = models.PositiveIntegerField(default=0)
    recovery = models.PositiveIntegerField(default=0)
    latest_on = models.DateField(null=True, blank=True)
    latest_value = number_field(null=True, blank=True)
    latest_status = models.CharField(max_length=12, blank=True, default="")
    status_since = models.DateField(null=True, blank=True)
    recent = models.TextField(blank=True, default="")

    objects = KpiStateQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["due_at"], condition=Q(due_at__isnull=False), name="state_due")
        ]

    def __str__(self) -> str:
        return f"{self.kpi_id}: {self.phase}"


class Signal(models.Model):
    """One row is one episode of one kind of one KPI (or, for stale data, of one source).

    The data decide whether it is open; people decide what is done. Acknowledging, snoozing and
    dismissing never change what the data say (signals.md 2). `transitions` numbers its events.
    """

    class Decision(models.TextChoices):
        NONE = "", "undecided"
        OKR = "okr", "fix it with an OKR"
        ACCEPT = "accept", "accept for now"
        DATA = "data", "fix the data"
        TARGET = "target", "revise the target"
        DISMISS = "dismiss", "dismiss"

    kpi = models.ForeignKey(
        Kpi, on_delete=models.CASCADE, null=True, blank=True, related_name="signals"
    )
    source = models.ForeignKey(
        Source, on_delete=models.CASCADE, null=True, blank=True, related_name="signals"
    )
    kind = models.CharField(max_length=13, choices=SignalKind)
    is_open = models.BooleanField(default=True)
    cadence_kind = models.CharField(max_length=9, choices=CadenceKind)
    first_off_on = models.DateField()
    raised_on = models.DateField()
    ended_on = models.DateField(null=True, blank=True)
    end_reason = models.CharField(max_length=20, choices=EndReason, blank=True)
    spans = models.JSONField(default=list)
    severity = models.CharField(max_length=8, choices=Severity, default=Severity.MINOR)
    evidence = models.JSONField(default=dict)
    told = models.BooleanField(default=False)
    transitions = models.PositiveIntegerField(default=0)
    opened_at = models.DateTimeField()
    resolved_at = models.DateTimeField(null=True, blank=True)
    retracted_at = models.DateTimeField(null=True, blank=True)
    retract_reason = models.CharField(max_length=20, blank=True)

    decide_by = models.DateField(null=True, blank=True)
    acknowledged_at = models.DateTimeField(null=True, blank=True)
    acknowledged_by = person(null=True, blank=True)
    decision = models.CharField(max_length=7, choices=Decision, blank=True, default="")
    decided_at = models.DateTimeField(null=True, blank=True)
    decided_by = person(null=True, blank=True)
    decision_reason = models.TextField(blank=True, max_length=1000)
    snoozed_until = models.DateTimeField(null=True, blank=True)
    accepted_level = number_field(null=True, blank=True)
    accepted_until = models.DateField(null=True, blank=True)
    dismissed_at = models.DateTimeField(null=True, blank=True)
    workflow = models.JSONField(default=dict)
    version = models.PositiveIntegerField(default=1)

    objects = SignalQuerySet.as_manager()

    class Meta:
        ordering = ["-opened_at", "-pk"]
        indexes = [models.Index(fields=["kpi", "kind"], name="signal_by_kpi")]
        constraints = [
            models.UniqueConstraint(
                fields=["kpi", "kind"],
                condition=Q(is_open=True, retracted_at=None, kpi__isnull=False),
                name="signal_open_once",
            ),
            models.UniqueConstraint(
                fields=["source", "kind"],
                condition=Q(is_open=True, retracted_at=None, source__isnull=False),
                name="signal_source_open_once",
            ),
            models.CheckConstraint(
                condition=Q(kpi__isnull=False, source=None)
                | Q(kpi=None, source__isnull=False, kind=SignalKind.DATA_STALE),
                name="signal_on_one_thing",
            ),
            models.CheckConstraint(
                condition=Q(is_open=True, ended_on=None) | Q(is_open=False),
                name="signal_open_has_no_end",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} on {self.kpi or self.source}"

    def get_absolute_url(self) -> str:
        return f"/signals/{self.pk}/"


class SignalEvent(models.Model):
    """One row is a transition of a signal, by the data or by a person. Append-only."""

    signal = models.ForeignKey(Signal, on_delete=models.CASCADE, related_name="events")
    type = models.CharField(max_length=24)
    period_on = models.DateField()
    ordinal = models.PositiveIntegerField()
    at = models.DateTimeField()
    told = models.BooleanField(default=False)
    actor = person(null=True, blank=True)
    reason = models.TextField(blank=True)
    data = models.JSONField(default=dict)

    class Meta:
        ordering = ["at", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["signal", "type", "period_on", "ordinal"], name="signal_event_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.type} {self.period_on}"


class Treatment(models.Model):
    """One row is an OKR that answers a signal, as the KPI sees it.

    The objectives app writes it through `metrics.actions`; so the KPI page can show what is being
    done without knowing what an objective is. `ended_at` is the close of the OKR; `grade` is 0.0 to
    1.0, None while it runs or where nothing was graded.
    """

    signal = models.OneToOneField(Signal, on_delete=models.PROTECT, related_name="treatment")
    team = models.ForeignKey(Team, on_delete=models.PROTECT, related_name="+")
    title = models.CharField(max_length=300)
    url = models.CharField(max_length=200)
    is_private = models.BooleanField(default=False)
    baseline = number_field(null=True, blank=True)
    target = number_field(null=True, blank=True)
    final_value = number_field(null=True, blank=True)
    grade = models.DecimalField(max_digits=2, decimal_places=1, null=True, blank=True)
    starts_on = models.DateField()
    ends_on = models.DateField()
    began_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)
    proposal = models.JSONField(default=dict)
    choice = models.CharField(max_length=8, blank=True)
    chosen_target = models.ForeignKey(
        Target, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(grade=None) | Q(grade__range=(0, 1)), name="treatment_grade"
            ),
            models.CheckConstraint(
                condition=Q(ends_on__gte=F("starts_on")), name="treatment_dates"
            ),
        ]

    def __str__(self) -> str:
        return self.title


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
