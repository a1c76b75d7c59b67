"""Creating a KPI: the four essentials in one form, with its first target."""

from datetime import date
from decimal import Decimal

import pytest
import time_machine

from metrics.models import Kpi, Source, Target
from tests.factories import NOW, make_cadence, make_kpi, make_team


@pytest.fixture(autouse=True)
def _today():
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def monthly(team):
    return make_cadence("monthly", organisation=team.organisation)


@pytest.fixture
def typed(monthly, alice):
    return {
        "name": "Monthly churn rate",
        "definition": "Accounts lost ÷ accounts at the start.",
        "unit": "%",
        "direction": "lower_is_better",
        "source_kind": "csv_upload",
        "source_name": "Billing export",
        "cadence": monthly.pk,
        "starts_on": "2026-01-01",
        "owner": alice.pk,
        "nature": "lagging",
        "aggregation": "last",
        "min_readings": "1",
        "missing_policy": "hold",
        "near_policy": "hold",
        "max_gap": "1",
        "stale_after": "2",
        "target-value": "8.5",
        "target-tolerance": "0.5",
        "target-tolerance_in": "absolute",
    }


def url(team):
    return f"/teams/{team.pk}/kpis/new/"


def test_a_lead_creates_a_kpi_with_its_four_essentials(client, team, alice, typed, monthly):
    client.force_login(alice)

    answer = client.post(url(team), typed)

    kpi = Kpi.objects.get(name="Monthly churn rate")
    target = Target.objects.get(kpi=kpi)
    assert answer.url == f"/kpis/{kpi.pk}/"
    assert (kpi.definition, kpi.cadence) == ("Accounts lost ÷ accounts at the start.", monthly)
    assert (kpi.source.name, kpi.source.kind) == ("Billing export", "csv_upload")
    assert (target.value, target.tolerance) == (Decimal("8.5"), Decimal("0.5"))
    assert target.effective_on == date(2026, 1, 1)


def test_a_new_kpi_needs_nothing_but_a_name(client, team, alice, typed):
    client.force_login(alice)
    for name in ("definition", "source_name", "cadence", "target-value", "target-tolerance"):
        typed[name] = ""

    client.post(url(team), typed)

    kpi = Kpi.objects.get(name="Monthly churn rate")
    assert (kpi.cadence, kpi.source) == (None, None)
    assert not kpi.targets.exists()
    page = client.get(f"/kpis/{kpi.pk}/").text
    assert "This is a metric: it is charted, not judged." in page
    assert "Missing: definition, target, source and cadence." in page


def test_a_range_and_a_band_in_per_cent_are_kept(client, team, alice, typed):
    client.force_login(alice)
    typed |= {
        "direction": "in_range",
        "target-value": "",
        "target-low": "40",
        "target-high": "60",
        "target-tolerance": "5",
        "target-tolerance_in": "percent",
    }

    client.post(url(team), typed)

    target = Target.objects.get()
    assert (target.value, target.low, target.high) == (None, 40, 60)
    assert (target.tolerance, target.tolerance_pct) == (None, 5)


@pytest.mark.parametrize(
    ("field", "text", "says"),
    [
        ("name", "", "required"),
        ("target-value", "1e5", "scientific notation"),
        ("target-value", "١٢", "other signs than 0-9"),
        ("target-tolerance", "-1", "Zero or more"),
        ("patience", "0", "At least 1"),
        ("settle_days", "3", "Settling days need"),
        ("starts_on", "yesterday", "valid date"),
    ],
)
def test_what_is_wrong_is_said_and_what_was_typed_stays(
    client, team, alice, typed, field, text, says
):
    client.force_login(alice)

    answer = client.post(url(team), typed | {field: text})

    assert answer.status_code == 422
    assert says in answer.text
    assert 'value="Billing export"' in answer.text
    assert not Kpi.objects.exists()
    assert not Source.objects.exists()


def test_a_name_of_the_team_is_used_once(client, team, alice, typed):
    make_kpi(team=team, name="Monthly churn rate")
    client.force_login(alice)

    answer = client.post(url(team), typed)

    assert answer.status_code == 422
    assert "This team already has a KPI of this name." in answer.text


def test_a_range_turned_round_is_refused(client, team, alice, typed):
    client.force_login(alice)
    typed |= {"direction": "in_range", "target-low": "60", "target-high": "40"}

    answer = client.post(url(team), typed)

    assert answer.status_code == 422
    assert "Above the lower bound." in answer.text


def test_cadences_and_people_of_elsewhere_cannot_be_chosen(client, team, alice, charlie, typed):
    client.force_login(alice)
    foreign = make_kpi().cadence

    assert client.post(url(team), typed | {"cadence": foreign.pk}).status_code == 422
    assert client.post(url(team), typed | {"owner": charlie.pk}).status_code == 422


def test_only_leads_create(client, team, bob, vera, charlie, typed):
    for person in (bob, vera, charlie):
        client.force_login(person)
        assert client.get(url(team)).status_code == 403
        assert client.post(url(team), typed).status_code == 403
    assert not Kpi.objects.exists()


def test_a_private_team_does_not_exist_for_strangers(client, team, charlie, typed):
    team.is_private = True
    team.save()
    client.force_login(charlie)

    assert client.post(url(team), typed).status_code == 404


def test_the_form_offers_sensible_presets(client, team, alice, monthly):
    client.force_login(alice)

    page = client.get(url(team)).text

    assert "a signal after 3 off target" in page
    assert 'value="2026-08-01"' in page


def test_the_first_target_may_be_for_a_total(client, team, alice, typed):
    client.force_login(alice)

    assert client.post(url(team), typed | {"target-accumulates": "quarterly"}).status_code == 302
    assert Target.objects.get().accumulates == "quarterly"


def test_a_range_is_for_no_total(client, team, alice, typed):
    client.force_login(alice)
    wanted = typed | {
        "direction": "in_range",
        "target-value": "",
        "target-low": "4",
        "target-high": "5",
        "target-accumulates": "yearly",
    }

    page = client.post(url(team), wanted)

    assert page.status_code == 422
    assert "A total is one value: choose a direction up or down." in page.text
    assert not Kpi.objects.exists()


def test_what_it_tells_of_and_its_counter_metric_are_set_on_the_form(client, team, alice, typed):
    mine = make_kpi(team=team, name="Deployment frequency")
    foreign = make_kpi(team=make_team(organisation=team.organisation), name="Of others")
    client.force_login(alice)
    client.post(url(team), typed | {"theme": "retention", "counterpart": mine.pk})
    made = Kpi.objects.get(name="Monthly churn rate")
    assert (made.theme, made.counterpart) == ("retention", mine)
    refused = client.post(url(team), typed | {"name": "Another", "counterpart": foreign.pk})
    assert refused.status_code == 422
    edited = typed | {"version": made.version, "theme": "quality", "counterpart": ""}
    client.post(f"/kpis/{made.pk}/edit/", edited)
    made.refresh_from_db()
    assert (made.theme, made.counterpart) == ("quality", None)
