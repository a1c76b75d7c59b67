"""Episodes off target, what happened to them, and the OKRs that answer them."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from metrics.kinds import CadenceKind, EndReason, Severity, SignalKind
from metrics.models.fields import number_field, person
from metrics.models.kpis import Kpi, Source
from metrics.models.targets import Target
from metrics.querysets import SignalQuerySet
from teams.models import Team


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
