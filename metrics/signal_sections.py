"""The signals page's sections: which signal stands where, in the order in which they need people.

A signal stands in one section only, found in the database so that paging and counting cost the same
at 10 and at 1,000 signals.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import NamedTuple

from django.db.models import Case, Count, F, IntegerField, Q, QuerySet, Value, When

from metrics.kinds import SignalKind
from metrics.models import Signal

DECIDE, ADDRESSED, RESTING, RECOVERING, SILENT, RESOLVED = range(1, 7)
RESOLVED_DAYS = 90
PAGE = 50


class Section(NamedTuple):
    """What a section is called, and what belongs there."""

    number: int
    title: str
    note: str


SECTIONS = (
    Section(DECIDE, "Needs a decision", "Overdue first"),
    Section(ADDRESSED, "Being addressed", "Answered; the KPI shows its true status beside it"),
    Section(RESTING, "Accepted, snoozed or dismissed", "Quiet until a date or until it changes"),
    Section(RECOVERING, "Recovering", "On target again, not yet for long enough"),
    Section(SILENT, "Data missing", "Values that were expected and did not come"),
    Section(RESOLVED, "Resolved", f"In the last {RESOLVED_DAYS} days"),
)


def in_sections(signals: QuerySet, now: datetime) -> QuerySet:
    """Signals that belong on the page, with their `section`, the most urgent first."""
    since = now - timedelta(days=RESOLVED_DAYS)
    speaks = Q(snoozed_until=None) | Q(snoozed_until__lte=now)
    off = Q(kind=SignalKind.OFF_TARGET)
    section = Case(
        When(off & Q(is_open=True, decision="") & speaks, then=Value(DECIDE)),
        When(Q(is_open=True, kind=SignalKind.DATA_STALE), then=Value(SILENT)),
        When(off & Q(is_open=False, resolved_at__gte=since), then=Value(RESOLVED)),
        When(off & Q(is_open=True, kpi__state__phase="recovering"), then=Value(RECOVERING)),
        When(off & Q(is_open=True, decision__in=["okr", "data", "target"]), then=Value(ADDRESSED)),
        When(off & Q(is_open=True), then=Value(RESTING)),
        default=None,
        output_field=IntegerField(),
    )
    return (
        signals.standing()
        .annotate(section=section)
        .exclude(section=None)
        .order_by("section", F("decide_by").asc(nulls_last=True), "-opened_at", "-pk")
    )


def with_row_parts(signals: QuerySet) -> QuerySet:
    """With everything one row prints, in one query."""
    return signals.select_related(
        "kpi__team",
        "kpi__owner",
        "kpi__state",
        "kpi__cadence",
        "source__team",
        "treatment",
        "decided_by",
    )


def section_counts(sectioned: QuerySet) -> dict[int, int]:
    """How many signals stand in each section; 0 where none does."""
    found = sectioned.order_by().values_list("section").annotate(count=Count("pk"))
    return dict.fromkeys(range(1, 7), 0) | dict(found)


def needs_decision(signal: Signal, now: datetime) -> bool:
    """Whether this signal waits for an answer: the row-level twin of the first section."""
    speaks = signal.snoozed_until is None or signal.snoozed_until <= now
    return (
        signal.is_open
        and signal.retracted_at is None
        and signal.kind == SignalKind.OFF_TARGET
        and not signal.decision
        and speaks
    )
