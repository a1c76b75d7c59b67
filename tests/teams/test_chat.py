"""Chats are told each change once, nothing that is private elsewhere, and given up on in time."""

import json
import re
from datetime import UTC, date, datetime, timedelta

import pytest
import time_machine

from metrics.evaluation import evaluate_kpis
from reviews.actions.opening import open_review
from teams import chat_payloads
from teams.actions.chats import set_chat
from teams.chat import chat_row
from teams.chat_payloads import Line, slack_payload, teams_payload
from teams.claims import MAX_ATTEMPTS
from teams.models import AuditEvent, ChatHook, InboxItem, OutboxMessage
from teams.outbox import deliver_due, queue_messages
from teams.sealing import CannotOpen, seal, unseal
from tests.factories import (
    NOW,
    join,
    make_cycle,
    make_kpi,
    make_objective,
    make_organisation,
    make_team,
    make_user,
    make_value,
)
from tests.teams.chat_server import chat_server

pytestmark = pytest.mark.django_db
SECRET = "s3cret"
PAGE = "/organisation/chat/"


@pytest.fixture
def chat(tmp_path, settings, monkeypatch):
    with chat_server(tmp_path, settings, monkeypatch) as server:
        yield server


def hook_for(chat, organisation, actor, team=None, shape="slack") -> ChatHook:
    return set_chat(organisation, team, shape=shape, url=chat.url, actor=actor, now=NOW)


def queue(hook, event="raised 1", now=NOW, **over):
    fields = {"run": "run 1", "topic": "raised", "subject": f"Churn rate: {event}", "body": ""}
    queue_messages([chat_row(hook, event, now=now, link="/signals/1/", **fields | over)])


def deliver_all(now=NOW) -> int:
    count = 0
    while lot := deliver_due(now, "test"):
        count += lot
    return count


def posted(chat) -> list[dict]:
    return [json.loads(body) for _, _, body in chat.posts]


def off_for_three_months(team, **over):
    kpi = make_kpi(team=team, target=5, **over)
    for month in range(1, 8):
        make_value(kpi, date(2026, month, 1), 9 if month > 4 else 4)
    return kpi


def judge(kpi, at=NOW) -> None:
    evaluate_kpis([kpi.pk], at)


# -- words --------------------------------------------------------------------------------------

LINES = [Line("Churn & <!channel> *bold*", "since |May|", "https://okr.example/signals/1/")]


def test_what_people_typed_is_no_markup_in_slack():
    payload = slack_payload(LINES)
    [section] = payload["blocks"]
    text = section["text"]["text"].replace("\u200b", "")
    assert text == (
        "<https://okr.example/signals/1/|Churn &amp; &lt;!channel&gt; *bold*>\nsince |May|"
    )
    assert "\u200b*\u200b" in section["text"]["text"]
    assert payload["unfurl_links"] is False


def test_what_people_typed_is_a_plain_run_in_teams():
    payload = teams_payload(LINES)
    [attachment] = payload["attachments"]
    assert payload["type"] == "message"
    assert attachment["contentType"] == "application/vnd.microsoft.card.adaptive"
    blocks = attachment["content"]["body"]
    assert {block["type"] for block in blocks} == {"RichTextBlock"}
    head = blocks[0]["inlines"][0]
    assert head["text"] == LINES[0].subject
    assert head["selectAction"] == {"type": "Action.OpenUrl", "url": LINES[0].link}


@pytest.mark.parametrize("shape", ["slack", "teams"])
def test_many_messages_are_shown_in_part_and_counted(shape):
    text = json.dumps(chat_payloads.PAYLOADS[shape](LINES * 25))
    assert "and 5 more" in text
    assert "and 24 more" in text


# -- delivering ---------------------------------------------------------------------------------


def test_messages_of_a_run_are_one_post_and_each_is_told_once(chat, organisation, ada):
    hook = hook_for(chat, organisation, ada)
    for event in ("raised 1", "raised 2", "raised 1"):
        queue(hook, event)
    queue(hook, "raised 3", run="run 2")

    assert deliver_all() == 3
    assert deliver_all() == 0
    assert [len(one["blocks"]) for one in posted(chat)] == [2, 1]
    assert len({headers["Idempotency-Key"] for _, headers, _ in chat.posts}) == 2


def test_a_retry_has_the_key_it_had_whatever_was_queued_meanwhile(chat, organisation, ada):
    hook = hook_for(chat, organisation, ada)
    queue(hook, "raised 1")
    chat.answers[:] = [500, 200]
    deliver_all()
    queue(hook, "raised 2", now=NOW + timedelta(seconds=90))
    deliver_all(NOW + timedelta(seconds=90))

    keys = [headers["Idempotency-Key"] for _, headers, _ in chat.posts]
    assert len(keys) == 3
    assert keys[0] == keys[1] != keys[2]


def test_a_chat_that_answers_500_for_a_day_is_tried_less_and_less_and_then_parked(
    chat, organisation, ada, client
):
    hook = hook_for(chat, organisation, ada)
    queue(hook)
    chat.answers[:] = [500]
    minutes, at = [], NOW
    while at < NOW + timedelta(hours=26):
        if deliver_all(at):
            minutes.append(int((at - NOW).total_seconds() // 60))
        at += timedelta(minutes=1)

    assert minutes == [0, 1, 6, 31, 156, 516, 876, 1236]
    assert len(chat.posts) == len(minutes) == MAX_ATTEMPTS["chat"]
    row = OutboxMessage.objects.get(channel="chat")
    assert row.parked_at is not None
    assert row.last_error == "It answered 500."

    client.force_login(ada)
    for page in (PAGE, "/organisation/jobs/"):
        shown = client.get(page).content.decode()
        assert "It answered 500." in shown
        assert SECRET not in shown
    chat.answers[:] = [200]
    assert client.post(PAGE, {"do": "retry"}).status_code == 302
    row.refresh_from_db()
    assert deliver_all(row.due_at) == 1
    assert "It answered 500." not in client.get(PAGE).content.decode()


def test_a_chat_that_is_away_costs_one_try_a_minute_and_keeps_nobody_waiting(
    chat, organisation, ada, alice
):
    hook = hook_for(chat, organisation, ada)
    for number in range(20):
        queue(hook, f"raised {number}", run=f"run {number}")
    chat.answers[:] = [503]

    deliver_all()
    assert len(chat.posts) == 1
    deliver_all(NOW + timedelta(minutes=1))
    assert len(chat.posts) == 2


@pytest.mark.parametrize("status", [404, 410])
def test_a_chat_that_is_gone_is_switched_off_and_who_set_it_is_told_once(
    chat, organisation, ada, client, status
):
    hook = hook_for(chat, organisation, ada)
    queue(hook)
    queue(hook, "raised 2", run="run 2")
    chat.answers[:] = [status]

    deliver_all()

    assert len(chat.posts) == 1
    hook.refresh_from_db()
    assert hook.off_at == NOW
    assert OutboxMessage.objects.filter(channel="chat", parked_at=NOW).count() == 2
    [item] = InboxItem.objects.all()
    assert (item.recipient, item.link) == (ada, PAGE)
    assert "told nothing" in item.subject
    assert SECRET not in item.subject + item.body

    client.force_login(ada)
    assert f"It answered {status}" in client.get(PAGE).content.decode()
    chat.answers[:] = [200]
    hook_for(chat, organisation, ada)
    client.post(PAGE, {"do": "retry"})
    deliver_all(datetime.now(UTC) + timedelta(minutes=1))
    assert len(chat.posts) == 3


def test_when_who_set_it_left_those_are_told_who_can_set_another(
    chat, organisation, team, ada, alice, bob
):
    for hook in (hook_for(chat, organisation, bob), hook_for(chat, organisation, bob, team)):
        queue(hook)
    bob.is_active = False
    bob.save()
    chat.answers[:] = [410]
    deliver_all()
    told = InboxItem.objects.order_by("pk").values_list("recipient__name", "link")
    assert set(told) == {("Ada Berg", PAGE), ("Alice Moreau", f"/teams/{team.pk}/chat/")}


def test_a_kill_between_post_and_mark_repeats_it_under_its_key(
    chat, organisation, ada, monkeypatch, settings
):
    hook = hook_for(chat, organisation, ada)
    queue(hook)

    class Killed(BaseException):
        pass

    def die(name):
        if name == "outbox.after_deliver":
            raise Killed

    monkeypatch.setattr("teams.chat.fault", die)
    with pytest.raises(Killed):
        deliver_all()
    monkeypatch.setattr("teams.chat.fault", lambda name: None)
    later = NOW + timedelta(seconds=settings.LEASE_SECONDS + 1)
    assert deliver_all(later) == 1

    assert len({headers["Idempotency-Key"] for _, headers, _ in chat.posts}) == 1
    assert OutboxMessage.objects.get().sent_at == later


# -- what is told to whom -----------------------------------------------------------------------


def told(hook) -> list[str]:
    rows = OutboxMessage.objects.filter(hook=hook).order_by("pk")
    return list(rows.values_list("topic", flat=True))


def test_a_signal_is_told_once_when_it_is_raised_and_once_when_it_ends(
    chat, organisation, team, ada, alice
):
    of_team = hook_for(chat, organisation, alice, team)
    of_all = hook_for(chat, organisation, ada)
    kpi = off_for_three_months(team)
    for _ in range(3):
        judge(kpi)
    assert told(of_team) == told(of_all) == ["raised"]

    for month in (8, 9):
        make_value(kpi, date(2026, month, 1), 4)
        judge(kpi, datetime(2026, month + 1, 18, tzinfo=UTC))
    assert told(of_team) == told(of_all) == ["raised", "resolved"]


def test_a_chat_that_was_not_told_of_the_beginning_is_not_told_of_the_end(
    chat, organisation, team, ada
):
    kpi = off_for_three_months(team)
    judge(kpi)
    hook = hook_for(chat, organisation, ada)
    for month in (8, 9):
        make_value(kpi, date(2026, month, 1), 4)
        judge(kpi, datetime(2026, month + 1, 18, tzinfo=UTC))
    assert told(hook) == []


def test_private_things_stay_in_the_chat_of_their_own_team(chat, organisation, team, ada, alice):
    secret = make_team(organisation=organisation, name="Secret", is_private=True)
    other = make_team(organisation=organisation, name="Other")
    hooks = [hook_for(chat, organisation, ada, one) for one in (None, team, secret, other)]
    judge(off_for_three_months(team, name="Private", is_private=True))
    judge(off_for_three_months(secret, name="Of a private team"))
    assert [told(hook) for hook in hooks] == [[], ["raised"], ["raised"], []]


def test_another_organisation_hears_nothing(chat, team, ada):
    elsewhere = make_organisation(name="Elsewhere")
    hook = hook_for(chat, elsewhere, make_user("Fay", organisation=elsewhere))
    judge(off_for_three_months(team))
    assert told(hook) == []


def test_a_review_that_opens_is_told(chat, organisation, team, ada):
    hook = hook_for(chat, organisation, ada)
    cycle = make_cycle(organisation=organisation)
    make_objective(team=team, cycle=cycle)
    for _ in range(2):
        open_review(team, cycle, "quarterly", for_on=cycle.starts_on, actor=None, now=NOW)
    assert told(hook) == ["review"]


# -- the address is a secret --------------------------------------------------------------------


def test_what_is_sealed_opens_with_this_key_or_an_old_one_only(settings):
    sealed = seal("https://chat.example/x")
    assert "chat.example" not in sealed
    assert unseal(sealed) == "https://chat.example/x"
    old = settings.SECRET_KEY
    settings.SECRET_KEY = "another"
    with pytest.raises(CannotOpen):
        unseal(sealed)
    settings.SECRET_KEY_FALLBACKS = [old]
    assert unseal(sealed) == "https://chat.example/x"


def test_an_address_sealed_with_a_lost_key_is_told_in_words(chat, organisation, ada, settings):
    hook = hook_for(chat, organisation, ada)
    queue(hook)
    settings.SECRET_KEY = "another"
    deliver_all()
    assert "Set it again" in OutboxMessage.objects.get().last_error


def test_a_second_test_in_a_minute_is_not_said_to_be_on_its_way(chat, organisation, ada, client):
    hook_for(chat, organisation, ada)
    client.force_login(ada)
    said = []
    for seconds in (0, 20, 70):
        with time_machine.travel(NOW + timedelta(seconds=seconds), tick=False):
            page = client.post(PAGE, {"do": "test"}, follow=True).text
        said += re.findall("A test (?:is on its way|was sent this minute already)", page)
    assert [one.split()[-1] for one in said] == ["way", "already", "way"]
    assert OutboxMessage.objects.filter(topic="chat_test").count() == 2


def test_the_address_is_shown_nowhere(chat, organisation, ada, client, caplog):
    client.force_login(ada)
    caplog.set_level("DEBUG")
    with time_machine.travel(NOW, tick=False):
        assert client.post(PAGE, {"shape": "teams", "url": chat.url}).status_code == 302
        assert client.post(PAGE, {"do": "test"}).status_code == 302
        client.post(PAGE, {"do": "test"})
    chat.answers[:] = [500, 410]
    deliver_all()
    deliver_all(NOW + timedelta(hours=1))

    page = client.get(PAGE).content.decode()
    assert "Address: set" in page
    assert "chat.example" in page
    stored = str([list(model.objects.values()) for model in (ChatHook, OutboxMessage, AuditEvent)])
    for text in (page, stored, caplog.text, client.get("/organisation/audit/").content.decode()):
        assert SECRET not in text
    assert AuditEvent.objects.filter(kind="chat", verb="set").count() == 1


@pytest.mark.parametrize(
    ("over", "said"),
    [
        ({"url": ""}, "Paste the address"),
        ({"url": "http://chat.example/x"}, "https://"),
        ({"url": "https://localhost/x"}, "may not be asked"),
        ({"url": "https://169.254.169.254/latest/meta-data/"}, "may not be asked"),
        ({"url": "https://[::1]/x"}, "may not be asked"),
        ({"shape": "irc"}, "irc is not one of the available choices"),
    ],
)
def test_an_address_that_is_never_asked_is_refused_at_its_field(client, ada, over, said):
    client.force_login(ada)
    answer = client.post(PAGE, {"shape": "slack", "url": "https://1.1.1.1/x"} | over)
    assert answer.status_code == 422
    assert said in answer.content.decode()
    assert ChatHook.objects.count() == 0


def test_a_lead_sets_the_chat_of_their_team_and_removes_it(chat, client, alice, bob, team):
    page = f"/teams/{team.pk}/chat/"
    client.force_login(alice)
    assert client.post(page, {"shape": "slack", "url": chat.url}).status_code == 302
    assert client.post(page, {"shape": "teams", "url": chat.url}).status_code == 302
    hook = ChatHook.objects.get()
    assert (hook.team, hook.shape, hook.set_by) == (team, "teams", alice)
    assert client.post(page, {"do": "explode"}).status_code == 404
    assert client.post(page, {"do": "remove"}).status_code == 302
    assert client.post(page, {"do": "remove"}).status_code == 404
    assert ChatHook.objects.count() == 0


def test_admins_see_no_messages_of_a_private_teams_chat(chat, organisation, ada, client, settings):
    secret = make_team(organisation=organisation, name="Secret", is_private=True)
    lead = join(secret, make_user("Lea", organisation=organisation), "lead")
    queue(hook_for(chat, organisation, lead, secret))
    chat.answers[:] = [500]
    deliver_all()
    client.force_login(ada)
    page = client.get("/organisation/jobs/").content.decode()
    assert "It answered 500" not in page
    assert "1 message not shown here" in page
