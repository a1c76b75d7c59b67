"""What a review says of KPIs, signals and calibration, and what it asks for after a choice."""

import re
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
import time_machine

from reviews.pages.review_page import period_marks
from tests.factories import (
    NOW,
    make_cycle,
    make_key_result,
    make_kpi,
    make_objective,
    make_review,
    make_signal,
    make_value,
)
from tests.reviews.past_cycles import Q1, Q2, graded

pytestmark = pytest.mark.django_db
WIDTH, LAST = re.compile(r'width="(\d+)"'), re.compile(r'class="off" d="M(\d+) ')


@pytest.fixture
def cycle(team):
    return make_cycle(organisation=team.organisation)


def page(client, person, review) -> str:
    client.force_login(person)
    response = client.get(f"/reviews/{review.pk}/")
    assert response.status_code == 200
    return response.content.decode()


def test_calibration_is_that_of_the_statistics(client, team, alice, charlie):
    q1, q2 = (make_cycle(organisation=team.organisation, state="active", **one) for one in (Q1, Q2))
    graded(team, q1, ["0.5", "0.8", "0.9"], grade=Decimal("0.7"))
    graded(team, q2, ["0.6", "0.9"], grade=Decimal("0.8"))
    graded(team, q2, ["1.0"], ambition="committed", grade=Decimal(1), title="On paper")
    graded(team, q2, ["0.1"], is_private=True, title="Hidden plan")
    review = make_review(team=team, cycle=q2)
    for person, mean in ((alice, "0.53"), (charlie, "0.75")):
        shown = page(client, person, review)
        assert "mean grade of aspirational key results" in shown
        assert f'aria-label="Mean grade by cycle: Q1 2026 0.73, Q2 2026 {mean}"' in shown
        row = client.get("/statistics/teams.csv").content.decode().splitlines()[1]
        assert row.startswith(f"Customer Success,{mean},0.73,")


def test_a_signal_was_opened_on_the_day_that_the_statistics_tell(client, team, cycle, alice):
    """The period that was found off target began weeks before anybody was told."""
    ended = {"is_open": False, "ended_on": date(2026, 8, 1), "resolved_at": NOW}
    opened = NOW - timedelta(days=3)
    make_signal(make_kpi(team=team, target=8), raised_on=date(2026, 7, 1), opened_at=opened)
    make_signal(make_kpi(team=team, target=8), opened_at=opened, **ended)
    review = make_review(team=team, cycle=cycle)
    for text in (
        page(client, alice, review),
        client.get(f"/reviews/{review.pk}/minutes.md").content.decode(),
    ):
        text = text.replace("\u00a0", " ")
        assert "Signal opened 15 Aug 2026: undecided, still open." in text
        assert "Signal opened 15 Aug 2026: undecided, resolved 18 Aug 2026." in text
    assert "2026-08-15" in client.get("/statistics/signals.csv").content.decode()


def test_every_week_of_a_quarter_is_drawn_and_nothing_is_cut():
    drawn = str(period_marks(["on_target"] * 11 + ["off_target"]))
    assert drawn.count("<circle") == 11
    width, right = (int(found[1]) for found in (WIDTH.search(drawn), LAST.search(drawn)))
    assert right + 6 <= width
    assert str(period_marks(["no_target", "missing"])).count('class="info"') == 1


def test_periods_without_a_value_or_a_target_are_not_counted_as_judged(client, team, cycle, alice):
    late = make_kpi(team=team, name="Half reported", target=8, starts_on=date(2026, 7, 1))
    make_value(late, date(2026, 7, 1), "9")
    plain = make_kpi(team=team, name="Without a target", starts_on=date(2026, 7, 1))
    for month in (7, 8, 9):
        make_value(plain, date(2026, month, 1), "9")
    review = make_review(team=team, cycle=cycle)
    with time_machine.travel(datetime(2026, 10, 20, 9, tzinfo=UTC), tick=False):
        shown = page(client, alice, review)
        told = client.get(f"/reviews/{review.pk}/minutes.md").content.decode()
    assert "1 of 1 month off, 2 missing" in shown
    assert shown.count('class="info"') == 3
    assert "of 3 months off" not in shown
    assert "| 1 of 1 month |" in told
    assert "| Without a target | – | 9\u00a0% | – | – |" in told


def test_a_look_within_a_cycle_speaks_of_no_end(client, team, cycle, alice):
    make_kpi(team=team, target=8)
    make_key_result(make_objective(team=team, cycle=cycle))
    look = make_review(team=team, cycle=cycle, kind="mid_cycle")
    shown = page(client, alice, look)
    for words in ("At the end", "Did we arrive?", "Final"):
        assert f">{words}<" not in shown
    assert "Where do we stand?" in shown
    assert "| Latest |" in client.get(f"/reviews/{look.pk}/minutes.md").content.decode()
    of_cycle = page(client, alice, make_review(team=team, cycle=cycle))
    assert "Did we arrive?" in of_cycle


@pytest.mark.parametrize("sent", [{}, {"save": "1"}])
@pytest.mark.parametrize("kind", ["grade", "next"])
def test_what_a_choice_asks_for_is_a_mistake_only_once_it_is_sent(
    client, team, cycle, alice, kind, sent
):
    row = make_key_result(make_objective(team=team, cycle=cycle))
    review = make_review(team=team, cycle=cycle)
    client.force_login(alice)
    url, typed, asked = {
        "grade": (f"key-results/{row.pk}/", {"grade": "0.5"}, "Say "),
        "next": (f"objectives/{row.objective_id}/next/", {"decision": "modify"}, "Say why it goes"),
    }[kind]
    answer = client.post(f"/reviews/{review.pk}/{url}", typed | sent, HTTP_HX_REQUEST="true")
    assert answer.status_code == 422
    text = answer.content.decode()
    assert asked in text
    assert ('class="err"' in text, "aria-invalid" in text) == (bool(sent), bool(sent))
    assert ("autofocus" in text) == (not sent)
