"""When a source falls silent: one signal on the source instead of one on each KPI (signals.md 8).

If two or more KPIs of one source go stale in one run, the source's signal replaces theirs. While
it is open, a KPI of that source that goes stale too says nothing of its own; it ends when no KPI of
the source is stale any more.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import NamedTuple

from metrics.episodes import REPORTED, STALE_KIND
from metrics.evaluation.evidence import Facts, stale_evidence
from metrics.evaluation.stepping import Walk
from metrics.evaluation.storing import event_key, insert_signals
from metrics.evaluation.transitions import Transition
from metrics.models import KpiState, Signal, SignalEvent
from metrics.signal_changes import MERGED, RAISED, RESOLVED, RETRACTED


class SourceEvent(NamedTuple):
    """A source that fell silent (`raised`) or reports again (`resolved`), and whom it concerns."""

    type: str
    source_id: int
    signal_id: int
    key: str
    sentence: str
    kpi_ids: tuple[int, ...]


class Grouping(NamedTuple):
    """The transitions that stay with their KPIs, and the sources that take the others over."""

    kept: list[Transition]
    silent: dict[int, list[Transition]]


def group(transitions: Sequence[Transition], now: datetime) -> Grouping:
    """Take new staleness out of `transitions` where a source's signal covers or replaces it."""
    fresh: dict[int, list[Transition]] = defaultdict(list)
    kept = []
    for one in transitions:
        source_id = one.walk.subject.source_id
        if one.signal.kind == STALE_KIND and one.row is None and source_id is not None:
            fresh[source_id].append(one)
        else:
            kept.append(one)
    if not fresh:
        return Grouping(kept, {})
    covers = _covers(fresh)
    siblings = _siblings(fresh, now)
    silent: dict[int, list[Transition]] = {}
    for source_id, own in fresh.items():
        own = [one for one in own if not _is_covered(one, covers.get(source_id, ()))]
        opening = [one for one in own if one.signal.is_open]
        if opening and len(opening) + siblings.get(source_id, 0) >= 2:
            silent[source_id] = opening
            own = [one for one in own if not one.signal.is_open]
        kept += own
    return Grouping(kept, silent)


def _covers(source_ids: Iterable[int]) -> dict[int, list[tuple[date, date | None]]]:
    """The ranges of the standing signals on sources, by source: first and last missing period."""
    found: dict[int, list[tuple[date, date | None]]] = defaultdict(list)
    rows = Signal.objects.standing().filter(source_id__in=list(source_ids))
    for source_id, first, ended in rows.values_list("source_id", "first_off_on", "ended_on"):
        found[source_id].append((first, ended))
    return found


def _is_covered(one: Transition, ranges: Iterable[tuple[date, date | None]]) -> bool:
    until = one.signal.until
    return any(
        (until is None or first < until) and (ended is None or one.signal.first <= ended)
        for first, ended in ranges
    )


def _siblings(source_ids: Iterable[int], now: datetime) -> dict[int, int]:
    """How many KPIs of these sources went stale earlier in this run, by source."""
    counts: dict[int, int] = defaultdict(int)
    for source_id in _opened_in_this_run(source_ids, now).values_list("kpi__source_id", flat=True):
        counts[source_id] += 1
    return counts


def _opened_in_this_run(source_ids: Iterable[int], now: datetime):
    return Signal.objects.open().filter(
        kind=STALE_KIND, opened_at=now, kpi__source_id__in=list(source_ids)
    )


def raise_on_sources(
    silent: dict[int, list[Transition]], facts: dict[int, Facts], now: datetime
) -> list[SourceEvent]:
    """Open one signal on each silent source; a KPI's own of this run is merged into it."""
    signals = []
    for source_id, own in silent.items():
        widest = min(own, key=lambda one: one.signal.first)
        names = sorted(facts[one.kpi_id].name for one in own)
        span = widest.signal.spans[-1]
        signals.append(
            Signal(
                source_id=source_id,
                kind=STALE_KIND,
                cadence_kind=widest.walk.plan.kind,
                first_off_on=span.first,
                raised_on=span.raised,
                severity=span.severity,
                evidence=stale_evidence(widest, span, names),
                told=any(one.signal.told for one in own),
                transitions=1,
                opened_at=now,
            )
        )
    insert_signals(signals)
    _merge_earlier(silent, now)
    return [
        _event(signal, RAISED, tuple(one.kpi_id for one in silent[signal.source_id]), now)
        for signal in signals
    ]


def _merge_earlier(source_ids: Iterable[int], now: datetime) -> None:
    for signal in _opened_in_this_run(source_ids, now):
        signal.transitions += 1
        signal.is_open, signal.retracted_at, signal.retract_reason = False, now, MERGED
        signal.save(update_fields=["transitions", "is_open", "retracted_at", "retract_reason"])
        SignalEvent.objects.create(
            signal=signal,
            type=RETRACTED,
            period_on=signal.raised_on,
            ordinal=signal.transitions,
            at=now,
            reason=MERGED,
        )


def resolve_sources(walks: Iterable[Walk], now: datetime) -> list[SourceEvent]:
    """End the signals of sources none of whose KPIs is stale any more, by the written states."""
    ended: dict[int, date] = {}
    for walk in walks:
        if not walk.state.is_stale or walk.result.standing.is_stale:
            continue
        source_id = walk.subject.source_id
        if source_id is not None:
            latest = walk.result.latest
            day = latest.start if latest else walk.plan.today
            ended[source_id] = max(day, ended.get(source_id, day))
    if not ended:
        return []
    still = set(
        KpiState.objects.filter(is_stale=True, kpi__source_id__in=list(ended)).values_list(
            "kpi__source_id", flat=True
        )
    )
    events = []
    reporting = ended.keys() - still
    for signal in Signal.objects.open().filter(source_id__in=reporting):
        signal.is_open, signal.resolved_at = False, now
        signal.ended_on = max(ended[signal.source_id], signal.raised_on)
        signal.end_reason = REPORTED
        signal.transitions += 1
        signal.save(
            update_fields=["is_open", "resolved_at", "ended_on", "end_reason", "transitions"]
        )
        kpi_ids = tuple(signal.source.kpis.values_list("pk", flat=True))
        events.append(_event(signal, RESOLVED, kpi_ids, now))
    return events


def _event(signal: Signal, kind: str, kpi_ids: tuple[int, ...], now: datetime) -> SourceEvent:
    period_on = signal.ended_on or signal.raised_on
    SignalEvent.objects.create(
        signal=signal,
        type=kind,
        period_on=period_on,
        ordinal=signal.transitions,
        at=now,
        told=signal.told,
        reason=signal.end_reason,
    )
    key = event_key(signal.pk, kind, period_on, signal.transitions)
    sentence = signal.evidence.get("sentence", "")
    return SourceEvent(kind, signal.source_id, signal.pk, key, sentence, kpi_ids)
