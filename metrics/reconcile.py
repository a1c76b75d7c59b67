"""Reconcile: what the data say now against the signals that are stored (signals.md 9 and 10).

Pure: replayed episodes and stored signals in, changes with their events out. The caller writes the
changes in the order given (what ends comes before what opens, so that "one open signal for each KPI
and kind" holds at every step) in the transaction that locked the KPI.

Usage::

    muted = muting.is_muted(now, kpi.snoozed_until, acceptance, direction, result.verdicts)
    changes = reconcile(
        result.episodes,
        stored,                                  # not the retracted ones; kinds that were replayed
        since=judged_until(old_checkpoint),      # None after a walk from the first period
        muted=frozenset({OFF_KIND}) if muted else frozenset(),
        in_treatment=kpi_has_an_open_okr,
        verdicts=result.verdicts,                # only where needs_verdicts(stored) says so
    )
    for change in changes: ...write change.signal, then change.events

With no episodes, and no stored signal that is open, nothing can change after a walk from a
checkpoint: the caller need not ask.

Workflow never changes what the data say: a snooze, an acceptance, a dismissal or a treatment only
decides whether an event is told.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from datetime import date
from typing import NamedTuple

from metrics.judging import OFF_TARGET
from metrics.replay import OFF_KIND, Episode, Span, Verdict
from metrics.severity import RANK
from metrics.signal_changes import (
    DATA_CORRECTED,
    ESCALATED,
    EVIDENCE_CHANGED,
    MERGED,
    OKR_CLOSED_STILL_OFF,
    RAISED,
    RECORDED,
    RELAPSE,
    REMINDER,
    REOPENED,
    RESOLVED,
    RESUGGESTED,
    RETRACTED,
    Change,
    Event,
    StoredSignal,
)


def needs_verdicts(stored: Iterable[StoredSignal]) -> bool:
    """Must `reconcile` be given the verdicts of all periods since the OKR was closed?"""
    return any(
        signal.is_open and signal.okr_closed_on is not None and not signal.resuggested
        for signal in stored
    )


# -- matching -----------------------------------------------------------------------------------


def _overlap(one: Episode | StoredSignal | Span, other: Episode | StoredSignal | Span) -> bool:
    """Do two ranges of dates share a day? Open ones reach to infinity."""
    return (other.until is None or one.first < other.until) and (
        one.until is None or other.first < one.until
    )


def _pair(
    episodes: Sequence[Episode], stored: Sequence[StoredSignal]
) -> list[tuple[Episode | None, StoredSignal | None, StoredSignal | None]]:
    """(replayed, stored, keeper) by overlap, earliest first, one to one.

    A stored signal left over that overlaps a replayed episode comes with the keeper that stands
    for that episode; one that overlaps none has no keeper.
    """
    left = sorted(stored, key=lambda signal: (signal.first, signal.id or 0))
    pairs: list[tuple[Episode, StoredSignal | None]] = []
    for episode in sorted(episodes, key=lambda one: one.first):
        match = next((signal for signal in left if _overlap(episode, signal)), None)
        if match is not None:
            left.remove(match)
        pairs.append((episode, match))
    found: list[tuple[Episode | None, StoredSignal | None, StoredSignal | None]] = [
        (episode, match, None) for episode, match in pairs
    ]
    for signal in left:
        keeper = next((match for episode, match in pairs if _overlap(episode, signal)), None)
        found.append((None, signal, keeper))
    return found


def _okr_rank(signal: StoredSignal) -> tuple[bool, bool, date]:
    """A running OKR before a closed one before none; of closed ones the last."""
    closed_on = signal.okr_closed_on
    return (signal.has_okr, closed_on is None, closed_on or date.min)


def _inherit(keeper: StoredSignal, merged: Sequence[StoredSignal]) -> StoredSignal:
    """The kept signal with the OKR that answers the merged ones, unless its own counts for more.

    So the KPI stays in treatment, and what was noted after the OKR's close is not said twice.
    """
    best = max(merged, key=_okr_rank, default=keeper)
    if not best.has_okr or (keeper.has_okr and _okr_rank(keeper) >= _okr_rank(best)):
        return keeper
    return replace(
        keeper,
        has_okr=True,
        okr_closed_on=best.okr_closed_on,
        still_off_noted=best.still_off_noted,
        resuggested=best.resuggested,
        dismissed=keeper.dismissed and best.okr_closed_on is not None,
        heir_of=best.id,
    )


# -- one pair at a time -------------------------------------------------------------------------


class _Context(NamedTuple):
    muted: bool
    in_treatment: bool
    verdicts: Sequence[Verdict]


def _appeared(episode: Episode, context: _Context) -> Change:
    """A replayed episode that no stored signal stands for."""
    span = episode.spans[-1]
    signal = StoredSignal(None, episode.kind, episode.spans)
    if not episode.is_open:
        event = Event(
            RECORDED, told=False, period=span.raised, severity=span.severity, reason=span.reason
        )
        return Change(signal, (event,))
    told = not context.muted
    event = Event(
        RAISED, told, span.raised, span.severity, suggests=_suggests(episode.kind, context)
    )
    return Change(replace(signal, told=told, reminder_due=not told), (event,))


def _suggests(kind: str, context: _Context) -> bool:
    """Only an off-target signal suggests an OKR, and not while one treats the KPI."""
    return kind == OFF_KIND and not context.in_treatment


def _ended(episode: Episode, signal: StoredSignal, context: _Context) -> Change:
    span = episode.spans[-1]
    assert span.ended is not None
    was_told = signal.told or (signal.has_okr and signal.okr_closed_on is None)
    told = was_told and not context.muted and not signal.dismissed
    event = Event(RESOLVED, told, span.ended, span.severity, span.reason)
    return Change(replace(signal, spans=episode.spans, reminder_due=False), (event,))


def _reopened(episode: Episode, signal: StoredSignal, context: _Context) -> Change:
    """A stored end is not the end any more: it relapsed, or the recovery itself vanished."""
    span = episode.spans[-1]
    relapsed = any(
        past.ended is not None and _overlap(past, signal.spans[-1]) for past in episode.spans
    )
    # A dismissal lasts until the episode ends; an end that vanished was none.
    dismissed = signal.dismissed and not relapsed
    told = not context.muted and not dismissed
    event = Event(
        REOPENED,
        told,
        span.raised,
        span.severity,
        RELAPSE if relapsed else DATA_CORRECTED,
        suggests=_suggests(episode.kind, context) and not dismissed,
    )
    after = replace(
        signal,
        spans=episode.spans,
        told=told,
        reminder_due=context.muted,
        dismissed=dismissed,
        evidence_changed=False,
    )
    if signal.okr_closed_on is not None:
        # The reopening says itself that the closed OKR did not hold, and is the suggestion after
        # it, whether the signal relapsed or its recovery vanished.
        after = replace(after, still_off_noted=True, resuggested=True)
    return Change(after, (event,))


def _still_open(episode: Episode, signal: StoredSignal, context: _Context) -> Change:
    span = episode.spans[-1]
    after = replace(signal, spans=episode.spans, evidence_changed=False)
    events = []
    audible = not context.muted and not signal.dismissed
    if signal.reminder_due and audible:
        after = replace(after, reminder_due=False)
        if not signal.has_okr and not context.in_treatment:
            after = replace(after, told=True)
            events.append(Event(REMINDER, told=True, period=span.raised, severity=span.severity))
    if RANK[span.severity] > RANK[signal.severity]:
        told = audible and after.told and not context.in_treatment
        events.append(Event(ESCALATED, told, span.raised, span.severity))
    if signal.okr_closed_on is not None and signal.kind == OFF_KIND:
        after, more = _after_the_okr(after, signal.okr_closed_on, audible, context)
        events += more
    return Change(after, tuple(events))


def _after_the_okr(
    signal: StoredSignal, closed_on: date, audible: bool, context: _Context
) -> tuple[StoredSignal, list[Event]]:
    """The OKR is closed and the KPI is still off target: said once, and suggested once more after
    N more off-target periods that start after the close."""
    span = signal.spans[-1]
    events = []
    if not signal.still_off_noted:
        signal = replace(signal, still_off_noted=True)
        events.append(Event(OKR_CLOSED_STILL_OFF, audible, span.raised, span.severity))
    if signal.resuggested:
        return signal, events
    more = [
        verdict
        for verdict in context.verdicts
        if verdict.status == OFF_TARGET
        and verdict.streak is not None
        and verdict.period.start > closed_on
    ]
    for count, verdict in enumerate(more, start=1):
        if verdict.rule is not None and count >= verdict.rule.patience:
            signal = replace(signal, resuggested=True)
            events.append(
                Event(
                    RESUGGESTED,
                    audible,
                    verdict.period.start,
                    span.severity,
                    suggests=_suggests(signal.kind, context) and not signal.dismissed,
                )
            )
            break
    return signal, events


def _vanished(
    signal: StoredSignal, keeper: StoredSignal | None, context: _Context
) -> Change | None:
    """A stored signal that no replayed episode stands for any more."""
    span = signal.spans[-1]
    audible = not context.muted and not signal.dismissed
    if keeper is not None:
        after = replace(signal, retracted=MERGED, merged_into=keeper.id)
        event = Event(
            RETRACTED, told=False, period=span.raised, severity=span.severity, reason=MERGED
        )
        return Change(after, (event,))
    if signal.has_okr:
        if signal.evidence_changed:
            return None
        event = Event(EVIDENCE_CHANGED, audible, span.raised, span.severity, DATA_CORRECTED)
        return Change(replace(signal, evidence_changed=True), (event,))
    told = signal.is_open and signal.told and audible
    event = Event(RETRACTED, told, span.raised, span.severity, DATA_CORRECTED)
    return Change(replace(signal, retracted=DATA_CORRECTED), (event,))


def _change(
    episode: Episode | None,
    stored: StoredSignal | None,
    keeper: StoredSignal | None,
    merged: Sequence[StoredSignal],
    context: _Context,
) -> Change | None:
    """The row of the table of signals.md 9 for one pair; None: nothing to do.

    ``merged`` are the signals that ``stored`` takes in.
    """
    if stored is None:
        assert episode is not None
        return _appeared(episode, context)
    if episode is None:
        return _vanished(stored, keeper, context)
    signal = _inherit(stored, merged)
    if episode.is_open:
        change = (
            _still_open(episode, signal, context)
            if signal.is_open
            else _reopened(episode, signal, context)
        )
    elif signal.is_open:
        change = _ended(episode, signal, context)
    else:
        change = Change(replace(signal, spans=episode.spans, evidence_changed=False), ())
    return change if change.events or change.signal != stored else None


def reconcile(
    episodes: Sequence[Episode],
    stored: Sequence[StoredSignal],
    *,
    since: date | None = None,
    muted: Collection[str] = (),
    in_treatment: bool = False,
    verdicts: Sequence[Verdict] = (),
) -> list[Change]:
    """The changes that make the stored signals say what the replay says.

    ``stored`` holds the KPI's signals that are not retracted, of the kinds that were replayed;
    after a walk from a checkpoint the open ones and those that ended last are enough. ``since`` is
    where that walk began: a signal that ended before is settled and stays. ``muted`` are the kinds
    that are snoozed or accepted now; ``in_treatment``: an open OKR treats the KPI. Asking again
    after the changes were stored gives none.
    """
    changes: list[Change] = []
    for kind in sorted({one.kind for one in episodes} | {one.kind for one in stored}):
        context = _Context(kind in muted, in_treatment and kind == OFF_KIND, verdicts)
        pairs = _pair(
            [one for one in episodes if one.kind == kind],
            [one for one in stored if one.kind == kind],
        )
        for episode, signal, keeper in pairs:
            if episode is None and keeper is None and _is_settled(signal, since):
                continue
            merged = [one for _, one, heir in pairs if one and heir and heir is signal]
            change = _change(episode, signal, keeper, merged, context)
            if change is not None:
                changes.append(change)
    return sorted(changes, key=lambda change: change.signal.is_open)


def _is_settled(signal: StoredSignal | None, since: date | None) -> bool:
    return (
        signal is not None
        and since is not None
        and signal.until is not None
        and signal.until <= since
    )
