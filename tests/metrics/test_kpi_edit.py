"""Editing a KPI: with a history row, and never over somebody else's edit."""

from datetime import date

import pytest
import time_machine
from django.forms.models import model_to_dict

from metrics.forms import KpiForm
from metrics.models import CadenceChange, KpiEvent
from metrics.policies import Own
from tests.factories import NOW, make_cadence, make_kpi


@pytest.fixture(autouse=True)
def _today():
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def kpi(team, alice):
    return make_kpi(team=team, target="8", name="Churn", owner=alice)


@pytest.fixture
def typed(kpi):
    found = model_to_dict(kpi, fields=KpiForm._meta.fields)
    found = {name: value for name, value in found.items() if value not in (None, False)}
    return found | {"version": 1, "source_kind": "manual", "source_name": kpi.source.name}


def url(kpi):
    return f"/kpis/{kpi.pk}/edit/"


def test_a_lead_edits_and_the_log_says_so(client, kpi, alice, typed):
    client.force_login(alice)

    answer = client.post(url(kpi), typed | {"name": "Monthly churn"})

    kpi.refresh_from_db()
    assert answer.url == f"/kpis/{kpi.pk}/"
    assert (kpi.name, kpi.version) == ("Monthly churn", 2)
    event = KpiEvent.objects.get(kpi=kpi)
    assert (event.actor, event.before["name"], event.after["name"]) == (
        alice,
        "Churn",
        "Monthly churn",
    )


def test_the_form_changes_nothing_that_its_past_was_judged_by(client, kpi, alice, typed):
    client.force_login(alice)
    page = client.get(url(kpi)).text
    assert 'name="patience"' not in page
    assert f'href="/kpis/{kpi.pk}/policy/"' in page

    client.post(url(kpi), typed | {"patience": "2", "grace_days": "9", "near_policy": "count"})

    kpi.refresh_from_db()
    assert kpi.first_own == Own()
    assert not KpiEvent.objects.exists()


def test_somebody_elses_edit_is_not_overwritten(client, kpi, alice, typed):
    client.force_login(alice)
    client.post(url(kpi), typed | {"name": "Theirs"})

    answer = client.post(url(kpi), typed | {"name": "Mine"})

    kpi.refresh_from_db()
    assert answer.status_code == 409
    assert kpi.name == "Theirs"
    assert "Theirs" in answer.text
    assert 'value="Mine"' in answer.text


def test_the_same_edit_sent_twice_is_one(client, kpi, alice, typed):
    client.force_login(alice)
    for _ in range(2):
        answer = client.post(url(kpi), typed | {"name": "Monthly churn"})

    assert answer.status_code == 302
    assert KpiEvent.objects.filter(kpi=kpi).count() == 1


def test_a_new_cadence_asks_from_when_and_keeps_the_old(client, kpi, alice, typed):
    client.force_login(alice)
    weekly = make_cadence("weekly", organisation=kpi.team.organisation)

    asked = client.post(url(kpi), typed | {"cadence": weekly.pk})
    assert asked.status_code == 422
    assert "From which day does the new cadence hold?" in asked.text

    client.post(url(kpi), typed | {"cadence": weekly.pk, "cadence_from": "2026-08-03"})
    kpi.refresh_from_db()
    assert kpi.cadence == weekly
    assert CadenceChange.objects.filter(kpi=kpi).last().effective_on == date(2026, 8, 3)


def test_a_kpi_with_targets_keeps_its_kind_of_direction(client, kpi, alice, typed):
    client.force_login(alice)

    answer = client.post(url(kpi), typed | {"direction": "in_range"})

    assert answer.status_code == 422
    assert "make a new KPI" in answer.text


def test_the_source_can_be_taken_away_and_the_kpi_is_a_metric_then(client, kpi, alice, typed):
    client.force_login(alice)

    client.post(url(kpi), typed | {"source_name": ""})

    page = client.get(f"/kpis/{kpi.pk}/").text
    assert "Missing: source." in page
    assert "Informative" in page or "No data yet" in page


def test_only_leads_edit(client, kpi, bob, vera, charlie, typed):
    for person in (bob, vera, charlie):
        client.force_login(person)
        assert client.get(url(kpi)).status_code == 403
        assert client.post(url(kpi), typed | {"name": "x"}).status_code == 403
    kpi.refresh_from_db()
    assert kpi.name == "Churn"


def test_a_private_kpi_does_not_exist_for_strangers(client, kpi, charlie):
    kpi.is_private = True
    kpi.save()
    client.force_login(charlie)

    assert client.get(url(kpi)).status_code == 404
