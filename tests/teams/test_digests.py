"""Digests of many people in one pass; a mail server that hangs, is away, or refuses one mail."""

import time
from datetime import timedelta

import pytest
from aiosmtpd.controller import Controller
from django.core import mail
from django.db import connection
from django.test.utils import CaptureQueriesContext

from teams import claims, mailing
from teams.models import InboxItem, MessageSettings, OutboxMessage, User
from teams.outbox import deliver_due, queue_messages
from tests.factories import NOW, mail_at_once
from tests.services import SilentServer, free_port, wait_until

pytestmark = pytest.mark.django_db
TOMORROW = NOW + timedelta(days=1)


def rows(people, events=("raised 1", "raised 2"), channel="email", **over):
    fields = {"run": "run 1", "topic": "raised", "created_at": NOW, "due_at": NOW}
    return [
        OutboxMessage(
            event_key=event,
            recipient=person,
            channel=channel,
            subject=f"Churn rate: {event}",
            link="/signals/1/",
            **fields | over,
        )
        for event in events  # so the rows of one person do not stand together
        for person in people
    ]


def many(organisation, count: int) -> list:
    made = User.objects.bulk_create(
        User(email=f"p{n}@halden.example", name=f"P{n}", organisation=organisation)
        for n in range(count)
    )
    MessageSettings.objects.bulk_create(MessageSettings(user=one, mail="daily") for one in made)
    return made


def asked(work) -> dict[str, int]:
    """How many statements of each kind some work sent."""
    with CaptureQueriesContext(connection) as seen:
        work()
    found: dict[str, int] = {}
    for query in seen:
        word = query["sql"].split()[0]
        found[word] = found.get(word, 0) + 1
    return found


@pytest.mark.parametrize("people", [10, 1000])
def test_one_pass_builds_the_digests_of_all_people_with_the_same_queries(
    organisation, people, settings, monkeypatch
):
    monkeypatch.setattr(mailing, "SEND_SECONDS", 600)  # however busy the machine is
    settings.LEASE_SECONDS = 3600
    queue_messages(rows(many(organisation, people)))

    sent = asked(lambda: deliver_due(TOMORROW, "test"))

    assert len(mail.outbox) == people
    assert all("and 1 more" in one.subject for one in mail.outbox)
    assert sent["SELECT"] == 3  # the oldest row, the rows to claim, the rows with their people
    assert sent["UPDATE"] == 1 + people  # the claim, and the mark of each mail
    assert deliver_due(TOMORROW, "test") == 0


def test_a_batch_that_is_full_ends_between_two_digests(organisation, monkeypatch):
    monkeypatch.setattr(claims, "MAIL_BATCH", 5)
    queue_messages(rows(many(organisation, 7)))
    passes = []
    while count := deliver_due(TOMORROW, "test"):
        passes.append(count)

    assert passes == [4, 4, 4, 2]
    assert len(mail.outbox) == 7


def test_what_is_not_sent_in_time_is_left_to_the_next_pass_without_a_try(organisation, monkeypatch):
    monkeypatch.setattr(mailing, "SEND_SECONDS", -1)
    queue_messages(rows(many(organisation, 3)))
    deliver_due(TOMORROW, "test")

    assert len(mail.outbox) == 1
    left = OutboxMessage.objects.filter(sent_at=None)
    assert set(left.values_list("attempts", "claimed_until")) == {(0, None)}
    while deliver_due(TOMORROW, "test"):
        pass
    assert len(mail.outbox) == 3


def test_what_is_queued_after_a_digest_was_tried_leaves_by_itself(alice, settings):
    # The first try may have arrived: the digest that is tried again must be the same one.
    queue_messages(rows([mail_at_once(alice)], ["raised 1"]))
    claims.claim(NOW, "killed")
    queue_messages(rows([alice], ["raised 2"]))
    later = NOW + timedelta(seconds=settings.LEASE_SECONDS + 1)
    while deliver_due(later, "test"):
        pass

    assert [one.subject for one in mail.outbox] == ["Churn rate: raised 1", "Churn rate: raised 2"]


def test_a_long_send_renews_its_lease_and_stops_at_what_it_lost(organisation, settings):
    settings.LEASE_SECONDS = 0.03
    queue_messages(rows(many(organisation, 2), ["raised 1"]))
    claimed = claims.claim(TOMORROW, "slow")
    hold = claims.Hold(claimed, TOMORROW)
    time.sleep(0.02)
    OutboxMessage.objects.filter(pk=claimed[1].pk).update(claimed_by="quick")

    assert hold.has(claimed[:1])
    assert not hold.has(claimed[1:])
    assert OutboxMessage.objects.get(pk=claimed[0].pk).claimed_until > TOMORROW + timedelta(
        seconds=0.03
    )


# -- a mail server that is away, hangs, or refuses one mail ---------------------------------------


@pytest.fixture
def smtp(settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST = "127.0.0.1"
    settings.EMAIL_TIMEOUT = 0.3
    return settings


def test_a_mail_server_that_hangs_costs_one_try_a_minute_and_holds_up_nothing_else(
    smtp, organisation, alice
):
    people = many(organisation, 5)
    queue_messages(rows(people))
    with SilentServer() as silent:
        smtp.EMAIL_PORT = silent.port
        began = time.monotonic()
        deliver_due(TOMORROW, "test")
        queue_messages(rows([alice], ["raised 9"], channel="inbox"))
        deliver_due(TOMORROW, "test")
        assert time.monotonic() - began < 3

        assert InboxItem.objects.count() == 1
        wait_until(lambda: silent.accepted == 1, within=5)
        assert deliver_due(TOMORROW, "test") == 0
        deliver_due(TOMORROW + claims.FIRST_PAUSE, "test")
        wait_until(lambda: silent.accepted == 2, within=5)

    tried = OutboxMessage.objects.filter(channel="email", attempts__gt=0)
    assert sum(tried.values_list("attempts", flat=True)) == 2 * 2  # rows of a digest, tries
    assert set(tried.values_list("parked_at", flat=True)) == {None}


def test_a_mail_server_that_is_away_for_a_day_gets_everything_when_it_is_back(
    smtp, settings, organisation
):
    smtp.EMAIL_PORT = free_port()  # nobody listens
    queue_messages(rows(many(organisation, 3)))
    at = TOMORROW
    while at < TOMORROW + timedelta(days=1):
        deliver_due(at, "test")
        at += timedelta(minutes=5)
    assert not OutboxMessage.objects.exclude(parked_at=None).exists()

    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    at += timedelta(hours=6)
    while deliver_due(at, "test"):
        pass
    assert len(mail.outbox) == 3
    assert all("and 1 more" in one.subject for one in mail.outbox)


class Moody:
    """Refuses one address, and hangs up after every second mail."""

    def __init__(self):
        self.got, self.count = [], 0

    async def handle_RCPT(self, server, session, envelope, address, options):
        if address.startswith("p1"):
            return "550 nobody of this name"
        envelope.rcpt_tos.append(address)
        return "250 ok"

    async def handle_DATA(self, server, session, envelope):
        self.count += 1
        if self.count % 3 == 0:
            server.transport.abort()
            return "421 gone"
        self.got.append(envelope.rcpt_tos[0])
        return "250 kept"


def test_one_refused_mail_and_a_server_that_hangs_up_keep_no_other_from_going(smtp, organisation):
    handler = Moody()
    controller = Controller(handler, hostname="127.0.0.1", port=free_port())
    controller.start()
    smtp.EMAIL_PORT = controller.port
    people = many(organisation, 6)
    queue_messages(rows(people))
    deliver_due(TOMORROW, "test")
    controller.stop()

    assert len(set(handler.got)) == 5
    [refused] = OutboxMessage.objects.filter(sent_at=None).values("recipient").distinct()
    assert refused["recipient"] == people[1].pk
    assert "550" in OutboxMessage.objects.filter(sent_at=None).first().last_error
