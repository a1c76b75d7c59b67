"""A public scorecard of a cycle that is over tells of its last day, as the dashboard does."""

import re
from datetime import UTC, date, datetime
from decimal import Decimal
from html import unescape

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext

from metrics.evaluation import evaluate_kpis
from metrics.models import Kpi
from tests.factories import (
    NOW,
    make_cycle,
    make_kpi,
    make_objective,
    make_team,
    make_user,
    make_value,
)
from tests.reviews.quarter_page import LONG_AGO, churn_off_target, rows_of
from tests.reviews.test_scorecard_links import shared, text_of

pytestmark = [pytest.mark.django_db]


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


def test_a_past_cycle_shows_the_values_it_ended_with(team, alice, past):
    churn_off_target(team, alice)
    make_objective(team=team, cycle=past, state="closed", closed_at=NOW, grade=Decimal("0.7"))
    text = text_of(shared(team, past, alice))
    # June was not over on its last day.
    for said in ("Off target", "1 month", "12\u00a0%", "May 26"):
        assert said in text
    assert "12.1" not in text
    assert 'As of <span class="num">30\u00a0Jun 2026' in text
    assert "0.7, delivered" in text


def kpi_with(team, name, values, *, target=8, **over):
    """One whose monthly values came two days after the month they are of, from January 2026 on."""
    kpi = make_kpi(team=team, name=name, target=target, created_at=LONG_AGO, **over)
    for month, value in enumerate(values, 1):
        if value is not None:
            at = datetime(2026, month + 1, 2, tzinfo=UTC)
            make_value(kpi, date(2026, month, 1), value, recorded_at=at)
    return kpi


def test_a_past_cycle_says_of_every_kpi_what_the_dashboard_says_of_its_last_day(
    client, team, alice, bob, past
):
    churn_off_target(team, bob)
    silent = kpi_with(team, "Silent since February", (2.4, 2.4))
    # What came after the cycle was not known on its last day.
    for month in (3, 4, 5):
        make_value(silent, date(2026, month, 1), 2, recorded_at=NOW)
    kpi_with(team, "Good", (7, 7, 7, 7, 7, 9, 9))
    kpi_with(team, "Near", (7, 7, 7, 7, 9), target=None).targets.create(
        value=8, tolerance=2, effective_on=LONG_AGO, created_at=NOW
    )
    kpi_with(team, "Without a target", (7, 7, 7, 7, 7), target=None)
    kpi_with(team, "Without a definition", (7, 7, 7, 7, 7), definition="")
    kpi_with(team, "By the week", (), cadence="weekly", starts_on=date(2026, 6, 22))
    kpi_with(team, "Private", (77, 77, 77, 77, 77), is_private=True)
    make_kpi(team=team, name="Made after it", target=8)
    evaluate_kpis(list(Kpi.objects.values_list("pk", flat=True)), NOW)
    stranger = make_user("Sam", organisation=team.organisation)
    client.force_login(stranger)
    query = f"?cycle={past.pk}&on=2026-06-30"
    head, *rows = rows_of(client, "kpis", query)
    at = [head.index(name) for name in ("KPI", "Latest value", "Status", "Periods")]
    expected = {row[at[0]]: [row[one] for one in at[1:]] for row in rows}
    text = text_of(shared(team, past, alice)).replace("\u00a0", " ")
    assert {name: printed(row) for name, row in lines_of(text).items()} == expected
    assert {status for _, status, _ in expected.values()} == {
        *("on target", "off target", "near target", "stale", "informative", "no data")
    }
    assert expected["Silent since February"] == ["2.4", "stale", "3"]
    assert '<span class="num">1</span> hidden' in text


def lines_of(text):
    """The cells of each KPI's line, by its name."""
    names = re.findall(r'scope="row" dir="auto">([^<]*)</th>(.*?)</tr>', text, re.S)
    return {unescape(name): cells for name, cells in names}


def printed(cells):
    """The value, the status and how many periods it has stood, in the words of the download."""
    value, status = re.search(r'n num">([^<]*)<', cells)[1], cells[cells.index("data-tone") :]
    words = re.sub(r"<[^>]*>", " ", status.partition(">")[2])
    age = re.search(r"(\d+) (?:month|week)", words)
    state = " ".join(words[: age.start() if age else None].split()).lower()
    known = {"no data yet": "no data"}
    value = value.removesuffix("%").strip().replace("–", "")
    return [value, known.get(state, state), age[1] if age else ""]


def test_a_past_cycle_costs_the_same_queries_with_2_and_with_30_teams(
    organisation, team, ada, past, django_assert_num_queries
):
    def fill(count):
        for _ in range(count):
            kpi_with(make_team(organisation=organisation), "Good", (7, 7, 7, 7, 7, 9))
        evaluate_kpis(list(Kpi.objects.values_list("pk", flat=True)), NOW)

    fill(2)
    path = shared(team, past, ada, team=None)
    text_of(path)
    with CaptureQueriesContext(connection) as few:
        text_of(path)
    fill(28)
    with django_assert_num_queries(len(few)):
        assert text_of(path).count("Good") == 30
