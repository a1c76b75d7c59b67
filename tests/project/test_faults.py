"""kill -9 at every named point of a delivery: nothing is lost, nothing is doubled in effect."""

import signal

import pytest

from tests.project.processes import places
from tests.services import found

POINTS = [
    "before_claim",
    "after_claim",
    "before_deliver",
    "after_deliver",
    "before_mark",
    "after_mark",
    "before_commit",
    "after_commit",
]
RUNS = 3
LATER = ["--later", "60"]  # the second process works when the first one's lease is over


@pytest.fixture(scope="module", params=["sqlite", "postgres"])
def installations(request):
    """Installations with RUNS runs of messages queued, on each database."""
    if request.param == "postgres" and not found()["PostgreSQL"]:
        pytest.skip("PostgreSQL is not on this machine")
    with places(request.param, "queue", str(RUNS)) as made:
        yield made


@pytest.fixture(scope="module")
def undisturbed(installations):
    """What a run that nobody kills leaves behind."""
    with installations.new() as calm:
        return calm.drive("work")


def effect(dump: dict) -> dict:
    """What people are left with: a mail sent twice under one Message-ID is one mail."""
    return dump | {"mails": sorted({tuple(mail) for mail in dump["mails"]})}


def killed_and_resumed(made, point: str, nth: int, *guard: str) -> dict:
    """Die at the point, go on with a new process, and return what stands there then."""
    first = made.start("-m", "tests.project.drive", "work", *guard, OKRKPI_FAULT=f"{point}:{nth}")
    assert first.wait(60) == -signal.SIGKILL, first.stdout.read()
    return made.drive("work", *LATER, *guard)


def test_the_undisturbed_run_delivers_everything(undisturbed):
    assert len(undisturbed["inbox"]) == RUNS * 2 * 3
    assert len(undisturbed["mails"]) == RUNS * 2
    assert all(sent and not parked for *_, sent, parked in undisturbed["outbox"])


@pytest.mark.services
@pytest.mark.parametrize(
    ("point", "channel"),
    [
        *((point, "inbox") for point in POINTS),
        # A mail's mark is one statement: it has no moment before its commit.
        *((point, "email") for point in POINTS if point != "before_commit"),
    ],
)
def test_kill_at_a_point_of_a_delivery_loses_and_doubles_nothing(
    installations, undisturbed, point, channel
):
    # The first lot is all inbox rows, the second all mails, each of which is marked by itself.
    by_mail = 2 if point.endswith("_claim") else 3
    nth = 1 if channel == "inbox" else by_mail

    with installations.new() as made:
        after = killed_and_resumed(made, f"outbox.{point}", nth)

    assert effect(after) == effect(undisturbed)
    assert len(after["mails"]) <= len(undisturbed["mails"]) + 1


@pytest.mark.services
def test_control_without_an_end_of_the_lease_messages_are_lost(installations, undisturbed):
    with installations.new() as made:
        after = killed_and_resumed(made, "outbox.after_claim", 1, "--without", "lease_end")

    assert effect(after) != effect(undisturbed)
    assert not any(sent for *_, channel, sent, _ in after["outbox"] if channel == "inbox")


@pytest.mark.services
def test_control_without_the_transaction_inbox_rows_are_never_marked(installations, undisturbed):
    with installations.new() as made:
        after = killed_and_resumed(made, "outbox.after_deliver", 1, "--without", "transaction")

    assert effect(after) != effect(undisturbed)


def deliver_from_four_processes(made, *guard: str) -> dict:
    command = ["-m", "tests.project.drive", "work", "--together", "4", *guard]
    workers = [made.start(*command) for _ in range(4)]
    for worker in workers:
        assert worker.wait(60) == 0, worker.stdout.read()
    return made.drive("dump")


@pytest.mark.services
def test_four_workers_send_each_message_once(installations):
    with installations.new(OKRKPI_MAIL_SECONDS="0.2") as made:
        after = deliver_from_four_processes(made)

    assert all(sent for *_, sent, _ in after["outbox"])
    assert len(after["inbox"]) == RUNS * 2 * 3
    assert len(after["mails"]) == len({mail[0] for mail in after["mails"]}) == RUNS * 2


@pytest.mark.services
def test_control_four_workers_without_claims_send_messages_twice(installations):
    # Whether the four meet is chance on a busy machine, so the control gets a few tries.
    for _ in range(4):
        with installations.new(OKRKPI_MAIL_SECONDS="0.2") as made:
            after = deliver_from_four_processes(made, "--without", "claim")
        if len(after["mails"]) > RUNS * 2:
            return
    raise AssertionError("no message was sent twice although nothing was claimed")
