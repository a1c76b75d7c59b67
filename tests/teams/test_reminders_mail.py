"""What each person chose about messages, as a real mail server receives it."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext

from teams.digests import change_settings, stop_mail
from teams.mails import unsubscribe_path
from teams.message_kinds import KINDS
from teams.models import MessageSettings, OutboxMessage
from teams.outbox import deliver_due, queue_message, queue_messages
from tests.factories import NOW, PASSWORD, mail_at_once, make_user
from tests.teams.mail_server import mail_server

pytestmark = pytest.mark.django_db
EIGHT = datetime(2026, 8, 19, 6, tzinfo=UTC)  # in Oslo, the day after NOW
PAGE = "/profile/messages/"


@pytest.fixture
def server(settings):
    with mail_server(settings) as handler:
        yield handler


def choose(person, **fields) -> MessageSettings:
    return MessageSettings.objects.create(user=person, **fields)


def queue(person, event="raised 1", channel="email", **over):
    fields = {"topic": "raised", "subject": f"Churn rate: {event}", "link": "/signals/1/"}
    queue_message(
        recipient=person,
        channel=channel,
        event_key=event,
        now=over.pop("now", NOW),
        **{"run": "run 1"} | fields | over,
    )


def deliver_all(now) -> int:
    count = 0
    while lot := deliver_due(now, "test"):
        count += lot
    return count


def waiting() -> list:
    return list(OutboxMessage.objects.order_by("pk").values_list("channel", "due_at", "run"))


def test_a_mail_is_readable_as_text_and_as_html(server, alice):
    queue(
        mail_at_once(alice),
        body="First off target: May.\nDecision by 27 <Aug>.",
        subject="Kürze & Länge",
    )
    deliver_all(NOW)

    [mail] = server.mails
    assert (mail["To"], mail["Subject"]) == (alice.email, "Kürze & Länge")
    plain = mail.get_body(("plain",)).get_content().replace("\r\n", "\n")
    assert plain.startswith("Kürze & Länge\nFirst off target: May.\nDecision by 27 <Aug>.\n")
    assert "http://127.0.0.1:8000/signals/1/" in plain
    html = mail.get_body(("html",)).get_content()
    assert '<a href="http://127.0.0.1:8000/signals/1/">Kürze &amp; Länge</a>' in html
    assert "Decision by 27 &lt;Aug&gt;." in html
    for text in (plain, html):
        assert "http://127.0.0.1:8000/profile/messages/" in text


def test_who_chose_nothing_gets_one_mail_a_day_at_eight_by_their_clock(server, alice):
    for event, topic in (("raised 1", "raised"), ("review 1", "review"), ("thanks 1", "thanks")):
        queue(alice, event, topic=topic, run=event)
    assert deliver_all(EIGHT - timedelta(minutes=1)) == 0
    deliver_all(EIGHT)

    [mail] = server.mails
    plain = mail.get_body(("plain",)).get_content()
    assert all(event in plain for event in ("raised 1", "review 1", "thanks 1"))


def test_a_subject_of_several_lines_stays_a_subject(server, alice):
    queue(mail_at_once(alice), subject="Churn\r\nBcc: eve@elsewhere.example")
    deliver_all(NOW)

    [mail] = server.mails
    assert mail["Subject"] == "Churn Bcc: eve@elsewhere.example"
    assert mail["Bcc"] is None


def test_the_daily_digest_holds_the_day_and_leaves_at_the_persons_hour(server, alice):
    choose(alice, mail="daily", hour=8)
    queue(alice, "raised 1")
    queue(alice, "raised 2", run="run 2", now=NOW + timedelta(hours=3))
    queue(alice, "raised 1", channel="inbox")

    assert deliver_all(EIGHT - timedelta(seconds=1)) == 1  # the inbox does not wait
    assert deliver_all(EIGHT) == 2
    [mail] = server.mails
    assert mail["Subject"] == "Churn rate: raised 1 and 1 more"
    assert "raised 2" in mail.get_body(("plain",)).get_content()


def test_two_people_in_two_time_zones_have_two_moments(server, alice, bob):
    choose(alice, mail="daily", hour=8)
    choose(bob, mail="daily", hour=8, time_zone="Asia/Kolkata")
    for person in (alice, bob):
        queue(person)

    deliver_all(datetime(2026, 8, 19, 2, 30, tzinfo=UTC))
    assert [mail["To"] for mail in server.mails] == [bob.email]
    deliver_all(EIGHT)
    assert [mail["To"] for mail in server.mails] == [bob.email, alice.email]


def test_a_digest_that_is_refused_comes_later_with_the_same_message_id(server, alice):
    choose(alice, mail="daily", hour=8)
    queue(alice)
    server.refuses = True
    assert deliver_all(EIGHT) == 1
    assert "451" in OutboxMessage.objects.get().last_error
    server.refuses = False
    assert deliver_all(EIGHT + timedelta(minutes=1)) == 1
    assert deliver_all(EIGHT + timedelta(days=1)) == 0
    assert len(server.mails) == 1


def test_the_same_event_is_one_mail_whatever_was_chosen_meanwhile(server, alice):
    queue(alice)
    change_settings(MessageSettings(user=alice, mail="daily", hour=8), NOW)
    queue(alice)

    assert waiting() == [("email", EIGHT, "digest:20260819T060000")]


@pytest.mark.parametrize(
    ("kinds", "channels"),
    [
        ({}, ["inbox", "email"]),
        ({"signals": "inbox"}, ["inbox"]),
        ({"signals": "not"}, []),
        ({"review": "not"}, ["inbox", "email"]),
    ],
)
def test_each_kind_of_message_can_be_switched(alice, kinds, channels):
    choose(alice, kinds=kinds)
    for channel in ("inbox", "email"):
        queue(alice, channel=channel)

    assert [row[0] for row in waiting()] == channels


def test_a_message_of_no_kind_cannot_be_switched_off(alice):
    choose(alice, kinds={"signals": "not", "": "not"})
    queue(alice, topic="invitation")
    assert len(waiting()) == 1


def test_who_wants_no_mail_keeps_the_inbox(alice):
    choose(alice, mail="never")
    for channel in ("inbox", "email"):
        queue(alice, channel=channel)
    assert [row[0] for row in waiting()] == ["inbox"]


def test_mail_that_waits_is_planned_anew_by_what_was_chosen_last(alice):
    settings = choose(alice, mail="daily", hour=8)
    queue(alice)
    queue(alice, "review 1", topic="review")

    settings.hour, settings.kinds = 15, {"review": "inbox"}
    change_settings(settings, NOW)
    [(_, due_at, _)] = waiting()
    assert due_at == datetime(2026, 8, 18, 13, tzinfo=UTC)

    settings.mail = "at_once"
    change_settings(settings, NOW)
    assert [row[1] for row in waiting()] == [NOW]


def test_a_mail_under_way_is_not_taken_back(alice):
    queue(alice, claimed_until=NOW + timedelta(seconds=9))
    stop_mail(alice, NOW)
    assert len(waiting()) == 1


@pytest.mark.parametrize("people", [10, 1000])
def test_messages_for_many_are_planned_by_one_query(organisation, people):
    several = [make_user(f"P{n}", organisation=organisation, password="x") for n in range(people)]
    MessageSettings.objects.bulk_create(
        MessageSettings(user=one, mail="daily", hour=n % 24) for n, one in enumerate(several)
    )
    rows = [
        OutboxMessage(
            event_key="raised 1",
            recipient=one,
            channel="email",
            run="run 1",
            topic="raised",
            subject="Churn rate",
            created_at=NOW,
            due_at=NOW,
        )
        for one in several
    ]
    with CaptureQueriesContext(connection) as asked:
        queue_messages(rows)
    assert sum(query["sql"].startswith("SELECT") for query in asked) == 1
    assert OutboxMessage.objects.values("due_at").distinct().count() == min(people, 24)


# -- one click ----------------------------------------------------------------------------------


def test_one_click_ends_the_mail_without_signing_in(server, alice, client):
    queue(mail_at_once(alice))
    deliver_all(NOW)
    [mail] = server.mails
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    path = mail["List-Unsubscribe"].strip(" <>").removeprefix("http://127.0.0.1:8000")
    queue(alice, "raised 2", now=NOW + timedelta(hours=1))

    assert client.get(path).status_code == 200
    assert MessageSettings.objects.get().mail == "at_once"  # reading changes nothing
    with time_machine.travel(NOW, tick=False):
        answer = client.post(path, {"List-Unsubscribe": "One-Click"})

    assert answer.status_code == 200
    assert MessageSettings.objects.get(user=alice).mail == "never"
    assert deliver_all(NOW + timedelta(days=1)) == 0


def test_a_link_that_was_not_made_here_ends_nothing(client, alice, bob):
    path = unsubscribe_path(alice)
    forged = path.replace(path.split("/")[2].split(":")[0], unsubscribe_path(bob).split("/")[2][:2])
    for broken in (forged, "/unsubscribe/x/", path[:-2] + "/"):
        assert client.post(broken).status_code == 404
    assert MessageSettings.objects.count() == 0


def test_a_link_in_a_mail_survives_signing_in(client, alice):
    answer = client.get("/inbox/?page=1")
    assert answer.url == "/accounts/login/?next=/inbox/%3Fpage%3D1"
    signed_in = client.post(answer.url, {"login": alice.email, "password": PASSWORD})
    assert signed_in.url == "/inbox/?page=1"


# -- the page -----------------------------------------------------------------------------------


def form(**over) -> dict:
    fields = {"mail": "daily", "hour": "7", "weekday": "5", "time_zone": "", "quiet_from": ""}
    kinds = [kind.name for kind in KINDS]
    fields |= {"quiet_until": ""} | {f"kind_{kind}": "mail" for kind in kinds}
    return fields | over


def test_a_person_chooses_on_the_page(client, alice):
    client.force_login(alice)
    chosen = form(time_zone="Asia/Kolkata", quiet_from="19", quiet_until="7", kind_due="inbox")

    assert client.post(PAGE, chosen).status_code == 302

    stored = MessageSettings.objects.get(user=alice)
    assert (stored.mail, stored.hour, stored.time_zone) == ("daily", 7, "Asia/Kolkata")
    assert (stored.quiet_from, stored.quiet_until, stored.kinds) == (19, 7, {"due": "inbox"})
    page = client.get(PAGE).content.decode()
    assert '<option value="inbox" selected>' in page


@pytest.mark.parametrize(
    ("over", "said"),
    [
        ({"quiet_from": "19"}, "Choose both hours, or none for both."),
        ({"quiet_until": "7"}, "Choose both hours, or none for both."),
        ({"quiet_from": "7", "quiet_until": "7"}, "Choose another hour"),
        ({"time_zone": "Mars/Olympus"}, "Choose a time zone of the list"),
        ({"hour": "24"}, "24 is not one of the available choices"),
        ({"kind_due": "loud"}, "loud is not one of the available choices"),
    ],
)
def test_what_cannot_be_is_said_at_its_field_and_nothing_is_kept(client, alice, over, said):
    client.force_login(alice)
    answer = client.post(PAGE, form(**over))
    assert answer.status_code == 422
    assert said in answer.content.decode()
    assert MessageSettings.objects.count() == 0
