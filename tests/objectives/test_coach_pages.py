"""The coach's single lines on the pages of teams, objectives and KPIs, from their history."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext

from metrics.evaluation import evaluate_kpis
from objectives.models import Cycle, RuleSetting
from objectives.pages.coach_facts import past_cycles
from tests.factories import (
    make_cycle,
    make_key_result,
    make_kpi,
    make_objective,
    make_target,
    make_value,
)

NOW = datetime(2026, 8, 18, 9, 0, tzinfo=UTC)
REVENUE = "Increase revenue"


@pytest.fixture(autouse=True)
def _clock():
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def reader(client, vera):
    client.force_login(vera)
    return client


def quarter(team, number: int, year: int = 2026):
    known = Cycle.objects.filter(name=f"Q{number} {year}").first()
    if known is not None:
        return known
    start = date(year, 3 * number - 2, 1)
    end = date(year + number // 4, 3 * number % 12 + 1, 1) - timedelta(days=1)
    return make_cycle(
        organisation=team.organisation,
        starts_on=start,
        ends_on=end,
        name=f"Q{number} {year}",
        kind="quarter",
    )


def closed(team, cycle, *grades: str, title: str = "A state", **over):
    fields = {"state": "closed", "closed_at": NOW, "ambition": "aspirational", "title": title}
    objective = make_objective(team=team, cycle=cycle, **fields | over)
    for grade in grades:
        make_key_result(objective, grade=Decimal(grade), suggested_grade=Decimal(grade))
    return objective


def codes(context_lines) -> list[str]:
    return [line.hint.code for line in context_lines]


def team_page(client, team):
    return client.get(f"/teams/{team.pk}/")


def test_the_kinds_of_kpi_that_are_missing_stand_below_the_scorecard(reader, team):
    for name in ("Churn rate", "Weekly active users", "Net Promoter Score", "Defect rate"):
        make_kpi(team=team, name=name, target=8)
    page = team_page(reader, team)
    assert codes(page.context["coach"]["engine"]) == ["W20"]
    text = page.content.decode()
    assert "Growth and finance have no KPI here." in text
    assert f'href="/teams/{team.pk}/kpis/library/"' in text


def test_six_objectives_ask_which_could_wait(reader, team):
    for number in range(6):
        make_objective(team=team, title=f"State {number}")
    page = team_page(reader, team)
    assert "W15" in codes(page.context["coach"]["destination"])
    assert "6 objectives this quarter. Which one could wait?" in page.content.decode()


@pytest.mark.parametrize(
    ("first", "second", "found"),
    [
        (["1", "1"], ["1", "0.9"], ["W17"]),
        (["0.3"], ["0.2", "0.4"], ["W18"]),
        (["0.7"], ["0.6"], []),
    ],
)
def test_two_closed_cycles_say_how_well_targets_are_set(reader, team, first, second, found):
    closed(team, quarter(team, 1), *first)
    closed(team, quarter(team, 2), *second)
    page = team_page(reader, team)
    assert codes(page.context["coach"]["destination"]) == found


def test_a_rule_that_is_off_is_silent_on_the_page(reader, team, ada, organisation):
    for number in range(6):
        make_objective(team=team, title=f"State {number}")
    RuleSetting.objects.create(
        organisation=organisation, code="W15", strictness="off", changed_by=ada, changed_at=NOW
    )
    assert codes(team_page(reader, team).context["coach"]["destination"]) == []


def test_a_private_objective_tells_a_stranger_nothing(client, team, charlie):
    for number in (1, 2):
        closed(team, quarter(team, number), "1", "1", is_private=True)
    client.force_login(charlie)
    assert codes(team_page(client, team).context["coach"]["destination"]) == []


def asked_by(client, team) -> list[str]:
    team_page(client, team)
    with CaptureQueriesContext(connection) as asked:
        team_page(client, team)
    return [query["sql"] for query in asked]


def test_the_lines_cost_two_queries_whatever_the_history(reader, team):
    closed(team, quarter(team, 2), "0.7")
    asked = asked_by(reader, team)
    assert sum("objectives_rulesetting" in sql for sql in asked) <= 1
    assert sum('LEFT OUTER JOIN "objectives_keyresult"' in sql for sql in asked) == 1
    few = len(asked)
    for number in (1, 2):
        for _ in range(20):
            closed(team, quarter(team, number), *["0.7"] * 3)
    assert len(asked_by(reader, team)) == few


def test_cycles_in_a_row_end_where_a_quarter_had_no_objective(team):
    closed(team, quarter(team, 1), title=REVENUE)
    closed(team, quarter(team, 3, 2025), title=REVENUE)
    found = past_cycles(team, date(2026, 7, 1), with_private=True)
    titles = [[one.title for one in cycle.objectives] for cycle in found]
    assert titles == [[], [REVENUE], [], [REVENUE]]


def test_a_kpi_that_got_a_new_target_since_is_told(team):
    kpi = make_kpi(team=team, target=8)
    make_target(kpi, value=Decimal(7), effective_on=date(2026, 4, 1))
    for number in (1, 2):
        make_key_result(closed(team, quarter(team, number)), kpi=kpi, kpi_follows=True)
    second, first = past_cycles(team, date(2026, 7, 1), with_private=True, with_targets=True)
    assert first.retargeted == frozenset({kpi.pk})
    assert second.retargeted == frozenset()
    assert second.objectives[0].measures == frozenset({(kpi.pk, "increase")})


# -- an objective -------------------------------------------------------------------------------


def lines_of(client, objective) -> str:
    return client.get(f"/objectives/{objective.pk}/").content.decode()


def test_what_was_not_looked_at_for_long_is_asked_about(reader, team):
    begun = NOW - timedelta(days=40)
    objective = make_objective(team=team, published_at=begun, rhythm="monthly")
    text = lines_of(reader, objective)
    assert "Not looked at for 40 days. Where does it stand today?" in text
    assert 'href="/coach/rules/#W24"' in text
    fresh = make_objective(team=team, published_at=NOW - timedelta(days=6))
    assert "Not looked at" not in lines_of(reader, fresh)


def test_the_rhythm_of_its_check_ins_counts(reader, team):
    begun = NOW - timedelta(days=12)
    assert "Not looked at for 12 days" in lines_of(
        reader, make_objective(team=team, published_at=begun, rhythm="weekly")
    )
    assert "Not looked at" not in lines_of(
        reader, make_objective(team=team, published_at=begun, rhythm="monthly")
    )


def test_the_same_objective_again_and_the_parents_words(reader, team):
    closed(team, quarter(team, 2), title="Our customers love our onboarding")
    again = make_objective(team=team)
    assert "The same for 2 cycles in a row." in lines_of(reader, again)
    copied = make_objective(
        team=team,
        title="Sales love us",
        parent_objective=make_objective(team=team, title="Sales love us"),
    )
    assert "The parent’s words." in lines_of(reader, copied)


def test_level_four_could_attach_higher(reader, team):
    above = None
    for title in ("Firms love us", "Sales win hearts", "Calls end well", "Answers come at once"):
        above = make_objective(team=team, title=title, parent_objective=above)
    for _ in range(3):
        make_key_result(above)
    assert "Level 4 below the top." in lines_of(reader, above)


# -- a KPI --------------------------------------------------------------------------------------


def kpi_page(client, kpi) -> str:
    return client.get(f"/kpis/{kpi.pk}/").content.decode()


def filled(team, alice, *values, **over):
    kpi = make_kpi(team=team, target=8, owner=alice, why="Leavers cost most", **over)
    for back, value in enumerate(reversed(values)):
        make_value(kpi, date(2026, 7 - back, 1), value)
    evaluate_kpis([kpi.pk], NOW)
    return kpi


def test_a_kpi_that_is_rarely_on_target_and_not_answered(client, team, alice):
    kpi = filled(team, alice, 9, 9, 9, 7, 9, 9, 9)
    client.force_login(alice)
    text = kpi_page(client, kpi)
    assert "Off target for 3 months, not answered yet. What is to be done?" in text
    assert "On target in 1 of the last 6 periods. Is it attainable?" in text
    assert "?answer=okr" in text


def test_a_kpi_on_target_says_nothing(client, team, alice):
    kpi = filled(team, alice, 7, 7, 7, 7, 7, 7, 7)
    client.force_login(alice)
    assert "/coach/rules/#" not in kpi_page(client, kpi)


def test_without_owner_and_why_the_kpi_asks_for_them(reader, team):
    text = kpi_page(reader, make_kpi(team=team, target=8))
    assert "Without a why and an owner. What does it tell you?" in text
    assert 'class="act"' not in text.split("Without a why")[1].split("</p>")[0]
