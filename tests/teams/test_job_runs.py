"""What a job did is noted cheaply, its failures are kept, and no note breaks a job."""

from datetime import timedelta

import pytest
import time_machine
from django.db import DatabaseError

from okrkpi.celery import app
from teams import job_runs
from teams.job_runs import KEEP_FAILURES, for_each_organisation, keep_failure, recorded
from teams.models import Heartbeat, JobFailure, JobRun
from teams.tasks import RETRY_SLOT, deliver_outbox, tick
from tests.factories import NOW, make_organisation, make_stuck_message

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _nothing_noted(monkeypatch):
    monkeypatch.setattr(job_runs, "_noted", {})
    app.loader.import_default_modules()


def run(counts=(), *, at=NOW, error=None, job="sweep"):
    with time_machine.travel(at, tick=False), recorded(job) as one:
        for name, number in dict(counts).items():
            one.count(name, number)
        if error:
            raise error


def test_a_run_notes_when_and_what_it_did():
    run({"mended": 2, "dropped_uploads": 0})
    run({"mended": 3}, at=NOW + timedelta(seconds=1))

    row = JobRun.objects.get()
    assert (row.name, row.ended_at) == ("sweep", NOW + timedelta(seconds=1))
    assert (row.counts, row.done) == ({"mended": 3}, 5)
    assert row.failing_since is None


def test_a_run_that_found_nothing_keeps_what_the_last_one_did():
    run({"mended": 2})
    run(at=NOW + timedelta(minutes=1))

    row = JobRun.objects.get()
    assert (row.ended_at - row.worked_at, row.counts) == (timedelta(minutes=1), {"mended": 2})


def test_runs_that_find_nothing_cost_nothing_within_ten_seconds(django_assert_num_queries):
    run()
    with django_assert_num_queries(0):
        for seconds in (3, 6, 9):
            run(at=NOW + timedelta(seconds=seconds))
    with django_assert_num_queries(1):
        run(at=NOW + timedelta(seconds=12))
    with django_assert_num_queries(1):
        run({"mended": 1}, at=NOW + timedelta(seconds=13))


def test_a_failure_is_noted_and_goes_on_to_the_caller():
    with pytest.raises(ZeroDivisionError):
        run(error=ZeroDivisionError("by zero\x00"))
    with pytest.raises(ZeroDivisionError):
        run(error=ZeroDivisionError("by zero"), at=NOW + timedelta(minutes=5))

    row, failure = JobRun.objects.get(), JobFailure.objects.get()
    assert (row.failing_since, row.failures) == (NOW, 2)
    assert (failure.text, failure.times) == ("ZeroDivisionError: by zero", 2)
    assert failure.last_at - failure.first_at == timedelta(minutes=5)

    run(at=NOW + timedelta(minutes=6))
    assert JobRun.objects.get().failing_since is None


def test_the_failures_kept_are_few():
    for number in range(KEEP_FAILURES + 5):
        keep_failure("sweep", f"error {number}", NOW + timedelta(minutes=number))
    keep_failure("clean_up", "x" * 9999, NOW)

    kept = JobFailure.objects.filter(job="sweep")
    assert kept.count() == KEEP_FAILURES
    assert kept.first().text == f"error {KEEP_FAILURES + 4}"
    assert len(JobFailure.objects.get(job="clean_up").text) == job_runs.TEXT_LENGTH


def test_a_note_that_cannot_be_written_breaks_nothing(monkeypatch):
    def refuse(*_):
        raise DatabaseError("disk full")

    monkeypatch.setattr(job_runs, "_store", refuse)
    run({"mended": 1})
    with pytest.raises(ZeroDivisionError):
        run(error=ZeroDivisionError())


def test_one_organisation_that_fails_keeps_none_from_its_turn():
    first, second = make_organisation(name="One"), make_organisation(name="Two")
    seen = []

    def act(organisation):
        seen.append(organisation)
        if organisation == first:
            raise ValueError("one")

    with pytest.raises(ValueError, match="one"):
        for_each_organisation(act)
    assert seen == [first, second]


def test_a_slot_job_that_fails_stops_no_other_and_is_tried_again_soon(settings, monkeypatch):
    settings.SLOT_JOBS = {
        "clean_up": ("teams.tasks.clean_up", 3600),
        "sweep": ("metrics.tasks.sweep", 3600),
    }
    ran = []

    def fail():
        ran.append("clean_up")
        raise ValueError("no")

    monkeypatch.setattr(app.tasks["teams.tasks.clean_up"], "run", fail)
    monkeypatch.setattr(app.tasks["metrics.tasks.sweep"], "run", lambda: ran.append("sweep"))
    for minutes in (0, 1, 5.1):
        with time_machine.travel(NOW + timedelta(minutes=minutes), tick=False):
            tick()

    assert ran == ["clean_up", "sweep", "clean_up"]
    at = Heartbeat.objects.get(name="clean_up").at
    assert at + timedelta(hours=1) - NOW == timedelta(minutes=5.1) + RETRY_SLOT


def test_every_job_notes_its_run_under_its_own_name(settings):
    tasks = [*settings.TICKED_TASKS, *(task for task, _ in settings.SLOT_JOBS.values())]
    for task in tasks:
        app.tasks[task]()

    names = {task.rpartition(".")[2] for task in tasks} - {"tick"}
    assert set(JobRun.objects.values_list("name", flat=True)) == names
    assert names >= set(settings.SLOT_JOBS)


def test_a_delivery_notes_how_many_messages_left(alice):
    make_stuck_message(alice, channel="inbox", attempts=0)
    assert deliver_outbox() == 1
    assert JobRun.objects.get(name="deliver_outbox").counts == {"messages": 1}
