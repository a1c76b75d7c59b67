"""One's own goals as evidence: what is in it, what is not, and that it is nobody else's."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
import time_machine

from reviews.markdown import plain
from tests.factories import (
    NOW,
    join,
    make_check_in,
    make_cycle,
    make_key_result,
    make_objective,
    make_team,
    make_user,
)

pytestmark = [pytest.mark.django_db]
PAGE, FILE = "/profile/evidence/", "/profile/evidence.md"
ARABIC = "عملاؤنا يحبون بدايتهم معنا"


@pytest.fixture(autouse=True)
def then():
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def past(organisation):
    return make_cycle(
        organisation=organisation,
        name="Q2 2026",
        starts_on=date(2026, 4, 1),
        ends_on=date(2026, 6, 30),
        state="closing",
    )


def graded(team, cycle, owner, **over):
    objective = make_objective(
        team=team,
        cycle=cycle,
        owner=owner,
        state="closed",
        closed_at=NOW,
        starts_on=cycle.starts_on,
        grade=Decimal("0.6"),
        **over,
    )
    share = Decimal("0.6")
    row = make_key_result(
        objective,
        owner=owner,
        title="Renewals rise",
        grade=share,
        suggested_grade=share,
        final_value=Decimal(47),
        unit="NPS",
    )
    return objective, row


def file_of(client, user, query=""):
    client.force_login(user)
    answer = client.get(f"{FILE}{query}")
    assert answer.status_code == 200
    return answer.content.decode()


def page_of(client, user, query=""):
    client.force_login(user)
    text = client.get(f"{PAGE}{query}").content.decode()
    return text[text.index("<main") : text.index("</main>")]


def test_goals_and_ones_own_words_are_in_the_file(client, team, alice, bob, past):
    objective, row = graded(team, past, bob, why="Renewals begin at onboarding")
    make_check_in(row, bob, note="Calls within 48 hours help", due_on=date(2026, 5, 1))
    make_check_in(row, alice, note="Of somebody else", due_on=date(2026, 5, 8))
    text = file_of(client, bob)
    assert text.startswith("# Bob Tanaka: goals\n\nMade on 18\u00a0Aug 2026.\n")
    assert "## Q2 2026 (1\u00a0Apr 2026 to 30\u00a0Jun 2026)" in text
    assert f"### {objective.title}" in text
    assert "Renewals begin at onboarding" in text
    assert "- **Renewals rise**" in text
    assert "last 47\u00a0NPS" in text
    assert "  - 18\u00a0Aug 2026: Calls within 48 hours help" in text
    assert "Of somebody else" not in text


def test_page_and_file_say_the_same(client, team, bob, past):
    objective, row = graded(team, past, bob)
    make_check_in(row, bob, note="Calls within 48 hours help", due_on=date(2026, 5, 1))
    text, page = file_of(client, bob), page_of(client, bob)
    for said in (objective.title, "Renewals rise", "47\u00a0NPS", "Calls within 48 hours help"):
        assert said in text
        assert said in page


def test_grades_are_there_only_when_they_are_asked_for(client, team, bob, past):
    graded(team, past, bob)
    for text in (file_of(client, bob), page_of(client, bob)):
        assert "0.6" not in text
        assert "grade <span" not in text
    assert "Grade 0.6" in file_of(client, bob, "?grades=on")
    assert 'grade <span class="num">0.6</span>' in page_of(client, bob, "?grades=on")


def test_of_somebody_elses_objective_only_ones_own_part_is_there(client, team, alice, bob, past):
    objective, _ = graded(team, past, alice, closing_note="Between lead and team")
    make_key_result(objective, owner=bob, title="Calls come sooner")
    text = file_of(client, bob, "?grades=on")
    assert "Calls come sooner" in text
    for kept in ("Renewals rise", "0.6", "Between lead and team"):
        assert kept not in text


def test_nobody_exports_anothers(client, team, alice, bob, ada, past):
    graded(team, past, bob, title="Goal of Bob")
    for person in (alice, ada):
        for query in (f"?user={bob.pk}", f"?person={bob.pk}", f"?owner={bob.pk}", ""):
            assert "Goal of Bob" not in file_of(client, person, query)
            assert "Goal of Bob" not in page_of(client, person, query)
    assert client.get(f"/profile/{bob.pk}/evidence/").status_code == 404


def test_private_goals_are_in_it_while_they_are_ones_own_teams(client, organisation, bob, past):
    secret = make_team(organisation=organisation, name="Acquisition", is_private=True)
    join(secret, bob)
    graded(secret, past, bob, title="Buy a rival", is_private=True)
    assert "Buy a rival" in file_of(client, bob)
    bob.memberships.filter(team=secret).delete()
    for text in (file_of(client, bob), page_of(client, bob)):
        assert "Buy a rival" not in text
        assert "Acquisition" not in text
        assert "Q2 2026" not in text


def test_what_is_closed_to_the_person_now_is_only_counted(client, organisation, team, bob, past):
    secret = make_team(organisation=organisation, is_private=True)
    graded(secret, past, bob, title="Buy a rival")
    graded(team, past, bob, title="Open goal")
    text = file_of(client, bob)
    assert "1 hidden." in text
    assert "Buy a rival" not in text
    assert "1 hidden." in page_of(client, bob)


def test_a_measure_stands_beside_a_title_that_does_not_tell_it(client, team, bob, past):
    _, row = graded(team, past, bob)
    assert "38 → 52" in file_of(client, bob)
    row.title = "Renewals rise from 38 to 52"
    row.save()
    assert "→" not in file_of(client, bob)


def test_drafts_and_withdrawn_key_results_are_not_in_it(client, team, bob, past):
    _, row = graded(team, past, bob)
    make_objective(team=team, cycle=past, owner=bob, state="draft", title="A draft")
    row.withdrawn_at, row.withdrawn_reason = NOW, "Dropped"
    row.save()
    text = file_of(client, bob)
    assert "A draft" not in text
    assert "Renewals rise" not in text


def test_only_the_chosen_cycles_are_exported(client, team, bob, past):
    graded(team, past, bob, title="Goal of Q2")
    now = make_objective(team=team, owner=bob, title="Goal of Q3").cycle
    both = file_of(client, bob)
    assert both.index("Goal of Q3") < both.index("Goal of Q2")
    one = file_of(client, bob, f"?cycle={now.pk}")
    assert "Goal of Q3" in one
    assert "Goal of Q2" not in one
    assert "Goal of Q2" in file_of(client, bob, f"?cycle={now.pk}&cycle={past.pk}")


@pytest.mark.parametrize("path", [PAGE, FILE])
@pytest.mark.parametrize("cycle", ["x", "999999"])
def test_a_cycle_that_is_not_there_says_so(client, team, bob, past, path, cycle):
    graded(team, past, bob)
    client.force_login(bob)
    answer = client.get(f"{path}?cycle={cycle}")
    assert answer.status_code == 422
    assert "Choose among the cycles that are listed." in answer.content.decode()


def test_a_corrected_note_is_there_once_and_one_taken_back_not(client, team, bob, past):
    _, row = graded(team, past, bob)
    first = make_check_in(row, bob, note="Before", due_on=date(2026, 5, 1))
    make_check_in(row, bob, note="After", due_on=date(2026, 5, 1), corrects=first)
    gone = make_check_in(row, bob, note="Gone", due_on=date(2026, 5, 8))
    make_check_in(row, bob, due_on=date(2026, 5, 8), corrects=gone, is_retraction=True)
    text = file_of(client, bob)
    assert "After" in text
    assert "Before" not in text
    assert "Gone" not in text


def test_the_file_is_a_download_that_nobody_guesses_the_kind_of(client, bob):
    client.force_login(bob)
    answer = client.get(FILE)
    assert answer["Content-Type"] == "text/markdown; charset=utf-8"
    assert answer["Content-Disposition"] == 'attachment; filename="my-goals.md"'
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert client.post(FILE).status_code == 405


def test_without_goals_both_say_so(client, bob):
    assert "No goals in the chosen cycles." in file_of(client, bob)
    assert "No goals in these cycles" in page_of(client, bob)


def test_a_person_of_no_organisation_has_none(client, db):
    client.force_login(make_user("Nora", organisation=None))
    assert client.get(PAGE).status_code == 404
    assert client.get(FILE).status_code == 404


def test_any_script_length_and_mark_up_is_readable(client, organisation, past):
    team = make_team(organisation=organisation, name="n" * 200)
    person = join(team, make_user(ARABIC, organisation=organisation))
    _, row = graded(team, past, person, title=ARABIC)
    make_check_in(row, person, note="# Not a [title](x) & a | bar", due_on=date(2026, 5, 1))
    text = file_of(client, person)
    assert f"### {ARABIC}" in text
    assert "\\# Not a \\[title\\](x) & a \\| bar" in text
    assert "n" * 200 in page_of(client, person)


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("1. First", "1\\. First"),
        ("8.4 % of 10.", "8.4 % of 10."),
        ("- a list", "\\- a list"),
        ("-3 points", "-3 points"),
        ("---", "\\---"),
        ("a &lt; b", "a \\&lt; b"),
        ("R&D\n# x", "R&D \\# x"),
    ],
)
def test_typed_words_stay_words_in_markdown(typed, kept):
    assert plain(typed) == kept


def fill(team, owner, cycle, count):
    for _ in range(count):
        _, row = graded(team, cycle, owner)
        for days in range(2):
            due = date(2026, 5, 1) + timedelta(days=7 * days)
            make_check_in(row, owner, note="Said", due_on=due)


def test_the_page_costs_the_same_queries_with_2_and_with_30_goals(
    client, team, bob, past, django_assert_num_queries
):
    client.force_login(bob)
    fill(team, bob, past, 2)
    client.get(PAGE)
    with django_assert_num_queries(10):
        client.get(PAGE)
    fill(team, bob, past, 28)
    with django_assert_num_queries(10):
        client.get(PAGE)
