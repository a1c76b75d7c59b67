"""The quarter page: filters in the address, past days, decisions, downloads, kept views."""

import re
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from io import BytesIO

import pytest
import time_machine
from openpyxl import load_workbook

from metrics.evaluation import evaluate_kpis
from reviews.models import SavedView
from reviews.pages.dashboard_lists import LISTS
from tests.factories import (
    NOW,
    make_check_in,
    make_cycle,
    make_dependency,
    make_key_result,
    make_kpi,
    make_objective,
    make_organisation,
    make_saved_view,
    make_signal,
    make_team,
    make_value,
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


def test_the_page_says_what_is_off_and_what_waits(client, alice, churn, goal):
    client.force_login(alice)
    text = page_of(client)
    assert "1 of 1 KPI off target." in text
    assert "1 signal waits for a decision" in text
    assert "3 months" in text
    assert "50\N{NO-BREAK SPACE}%" in text
    for ident in ("on-target", "off-target", "to-decide", "progress", "speed", "updates"):
        assert f'popovertarget="ex-{ident}"' in text


@pytest.mark.parametrize(
    ("query", "there", "gone"),
    [
        ("?lens=engine", 'id="engine"', 'id="dest"'),
        ("?lens=destination", 'id="dest"', 'id="engine"'),
        ("?status=on_target", "No KPI here", "3 months</span></span></li>"),
        ("?view=meeting", "Leave full screen", "<select"),
        ("?team={team}", "with its sub-teams", "Platform"),
    ],
)
def test_filters_stand_in_the_address(
    client, alice, charlie, team, churn, goal, query, there, gone
):
    client.force_login(alice)
    text = page_of(client, query.format(team=team.pk))
    assert there in text
    assert gone not in text.partition("</form>")[2]


def test_each_headline_links_to_exactly_what_it_counts(client, alice, churn, goal):
    client.force_login(alice)
    assert [row[0] for row in rows_of(client, "kpis", "?lens=engine&status=off_target")[1:]] == [
        "Churn rate"
    ]
    assert rows_of(client, "kpis", "?lens=engine&status=on_target")[1:] == []
    text = page_of(client, "?lens=destination")
    assert 'href="?lens=engine&amp;status=off_target#engine"' in text
    assert 'href="?lens=destination#dest"' in text


def test_a_past_day_is_told_as_it_was_then(client, alice, churn, goal):
    client.force_login(alice)
    (early,) = rows_of(client, "kpis", "?on=2026-06-10")[1:]
    assert (early[6], early[10], early[11]) == ("12", "off target", "1")
    (before,) = rows_of(client, "kpis", "?on=2026-05-10")[1:]
    assert before[10] == "on target"
    text = page_of(client, "?on=2026-08-01")
    assert "as of 1" in text
    assert rows_of(client, "objectives", "?on=2026-07-01")[1:] == []


def test_a_cycle_that_is_over_is_told_as_of_its_last_day_unless_a_day_is_chosen(
    client, team, alice, churn
):
    over = {"starts_on": date(2026, 4, 1), "ends_on": date(2026, 6, 30), "name": "Q2 2026"}
    closed = datetime(2026, 6, 30, 12, tzinfo=UTC)
    cycle = make_cycle(organisation=team.organisation, state="closed", closed_at=closed, **over)
    client.force_login(alice)
    text = page_of(client, f"?cycle={cycle.pk}")
    assert "as of 30\u00a0Jun 2026" in text
    assert "0 of 1 KPI off target" not in text
    assert rows_of(client, "kpis", f"?cycle={cycle.pk}")[1][11] == "1"  # May, known since June
    today = re.search(r'<a href="/quarter/([^"]+)">see it as of today</a>', text)[1]
    text = page_of(client, today.replace("&amp;", "&"))
    assert today == f"?cycle={cycle.pk}&amp;on=2026-08-18"
    assert "as of" not in text.split("<h1>")[0]
    assert rows_of(client, "kpis", today.replace("&amp;", "&"))[1][11] == "3"


def test_a_closed_cycle_is_told_with_the_grades_it_was_closed_with(client, team, alice):
    over = {"starts_on": date(2026, 4, 1), "ends_on": date(2026, 6, 30), "name": "Q2 2026"}
    closed = datetime(2026, 7, 10, 9, tzinfo=UTC)
    cycle = make_cycle(organisation=team.organisation, state="closed", closed_at=closed, **over)
    objective = make_objective(
        team=team,
        cycle=cycle,
        title="Renewals",
        state="closed",
        grade=Decimal("0.9"),
        closed_at=datetime(2026, 7, 6, 9, tzinfo=UTC),
        published_at=datetime(2026, 4, 2, 9, tzinfo=UTC),
        created_at=datetime(2026, 4, 1, 9, tzinfo=UTC),
    )
    make_key_result(objective)
    client.force_login(alice)
    text = page_of(client, f"?cycle={cycle.pk}")
    assert "as of 10\u00a0Jul 2026" in text
    assert 'Closed <span class="age">0.9, delivered</span>' in text


def test_a_cycle_that_is_being_graded_is_told_as_of_now(client, team, alice, churn):
    over = {"starts_on": date(2026, 4, 1), "ends_on": date(2026, 6, 30), "name": "Q2 2026"}
    cycle = make_cycle(organisation=team.organisation, state="closing", **over)
    client.force_login(alice)
    assert "as of" not in page_of(client, f"?cycle={cycle.pk}").split("<h1>")[0]


def test_a_day_to_come_is_told_at_its_field_and_the_page_stands(client, alice, churn):
    client.force_login(alice)
    answer = client.get("/quarter/?on=2026-09-01")
    assert answer.status_code == 422
    assert "Choose today or a day before it." in answer.content.decode()
    assert "Churn rate" in answer.content.decode()


@pytest.mark.parametrize("query", ["?team=999999", "?team=x", "?cycle=77"])
def test_what_is_not_there_is_404(client, alice, query):
    client.force_login(alice)
    assert client.get(f"/quarter/{query}").status_code == 404
    assert client.get("/quarter/nonsense.csv").status_code == 404


def test_another_organisations_team_is_404(client, alice):
    foreign = make_team(organisation=make_organisation(name="Elsewhere"))
    client.force_login(alice)
    assert client.get(f"/quarter/?team={foreign.pk}").status_code == 404


def test_the_trend_is_a_chart_with_its_table(client, alice, goal):
    client.force_login(alice)
    whole = client.get("/quarter/trend/")
    part = client.get("/quarter/trend/", headers={"HX-Request": "true"})
    for answer in (whole, part):
        text = answer.content.decode()
        assert 'data-chart="fig-trend"' in text
        assert text.count("<tr>") == 8  # seven weeks and the head
    assert "<main" in whole.content.decode()
    assert "<main" not in part.content.decode()
    assert "plotly" not in page_of(client)


def test_the_trend_says_of_whom_and_of_which_cycle_it_is(client, team, alice, goal):
    client.force_login(alice)
    text = client.get(f"/quarter/trend/?team={team.pk}").content.decode()
    of = f"{team.name} with its sub-teams, Q3 2026"
    assert f"<title>Progress by week, {of}" in text
    assert f'<p class="lead" dir="auto">{of}</p>' in text
    assert f'data-png-title="{of}"' in text
    of = "All teams, Q3 2026, as of 10\u00a0Aug 2026"
    assert of in client.get("/quarter/trend/?on=2026-08-10").content.decode()


def test_a_list_is_the_same_as_csv_and_as_a_spreadsheet(client, alice, churn, goal):
    churn.name = "=HYPERLINK(1)"
    churn.save()
    client.force_login(alice)
    head, line = rows_of(client, "kpis")
    answer = client.get("/quarter/kpis.xlsx")
    assert answer["X-Content-Type-Options"] == "nosniff"
    sheet = load_workbook(BytesIO(answer.content)).active
    rows = list(sheet.iter_rows())
    assert [cell.value for cell in rows[0]] == head
    assert (rows[1][0].value, rows[1][0].data_type) == ("=HYPERLINK(1)", "s")
    assert line[0] == "'=HYPERLINK(1)"
    assert (rows[1][6].value, line[6]) == (12.1, "12.1")


@pytest.mark.parametrize("name", LISTS)
def test_every_list_has_a_head_and_rows_of_its_length(client, alice, churn, goal, name):
    client.force_login(alice)
    rows = rows_of(client, name)
    assert {len(row) for row in rows} == {len(rows[0])}


def test_a_view_is_kept_under_a_name_and_forgotten(client, alice, bob):
    client.force_login(alice)
    typed = {"name": "What is off", "query": "lens=engine&page=3&evil=1"}
    answer = client.post("/quarter/views/", typed)
    assert answer.url == "/quarter/?lens=engine"
    again = client.post("/quarter/views/", typed)
    assert again.status_code == 422
    assert "You already keep a view of this name." in again.content.decode()
    assert re.search(r'<input[^>]* name="name"[^>]* autofocus', again.content.decode())
    assert "Keep this view" in page_of(client)
    assert "Keep this view" not in page_of(client, "?view=meeting")
    assert SavedView.objects.get().query == "lens=engine"
    theirs = make_saved_view(bob)
    client.post(f"/quarter/views/{theirs.pk}/delete/")
    assert SavedView.objects.filter(pk=theirs.pk).exists()
    mine = SavedView.objects.get(person=alice)
    for _ in range(2):
        assert client.post(f"/quarter/views/{mine.pk}/delete/").status_code == 302
    assert not SavedView.objects.filter(pk=mine.pk).exists()


def test_open_signals_stand_overdue_first_with_who_decides(client, team, alice, bob):
    for days, name in ((5, "Later"), (-1, "Past"), (2, "Soon")):
        kpi = make_kpi(team=team, name=name, owner=bob, target=8)
        make_signal(kpi, decide_by=NOW.date() + timedelta(days=days))
    client.force_login(alice)
    rows = rows_of(client, "signals")[1:]
    assert [row[0] for row in rows] == ["Past", "Soon", "Later"]
    assert {row[4] for row in rows} == {"Bob Tanaka"}
    assert "1 past the date" in page_of(client)


def test_the_figures_stand_beside_those_of_earlier(client, team, alice, bob, churn, goal):
    last = make_cycle(
        organisation=team.organisation,
        name="Q2 2026",
        starts_on=date(2026, 4, 1),
        ends_on=date(2026, 6, 30),
        state="closed",
        closed_at=NOW,
    )
    early = datetime(2026, 4, 2, 9, tzinfo=UTC)
    over = {"cycle": last, "created_at": early, "published_at": early, "title": "Of spring"}
    spring = make_objective(team=team, starts_on=last.starts_on, **over)
    row = make_key_result(spring)
    make_check_in(row, bob, value=Decimal(52), made_at=early, due_on=date(2026, 4, 3))
    client.force_login(alice)
    assert 'href="/quarter/compare/"' in page_of(client)
    text = page_of(client, "compare/")
    assert "Start of Q3 2026" in text
    assert "End of Q2 2026" in text
    cells = re.findall(r"<td[^>]*>([^<]*)", text)
    # Churn was off target in June already, and on target in none of the three.
    assert cells[:6] == ["0 of 1", "0 of 1", "0 of 1", "1", "1", "1"]
    assert cells[9:12] == ["50\N{NO-BREAK SPACE}%", "–", "100\N{NO-BREAK SPACE}%"]
    fragment = client.get("/quarter/compare/", headers={"HX-Request": "true"}).content.decode()
    assert fragment.lstrip().startswith('<section class="sect beside" id="compare"')


def test_what_else_needs_a_decision_stands_below_the_signals(client, team, alice, bob, charlie):
    other = charlie.memberships.get().team
    make_signal(make_kpi(team=team, name="Churn", owner=bob, target=8), decide_by=NOW.date())
    stuck = make_objective(team=team, title="Will not land", owner=bob, published_at=ARRIVED)
    row = make_key_result(stuck)
    make_check_in(row, bob, value=Decimal(38), confidence=2)
    hopeful = make_objective(team=team, title="May land still", published_at=ARRIVED)
    make_check_in(make_key_result(hopeful), bob, value=Decimal(38), confidence=7)
    make_key_result(hopeful, title="Nobody looks", position=2)
    make_dependency(stuck, other, alice, what="An import", needed_on=NOW.date() + timedelta(days=3))
    client.force_login(alice)
    rows = rows_of(client, "waiting")[1:]
    assert [row[0] for row in rows] == ["Churn", "An import", "Will not land", "Nobody looks"]
    assert [row[2] for row in rows] == ["Bob Tanaka", "Charlie Osei", "Bob Tanaka", "Alice Moreau"]
    text = page_of(client)
    assert "confidence 2. Keep, shrink or stop?" in text
    assert "Confirm or decline?" in text
    before = rows_of(client, "waiting", "?on=2026-08-10")[1:]
    assert "An import" not in [row[0] for row in before]


def test_an_objective_past_its_cycle_waits_for_its_grade(client, team, alice):
    cycle = make_cycle(
        organisation=team.organisation,
        kind="custom",
        name="Spring",
        starts_on=date(2026, 4, 1),
        ends_on=date(2026, 6, 30),
        state="closing",
    )
    make_key_result(make_objective(team=team, cycle=cycle, starts_on=cycle.starts_on, title="Old"))
    client.force_login(alice)
    rows = rows_of(client, "waiting", f"?cycle={cycle.pk}")[1:]
    assert rows[0][:3] == [
        "Old",
        "The cycle ended on 30\N{NO-BREAK SPACE}Jun. Grade it and close?",
        "Alice Moreau",
    ]


def test_contradictions_and_warnings_are_listed(client, team, alice, churn):
    """One KPI won at another's cost, one about to cross its target, one its key result denies."""
    slow = make_kpi(team=team, name="Answers in time", target=90, direction="higher_is_better")
    falling = (98, 97, 95, 94, 93, 92, 91)
    for month, value in enumerate(falling, 1):
        make_value(slow, date(2026, month, 1), value, recorded_at=LONG_AGO)
    fast = make_kpi(team=team, name="Cost of an answer", target=20, counterpart=slow)
    for month, value in enumerate((19, 18, 17, 16, 15, 14, 13), 1):
        make_value(fast, date(2026, month, 1), value, recorded_at=LONG_AGO)
    evaluate_kpis([slow.pk, fast.pk], NOW)
    objective = make_objective(team=team, published_at=ARRIVED, created_at=ARRIVED)
    row = make_key_result(objective, kpi=churn, baseline=Decimal(12), target=Decimal(7))
    make_check_in(row, alice, value=Decimal(8), made_at=NOW)
    client.force_login(alice)
    (won,) = rows_of(client, "counter")[1:]
    assert (won[0], Decimal(won[1]), won[3]) == ("Cost of an answer", -1, "Answers in time")
    assert Decimal(won[4]) < 0
    (warned,) = rows_of(client, "early")[1:]
    assert (warned[0], warned[4]) == ("Answers in time", "2026-08-01")
    (denied,) = rows_of(client, "conflicts")[1:]
    assert denied[4] == "The key result says it goes well; the KPI is off target."
    text = page_of(client)
    for words in ("Won at another’s cost", "Early warning", "By default trust the KPI"):
        assert words in text
