"""What a KPI says for itself from a day on: writing it, and every evaluation after it."""

import json
import random
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction

from metrics.actions.kpi_policies import set_kpi_policy
from metrics.actions.policies import BeganAlready, PoliciesChanged, fingerprint
from metrics.evaluation import evaluate_due, evaluate_kpis, replay_kpi
from metrics.evaluation.simulating import compare, simulate
from metrics.models import KpiEvent, KpiPolicy, KpiState, Signal
from metrics.owed_values import in_time_until, value_asked_on, value_due_on
from metrics.periods import period_of
from metrics.policies import Own, write_own
from objectives.measuring import measured
from teams.models import AuditEvent
from tests.factories import make_key_result, make_kpi, make_objective
from tests.metrics.test_evaluation_resume import WEEKS, change_something, spans_of, state_of
from tests.metrics.test_own_properties import some_own
from tests.metrics.test_simulating import simulated_raises, some_history, stored_raises
from tests.metrics.weeks import after, put, week, weekly_kpi

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 8, 18, 9, tzinfo=UTC)


def say(kpi, own, day, by, now=NOW, reason="Deals take long", seen=None):
    kpi.refresh_from_db()
    return set_kpi_policy(
        kpi,
        own,
        effective_on=day,
        reason=reason,
        seen=fingerprint([kpi]) if seen is None else seen,
        actor=by,
        now=now,
    )


# -- writing ------------------------------------------------------------------------------------


def test_it_is_kept_with_its_day_who_and_why_and_the_record_knows(team, alice):
    kpi = make_kpi(team=team, patience=4)
    row = say(kpi, Own(patience=2, near_policy="count"), date(2026, 9, 1), alice)
    kpi.refresh_from_db()
    assert (row.author, row.reason, row.created_at) == (alice, "Deals take long", NOW)
    assert kpi.patience == 4
    assert kpi.own_on(date(2026, 8, 31)) == Own(patience=4)
    assert kpi.own_on(date(2026, 9, 1)) == Own(patience=2, near_policy="count") == row.own
    assert kpi.settings_on(date(2026, 9, 1)).patience == 2
    event = AuditEvent.objects.get(verb="policy_set")
    before, after = json.loads(event.before), json.loads(event.after)
    assert (before["patience"], after["patience"]) == (4, 2)
    assert after["effective_on"] == "2026-09-01"
    assert event.reason == "Deals take long"
    assert KpiEvent.objects.get(kpi=kpi).type == "policy_set"


def test_the_same_twice_is_one_effect_and_ending_it_follows_the_team_again(team, alice):
    kpi = make_kpi(team=team)
    assert say(kpi, Own(), date(2026, 9, 1), alice) is None
    for _ in range(2):
        row = say(kpi, Own(patience=2), date(2026, 9, 1), alice, seen="" if _ else None)
    assert row is None
    assert say(kpi, Own(), date(2026, 10, 1), alice).own == Own()
    kpi.refresh_from_db()
    days = (date(2026, 8, 1), date(2026, 9, 1), date(2026, 10, 1))
    assert [kpi.settings_on(day).patience for day in days] == [3, 2, 3]
    assert [one.type for one in KpiEvent.objects.filter(kpi=kpi)] == ["policy_set", "policy_ended"]
    assert KpiPolicy.objects.count() == 2


def test_of_one_day_the_later_counts_and_one_before_it_holds_until_then(team, alice):
    kpi = make_kpi(team=team)
    say(kpi, Own(patience=5), date(2026, 9, 1), alice)
    say(kpi, Own(patience=6), date(2026, 9, 1), alice)
    say(kpi, Own(patience=1), date(2026, 8, 18), alice)
    kpi.refresh_from_db()
    days = (date(2026, 8, 17), date(2026, 8, 18), date(2026, 9, 1))
    assert [kpi.settings_on(day).patience for day in days] == [3, 1, 6]
    assert KpiPolicy.objects.count() == 3


def test_a_day_that_is_over_and_a_page_that_is_old_are_refused(team, alice):
    kpi = make_kpi(team=team)
    with pytest.raises(BeganAlready):
        say(kpi, Own(patience=2), date(2026, 8, 17), alice)
    with pytest.raises(PoliciesChanged):
        say(kpi, Own(patience=2), date(2026, 8, 18), alice, seen="old")
    assert not KpiPolicy.objects.exists()
    assert not KpiEvent.objects.exists()
    # In Oslo it is the next day already.
    late = datetime(2026, 8, 18, 22, 30, tzinfo=UTC)
    with pytest.raises(BeganAlready):
        say(kpi, Own(patience=2), date(2026, 8, 18), alice, late)
    assert say(kpi, Own(patience=2), date(2026, 8, 19), alice, late)


@pytest.mark.parametrize(
    "wrong",
    [
        {"patience": 0},
        {"recovery": 0},
        {"stale_after": 0},
        {"settle_days": 2},
        {"grace_days": 1, "settle_days": 2},
        {"window_k": 2},
        {"window_n": 2},
        {"window_k": 3, "window_n": 2},
        {"near_policy": "maybe"},
        {"missing_policy": "maybe"},
    ],
)
def test_the_database_refuses_what_no_kpi_can_say(team, wrong):
    kpi = make_kpi(team=team)
    with pytest.raises(IntegrityError), transaction.atomic():
        KpiPolicy.objects.create(kpi=kpi, effective_on=NOW.date(), created_at=NOW, **wrong)


# -- evaluating ---------------------------------------------------------------------------------


def test_each_week_counts_by_what_was_said_on_its_first_day(team, alice):
    kpi, same = (weekly_kpi(team=team, patience=6, recovery=1) for _ in range(2))
    for one in (kpi, same):
        put(one, "38 38")
        evaluate_kpis([one.pk], after(2))
    say(kpi, Own(patience=3), week(4), alice, after(2))
    assert KpiState.objects.get(kpi=kpi).due_at == after(2)
    assert KpiState.objects.get(kpi=same).due_at != after(2)
    for number in (3, 4, 5):
        for one in (kpi, same):
            put(one, "38", number)
            evaluate_kpis([one.pk], after(number))
    # Three weeks are off after the third, but that one still has the rule of six.
    [signal] = Signal.objects.all()
    assert (signal.kpi, signal.raised_on) == (kpi, week(4))


def test_a_value_that_comes_late_is_judged_by_what_held_then(team, alice):
    """Two weeks off before the day, of which one comes after it, are no signal of patience 1."""
    kpi = weekly_kpi(team=team, patience=3, recovery=1)
    put(kpi, "38 · 41")
    evaluate_kpis([kpi.pk], after(3))
    say(kpi, Own(patience=1), week(4) + timedelta(days=7), alice, after(3))
    put(kpi, "41 41", 4)
    evaluate_due(after(5), worker="test")
    put(kpi, "38", 2)
    KpiState.objects.filter(kpi=kpi).update(dirty_from=week(2), due_at=after(5))
    evaluate_due(after(5), worker="test")
    assert not Signal.objects.exists()
    rules = [one.rule.patience for one in replay_kpi(kpi, after(5)).verdicts]
    assert rules == [3, 3, 3, 3, 1]


def test_a_grace_of_its_own_moves_the_missing_only_of_the_weeks_that_begin_then(team, alice):
    kpi = weekly_kpi(team=team)
    say(kpi, Own(grace_days=5), week(3), alice, after(0))
    kpi.refresh_from_db()
    asked = [value_asked_on(kpi, period_of(week(n), "weekly", 1)) for n in (2, 3)]
    due = [value_due_on(kpi, period_of(week(n), "weekly", 1)) for n in (2, 3)]
    until = [in_time_until(kpi, period_of(week(n), "weekly", 1)) for n in (2, 3)]
    assert asked == until == [date(2026, 6, 15), date(2026, 6, 26)]
    assert due == [date(2026, 6, 14), date(2026, 6, 26)]
    put(kpi, "41 41")
    evaluate_kpis([kpi.pk], after(2))
    assert KpiState.objects.get(kpi=kpi).due_at == datetime(2026, 6, 27, tzinfo=UTC) - timedelta(
        hours=2
    )


def test_a_hold_bridges_as_many_holes_as_are_allowed_now(team, alice):
    kpi = weekly_kpi(team=team, patience=9, recovery=1)
    key_result = make_key_result(
        make_objective(team=team),
        kind="hold",
        kpi=kpi,
        hold_periods=5,
        baseline=None,
        target=Decimal(40),
    )
    put(kpi, "41 41 · · 41")
    evaluate_kpis([kpi.pk], after(5))
    kpi.refresh_from_db()

    def run():
        key_result.kpi = type(kpi).objects.select_related("state", "cadence").get(pk=kpi.pk)
        return measured(key_result, key_result.objective, [], date(2026, 7, 6)).run

    assert run() == 1
    kpi.policies = write_own([(week(5), Own(max_gap=2))])
    kpi.save()
    assert run() == 3


@pytest.mark.parametrize("seed", range(8))
def test_step_by_step_it_comes_to_what_one_replay_finds(team, alice, seed):
    """Values, corrections, targets and rules of its own that come and go, one week at a time."""
    chance = random.Random(seed)
    one = weekly_kpi(team=team, patience=2, recovery=1)
    rng = random.Random(seed + 100)
    for number in range(1, WEEKS + 1):
        for _ in range(chance.randint(0, 2)):
            change_something(one, number, chance)
        if rng.random() < 0.25:
            day = after(number).date() + timedelta(days=rng.choice([0, 0, 3, 12]))
            say(one, some_own(rng), day, alice, after(number))
        evaluate_due(after(number), worker="test")
    assert KpiPolicy.objects.filter(kpi=one).exists()
    last = after(WEEKS + 3)
    evaluate_kpis([one.pk], last)
    state, spans = state_of(one), spans_of(one)
    KpiState.objects.filter(kpi=one).update(checkpoint="", steady="")
    evaluate_kpis([one.pk], last)
    assert (state_of(one), spans_of(one)) == (state, spans)
    assert replay_kpi(one, last).standing.state == state["phase"]


@pytest.mark.parametrize("seed", range(6))
def test_the_simulator_lists_what_an_evaluation_under_it_would_store(team, seed):
    rng = random.Random(seed)
    kpis = [some_history(rng, team) for _ in range(4)]
    for kpi in kpis[:2]:
        kpi.policies = write_own([(date(2026, 3, 4), some_own(rng)), (date(2026, 6, 1), Own())])
        kpi.save()
    proposed = {kpi.pk: some_own(rng) for kpi in kpis[1:3]}
    found = simulate([kpi.pk for kpi in kpis], NOW, {}, proposed)
    evaluate_kpis([kpi.pk for kpi in kpis], NOW)
    for kpi in kpis:
        assert simulated_raises(found[kpi.pk].present.raises) == stored_raises(kpi)
        if kpi.pk not in proposed:
            assert found[kpi.pk].proposed == found[kpi.pk].present

    Signal.objects.all().delete()
    for kpi in kpis:
        if kpi.pk in proposed:
            for name, said in proposed[kpi.pk]._asdict().items():
                setattr(kpi, name, said)
            kpi.policies = ""
            kpi.save()
    KpiState.objects.update(checkpoint="", steady="", phase="")
    evaluate_kpis([kpi.pk for kpi in kpis], NOW)
    for kpi in kpis:
        assert simulated_raises(found[kpi.pk].proposed.raises) == stored_raises(kpi)


def test_it_says_what_would_be_raised_and_what_no_longer(team):
    kpi = weekly_kpi(team=team, patience=3, recovery=1)
    put(kpi, "38 38 41 38 38 38 41")
    one = simulate([kpi.pk], after(8), {}, {kpi.pk: Own(patience=2)})[kpi.pk]
    found = compare(one.present.raises, one.proposed.raises, date.min)
    assert [(a.raised, b.raised) for a, b in found.pairs] == [(week(6), week(5))]
    assert [span.raised for span in found.new] == [week(2)]


def test_loading_asks_as_often_as_without_rules_of_its_own(team, django_assert_num_queries):
    kpis = [weekly_kpi(team=team) for _ in range(6)]
    for kpi in kpis:
        put(kpi, "38 38")
        kpi.policies = write_own([(week(2), Own(patience=1)), (week(3), Own())])
        kpi.save()
    with django_assert_num_queries(14):
        simulate([kpi.pk for kpi in kpis], after(3), {}, {kpis[0].pk: Own()})
