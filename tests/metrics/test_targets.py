"""Targets: a history of rows, revised after a look at what it does to the signals."""

import re
from datetime import date
from decimal import Decimal

import pytest
import time_machine

from metrics.evaluation import evaluate_kpis
from metrics.models import Signal, Target
from tests.factories import NOW, make_kpi, make_value


@pytest.fixture(autouse=True)
def _today():
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def kpi(team):
    """Off target from May to July: a signal is open."""
    kpi = make_kpi(team=team, target="8", starts_on=date(2026, 4, 1))
    for month, value in ((4, "7.9"), (5, "8.2"), (6, "8.4"), (7, "8.3")):
        make_value(kpi, date(2026, month, 1), value)
    evaluate_kpis([kpi.pk], NOW)
    return kpi


def url(kpi):
    return f"/kpis/{kpi.pk}/targets/"


@pytest.fixture
def typed():
    return {
        "value": "8.5",
        "tolerance": "0.5",
        "tolerance_in": "absolute",
        "effective_on": "2026-05-01",
        "reason": "Legacy plans",
    }


def test_everybody_who_sees_the_kpi_reads_its_targets(client, kpi, charlie):
    client.force_login(charlie)

    page = client.get(url(kpi)).text

    assert "≤\u00a08\u00a0%" in page
    assert "Revise the target" not in page


def test_before_saving_the_page_says_which_signals_it_would_withdraw(client, kpi, alice, typed):
    assert Signal.objects.filter(kpi=kpi, is_open=True, kind="off_target").exists()
    client.force_login(alice)

    page = client.post(url(kpi), typed | {"preview": "1"})

    assert page.status_code == 200
    assert "Withdraws the signal of" in page.text
    assert 'value="8.5"' in page.text
    assert "Legacy plans" in page.text
    assert Target.objects.filter(kpi=kpi).count() == 1


def test_a_change_that_does_nothing_to_signals_says_so(client, kpi, alice, typed):
    client.force_login(alice)

    page = client.post(url(kpi), typed | {"effective_on": "2026-09-01", "preview": "1"})

    assert "No signal is raised, resolved or withdrawn by this." in page.text


def test_a_lead_saves_a_new_row_with_author_and_reason(client, kpi, alice, typed):
    client.force_login(alice)

    answer = client.post(url(kpi), typed)

    row = Target.objects.filter(kpi=kpi).last()
    assert answer.url == url(kpi)
    assert (row.value, row.tolerance, row.author) == (Decimal("8.5"), Decimal("0.5"), alice)
    assert (row.effective_on, row.reason) == (date(2026, 5, 1), "Legacy plans")


def test_a_target_sent_twice_is_one_row(client, kpi, alice, typed):
    client.force_login(alice)
    for _ in range(2):
        client.post(url(kpi), typed)

    assert Target.objects.filter(kpi=kpi).count() == 2


def test_the_counts_of_the_old_target_go_on(client, kpi, alice, typed):
    Target.objects.filter(kpi=kpi).update(patience=5)
    client.force_login(alice)

    client.post(url(kpi), typed)

    assert Target.objects.filter(kpi=kpi).last().patience == 5


@pytest.mark.parametrize(
    ("field", "text"),
    [
        ("reason", ""),
        ("value", ""),
        ("value", "8,5"),
        ("tolerance", "-1"),
        ("effective_on", "soon"),
    ],
)
def test_a_change_without_what_it_needs_is_asked_again(client, kpi, alice, typed, field, text):
    client.force_login(alice)

    answer = client.post(url(kpi), typed | {field: text})

    assert answer.status_code == 422
    assert Target.objects.filter(kpi=kpi).count() == 1


def test_a_band_in_per_cent_beyond_reason_is_refused(client, kpi, alice, typed):
    client.force_login(alice)

    answer = client.post(url(kpi), typed | {"tolerance": "1000", "tolerance_in": "percent"})

    assert answer.status_code == 422


def test_withdrawing_says_what_it_resolves_and_ends_the_judging(client, kpi, alice):
    client.force_login(alice)
    typed = {"effective_on": "2026-07-01", "reason": "No decision depended on it"}

    page = client.post(url(kpi) + "withdraw/", typed | {"preview": "1"})
    assert "the target is withdrawn" in page.text or "Withdraws the signal" in page.text

    client.post(url(kpi) + "withdraw/", typed)
    assert Target.objects.filter(kpi=kpi).last().is_withdrawn
    assert "withdrawn" in client.get(url(kpi)).text


def test_only_leads_revise(client, kpi, bob, vera, charlie, typed):
    for person in (bob, vera, charlie):
        client.force_login(person)
        assert client.post(url(kpi), typed).status_code == 403
        assert client.post(url(kpi) + "withdraw/", typed).status_code == 403
    assert Target.objects.filter(kpi=kpi).count() == 1


def test_targets_of_a_private_team_do_not_exist_for_strangers(client, kpi, charlie, typed):
    kpi.team.is_private = True
    kpi.team.save()
    client.force_login(charlie)

    assert client.get(url(kpi)).status_code == 404
    assert client.post(url(kpi), typed).status_code == 404


def test_the_natural_limits_start_anew_from_a_day_with_a_reason(client, kpi, alice, bob):
    client.force_login(alice)
    path = f"/kpis/{kpi.pk}/limits/"

    assert client.post(path, {"starts_on": "2026-06-01", "reason": ""}).status_code == 422
    client.post(path, {"starts_on": "2026-06-01", "reason": "New level"})

    kpi.refresh_from_db()
    assert kpi.limits_from == date(2026, 6, 1)
    client.force_login(bob)
    assert client.get(path).status_code == 403


def test_a_target_may_be_for_the_total_of_a_year(client, kpi, alice, typed):
    client.force_login(alice)
    wanted = typed | {"value": "96", "accumulates": "yearly"}

    page = client.post(url(kpi), wanted | {"preview": "1"})
    assert re.search(r'value="yearly"[^>]* checked', page.text)
    assert client.post(url(kpi), wanted).status_code == 302
    row = Target.objects.filter(kpi=kpi).last()
    assert (row.value, row.accumulates) == (96, "yearly")
    assert "≤\u00a096\u00a0%, total of the fiscal year" in client.get(url(kpi)).text


def test_the_preview_goes_by_the_total(client, kpi, alice, typed):
    client.force_login(alice)

    # April to July come to 32.8: of 96 a year 32.1 are due, of 60 only 20.
    for value, sentence in (("110", "Withdraws the signal"), ("60", "The open signal becomes")):
        change = typed | {"value": value, "accumulates": "yearly", "effective_on": "2026-04-01"}
        assert sentence in client.post(url(kpi), change | {"preview": "1"}).text


@pytest.mark.parametrize("window", ["weekly", "fiscal"])
def test_another_window_is_refused(client, kpi, alice, typed, window):
    client.force_login(alice)

    page = client.post(url(kpi), typed | {"accumulates": window})

    assert page.status_code == 422
    assert "Select a valid choice" in page.text
