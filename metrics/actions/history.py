"""The history row that stands beside every change of a KPI."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

from django.db.models import Model

from metrics.models import Kpi, KpiEvent, Source
from metrics.numbers import number_text
from teams.actions import audit
from teams.models import AuditEvent, User

# What a kind of history is about, where it is not the KPI itself: the record is searched by it.
_ABOUT = {
    "target_set": "target",
    "target_revised": "target",
    "target_withdrawn": "target",
    "value_recorded": "value",
    "value_corrected": "value",
    "value_withdrawn": "value",
    "values_imported": "value",
    "period_excluded": "exclusion",
    "exclusion_lifted": "exclusion",
}


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
    settings: dict | None = None,
) -> KpiEvent:
    """Append what changed to the KPI's decision log and to the audit record.

    `settings` is what the record keeps beside `after`, and the log does not show. The caller's
    transaction carries both.
    """
    kept = (after or {}) | (settings or {})
    audit.record_many([kpi_event(kpi, kind, by=actor, before=before, after=kept, reason=reason)])
    return KpiEvent.objects.create(
        kpi=kpi,
        type=kind,
        at=now,
        actor=actor,
        reason=reason,
        before={name: as_text(value) for name, value in (before or {}).items()},
        after={name: as_text(value) for name, value in (after or {}).items()},
    )


def kpi_event(kpi: Kpi, verb: str, *, by: User | None, **said) -> AuditEvent:
    """An event of the audit record about a KPI, what it measures or is measured against."""
    return audit.event(
        verb,
        _ABOUT.get(verb, "kpi"),
        kpi,
        by=by,
        label=kpi.name,
        team=kpi.team_id,
        organisation_id=by.organisation_id if by else kpi.team.organisation_id,
        is_private=kpi.is_private,
        **said,
    )


def note_source(source: Source, *, by: User | None) -> None:
    """Tell the audit record of a new source."""
    after = {"kind": source.kind}
    audit.record("created", "source", source, by=by, team=source.team, after=after)
