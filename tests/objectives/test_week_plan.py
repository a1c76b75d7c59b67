"""The squares of a week: three priorities, what became of them, and what comes; in place."""

from datetime import date, timedelta

import pytest
import time_machine
from django.db import IntegrityError, transaction

from objectives.actions.week import ItemChanged, ItemEntry, plan_week
from objectives.models import WeekItem
from tests.factories import NOW, make_key_result, make_objective

MONDAY, LAST_MONDAY = date(2026, 8, 17), date(2026, 8, 10)
PLAN, OUTCOME = "/my-week/plan/2026-08-17/", "/my-week/outcome/2026-08-17/"
HTMX = {"HX-Request": "true"}


@pytest.fixture(autouse=True)
def _today():
    with time_machine.travel(NOW, tick=False):
        yield


def make_item(person, position=1, **over):
    fields = {
        "person": person,
        "week_on": MONDAY,
        "kind": "priority",
        "position": position,
        "text": f"Priority {position}",
        "created_at": NOW,
    }
    return WeekItem.objects.create(**fields | over)


def texts(person):
    return list(WeekItem.objects.filter(person=person).values_list("position", "text", "version"))


def test_the_plan_is_kept_and_printed(client, team, bob):
    row = make_key_result(make_objective(team=team), owner=bob)
    client.force_login(bob)
    form = {"text_1": "Call the accounts", "key_result_1": row.pk, "text_2": "Agree the rota"}

    answer = client.post(PLAN, form, headers=HTMX)

    assert answer.text.startswith('<section id="week-priority">') or "week-priority" in answer.text
    assert "for NPS rises from 38 to 52" in answer.text
    assert texts(bob) == [(1, "Call the accounts", 1), (2, "Agree the rota", 1)]


def test_the_same_plan_twice_is_one_plan(client, bob):
    client.force_login(bob)
    for _ in range(2):
        assert client.post(PLAN, {"text_1": "Call"}).url == "/my-week/#four"

    assert texts(bob) == [(1, "Call", 1)]


def test_a_plan_changed_in_another_window_is_shown_and_nothing_typed_is_lost(client, bob):
    make_item(bob, text="Theirs", version=2)
    client.force_login(bob)
    form = {"text_1": "Mine", "version_1": 1, "text_2": "New"}

    answer = client.post(PLAN, form, headers=HTMX)

    assert answer.status_code == 409
    assert "it says “Theirs” now" in answer.text
    assert 'value="Mine"' in answer.text
    assert texts(bob) == [(1, "Theirs", 2)]

    form["version_1"] = 2
    assert client.post(PLAN, form, headers=HTMX).status_code == 200
    assert texts(bob) == [(1, "Mine", 3), (2, "New", 1)]


def test_an_emptied_place_is_cleared(client, bob):
    make_item(bob)
    client.force_login(bob)
    client.post(PLAN, {"text_1": "", "version_1": 1})

    assert texts(bob) == []


def test_what_is_too_long_is_refused_and_kept(client, bob):
    client.force_login(bob)
    answer = client.post(PLAN, {"text_1": "x" * 201, "text_2": "Short"}, headers=HTMX)

    assert answer.status_code == 422
    assert "x" * 201 in answer.text
    assert 'value="Short"' in answer.text
    assert texts(bob) == []


def test_hostile_markup_is_printed_as_text(client, bob):
    client.force_login(bob)
    answer = client.post(PLAN, {"text_1": "<b onmouseover=x()>"}, headers=HTMX)

    assert "&lt;b onmouseover=x()&gt;" in answer.text
    assert "<b onmouseover" not in answer.text


def test_a_priority_is_for_ones_own_key_results_only(client, team, alice, bob):
    other = make_key_result(make_objective(team=team), owner=alice)
    client.force_login(bob)

    answer = client.post(PLAN, {"text_1": "Call", "key_result_1": other.pk}, headers=HTMX)

    assert answer.status_code == 422
    assert texts(bob) == []


def test_a_person_plans_only_their_own_week(client, alice, bob):
    make_item(alice, text="Secret")
    client.force_login(bob)

    assert "Secret" not in client.get("/my-week/").text
    assert "Secret" not in client.get(PLAN).text


def test_not_done_asks_why(client, bob):
    item = make_item(bob)
    client.force_login(bob)
    form = {"outcome_1": "not_done", "version_1": 1}

    refused = client.post(OUTCOME, form, headers=HTMX)
    kept = client.post(OUTCOME, form | {"why_1": "waiting for legal"}, headers=HTMX)

    assert refused.status_code == 422
    assert "Say in a few words why" in refused.text
    assert kept.status_code == 200
    item.refresh_from_db()
    assert (item.outcome, item.why, item.version) == ("not_done", "waiting for legal", 2)


def test_an_outcome_given_meanwhile_is_not_overwritten_in_silence(client, bob):
    item = make_item(bob, outcome="done", version=2)
    client.force_login(bob)
    form = {"outcome_1": "not_done", "why_1": "no time", "version_1": 1}

    assert client.post(OUTCOME, form, headers=HTMX).status_code == 409
    item.refresh_from_db()
    assert item.outcome == "done"


def test_last_week_is_told_in_words_and_can_still_be_closed(client, bob):
    make_item(bob, 1, week_on=LAST_MONDAY, outcome="done")
    make_item(bob, 2, week_on=LAST_MONDAY, outcome="done")
    make_item(
        bob, 3, week_on=LAST_MONDAY, text="pricing page copy", outcome="not_done", why="legal waits"
    )
    client.force_login(bob)

    text = client.get("/my-week/").text
    assert "Last week: 2 of 3 done. Not done: pricing page copy, legal waits." in text
    assert "Close last week" not in text
    WeekItem.objects.filter(position=1).update(outcome="")
    assert "/my-week/outcome/2026-08-10/" in client.get("/my-week/").text


def test_the_next_four_weeks_are_noted_by_week(client, bob):
    client.force_login(bob)
    form = {"text_1": "Health score visible", "text_4": "Draft Q4"}

    answer = client.post("/my-week/ahead/2026-08-17/", form, headers=HTMX)

    assert "Health score visible" in answer.text
    assert "W35" in answer.text
    rows = WeekItem.objects.filter(person=bob).values_list("week_on", "kind", "text")
    assert list(rows) == [
        (MONDAY + timedelta(weeks=1), "upcoming", "Health score visible"),
        (MONDAY + timedelta(weeks=4), "upcoming", "Draft Q4"),
    ]


@pytest.mark.parametrize("day", ["2026-08-18", "2026-08-03", "2026-09-07"])
def test_only_mondays_near_are_planned(client, bob, day):
    client.force_login(bob)

    assert client.get(f"/my-week/plan/{day}/").status_code == 404


def test_without_javascript_a_square_is_a_page(client, bob):
    client.force_login(bob)
    text = client.get(PLAN).text

    assert "<h1>This week’s three</h1>" in text
    assert f'action="{PLAN}"' in text


def test_a_place_is_filled_once_whoever_is_first(bob):
    make_item(bob, text="First")
    entry = ItemEntry(MONDAY, "priority", 1, "Second", None, None)

    with pytest.raises(ItemChanged):
        plan_week(bob, [entry], now=NOW)
    with pytest.raises(IntegrityError), transaction.atomic():
        make_item(bob, text="Second")
    assert texts(bob) == [(1, "First", 1)]
