"""The grid: everything a person may enter in one table, kept as single entries are, all or none."""

from datetime import date
from uuid import UUID

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext

from metrics.models import Measurement
from objectives.models import CheckIn
from tests.factories import (
    NOW,
    make_check_in,
    make_key_result,
    make_kpi,
    make_objective,
    make_value,
)
from tests.objectives.test_week_values import make_owed

GRID, PASTE = "/my-week/grid/", "/my-week/grid/paste/"
FRIDAY = date(2026, 8, 21)


@pytest.fixture(autouse=True)
def _today():
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def kpi(team, bob):
    return make_owed(team, bob, months=3, name="Churn")


@pytest.fixture
def row(team, bob):
    return make_key_result(
        make_objective(team=team), owner=bob, next_due_on=FRIDAY, title="NPS rises"
    )


def cell(kpi, month):
    return f"v-{kpi.pk}-2026-0{month}-01"


def said(row, **over):
    form = {"value": "45", "confidence": "6", "note": "", "token": UUID(int=7), "version": 1}
    return {f"k-{row.pk}-{name}": value for name, value in (form | over).items()}


def test_each_owed_period_and_each_key_result_has_cells(client, kpi, row, bob):
    client.force_login(bob)
    text = client.get(GRID).text

    for month in (5, 6, 7):
        assert f'name="{cell(kpi, month)}"' in text
    assert 'aria-label="Churn, May"' in text
    assert 'aria-label="NPS rises, confidence"' in text
    assert text.count('scope="col">Earlier') == 2


def test_all_of_it_is_kept_as_single_entries_are(client, kpi, row, bob):
    client.force_login(bob)
    answer = client.post(GRID, {cell(kpi, 5): "6", cell(kpi, 7): "5"} | said(row))

    assert answer.url == "/my-week/"
    values = Measurement.objects.filter(kpi=kpi, day__gte=date(2026, 5, 1))
    assert sorted(values.values_list("day", "value", "author")) == [
        (date(2026, 5, 1), 6, bob.pk),
        (date(2026, 7, 1), 5, bob.pk),
    ]
    made = CheckIn.objects.get()
    assert (made.value, made.confidence, made.due_on) == (45, 6, FRIDAY)


def test_one_wrong_cell_keeps_all_of_it_out_and_is_named(client, kpi, row, bob):
    client.force_login(bob)
    form = {cell(kpi, 5): "6", cell(kpi, 7): "5,6"} | said(row, confidence="11")

    answer = client.post(GRID, form)

    assert answer.status_code == 422
    assert "Churn, July</a>: “5,6” has marks that can mean two things" in answer.text
    assert "NPS rises, confidence</a>: Choose from 0 to 10." in answer.text
    assert 'value="5,6"' in answer.text
    assert CheckIn.objects.count() == 0
    assert not Measurement.objects.filter(kpi=kpi, day=date(2026, 5, 1)).exists()


def test_the_same_grid_twice_is_kept_once(client, kpi, row, bob):
    client.force_login(bob)
    form = {cell(kpi, 7): "5"} | said(row)
    for _ in range(2):
        assert client.post(GRID, form).status_code == 302

    assert Measurement.objects.get(kpi=kpi, day=date(2026, 7, 1)).revision == 0
    assert CheckIn.objects.count() == 1


def test_a_value_entered_meanwhile_keeps_all_of_it_out(client, kpi, row, bob):
    make_value(kpi, date(2026, 7, 1), 9)
    client.force_login(bob)

    answer = client.post(GRID, {cell(kpi, 7): "5"} | said(row))

    assert answer.status_code == 409
    assert "Somebody else entered 9" in answer.text
    assert 'value="5"' in answer.text
    assert CheckIn.objects.count() == 0


def test_a_check_in_made_meanwhile_is_shown_and_ones_own_follows_when_sent_again(
    client, kpi, row, alice, bob
):
    make_check_in(row, alice, value=46)
    row.version = 2
    row.save(update_fields=["version"])
    client.force_login(bob)

    answer = client.post(GRID, {cell(kpi, 7): "5"} | said(row))

    assert answer.status_code == 409
    assert "Alice Moreau saved 46 meanwhile" in answer.text
    assert not Measurement.objects.filter(kpi=kpi, day=date(2026, 7, 1)).exists()
    assert client.post(GRID, said(row, version=2)).status_code == 302
    assert CheckIn.objects.count() == 2


def test_confidence_alone_repeats_the_last_value(client, row, bob):
    make_check_in(row, bob, value=41, confidence=6, due_on=date(2026, 8, 7))
    client.force_login(bob)
    client.post(GRID, said(row, value="", confidence="5"))

    latest = CheckIn.objects.order_by("pk").last()
    assert (latest.value, latest.confidence) == (41, 5)


def test_a_fall_of_confidence_asks_why_once(client, row, bob):
    make_check_in(row, bob, value=41, confidence=8, due_on=date(2026, 8, 7))
    client.force_login(bob)
    form = said(row, confidence="4")

    asked = client.post(GRID, form)
    assert asked.status_code == 422
    assert "Confidence fell by 4: what changed?" in asked.text
    assert f'name="k-{row.pk}-asked" value="4"' in asked.text
    assert client.post(GRID, form | {f"k-{row.pk}-asked": "4"}).status_code == 302


def test_an_empty_grid_asks_for_something(client, kpi, bob):
    client.force_login(bob)
    answer = client.post(GRID, {cell(kpi, 7): ""})

    assert answer.status_code == 422
    assert "Type or paste at least one value." in answer.text


def test_a_paste_is_shown_and_not_saved(client, kpi, row, bob):
    client.force_login(bob)
    answer = client.post(PASTE, {"lines": "NPS rises\t43\t7\nChurn\t6\t5.5\t5"})

    assert answer.status_code == 200
    assert "5 cells filled." in answer.text
    assert 'value="5.5"' in answer.text
    assert answer.text.count("data-changed") == 5
    assert CheckIn.objects.count() == 0
    assert not Measurement.objects.filter(kpi=kpi, day=date(2026, 7, 1)).exists()


def test_a_paste_that_fits_nowhere_stays_with_a_sentence_for_each_line(client, kpi, bob):
    client.force_login(bob)
    answer = client.post(PASTE, {"lines": "Churn\t5\nRevenue\t4"})

    assert answer.status_code == 422
    assert "Line 2: “Revenue” is none of the names in the table." in answer.text
    assert "Churn\t5" in answer.text


def test_a_pasted_cell_that_is_no_number_is_named(client, kpi, bob):
    client.force_login(bob)
    answer = client.post(PASTE, {"lines": "Churn\t5\tabc"})

    assert answer.status_code == 422
    assert "Churn, June</a>: “abc” is not a number." in answer.text


def test_only_ones_own_rows_are_there(client, team, kpi, row, alice):
    foreign = make_kpi(team=team, name="Hers", owner=alice)
    client.force_login(alice)
    client.post(GRID, {cell(kpi, 7): "5", f"v-{foreign.pk}-x": "1"} | said(row))

    assert not Measurement.objects.filter(kpi=kpi, day=date(2026, 7, 1)).exists()
    assert CheckIn.objects.count() == 0


def test_the_number_of_queries_does_not_grow_with_the_rows(client, team, bob):
    objective = make_objective(team=team)
    client.force_login(bob)
    counts = []
    for size in (2, 12):
        while objective.key_results.count() < size:
            make_key_result(objective, owner=bob, next_due_on=FRIDAY)
        make_owed(team, bob, months=2)
        client.get(GRID)
        with CaptureQueriesContext(connection) as queries:
            client.get(GRID)
        counts.append(len(queries))
    assert counts[0] == counts[1]
