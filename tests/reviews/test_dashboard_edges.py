"""The quarter page where there is nothing, a great deal, or what ended and began again."""

from datetime import timedelta
from decimal import Decimal

import pytest
import time_machine

from tests.factories import (
    NOW,
    join,
    make_check_in,
    make_cycle,
    make_key_result,
    make_kpi,
    make_objective,
    make_team,
    make_user,
)
from tests.reviews.quarter_page import (
    ARRIVED,
    LONG_AGO,
    churn_off_target,
    goal_half_way,
    page_of,
    rows_of,
)

pytestmark = [pytest.mark.django_db]
ARABIC = "عملاؤنا يحبون بدايتهم معنا"


@pytest.fixture(autouse=True)
def then():
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def churn(team, bob):
    return churn_off_target(team, bob)


@pytest.fixture
def goal(team, bob):
    return goal_half_way(team, bob)


def test_a_person_of_no_organisation_has_none(client, db):
    client.force_login(make_user("Nora", organisation=None))
    assert client.get("/quarter/").status_code == 404


def test_an_empty_organisation_has_a_page(client, organisation):
    client.force_login(make_user("Nora", organisation=organisation))
    text = page_of(client)
    assert "Nothing to show yet" in text
    assert "No team you may see yet." in text


def test_a_cycle_without_objectives_says_so(client, alice, churn):
    cycle = make_cycle(organisation=alice.organisation)
    client.force_login(alice)
    text = page_of(client, f"?cycle={cycle.pk}")
    assert "No objective in this cycle yet." in text
    assert "KPIs only in this cycle" in text


@pytest.mark.parametrize(
    "query", ["status=at_risk", "status=stale", "lens=destination&status=behind"]
)
def test_a_status_without_an_objective_says_so_where_others_have_some(client, alice, goal, query):
    client.force_login(alice)
    text = page_of(client, f"?{query}")
    assert "No objective here in this status." in text
    assert "fine for steady work" not in text


def test_a_status_of_objectives_does_not_hide_that_there_is_no_kpi(client, alice, goal):
    client.force_login(alice)
    assert "No KPI here." in page_of(client, "?status=behind")


def test_three_hundred_teams_long_names_and_arabic_are_readable(client, organisation, alice):
    long = make_team(organisation=organisation, name="n" * 200)
    arabic = make_team(organisation=organisation, name=ARABIC)
    for at in range(298):
        make_team(organisation=organisation, name=f"Team no. {at}")
    make_kpi(team=arabic, name=ARABIC)
    goal = make_objective(team=long, title="t" * 200)
    make_key_result(goal)
    client.force_login(alice)
    text = page_of(client)
    assert "Page 1 of 6" in text
    assert "t" * 200 in text
    assert ARABIC in text
    assert "n" * 200 in page_of(client, "?teams_page=6") + page_of(client, "?teams_page=1")


def test_the_check_ins_of_somebody_who_left_still_count(client, team, alice, bob, goal):
    client.force_login(alice)
    before = rows_of(client, "teams")
    bob.is_active = False
    bob.save()
    assert rows_of(client, "teams") == before


def test_a_closed_cycle_shows_grades_of_0_and_1(client, team, alice):
    cycle = make_cycle(organisation=team.organisation, state="closed", closed_at=NOW)
    for grade in ("0", "1"):
        objective = make_objective(
            team=team,
            cycle=cycle,
            state="closed",
            closed_at=NOW,
            grade=Decimal(grade),
            published_at=ARRIVED,
        )
        share = Decimal(grade)
        final = {"final_value": 38 + 14 * share, "final_progress": share}
        make_key_result(objective, grade=share, suggested_grade=share, **final)
    client.force_login(alice)
    (row,) = [r for r in rows_of(client, "teams")[1:] if r[0] == team.name]
    assert row[6:10] == ["1", "0", "1", "0"]
    assert "50\N{NO-BREAK SPACE}%" in page_of(client)


def test_without_a_cycle_there_is_nothing_to_compare(client, organisation):
    client.force_login(make_user(organisation=organisation))
    assert "There is no cycle to compare." in page_of(client, "compare/")


def test_a_team_without_members_has_its_row_and_no_lead(client, organisation, alice):
    empty = make_team(organisation=organisation, name="Nobody yet")
    make_key_result(make_objective(team=empty, title="Alone", owner=None, published_at=ARRIVED))
    make_kpi(team=empty, target=8, created_at=LONG_AGO)
    client.force_login(alice)
    assert "no lead yet" in page_of(client)
    (row,) = [one for one in rows_of(client, "teams")[1:] if one[0] == "Nobody yet"]
    assert row[1] == ""
    assert page_of(client, f"?team={empty.pk}")


def test_a_reopened_cycle_counts_what_runs_again_and_what_stayed_closed(client, team, alice, bob):
    cycle = make_cycle(organisation=team.organisation)
    kept = make_objective(
        team=team,
        cycle=cycle,
        title="Stayed closed",
        state="closed",
        closed_at=NOW - timedelta(days=2),
        published_at=ARRIVED,
        grade=Decimal("0.7"),
    )
    final = {"final_value": Decimal(48), "final_progress": Decimal("0.714285714285714")}
    make_key_result(kept, grade=Decimal("0.7"), suggested_grade=Decimal("0.7"), **final)
    again = make_objective(
        team=team, cycle=cycle, title="Runs again", published_at=ARRIVED, created_at=ARRIVED
    )
    for before, after, days in (("active", "closed", 3), ("closed", "active", 1)):
        again.events.create(
            type="moved", at=NOW - timedelta(days=days), from_state=before, to_state=after
        )
    make_check_in(make_key_result(again), bob, value=Decimal(45))
    client.force_login(alice)
    rows = {row[0]: row for row in rows_of(client, "objectives")[1:]}
    assert rows["Stayed closed"][7] == "0.7"
    assert rows["Runs again"][6] == "On track"
    text = page_of(client)
    assert "delivered" in text
    then = {row[0]: row for row in rows_of(client, "objectives", "?on=2026-08-16")[1:]}
    assert then["Runs again"][6] == "Closed"


def test_one_key_result_is_the_whole_quarter(client, alice, bob, goal):
    client.force_login(alice)
    (row,) = [one for one in rows_of(client, "teams")[1:] if one[0] == "Customer Success"]
    assert [int(one or 0) for one in row[6:10]] == [1, 0, 0, 0]
    assert "50\N{NO-BREAK SPACE}%" in page_of(client)


def test_a_team_is_shown_with_all_below_it_and_nothing_else(client, organisation, team, alice):
    below = make_team(organisation=organisation, name="Onboarding", parent=team)
    deeper = make_team(organisation=organisation, name="Mail", parent=below)
    other = join(make_team(organisation=organisation, name="Platform"), alice).teams.last()
    for one in (deeper, other):
        make_kpi(team=one, name=f"Of {one.name}")
    client.force_login(alice)
    names = {row[0] for row in rows_of(client, "kpis", f"?team={team.pk}")[1:]}
    assert names == {"Of Mail"}


def test_a_team_that_ended_is_on_the_map_of_days_before_only(client, organisation, alice):
    make_team(organisation=organisation, name="Fax", archived_at=ARRIVED)
    client.force_login(alice)
    assert "Fax" not in str(rows_of(client, "teams") + rows_of(client, "gaps"))
    assert "Fax" in str(rows_of(client, "teams", "?on=2026-06-01"))
