"""The page of statistics and its downloads: what they say, explain and leave out."""

import csv
from datetime import date, datetime, timedelta
from decimal import Decimal
from io import BytesIO, StringIO

import pytest
import time_machine
from openpyxl import load_workbook

from reviews.pages.statistics import EXPORTS, scope_of, statistics_context
from tests.factories import (
    NOW,
    join,
    make_check_in,
    make_closed_objective,
    make_cycle,
    make_kpi,
    make_organisation,
    make_signal,
    make_team,
    make_user,
)
from tests.reviews.past_cycles import Q1, Q2, graded

pytestmark = [pytest.mark.django_db]
ARABIC = "عملاؤنا يحبون بدايتهم معنا"


@pytest.fixture(autouse=True)
def then():
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def cycles(organisation):
    return [make_cycle(organisation=organisation, state="active", **one) for one in (Q1, Q2)]


def main_of(answer):
    text = answer.content.decode()
    return text[text.index("<main") : text.index("</main>")]


def table_of(client, name, query=""):
    answer = client.get(f"/statistics/{name}.csv{query}")
    assert answer.status_code == 200
    return list(csv.reader(StringIO(answer.content.decode("utf-8-sig"))))


@pytest.mark.parametrize("name", ["cycles", "habits", "updates", "grades", "teams", "signals"])
def test_no_table_tells_of_what_is_private(client, team, charlie, cycles, name):
    kpi = make_kpi(team=team, name="Hidden KPI", is_private=True)
    make_signal(kpi)
    hidden = graded(team, cycles[1], ["0.3"], is_private=True, title="Hidden plan")
    make_check_in(hidden.key_results.get(), charlie, due_on=date(2026, 4, 3))
    client.force_login(charlie)
    rows = table_of(client, name)
    assert "Hidden" not in str(rows[1:])
    assert team.name not in str(rows)
    counted = [cell for row in rows[1:] for cell in row[1:] if cell not in ("", "0", "0.0")]
    assert counted == (["1"] if name == "cycles" else [])


def test_a_private_team_is_unknown_and_its_objectives_are_counted_as_hidden(
    client, organisation, charlie, cycles
):
    secret = make_team(organisation=organisation, name="Acquisition", is_private=True)
    graded(secret, cycles[1], ["0.9"])
    client.force_login(charlie)
    text = main_of(client.get("/statistics/"))
    assert "Acquisition" not in text
    assert "1 hidden" in text
    assert client.get(f"/statistics/?team={secret.pk}").status_code == 404


def test_the_page_says_what_it_is_not_for_and_names_no_person(client, team, alice, bob, cycles):
    objective = graded(team, cycles[1], ["0.4"], owner=bob)
    objective.key_results.update(owner=bob)
    make_check_in(objective.key_results.get(), bob, due_on=date(2026, 4, 3))
    signal = make_signal(make_kpi(team=team, owner=bob), decision="accept", decided_by=bob)
    signal.decided_at = NOW
    signal.save()
    client.force_login(alice)
    text = main_of(client.get("/statistics/"))
    assert (
        "Figures are of teams and cycles, never of persons; a grade is no measure of pay." in text
    )
    assert "Bob" not in text
    assert "Alice" not in text
    for name in ("cycles", "habits", "updates", "grades", "teams", "decisions", "signals"):
        assert "Bob" not in str(table_of(client, name))


def test_every_headline_and_every_counted_column_is_explained(client, team, alice, cycles):
    graded(team, cycles[1], ["0.4"])
    client.force_login(alice)
    text = main_of(client.get("/statistics/"))
    for at in range(9):
        assert f'popovertarget="ex-fact-{at}"' in text
    assert 'popovertarget="ex-cycles-1"' in text
    assert "Grade 0.4" in text


def test_teams_stand_in_the_order_of_names_not_of_grades(client, organisation, alice, cycles):
    for name, grade in (("B team", "1.0"), ("A team", "0.2"), ("C team", "0.6")):
        graded(make_team(organisation=organisation, name=name), cycles[1], [grade])
    client.force_login(alice)
    assert [row[0] for row in table_of(client, "teams")[1:]] == ["A team", "B team", "C team"]


def test_the_mean_moves_against_the_cycle_before(client, team, alice, cycles):
    graded(team, cycles[0], ["0.5"])
    graded(team, cycles[1], ["0.6", "0.7"], title="Every call is answered within a day")
    client.force_login(alice)
    head, q2, q1 = table_of(client, "cycles")
    assert head[6:8] == ["Aspirational", "Change"]
    assert q2[6:8] == ["0.65", "0.15"]
    assert q1[6:8] == ["0.50", ""]
    assert "+0.15" in main_of(client.get("/statistics/"))


@pytest.mark.parametrize(
    ("first", "second", "code"),
    [("1.0", "1.0", "W17"), ("0.3", "0.3", "W18"), ("0.7", "0.7", "")],
)
def test_sandbagging_and_over_reach_are_asked_about(
    client, team, alice, cycles, first, second, code
):
    graded(team, cycles[0], [first])
    graded(team, cycles[1], [second])
    client.force_login(alice)
    said = table_of(client, "teams")[1][-1]
    assert said.endswith(code) if code else said == ""


def test_what_became_of_a_signal_is_told(client, team, alice):
    closed = make_closed_objective(make_kpi(team=team, name="Churn rate"))
    closed.signal.treatment.grade = Decimal("0.9")
    closed.signal.treatment.choice = "tighten"
    closed.signal.treatment.save()
    client.force_login(alice)
    row = table_of(client, "signals")[1]
    assert row[0] == "Churn rate"
    assert row[4:] == ["Fix it with an OKR", "0.90", "Resolved", "Tighten to what was reached"]


def test_a_private_okr_that_answers_a_signal_says_neither_grade_nor_target(client, team, charlie):
    closed = make_closed_objective(make_kpi(team=team, name="Churn rate"))
    closed.signal.treatment.grade = Decimal("0.9")
    closed.signal.treatment.is_private = True
    closed.signal.treatment.choice = "tighten"
    closed.signal.treatment.save()
    client.force_login(charlie)
    assert table_of(client, "signals")[1][4:] == [
        "Fix it with an OKR, private",
        "",
        "Resolved",
        "",
    ]


def test_a_download_is_safe_to_open(client, organisation, alice, cycles):
    graded(make_team(organisation=organisation, name="=HYPERLINK(1)"), cycles[1], ["0.4"])
    client.force_login(alice)
    answer = client.get("/statistics/teams.csv")
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Content-Disposition"] == 'attachment; filename="statistics-teams.csv"'
    assert "'=HYPERLINK(1)" in answer.content.decode()


@pytest.mark.parametrize("name", EXPORTS)
def test_every_table_is_the_same_as_a_spreadsheet_and_linked(client, team, alice, cycles, name):
    graded(team, cycles[1], ["0.4", "0.7"])
    make_signal(make_kpi(team=team), decision="accept", decided_at=NOW + timedelta(hours=30))
    client.force_login(alice)
    query = f"?team={team.pk}"
    answer = client.get(f"/statistics/{name}.xlsx{query}")
    assert answer["Content-Disposition"] == f'attachment; filename="statistics-{name}.xlsx"'
    found = list(load_workbook(BytesIO(answer.content)).active.iter_rows(values_only=True))
    told = table_of(client, name, query)
    assert [[_plain(value) for value in row] for row in found] == [
        [_plain(value) for value in row] for row in told
    ]
    assert f'href="/statistics/{name}.xlsx{query}"' in main_of(client.get(f"/statistics/{query}"))


def _plain(value) -> str:
    if isinstance(value, datetime):
        return value.date().isoformat()
    try:
        return f"{float(value):g}"
    except (TypeError, ValueError):
        return value or ""


@pytest.mark.parametrize(
    "path",
    [
        "/statistics/persons.xlsx",
        "/statistics/?team=999999",
        "/statistics/?team=x",
        "/statistics/?team=99999999999999999999",
        "/statistics/persons.csv",
    ],
)
def test_what_is_not_there_is_404(client, alice, path):
    client.force_login(alice)
    assert client.get(path).status_code == 404


def test_another_organisations_team_is_404(client, alice):
    foreign = make_team(organisation=make_organisation(name="Elsewhere"))
    client.force_login(alice)
    assert client.get(f"/statistics/?team={foreign.pk}").status_code == 404


@pytest.mark.parametrize("query", ["", "?kind=year", "?cycle=77&page=x&signals=-1&kind=nonsense"])
def test_an_organisation_without_cycles_has_a_page(client, alice, query):
    client.force_login(alice)
    answer = client.get(f"/statistics/{query}")
    assert answer.status_code == 200
    assert "No objective in these cycles" in answer.content.decode()


def test_a_person_of_no_organisation_has_none(client, db):
    client.force_login(make_user("Nora", organisation=None))
    assert client.get("/statistics/").status_code == 404


def test_long_and_arabic_names_and_one_key_result_are_readable(client, organisation, cycles):
    team = make_team(organisation=organisation, name=ARABIC)
    long = make_team(organisation=organisation, name="n" * 200)
    user = join(team, make_user(ARABIC, organisation=organisation))
    graded(team, cycles[1], ["0.0"])
    graded(long, cycles[1], ["1.0"])
    client.force_login(user)
    text = main_of(client.get("/statistics/"))
    assert ARABIC in text
    assert "n" * 200 in text


def fill(organisation, cycles, count, at):
    for number in range(count):
        other = make_team(organisation=organisation, name=f"Filler {at + number:04}")
        kpi = make_kpi(team=other, target=8)
        make_signal(kpi)
        for cycle in cycles:
            row = graded(other, cycle, ["0.6"]).key_results.get()
            row.kpi = kpi
            row.save()


def test_the_page_costs_the_same_queries_with_3_and_with_60_teams(
    client, organisation, alice, cycles, django_assert_num_queries
):
    client.force_login(alice)
    fill(organisation, cycles, 3, 0)
    client.get("/statistics/")
    with django_assert_num_queries(25):
        client.get("/statistics/")
    fill(organisation, cycles, 57, 3)
    with django_assert_num_queries(25):
        answer = client.get("/statistics/")
    assert "Page 1 of 2" in answer.content.decode()


def test_the_context_of_nothing_is_complete(alice):
    context = statistics_context(scope_of(alice, None, "", NOW), "", ("1", "1"))
    assert context["cycle"] is None
    assert [fact.value for fact in context["fact_rows"][0]][:3] == ["0", "0", "0"]
