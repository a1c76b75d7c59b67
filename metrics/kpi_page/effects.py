"""What an edit would do to the KPI's signals, in sentences, before it is saved (signals.md 10)."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from metrics.evaluation import Preview, PreviewedEvent, preview
from metrics.judging import Target
from metrics.kinds import SignalKind
from metrics.models import Kpi
from metrics.periods import Period, period_label, period_of
from metrics.signal_changes import MERGED, RECORDED
from metrics.wording import plural

_SENTENCES = {
    "raised": "Raises a signal, {severity}, for {period}.",
    "recorded": "Records a signal that is over, of {period}; nobody is told.",
    "resolved": "Resolves the open signal for {period}{reason}.",
    "reopened": "Reopens the signal for {period}.",
    "escalated": "The open signal becomes {severity}.",
    "retracted": "Withdraws the signal of {period}: the data would no longer show it.",
    "merged": "Merges the signal of {period} into an earlier one.",
    "evidence_changed": "Changes the evidence an OKR was based on, {period}; its owner is told.",
    "reminder": "Reminds of the open signal.",
    "resuggested": "Suggests an OKR again.",
    "okr_closed_still_off": "Notes that the OKR closed before the KPI recovered.",
}
_REASONS = {
    "standard_relaxed": ": the target is relaxed, not reached",
    "standard_withdrawn": ": the target is withdrawn",
}


def value_effects(kpi: Kpi, period: Period, value: Decimal | None, now: datetime) -> list[str]:
    """What another value (None: none) for a period would do."""
    return _sentences(kpi, preview(kpi, now, values={period.start: value}))


def exclusion_effects(kpi: Kpi, period: Period, now: datetime, *, is_excluding: bool) -> list[str]:
    """What excluding a period, or judging it again, would do."""
    return _sentences(kpi, preview(kpi, now, exclusions={period.start: is_excluding}))


def target_effects(kpi: Kpi, change: dict[str, Any], now: datetime) -> list[str]:
    """What another target would do; `change` is what `revise_target` takes."""
    target = Target(
        change["effective_on"],
        target=change["value"],
        low=change["low"],
        high=change["high"],
        tolerance=change["tolerance"],
        tolerance_pct=change["tolerance_pct"],
        patience=change.get("patience"),
        recovery=change.get("recovery"),
        fast_gap=change.get("fast_gap"),
        fast_patience=change.get("fast_patience"),
        over=change.get("accumulates", ""),
    )
    return _sentences(kpi, preview(kpi, now, targets=[target]))


def withdrawal_effects(kpi: Kpi, effective_on: date, now: datetime) -> list[str]:
    """What ending the judging on a day would do."""
    return _sentences(kpi, preview(kpi, now, targets=[Target(effective_on, withdrawn=True)]))


def import_sentences(kpi: Kpi, found: Preview) -> list[str]:
    """What an import would do; what it would only record is counted, a file brings much of it."""
    past = len(found.of_type(RECORDED))
    told = [_sentence(kpi, event) for event in found.events if event.type != RECORDED]
    if past:
        told.append(f"Records {plural(past, 'signal')} of the past; nobody is told.")
    return told


def _sentences(kpi: Kpi, found: Preview) -> list[str]:
    """One sentence for each event, in the order it would happen."""
    return [_sentence(kpi, event) for event in found.events]


def _sentence(kpi: Kpi, event: PreviewedEvent) -> str:
    month = kpi.team.organisation.fiscal_start_month
    kind = kpi.cadence.kind if kpi.cadence else "daily"
    key = MERGED if event.reason == MERGED else event.type
    words = _SENTENCES.get(key, "Changes the signal of {period}.").format(
        severity=event.severity,
        period=period_label(period_of(event.period, kind, month), month),
        reason=_REASONS.get(event.reason or "", ""),
    )
    if event.kind != SignalKind.OFF_TARGET:
        return f"{SignalKind(event.kind).label}: {words[0].lower()}{words[1:]}"
    return words
