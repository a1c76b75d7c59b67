"""What changed in my teams since my last visit: what others did, newest first, nothing hidden."""

from datetime import date, timedelta

import pytest
import time_machine

from metrics.models import SignalEvent
from objectives.models import ObjectiveEvent, Thanks, WeekVisit
from objectives.pages.week_changes import SHOWN, what_changed
from objectives.pages.week_owed import Week
from tests.factories import (
    NOW,
    join,
    make_check_in,
    make_key_result,
    make_kpi,
    make_objective,
    make_signal,
    make_team,
)

HOUR = timedelta(hours=1)


@pytest.fixture(autouse=True)
def _today():
    with time_machine.travel(NOW, tick=False):
        yield


def told(person, since=None):
    changes = what_changed(Week.of(person, NOW), since)
    return changes, [(one.who, one.words, one.title) for g in changes.groups for one in g.rows]


def test_each_kind_is_grouped_and_newest_first(team, alice, bob):
    objective = make_objective(team=team, title="Customers stay")
    row = make_key_result(objective, title="NPS rises", unit="NPS")
    for hours in (3, 1):
        make_check_in(
            row, alice, value=40 + hours, made_at=NOW - hours * HOUR, due_on=date(2026, 8, 14)
        )
    ObjectiveEvent.objects.create(
        objective=objective, type="published", at=NOW - 2 * HOUR, actor=alice
    )
    signal = make_signal(make_kpi(team=team, name="Churn"))
    SignalEvent.objects.create(
        signal=signal, type="raised", at=NOW - HOUR, period_on=date(2026, 7, 1), ordinal=1
    )

    changes, lines = told(bob)

    assert [group.title for group in changes.groups] == ["Check-ins", "Objectives", "Signals"]
    assert [one.when for one in changes.groups[0].rows] == ["10:00", "08:00"]
    assert lines[2:] == [
        ("Alice Moreau", "published", "Customers stay"),
        ("", "Signal opened:", "Churn"),
    ]


def test_what_i_did_is_no_news_but_thanks_for_it_are(team, alice, bob):
    made = make_check_in(make_key_result(make_objective(team=team)), bob, made_at=NOW - HOUR)
    Thanks.objects.create(check_in=made, person=alice, at=NOW - HOUR / 2)

    changes, lines = told(bob)

    assert [group.title for group in changes.groups] == ["Thanks"]
    assert lines[0][:2] == ("Alice Moreau", "thanked you for")


def test_only_what_came_since_the_last_visit_is_new(client, team, alice, bob):
    row = make_key_result(make_objective(team=team))
    make_check_in(row, alice, value=41, made_at=NOW - 3 * HOUR)
    make_check_in(row, alice, value=43, made_at=NOW - HOUR)
    WeekVisit.objects.create(person=bob, seen_at=NOW - 2 * HOUR)
    client.force_login(bob)

    text = client.get("/my-week/").text

    assert "said 43" in text
    assert "said 41" not in text


def test_other_teams_and_private_things_of_them_stay_out(organisation, team, alice, charlie):
    make_check_in(make_key_result(make_objective(team=team)), alice, made_at=NOW - HOUR)
    secret = make_objective(team=team, is_private=True, title="Secret")
    make_check_in(make_key_result(secret), alice, made_at=NOW - HOUR)
    elsewhere = make_team(organisation=organisation, is_private=True)
    join(elsewhere, alice)

    assert told(charlie)[1] == []


def test_a_member_is_told_of_what_is_private_in_their_team(team, alice, vera):
    secret = make_objective(team=team, is_private=True)
    make_check_in(make_key_result(secret, title="Secret row"), alice, made_at=NOW - HOUR)

    assert told(vera)[1][0][2] == "Secret row"


def test_a_withdrawn_check_in_and_a_retracted_signal_are_not_told(team, alice, bob):
    row = make_key_result(make_objective(team=team))
    made = make_check_in(row, alice, made_at=NOW - 2 * HOUR)
    make_check_in(row, alice, made_at=NOW - HOUR, corrects=made, is_retraction=True)
    signal = make_signal(make_kpi(team=team), retracted_at=NOW, is_open=False)
    SignalEvent.objects.create(
        signal=signal, type="raised", at=NOW - HOUR, period_on=date(2026, 7, 1), ordinal=1
    )

    assert told(bob)[1] == []


def test_long_news_are_cut_and_the_rest_is_counted(team, alice, bob):
    row = make_key_result(make_objective(team=team))
    for minutes in range(SHOWN + 5):
        make_check_in(row, alice, made_at=NOW - timedelta(minutes=minutes))

    changes, lines = told(bob)

    assert (len(lines), changes.more) == (SHOWN, 5)


def test_the_rest_is_counted_however_much_of_one_kind_there_is(team, alice, bob):
    objective = make_objective(team=team)
    row = make_key_result(objective)
    for minutes in range(3 * SHOWN):
        make_check_in(row, alice, made_at=NOW - timedelta(minutes=minutes))
        ObjectiveEvent.objects.create(
            objective=objective, type="published", at=NOW - timedelta(minutes=minutes), actor=alice
        )

    assert told(bob)[0].more == 5 * SHOWN
