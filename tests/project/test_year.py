"""A simulated year: two beats, a worker killed each day, mail failing one day in ten.

Each message must come exactly once to whoever dedupes by its key, and none be left out. The clock
is simulated; processes, database, kills and the mail server are real.
"""

import contextlib
import json
import re
from collections import Counter, defaultdict
from datetime import date, timedelta
from email import message_from_bytes, policy
from email.utils import parsedate_to_datetime

import pytest
from aiosmtpd.controller import Controller

from teams.message_kinds import REMINDERS
from tests.project.processes import place
from tests.services import Postgres, found, free_port

DAYS, FIRST = 365, date(2026, 1, 1)
POINTS = {"outbox.after_claim", "outbox.before_mark", "outbox.after_mark", "slot.before_job"}
EVERYBODY = {"Alice", "Bob", "Carol", "Dan", "Eve", "Ada"}


class Receiver:
    """A mail server that fails one day in ten, by the mails' dates: refusing, or hanging up."""

    def __init__(self) -> None:
        self.mails, self.failed = [], 0

    async def handle_DATA(self, server, session, envelope):
        mail = message_from_bytes(envelope.content, policy=policy.default)
        day = parsedate_to_datetime(mail["Date"]).date().toordinal()
        if day % 10 == 3:
            self.failed += 1
            if day % 20 == 3:
                return "451 not today"
            server.transport.abort()
            return "421 gone"
        self.mails.append(mail)
        return "250 kept"

    # No property: aiosmtpd reads every attribute of its handler at each connection.
    def by_key(self) -> dict:
        """What a receiver is left with that knows mails by their key: the first of each."""
        kept: dict = {}
        for mail in self.mails:
            kept.setdefault(mail["Message-ID"], mail)
        return kept


@pytest.fixture
def receiver():
    handler = Receiver()
    controller = Controller(handler, hostname="127.0.0.1", port=free_port())
    controller.start()
    handler.url = f"smtp://127.0.0.1:{controller.port}"
    yield handler
    controller.stop()


def live(made, receiver, days: int, *guard: str) -> dict:
    process = made.start("-m", "tests.project.drive_year", str(days), *guard)
    out, _ = process.communicate(timeout=900)
    assert process.returncode == 0, out[-3000:]
    return json.loads(out.splitlines()[-1])


def text_of(mail) -> str:
    return mail.get_body(("plain",)).get_content()


def name_of(mail) -> str:
    return mail["To"].partition("@")[0].capitalize()


def parts_of(mail) -> list[str]:
    """The links of the messages in a mail; each message has one."""
    paths = re.findall(r"http://127\.0\.0\.1:8000(/\S+)", text_of(mail))
    return [path for path in paths if path != "/profile/messages/"]


def twice(receiver, did: dict) -> list:
    """Messages that came to somebody more than once, although they know mails by their key."""
    got = Counter(
        (name_of(mail), path)
        for mail in receiver.by_key().values()
        for path in parts_of(mail)
        if path.startswith("/notes/")
    )
    inbox = Counter(map(tuple, did["inbox"]))
    return [one for one, count in (got | inbox).items() if count > 1]


def heard(did: dict, *topics: str) -> dict:
    """Who was told of each event of these topics, and by which channel."""
    found = defaultdict(set)
    for key, topic, name, channel, _ in did["outbox"]:
        if topic in topics:
            found[key].add((name, channel))
    return found


def everywhere(*names: str) -> set:
    return {(name, channel) for name in names for channel in ("inbox", "email")}


def quarter(day: date) -> int:
    return (day.month - 1) // 3


@pytest.mark.services
@pytest.mark.parametrize("vendor", ["sqlite", "postgres"])
def test_a_year_brings_each_message_once_and_skips_none(receiver, vendor):
    if vendor == "postgres" and not found()["PostgreSQL"]:
        pytest.skip("PostgreSQL is not on this machine")
    days = DAYS if vendor == "sqlite" else 40
    with contextlib.ExitStack() as stack:
        url = stack.enter_context(Postgres()).migrated_url("year") if vendor == "postgres" else ""
        made = stack.enter_context(place(url, OKRKPI_SMTP_URL=receiver.url))
        did = live(made, receiver, days)

    # the year was as hard as it says
    assert sum(did["killed"].values()) == days
    assert did["killed"]["idle"] < days * 0.6  # the others died at a named point of their work
    assert days < 100 or set(did["killed"]) >= POINTS
    assert receiver.failed
    assert len(receiver.mails) > len(receiver.by_key())

    # what was queued arrived, each part of it in one mail only
    assert all(sent for *_, sent in did["outbox"])
    assert twice(receiver, did) == []
    kept = receiver.by_key().values()
    by_channel = Counter(channel for *_, channel, _ in did["outbox"])
    assert sum(len(parts_of(mail)) for mail in kept) == by_channel["email"]
    assert len(did["inbox"]) == by_channel["inbox"]

    # what should be told was queued, and came to everybody
    expected = [FIRST + timedelta(days=n) for n in range(days)]
    notes = {(name_of(mail), path) for mail in kept for path in parts_of(mail)}
    assert {(name, f"/notes/{day}/") for name in EVERYBODY for day in expected} <= notes
    fridays = {day + timedelta(days=4) for day in expected if day.isoweekday() == 1}
    fridays = {day for day in fridays if quarter(day) == quarter(day - timedelta(days=4))}
    # Nobody checks in after the last Monday: what is asked for then has a second reminder.
    until = f"due:{max(fridays)}"
    reminded = {key: whom for key, whom in heard(did, *REMINDERS).items() if key <= until}
    for name in ("Bob", "Dan"):
        assert {key for key, whom in reminded.items() if (name, "email") in whom} == {
            f"due:{day}" for day in fridays
        }
    signals = heard(did, "raised", "reopened", "escalated", "missing", "resolved", "reminder")
    off = [whom for key, whom in signals.items() if not key.startswith(("note", "source"))]
    assert [whom for whom in off if whom != everywhere("Carol")] == [
        everywhere("Alice", "Bob")
    ] * did["told"]
    assert did["told"] > days / 60
    reviews = heard(did, "review").values()
    assert all(whom == everywhere("Alice", "Bob", "Dan") for whom in reviews)
    assert len(reviews) == days // 91


@pytest.mark.services
@pytest.mark.parametrize(("guard", "loses"), [("key", False), ("lease_end", True)])
def test_control_a_guard_less_and_messages_come_twice_or_never(receiver, guard, loses):
    with place(OKRKPI_SMTP_URL=receiver.url) as made:
        did = live(made, receiver, 9, "--without", guard)

    assert loses == (not all(sent for *_, sent in did["outbox"]))
    assert loses or twice(receiver, did)
