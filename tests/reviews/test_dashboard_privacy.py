"""The quarter page to somebody who may not see all of it: counted, and told nothing of."""

from decimal import Decimal
from io import BytesIO

import pytest
import time_machine
from openpyxl import load_workbook

from metrics.models import Treatment
from reviews.pages.dashboard_lists import LISTS
from tests.factories import (
    NOW,
    make_check_in,
    make_dependency,
    make_key_result,
    make_kpi,
    make_objective,
    make_team,
)
from tests.reviews.quarter_page import (
    ARRIVED,
    LONG_AGO,
    churn_off_target,
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


@pytest.mark.parametrize("name", LISTS)
def test_no_list_tells_of_what_is_private(client, team, charlie, churn, name):
    type(churn).objects.update(is_private=True, name="Hidden rate")
    hidden = make_objective(team=team, title="Hidden plan", is_private=True)
    make_key_result(hidden, title="Hidden row")
    secret = make_team(organisation=team.organisation, name="Hidden team", is_private=True)
    make_kpi(team=secret, name="Hidden too")
    client.force_login(charlie)
    assert "Hidden" not in str(rows_of(client, name))
    sheet = client.get(f"/quarter/{name}.xlsx")
    cells = load_workbook(BytesIO(sheet.content)).active.iter_rows(values_only=True)
    assert "Hidden" not in str(list(cells))


@pytest.mark.parametrize("query", ["", "?on=2026-08-17"])
def test_what_is_private_is_only_counted(client, team, charlie, churn, query):
    type(churn).objects.update(is_private=True, name="Hidden rate", created_at=ARRIVED)
    hidden = make_objective(
        team=team, title="Hidden plan", is_private=True, created_at=ARRIVED, published_at=ARRIVED
    )
    make_key_result(hidden, title="Hidden row")
    client.force_login(charlie)
    text = page_of(client, query)
    assert "Hidden" not in text
    assert text.count("1 hidden") == 6  # twice in the figures, twice at the map, once a list
    trend = client.get(f"/quarter/trend/{query}").content.decode()
    assert "Hidden" not in trend
    assert "No objective in this cycle yet." in trend


def test_a_private_okr_that_answers_is_named_to_nobody_outside(client, team, charlie, alice, churn):
    signal = churn.signals.get()
    objective = make_objective(team=team, title="Hidden plan", is_private=True, signal=signal)
    Treatment.objects.create(
        signal=signal,
        team=team,
        title="Hidden plan",
        url=objective.get_absolute_url(),
        is_private=True,
        starts_on=objective.starts_on,
        ends_on=objective.cycle.ends_on,
        began_at=NOW,
    )
    client.force_login(charlie)
    text = page_of(client)
    assert "Hidden plan" not in text
    assert "A private OKR" in text
    client.force_login(alice)
    assert "Hidden plan" in page_of(client)


def test_what_is_private_waits_for_a_decision_of_its_own_people_only(client, team, alice, charlie):
    other = charlie.memberships.get().team
    hidden = make_objective(team=team, title="Secret", is_private=True, published_at=ARRIVED)
    make_check_in(make_key_result(hidden), alice, value=Decimal(38), confidence=1)
    make_dependency(hidden, other, alice, what="A quiet import")
    client.force_login(charlie)
    assert rows_of(client, "waiting")[1:] == []
    client.force_login(alice)
    assert [row[0] for row in rows_of(client, "waiting")[1:]] == ["A quiet import", "Secret"]


def test_everything_private_is_one_count_and_a_readable_page(client, organisation, alice):
    hidden = make_team(organisation=organisation, name="Board", is_private=True)
    make_kpi(team=hidden, name="Cash left", target=8, created_at=LONG_AGO)
    make_key_result(make_objective(team=hidden, title="Sell", published_at=ARRIVED))
    client.force_login(alice)
    text = page_of(client)
    assert text.count("1 hidden") >= 2
    assert "Cash left" not in text
    assert "Sell" not in text
    assert "Board" not in text
