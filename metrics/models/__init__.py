"""KPIs, their targets, values and signals. The rules of every number are in `signals.md`."""

from metrics.models.fields import number_field, person
from metrics.models.imports import ImportBatch
from metrics.models.kpis import Cadence, CadenceChange, Kpi, KpiEvent, Source
from metrics.models.measurements import Exclusion, Measurement, MeasurementRevision
from metrics.models.policies import KpiPolicy, Policy
from metrics.models.signals import Signal, SignalEvent, Treatment
from metrics.models.states import KpiState
from metrics.models.targets import Target

__all__ = [
    "Cadence",
    "CadenceChange",
    "Exclusion",
    "ImportBatch",
    "Kpi",
    "KpiEvent",
    "KpiPolicy",
    "KpiState",
    "Measurement",
    "MeasurementRevision",
    "Policy",
    "Signal",
    "SignalEvent",
    "Source",
    "Target",
    "Treatment",
    "number_field",
    "person",
]
