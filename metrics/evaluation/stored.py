"""Signals between their rows and the pure engine's words.

`Signal.spans` is a list of objects with the fields of `replay.Span`, days as ISO text. What the
engine remembers about the workflow and no page asks for is in `Signal.workflow`: `reminder_due`,
`still_off_noted`, `resuggested`, `evidence_changed`, `accepted_since`, `merged_into`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from datetime import date, datetime
from decimal import Decimal
from typing import NamedTuple

from django.db.models import Q

from metrics.episodes import Span
from metrics.evaluation.stepping import Walk
from metrics.models import Signal
from metrics.muting import Acceptance
from metrics.periods import period_end
from metrics.signal_changes import StoredSignal

FLAGS = ("reminder_due", "still_off_noted", "resuggested", "evidence_changed")

_COLUMNS = (
    "id",
    "kpi_id",
    "kind",
    "cadence_kind",
    "first_off_on",
    "raised_on",
    "ended_on",
    "end_reason",
    "spans",
    "severity",
    "told",
    "transitions",
    "dismissed_at",
    "snoozed_until",
    "accepted_level",
    "accepted_until",
    "workflow",
    "treatment__began_at",
    "treatment__ended_at",
)


class SignalRow(NamedTuple):
    """The part of a signal an evaluation may change, or that decides who is told."""

    id: int
    kpi_id: int
    kind: str
    cadence_kind: str
    first_off_on: date
    raised_on: date
    ended_on: date | None
    end_reason: str
    spans: list
    severity: str
    told: bool
    transitions: int
    dismissed_at: datetime | None
    snoozed_until: datetime | None
    accepted_level: Decimal | None
    accepted_until: date | None
    workflow: dict
    treated_at: datetime | None
    treatment_ended_at: datetime | None

    @property
    def in_treatment(self) -> bool:
        """Is an OKR that answers this signal running?"""
        return self.treated_at is not None and self.treatment_ended_at is None

    @property
    def acceptance(self) -> Acceptance | None:
        """Down to which level and until when it is accepted; None: it is not."""
        if self.accepted_level is None or self.accepted_until is None:
            return None
        since = self.workflow.get("accepted_since")
        return Acceptance(
            self.accepted_level,
            self.accepted_until,
            date.fromisoformat(since) if since else self.raised_on,
        )


def load_signals(walks: Collection[Walk]) -> dict[int, list[SignalRow]]:
    """The standing signals each walk is to be reconciled with, by KPI id.

    After a walk from a checkpoint the open ones are enough, unless it raised something: that may
    continue one that ended.
    """
    whole = [walk.kpi_id for walk in walks if walk.replayed or _opens(walk)]
    steady = [walk.kpi_id for walk in walks if not (walk.replayed or _opens(walk))]
    running = Q(is_open=True) | Q(treatment__began_at__isnull=False, treatment__ended_at=None)
    rows: dict[int, list[SignalRow]] = defaultdict(list)
    for ids, narrowed in ((whole, Q()), (steady, running)):
        if ids:
            found = Signal.objects.standing().filter(narrowed, kpi_id__in=ids).order_by("pk")
            for row in found.values_list(*_COLUMNS):
                rows[row[1]].append(SignalRow._make(row))
    return rows


def _opens(walk: Walk) -> bool:
    """Did this walk raise something, rather than find it open?"""
    since = walk.state.checkpoint[:10]
    return any(episode.spans[-1].raised.isoformat() >= since for episode in walk.episodes)


def read_spans(row: SignalRow) -> tuple[Span, ...]:
    """The spans of a signal; one that was stored without them has the span its columns tell."""
    if row.spans:
        return tuple(
            Span(
                date.fromisoformat(span["first"]),
                date.fromisoformat(span["raised"]),
                _day(span["ended"]),
                _day(span["until"]),
                span["reason"],
                span["severity"],
                span["off_periods"],
            )
            for span in row.spans
        )
    until = period_end(row.ended_on, row.cadence_kind) if row.ended_on else None
    reason = row.end_reason or None
    return (Span(row.first_off_on, row.raised_on, row.ended_on, until, reason, row.severity, 0),)


def write_spans(spans: tuple[Span, ...]) -> list[dict]:
    """The spans as they are stored."""
    return [
        {
            "first": span.first.isoformat(),
            "raised": span.raised.isoformat(),
            "ended": span.ended.isoformat() if span.ended else None,
            "until": span.until.isoformat() if span.until else None,
            "reason": span.reason,
            "severity": span.severity,
            "off_periods": span.off_periods,
        }
        for span in spans
    ]


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None


def as_stored(row: SignalRow, walk: Walk) -> StoredSignal:
    """A signal row in the words of `reconcile`."""
    workflow = row.workflow
    ended_at = row.treatment_ended_at
    return StoredSignal(
        row.id,
        row.kind,
        read_spans(row),
        told=row.told,
        dismissed=row.dismissed_at is not None,
        has_okr=row.treated_at is not None,
        okr_closed_on=ended_at.astimezone(walk.plan.zone).date() if ended_at else None,
        **{flag: True for flag in FLAGS if workflow.get(flag)},
    )
