"""A signal as it is stored, and what may happen to it (signals.md 9).

The words of `reconcile`: what goes in, what comes out, and what the caller writes.
"""

from dataclasses import dataclass, replace
from datetime import date
from typing import NamedTuple

from metrics.replay import Span

# Types of events.
RAISED = "raised"
RECORDED = "recorded"
RESOLVED = "resolved"
REOPENED = "reopened"
ESCALATED = "escalated"
RETRACTED = "retracted"
EVIDENCE_CHANGED = "evidence_changed"
REMINDER = "reminder"
OKR_CLOSED_STILL_OFF = "okr_closed_still_off"
RESUGGESTED = "resuggested"

# Reasons of a reopening or a retraction; those of a resolution are kinds.EndReason.
RELAPSE = "relapse"
DATA_CORRECTED = "data_corrected"
MERGED = "merged"


@dataclass(frozen=True, slots=True)
class StoredSignal:
    """A signal as it is stored, or (in a `Change`) as it must be stored now.

    ``id`` is None for a new one. ``told``: somebody was told of its latest raise, by the raise
    itself, a reopening or a reminder. ``reminder_due``: a snooze covers it since; the caller sets
    it (`snoozed`) when a person snoozes an open signal. ``okr_closed_on`` is the local date its OKR
    was closed, None while that is open. ``retracted`` is the reason and ``merged_into`` the signal
    that took its place, ``heir_of`` the merged signal whose OKR answers this one from now on.
    """

    id: int | None
    kind: str
    spans: tuple[Span, ...]
    told: bool = False
    reminder_due: bool = False
    dismissed: bool = False
    has_okr: bool = False
    okr_closed_on: date | None = None
    still_off_noted: bool = False
    resuggested: bool = False
    evidence_changed: bool = False
    retracted: str | None = None
    merged_into: int | None = None
    heir_of: int | None = None

    @property
    def first(self) -> date:
        return self.spans[0].first

    @property
    def until(self) -> date | None:
        return self.spans[-1].until

    @property
    def is_open(self) -> bool:
        return self.spans[-1].ended is None and self.retracted is None

    @property
    def severity(self) -> str:
        return self.spans[-1].severity


class Event(NamedTuple):
    """One transition. ``period`` is the start of the period it is dated to; ``suggests``: it asks
    for a decision about an OKR."""

    type: str
    told: bool
    period: date
    severity: str
    reason: str | None = None
    suggests: bool = False


class Change(NamedTuple):
    """What to store for one signal and the events to append, in order. Without events it is an
    update in place: evidence and periods."""

    signal: StoredSignal
    events: tuple[Event, ...]


def snoozed(signal: StoredSignal) -> StoredSignal:
    """The signal after a person snoozed or accepted it while it is open: one reminder is due."""
    return replace(signal, reminder_due=True) if signal.is_open else signal
