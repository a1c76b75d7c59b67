"""A key result becomes a KPI and a KPI a key result, in one click each; twice is once."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
import time_machine

from metrics.evaluation import evaluate_kpis
from metrics.models import Kpi, KpiEvent
from objectives.models import KeyResult, Objective, ObjectiveEvent
from tests.factories import make_key_result, make_kpi, make_objective, make_target, make_value

NOW = datetime(2026, 8, 18, 9, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _clock():
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def lead(client, alice):
    client.force_login(alice)
    return client


def draft_of(team, **over) -> Objective:
    fields = {"state": "draft", "published_at": None, "starts_on": None}
    return make_objective(team=team, **fields | over)


def convert(client, row: KeyResult, **over):
    return client.post(f"/key-results/{row.pk}/to-kpi/", {"version": row.version} | over)


def test_a_running_key_result_becomes_a_kpi_and_is_withdrawn_with_the_reason(lead, team, alice):
    objective = make_objective(team=team)
    row = make_key_result(
        objective,
        title="Churn rate drops from 12% to 8%",
        baseline=Decimal(12),
        target=Decimal(8),
        unit="%",
    )
    answer = convert(lead, row)
    kpi = Kpi.objects.get(team=team)
    assert answer.headers["Location"] == f"/kpis/{kpi.pk}/"
    assert (kpi.name, kpi.direction, kpi.unit) == ("Churn rate", "lower_is_better", "%")
    assert (kpi.definition, kpi.source, kpi.cadence) == ("", None, None)
    assert kpi.targets.get().value == 8
    row.refresh_from_db()
    assert row.withdrawn_at == NOW
    assert row.withdrawn_reason == "Watched as a KPI from now on."
    event = ObjectiveEvent.objects.get(type="made_a_kpi")
    assert (event.objective, event.actor, event.after["kpi"]) == (objective, alice, str(kpi.pk))
    told = KpiEvent.objects.get(kpi=kpi, type="from_key_result")
    assert told.after == {"objective": objective.title}


def test_of_a_draft_it_is_removed(lead, team):
    row = make_key_result(draft_of(team), title="Maintain NPS above 45", kind="open")
    convert(lead, row)
    assert not KeyResult.objects.filter(pk=row.pk).exists()
    assert Kpi.objects.get(team=team).name == "NPS"


@pytest.mark.parametrize("state", ["active", "draft"])
def test_a_second_click_leads_to_the_same_kpi(lead, team, state):
    objective = make_objective(team=team) if state == "active" else draft_of(team)
    row = make_key_result(objective)
    first, second = convert(lead, row), convert(lead, row)
    assert second.status_code == 302
    assert first.headers["Location"] == second.headers["Location"]
    assert Kpi.objects.filter(team=team).count() == 1
    assert ObjectiveEvent.objects.filter(type="made_a_kpi").count() == 1


def test_what_a_kpi_measures_already_makes_no_second_one(lead, team):
    kpi = make_kpi(team=team, name="NPS")
    row = make_key_result(make_objective(team=team), kpi=kpi, kpi_follows=True)
    assert convert(lead, row).headers["Location"] == f"/kpis/{kpi.pk}/"
    assert Kpi.objects.filter(team=team).count() == 1


def test_a_kpi_of_that_name_is_the_one(lead, team):
    kpi = make_kpi(team=team, name="NPS")
    convert(lead, make_key_result(make_objective(team=team)))
    assert list(Kpi.objects.filter(team=team)) == [kpi]


def test_what_somebody_changed_meanwhile_stays(lead, team):
    row = make_key_result(make_objective(team=team))
    answer = convert(lead, row, version=row.version + 1)
    assert answer.headers["Location"] == row.objective.get_absolute_url()
    assert not Kpi.objects.filter(team=team).exists()
    row.refresh_from_db()
    assert row.withdrawn_at is None


def test_a_private_objective_makes_a_private_kpi_and_is_not_named(lead, team):
    row = make_key_result(make_objective(team=team, is_private=True, title="Secret merger"))
    convert(lead, row)
    kpi = Kpi.objects.get(team=team)
    assert kpi.is_private
    assert "Secret" not in str(list(KpiEvent.objects.filter(kpi=kpi).values_list("after")))


def test_a_number_too_long_for_a_target_is_left_out(lead, team):
    row = make_key_result(
        draft_of(team), title="Keep load below 123456789012345678901", kind="open"
    )
    convert(lead, row)
    kpi = Kpi.objects.get(team=team)
    assert (kpi.name, kpi.targets.count()) == ("Load", 0)


# -- and back -----------------------------------------------------------------------------------


def to_key_result(client, kpi):
    return client.post(f"/kpis/{kpi.pk}/to-key-result/")


def test_a_kpi_opens_the_draft_form_with_the_way_to_its_target(lead, team, alice):
    kpi = make_kpi(team=team, name="Net Promoter Score", unit="", direction="higher_is_better")
    make_target(kpi, value=Decimal(45))
    for month, value in ((6, 40), (7, 38)):
        make_value(kpi, date(2026, month, 1), value)
    evaluate_kpis([kpi.pk], NOW)
    answer = to_key_result(lead, kpi)
    assert answer.headers["Location"].startswith(f"/teams/{team.pk}/objectives/new/?")
    page = lead.get(answer.headers["Location"])
    row = page.context["formset"].forms[0]
    values = [str(row[name].value()) for name in ("title", "kind", "baseline", "target", "kpi")]
    assert values == ["Net Promoter Score rises from 38 to 45", "increase", "38", "45", str(kpi.pk)]
    assert not Objective.objects.exists()


def test_a_kpi_whose_signal_waits_is_answered_by_it(lead, team):
    kpi = make_kpi(team=team, target=8)
    for month in (5, 6, 7):
        make_value(kpi, date(2026, month, 1), "12.1")
    for month in (1, 2, 3, 4):
        make_value(kpi, date(2026, month, 1), "7")
    evaluate_kpis([kpi.pk], NOW)
    assert to_key_result(lead, kpi).headers["Location"].startswith("/signals/")


def test_a_kpi_without_value_and_target_asks_for_both(lead, team):
    answer = to_key_result(lead, make_kpi(team=team, name="NPS"))
    row = lead.get(answer.headers["Location"]).context["formset"].forms[0]
    assert str(row["title"].value()) == "NPS drops from … to …"
    assert (row["baseline"].value(), row["target"].value()) == (None, None)


def test_the_pages_offer_both_ways_to_a_lead_only(client, team, alice, bob):
    kpi = make_kpi(team=team, target=8)
    row = make_key_result(make_objective(team=team))
    for person, expected in ((alice, True), (bob, False)):
        client.force_login(person)
        kpi_page = client.get(f"/kpis/{kpi.pk}/").content.decode()
        assert (f"/kpis/{kpi.pk}/to-key-result/" in kpi_page) is expected
        row_page = client.get(f"/key-results/{row.pk}/").content.decode()
        assert (f"/key-results/{row.pk}/to-kpi/" in row_page) is expected
