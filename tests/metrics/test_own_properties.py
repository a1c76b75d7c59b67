"""What a KPI says for itself over time: against a model that asks each day anew, and edges."""

import random
from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from metrics.due_dates import due_dates_along, next_due_dates
from metrics.own_words import own_moves, own_said
from metrics.periods import timeline
from metrics.policies import (
    EVER,
    ORGANISATION,
    PRESET,
    TEAM,
    Entry,
    Own,
    Terms,
    due_under,
    history,
    own_history,
    own_on,
    read_own,
    set_by,
    settings_over_time,
    settings_under,
    write_own,
)
from tests.metrics.test_due_dates import OSLO
from tests.metrics.test_policies_properties import CHECKED, DAYS, ENTRIES, run, some_terms
from tests.metrics.test_replay_properties import DAY, START, fill, some_kpi

FIRST = date(2026, 1, 1)
NOTHING = Own()
SOME = st.sampled_from(
    [
        Own(),
        Own(patience=1),
        Own(patience=2, recovery=1),
        Own(grace_days=4, settle_days=2, near_policy="count"),
        Own(patience=2, window_k=2, window_n=3, max_gap=0),
        Own(missing_policy="reset", stale_after=4, reopen_window=0),
    ]
)
OWN_ENTRIES = st.lists(st.tuples(st.dates(FIRST, date(2026, 1, 12)), SOME), max_size=6)
TERMS = st.sampled_from([Terms(), Terms(patience=4, window_n=6, grace_days=9), Terms(patience=1)])


@given(first=SOME, said=OWN_ENTRIES, entries=ENTRIES, preset=TERMS, team=st.sampled_from([1, 3]))
def test_on_each_day_the_nearest_that_says_something_counts(first, said, entries, preset, team):
    """The model looks at each day for itself: the latest that was said by then, in what order."""
    entries = tuple(sorted(entries, key=lambda one: one.effective))
    text = write_own(said)
    assert read_own(text) == tuple(said)
    settings = settings_over_time(history(entries, preset, team), own_history(first, text))
    for n in range(-1, 13):
        day = FIRST + timedelta(days=n)
        own, of_all, of_team = first, None, None
        for effective, one in sorted(said, key=lambda pair: pair[0]):
            if effective <= day:
                own = one
        for one in entries:
            if one.effective <= day and one.team_id is None:
                of_all = one.terms
            if one.effective <= day and one.team_id == team:
                of_team = one.terms
        assert own_on(first, text, day) == own
        expected = settings_under(of_team or of_all or preset, own)
        assert replace(settings.on(day), later=()) == expected
        nearest = TEAM if of_team else ORGANISATION if of_all else PRESET
        assert set_by(entries, team, day) == nearest
    days = [day for day, _ in settings.later]
    assert days == sorted(set(days))


def some_own(rng) -> Own:
    patience = rng.choice([None, 1, 2, 4])
    grace = rng.choice([None, None, 0, 5])
    window = rng.choice([None, None, 3]) if patience in (1, 2) else None
    return Own(
        patience=patience,
        recovery=rng.choice([None, 1, 3]),
        grace_days=grace,
        settle_days=rng.randint(0, grace) if grace else None,
        near_policy=rng.choice(["", "hold", "reset", "count"]),
        missing_policy=rng.choice(["", "hold", "reset", "count"]),
        max_gap=rng.randint(0, 2),
        stale_after=rng.randint(1, 3),
        reopen_window=rng.choice([None, 0, 2]),
        window_k=None if window is None else patience,
        window_n=window,
    )


def some_settings(rng):
    """Terms and what the KPI says, both changing now and then."""
    days = sorted({START + DAY * rng.randint(1, DAYS) for _ in range(rng.randint(0, 2))})
    terms = [(EVER, some_terms(rng)), *((day, some_terms(rng)) for day in days)]
    said = [(START + DAY * rng.randint(0, DAYS), some_own(rng)) for _ in range(rng.randint(1, 3))]
    return terms, some_own(rng), said


@CHECKED
@given(seed=st.integers(0, 2**32))
def test_going_on_from_any_checkpoint_is_walking_everything(seed):
    rng = random.Random(seed)
    kpi = some_kpi(rng)
    terms, first, said = some_settings(rng)
    own = settings_over_time(terms, own_history(first, write_own(said)))
    fill(rng, kpi, DAYS)
    checkpoint, found = "", {}
    for today in sorted(START + DAY * rng.randint(0, DAYS) for _ in range(6)):
        result = run(kpi, own, today, checkpoint)
        if not checkpoint or result.judged:
            found |= {(one.kind, one.first): one for one in result.episodes}
        checkpoint = result.checkpoint
    last = START + DAY * DAYS
    end, whole = run(kpi, own, last, checkpoint), run(kpi, own, last)
    assert (end.checkpoint, end.standing) == (whole.checkpoint, whole.standing)
    found |= {(one.kind, one.first): one for one in end.episodes}
    assert sorted(found.values()) == sorted(whole.episodes)


@CHECKED
@given(seed=st.integers(0, 2**32))
def test_a_change_that_comes_after_a_walk_goes_on_from_its_checkpoint(seed):
    """What is said from today on, or later, leaves what was walked until today worth as much."""
    rng = random.Random(seed)
    kpi = some_kpi(rng)
    terms, first, said = some_settings(rng)
    fill(rng, kpi, DAYS)
    today = START + DAY * rng.randint(0, DAYS)
    before = [(day, one) for day, one in said if day < today]
    own = settings_over_time(terms, own_history(first, write_own(before)))
    checkpoint = run(kpi, own, today).checkpoint
    after = [*before, (today + DAY * rng.randint(0, 20), some_own(rng))]
    changed = settings_over_time(terms, own_history(first, write_own(after)))
    last = START + DAY * DAYS
    end, whole = run(kpi, changed, last, checkpoint), run(kpi, changed, last)
    assert (end.checkpoint, end.standing) == (whole.checkpoint, whole.standing)


# -- edges --------------------------------------------------------------------------------------


def on_days(text: str, *days: int, first: Own = NOTHING) -> list[int | None]:
    return [own_on(first, text, date(2026, 3, day)).patience for day in days]


def test_a_period_is_judged_by_what_is_said_on_its_first_day():
    text = write_own([(date(2026, 3, 9), Own(patience=1))])
    assert on_days(text, 8, 9, 10) == [None, 1, 1]
    settings = settings_over_time(history((), Terms(patience=5), 1), own_history(Own(), text))
    assert (settings.patience, settings.on(date(2026, 3, 9)).patience) == (5, 1)


def test_of_several_things_said_from_one_day_on_the_last_counts():
    day = date(2026, 3, 9)
    text = write_own([(day, Own(patience=1)), (day, Own(patience=3))])
    assert on_days(text, 8, 9) == [None, 3]
    assert own_history(Own(patience=3), text) == ((EVER, Own(patience=3)),)


def test_what_was_always_said_holds_until_it_is_ended_and_then_the_team_is_followed():
    text = write_own([(date(2026, 3, 9), Own())])
    assert on_days(text, 1, 8, 9, first=Own(patience=6)) == [6, 6, None]
    own = own_history(Own(patience=6), text)
    settings = settings_over_time(history((Entry(EVER, 1, Terms(patience=2)),), Terms(), 1), own)
    assert [settings.on(date(2026, 3, day)).patience for day in (8, 9)] == [6, 2]


def test_a_team_that_changes_is_followed_only_where_the_kpi_says_nothing():
    entries = (Entry(date(2026, 3, 5), 1, Terms(patience=2, recovery=1)),)
    own = own_history(Own(patience=6), "")
    settings = settings_over_time(history(entries, Terms(patience=3, recovery=2), 1), own)
    later = settings.on(date(2026, 3, 5))
    assert (settings.patience, settings.recovery) == (6, 2)
    assert (later.patience, later.recovery) == (6, 1)


def test_nothing_said_is_no_text():
    assert write_own([]) == ""
    assert read_own("") == ()
    assert own_history(Own(), "") == ((EVER, Own()),)


@pytest.mark.parametrize(("grace", "due"), [(0, 8), (1, 8), (4, 11)])
def test_with_a_grace_of_its_own_a_value_is_due_on_the_last_day_it_is_not_late(grace, due):
    terms = Terms(due_days=2, grace_days=3)
    line = timeline(date(2026, 1, 5), "weekly")
    along = due_dates_along(
        line, lambda _: due_under(terms, Own(grace_days=grace)), date(2026, 6, 8), OSLO
    )
    assert next(one.on for one in along if one.period.start == date(2026, 6, 1)).day == due
    plain = due_dates_along(line, lambda _: due_under(terms, Own()), date(2026, 6, 8), OSLO)
    assert plain == next_due_dates("weekly", lambda _: terms, date(2026, 6, 8), OSLO)


def test_due_dates_follow_a_change_of_cadence_and_begin_with_the_first_period():
    line = timeline(date(2026, 6, 1), "weekly", ((date(2026, 7, 1), "monthly"),))
    found = due_dates_along(line, lambda _: Terms(), date(2026, 6, 20), OSLO)
    assert [one.on for one in found] == [
        date(2026, 6, 21),
        date(2026, 6, 28),
        date(2026, 7, 31),
        date(2026, 8, 31),
        date(2026, 9, 30),
        date(2026, 10, 31),
    ]
    ahead = due_dates_along(timeline(date(2027, 1, 1), "yearly"), lambda _: Terms(), FIRST, OSLO)
    assert ahead[0].on == date(2027, 12, 31)


def test_changes_are_told_by_what_differs():
    old, new = Own(patience=3), Own(patience=2, window_k=2, window_n=5, near_policy="count")
    assert own_moves(old._asdict(), new._asdict()) == (
        "off target 3 → 2, of the last as its team → 5, near target as its team → count"
    )
    assert own_moves(new._asdict(), new._asdict()) == "as before"
    assert own_moves({"patience": 3}, {"patience": None}) == "off target 3 → as its team"
    assert own_said(Own(grace_days=0, max_gap=0)) == "grace 0, missing a streak survives 0"
