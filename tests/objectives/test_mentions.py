"""A mention and a thank you are told once, and only to who may see what they are about."""

from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from objectives.actions import Grade, record_check_in
from objectives.actions.work import thank
from reviews.actions.entries import WORDS, decide, give_grade, seen_of
from reviews.actions.meeting import add_action, add_learning
from teams.models import InboxItem, MessageSettings, OutboxMessage
from teams.outbox import deliver_due
from tests.factories import (
    NOW,
    join,
    make_check_in,
    make_cycle,
    make_key_result,
    make_objective,
    make_review,
    make_team,
    make_user,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def key_result(team, alice, bob, vera, charlie):
    return make_key_result(make_objective(team=team), owner=alice)


def check_in(key_result, author, note, **over):
    key_result.refresh_from_db()
    fields = {"value": None, "confidence": 6, "now": NOW, "token": uuid4()}
    return record_check_in(
        key_result, note=note, author=author, version=key_result.version, **fields | over
    )


def told(topic="mention") -> list[str]:
    rows = OutboxMessage.objects.filter(topic=topic, channel="inbox").order_by("pk")
    return [name.split()[0] for name in rows.values_list("recipient__name", flat=True)]


def test_who_is_mentioned_in_a_note_hears_of_it_once(key_result, alice, bob):
    check_in(key_result, alice, "@Bob Tanaka has the list, ask @bob. I, @Alice, am away.")
    assert told() == ["Bob"]
    deliver_due(NOW, "test")
    item = InboxItem.objects.get()
    assert item.subject == "Alice Moreau mentions you: NPS rises from 38 to 52"
    assert "has the list" in item.body
    assert item.link == key_result.get_absolute_url()


def test_a_correction_tells_only_who_is_new_in_it(key_result, alice):
    first = check_in(key_result, alice, "@Bob has the list")
    again = check_in(key_result, alice, "@Bob has the whole list", corrects=first)
    check_in(key_result, alice, "@Bob and @Vera have the list", corrects=again)
    assert told() == ["Bob", "Vera"]

    check_in(key_result, alice, "@Bob: done?")  # another check-in is another entry
    assert told() == ["Bob", "Vera", "Bob"]


def test_the_same_form_twice_tells_once(key_result, alice):
    token = uuid4()
    for _ in range(2):
        check_in(key_result, alice, "@Bob", token=token)
    assert told() == ["Bob"]


def test_a_note_without_a_mention_costs_nothing(key_result, alice):
    check_in(key_result, alice, "")
    costs = []
    for note in ("Bob knows", "bob@halden.example knows"):
        with CaptureQueriesContext(connection) as asked:
            check_in(key_result, alice, note)
        costs.append(len(asked))
    assert costs[0] == costs[1]


def test_of_a_private_objective_only_its_team_hears(team, alice, bob, charlie, organisation):
    private = make_key_result(make_objective(team=team, is_private=True), owner=alice)
    check_in(private, alice, "@Charlie and @Bob")
    assert told() == ["Bob"]
    elsewhere = make_user("Dora", organisation=None)
    check_in(make_key_result(make_objective(team=team)), alice, "@Dora @Charlie")
    assert told() == ["Bob", "Charlie"]
    assert not OutboxMessage.objects.filter(recipient=elsewhere).exists()


def test_of_a_private_team_only_its_members_hear(organisation, charlie, bob, ada):
    secret = make_team(organisation=organisation, is_private=True)
    for person, role in ((bob, "viewer"), (charlie, "member")):
        join(secret, person, role)
    make_user("Erik", organisation=organisation)
    check_in(make_key_result(make_objective(team=secret)), charlie, "@Bob @Erik @Ada")
    assert told() == ["Bob"]


def test_who_left_hears_nothing(key_result, alice, bob):
    bob.is_active = False
    bob.save()
    check_in(key_result, alice, "@Bob")
    assert told() == []


# -- reviews ------------------------------------------------------------------------------------


@pytest.fixture
def review(key_result, organisation):
    return make_review(team=key_result.objective.team, cycle=make_cycle(organisation=organisation))


def test_entries_of_a_review_tell_whom_they_mention_once_an_entry(review, key_result, alice, bob):
    objective, by = key_result.objective, {"actor": alice, "now": NOW}
    row, seen = None, ""
    for text in ("@Bob knew", "@Bob knew it", "@Bob and @Vera knew it"):
        seen = seen_of(row, WORDS)
        said = {"explanation": "", "root_cause": text}
        row = decide(review, objective, said, names=WORDS, seen=seen, **by)
    assert told() == ["Bob", "Vera"]

    for version, reason in enumerate(("@Bob: why?", "@Bob: why so?")):
        give_grade(review, key_result, Grade(None, reason, is_left_out=True), version=version, **by)
    assert told() == ["Bob", "Vera", "Bob"]

    token = uuid4()
    for _ in range(2):
        add_learning(review, text="@Charlie: ask earlier", token=token, **by)
    add_action(review, what="@Vera calls", owner=bob, due_on=None, token=uuid4(), **by)
    assert told() == ["Bob", "Vera", "Bob", "Charlie", "Vera"]
    assert set(OutboxMessage.objects.values_list("link", flat=True)) == {review.get_absolute_url()}


def test_words_about_a_private_objective_are_told_to_the_team_only(review, team, alice):
    hidden = make_objective(team=team, cycle=review.cycle, is_private=True)
    said = {"explanation": "@Charlie and @Bob", "root_cause": ""}
    decide(review, hidden, said, names=WORDS, seen=seen_of(None, WORDS), actor=alice, now=NOW)
    assert told() == ["Bob"]


# -- thanks -------------------------------------------------------------------------------------


def test_thanks_are_told_to_who_is_thanked_once_a_person(key_result, alice, bob, vera):
    made = make_check_in(key_result, alice)
    for person in (bob, bob, vera):
        thank(made, person=person, now=NOW)
    assert told("thanks") == ["Alice", "Alice"]
    row = OutboxMessage.objects.filter(topic="thanks").order_by("pk").first()
    assert row.subject == "Bob Tanaka thanks you for a check-in"
    assert row.body == key_result.title


def test_who_may_not_see_the_check_in_any_more_is_not_told_of_thanks(organisation, alice, bob):
    secret = join(make_team(organisation=organisation, is_private=True), bob).teams.last()
    made = make_check_in(make_key_result(make_objective(team=secret)), alice)
    thank(made, person=bob, now=NOW)
    assert told("thanks") == []


@pytest.mark.parametrize(("kinds", "heard"), [({}, 2), ({"mention": "not", "thanks": "not"}, 0)])
def test_both_can_be_switched_off(key_result, alice, bob, kinds, heard):
    MessageSettings.objects.create(user=bob, kinds=kinds)
    check_in(key_result, alice, "@Bob")
    thank(make_check_in(key_result, bob), person=alice, now=NOW)
    assert OutboxMessage.objects.filter(recipient=bob).count() == heard
