"""Excluding a period: with a reason, after a look at what it does, and back again."""

from datetime import date

import pytest
import time_machine

from metrics.evaluation import evaluate_kpis
from metrics.models import Exclusion
from tests.factories import NOW, make_exclusion, make_kpi, make_value


@pytest.fixture(autouse=True)
def _today():
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def kpi(team):
    kpi = make_kpi(team=team, target="8", starts_on=date(2026, 4, 1))
    for month, value in ((4, "7.9"), (5, "8.2"), (6, "8.4"), (7, "8.3")):
        make_value(kpi, date(2026, month, 1), value)
    evaluate_kpis([kpi.pk], NOW)
    return kpi


def url(kpi, verb="exclude"):
    return f"/kpis/{kpi.pk}/periods/2026-06-01/{verb}/"


def test_before_excluding_the_page_says_which_signal_goes(client, kpi, alice):
    client.force_login(alice)

    page = client.post(url(kpi), {"reason": "Outage", "preview": "1"})

    assert "Withdraws the signal of" in page.text
    assert not Exclusion.objects.exists()


def test_a_lead_excludes_and_the_evidence_shows_it(client, kpi, alice):
    client.force_login(alice)

    answer = client.post(url(kpi), {"reason": "Billing outage"})

    row = Exclusion.objects.get(kpi=kpi)
    assert answer.url == f"/kpis/{kpi.pk}/"
    assert (row.period_on, row.reason, row.author) == (date(2026, 6, 1), "Billing outage", alice)
    page = client.get(f"/kpis/{kpi.pk}/").text
    assert "Period excluded" in page
    assert "Excluded" in page


def test_an_exclusion_needs_a_reason(client, kpi, alice):
    client.force_login(alice)

    assert client.post(url(kpi), {"reason": ""}).status_code == 422
    assert not Exclusion.objects.exists()


def test_an_excluded_period_is_shown_with_who_and_why_and_judged_again(client, kpi, alice):
    make_exclusion(kpi, date(2026, 6, 1), author=alice)
    client.force_login(alice)

    page = client.get(url(kpi)).text
    assert "Billing outage" in page
    assert "Judge it again" in page

    client.post(url(kpi, "include"), {"reason": "It was fine"})
    row = Exclusion.objects.get(kpi=kpi)
    assert (row.lifted_by, row.lifted_at) == (alice, NOW)


def test_only_leads_exclude(client, kpi, bob, vera, charlie):
    for person in (bob, vera, charlie):
        client.force_login(person)
        assert client.post(url(kpi), {"reason": "x"}).status_code == 403
        assert client.post(url(kpi, "include"), {"reason": "x"}).status_code == 403


def test_periods_of_a_private_kpi_do_not_exist_for_strangers(client, kpi, charlie):
    kpi.is_private = True
    kpi.save()
    client.force_login(charlie)

    assert client.get(url(kpi)).status_code == 404
