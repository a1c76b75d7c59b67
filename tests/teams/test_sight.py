"""What waits is asked again before it leaves: nobody is told what they may not see any more."""

import json

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from metrics.models import Kpi
from objectives.actions.dependencies import answer_dependency
from okrkpi.context import unread_count
from teams import outbox, sight
from teams.actions.chats import set_chat
from teams.chat import chat_row
from teams.clean_up import KEEP_SENT, drop_old
from teams.models import InboxItem, Membership, MessageSettings, OutboxMessage, Team, User
from teams.outbox import deliver_due, queue_message, queue_messages
from tests.factories import (
    NOW,
    join,
    mail_at_once,
    make_dependency,
    make_kpi,
    make_objective,
    make_organisation,
    make_team,
    make_user,
)
from tests.teams.chat_server import chat_server
from tests.teams.mail_server import mail_server

pytestmark = pytest.mark.django_db


@pytest.fixture
def server(settings):
    with mail_server(settings) as handler:
        yield handler


@pytest.fixture
def chat(tmp_path, settings, monkeypatch):
    with chat_server(tmp_path, settings, monkeypatch) as handler:
        yield handler


@pytest.fixture
def others(organisation):
    """A team that dora, who waits for messages, does not belong to."""
    return make_team(organisation=organisation, name="Acquisitions")


@pytest.fixture
def dora(organisation, team):
    return join(team, make_user("Dora Lund", organisation=organisation))


def queue(person, about, event="raised 1", channel="email"):
    subject = f"Churn rate: {event}"
    mail_at_once(person)
    queue_message(
        **{"recipient": person, "channel": channel, "event_key": event, "now": NOW, "run": "run 1"},
        **{"topic": "raised", "subject": subject, "link": "/signals/1/", "about": about},
    )


def deliver_all(now=NOW) -> None:
    while deliver_due(now, "test"):
        pass


def make_private(thing) -> None:
    type(thing).objects.filter(pk=thing.pk).update(is_private=True)


def withheld() -> list[str]:
    rows = OutboxMessage.objects.exclude(parked_at=None).order_by("pk")
    assert set(rows.values_list("last_error", flat=True)) <= {sight.NOT_TOLD}
    assert not rows.exclude(sent_at=None).exists()
    return list(rows.values_list("event_key", flat=True))


# -- mail ---------------------------------------------------------------------------------------

CHANGES = {
    "the team turned private": lambda kpi, dora: make_private(kpi.team),
    "the KPI turned private": lambda kpi, dora: make_private(kpi),
    "the KPI moved to a private team": lambda kpi, dora: Kpi.objects.filter(pk=kpi.pk).update(
        team=make_team(organisation=kpi.team.organisation, name="Secret", is_private=True)
    ),
    "the KPI went": lambda kpi, dora: (kpi.state.delete(), kpi.delete()),
    "the person is of another organisation": lambda kpi, dora: User.objects.filter(
        pk=dora.pk
    ).update(organisation=make_organisation(name="Elsewhere")),
    "the person left": lambda kpi, dora: User.objects.filter(pk=dora.pk).update(is_active=False),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_a_mail_does_not_tell_what_its_receiver_may_not_see_any_more(server, others, dora, change):
    kpi = make_kpi(team=others)
    queue(dora, sight.about(kpi))
    change(kpi, dora)
    deliver_all()

    assert server.mails == []
    assert withheld() == ["raised 1"]


def test_control_without_asking_again_the_mail_leaves(server, others, dora, monkeypatch):
    queue(dora, sight.about(make_kpi(team=others)))
    make_private(others)
    monkeypatch.setattr(outbox, "split", lambda rows: (rows, []))
    deliver_all()
    assert len(server.mails) == 1


def test_who_left_a_private_team_is_told_nothing_of_it_and_who_is_in_it_is(
    server, team, alice, dora
):
    make_private(team)
    for person in (alice, dora):
        queue(person, sight.about(team))
    Membership.objects.filter(user=dora).delete()
    deliver_all()

    assert [mail["To"] for mail in server.mails] == [alice.email]


def test_the_rest_of_a_digest_leaves(server, team, others, dora):
    queue(dora, sight.about(make_kpi(team=others)), "raised 1")
    queue(dora, sight.about(make_objective(team=team)), "raised 2")
    queue(dora, "", "raised 3")
    make_private(others)
    deliver_all()

    [mail] = server.mails
    assert mail["Subject"] == "Churn rate: raised 2 and 1 more"
    assert "raised 1" not in mail.get_body(("plain",)).get_content()
    assert withheld() == ["raised 1"]


def test_what_was_withheld_leaves_when_somebody_asks_for_it_and_it_may_be_seen_again(
    server, others, dora, ada, client
):
    queue(dora, sight.about(others))
    make_private(others)
    deliver_all()
    client.force_login(ada)
    page = "/organisation/jobs/"
    shown = client.get(page).content.decode()
    assert sight.NOT_TOLD in shown
    assert "Churn rate" not in shown

    row = OutboxMessage.objects.get()
    for is_private, count in ((True, 0), (False, 1)):
        Team.objects.filter(pk=others.pk).update(is_private=is_private)
        OutboxMessage.objects.filter(pk=row.pk).update(parked_at=None, attempts=0)
        deliver_all()
        assert len(server.mails) == count


def test_what_was_withheld_is_forgotten_as_what_was_sent(server, others, dora):
    queue(dora, sight.about(others))
    make_private(others)
    deliver_all()
    assert drop_old(NOW + KEEP_SENT)["old_messages"] == 0
    assert drop_old(NOW + KEEP_SENT * 2)["old_messages"] == 1


@pytest.mark.parametrize("people", [10, 1000])
def test_asking_again_costs_the_same_queries_for_any_number_of_people(
    organisation, team, others, people, settings
):
    settings.LEASE_SECONDS = 3600
    made = User.objects.bulk_create(
        User(email=f"p{n}@halden.example", name=f"P{n}", organisation=organisation)
        for n in range(people)
    )
    Membership.objects.bulk_create(Membership(team=team, user=one) for one in made[::2])
    make_private(team)
    codes = sight.about(team, make_kpi(team=team), make_objective(team=others))
    queue_messages(
        OutboxMessage(
            **{"event_key": "raised 1", "recipient": one, "channel": "inbox", "run": "run 1"},
            **{"topic": "raised", "subject": "Churn", "created_at": NOW, "due_at": NOW},
            about=codes,
        )
        for one in made
    )
    with CaptureQueriesContext(connection) as asked:
        told, hidden = sight.split(OutboxMessage.objects.select_related("recipient", "hook"))
    assert len(asked) == 1 + 3 + 1  # the rows; teams, KPIs and objectives; who is in the team
    assert len(told) == len(hidden) == people / 2


# -- chat ---------------------------------------------------------------------------------------


def hook_for(chat, organisation, actor, team=None):
    return set_chat(organisation, team, shape="slack", url=chat.url, actor=actor, now=NOW)


def test_a_chat_is_not_told_what_is_private_or_of_another_team_by_now(
    chat, organisation, team, others, ada
):
    of_all, of_team = hook_for(chat, organisation, ada), hook_for(chat, organisation, ada, team)
    moving, staying = make_kpi(team=team, name="A"), make_kpi(team=team, name="B")
    for hook in (of_all, of_team):
        for kpi in (moving, staying):
            words = {"topic": "raised", "subject": f"{kpi.name} is off", "body": "", "link": ""}
            row = chat_row(hook, kpi.name, now=NOW, run="1", about=sight.about(kpi), **words)
            queue_messages([row])
    Kpi.objects.filter(pk=moving.pk).update(team=others)
    make_private(staying)
    deliver_all()

    bodies = {json.loads(body)["text"] for _, _, body in chat.posts}
    assert bodies == {"A is off", "B is off"}
    told = OutboxMessage.objects.exclude(sent_at=None).values_list("hook", "event_key")
    assert sorted(told) == sorted([(of_all.pk, "A"), (of_team.pk, "B")])
    assert sorted(withheld()) == ["A", "B"]


def test_when_everything_is_withheld_nothing_is_posted(chat, organisation, team, ada):
    hook = hook_for(chat, organisation, ada)
    words = {"topic": "review", "subject": "A review is open", "body": "", "link": ""}
    row = chat_row(hook, "review 1", now=NOW, run="1", about=sight.about(team), **words)
    queue_messages([row])
    make_private(team)
    deliver_all()
    assert chat.posts == []
    assert withheld() == ["review 1"]


# -- inbox --------------------------------------------------------------------------------------


def shown(client) -> str:
    return client.get("/inbox/").content.decode()


def test_the_inbox_shows_what_may_be_seen_today(client, team, others, dora):
    kpi, objective = make_kpi(team=others), make_objective(team=others)
    for event, thing in (("one", kpi), ("two", objective), ("three", others), ("four", team)):
        queue(dora, sight.about(thing), event, "inbox")
    queue(dora, "", "five", "inbox")
    deliver_all()
    client.force_login(dora)
    assert unread_count(dora) == 5

    seen = []
    for change in (
        lambda: make_private(kpi),
        lambda: make_private(objective),
        lambda: make_private(others),
        lambda: join(others, dora),
    ):
        change()
        page = shown(client)
        found = [word for word in ("one", "two", "three", "four", "five") if f": {word}<" in page]
        assert unread_count(dora) == len(found)
        seen.append(found)
    assert seen == [
        ["two", "three", "four", "five"],
        ["three", "four", "five"],
        ["four", "five"],
        ["one", "two", "three", "four", "five"],
    ]


def test_an_item_that_is_hidden_is_not_marked_as_read(client, others, dora):
    queue(dora, sight.about(others), channel="inbox")
    deliver_all()
    make_private(others)
    client.force_login(dora)
    client.post("/inbox/read/")
    assert InboxItem.objects.get().read_at is None


def test_no_item_is_made_of_what_may_not_be_seen_any_more(others, dora):
    queue(dora, sight.about(others), "one", "inbox")
    queue(dora, "", "two", "inbox")
    make_private(others)
    deliver_all()
    assert list(InboxItem.objects.values_list("message__event_key", flat=True)) == ["two"]
    assert withheld() == ["one"]


def test_the_inbox_asks_the_same_number_of_times_whatever_it_holds(client, others, dora):
    client.force_login(dora)
    counts = []
    for first, last in ((0, 10), (10, 1000)):
        for n in range(first, last):
            queue(dora, sight.about(others), f"raised {n}", "inbox")
        deliver_all()
        with CaptureQueriesContext(connection) as asked:
            shown(client)
        counts.append(len(asked))
    assert counts[0] == counts[1] <= 10


# -- each writer says what it tells of ----------------------------------------------------------


def test_an_answer_to_a_question_is_hidden_from_who_may_not_see_one_of_both_teams(
    server, team, others, alice
):
    lead = join(others, make_user("Olga Dahl", organisation=team.organisation), "lead")
    asked = make_dependency(make_objective(team=team), others, alice)
    answer_dependency(asked, confirmed=True, actor=lead, now=NOW, version=asked.version)
    make_private(others)
    deliver_all()
    assert server.mails == []


def test_every_kind_of_thing_can_be_looked_up():
    for kind in ("team", "kpi", "objective"):
        sight.hidden_from(User(pk=1))
        assert sight._model(kind)._meta.model_name == kind
    assert list(sight.things_of("kpi:12 team:3")) == [("kpi", 12), ("team", 3)]


@pytest.mark.parametrize("seed", range(3))
def test_what_leaves_is_what_the_querysets_let_people_see(organisation, seed):
    """Against `visible_to`, person by person, over things of every privacy."""
    import random

    rng = random.Random(seed)
    teams = [
        make_team(organisation=organisation, name=f"T{n}", is_private=rng.random() < 0.5)
        for n in range(5)
    ]
    teams.append(make_team(organisation=make_organisation(name="Elsewhere"), name="X"))
    things = [*teams]
    for one in teams:
        things += [make_kpi(team=one, is_private=private) for private in (False, True)]
        things += [make_objective(team=one, is_private=private) for private in (False, True)]
    people = [make_user(f"P{n}", organisation=organisation) for n in range(4)]
    for person in people:
        for one in rng.sample(teams[:5], 2):
            join(one, person)
    rows = []
    for person in people:
        MessageSettings.objects.create(user=person)
        for thing in things:
            row = OutboxMessage(recipient=person, about=sight.about(thing), channel="inbox")
            row.pk = len(rows) + 1
            rows.append((row, type(thing).objects.visible_to(person).filter(pk=thing.pk).exists()))
    told, hidden = sight.split([row for row, _ in rows])
    assert {row.pk for row in told} == {row.pk for row, is_seen in rows if is_seen}
    assert hidden
