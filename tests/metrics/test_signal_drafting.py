"""From a signal to an OKR: the draft its page suggests, as people and forms meet it."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
import time_machine

from metrics.evaluation import evaluate_kpis
from metrics.models import Signal
from objectives.actions import ensure_cycles
from objectives.models import Objective
from tests.factories import make_value
from tests.metrics.signal_forms import churn_off_target, form_of, post, signed_in

NOW = datetime(2026, 8, 18, 9, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _clock():
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def kpi(team, alice):
    return churn_off_target(team, alice)


@pytest.fixture
def signal(kpi):
    evaluate_kpis([kpi.pk], NOW - timedelta(days=12))
    return Signal.objects.get(kpi=kpi)


@pytest.fixture
def _cycles(organisation):
    ensure_cycles(organisation, NOW)


@pytest.mark.usefixtures("_cycles")
def test_the_draft_opens_with_the_suggestion(client, signal, alice):
    page = signed_in(client, alice).get(f"/signals/{signal.pk}/")
    data = form_of(page)
    assert data["title"] == "Bring Monthly churn rate back to target"
    assert (data["kr-0-baseline"], data["kr-0-target"]) == ("12.1", "8")
    assert data["kr-1-hold_periods"] == "2"
    assert data["kr-2-title"] == ""
    # Two full months after August end in October, so the first quarter that ends later is Q4.
    assert page.context["form"].fields["cycle"].rows[str(data["cycle"])].name == "Q4 2026"


@pytest.mark.usefixtures("_cycles")
def test_from_signal_to_okr(client, signal, kpi, alice):
    """Scenario 2: the draft, a task that is warned of, publishing, and April opens nothing."""
    data = form_of(signed_in(client, alice).get(f"/signals/{signal.pk}/"))
    data["kr-2-title"] = "Implement proactive health scoring for all accounts by week four"
    row = client.post(f"/signals/{signal.pk}/draft/row/", data | {"add": "1"})
    assert row.status_code == 200
    assert "This is a task, not a result." in row.content.decode()
    assert row.context["formset"].total_form_count() == 4
    response = client.post(f"/signals/{signal.pk}/publish/", data)
    objective = Objective.objects.get()
    assert response.url == f"/objectives/{objective.pk}/"
    assert objective.state == "active"
    assert objective.key_results.get(position=1).kpi == kpi
    kpi_page = client.get(f"/kpis/{kpi.pk}/").content.decode()
    assert "Off target" in kpi_page
    assert "Being addressed" in kpi_page
    make_value(kpi, date(2026, 8, 1), "12.9")
    evaluate_kpis([kpi.pk], NOW + timedelta(days=25))
    assert Signal.objects.count() == 1


@pytest.mark.usefixtures("_cycles")
def test_publishing_twice_leads_to_the_same_objective(client, signal, alice):
    data = form_of(signed_in(client, alice).get(f"/signals/{signal.pk}/"))
    first = client.post(f"/signals/{signal.pk}/publish/", data)
    again = client.post(f"/signals/{signal.pk}/publish/", data)
    assert first.url == again.url
    assert Objective.objects.count() == 1


@pytest.mark.usefixtures("_cycles")
def test_saving_a_draft_shows_it_on_the_signal(client, signal, alice):
    data = form_of(signed_in(client, alice).get(f"/signals/{signal.pk}/"))
    assert client.post(f"/signals/{signal.pk}/draft/", data).status_code == 302
    page = client.get(f"/signals/{signal.pk}/").content.decode()
    assert "A draft answers this signal already." in page


@pytest.mark.usefixtures("_cycles")
def test_a_draft_with_from_equal_to_to_is_refused(client, signal, alice):
    data = form_of(signed_in(client, alice).get(f"/signals/{signal.pk}/"))
    data |= {"kr-0-baseline": "90", "kr-0-target": "90"}
    response = client.post(f"/signals/{signal.pk}/draft/", data)
    assert response.status_code == 422
    assert "From and to are the same: this is a KPI, not a key result." in response.content.decode()
    assert not Objective.objects.exists()


@pytest.mark.usefixtures("_cycles")
def test_a_draft_for_a_signal_decided_meanwhile_is_409_with_the_entry(client, signal, alice):
    data = form_of(signed_in(client, alice).get(f"/signals/{signal.pk}/"))
    post(client, signal, "dismiss", reason="Release freeze.")
    response = client.post(f"/signals/{signal.pk}/draft/", data | {"title": "Mine is kept"})
    assert response.status_code == 409
    page = response.content.decode()
    assert "Release freeze." in page
    assert "Mine is kept" in page
    assert not Objective.objects.exists()


@pytest.mark.usefixtures("_cycles")
def test_a_value_of_the_key_result_is_never_a_float(client, signal, alice):
    data = form_of(signed_in(client, alice).get(f"/signals/{signal.pk}/"))
    data |= {"kr-0-kind": "increase", "kr-0-baseline": "0.1", "kr-0-target": "0.3"}
    client.post(f"/signals/{signal.pk}/draft/", data)
    row = Objective.objects.get().key_results.get(position=1)
    assert (row.baseline, row.target) == (Decimal("0.1"), Decimal("0.3"))
