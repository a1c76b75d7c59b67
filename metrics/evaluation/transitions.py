"""What a batch changes about signals: each walk against the signals that stand (signals.md 9)."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import NamedTuple

from metrics.accumulating import run_up
from metrics.evaluation.loading import Material
from metrics.evaluation.measurements import load_values
from metrics.evaluation.stepping import NOTHING, Walk
from metrics.evaluation.stored import SignalRow, as_stored
from metrics.muting import acceptance_ended_by, is_muted
from metrics.reconcile import needs_verdicts, reconcile
from metrics.replay import Verdict, judged_until, replay
from metrics.signal_changes import Change, Event, StoredSignal


class Transition(NamedTuple):
    """What happens to one signal of one KPI. `row` None: it is a new one.

    `acceptance_over` tells that its "accept for now" ended with this evaluation.
    """

    walk: Walk
    row: SignalRow | None
    signal: StoredSignal
    events: tuple[Event, ...]
    acceptance_over: bool

    @property
    def kpi_id(self) -> int:
        """The KPI the signal is on."""
        return self.walk.kpi_id


class History:
    """The verdicts of all periods of a few KPIs, for those of which a walk's end is not enough."""

    def __init__(self, material: Material) -> None:
        self._material = material
        self._verdicts: dict[int, list[Verdict]] = {}

    def load(self, walks: Iterable[Walk]) -> None:
        """Make the verdicts of these KPIs known; one query for those that were not replayed."""
        walks = [walk for walk in walks if walk.kpi_id not in self._verdicts]
        resumed = [walk.kpi_id for walk in walks if not walk.replayed]
        values = load_values((), resumed, self._material.subjects)
        for walk in walks:
            kpi_id = walk.kpi_id
            whole = walk.values if walk.replayed else values.get(kpi_id, NOTHING)
            self._verdicts[kpi_id] = whole_verdicts(walk, whole)

    def of(self, walk: Walk) -> Sequence[Verdict]:
        """The judged periods, oldest first; empty unless they were loaded."""
        return self._verdicts.get(walk.kpi_id, ())


def whole_verdicts(walk: Walk, values: Mapping) -> list[Verdict]:
    """Every judged period of a KPI, walked from the first."""
    plan, targets = walk.plan, walk.targets
    if targets.windows and not walk.replayed:
        targets, values = run_up(targets, plan.line, values, walk.excluded, plan.today)
    return replay(
        plan.settings,
        plan.line,
        targets,
        values,
        walk.excluded,
        plan.today,
        want_verdicts=True,
    ).verdicts


def transitions_of(
    walks: Collection[Walk], rows: Mapping[int, list[SignalRow]], history: History, now: datetime
) -> list[Transition]:
    """Every change of a signal in this batch; of one KPI what ends before what opens."""
    pairs = [(walk, rows.get(walk.kpi_id, ())) for walk in walks]
    history.load(walk for walk, own in pairs if any(map(_asks_for_history, own)))
    return [
        one for walk, own in pairs if own or walk.episodes for one in _of(walk, own, history, now)
    ]


def _asks_for_history(row: SignalRow) -> bool:
    return row.acceptance is not None or (
        row.treatment_ended_at is not None and not row.workflow.get("resuggested")
    )


def _of(
    walk: Walk, rows: Sequence[SignalRow], history: History, now: datetime
) -> Iterable[Transition]:
    stored = [as_stored(row, walk) for row in rows]
    verdicts = history.of(walk)
    direction = walk.plan.direction
    muted = {
        row.kind
        for row in rows
        if is_muted(now, row.snoozed_until, row.acceptance, direction, verdicts)
    }
    over = {
        row.id
        for row in rows
        if row.acceptance and acceptance_ended_by(row.acceptance, direction, verdicts)
    }
    changes = reconcile(
        walk.episodes,
        stored,
        since=None if walk.replayed else judged_until(walk.state.checkpoint),
        muted=muted,
        in_treatment=any(row.in_treatment for row in rows),
        verdicts=verdicts if needs_verdicts(stored) else (),
    )
    by_id = {row.id: (row, one) for row, one in zip(rows, stored, strict=True)}
    changed = {change.signal.id for change in changes}
    unchanged = [Change(by_id[pk][1], ()) for pk in over - changed]
    for signal, events in [*changes, *unchanged]:
        row, before = by_id.get(signal.id, (None, None))
        if row is None or events or row.id in over or not _says_the_same(before, signal):
            yield Transition(walk, row, signal, events, signal.id in over)


def _says_the_same(before: StoredSignal, after: StoredSignal) -> bool:
    """Differ the two in nothing but how many periods the open span has run?

    That number is on the state row; it is not worth a write for each open signal and period.
    """
    last = before.spans[-1]._replace(off_periods=after.spans[-1].off_periods)
    return after.is_open and replace(before, spans=(*before.spans[:-1], last)) == after
