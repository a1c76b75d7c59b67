"""The history row that stands beside every change of a KPI."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

from django.db.models import Model

from metrics.models import Kpi, KpiEvent
from metrics.numbers import number_text
from teams.models import User


def as_text(value: object) -> object:
    """A stored value as JSON can hold it: numbers and dates as text, a row as its name."""
    match value:
        case Decimal():
            return number_text(value)
        case date():
            return value.isoformat()
        case Model():
            return str(value)
        case None | bool() | int():
            return value
    return str(value)


def write_history(
    kpi: Kpi,
    kind: str,
    *,
    actor: User | None,
    now: datetime,
    reason: str = "",
    before: dict | None = None,
    after: dict | None = None,
) -> KpiEvent:
    """Append what changed to the KPI's decision log; the caller's transaction carries it."""
    return KpiEvent.objects.create(
        kpi=kpi,
        type=kind,
        at=now,
        actor=actor,
        reason=reason,
        before={name: as_text(value) for name, value in (before or {}).items()},
        after={name: as_text(value) for name, value in (after or {}).items()},
    )
