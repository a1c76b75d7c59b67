"""The engine against a naive model over random histories, and its laws (signals.md 7 to 9)."""

import random
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from metrics.accumulating import run_up, window_start
from metrics.judging import Target, compile_targets
from metrics.periods import timeline
from metrics.reconcile import reconcile
from metrics.replay import OFF_KIND, STALE_KIND, Settings, judged_until, replay
from metrics.severity import RANK
from tests.metrics.naive_engine import Kpi, Naive, periods

DAY = timedelta(days=1)
START = date(2026, 6, 1)
CHECKED = settings(
    max_examples=200, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True
)


def some_target(rng, direction, accumulating=0.0):
    entry = {"effective": START + DAY * rng.randint(-3, 60)}
    if rng.random() < 0.12:
        return {**entry, "withdrawn": True}
    if direction == "in_range":
        entry |= {"low": rng.randint(2, 5), "high": rng.randint(5, 9)}
    else:
        entry["target"] = rng.choice([0, 4, 5, 6, 6, 8, 10])
        if rng.random() < accumulating:
            # About what the values of a window come to.
            entry["over"] = rng.choice(["quarterly", "yearly"])
            entry["target"] = rng.choice([40, 80, 90, 400])
    if rng.random() < 0.6:
        entry[rng.choice(["tolerance", "tolerance_pct"])] = rng.choice([1, 2, 20])
    for name in ("patience", "recovery"):
        if rng.random() < 0.3:
            entry[name] = rng.randint(1, 4)
    if rng.random() < 0.3:
        entry |= {"fast_gap": rng.randint(1, 5), "fast_patience": rng.randint(1, 2)}
    return entry


def some_kpi(rng):
    direction = rng.choice(["lower_is_better", "higher_is_better", "in_range"])
    grace = rng.choice([0, 0, 2, 8])
    chosen = {
        "patience": rng.randint(1, 4),
        "recovery": rng.randint(1, 3),
        "grace_days": grace,
        "settle_days": rng.randint(0, grace),
        "near_policy": rng.choice(["hold", "reset", "count"]),
        "missing_policy": rng.choice(["hold", "hold", "reset", "count"]),
        "max_gap": rng.randint(0, 2),
        "stale_after": rng.randint(1, 3),
        "reopen_window": rng.choice([None, None, 0, 1, 3, 20]),
        "k_of_n": rng.choice([None, None, (2, 3), (3, 5), (2, 2)]),
    }
    kpi = Kpi(START, direction, rng.choice(["daily", "weekly"]), settings=chosen)
    share = rng.choice([0, 0, 0.6])
    kpi.targets = [{**some_target(rng, direction, share), "effective": START}]
    kpi.targets += [some_target(rng, direction, share) for _ in range(rng.randint(0, 3))]
    return kpi


def some_value(rng):
    return rng.choice([None, None, *(Decimal(n) for n in (0, 3, 4, 5, 5, 6, 6, 7, 7, 9, 14, 20))])


def fill(rng, kpi, days):
    for start, _, _ in periods(kpi, START + DAY * days):
        kpi.values[start] = some_value(rng)
        if rng.random() < 0.06:
            kpi.excluded.add(start)


def compiled(kpi):
    names = ("target", "low", "high", "tolerance", "tolerance_pct", "fast_gap")
    history = [
        Target(
            entry["effective"],
            **{name: Decimal(entry[name]) for name in names if name in entry},
            patience=entry.get("patience"),
            recovery=entry.get("recovery"),
            fast_patience=entry.get("fast_patience"),
            withdrawn=entry.get("withdrawn", False),
            recorded=order,
            over=entry.get("over", ""),
        )
        for order, entry in enumerate(kpi.targets)
    ]
    n, m = kpi.settings["patience"], kpi.settings["recovery"]
    return compile_targets(kpi.direction, history, patience=n, recovery=m)


def run(kpi, today, checkpoint="", **options):
    line = timeline(kpi.start, kpi.cadence, tuple(kpi.changes))
    targets, values = compiled(kpi), kpi.values
    if targets.windows:
        targets, values = run_up(targets, line, values, kpi.excluded, today, checkpoint)
    return replay(
        Settings(**kpi.settings),
        line,
        targets,
        values,
        kpi.excluded,
        today,
        checkpoint,
        **options,
    )


def off_spans(episodes):
    return [
        [[s.first, s.raised, s.ended, s.reason, RANK[s.severity]] for s in one.spans]
        for one in episodes
        if one.kind == OFF_KIND
    ]


def stale_spans(episodes):
    return [
        [one.spans[0].first, one.spans[0].raised, one.spans[0].ended]
        for one in episodes
        if one.kind == STALE_KIND
    ]


def assert_same_as_naive(kpi, today, result):
    naive = Naive(kpi, today)
    assert [row.status for row in naive.rows] == [one.status for one in result.verdicts]
    assert off_spans(result.episodes) == naive.episodes
    assert sorted(stale_spans(result.episodes)) == naive.stale()
    if naive.rows:
        last = len(naive.rows) - 1
        assert result.verdicts[-1].streak == len(naive.streak(last))
        assert result.standing.fast == naive.fast(last)


@CHECKED
@given(seed=st.integers(0, 2**32))
def test_the_engine_says_what_a_naive_model_says(seed):
    rng = random.Random(seed)
    kpi = some_kpi(rng)
    if rng.random() < 0.4:
        cadence = rng.choice(["daily", "weekly", "monthly"])
        kpi.changes.append((START + DAY * rng.randint(0, 40), cadence))
    days = 30 if kpi.cadence == "daily" else 150
    fill(rng, kpi, days)
    today = START + DAY * rng.randint(0, days)
    assert_same_as_naive(kpi, today, run(kpi, today, want_verdicts=True))


def plain(verdicts):
    return [one._replace(rule=one.rule and one.rule.source) for one in verdicts]


def merged(known, episodes):
    """What a caller that keeps the latest version of every episode has seen."""
    for one in episodes:
        known[one.kind, one.first] = one
    return known


@CHECKED
@given(seed=st.integers(0, 2**32))
def test_resuming_anywhere_equals_replaying_everything(seed):
    rng = random.Random(seed)
    kpi = some_kpi(rng)
    if rng.random() < 0.4:
        kpi.changes.append((START + DAY * rng.randint(0, 40), rng.choice(["daily", "weekly"])))
    days = 25 if kpi.cadence == "daily" else 140
    fill(rng, kpi, days)
    end = START + DAY * days
    whole = run(kpi, end, want_verdicts=True)
    stops = [cut for _, cut, _ in periods(kpi, end)]
    step_by_step, checkpoint = {}, ""
    for stop in stops:
        first = run(kpi, stop)
        rest = run(kpi, end, first.checkpoint, want_verdicts=True)
        assert rest.checkpoint == whole.checkpoint
        assert rest.standing == whole.standing
        assert plain(rest.verdicts) == plain(whole.verdicts[first.judged :])
        seen = merged(merged({}, first.episodes), rest.episodes)
        assert seen == merged({}, whole.episodes)
        step = run(kpi, stop, checkpoint)
        assert (step.checkpoint, step.standing) == (first.checkpoint, first.standing)
        merged(step_by_step, step.episodes)
        checkpoint = step.checkpoint
    merged(step_by_step, run(kpi, end, checkpoint).episodes)
    assert step_by_step == merged({}, whole.episodes)


@CHECKED
@given(seed=st.integers(0, 2**32))
def test_the_order_of_the_input_does_not_matter(seed):
    rng = random.Random(seed)
    kpi = some_kpi(rng)
    fill(rng, kpi, 80)
    today = START + DAY * rng.randint(0, 80)
    before = run(kpi, today, want_verdicts=True)
    items = list(kpi.values.items())
    rng.shuffle(items)
    kpi.values = dict(items)
    history = compiled(kpi)
    after = run(kpi, today, want_verdicts=True)
    assert before.checkpoint == after.checkpoint
    assert before.episodes == after.episodes
    entries = [rule.source for rule in history.rules if rule is not None]
    rng.shuffle(entries)
    again = compile_targets(kpi.direction, entries, patience=3, recovery=2)
    for day in (START + DAY * n for n in range(0, 80, 7)):
        rule = again.in_force(day)
        assert rule is None or rule.effective <= day


class Store:
    """What the database layer does with the engine, in memory."""

    def __init__(self, kpi):
        self.kpi, self.signals, self.checkpoint, self.events = kpi, [], "", []

    def touch(self, day):
        """A period that starts on that day, or later ones, changed: is the checkpoint void?"""
        if self.checkpoint and day < judged_until(self.checkpoint):
            self.checkpoint = ""

    def evaluate(self, today):
        since = judged_until(self.checkpoint)
        result = run(self.kpi, today, self.checkpoint)
        stored = [one for one in self.signals if one.retracted is None]
        changes = reconcile(result.episodes, stored, since=since)
        for change in changes:
            signal = change.signal
            if signal.id is None:
                self.signals.append(replace(signal, id=len(self.signals) + 1))
            else:
                self.signals[signal.id - 1] = signal
            self.events += change.events
            for kind in (OFF_KIND, STALE_KIND):
                assert sum(one.is_open for one in self.signals if one.kind == kind) <= 1
        self.checkpoint = result.checkpoint
        return [event for change in changes for event in change.events]


def random_act(rng, store, clock):
    """One push, correction, deletion, retargeting, exclusion, cadence change or clock step."""
    kpi = store.kpi
    tracked = periods(kpi, clock + DAY * 7)
    day = rng.choice(tracked)[0] if tracked else START
    act = rng.choice(["push", "push", "push", "delete", "target", "exclude", "cadence", "clock"])
    if act == "push":
        recent = [start for start, _, _ in tracked[-3:] if start not in kpi.values]
        day = recent[0] if recent and rng.random() < 0.7 else day
        kpi.values[day] = some_value(rng)
    elif act == "delete":
        kpi.values.pop(day, None)
    elif act == "target":
        kpi.targets.append(some_target(rng, kpi.direction, rng.choice([0, 0.5])))
        day = kpi.targets[-1]["effective"]
        if over := kpi.targets[-1].get("over"):
            day = window_start(day, over, 1)
    elif act == "exclude":
        kpi.excluded ^= {day}
    elif act == "cadence" and rng.random() < 0.3:
        day = clock + DAY * rng.randint(-10, 10)
        kpi.changes.append((day, rng.choice(["daily", "weekly"])))
    store.touch(day)
    return clock + DAY * rng.choice([0, 1, 3, 7, 7, 14])


@CHECKED
@given(seed=st.integers(0, 2**32))
def test_any_history_of_acts_ends_in_the_signals_a_naive_model_finds(seed):
    rng = random.Random(seed)
    kpi = some_kpi(rng)
    if kpi.cadence == "daily":
        kpi.cadence = "weekly"
    store, clock = Store(kpi), START
    for _ in range(18):
        clock = random_act(rng, store, clock)
        store.evaluate(clock)
        assert store.evaluate(clock) == []
    naive = Naive(kpi, clock)
    kept = [one for one in store.signals if one.retracted is None]
    assert sorted(off_spans(kept)) == naive.episodes
    assert sorted(stale_spans(kept)) == naive.stale()
    # From the first period again, as a sweep would: still nothing to say.
    store.checkpoint = ""
    assert store.evaluate(clock) == []


@CHECKED
@given(seed=st.integers(0, 2**32))
def test_a_grade_never_falls_while_periods_are_added_to_a_span(seed):
    rng = random.Random(seed)
    kpi = some_kpi(rng)
    kpi.cadence = "weekly"
    fill(rng, kpi, 120)
    grades = {}
    for weeks in range(1, 18):
        for episode in run(kpi, START + DAY * 7 * weeks).episodes:
            for span in episode.spans:
                key = (episode.kind, span.raised)
                assert RANK[span.severity] >= RANK[grades.get(key, span.severity)]
                grades[key] = span.severity
