"""Redis refused, silent, frozen, or two beats: pages stay fast, no work is lost or doubled."""

import contextlib
import json
import signal
import sqlite3
import time
from urllib.error import HTTPError
from urllib.request import urlopen

import pytest

from tests.project.drive import PASSWORD
from tests.project.processes import BEAT, JOBS, WORKER, alive, descendants, places
from tests.project.visitor import Visitor
from tests.services import Redis, SilentServer, found, free_port, wait_until

pytestmark = [
    pytest.mark.services,
    pytest.mark.skipif(not found()["Redis"], reason="Redis is not on this machine"),
]
RUNS = 3
DIGESTS = RUNS * 2
RECOVERY = 30  # seconds; reliability.md 5


@pytest.fixture(scope="module")
def installations():
    with places("sqlite", "queue", str(RUNS)) as made:
        yield made


def answers(port: int) -> bool:
    with contextlib.suppress(OSError), urlopen(f"http://127.0.0.1:{port}/healthz", timeout=2):
        return True
    return False


def start_web(made, **environ: str) -> int:
    """The pages alone, without run.py; returns their port."""
    port = free_port()
    bind = f"127.0.0.1:{port}"
    made.start(
        "-m", "gunicorn", "-c", "python:okrkpi.web", "okrkpi.wsgi", OKRKPI_BIND=bind, **environ
    )
    wait_until(lambda: answers(port), within=60)
    return port


def start_everything(made, redis_url: str) -> int:
    """run.py with web, worker and beat; returns the port of the pages."""
    port = free_port()
    command = ["run.py", "--no-demo", "--port", str(port), "--data", str(made.folder)]
    made.start(*command, REDIS_URL=redis_url)
    wait_until(lambda: answers(port), within=120)
    return port


def write_and_read(port: int, times: int = 5) -> float:
    """Sign in, change the profile and read pages several times; the slowest request in seconds."""
    alice = Visitor(port, "alice@halden.example", PASSWORD)
    alice.post("/profile/", name="Alice Moreau", theme="dark")
    alice.slowest = 0.0
    for number in range(times):
        theme = ("light", "dark")[number % 2]
        assert theme in alice.post("/profile/", name="Alice Moreau", theme=theme)
        alice.get("/inbox/")
    return alice.slowest


def all_sent(made) -> bool:
    """Asked of the file: a process for each question would take from those it asks about."""
    with contextlib.closing(sqlite3.connect(made.folder / "db.sqlite3", timeout=20)) as database:
        waiting = "SELECT count(*) FROM teams_outboxmessage WHERE sent_at IS NULL"
        return database.execute(waiting).fetchone() == (0,)


def sent_once(made) -> dict:
    """The dump, after asserting that every message arrived exactly once."""
    dump = made.drive("dump")
    assert all(sent for *_, sent, _ in dump["outbox"])
    assert len(dump["inbox"]) == RUNS * 2 * 3
    assert len(dump["mails"]) == len({mail[0] for mail in dump["mails"]}) == DIGESTS
    return dump


def test_with_redis_refused_pages_are_fast_and_work_is_done_when_it_is_there(installations):
    with installations.new() as made:
        redis = Redis()
        port = start_everything(made, redis.url)

        assert write_and_read(port) < 1
        assert not all_sent(made)

        with redis:
            wait_until(lambda: all_sent(made), within=RECOVERY, every=1)
        sent_once(made)


def test_with_a_silent_redis_pages_are_fast_and_work_is_done_when_it_answers(installations):
    with installations.new() as made:
        with SilentServer() as silent:
            port = start_everything(made, silent.url)
            assert write_and_read(port) < 1
            wait_until(lambda: silent.accepted, within=30)  # worker and beat do ask it
            assert not all_sent(made)

        with Redis(silent.port):
            wait_until(lambda: all_sent(made), within=RECOVERY + 15, every=1)
        sent_once(made)


def test_with_a_frozen_redis_pages_are_fast_and_work_goes_on_when_it_thaws(installations):
    with installations.new() as made, Redis() as redis:
        port = start_everything(made, redis.url)
        wait_until(lambda: all_sent(made), within=60, every=1)
        redis.pause()
        made.drive("queue", str(RUNS + 1))
        try:
            assert write_and_read(port) < 1
        finally:
            time.sleep(6)
            redis.go_on()

        wait_until(lambda: all_sent(made), within=RECOVERY + 15, every=1)
        assert len(made.drive("dump")["mails"]) == DIGESTS + 2


def test_the_web_process_opens_no_connection_to_the_broker(installations):
    with installations.new() as made, SilentServer() as silent:
        port = start_web(made, REDIS_URL=silent.url)
        write_and_read(port, times=3)

        assert silent.accepted == 0


def test_control_a_request_that_published_would_wait_for_the_broker(installations):
    publish = (
        "import time, django; django.setup(); from teams.tasks import deliver_outbox;"
        "from okrkpi.celery import app; begun = time.monotonic()\n"
        "try:\n    deliver_outbox.delay()\nexcept Exception:\n    pass\n"
        "print(time.monotonic() - begun)"
    )
    with installations.new() as made, SilentServer() as silent:
        took = float(made._ask("-c", publish, REDIS_URL=silent.url))

        assert silent.accepted > 0
        assert took > 1


@pytest.mark.parametrize("mode", ["redis", "memory"])
def test_two_beats_have_the_effect_of_one(installations, mode):
    with contextlib.ExitStack() as stack:
        made = stack.enter_context(installations.new(OKRKPI_MAIL_SECONDS="0.3"))
        start_twice(stack, made, mode)
        wait_until(lambda: all_sent(made), within=90, every=1)
        time.sleep(4)  # a few more ticks of both

        sent_once(made)


@pytest.mark.parametrize("mode", ["redis", "memory"])
def test_control_two_beats_without_claims_send_mails_twice(installations, mode):
    with contextlib.ExitStack() as stack:
        # Mails of one pass that take many ticks: the two cannot but meet in them.
        made = stack.enter_context(
            installations.new(OKRKPI_MAIL_SECONDS="1", OKRKPI_UNGUARDED="claim")
        )
        start_twice(stack, made, mode)
        wait_until(lambda: all_sent(made), within=90, every=1)
        time.sleep(4)

        with pytest.raises(AssertionError):
            sent_once(made)


def start_twice(stack, made, mode: str) -> None:
    """Two beats and two workers on one database, over one Redis or each with its own memory."""
    if mode == "memory":
        commands, environ = [JOBS, JOBS], {}
    else:
        commands = [WORKER, BEAT, BEAT]
        environ = {"REDIS_URL": stack.enter_context(Redis()).url, "OKRKPI_WORKERS": "3"}
    for command in commands:
        made.start(*command, **environ)


@pytest.mark.parametrize("point", ["after_claim", "after_deliver"])
def test_the_jobs_process_killed_in_a_delivery_is_back_within_30_seconds(installations, point):
    with installations.new() as made:
        mark = made.folder / "killed"
        fault = {"OKRKPI_FAULT": f"outbox.{point}:2", "OKRKPI_FAULT_MARK": str(mark)}
        port = free_port()
        command = ["run.py", "--no-demo", "--port", str(port), "--data", str(made.folder)]
        made.start(*command, **fault)
        wait_until(mark.exists, within=120)
        wait_until(lambda: all_sent(made), within=RECOVERY * 3, every=0.5)

        assert made.drive("last") - mark.stat().st_mtime <= RECOVERY
        dump = made.drive("dump")
        assert len(dump["inbox"]) == RUNS * 2 * 3
        assert len({mail[0] for mail in dump["mails"]}) == DIGESTS


def test_kill_9_of_the_supervisor_leaves_no_orphan_beat_or_worker(installations):
    with installations.new() as made, Redis() as redis:
        port = free_port()
        command = ["run.py", "--no-demo", "--port", str(port), "--data", str(made.folder)]
        supervisor = made.start(*command, REDIS_URL=redis.url)
        wait_until(lambda: len(descendants(supervisor.pid)) >= 6, within=120)
        below = descendants(supervisor.pid)

        supervisor.kill()

        wait_until(lambda: not alive(below), within=10)


@pytest.mark.parametrize("whole", ["", ":group"], ids=["child", "worker"])
def test_a_celery_worker_killed_in_a_delivery_is_back_within_30_seconds(installations, whole):
    with installations.new() as made, Redis() as redis:
        mark = made.folder / "killed"
        fault = {"OKRKPI_FAULT": f"outbox.after_deliver:2{whole or ':'}"}
        fault |= {"OKRKPI_FAULT_MARK": str(mark), "REDIS_URL": redis.url}
        port = free_port()
        command = ["run.py", "--no-demo", "--port", str(port), "--data", str(made.folder)]
        made.start(*command, **fault)
        wait_until(mark.exists, within=120)
        wait_until(lambda: all_sent(made), within=RECOVERY * 3, every=0.5)

        assert made.drive("last") - mark.stat().st_mtime <= RECOVERY
        assert len({mail[0] for mail in made.drive("dump")["mails"]}) == DIGESTS


def test_control_with_a_lease_without_end_nothing_is_back_within_30_seconds(installations):
    with installations.new(OKRKPI_LEASE_SECONDS="100000") as made:
        mark = made.folder / "killed"
        jobs = made.start(*JOBS, OKRKPI_FAULT="outbox.after_claim:2", OKRKPI_FAULT_MARK=str(mark))
        assert jobs.wait(60) == -signal.SIGKILL
        made.start(*JOBS)

        with pytest.raises(AssertionError, match="did not happen"):
            wait_until(lambda: all_sent(made), within=RECOVERY, every=3)


def test_ready_tells_that_the_jobs_are_away_while_the_pages_are_served(installations):
    with installations.new() as made:
        port = start_web(made)
        with pytest.raises(HTTPError) as refused:
            urlopen(f"http://127.0.0.1:{port}/readyz", timeout=10)

        assert refused.value.code == 503
        assert "beat" in json.loads(refused.value.read())["late"]
        refused.value.close()
