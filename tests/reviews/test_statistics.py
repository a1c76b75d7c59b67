"""Statistics and calibration over cycles: every figure, what is hidden, and no person."""

import csv
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from io import StringIO

import pytest
import time_machine

from metrics.models import SignalEvent
from objectives.coach import objective_rules
from objectives.coach.facts import ObjectiveText, PastCycle, PastObjective
from objectives.coach.reading import read
from reviews.calibration import median_days, repeats
from reviews.pages.statistics import scope_of, statistics_context
from reviews.pages.statistics_facts import cycle_figures, update_shares
from reviews.pages.statistics_signals import quarter_figures
from reviews.update_share import Came, Owing, updates
from tests.factories import (
    NOW,
    join,
    make_check_in,
    make_closed_objective,
    make_cycle,
    make_key_result,
    make_kpi,
    make_objective,
    make_organisation,
    make_signal,
    make_target,
    make_team,
    make_user,
)

pytestmark = [pytest.mark.django_db]
FRIDAY = 5
Q2 = {"name": "Q2 2026", "starts_on": date(2026, 4, 1), "ends_on": date(2026, 6, 30)}
Q1 = {"name": "Q1 2026", "starts_on": date(2026, 1, 1), "ends_on": date(2026, 3, 31)}
CLOSED = datetime(2026, 7, 3, 9, tzinfo=UTC)
ARABIC = "عملاؤنا يحبون بدايتهم معنا"


@pytest.fixture(autouse=True)
def then():
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def cycles(organisation):
    return [make_cycle(organisation=organisation, state="active", **one) for one in (Q1, Q2)]


def graded(team, cycle, grades, *, ambition="aspirational", **over):
    objective = make_objective(
        team=team,
        cycle=cycle,
        ambition=ambition,
        state="closed",
        closed_at=CLOSED,
        starts_on=cycle.starts_on,
        **over,
    )
    for grade in grades:
        share = Decimal(grade)
        make_key_result(objective, grade=share, suggested_grade=share, final_progress=share)
    return objective


def figures_of(user, team=None):
    return cycle_figures(scope_of(user, team, "", NOW))


def main_of(answer):
    text = answer.content.decode()
    return text[text.index("<main") : text.index("</main>")]


def table_of(client, name, query=""):
    answer = client.get(f"/statistics/{name}.csv{query}")
    assert answer.status_code == 200
    return list(csv.reader(StringIO(answer.content.decode("utf-8-sig"))))


def test_the_figures_of_a_cycle_are_those_of_its_rows(team, charlie, cycles):
    q2 = cycles[1]
    graded(team, q2, ["0.7", "0.4"], origin="top_down")
    graded(team, q2, ["1.0"], ambition="committed", title="Every contract is on paper")
    keeps = make_objective(team=charlie.teams.get(), cycle=q2, title="Builds stay quick")
    make_key_result(keeps, kind="at_most", target=Decimal(10))
    make_objective(team=team, cycle=q2, state="draft", title="Later")
    one = figures_of(charlie)[q2.pk]
    assert (one.teams, one.objectives, one.key_results, one.hidden) == (2, 3, 4, 0)
    assert (one.bottom_up, one.maintain, one.repeats) == (2, 1, 0)
    assert one.grades["aspirational"].mean == Decimal("0.55")
    assert one.grades["committed"].counts == {Decimal("1.0"): 1}


def test_a_key_results_own_ambition_goes_before_its_objectives(team, alice, cycles):
    objective = graded(team, cycles[1], ["0.3"], ambition="committed")
    objective.key_results.update(ambition="aspirational")
    one = figures_of(alice)[cycles[1].pk]
    assert one.grades["aspirational"].graded == 1
    assert one.grades["committed"].graded == 0


def test_a_withdrawn_key_result_is_in_no_figure(team, alice, cycles):
    objective = graded(team, cycles[1], ["0.7", "0.1"])
    objective.key_results.filter(grade=Decimal("0.1")).update(
        withdrawn_at=NOW, withdrawn_reason="Dropped"
    )
    one = figures_of(alice)[cycles[1].pk]
    assert (one.key_results, one.grades["aspirational"].mean) == (1, Decimal("0.7"))


def test_what_is_private_is_in_no_figure_but_the_count_of_hidden(team, bob, charlie, cycles):
    q1, q2 = cycles
    graded(team, q1, ["1.0"], is_private=True, title="Hidden plan")
    hidden = graded(team, q2, ["0.2"], is_private=True, title="Hidden plan", origin="top_down")
    make_key_result(hidden, kind="at_least", target=Decimal(3))
    seen, own = figures_of(charlie)[q2.pk], figures_of(bob)[q2.pk]
    assert (seen.objectives, seen.teams, seen.key_results, seen.hidden) == (0, 0, 0, 1)
    assert (seen.bottom_up, seen.maintain, seen.repeats) == (0, 0, 0)
    assert all(one.graded == 0 for one in seen.grades.values())
    assert (own.objectives, own.hidden, own.repeats, own.maintain) == (1, 0, 1, 1)


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


def test_a_team_is_shown_with_its_sub_teams(organisation, team, alice, charlie, cycles):
    below = make_team(organisation=organisation, name="Onboarding", parent=team)
    deeper = make_team(organisation=organisation, name="Mail", parent=below)
    graded(deeper, cycles[1], ["0.5"])
    graded(charlie.teams.get(), cycles[1], ["0.1"])
    one = figures_of(alice, team)[cycles[1].pk]
    assert (one.objectives, one.grades["aspirational"].mean) == (1, Decimal("0.5"))


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


@pytest.mark.parametrize(
    "title",
    ["Our customers love our onboarding", "Onboarding our customers love", "Nobody waits for us"],
)
def test_a_repeat_is_what_the_coach_calls_one(title):
    past = (PastObjective("Our customers love our onboarding", frozenset({(4, "increase")})),)
    asked = objective_rules.again(ObjectiveText(title), read(title), [PastCycle(past)])
    assert repeats([PastObjective(title)], past) == (asked is not None)


def test_the_same_kpi_is_a_repeat_unless_its_target_is_new(team, alice, cycles):
    kpi = make_kpi(team=team, target=8)
    for cycle, title in zip(
        cycles, ("Nobody leaves us early", "Renewals are a habit"), strict=True
    ):
        objective = make_objective(team=team, cycle=cycle, title=title)
        make_key_result(objective, kpi=kpi)
    assert figures_of(alice)[cycles[1].pk].repeats == 1
    make_target(kpi, value=Decimal(7), effective_on=date(2026, 4, 1))
    assert figures_of(alice)[cycles[1].pk].repeats == 0


def test_updates_are_in_time_late_or_missed_by_their_day():
    owing = [Owing("weekly", date(2026, 7, 1), date(2026, 9, 30), 2)]
    came = [
        Came("weekly", date(2026, 7, 3), date(2026, 7, 6), 2),  # on the last day of grace
        Came("weekly", date(2026, 7, 10), date(2026, 7, 14), 1),  # after it
        Came("weekly", date(2026, 7, 17), date(2026, 7, 25), 1),  # after the next was due
    ]
    found = updates(owing, came, FRIDAY, date(2026, 7, 21))
    assert (found.on_time, found.late, found.missed) == (2, 1, 3)
    assert found.due == 6


def test_nothing_due_yet_has_no_share():
    owing = [Owing("weekly", date(2026, 7, 1), date(2026, 9, 30), 2)]
    assert updates(owing, [], FRIDAY, date(2026, 7, 6)).ratio is None


def test_the_first_check_in_of_a_day_counts_and_one_taken_back_does_not(team, alice):
    cycle = make_cycle(organisation=team.organisation)
    row = make_key_result(make_objective(team=team, cycle=cycle))
    made = datetime(2026, 7, 3, 8, tzinfo=UTC)
    first = make_check_in(row, alice, due_on=date(2026, 7, 3), made_at=made)
    make_check_in(
        row, alice, due_on=date(2026, 7, 3), made_at=made + timedelta(days=9), corrects=first
    )
    make_check_in(
        row, alice, due_on=date(2026, 7, 3), made_at=made + timedelta(days=5), confidence=3
    )
    gone = make_check_in(row, alice, due_on=date(2026, 7, 10), made_at=made + timedelta(days=7))
    make_check_in(
        row,
        alice,
        due_on=date(2026, 7, 10),
        made_at=made + timedelta(days=7, minutes=1),
        corrects=gone,
        is_retraction=True,
    )
    found = update_shares(scope_of(alice, None, "", NOW))[cycle.pk]
    assert (found.on_time, found.late) == (1, 0)
    assert found.due == 7  # 3, 10, 17, 24, 31 July, 7 and 14 August


def test_what_follows_a_kpi_owes_no_check_in(team, alice):
    cycle = make_cycle(organisation=team.organisation)
    objective = make_objective(team=team, cycle=cycle)
    make_key_result(objective, kpi=make_kpi(team=team), kpi_follows=True)
    assert update_shares(scope_of(alice, None, "", NOW))[cycle.pk].due == 0


def test_time_to_decision_is_the_median_of_first_decisions(team, charlie, alice, cycles):
    opened = datetime(2026, 4, 10, 9, tzinfo=UTC)
    for days in (1, 4, 9):
        signal = make_signal(make_kpi(team=team), opened_at=opened, decision="accept")
        signal.decided_at = opened + timedelta(days=30)
        signal.save()
        SignalEvent.objects.create(
            signal=signal,
            type="accepted",
            period_on=date(2026, 4, 1),
            ordinal=1,
            at=opened + timedelta(days=days),
        )
    make_signal(make_kpi(team=team), opened_at=opened)
    make_signal(make_kpi(team=team, is_private=True), opened_at=opened)
    (one,) = quarter_figures(scope_of(charlie, None, "", NOW)).values()
    assert (one.median, one.waiting, one.hidden) == (Decimal(4), 1, 1)
    (own,) = quarter_figures(scope_of(alice, None, "", NOW)).values()
    assert (own.waiting, own.hidden) == (2, 0)


def test_the_median_of_an_even_number_lies_between():
    assert median_days([1, 2]) == Decimal("1.5")
    assert median_days([]) is None


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


@pytest.mark.parametrize(
    "path",
    [
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


def test_a_deactivated_persons_rows_still_count(team, alice, bob, cycles):
    graded(team, cycles[1], ["0.5"], owner=bob)
    bob.is_active = False
    bob.save()
    assert figures_of(alice)[cycles[1].pk].objectives == 1


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
