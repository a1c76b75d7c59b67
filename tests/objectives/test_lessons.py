"""One lesson a day: its choice is pure, its texts are whole, and it can be muted."""

from datetime import UTC, date, datetime, timedelta
from random import Random

import pytest
import time_machine

from objectives.coach.catalogue import RULES
from objectives.glossary import COMPARISON, TERMS
from objectives.lesson_choice import REST, lesson_of_day
from objectives.lessons import ADMIN, BY_KEY, EVERYBODY, LEAD, LESSONS, MEMBER
from objectives.models import LessonShown, RuleSetting
from objectives.pages.lesson_page import coach_notes, role_of
from tests.factories import make_key_result, make_objective

DAY = date(2026, 8, 17)
NOW = datetime(2026, 8, 17, 9, tzinfo=UTC)


def test_every_rule_of_the_coach_has_a_lesson_and_every_lesson_a_reader():
    assert {code for one in LESSONS for code in one.rules} == set(RULES)
    assert len(BY_KEY) == len(LESSONS) >= 25
    for one in LESSONS:
        assert one.roles
        assert set(one.roles) <= set(EVERYBODY)
        assert 60 < len(one.text) < 320, one.key
        assert bool(one.url) == bool(one.label)
    for role in EVERYBODY:
        assert sum(role in one.roles for one in LESSONS) >= 8


@pytest.mark.parametrize("role", EVERYBODY)
@pytest.mark.parametrize("seed", range(5))
def test_no_lesson_comes_twice_in_a_row_and_each_stays_through_its_day(role, seed):
    dice = Random(seed)
    notes = [dice.sample(sorted(RULES), dice.randrange(4)) for _ in range(90)]
    seen: dict[str, date] = {}
    before = None
    for at, noted in enumerate(notes):
        today = DAY + timedelta(days=at)
        lesson = lesson_of_day(noted, role, seen, today)
        assert lesson is not None
        assert role in lesson.roles
        assert lesson != before
        assert lesson == lesson_of_day(noted, role, dict(seen), today)
        seen[lesson.key] = today
        assert lesson_of_day([], role, seen, today) == lesson
        before = lesson


def test_what_the_coach_noted_comes_first_and_then_rests():
    assert lesson_of_day(["W2", "W1"], LEAD, {}, DAY).key == "own-output"
    seen = {"own-output": DAY}
    assert lesson_of_day(["W2", "W1"], LEAD, seen, DAY + timedelta(days=1)).key == "task-or-result"
    later = DAY + REST
    assert (
        lesson_of_day(["W2"], LEAD, seen | {"loop": later - timedelta(days=1)}, later)
        == (BY_KEY["own-output"])
    )
    assert "W2" not in lesson_of_day(["W2"], LEAD, seen, later - timedelta(days=1)).rules


def test_without_notes_the_unread_come_first_and_a_member_gets_none_about_writing():
    shown = {}
    for at in range(len(LESSONS)):
        lesson = lesson_of_day(["W1"], MEMBER, shown, DAY + timedelta(days=at))
        shown[lesson.key] = DAY + timedelta(days=at)
        assert MEMBER in lesson.roles
    assert set(shown) == {one.key for one in LESSONS if MEMBER in one.roles}
    assert "task-or-result" not in shown


def test_only_yesterdays_lesson_is_no_lesson():
    one = (BY_KEY["loop"],)
    seen = {"loop": DAY}
    assert lesson_of_day([], LEAD, seen, DAY + timedelta(days=1), lessons=one) is None


def test_the_notes_are_of_ones_own_drafts_the_newest_first_without_rules_that_are_off(
    team, alice, bob
):
    running = make_objective(team=team, title="Increase revenue", owner=alice)
    make_key_result(running)
    make_key_result(running)
    draft = make_objective(team=team, state="draft", created_by=alice)
    make_key_result(draft, title="Launch the new onboarding module", baseline=None, target=5)
    make_key_result(draft)
    found = coach_notes(alice)
    assert found[0] == "W1"
    assert found.index("W1") < found.index("W6")
    RuleSetting.objects.create(
        organisation=team.organisation,
        code="W1",
        strictness="off",
        changed_by=alice,
        changed_at=NOW,
    )
    assert "W1" not in coach_notes(alice)
    assert coach_notes(bob) == []


def test_roles(alice, bob, ada):
    assert [role_of(person) for person in (alice, bob, ada)] == [LEAD, MEMBER, ADMIN]


@pytest.fixture
def slot(client, alice):
    client.force_login(alice)

    def ask(day=NOW):
        with time_machine.travel(day, tick=False):
            return client.get("/lessons/today/", headers={"HX-Request": "true"})

    return ask


def test_my_week_has_a_slot_whose_lesson_stays_today_and_changes_tomorrow(client, slot, alice):
    assert 'hx-get="/lessons/today/"' in client.get("/my-week/").content.decode()
    first = slot().context["lesson"]
    assert slot().context["lesson"] == first
    second = slot(NOW + timedelta(days=1)).context["lesson"]
    assert second != first
    shown = dict(LessonShown.objects.filter(person=alice).values_list("lesson", "on"))
    assert shown == {first.key: DAY, second.key: DAY + timedelta(days=1)}


def test_a_muted_lesson_is_gone_until_the_profile_brings_it_back(client, slot, alice):
    muted = client.post("/lessons/mute/", headers={"HX-Request": "true"})
    assert "No more lessons here" in muted.content.decode()
    assert slot().context["lesson"] is None
    assert "/lessons/today/" not in client.get("/my-week/").content.decode()
    page = client.get("/lessons/")
    assert page.context["lesson"] is None
    assert not LessonShown.objects.exists()
    client.post("/profile/", {"name": "Alice Moreau", "theme": "", "has_lessons": "on"})
    assert slot().context["lesson"] is not None
    client.post("/lessons/mute/")
    assert client.post("/lessons/mute/", {"on": "1"}).url == "/lessons/"
    alice.refresh_from_db()
    assert alice.has_lessons


def test_without_script_the_slot_is_a_link_to_the_page_with_the_same_lesson(client, slot):
    assert client.get("/lessons/today/").url == "/lessons/"
    with time_machine.travel(NOW, tick=False):
        page = client.get("/lessons/")
    assert page.context["lesson"] == slot().context["lesson"]
    assert 'href="/lessons/"' in client.get("/my-week/").content.decode()


@pytest.mark.parametrize("count", [1, 40])
def test_the_lesson_costs_the_same_with_many_drafts(
    client, team, alice, count, django_assert_num_queries
):
    for _ in range(count):
        make_key_result(make_objective(team=team, state="draft", created_by=alice))
    client.force_login(alice)
    with django_assert_num_queries(13):
        client.get("/lessons/today/", headers={"HX-Request": "true"})


def test_the_glossary_has_an_anchor_for_each_word_and_both_side_by_side(client, vera):
    client.force_login(vera)
    text = client.get("/glossary/").content.decode()
    assert len({one.anchor for one in TERMS}) == len(TERMS)
    assert [one.term for one in TERMS] == sorted([one.term for one in TERMS], key=str.casefold)
    for one in TERMS:
        assert f'<div id="{one.anchor}">' in text
    assert text.count('role="rowheader"') == len(COMPARISON)
    assert 'id="okr-or-kpi"' in text
    assert 'href="/glossary/"' in client.get("/inbox/").content.decode()
