"""A KPI off target whose OKR is closed stands in the to-dos again: only data end its signal."""

import re
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
import time_machine

from metrics.decisions import accept_for_now
from metrics.models import Signal
from metrics.treatments import begin_treatment, choose_next_target, end_treatment
from tests.factories import NOW, join, make_key_result, make_objective, make_team, make_user
from tests.reviews.quarter_page import churn_off_target, page_of, rows_of

pytestmark = [pytest.mark.django_db]
OPENED = datetime(2026, 8, 3, 9, tzinfo=UTC)
CLOSED = datetime(2026, 8, 14, 9, tzinfo=UTC)


@pytest.fixture(autouse=True)
def then():
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def churn(team, bob):
    return churn_off_target(team, bob)


def treat(signal, author, *, is_private=False):
    """An objective that answers the signal since 4 August."""
    objective = make_objective(
        team=signal.kpi.team, signal=signal, title="Keep our customers", is_private=is_private
    )
    begin_treatment(
        signal,
        title=objective.title,
        url=objective.get_absolute_url(),
        is_private=is_private,
        baseline=Decimal(12),
        target=Decimal(8),
        starts_on=date(2026, 7, 1),
        ends_on=date(2026, 9, 30),
        actor=author,
        now=OPENED + timedelta(days=1),
        version=signal.version,
    )
    return objective


def close(objective, author):
    """Closed at 0.5 while its KPI is off target."""
    grade = Decimal("0.5")
    objective.state, objective.closed_at, objective.grade = "closed", CLOSED, grade
    objective.save()
    return end_treatment(
        objective.signal,
        grade=grade,
        final_value=Decimal("12.1"),
        values=[Decimal("12.1")],
        recovery=2,
        actor=author,
        now=CLOSED,
    )


@pytest.fixture
def signal(churn):
    Signal.objects.update(opened_at=OPENED)
    return Signal.objects.get(kpi=churn)


@pytest.fixture
def objective(signal, alice):
    return treat(signal, alice)


def gap_kinds(client):
    return [row[0] for row in rows_of(client, "gaps") if row[1] == "Churn rate"]


def done_about_it(client):
    """The loop step and the words of "What is being done"."""
    text = page_of(client)
    row = text[text.index('id="off"') :].partition("</tbody>")[0]
    words = " ".join(re.sub(r"<[^>]*>", " ", row.rpartition("<td")[2].partition(">")[2]).split())
    return row.partition('data-step="')[2][:1], words.replace("\u00a0", " ")


def sections_of(client):
    found = client.get("/signals/").context["sections"]
    return {section.title: [row.markup for row in section.rows] for section in found}


def test_the_dashboard_asks_again_once_the_okr_is_closed(client, alice, bob, objective):
    client.force_login(alice)
    assert gap_kinds(client) == []
    assert done_about_it(client)[0] == "2"
    close(objective, alice)
    assert gap_kinds(client) == ["KPI off target without an answer"]
    assert done_about_it(client) == ("3", "Keep our customers closed on 14 Aug, grade 0.5")
    [waiting] = [row for row in rows_of(client, "waiting") if row[0] == "Churn rate"]
    said = "“Keep our customers” closed on 14 Aug, grade 0.5. What is done next?"
    assert waiting[1].replace("\u00a0", " ") == f"12.1 %, target ≤ 8 %. {said}"
    assert waiting[2] == bob.name
    # On the day before it was being addressed.
    day = "?on=2026-08-13"
    assert [row for row in rows_of(client, "gaps", day) if row[1] == "Churn rate"] == []
    assert [row for row in rows_of(client, "waiting", day) if row[0] == "Churn rate"] == []


def test_a_new_decision_takes_it_off_the_list(client, alice, objective, signal):
    client.force_login(alice)
    close(objective, alice)
    signal.refresh_from_db()
    accept_for_now(
        signal,
        level=Decimal(13),
        until=date(2026, 9, 30),
        reason="The contract ends then.",
        actor=alice,
        now=NOW,
        version=signal.version,
    )
    assert gap_kinds(client) == []
    assert done_about_it(client) == ("1", "Accepted until 30 Sep")
    assert [row for row in rows_of(client, "waiting") if row[0] == "Churn rate"] == []


def test_another_running_objective_is_an_answer(client, alice, objective, churn):
    client.force_login(alice)
    close(objective, alice)
    other = make_objective(team=objective.team, title="Sell to whom it helps")
    make_key_result(other, kpi=churn, kpi_follows=True, baseline=Decimal(12), target=Decimal(8))
    assert gap_kinds(client) == []
    assert done_about_it(client)[0] == "2"
    assert [row for row in rows_of(client, "waiting") if row[0] == "Churn rate"] == []


def test_a_private_okr_is_not_named_when_it_is_closed(client, team, alice, signal, organisation):
    close(treat(signal, alice, is_private=True), alice)
    client.force_login(make_user("Sam", organisation=organisation))
    assert done_about_it(client) == ("3", "A private OKR closed on 14 Aug")
    [waiting] = [row for row in rows_of(client, "waiting") if row[0] == "Churn rate"]
    assert "A private OKR closed on 14\u00a0Aug. What is done next?" in waiting[1]
    rows = sections_of(client)["Answered, still off target"]
    for text in (page_of(client), *rows):
        assert "Keep our customers" not in text
        assert "grade" not in text


def test_the_list_of_signals_sets_it_apart_from_what_is_being_addressed(client, alice, objective):
    client.force_login(alice)
    assert list(sections_of(client)) == ["Being addressed"]
    close(objective, alice)
    found = sections_of(client)
    assert list(found) == ["Answered, still off target"]
    assert "closed on 14\u00a0Aug, grade 0.5" in found["Answered, still off target"][0]
    assert "OKR closed on 14\u00a0Aug" in client.get(f"/teams/{objective.team_id}/").text


def test_a_recovering_kpi_is_in_neither(client, alice, objective, churn):
    close(objective, alice)
    churn.state.refresh_from_db()
    churn.state.phase = "recovering"
    churn.state.save()
    client.force_login(alice)
    assert list(sections_of(client)) == ["Recovering"]


def test_the_next_target_that_is_owed_stands_in_the_leads_week(client, team, alice, bob, objective):
    client.force_login(alice)
    assert "Next targets to set" not in client.get("/my-week/").text
    treatment = close(objective, alice)
    text = client.get("/my-week/").text
    address = f"{objective.get_absolute_url()}next-target/"
    assert f'<a href="{address}" dir="auto">Churn rate</a>' in text
    assert "closed on 14\u00a0Aug, grade 0.5" in text
    assert client.get(address).status_code == 200
    elsewhere = make_team(organisation=team.organisation)
    for person in (bob, join(elsewhere, make_user("Lea", organisation=team.organisation), "lead")):
        client.force_login(person)
        assert address not in client.get("/my-week/").text
    choose_next_target(
        treatment, choice="keep", effective_on=date(2026, 9, 1), actor=alice, now=NOW
    )
    client.force_login(alice)
    assert "Next targets to set" not in client.get("/my-week/").text
