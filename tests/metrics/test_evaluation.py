"""The acceptance scenarios and the moments of an evaluation, through the database."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from metrics.due import mark_due, sweep
from metrics.evaluation import evaluate_due, evaluate_kpis, parse_recent
from metrics.models import CadenceChange, KpiState, Signal, SignalEvent
from teams.models import OutboxMessage
from tests.factories import make_cadence, make_exclusion, make_kpi, make_target, make_value
from tests.metrics.weeks import (
    after,
    correct,
    evaluate,
    evaluate_each,
    events,
    put,
    the_signal,
    week,
    weekly_kpi,
)

pytestmark = pytest.mark.django_db


def run(now):
    return evaluate_due(now, worker="test")


def test_three_months_off_open_one_signal_and_tell_owner_and_lead_once(alice, bob, team):
    kpi = make_kpi(team=team, target=8, owner=bob)
    for month, value in enumerate(["12.4", "12.6", "12.1"], start=1):
        make_value(kpi, date(2026, month, 1), value)
    now = datetime(2026, 4, 1, 6, tzinfo=UTC)
    mark_due([kpi.pk], now, dirty_from=None)

    counts = run(now)
    for _ in range(3):
        mark_due([kpi.pk], now, dirty_from=None)
        assert run(now).events == {}

    signal = Signal.objects.get()
    assert counts.events == {"raised": 1}
    assert (signal.is_open, signal.first_off_on, signal.raised_on) == (
        True,
        date(2026, 1, 1),
        date(2026, 3, 1),
    )
    assert signal.decide_by == date(2026, 4, 22)
    assert signal.evidence["sentence"] == f"{kpi.name} was off target in 3 of the last 3 months"
    assert [period["value"] for period in signal.evidence["periods"]] == ["12.4", "12.6", "12.1"]
    assert SignalEvent.objects.count() == 1
    told = OutboxMessage.objects.values_list("recipient", "channel", "subject")
    subject = f"{kpi.name} has been off target for 3 months"
    assert set(told) == {(alice.pk, "inbox", subject), (bob.pk, "inbox", subject)}
    assert KpiState.objects.get().due_at == datetime(2026, 4, 30, 22, tzinfo=UTC)


def test_a_later_target_lets_two_good_months_resolve_the_signal(team):
    kpi = make_kpi(team=team, target=8)
    series = ["12.4", "12.6", "12.1", "9.5", "9", "8.6", "8.4", "8.3"]
    for month, value in enumerate(series, start=1):
        make_value(kpi, date(2026, month, 1), value)
    evaluate_kpis([kpi.pk], datetime(2026, 7, 1, 6, tzinfo=UTC))
    make_target(kpi, value=Decimal("8.5"), effective_on=date(2026, 7, 1))
    mark_due([kpi.pk], datetime(2026, 7, 2, tzinfo=UTC), dirty_from=date(2026, 7, 1))

    run(datetime(2026, 8, 1, 6, tzinfo=UTC))
    assert the_signal(kpi).is_open
    run(datetime(2026, 9, 1, 6, tzinfo=UTC))

    signal = the_signal(kpi)
    assert (signal.is_open, signal.ended_on) == (False, date(2026, 8, 1))
    assert signal.end_reason == "standard_relaxed"
    assert signal.spans[0]["off_periods"] == 6


def test_gaps_hold_a_streak_and_two_raise_only_the_data_flag():
    kpi = weekly_kpi(patience=4)
    put(kpi, "37 · 36 · 35 34")
    silent = weekly_kpi(patience=4)
    put(silent, "41 · ·")
    informative = weekly_kpi(target=None)
    put(informative, "1 1 1 1 1 1")

    evaluate_kpis([kpi.pk, informative.pk], after(6))
    evaluate(silent, 3)

    assert [(one.kpi_id, one.kind) for one in Signal.objects.order_by("pk")] == [
        (kpi.pk, "off_target"),
        (silent.pk, "data_stale"),
    ]
    assert KpiState.objects.get(pk=kpi.pk).streak == 4
    assert KpiState.objects.get(pk=informative.pk).latest_status == "no_target"


def test_a_kpi_without_one_of_its_essentials_is_never_judged():
    undefined = weekly_kpi(definition="")
    sourceless = weekly_kpi(source=None)
    for kpi in (undefined, sourceless):
        put(kpi, "1 1 1 · ·")
    aimless = weekly_kpi(target=None)

    evaluate_kpis([undefined.pk, sourceless.pk, aimless.pk], after(6))

    assert not Signal.objects.exists()
    assert set(KpiState.objects.values_list("phase", "is_stale")) == {("quiet", False)}


def test_a_kpi_without_a_cadence_is_not_due_again():
    kpi = make_kpi(cadence=None)
    mark_due([kpi.pk], after(1), dirty_from=None)

    assert run(after(1)).kpis == 1
    assert KpiState.objects.get().due_at is None


def test_an_outage_is_caught_up_dated_to_the_periods():
    kpi = weekly_kpi()
    evaluate_each(kpi, "41")
    put(kpi, "39 38 41 42 41 41 41 41 39 38", first=2)

    evaluate(kpi, 11)

    assert events(kpi) == [("recorded", 3, False, "recovered"), ("raised", 11, True, "")]
    recent = parse_recent(KpiState.objects.get().recent)
    assert [str(period.value) for period in recent][-3:] == ["41", "39", "38"]
    assert (recent[-1].status, recent[-1].target) == ("off_target", Decimal(40))
    assert KpiState.objects.get().status_since == week(10)


def test_an_earlier_moment_than_the_last_one_does_nothing():
    kpi = weekly_kpi()
    evaluate_each(kpi, "39 38")
    before = KpiState.objects.values().get()
    mark_due([kpi.pk], after(1), dirty_from=week(1))

    assert run(after(1)).kpis == 0
    assert evaluate(kpi, 1).kpis == 0
    assert KpiState.objects.get().checkpoint == before["checkpoint"]
    assert run(after(2)).kpis == 1


def test_the_next_look_waits_for_the_end_of_grace_or_of_settling():
    kpi = weekly_kpi(grace_days=3, settle_days=1)
    evaluate(kpi, 1)
    state = KpiState.objects.get()
    assert (state.watermark_on, state.due_at.date()) == (week(1), week(2) + timedelta(days=3))

    put(kpi, "41")
    evaluate(kpi, 1)
    assert KpiState.objects.get().due_at.date() == week(2) + timedelta(days=1)


def test_a_correction_retracts_and_an_exclusion_resolves_nothing_by_itself():
    kpi = weekly_kpi()
    evaluate_each(kpi, "37 36")
    correct(kpi, 2, 41, at=2)
    assert events(kpi)[1:] == [("retracted", 2, True, "data_corrected")]

    other = weekly_kpi()
    evaluate_each(other, "37 36 35")
    make_exclusion(other, week(1))
    mark_due([other.pk], after(3), dirty_from=week(1))
    run(after(3))
    assert the_signal(other).first_off_on == week(2)
    assert the_signal(other).is_open
    revisions = the_signal(other).evidence["revisions"]
    assert [one["evidence"]["raised_on"] for one in revisions] == [week(2).isoformat()]


def test_a_target_dated_into_the_past_judges_again_from_there():
    kpi = weekly_kpi()
    evaluate_each(kpi, "37 36 37")
    make_target(kpi, value=Decimal(35), effective_on=week(1))
    mark_due([kpi.pk], after(3), dirty_from=week(1))
    run(after(3))
    assert events(kpi)[-1] == ("retracted", 2, True, "data_corrected")


def test_a_new_cadence_restarts_the_counters_and_keeps_the_signal():
    kpi = weekly_kpi()
    evaluate_each(kpi, "37 36 39 39")
    monthly = make_cadence("monthly", organisation=kpi.team.organisation, patience=2, recovery=1)
    changes = [(kpi.cadence, week(1)), (monthly, date(2026, 7, 1))]
    for cadence, day in changes:
        CadenceChange.objects.create(
            kpi=kpi, cadence=cadence, effective_on=day, created_at=after(2)
        )
    kpi.cadence = monthly
    kpi.save()
    make_value(kpi, date(2026, 7, 1), 45)
    mark_due([kpi.pk], after(2), dirty_from=week(1))

    run(datetime(2026, 8, 1, 6, tzinfo=UTC))

    signal = the_signal(kpi)
    assert (signal.is_open, signal.ended_on) == (False, date(2026, 7, 1))


def test_a_back_dated_value_fills_the_hole_it_left():
    kpi = weekly_kpi(patience=3)
    evaluate_each(kpi, "37 · 36")
    assert not Signal.objects.exists()
    put(kpi, "38", first=2)
    mark_due([kpi.pk], after(3), dirty_from=week(2))
    run(after(3))
    assert events(kpi) == [("raised", 3, True, "")]


def test_readings_inside_a_week_become_its_value():
    kpi = weekly_kpi(aggregation="mean", min_readings=2)
    for day, value in ((0, 30), (3, 40), (8, 10)):
        make_value(kpi, week(1) + timedelta(days=day), value, identity="")
    evaluate(kpi, 2)
    recent = parse_recent(KpiState.objects.get().recent)
    assert [(one.status, one.value) for one in recent] == [
        ("off_target", Decimal(35)),
        ("missing", None),
    ]


def test_the_sweep_finds_what_nobody_will_look_at_again():
    kpi = weekly_kpi()
    evaluate(kpi, 1)
    lost = weekly_kpi()
    KpiState.objects.filter(pk=lost.pk).delete()
    KpiState.objects.filter(pk=kpi.pk).update(due_at=None)

    assert sweep(after(2)) == 2
    assert sweep(after(2)) == 0
    assert run(after(2)).kpis == 2


def test_a_target_of_another_shape_than_the_direction_counts_as_none():
    kpi = weekly_kpi(direction="in_range")
    put(kpi, "37 36 35")
    evaluate(kpi, 3)
    assert KpiState.objects.get().latest_status == "no_target"
