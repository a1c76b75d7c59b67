"""The card of a team for a new member: KPIs and objectives on one page; and rows by hand."""

from datetime import date

import pytest
import time_machine
from django.template.loader import render_to_string

from metrics.evaluation import evaluate_kpis
from objectives.kinds import Reported
from objectives.models import KeyResult
from objectives.pages.row_markup import rest_row
from objectives.pages.rows import WEEK, row_view
from objectives.standing import key_result_standing
from tests.factories import (
    NOW,
    make_check_in,
    make_key_result,
    make_kpi,
    make_objective,
    make_value,
)


@pytest.fixture(autouse=True)
def _today():
    with time_machine.travel(NOW, tick=False):
        yield


def test_the_card_says_what_each_number_is_and_why(client, team, alice, vera):
    kpi = make_kpi(
        team=team, name="Churn", target=8, why="It costs money.", owner=alice, definition="Lost."
    )
    make_value(kpi, date(2026, 7, 1), 7)
    evaluate_kpis([kpi.pk], NOW)
    objective = make_objective(team=team, title="Customers stay", why="They leave early.")
    make_check_in(make_key_result(objective, title="NPS rises", unit="NPS"), alice, value=45)
    client.force_login(vera)

    text = client.get(f"/teams/{team.pk}/card/").text.replace("\u00a0", " ")

    for words in (
        "Churn",
        "target at most 8 %",
        "Lost.",
        "It costs money.",
        "Alice Moreau",
        "Customers stay",
        "They leave early.",
        "NPS rises",
        "<b>50 %</b> of the way",
    ):
        assert words in text


def test_a_stranger_sees_nothing_private(client, team, charlie):
    make_kpi(team=team, name="Secret margin", is_private=True)
    make_objective(team=team, title="Secret plan", is_private=True)
    client.force_login(charlie)

    text = client.get(f"/teams/{team.pk}/card/").text

    assert "Secret" not in text
    assert "No KPI yet." in text


@pytest.mark.parametrize("reported", ["", Reported.ON_TRACK])
@pytest.mark.parametrize("may_write", [True, False])
def test_a_row_without_a_template_is_the_templates_row(team, alice, reported, may_write):
    objective = make_objective(team=team)
    row = make_key_result(objective, title="<b>NPS</b> rises", unit="NPS", owner=alice)
    make_check_in(row, alice, value=45, reported=reported)
    loaded = KeyResult.objects.with_latest().get(pk=row.pk)
    standing = key_result_standing(loaded, objective, date(2026, 8, 18))
    view = row_view(standing, objective, date(2026, 8, 18), may_write=may_write, place=WEEK)

    rendered = render_to_string("objectives/_kr_row.html", {"row": view, "objective": objective})

    assert rest_row(view).split() == rendered.split()
