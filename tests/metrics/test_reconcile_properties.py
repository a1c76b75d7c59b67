"""Whatever people decide about signals while data come and go, asking twice says nothing new."""

import random
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

from hypothesis import given, settings
from hypothesis import strategies as st

from metrics.reconcile import needs_verdicts, reconcile
from metrics.replay import OFF_KIND, judged_until
from metrics.signal_changes import snoozed
from tests.metrics.test_replay_properties import (
    CHECKED,
    START,
    Store,
    fill,
    random_act,
    run,
    some_kpi,
)


class DecidedStore(Store):
    """The signals with what people decided about them: snoozes, dismissals, OKRs, corrections."""

    def __init__(self, kpi):
        super().__init__(kpi)
        self.is_muted = False

    def decide(self, rng, today):
        """One random decision about a signal that stands, or about its data."""
        self.is_muted = rng.random() < 0.3
        standing = [one for one in self.signals if one.retracted is None and one.kind == OFF_KIND]
        if not standing:
            return
        one = rng.choice(standing)
        act = rng.choice(["snooze", "dismiss", "okr", "okr", "close", "close", "undo", "undo"])
        if act == "snooze":
            one = snoozed(one)
        elif act == "dismiss" and one.is_open:
            one = replace(one, dismissed=True)
        elif act == "okr" and one.is_open and not one.has_okr:
            one = replace(one, has_okr=True)
        elif act == "close" and one.has_okr and one.okr_closed_on is None:
            one = replace(one, okr_closed_on=today)
        elif act == "undo" and one.spans[-1].ended is not None:
            # The value that completed the recovery is corrected: the recovery vanishes.
            self.kpi.values[one.spans[-1].ended] = rng.choice([Decimal(0), Decimal(20)])
            self.touch(one.spans[-1].ended)
        self.signals[one.id - 1] = one

    def evaluate(self, today):
        since = judged_until(self.checkpoint)
        result = run(self.kpi, today, self.checkpoint)
        whole = run(self.kpi, today, want_verdicts=True).verdicts
        stored = [one for one in self.signals if one.retracted is None]
        treated = any(one.has_okr and one.okr_closed_on is None for one in stored)
        changes = reconcile(
            result.episodes,
            stored,
            since=since,
            muted={OFF_KIND} if self.is_muted else (),
            in_treatment=treated,
            verdicts=whole if needs_verdicts(stored) else (),
        )
        for change in changes:
            signal = change.signal
            if signal.id is None:
                self.signals.append(replace(signal, id=len(self.signals) + 1))
            else:
                self.signals[signal.id - 1] = signal
        for kind in {one.kind for one in self.signals}:
            assert sum(one.is_open for one in self.signals if one.kind == kind) <= 1
        self.checkpoint = result.checkpoint
        return [event for change in changes for event in change.events]


@settings(CHECKED, max_examples=60)
@given(seed=st.integers(0, 2**32))
def test_no_decision_makes_the_same_evaluation_say_anything_twice(seed):
    rng = random.Random(seed)
    kpi = some_kpi(rng)
    kpi.cadence = "weekly"
    store, clock = DecidedStore(kpi), START + timedelta(days=56)
    fill(rng, kpi, 56)
    for _ in range(20):
        store.evaluate(clock)
        store.decide(rng, clock)
        store.evaluate(clock)
        assert store.evaluate(clock) == []
        store.checkpoint = ""
        assert store.evaluate(clock) == []
        clock = random_act(rng, store, clock)
