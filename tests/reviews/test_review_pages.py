"""What a review and the list of reviews show: hidden things, edges, and how many questions."""

from datetime import date
from decimal import Decimal

import pytest

from reviews.models import Review
from reviews.pages.review_list import is_half_over, proposals
from tests.factories import (
    NOW,
    join,
    make_check_in,
    make_cycle,
    make_key_result,
    make_kpi,
    make_objective,
    make_organisation,
    make_review,
    make_signal,
    make_team,
    make_user,
    make_value,
)

pytestmark = pytest.mark.django_db
ARABIC = "يحب عملاؤنا البداية معنا"
LONG = "An objective with a name as long as it may be " * 6


@pytest.fixture
def team():
    return make_team(organisation=make_organisation(), name="Customer Success")


@pytest.fixture
def cycle(team):
    return make_cycle(organisation=team.organisation)


@pytest.fixture
def alice(team):
    return join(team, make_user("Alice", organisation=team.organisation), "lead")


@pytest.fixture
def charlie(team):
    """Same organisation, another team."""
    other = make_team(organisation=team.organisation)
    return join(other, make_user("Charlie", organisation=team.organisation), "lead")


def text_of(response) -> str:
    assert response.status_code == 200
    return response.content.decode()


def page(client, person, review) -> str:
    client.force_login(person)
    return text_of(client.get(f"/reviews/{review.pk}/"))


# -- hidden things -------------------------------------------------------------------------------


@pytest.fixture
def hidden(team, cycle, alice):
    """One private objective and one private KPI with a signal beside one open one each."""
    make_objective(team=team, cycle=cycle, title="Open objective")
    secret = make_objective(team=team, cycle=cycle, title="Buy a rival", is_private=True)
    make_key_result(secret, title="Letter of intent signed", kind="yes_no")
    make_kpi(team=team, name="Open figure", target=8)
    kpi = make_kpi(team=team, name="Secret runway", target=8, is_private=True)
    make_signal(kpi)
    return make_review(team=team, cycle=cycle)


WORDS = ("Buy a rival", "Letter of intent", "Secret runway")


@pytest.mark.parametrize("path", ["", "minutes.md", "changes/"])
@pytest.mark.parametrize("is_closed", [False, True], ids=["open", "closed"])
def test_private_things_are_only_counted_outside_the_team(
    client, hidden, alice, charlie, path, is_closed
):
    if is_closed:
        Review.objects.update(kind="mid_cycle")
        client.force_login(alice)
        client.post(f"/reviews/{hidden.pk}/close/")
    client.force_login(charlie)
    seen = text_of(client.get(f"/reviews/{hidden.pk}/{path}"))
    assert not [words for words in WORDS if words in seen]
    if path != "changes/":
        assert seen.count("1 hidden") == 2
    client.force_login(alice)
    inside = text_of(client.get(f"/reviews/{hidden.pk}/{path}"))
    assert "1 hidden" not in inside
    if path != "changes/":
        assert [words for words in WORDS if words in inside] == list(WORDS)


def test_the_list_counts_what_is_missing_of_what_a_person_may_see(client, hidden, alice, charlie):
    client.force_login(charlie)
    row = client.get("/reviews/").context["open_rows"][0]
    assert (row.waits, row.hidden) == ("1 of 1 to decide", 1)
    client.force_login(alice)
    row = client.get("/reviews/").context["open_rows"][0]
    assert (row.waits, row.hidden) == ("1 of 1 to grade, 2 of 2 to decide", 0)


def test_a_review_of_a_private_team_is_nowhere_outside_it(client, hidden, team, charlie):
    team.is_private = True
    team.save()
    client.force_login(charlie)
    assert client.get(f"/reviews/{hidden.pk}/").status_code == 404
    assert client.get(f"/reviews/{hidden.pk}/minutes.md").status_code == 404
    assert "Customer Success" not in text_of(client.get("/reviews/"))


# -- edges ---------------------------------------------------------------------------------------


def test_a_cycle_without_objectives_is_reviewed_and_closed(client, team, cycle, alice):
    review = make_review(team=team, cycle=cycle)
    assert "No objectives in Q3 2026." in page(client, alice, review)
    assert client.post(f"/reviews/{review.pk}/close/").status_code == 302
    assert "Closed on" in text_of(client.get(f"/reviews/{review.pk}/"))
    assert client.get(f"/reviews/{review.pk}/minutes.md").status_code == 200


def test_a_team_without_members_has_a_review_that_others_read(client, team, cycle, charlie):
    make_key_result(make_objective(team=team, cycle=cycle))
    html = page(client, charlie, make_review(team=team, cycle=cycle))
    assert "Not graded yet" in html
    assert "Close the review" not in html


def test_one_key_result_alone_makes_the_grade(client, team, cycle, alice):
    row = make_key_result(make_objective(team=team, cycle=cycle), baseline=0, target=100)
    make_check_in(row, alice, value=Decimal(35))
    html = page(client, alice, make_review(team=team, cycle=cycle))
    assert '<b class="num">0.4</b>' in html  # 0.35, halves up
    assert "0 of 1 graded" in html


@pytest.mark.parametrize(
    ("value", "ambition", "words"),
    [
        (0, "committed", "Ends below 1.0, so it needs a sentence"),
        (100, "committed", "Reached in full"),
        (0, "aspirational", "Little progress"),
        (100, "aspirational", "Reached in full; aim further next time"),
        (85, "aspirational", "Above 0.8; raise it next time"),
    ],
)
def test_grades_of_nothing_and_of_everything_are_told_by_ambition(
    client, team, cycle, alice, value, ambition, words
):
    objective = make_objective(team=team, cycle=cycle, ambition=ambition)
    for _ in range(3):
        row = make_key_result(objective, baseline=0, target=100)
        make_check_in(row, alice, value=Decimal(value))
    html = page(client, alice, make_review(team=team, cycle=cycle))
    assert words in html
    assert ("What kept it from 1.0?" in html) == (ambition == "committed" and value < 100)
    assert ("What was the root cause?" in html) == (value < 70)


def test_names_of_any_length_and_script_are_printed_whole(client, team, cycle, alice):
    team.name = ARABIC
    team.save()
    objective = make_objective(team=team, cycle=cycle, title=LONG[:200])
    make_key_result(objective, title=ARABIC)
    make_kpi(team=team, name=f"{ARABIC} | <b>", target=8)
    review = make_review(team=team, cycle=cycle)
    html = page(client, alice, review)
    assert LONG[:200] in html
    assert f'<span dir="auto">{ARABIC}</span>' in html
    assert "<b>" not in html.split("How is the engine running?")[1].split(ARABIC)[1][:5]
    told = text_of(client.get(f"/reviews/{review.pk}/minutes.md"))
    assert f"{ARABIC} \\| \\<b\\>" in told
    assert "attachment" in client.get(f"/reviews/{review.pk}/minutes.md")["Content-Disposition"]


def test_what_somebody_who_left_said_still_counts_and_says_so(client, team, cycle, alice):
    gone = join(team, make_user("Gone", organisation=team.organisation))
    row = make_key_result(make_objective(team=team, cycle=cycle, owner=gone), baseline=0, target=10)
    make_check_in(row, gone, value=Decimal(7))
    review = make_review(team=team, cycle=cycle)
    client.force_login(gone)
    client.post(f"/reviews/{review.pk}/learnings/", {"text": "Call early"})
    gone.is_active = False
    gone.save()
    html = page(client, alice, review)
    assert "Gone (left)" in html
    assert "Suggested 0.7." in html


def test_a_left_out_key_result_counts_for_nothing(client, team, cycle, alice):
    objective = make_objective(team=team, cycle=cycle, ambition="aspirational")
    for value in (100, 0):
        row = make_key_result(objective, baseline=0, target=100)
        make_check_in(row, alice, value=Decimal(value))
    review = make_review(team=team, cycle=cycle)
    client.force_login(alice)
    url = f"/reviews/{review.pk}/key-results/{row.pk}/"
    client.post(url, {"grade": "out", "reason": "The market is gone", "version": 0})
    assert '<b class="num">1.0</b>' in page(client, alice, review)


def test_weekly_and_daily_kpis_are_told_by_their_periods_of_the_cycle(client, team, cycle, alice):
    kpi = make_kpi(team=team, cadence="weekly", target=8, starts_on=date(2026, 6, 1))
    for week in (date(2026, 6, 29), date(2026, 7, 6), date(2026, 7, 13)):
        make_value(kpi, week, "9")
    client.force_login(alice)
    review = make_review(team=team, cycle=cycle)
    fact = client.get(f"/reviews/{review.pk}/").context["facts"]["kpis"][0]
    assert (fact["start"], fact["off"]) == ("9\u00a0%", 2)


# -- the list ------------------------------------------------------------------------------------


def test_open_reviews_come_first_and_the_list_can_be_of_one_team(client, team, cycle, alice):
    other = make_team(organisation=team.organisation, name="Sales")
    make_review(team=other, cycle=cycle)
    make_review(team=team, cycle=cycle, closed_at=NOW, closed_by=alice)
    client.force_login(alice)
    context = client.get("/reviews/").context
    assert [row.team.name for row in context["open_rows"]] == ["Sales"]
    assert [row.team.name for row in context["closed_rows"]] == ["Customer Success"]
    assert client.get(f"/reviews/?team={team.pk}").context["open_rows"] == []
    assert client.get("/reviews/?team=x").status_code == 200


def test_a_lead_is_offered_a_mid_cycle_and_a_monthly_look(team, cycle, alice):
    make_objective(team=team, cycle=cycle)
    assert not is_half_over(cycle, date(2026, 8, 14))
    assert is_half_over(cycle, date(2026, 8, 16))
    assert proposals(alice, date(2026, 7, 30)) == []
    kinds = [one.kind for one in proposals(alice, date(2026, 8, 20))]
    assert kinds == ["mid_cycle", "monthly"]
    make_review(team=team, cycle=cycle, kind="mid_cycle", opened_at=NOW)
    assert proposals(alice, date(2026, 8, 20)) == []
    later = proposals(alice, date(2026, 9, 25))
    assert [one.why for one in later] == ["Not looked at for 38 days."]


def test_a_lead_opens_a_look_once_and_a_member_does_not(client, team, cycle, alice, monkeypatch):
    monkeypatch.setattr("django.utils.timezone.now", lambda: NOW)
    make_objective(team=team, cycle=cycle)
    bob = join(team, make_user("Bob", organisation=team.organisation))
    client.force_login(bob)
    url = f"/teams/{team.pk}/reviews/new/"
    assert client.post(url, {"kind": "monthly"}).status_code == 403
    client.force_login(alice)
    for _ in range(2):
        assert client.post(url, {"kind": "monthly"}).status_code == 302
    assert client.post(url, {"kind": "quarterly"}).status_code == 422
    assert Review.objects.get().for_on == date(2026, 8, 1)


def test_the_open_reviews_of_a_persons_teams_fill_a_slot_of_another_page(
    client, team, cycle, alice, charlie
):
    make_review(team=team, cycle=cycle)
    client.force_login(alice)
    assert "Review of Q3 2026" in text_of(client.get("/reviews/owed/"))
    client.force_login(charlie)
    assert client.get("/reviews/owed/").status_code == 204


# -- how many questions --------------------------------------------------------------------------


def fill(team, cycle, alice, count):
    for _ in range(count):
        objective = make_objective(team=team, cycle=cycle)
        for _ in range(2):
            make_check_in(make_key_result(objective), alice, value=Decimal(40))
        kpi = make_kpi(team=team, target=8)
        make_value(kpi, date(2026, 7, 1), "9")
        make_signal(kpi)


@pytest.mark.parametrize(("path", "queries"), [("", 27), ("changes/", 14)])
@pytest.mark.parametrize("count", [2, 20])
def test_a_review_asks_the_same_questions_at_any_size(
    client, team, cycle, alice, django_assert_num_queries, path, queries, count
):
    fill(team, cycle, alice, count)
    review = make_review(team=team, cycle=cycle)
    client.force_login(alice)
    client.get(f"/reviews/{review.pk}/{path}")
    with django_assert_num_queries(queries):
        client.get(f"/reviews/{review.pk}/{path}")


def test_asking_whether_anything_changed_takes_four_questions(
    client, team, cycle, alice, django_assert_num_queries
):
    fill(team, cycle, alice, 5)
    review = make_review(team=team, cycle=cycle)
    client.force_login(alice)
    url = f"/reviews/{review.pk}/changes/"
    headers = {"HX-Request": "true", "If-None-Match": client.get(url).headers["ETag"]}
    with django_assert_num_queries(4):
        assert client.get(url, headers=headers).status_code == 204


@pytest.mark.parametrize("count", [2, 20])
def test_the_list_asks_the_same_questions_at_any_size(
    client, team, cycle, alice, django_assert_num_queries, count
):
    for _ in range(count):
        other = make_team(organisation=team.organisation)
        make_key_result(make_objective(team=other, cycle=cycle))
        make_review(team=other, cycle=cycle)
    client.force_login(alice)
    client.get("/reviews/")
    with django_assert_num_queries(12):
        client.get("/reviews/")
