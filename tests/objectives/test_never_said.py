"""A key result nobody checked in on has no data yet, and is stale once its first day is past."""

from datetime import date, timedelta

import pytest
import time_machine

from objectives.actions.check_ins import note_latest
from objectives.models import Objective
from objectives.rolled_up import rolled_up
from tests.factories import NOW, make_key_result, make_objective
from tests.objectives.standings import first, standing
from tests.reviews.quarter_page import page_of, rows_of

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def then():
    with time_machine.travel(NOW, tick=False):
        yield


def never_said(team, **over):
    objective = make_objective(team=team, published_at=NOW.replace(month=7, day=1), **over)
    Objective.objects.filter(pk=objective.pk).update(created_at=NOW.replace(month=7, day=1))
    row = make_key_result(objective, title="Never said")
    note_latest(row)
    return objective


# The objective begins on Wednesday 1 July: its first Friday is the 3rd, its first month's the 31st.
@pytest.mark.parametrize(
    ("rhythm", "today", "health"),
    [
        ("weekly", date(2026, 7, 3), "no_data"),
        ("weekly", date(2026, 7, 6), "no_data"),
        ("weekly", date(2026, 7, 7), "stale"),
        ("monthly", date(2026, 8, 5), "no_data"),
        ("monthly", date(2026, 8, 6), "stale"),
    ],
)
def test_it_is_stale_when_the_first_is_past_its_grace(team, rhythm, today, health):
    objective = never_said(team, rhythm=rhythm)
    assert first(objective, today).health == health
    assert standing(objective, today).health == health
    assert rolled_up(Objective.objects.all(), today)[objective.pk].health == health


@pytest.mark.parametrize("query", ["", "?on=2026-08-17"])
def test_its_row_its_download_and_what_needs_a_decision_say_the_same(client, team, alice, query):
    objective = never_said(team)
    client.force_login(alice)
    head, row = rows_of(client, "objectives", query)
    said = dict(zip(head, row, strict=True))
    assert (said["Status"], said["Key result status"]) == ("Stale", "Stale")
    assert [one[0] for one in rows_of(client, "waiting", query)][1:] == ["Never said"]
    text = page_of(client, query)
    assert "No data yet" not in text
    page = client.get(objective.get_absolute_url()).text
    assert "Stale" in page
    assert "The first check-in is owed and its days of grace are over." in page
    assert "No data yet" not in page


def test_what_is_long_without_an_update_but_not_owed_yet_keeps_its_own_status(client, team, alice):
    objective = never_said(team, rhythm="monthly")
    client.force_login(alice)
    # The month's day was 31 July and its grace goes on; since the start it is 34 days.
    day = date(2026, 8, 4)
    with time_machine.travel(NOW - timedelta(days=14), tick=False):
        [waiting] = [row for row in rows_of(client, "waiting") if row[0] == "Never said"]
        assert "34 days, never" in waiting[1]
        text = page_of(client)
        assert "Stale" not in text[text.index('id="decide"') :].partition("</section>")[0]
    assert first(objective, day).health == "no_data"
