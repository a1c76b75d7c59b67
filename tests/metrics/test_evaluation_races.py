"""Exactly once, whoever runs it, however often and however badly it ends.

Each race has a negative control: with the guards it relies on switched off it does go wrong.
"""

import threading
from datetime import timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from django.db.models import F

from metrics.due import mark_due
from metrics.evaluation import evaluate_due, evaluate_kpis, loading, running, stepping, storing
from metrics.models import KpiState, Signal, SignalEvent
from teams.models import OutboxMessage
from tests.factories import join, make_organisation, make_team, make_user
from tests.metrics.weeks import after, evaluate, events, put, week, weekly_kpi

on_postgres = pytest.mark.skipif(
    "connection.vendor != 'postgresql'", reason="SQLite has one writer at a time"
)


def in_threads(count, work):
    """Run `work` in threads with connections of their own; raise what one of them raised."""
    problems = []

    def guarded():
        try:
            work()
        except Exception as problem:
            problems.append(problem)
        finally:
            connection.close()

    threads = [threading.Thread(target=guarded) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if problems:
        raise problems[0]


def off_target_kpis(count):
    """KPIs off target for two weeks, with a lead to tell, due on the morning after."""
    organisation = make_organisation(time_zone="UTC")
    team = make_team(organisation=organisation)
    join(team, make_user("Alice Moreau", organisation=organisation), "lead")
    kpis = [weekly_kpi(team=team) for _ in range(count)]
    for kpi in kpis:
        put(kpi, "37 36")
    mark_due([kpi.pk for kpi in kpis], after(2), dirty_from=None)
    return kpis


def drain(now, limit=7):
    while evaluate_due(now, worker=threading.current_thread().name, limit=limit).kpis:
        pass


def assert_once(kpis):
    ids = [kpi.pk for kpi in kpis]
    assert sorted(Signal.objects.values_list("kpi_id", flat=True)) == ids
    assert SignalEvent.objects.count() == OutboxMessage.objects.count() == len(ids)


@pytest.mark.django_db(transaction=True)
def test_many_workers_raise_each_signal_once():
    kpis = off_target_kpis(20)
    in_threads(4, lambda: drain(after(2)))
    assert_once(kpis)
    assert not KpiState.objects.due(after(2)).exists()


class Rendezvous:
    """Lets two evaluations get past their reading before either writes."""

    def __init__(self, monkeypatch, parties=2):
        self.barrier = threading.Barrier(parties, timeout=20)
        self.real = storing.store_transitions
        monkeypatch.setattr("metrics.evaluation.batch.store_transitions", self)

    def __call__(self, *arguments):
        if self.barrier is not None:
            barrier = self.barrier
            barrier.wait()
            self.barrier = None
        return self.real(*arguments)


@on_postgres
@pytest.mark.django_db(transaction=True)
def test_without_the_lock_the_constraints_alone_keep_a_signal_single(monkeypatch):
    kpis = off_target_kpis(3)
    monkeypatch.setattr(loading, "_lock", lambda option="": "")
    Rendezvous(monkeypatch)
    in_threads(2, lambda: evaluate_due(after(2), worker="one", limit=10))
    assert_once(kpis)


@on_postgres
@pytest.mark.django_db(transaction=True)
def test_control_without_lock_and_constraint_two_workers_raise_twice(monkeypatch):
    kpis = off_target_kpis(3)
    monkeypatch.setattr(loading, "_lock", lambda option="": "")
    Rendezvous(monkeypatch)
    constraint = next(one for one in Signal._meta.constraints if one.name == "signal_open_once")
    with connection.schema_editor() as editor:
        editor.remove_constraint(Signal, constraint)
    try:
        in_threads(2, lambda: evaluate_due(after(2), worker="one", limit=10))
        assert Signal.objects.count() == 2 * len(kpis)
    finally:
        Signal.objects.all().delete()
        with connection.schema_editor() as editor:
            editor.add_constraint(Signal, constraint)


@pytest.mark.django_db
def test_a_losing_insert_is_found_out_and_leaves_nothing_behind(monkeypatch):
    (kpi,) = off_target_kpis(1)
    real = storing.insert_signals

    def somebody_was_faster(signals):
        monkeypatch.setattr(storing, "insert_signals", real)
        raise storing.LostRace

    monkeypatch.setattr(storing, "insert_signals", somebody_was_faster)
    counts = evaluate_due(after(2), worker="late")
    assert (counts.kpis, counts.failed) == (1, 0)
    assert_once([kpi])


@pytest.mark.django_db
def test_a_signal_that_moved_on_meanwhile_is_not_overwritten(monkeypatch):
    kpi = weekly_kpi()
    put(kpi, "37 36 41 42")
    evaluate(kpi, 2)
    real = storing._changes

    def moved(*arguments):
        Signal.objects.update(transitions=F("transitions") + 1)
        return real(*arguments)

    monkeypatch.setattr(storing, "_changes", moved)
    with pytest.raises(storing.LostRace):
        evaluate(kpi, 4)
    assert Signal.objects.get().is_open


def between_reading_and_writing(monkeypatch, work):
    """Do `work` once, after an evaluation has read and before it writes."""
    real = stepping.walk_kpi
    pending = [work]

    def walk(*arguments):
        if pending:
            pending.pop()()
        return real(*arguments)

    monkeypatch.setattr("metrics.evaluation.batch.walk_kpi", walk)


@pytest.mark.django_db
def test_a_change_during_an_evaluation_leaves_the_kpi_due(monkeypatch):
    kpi = weekly_kpi()
    put(kpi, "41 42")
    evaluate(kpi, 1)
    between_reading_and_writing(
        monkeypatch, lambda: mark_due([kpi.pk], after(2), dirty_from=week(1))
    )
    evaluate(kpi, 2)
    state = KpiState.objects.get()
    assert state.due_at <= after(2)
    assert state.dirty_from == week(1)


@pytest.mark.django_db
def test_control_without_counting_marks_the_change_is_lost(monkeypatch):
    kpi = weekly_kpi()
    put(kpi, "41 42")
    evaluate(kpi, 1)

    def unmarked_change():
        KpiState.objects.update(due_at=after(2), dirty_from=week(1))

    between_reading_and_writing(monkeypatch, unmarked_change)
    evaluate(kpi, 2)
    assert KpiState.objects.get().dirty_from is None


@on_postgres
@pytest.mark.django_db(transaction=True)
def test_a_change_waits_for_the_evaluation_that_has_the_lock(monkeypatch):
    kpi = weekly_kpi()
    put(kpi, "41 42")
    mark_due([kpi.pk], after(2), dirty_from=None)
    writer = threading.Thread(
        target=lambda: (mark_due([kpi.pk], after(2), dirty_from=week(1)), connection.close())
    )
    between_reading_and_writing(monkeypatch, writer.start)
    evaluate_due(after(2), worker="first")
    writer.join()
    assert KpiState.objects.get().dirty_from == week(1)


def broken_for(monkeypatch, kpi_id):
    """Make the evaluation of one KPI raise."""
    real = stepping.walk_kpi

    def walk(state, *rest):
        if state.kpi_id == kpi_id:
            raise ZeroDivisionError("broken")
        return real(state, *rest)

    monkeypatch.setattr("metrics.evaluation.batch.walk_kpi", walk)


@pytest.mark.django_db
def test_one_bad_kpi_delays_no_other_and_is_parked_the_third_time(monkeypatch):
    kpis = off_target_kpis(9)
    bad = kpis[4]
    broken_for(monkeypatch, bad.pk)
    now = after(2)

    counts = evaluate_due(now, worker="test")
    assert (counts.kpis, counts.failed) == (8, 1)
    assert Signal.objects.count() == 8
    for pause in (timedelta(minutes=1), timedelta(minutes=4)):
        assert KpiState.objects.get(pk=bad.pk).due_at == now + pause
        now += pause
        assert evaluate_due(now, worker="test").failed == 1

    state = KpiState.objects.get(pk=bad.pk)
    assert (state.due_at, state.attempts, state.last_error) == (
        None,
        3,
        "ZeroDivisionError: broken",
    )
    mark_due([bad.pk], now, dirty_from=week(1))
    assert KpiState.objects.get(pk=bad.pk).due_at == now


@pytest.mark.django_db
def test_a_failure_in_the_middle_of_writing_leaves_nothing(monkeypatch):
    off_target_kpis(1)
    monkeypatch.setattr("metrics.evaluation.batch.queue_notices", lambda *a, **k: 1 / 0)
    assert evaluate_due(after(2), worker="test").failed == 1
    assert not Signal.objects.exists()
    assert not SignalEvent.objects.exists()


@pytest.mark.django_db
def test_few_whole_replays_share_a_transaction(monkeypatch):
    monkeypatch.setattr(running, "REPLAYS", 2)
    off_target_kpis(5)
    assert [evaluate_due(after(2), worker="test").kpis for _ in range(4)] == [2, 2, 1, 0]


@pytest.mark.django_db
def test_a_second_open_signal_is_refused_by_the_database():
    (kpi,) = off_target_kpis(1)
    evaluate_kpis([kpi.pk], after(2))
    row = Signal.objects.get()
    row.pk = None
    with pytest.raises(IntegrityError), transaction.atomic():
        row.save()
    assert events(kpi) == [("raised", 2, True, "")]
