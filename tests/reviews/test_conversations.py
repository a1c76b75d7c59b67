"""Conversations of two people: what fills the page, and that nobody else ever sees it."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from uuid import uuid4

import pytest
import time_machine
from django.conf import settings
from django.contrib import admin

from objectives.models import Thanks
from reviews.models import Conversation, ConversationNote
from tests.factories import (
    NOW,
    join,
    make_blocker,
    make_check_in,
    make_conversation,
    make_key_result,
    make_objective,
    make_organisation,
    make_review,
    make_review_action,
    make_team,
    make_user,
)

pytestmark = [pytest.mark.django_db]
MINE = "/conversations/"
ARABIC = "سلمى الحسن"
SECRET = "Said between the two of us"


@pytest.fixture(autouse=True)
def then():
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def talk(alice, bob):
    return make_conversation(alice, bob)


def main_of(answer):
    text = answer.content.decode()
    return text[text.index("<main") : text.index("</main>")]


def page_of(client, talk, user):
    client.force_login(user)
    answer = client.get(f"{MINE}{talk.pk}/")
    assert answer.status_code == 200
    return main_of(answer)


def note(client, talk, text=SECRET, token=None, **extra):
    fields = {"text": text, "token": token or uuid4()}
    return client.post(f"{MINE}{talk.pk}/notes/", fields, **extra)


def test_a_conversation_is_started_once_whoever_starts_it(client, alice, bob):
    for me, other in ((alice, bob), (bob, alice), (alice, bob)):
        client.force_login(me)
        answer = client.post(MINE, {"person": other.pk})
        assert answer.status_code == 302
    made = Conversation.objects.get()
    assert {made.first, made.second} == {alice, bob}
    assert "Alice Moreau" in page_of(client, made, bob)


@pytest.mark.parametrize("who", ["self", "gone", "foreign", "nobody"])
def test_only_an_active_colleague_can_be_asked(client, organisation, alice, who):
    elsewhere = make_organisation(name="Elsewhere")
    person = {
        "self": alice,
        "gone": make_user("Gone", organisation=organisation, is_active=False),
        "foreign": make_user("Fay", organisation=elsewhere),
        "nobody": None,
    }[who]
    client.force_login(alice)
    answer = client.post(MINE, {"person": person.pk if person else ""})
    assert answer.status_code == 422
    assert "Choose a colleague" in answer.content.decode()
    assert not Conversation.objects.exists()


@pytest.mark.parametrize("who", ["charlie", "vera", "ada", "root"])
def test_nobody_else_knows_of_it(client, request, organisation, talk, alice, who):
    client.force_login(alice)
    note(client, talk)
    person = (
        make_user("Root", organisation=organisation, is_superuser=True, is_staff=True)
        if who == "root"
        else request.getfixturevalue(who)
    )
    client.force_login(person)
    assert client.get(f"{MINE}{talk.pk}/").status_code == 404
    assert note(client, talk).status_code == 404
    assert client.post(f"{MINE}{talk.pk}/next/", {"next_on": "2026-09-01"}).status_code == 404
    assert "No conversation yet" in client.get(MINE).content.decode()
    assert ConversationNote.objects.count() == 1


def test_a_person_of_no_organisation_has_none(client, db):
    client.force_login(make_user("Nora", organisation=None))
    assert client.get(MINE).status_code == 404


def test_neither_notes_nor_pairs_are_on_the_admin_site_or_read_by_any_other_page():
    assert not admin.site.is_registered(Conversation)
    assert not admin.site.is_registered(ConversationNote)
    own = ("conversation", "models/__init__.py", "/migrations/", "querysets.py", "reviews/urls.py")
    own += ("demo_removal.py", "demo_page.py")  # which takes them away, and counts them
    sources = [
        path
        for app in ("teams", "metrics", "objectives", "reviews", "okrkpi")
        for path in (settings.BASE_DIR / app).rglob("*.py")
        if not any(part in path.as_posix() for part in own)
    ]
    assert sources
    assert [path for path in sources if "Conversation" in path.read_text()] == []


def test_what_was_said_is_on_no_other_page_of_the_two(client, team, talk, alice):
    client.force_login(alice)
    note(client, talk)
    for path in ("/", "/my-week/", "/teams/", f"/teams/{team.pk}/", "/statistics/", "/reviews/"):
        assert SECRET not in client.get(path, follow=True).content.decode()
    for path in ("/statistics/signals.csv", "/statistics/teams.csv", "/profile/", "/inbox/"):
        assert SECRET not in client.get(path).content.decode()


def test_notes_are_appended_newest_first_and_read_by_both(client, talk, alice, bob):
    client.force_login(alice)
    note(client, talk, "The first one")
    with time_machine.travel(NOW + timedelta(minutes=5), tick=False):
        client.force_login(bob)
        note(client, talk, "The second one <b>")
    text = page_of(client, talk, alice)
    assert text.index("The second one &lt;b&gt;") < text.index("The first one")
    assert "Bob Tanaka" in text


def test_the_same_form_twice_is_one_note(client, talk, alice):
    client.force_login(alice)
    token = uuid4()
    for _ in range(2):
        assert note(client, talk, token=token).status_code == 302
    assert ConversationNote.objects.count() == 1


@pytest.mark.parametrize("text", ["", "   ", "x" * 4001])
def test_a_note_that_cannot_be_keeps_what_was_typed(client, talk, alice, text):
    client.force_login(alice)
    answer = note(client, talk, text)
    assert answer.status_code == 422
    assert text.strip() in answer.content.decode()
    assert not ConversationNote.objects.exists()


def test_htmx_is_sent_the_notes_alone(client, talk, alice):
    client.force_login(alice)
    answer = note(client, talk, headers={"HX-Request": "true"})
    text = answer.content.decode()
    assert text.lstrip().startswith('<section class="sect" id="notes"')
    assert SECRET in text
    refused = note(client, talk, "", headers={"HX-Request": "true"})
    assert refused.status_code == 422
    assert "Write the note first." in refused.content.decode()


def test_the_next_date_is_set_and_taken_away(client, talk, alice):
    client.force_login(alice)
    path = f"{MINE}{talk.pk}/next/"
    assert client.post(path, {"next_on": "2026-09-01", "seen": ""}).status_code == 302
    talk.refresh_from_db()
    assert talk.next_on == date(2026, 9, 1)
    assert "1\u00a0Sep" in client.get(MINE).content.decode()
    client.post(path, {"next_on": "", "seen": "2026-09-01"})
    talk.refresh_from_db()
    assert talk.next_on is None


def test_a_date_the_other_one_changed_meanwhile_shows_both(client, talk, alice):
    Conversation.objects.update(next_on=date(2026, 9, 2))
    client.force_login(alice)
    path = f"{MINE}{talk.pk}/next/"
    answer = client.post(path, {"next_on": "2026-09-01", "seen": ""})
    assert answer.status_code == 409
    text = answer.content.decode()
    assert "Changed meanwhile to 02 Sep 2026." in text
    assert 'value="2026-09-01"' in text
    assert client.post(path, {"next_on": "2026-09-01", "seen": "2026-09-02"}).status_code == 302


@pytest.mark.parametrize("day", ["2026-08-17", "soon", "2026-02-30"])
def test_a_date_that_cannot_be_says_why(client, talk, alice, day):
    client.force_login(alice)
    answer = client.post(f"{MINE}{talk.pk}/next/", {"next_on": day, "seen": ""})
    assert answer.status_code == 422
    assert day in answer.content.decode()
    talk.refresh_from_db()
    assert talk.next_on is None


def test_the_page_is_filled_from_the_goals_of_the_two(client, team, talk, alice, bob, vera):
    objective = make_objective(team=team, owner=alice)
    falls = make_key_result(objective, title="NPS rises", owner=bob)
    make_check_in(falls, bob, confidence=8, due_on=date(2026, 8, 7), made_at=NOW - timedelta(11))
    last = make_check_in(falls, bob, confidence=4, note="Two renewals lost", value=Decimal(38))
    make_key_result(make_objective(team=team, owner=vera), title="Of somebody else", owner=vera)
    make_blocker(falls, what="Legal has not answered")
    make_blocker(falls, what="Done already", resolved_at=NOW)
    others = make_key_result(objective, title="Unowned by the two", owner=vera)
    make_blocker(others, what="Only Bob can remove it", remover=bob)
    Thanks.objects.create(check_in=last, person=vera, at=NOW)
    review = make_review(team=team, cycle=objective.cycle)
    make_review_action(review, vera, what="Ask Sales first", owner=bob, due_on=date(2026, 8, 1))
    make_review_action(review, vera, what="Done action", owner=bob, done_at=NOW)
    make_review_action(review, vera, what="Action of Vera", owner=vera)
    text = page_of(client, talk, alice)
    for said in (
        *("Confidence 8 → 4", "Two renewals lost", "At risk", "Legal has not answered"),
        *("Only Bob can remove it", "Vera Lind thanked Bob Tanaka", "Ask Sales first", ", past"),
    ):
        assert said in text
    for absent in ("Done already", "Done action", "Action of Vera", "Of somebody else"):
        assert absent not in text


def test_stale_and_overdue_key_results_are_worth_a_word(client, team, talk, bob):
    objective = make_objective(team=team, owner=bob)
    row = make_key_result(objective, title="Gone quiet")
    make_check_in(row, bob, due_on=date(2026, 7, 3), made_at=datetime(2026, 7, 3, tzinfo=UTC))
    assert "Stale" in page_of(client, talk, bob)
    with time_machine.travel(datetime(2026, 10, 5, tzinfo=UTC), tick=False):
        assert "Overdue" in page_of(client, talk, bob)


def test_only_what_came_since_the_last_conversation_is_shown(client, team, talk, alice, bob):
    row = make_key_result(make_objective(team=team, owner=bob))
    before, after = NOW - timedelta(days=9), NOW - timedelta(days=1)
    make_check_in(row, bob, note="Known already", made_at=before, due_on=date(2026, 8, 7))
    ConversationNote.objects.create(
        conversation=talk,
        author=alice,
        text="We talked",
        created_at=NOW - timedelta(days=5),
        form_token=uuid4(),
    )
    make_check_in(row, bob, note="Said since then", made_at=after, due_on=date(2026, 8, 14))
    client.force_login(alice)
    note(client, talk, "A note of today changes nothing")
    text = page_of(client, talk, alice)
    assert "Said since then" in text
    assert "Known already" not in text
    assert "13\u00a0Aug" in text


def test_what_the_reader_may_not_see_is_only_counted(client, organisation, talk, alice, bob):
    secret = make_team(organisation=organisation, name="Acquisition", is_private=True)
    join(secret, bob)
    row = make_key_result(make_objective(team=secret), title="Buy a rival", owner=bob)
    said = make_check_in(row, bob, confidence=1, note="They said no")
    make_blocker(row, what="The price", remover=alice)
    Thanks.objects.create(check_in=said, person=alice, at=NOW)
    review = make_review(team=secret, cycle=row.objective.cycle)
    make_review_action(review, bob, what="Call their bank", owner=bob)
    text = page_of(client, talk, alice)
    assert "1 hidden" in text
    for kept in ("Buy a rival", "They said no", "The price", "thanked", "Call their bank"):
        assert kept not in text
    own = page_of(client, talk, bob)
    assert "Buy a rival" in own
    assert "hidden" not in own.replace('aria-hidden="true"', "").replace('type="hidden"', "")


def test_a_private_objective_of_an_open_team_is_hidden_too(client, talk, alice, charlie):
    theirs = make_conversation(alice, charlie)
    objective = make_objective(team=charlie.teams.get(), owner=charlie, is_private=True)
    make_check_in(make_key_result(objective, title="Quiet plan"), charlie, confidence=1)
    text = page_of(client, theirs, alice)
    assert "Quiet plan" not in text
    assert "1 hidden" in text


def test_names_of_any_length_and_script_and_people_who_left_are_readable(
    client, organisation, alice
):
    gone = make_user(ARABIC, email="salma@halden.example", organisation=organisation)
    long = make_user("n" * 200, organisation=organisation)
    talk = make_conversation(alice, gone)
    make_conversation(alice, long)
    gone.is_active = False
    gone.save()
    text = page_of(client, talk, alice)
    assert ARABIC in text
    assert "no longer active" in text
    assert note(client, talk).status_code == 302
    listed = client.get(MINE).content.decode()
    assert "n" * 200 in listed
    assert "no longer active" in listed


def fill(team, owner, author, count):
    for number in range(count):
        row = make_key_result(
            make_objective(team=team, owner=owner, title=f"Goal {number}"), owner=owner
        )
        said = make_check_in(row, author, confidence=2)
        make_blocker(row)
        Thanks.objects.create(check_in=said, person=owner, at=NOW)
        review = make_review(team=team, cycle=row.objective.cycle, for_on=date(2026, 1, number + 1))
        make_review_action(review, owner, owner=owner)


def test_the_page_costs_the_same_queries_with_2_and_with_20_goals(
    client, team, talk, alice, bob, django_assert_num_queries
):
    client.force_login(alice)
    fill(team, bob, alice, 2)
    client.get(f"{MINE}{talk.pk}/")
    with django_assert_num_queries(16):
        client.get(f"{MINE}{talk.pk}/")
    fill_more = make_team(organisation=team.organisation)
    join(fill_more, bob)
    fill(fill_more, bob, alice, 20)
    with django_assert_num_queries(16):
        client.get(f"{MINE}{talk.pk}/")


def test_the_list_costs_the_same_queries_with_1_and_with_20(
    client, organisation, talk, alice, django_assert_num_queries
):
    client.force_login(alice)
    client.get(MINE)
    with django_assert_num_queries(6):
        client.get(MINE)
    for number in range(19):
        make_conversation(alice, make_user(f"Person {number}", organisation=organisation))
    with django_assert_num_queries(6):
        client.get(MINE)
