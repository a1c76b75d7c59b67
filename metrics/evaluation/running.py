"""Evaluates what is due, batch by batch, and lets one bad KPI delay nobody but itself."""

from __future__ import annotations

import gc
import logging
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F

from metrics.evaluation.batch import Consequences, evaluate_states
from metrics.evaluation.loading import StateRow, lock_due, lock_states
from metrics.evaluation.storing import LostRace
from metrics.models import KpiState
from teams.faults import fault

log = logging.getLogger(__name__)

BATCH = 5000
# Whole replays cost a hundred times a step; so many of them keep a transaction well under a second.
REPLAYS = 1000
MAX_ATTEMPTS = 3
FIRST_PAUSE = timedelta(minutes=1)
LOST_RACES = 5


@dataclass(slots=True)
class EvaluationCounts:
    """What a run did: KPIs evaluated, those replayed from the start, failures, events by type."""

    kpis: int = 0
    replayed: int = 0
    failed: int = 0
    messages: int = 0
    events: Counter = field(default_factory=Counter)

    def include(self, done: Consequences | EvaluationCounts) -> None:
        """Count a batch in."""
        self.kpis += done.kpis
        self.replayed += done.replayed
        self.messages += done.messages
        self.events.update(done.events)

    def told(self) -> dict[str, int]:
        """What was done, by name: `kpis`, `put_off`, `messages`, and the events by their type."""
        return {
            **{str(name): number for name, number in self.events.items()},
            "kpis": self.kpis,
            "put_off": self.failed,
            "messages": self.messages,
        }


def evaluate_due(now: datetime, *, limit: int = BATCH, worker: str) -> EvaluationCounts:
    """Evaluate up to `limit` due KPIs in one transaction; callers repeat until `kpis` is 0.

    Any number of workers may run it at once: each takes rows nobody else has locked, and the lock
    ends with the transaction or the process. A batch that fails is halved until the KPI that fails
    stands alone; that one is put off and, the third time, parked.
    """
    counts = EvaluationCounts()
    run = run_key(now, worker)
    fault("evaluation.before_claim")
    claimed: list[StateRow] = []
    try:
        with without_collection(), transaction.atomic():
            claimed = _take(lock_due(now, limit))
            fault("evaluation.after_claim")
            if claimed:
                counts.include(evaluate_states(claimed, now=now, run=run))
            fault("evaluation.before_commit")
    except Exception as error:
        if not claimed:
            raise
        log.info("a batch of %s KPIs is evaluated in parts: %r", len(claimed), error)
        for part in _halves([state.kpi_id for state in claimed]):
            _again(part, counts, now=now, run=run)
    fault("evaluation.after_commit")
    return counts


@contextmanager
def without_collection() -> Iterator[None]:
    """Leave the cycle collector out of one batch: its rows make no cycles, and looking for some
    costs a quarter of the time. What other threads leave in that second is found afterwards."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def run_key(now: datetime, worker: str) -> str:
    """What the messages of one run have in common: they leave as one digest for each person."""
    return f"{now:%Y%m%dT%H%M%S%f}-{worker}"[:64]


def _take(states: Sequence[StateRow]) -> list[StateRow]:
    """As many states as make a short transaction; the others stay due."""
    taken, replays = [], 0
    for state in states:
        replays += state.must_replay
        if replays > REPLAYS:
            break
        taken.append(state)
    return taken


def evaluate_kpis(ids: Collection[int], now: datetime, *, run: str = "") -> EvaluationCounts:
    """Evaluate these KPIs now, due or not, in one transaction; raises what goes wrong.

    A KPI evaluated at a later moment already is left alone (signals.md 9).
    """
    counts = EvaluationCounts()
    for attempt in range(1, LOST_RACES + 1):
        try:
            with transaction.atomic():
                states = lock_states(ids, now)
                if states:
                    counts.include(evaluate_states(states, now=now, run=run or run_key(now, "now")))
                return counts
        except LostRace:
            # The other evaluation has committed; what it wrote is read the next time.
            if attempt == LOST_RACES:
                raise
    return counts


def _halves(ids: Sequence[int]) -> list[Sequence[int]]:
    middle = len(ids) // 2
    return [part for part in (ids[:middle], ids[middle:]) if part]


def _again(ids: Sequence[int], counts: EvaluationCounts, *, now: datetime, run: str) -> None:
    """Evaluate a part of a failed batch, in halves down to the one KPI that fails."""
    try:
        done = evaluate_kpis(ids, now, run=run)
    except Exception as error:
        if len(ids) == 1:
            counts.failed += 1
            _put_off(ids[0], error, now)
            return
        for part in _halves(ids):
            _again(part, counts, now=now, run=run)
    else:
        counts.include(done)


def _put_off(kpi_id: int, error: Exception, now: datetime) -> None:
    """Try a KPI that fails later, each time after a longer pause; the third failure parks it."""
    log.error("evaluating KPI %s failed", kpi_id, exc_info=error)
    state = KpiState.objects.filter(pk=kpi_id)
    attempts = 1 + (state.values_list("attempts", flat=True).first() or 0)
    parked = attempts >= MAX_ATTEMPTS
    state.update(
        attempts=F("attempts") + 1,
        last_error=f"{type(error).__name__}: {error}"[:2000],
        due_at=None if parked else now + FIRST_PAUSE * 4 ** (attempts - 1),
    )
