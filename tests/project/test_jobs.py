"""Delivery, slots, ticks and health, on the database; real processes are in the fault tests."""

import subprocess
import sys
import time
from datetime import timedelta

import pytest
from django.core import mail
from django.db import DatabaseError, connection

from okrkpi.beat import Ticker
from okrkpi.celery import app
from teams import claims, outbox
from teams.heartbeats import beat, claim_slot, open_slots
from teams.mails import digest_mail
from teams.models import Heartbeat, InboxItem, OutboxMessage
from teams.outbox import deliver_due, queue_message
from teams.tasks import tick
from tests.factories import NOW, mail_at_once

pytestmark = pytest.mark.django_db
SLOT = timedelta(hours=1)


def queue(person, event="raised 1", channel="email", run="run 1", **over):
    fields = {"topic": "signal", "subject": f"Churn rate: {event}", "link": "/signals/1/"}
    queue_message(
        recipient=mail_at_once(person),
        channel=channel,
        event_key=event,
        run=run,
        now=NOW,
        **fields | over,
    )


def deliver_all(now=NOW) -> int:
    count = 0
    while lot := deliver_due(now, "test"):
        count += lot
    return count


def test_an_event_is_queued_once_for_each_person_and_channel(alice, bob):
    for person in (alice, alice, bob):
        queue(person)
    queue(alice, channel="inbox")

    assert OutboxMessage.objects.count() == 3


def test_rows_of_one_run_leave_as_one_mail(alice, bob):
    queue(alice, "raised 1")
    queue(alice, "raised 2")
    queue(alice, "raised 3", run="run 2")
    queue(bob, "raised 1")

    assert deliver_all() == 4

    assert sorted((m.to, m.subject) for m in mail.outbox) == sorted(
        [
            ([alice.email], "Churn rate: raised 1 and 1 more"),
            ([alice.email], "Churn rate: raised 3"),
            ([bob.email], "Churn rate: raised 1"),
        ]
    )
    assert "http://127.0.0.1:8000/signals/1/" in mail.outbox[0].body


def test_a_retried_digest_keeps_its_message_id_and_a_grown_one_does_not(alice):
    queue(alice, "raised 1")
    rows = list(OutboxMessage.objects.all())
    first, again = (digest_mail(rows).message()["Message-ID"] for _ in range(2))
    queue(alice, "raised 2")
    grown = digest_mail(list(OutboxMessage.objects.all())).message()["Message-ID"]

    assert first == again != grown


def test_an_inbox_item_is_made_once(alice):
    queue(alice, channel="inbox", body="Three periods above 5 %.")

    assert (deliver_all(), deliver_all()) == (1, 0)

    item = InboxItem.objects.get()
    assert (item.recipient, item.subject, item.created_at) == (alice, "Churn rate: raised 1", NOW)
    assert item.message.sent_at == NOW


def test_a_message_waits_until_it_is_due(alice):
    queue(alice, due_at=NOW + timedelta(minutes=5))

    assert deliver_all() == 0
    assert deliver_all(NOW + timedelta(minutes=5)) == 1


def test_a_claimed_message_is_free_again_when_its_lease_is_over(alice, settings):
    queue(alice)
    assert claims.claim(NOW, "one")

    almost = timedelta(seconds=settings.LEASE_SECONDS - 1)
    assert not claims.claim(NOW + almost, "two")
    assert claims.claim(NOW + almost + timedelta(seconds=2), "two")


def test_who_lost_the_lease_does_not_mark_the_message(alice, settings):
    queue(alice, channel="inbox")
    slow = claims.claim(NOW, "slow")
    later = NOW + timedelta(seconds=settings.LEASE_SECONDS + 1)
    claims.claim(later, "quick")

    outbox._to_inbox(slow, later)

    assert InboxItem.objects.count() == 0
    assert OutboxMessage.objects.get().sent_at is None


def test_a_failing_mail_is_put_off_for_longer_than_a_day_and_then_parked(alice, settings):
    settings.EMAIL_BACKEND = "tests.project.no_mail.EmailBackend"
    queue(alice)
    moment, pauses = NOW, []
    for _ in range(claims.MAX_ATTEMPTS["email"]):
        assert deliver_all(moment) == 1
        row = OutboxMessage.objects.get()
        pauses.append((row.due_at - moment).total_seconds() / 60)
        moment = max(moment, row.due_at)

    assert pauses == [1, 5, 25, 125, *[360] * 7, 0]
    assert row.parked_at == row.due_at
    assert "no mail today" in row.last_error
    assert deliver_all(moment + timedelta(days=9)) == 0


def test_a_message_that_kills_every_process_is_parked(alice, settings):
    queue(alice)
    moment = NOW
    for _ in range(claims.MAX_CUT_OFF):
        assert claims.claim(moment, "doomed")
        moment += timedelta(seconds=settings.LEASE_SECONDS + 1)

    assert deliver_all(moment) == 0
    assert "cut off" in OutboxMessage.objects.get().last_error


def test_nothing_is_mailed_to_a_person_who_left(alice):
    queue(alice)
    alice.is_active = False
    alice.save()

    deliver_all()

    assert mail.outbox == []
    row = OutboxMessage.objects.get()
    assert (row.sent_at, row.parked_at) == (None, NOW)


def test_a_slot_is_claimed_once_in_its_time_also_after_the_clock_went_back():
    assert claim_slot("sweep", every=SLOT, now=NOW)
    assert not claim_slot("sweep", every=SLOT, now=NOW + timedelta(minutes=59))
    assert claim_slot("sweep", every=SLOT, now=NOW + SLOT)
    assert not claim_slot("sweep", every=SLOT, now=NOW + SLOT)
    assert claim_slot("sweep", every=SLOT, now=NOW - timedelta(hours=2))


@pytest.mark.parametrize("minutes", [-120, -2, -1, 0, 59, 60, 61])
def test_the_open_slots_are_those_that_can_be_claimed(minutes):
    claim_slot("sweep", every=SLOT, now=NOW)
    now = NOW + timedelta(minutes=minutes)

    found = open_slots({"sweep": SLOT, "new": SLOT}, now=now)

    assert ("sweep" in found) == claim_slot("sweep", every=SLOT, now=now)
    assert "new" in found


def test_a_beat_that_is_told_to_end_releases_nothing_it_may_be_publishing_on():
    """Celery asks for it in its handler of SIGTERM: with its own `close` 5 of 24 never ended."""
    ticker = Ticker(app, max_interval=600)
    connection = ticker.connection
    connection.release = lambda: pytest.fail("it would wait for what the signal interrupted")
    ticker.close()
    assert ticker.connection is connection
    del connection.release
    connection.release()


def test_all_ticks_leave_together_and_the_clock_sleeps_until_the_next(settings):
    settings.TICK_SECONDS = 600
    ticker = Ticker(app, max_interval=600)
    with app.connection_for_write() as connection:
        ticker.producer = app.amqp.Producer(connection, auto_declare=False)
        queue = connection.SimpleQueue(app.conf.task_default_queue)
        queue.clear()

        pauses = [ticker.tick(), ticker.tick()]
        first = queue.qsize()
        ticker.next_at = time.monotonic()
        pauses.append(ticker.tick())

        tasks = len(settings.TICKED_TASKS)
        assert (first, queue.qsize()) == (tasks, 2 * tasks)
        assert all(500 < pause <= 600 for pause in pauses)
        queue.clear()


def test_a_heartbeat_is_written_at_most_every_ten_seconds():
    for seconds in (0, 3, 6, 9, 12):
        beat("beat", now=NOW + timedelta(seconds=seconds))

    assert Heartbeat.objects.get().at == NOW + timedelta(seconds=12)


def test_the_tick_runs_a_slot_job_once(settings, monkeypatch):
    ran = []
    settings.SLOT_JOBS = {"clean_up": ("teams.tasks.clean_up", 3600), "gone": ("no.such", 1)}
    monkeypatch.setattr(app.tasks["teams.tasks.clean_up"], "run", lambda: ran.append(1))

    tick()
    tick()

    assert ran == [1]
    assert set(Heartbeat.objects.values_list("name", flat=True)) == {"beat", "clean_up"}


def test_every_tick_expires_before_the_one_after_next_and_names_a_task(settings):
    app.loader.import_default_modules()
    for entry in settings.CELERY_BEAT_SCHEDULE.values():
        assert entry["schedule"] == settings.TICK_SECONDS
        assert entry["options"]["expires"] <= 2 * settings.TICK_SECONDS
        assert entry["task"] in app.tasks


def test_health_is_200_with_a_database_and_503_without(client, monkeypatch):
    assert client.get("/healthz").status_code == 200

    def fails(*_):
        raise DatabaseError

    monkeypatch.setattr(connection, "cursor", fails)
    assert client.get("/healthz").status_code == 503


def test_ready_says_what_is_late(client, alice):
    assert client.get("/readyz").json()["late"] == ["beat"]

    tick()
    assert client.get("/readyz").status_code == 200

    queue(alice)  # due since NOW, which is long ago
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json()["late"]) == (503, ["message"])


def test_ready_counts_parked_messages(client, alice):
    queue(alice)
    OutboxMessage.objects.update(parked_at=NOW)

    assert client.get("/readyz").json()["parked_messages"] == 1


def test_the_web_process_loads_no_broker_and_no_chart_library():
    code = (
        "import sys; from okrkpi.wsgi import application; import okrkpi.urls;"
        "from django.urls import get_resolver; get_resolver().url_patterns;"
        "print([m for m in ('celery','kombu','redis','amqp','plotly','pandas','numpy','openpyxl')"
        " if m in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", code], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"
