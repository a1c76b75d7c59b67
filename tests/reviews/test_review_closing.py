"""Scenario 7 of product.md 5: grades, an override, decisions, the close and its minutes."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from objectives.actions import advance_cycles
from objectives.actions.boundaries import reopen_cycle
from objectives.actions.pilots import begin_pilot
from objectives.models import Cycle, KeyResult, Objective
from reviews.actions import entries
from reviews.actions.closing import close_review
from reviews.actions.entries import NEXT, WORDS, ReviewClosed, seen_of
from reviews.actions.opening import open_due_reviews
from reviews.models import GivenGrade, Outcome, Review
from tests.factories import (
    join,
    make_check_in,
    make_closed_objective,
    make_cycle,
    make_key_result,
    make_kpi,
    make_objective,
    make_organisation,
    make_review,
    make_team,
    make_user,
    make_value,
)

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 10, 2, 9, 0, tzinfo=UTC)
# From 0 to 100, so that a value is its progress.
WAY = {"baseline": Decimal(0), "target": Decimal(100), "unit": "%"}


@pytest.fixture(autouse=True)
def october(time_machine_at):
    time_machine_at(NOW)


@pytest.fixture
def time_machine_at(monkeypatch):
    def at(moment):
        monkeypatch.setattr("django.utils.timezone.now", lambda: moment)

    return at


@pytest.fixture
def world():
    """A team whose only objective ends with 1.0, 0.7 and 0.3, its review open."""
    team = make_team(organisation=make_organisation(), name="Customer Success")
    alice = join(team, make_user("Alice", organisation=team.organisation), "lead")
    bob = join(team, make_user("Bob", organisation=team.organisation))
    cycle = make_cycle(
        organisation=team.organisation,
        state="closing",
        starts_on=date(2026, 7, 1),
        ends_on=date(2026, 9, 30),
        name="Q3 2026",
    )
    objective = make_objective(team=team, cycle=cycle, ambition="aspirational", title="Renewals")
    rows = []
    for value in (100, 70, 30):
        row = make_key_result(objective, title=f"Ends at {value}", **WAY)
        make_check_in(row, bob, value=Decimal(value))
        rows.append(row)
    review = make_review(team=team, cycle=cycle)
    return {"team": team, "alice": alice, "bob": bob, "cycle": cycle, "objective": objective,
            "rows": rows, "review": review}  # fmt: skip


def grade_all(client, world, grades=("1", "0.7", "0.3"), **fields):
    for row, grade in zip(world["rows"], grades, strict=True):
        url = f"/reviews/{world['review'].pk}/key-results/{row.pk}/"
        response = client.post(url, {"grade": grade, "version": "0", **fields})
        assert response.status_code == 302, response.content.decode()


def decide(client, world, decision="drop", *, objective=None, **fields):
    """As from a page on which nothing was decided yet."""
    objective = objective or world["objective"]
    url = f"/reviews/{world['review'].pk}/objectives/{objective.pk}/next/"
    return client.post(url, {"decision": decision, "seen": seen_of(None, NEXT), **fields})


def say(client, world, objective, **fields):
    url = f"/reviews/{world['review'].pk}/objectives/{objective.pk}/words/"
    sent = client.post(url, {"seen": seen_of(None, WORDS), **fields})
    assert sent.status_code == 302, sent.content.decode()


def close(client, world):
    return client.post(f"/reviews/{world['review'].pk}/close/")


def text_of(response) -> str:
    return response.content.decode()


def test_scenario_seven_grades_override_close_minutes(client, world):
    client.force_login(world["alice"])
    page = f"/reviews/{world['review'].pk}/"
    assert "Choose after grading" in text_of(client.get(page))
    grade_all(client, world)
    html = text_of(client.get(page))
    assert "Not decided yet" in html
    assert '<b class="num">0.7</b>' in html  # the mean of 1.0, 0.7 and 0.3 is 0.667
    assert "Where a stretch goal should land" in html
    last = world["rows"][2]
    url = f"{page}key-results/{last.pk}/"
    refused = client.post(url, {"grade": "0.5", "version": "1"})
    assert refused.status_code == 422
    assert "Say why 0.5: the suggestion is 0.3." in text_of(refused)
    assert GivenGrade.objects.get(key_result=last).grade == Decimal("0.3")
    reason = "Two large accounts count more"
    assert client.post(url, {"grade": "0.5", "version": "1", "reason": reason}).status_code == 302
    assert decide(client, world).status_code == 302
    assert close(client, world).status_code == 302
    outcome = Outcome.objects.get()
    assert outcome.grade == Objective.objects.get(pk=world["objective"].pk).grade == Decimal("0.7")
    fact = outcome.facts["key_results"][2]
    expected = {"value": "30", "suggested": "0.3", "grade": "0.5", "reason": reason, "by": "Alice"}
    assert {name: fact[name] for name in expected} | {"value": "30"} == expected
    assert (fact["check_ins"], Decimal(fact["baseline"]), Decimal(fact["target"])) == (1, 0, 100)
    html, minutes = text_of(client.get(page)), client.get(f"{page}minutes.md")
    assert minutes.headers["Content-Type"] == "text/markdown; charset=utf-8"
    told = text_of(minutes)
    assert "### Renewals: 0.7" in told
    assert f"Ends at 30: 30\u00a0%, graded 0.5, suggested 0.3. {reason}" in told
    assert "Decision: Drop" in told
    assert '<b class="num">0.7</b>' in html
    assert '<b class="num">0.5</b>' in html
    assert reason in html


def test_the_minutes_print_every_figure_of_the_screen(client, world):
    client.force_login(world["alice"])
    kpi = make_kpi(team=world["team"], target=8, name="Churn | rate", starts_on=date(2026, 5, 1))
    for month, value in ((5, "7"), (6, "7.5"), (7, "9"), (8, "12.1"), (9, "8.41")):
        make_value(kpi, date(2026, month, 1), value)
    facts = client.get(f"/reviews/{world['review'].pk}/").context["facts"]
    told = text_of(client.get(f"/reviews/{world['review'].pk}/minutes.md"))
    row = facts["kpis"][0]
    assert (row["start"], row["end"], row["off"]) == ("7.5\u00a0%", "8.41\u00a0%", 3)
    cells = (row["start"], row["end"], row["target"], "3 of 3 months")
    assert all(cell in told for cell in cells)
    assert "Churn \\| rate" in told
    for one in facts["objectives"][0]["key_results"]:
        assert one["final"] in told
    assert f"Renewals: {facts['objectives'][0]['grade']}" in told


def test_an_ungraded_key_result_holds_the_closing_and_the_page_says_which(client, world):
    client.force_login(world["alice"])
    for row in world["rows"][:2]:
        url = f"/reviews/{world['review'].pk}/key-results/{row.pk}/"
        client.post(url, {"grade": "1" if row is world["rows"][0] else "0.7", "version": "0"})
    decide(client, world)
    refused = close(client, world)
    assert refused.status_code == 422
    assert "grade “Ends at 30”" in text_of(refused)
    assert "Ends at 70” is" not in text_of(refused)
    assert Review.objects.get().is_open
    assert not Outcome.objects.exists()
    assert KeyResult.objects.filter(grade__isnull=False).count() == 0


def test_a_missing_decision_explanation_and_root_cause_hold_the_closing_too(client, world):
    Objective.objects.update(ambition="committed")
    KeyResult.objects.filter(pk=world["rows"][0].pk).update(weight=0)
    client.force_login(world["alice"])
    grade_all(client, world)
    html = text_of(close(client, world))
    assert "say what kept “Renewals” from 1.0" in html
    assert "name the root cause of “Renewals”" in html
    assert "decide on “Renewals”" in html
    sent = {"explanation": "Two joined late", "root_cause": "Hiring took a quarter"}
    say(client, world, world["objective"], **sent)
    decide(client, world)
    assert close(client, world).status_code == 302
    assert Objective.objects.get(pk=world["objective"].pk).closing_note == "Two joined late"
    assert Outcome.objects.get().facts["root_cause"] == "Hiring took a quarter"


def test_closing_twice_is_closing_once(client, world):
    client.force_login(world["alice"])
    grade_all(client, world)
    decide(client, world, "keep", why_again="Two accounts are left")
    assert close(client, world).status_code == 302
    first = Review.objects.get()
    assert close(client, world).status_code == 302
    assert Review.objects.get().closed_at == first.closed_at
    assert (Outcome.objects.count(), Objective.objects.filter(state="draft").count()) == (1, 1)
    with pytest.raises(ReviewClosed):
        close_review(world["review"], actor=world["alice"], now=NOW)


def test_what_goes_on_is_drafted_for_the_next_cycle_with_what_is_left_of_it(client, world):
    client.force_login(world["alice"])
    grade_all(client, world)
    refused = decide(client, world, "modify")
    assert refused.status_code == 422
    assert "Say why it goes on" in text_of(refused)
    refused_why = decide(client, world, "modify", why_again="Two accounts are left", note="Fewer")
    assert refused_why.status_code == 302
    told = text_of(client.get(close(client, world).url))
    assert "Closed. The minutes are ready. Drafted for the next cycle: 1 objective." in told
    draft = Objective.objects.get(state="draft")
    assert (draft.cycle.starts_on, draft.why_again) == (date(2026, 10, 1), "Two accounts are left")
    assert draft.copied_from == world["objective"]
    carried = draft.key_results.order_by("position")
    assert [row.title for row in carried] == ["Ends at 70", "Ends at 30"]
    assert [row.baseline for row in carried] == [70, 30]
    assert Review.objects.get().decisions.get().follow_up == draft


def test_what_is_dropped_leaves_no_draft(client, world):
    client.force_login(world["alice"])
    grade_all(client, world)
    decide(client, world, "drop")
    told = text_of(client.get(close(client, world).url))
    assert "Closed. The minutes are ready." in told
    assert "rafted for the next cycle" not in told
    assert not Objective.objects.filter(state="draft").exists()


def test_outside_a_pilot_nothing_is_drafted_and_the_page_says_why(client, world):
    team = make_team(organisation=world["team"].organisation, name="Platform")
    ada = make_user("Ada Berg", organisation=team.organisation, is_org_admin=True)
    cycle = make_cycle(organisation=team.organisation, kind="custom", name="Trial",
                       starts_on=date(2026, 10, 1), ends_on=date(2026, 12, 31))  # fmt: skip
    begin_pilot(team.organisation, team, cycle, actor=ada, now=NOW)
    client.force_login(world["alice"])
    grade_all(client, world)
    decide(client, world, "keep", why_again="Two accounts are left")
    told = text_of(client.get(close(client, world).url))
    assert "Nothing was drafted for the next cycle. Platform tries OKRs first" in told
    assert not Objective.objects.filter(state="draft").exists()


def test_late_values_and_check_ins_change_nothing_that_is_closed(client, world):
    client.force_login(world["alice"])
    kpi = make_kpi(team=world["team"], target=8, starts_on=date(2026, 7, 1))
    make_value(kpi, date(2026, 9, 1), "9")
    grade_all(client, world)
    decide(client, world)
    close(client, world)
    page = f"/reviews/{world['review'].pk}/"
    before = text_of(client.get(f"{page}minutes.md"))
    frozen = Review.objects.get().frozen
    make_value(kpi, date(2026, 8, 1), "5")
    make_check_in(world["rows"][2], world["bob"], value=Decimal(90), due_on=date(2026, 9, 25))
    assert text_of(client.get(f"{page}minutes.md")) == before
    assert Review.objects.get().frozen == frozen
    assert KeyResult.objects.get(pk=world["rows"][2].pk).final_value == 30


def test_a_reopened_cycle_leaves_its_closed_review_and_opens_the_one_that_was_missing(
    client, world
):
    client.force_login(world["alice"])
    grade_all(client, world)
    decide(client, world)
    close(client, world)
    page = f"/reviews/{world['review'].pk}/"
    minutes = text_of(client.get(f"{page}minutes.md"))
    Cycle.objects.filter(pk=world["cycle"].pk).update(state="closed", closed_at=NOW)
    until, late = date(2026, 10, 14), make_team(organisation=world["team"].organisation)
    join(late, world["alice"], "lead")
    make_key_result(make_objective(team=late, cycle=world["cycle"], title="Came late"), **WAY)
    cycle = Cycle.objects.get(pk=world["cycle"].pk)
    reopen_cycle(cycle, open_until=until, reason="One team", actor=world["alice"], now=NOW)
    assert open_due_reviews(world["team"].organisation, NOW) == 1
    missing = Review.objects.get(closed_at=None)
    assert missing.team == late
    assert "Came late" in text_of(client.get(f"/reviews/{missing.pk}/"))
    assert text_of(client.get(f"{page}minutes.md")) == minutes
    assert '<b class="num">0.7</b>' in text_of(client.get(page))
    advance_cycles(world["team"].organisation, NOW + timedelta(days=13))
    # Until the objective that came late is closed, whatever day was chosen.
    assert Cycle.objects.get(pk=cycle.pk).state == "closing"


def test_a_value_that_arrives_before_the_close_asks_for_a_reason(client, world):
    """The grade no longer is the suggestion: nothing is closed until somebody says why."""
    client.force_login(world["alice"])
    grade_all(client, world)
    decide(client, world)
    make_check_in(world["rows"][2], world["bob"], value=Decimal(90), due_on=date(2026, 9, 25))
    refused = close(client, world)
    assert refused.status_code == 422
    assert "say why 0.3 for “Ends at 30”, suggested 0.9" in text_of(refused)


def test_a_failure_in_the_middle_of_closing_leaves_nothing_behind(world, monkeypatch, client):
    """As `kill -9` between the last objective and the frozen page: one transaction."""
    client.force_login(world["alice"])
    grade_all(client, world)
    decide(client, world, "keep", why_again="More to do")

    def die(name):
        raise KeyboardInterrupt(name)

    monkeypatch.setattr("reviews.actions.closing.fault", die)
    with pytest.raises(KeyboardInterrupt):
        close_review(world["review"], actor=world["alice"], now=NOW)
    assert Review.objects.get().is_open
    assert Objective.objects.get().state == "active"
    assert not Outcome.objects.exists()


def test_an_objective_closed_on_its_own_page_keeps_its_grade_and_gets_its_outcome(client, world):
    client.force_login(world["alice"])
    other = make_objective(
        team=world["team"], cycle=world["cycle"], title="Closed before", state="closed",
        closed_at=NOW, grade=Decimal("0.9"),
    )  # fmt: skip
    make_key_result(other, grade=Decimal("0.9"), suggested_grade=Decimal("0.9"),
                    final_value=Decimal(50), final_progress=Decimal("0.9"))  # fmt: skip
    grade_all(client, world)
    decide(client, world)
    assert close(client, world).status_code == 422  # not decided on
    decide(client, world, objective=other)
    say(client, world, other, explanation="One account left")
    assert close(client, world).status_code == 302
    assert Outcome.objects.get(objective=other).grade == Decimal("0.9")


def test_where_an_objective_answered_a_signal_the_lead_is_led_to_the_next_target(client, world):
    kpi = make_kpi(team=world["team"], target=8)
    closed = make_closed_objective(kpi, title="Answered", cycle=world["cycle"])
    client.force_login(world["alice"])
    grade_all(client, world)
    decide(client, world)
    decide(client, world, objective=closed)
    say(client, world, closed, explanation="Close enough")
    close(client, world)
    page = f"/reviews/{world['review'].pk}/"
    assert f"/objectives/{closed.pk}/next-target/" in text_of(client.get(page))
    client.force_login(world["bob"])
    assert "next-target" not in text_of(client.get(page))


def test_members_grade_and_only_a_lead_closes(client, world):
    client.force_login(world["bob"])
    grade_all(client, world)
    decide(client, world)
    assert close(client, world).status_code == 403
    assert Review.objects.get().is_open


def test_entries_after_the_close_are_refused_and_shown(client, world):
    client.force_login(world["alice"])
    grade_all(client, world)
    decide(client, world)
    close(client, world)
    url = f"/reviews/{world['review'].pk}/key-results/{world['rows'][0].pk}/"
    assert client.post(url, {"grade": "0.2", "reason": "Late"}).status_code in (404, 409)
    typed = client.post(f"/reviews/{world['review'].pk}/learnings/", {"text": "Too late to say"})
    assert typed.status_code == 409
    assert "Too late to say" in text_of(typed)
    with pytest.raises(ReviewClosed):
        entries.claim(world["review"])


def test_a_look_grades_nothing_and_closes_at_once(client, world):
    look = make_review(team=world["team"], cycle=world["cycle"], kind="mid_cycle")
    client.force_login(world["alice"])
    html = text_of(client.get(f"/reviews/{look.pk}/"))
    assert "Mid-cycle look at Q3 2026" in html
    assert 'class="scale grade"' not in html
    assert client.post(f"/reviews/{look.pk}/close/").status_code == 302
    look.refresh_from_db()
    assert not look.is_open
    assert Objective.objects.get().state == "active"
    assert Cycle.objects.filter(state="closed").count() == 0
