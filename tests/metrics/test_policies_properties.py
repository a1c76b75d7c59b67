"""Settings that change over time: laws of the walk, and whose terms are in force."""

import random
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from metrics.accumulating import run_up
from metrics.judging import Target
from metrics.periods import timeline
from metrics.policies import (
    EVER,
    Entry,
    Own,
    Terms,
    compile_under,
    history,
    in_force,
    own_history,
    read,
    settings_over_time,
    settings_under,
    write,
)
from metrics.replay import Settings, beyond_watermark, replay
from tests.metrics.naive_engine import periods
from tests.metrics.test_replay_properties import DAY, START, fill, some_kpi

CHECKED = settings(
    max_examples=150, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True
)
DAYS = 90
NUMBERS = ("target", "low", "high", "tolerance", "tolerance_pct", "fast_gap")


def some_terms(rng) -> Terms:
    patience = rng.randint(1, 4)
    due, grace = rng.choice([0, 0, 2]), rng.choice([0, 0, 3, 8])
    fast = rng.choice([None, None, Decimal(50)])
    return Terms(
        patience=patience,
        window_n=rng.choice([None, None, patience, patience + 2]),
        recovery=rng.randint(1, 3),
        due_days=due,
        grace_days=grace,
        settle_days=rng.randint(0, due + grace),
        near_policy=rng.choice(["hold", "reset", "count"]),
        missing_policy=rng.choice(["hold", "reset", "count"]),
        tolerance_pct=rng.choice([None, None, Decimal(20)]),
        fast_pct=fast,
        fast_patience=None if fast is None else rng.randint(1, 2),
    )


def over_time(rng, count) -> Settings:
    days = sorted({START + DAY * rng.randint(1, DAYS) for _ in range(count)})
    terms = [(EVER, some_terms(rng)), *((day, some_terms(rng)) for day in days)]
    return settings_over_time(terms, own_history(Own(), ""))


def entries_of(kpi) -> list[Target]:
    return [
        Target(
            one["effective"],
            **{name: Decimal(one[name]) for name in NUMBERS if name in one},
            patience=one.get("patience"),
            recovery=one.get("recovery"),
            fast_patience=one.get("fast_patience"),
            withdrawn=one.get("withdrawn", False),
            recorded=order,
            over=one.get("over", ""),
        )
        for order, one in enumerate(kpi.targets)
    ]


def run(kpi, own, today, checkpoint="", **options):
    line = timeline(kpi.start, kpi.cadence, tuple(kpi.changes))
    targets, values = compile_under(kpi.direction, entries_of(kpi), own), kpi.values
    if targets.windows:
        targets, values = run_up(targets, line, values, kpi.excluded, today, checkpoint)
    return replay(own, line, targets, values, kpi.excluded, today, checkpoint, **options)


@CHECKED
@given(seed=st.integers(0, 2**32))
def test_a_change_that_changes_nothing_is_none(seed):
    """Walking in stretches is walking: cut anywhere, the same settings give the same outcome."""
    rng = random.Random(seed)
    kpi = some_kpi(rng)
    fill(rng, kpi, DAYS)
    today = START + DAY * rng.randint(0, DAYS)
    plain = over_time(rng, 0)
    cuts = sorted({START + DAY * rng.randint(-5, DAYS) for _ in range(rng.randint(1, 4))})
    cut = replace(plain, later=tuple((day, plain) for day in cuts))
    whole, parts = (run(kpi, own, today, want_verdicts=True) for own in (plain, cut))
    assert parts.checkpoint == whole.checkpoint
    assert (parts.standing, parts.judged) == (whole.standing, whole.judged)
    assert (parts.latest, parts.latest_status) == (whole.latest, whole.latest_status)
    assert sorted(parts.episodes) == sorted(whole.episodes)
    assert [one[:4] for one in parts.verdicts] == [one[:4] for one in whole.verdicts]
    assert [one.streak for one in parts.verdicts] == [one.streak for one in whole.verdicts]


@CHECKED
@given(seed=st.integers(0, 2**32))
def test_going_on_from_any_checkpoint_is_walking_everything(seed):
    rng = random.Random(seed)
    kpi, own = some_kpi(rng), over_time(rng, rng.randint(1, 3))
    fill(rng, kpi, DAYS)
    checkpoint, found = "", {}
    for _ in range(6):
        today = START + DAY * rng.randint(0, DAYS)
        result = run(kpi, own, today, checkpoint)
        if not checkpoint or result.judged:
            found |= {(one.kind, one.first): one for one in result.episodes}
        checkpoint = result.checkpoint
    last = START + DAY * DAYS
    end = run(kpi, own, last, checkpoint)
    whole = run(kpi, own, last)
    assert (end.checkpoint, end.standing) == (whole.checkpoint, whole.standing)
    found |= {(one.kind, one.first): one for one in end.episodes}
    assert sorted(found.values()) == sorted(whole.episodes)


@CHECKED
@given(seed=st.integers(0, 2**32))
def test_what_comes_from_a_day_on_touches_nothing_before_it(seed):
    rng = random.Random(seed)
    kpi = some_kpi(rng)
    fill(rng, kpi, DAYS)
    day, today = START + DAY * rng.randint(5, DAYS), START + DAY * DAYS
    first, second = over_time(rng, 0), over_time(rng, 0)
    dated = run(kpi, replace(first, later=((day, second),)), today, want_verdicts=True)
    plain = run(kpi, first, today, want_verdicts=True)
    before = [one for one in plain.verdicts if one.period.start < day]
    assert [one[:4] + one[5:] for one in dated.verdicts[: len(before)]] == [
        one[:4] + one[5:] for one in before
    ]
    raised = {one.raised for e in dated.episodes for one in e.spans if one.raised < day}
    assert raised == {one.raised for e in plain.episodes for one in e.spans if one.raised < day}


@CHECKED
@given(seed=st.integers(0, 2**32))
def test_each_period_waits_as_the_settings_of_its_first_day_say(seed):
    rng = random.Random(seed)
    kpi, own = some_kpi(rng), over_time(rng, 2)
    fill(rng, kpi, DAYS)
    today = START + DAY * rng.randint(0, DAYS)
    result = run(kpi, own, today, want_verdicts=True)
    for one in result.verdicts:
        waits = own.on(one.period.start)
        days = waits.grace_days if one.value is None else waits.settle_days
        assert one.status == "excluded" or one.period.end + DAY * days <= today
    line = timeline(kpi.start, kpi.cadence, ())
    targets = compile_under(kpi.direction, entries_of(kpi), own)
    if not targets.windows:
        rest = beyond_watermark(
            own, line, targets, kpi.values, kpi.excluded, today, result.checkpoint
        )
        assert not rest or rest[0].status in ("open", "awaiting")
    assert result.judged <= len(periods(kpi, today))


# -- whose terms --------------------------------------------------------------------------------

TERMS = st.sampled_from(
    [
        Terms(),
        Terms(grace_days=3, patience=1),
        Terms(tolerance_pct=Decimal("2.5"), country="NO"),
        Terms(days_off=(date(2026, 12, 24), date(2026, 12, 31))),
    ]
)
ENTRIES = st.lists(
    st.builds(
        Entry,
        effective=st.dates(date(2026, 1, 1), date(2026, 1, 12)),
        team_id=st.sampled_from([None, 1, 2]),
        terms=st.one_of(st.none(), TERMS),
    ).filter(lambda one: one.team_id is not None or one.terms is not None),
    max_size=6,
)


@given(entries=ENTRIES, preset=TERMS, team=st.sampled_from([None, 1, 2, 3]))
def test_the_nearest_terms_are_in_force_on_each_day(entries, preset, team):
    entries = tuple(sorted(entries, key=lambda one: one.effective))
    assert read(write(entries)) == entries
    for n in range(-1, 13):
        day = date(2026, 1, 1) + timedelta(days=n)
        of_all = of_team = None
        for one in entries:
            if one.effective <= day and one.team_id is None:
                of_all = one.terms
            if one.effective <= day and one.team_id == team and team is not None:
                of_team = one.terms
        assert in_force(entries, preset, team, day) == (of_team or of_all or preset)
    known = history(entries, preset, team)
    assert all(a[1] != b[1] for a, b in pairwise(known))


def test_what_a_kpi_says_itself_goes_before_its_cadence():
    terms = Terms(due_days=5, grace_days=5, settle_days=4, patience=2, window_n=5, recovery=1)
    plain = settings_under(terms, Own())
    assert (plain.grace_days, plain.settle_days, plain.k_of_n) == (10, 4, (2, 5))
    own = settings_under(terms, Own(patience=3, grace_days=2, near_policy="count"))
    assert (own.patience, own.k_of_n, own.recovery) == (3, None, 1)
    assert (own.grace_days, own.settle_days) == (2, 2)
    assert (own.near_policy, own.missing_policy) == ("count", "hold")
    assert settings_under(terms, Own(window_k=1, window_n=2)).k_of_n == (1, 2)


def test_a_target_without_a_near_band_takes_that_of_the_terms_from_its_day_on():
    own = settings_over_time(
        [
            (EVER, Terms()),
            (
                date(2026, 3, 1),
                Terms(tolerance_pct=Decimal(10), fast_pct=Decimal(50), fast_patience=1),
            ),
        ],
        own_history(Own(), ""),
    )
    entry = Target(date(2026, 1, 1), target=Decimal(40))
    targets = compile_under("higher_is_better", [entry], own)
    before, after = targets.in_force(date(2026, 2, 1)), targets.in_force(date(2026, 3, 1))
    assert [before.status(Decimal(37)), after.status(Decimal(37))] == ["off_target", "near_target"]
    assert (before.fast_patience, after.is_fast(Decimal(20)), after.is_fast(Decimal(21))) == (
        None,
        True,
        False,
    )
    own_band = compile_under("higher_is_better", [entry._replace(tolerance=Decimal(0))], own)
    assert own_band.in_force(date(2026, 3, 1)).status(Decimal(37)) == "off_target"
