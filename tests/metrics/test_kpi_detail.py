"""The KPI page: true status with its answer beside it, chart, definition, loop, log, evidence."""

import json
import re
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
import time_machine

from metrics.actions import correct_value, revise_target
from metrics.evaluation import evaluate_kpis
from metrics.models import Signal, Treatment
from metrics.periods import period_of
from tests.factories import NOW, make_kpi, make_target, make_team, make_user, make_value

NAME = '<script>alert("x")</script> نسبة الإلغاء ' + "x" * 150


@pytest.fixture(autouse=True)
def _today():
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def kpi(team, alice):
    """Off target from January to May, near in June, on target in July; target eased in July."""
    kpi = make_kpi(team=team, name="Monthly churn rate", starts_on=date(2025, 1, 1), owner=alice)
    make_target(kpi, value=Decimal("8"), tolerance=Decimal("0.5"))
    make_target(kpi, value=Decimal("8.5"), tolerance=Decimal("0.5"), effective_on=date(2026, 7, 1))
    values = "7.4 7.6 7.2 7.9 7.7 8 7.8 8.2 7.9 8.3 8.4 7.8 12.4 12.6 12.1 11.3 9.9 8.41 8.3"
    for month, value in enumerate(values.split()):
        make_value(kpi, date(2025 + month // 12, month % 12 + 1, 1), value, author=alice)
    evaluate_kpis([kpi.pk], NOW)
    return kpi


@pytest.fixture
def signal(kpi):
    return Signal.objects.get(kpi=kpi, kind="off_target")


@pytest.fixture
def treatment(signal):
    return Treatment.objects.create(
        signal=signal,
        team=signal.kpi.team,
        title="Build the customer success muscle",
        url="/objectives/7/",
        baseline=Decimal("12.1"),
        target=Decimal("8"),
        starts_on=date(2026, 7, 1),
        ends_on=date(2026, 9, 30),
        began_at=NOW - timedelta(days=40),
    )


def page(client, kpi, person):
    client.force_login(person)
    return client.get(f"/kpis/{kpi.pk}/").text.replace("\u00a0", " ")


def test_the_heading_says_the_true_status_and_the_figures(client, kpi, bob):
    text = page(client, kpi, bob)

    assert "On target" in text
    assert "Recovering" in text
    assert "1 of 2 months" in text
    assert "<dt>July 2026</dt>" in text
    assert "8.3<small> %</small>" in text
    assert "−0.11 pts" in text
    assert "was ≤ 8 until June 2026" in text


def test_being_addressed_stands_beside_the_true_status(client, kpi, treatment, bob):
    text = page(client, kpi, bob)

    assert "Being addressed" in text
    assert "On target" in text
    assert 'href="/objectives/7/"' in text
    assert "Build the customer success muscle" in text


def test_a_private_okr_is_not_named_to_strangers(client, kpi, treatment, charlie, bob):
    Treatment.objects.update(is_private=True)

    text = page(client, kpi, charlie)
    assert "Being addressed" in text
    assert "muscle" not in text
    assert "/objectives/7/" not in text
    assert "muscle" in page(client, kpi, bob)


def test_the_chart_holds_values_targets_and_spans(client, kpi, treatment, bob):
    text = page(client, kpi, bob)

    script = re.search(rf'<script id="fig-{kpi.pk}" type="application/json">(.*?)</script>', text)
    figure = json.loads(script[1])
    assert any(12.4 in trace["y"] for trace in figure["data"])
    colors = {shape.get("fillcolor") for shape in figure["layout"]["shapes"]}
    assert {"--off-tint", "--near-tint", "--okr-fill"} <= colors
    assert "Values are in the evidence table below." in text
    assert "<noscript>" in text


def test_the_definition_ticks_the_four_essentials(client, kpi, bob):
    text = page(client, kpi, bob)

    assert "At most 8.5 %, edge included. Near up to 0.5 points above." in text
    assert "Next: August 2026" in text
    assert "This is a metric" not in text


def test_the_loop_tells_from_signal_to_target(client, kpi, treatment, bob):
    text = page(client, kpi, bob)

    assert "The KPI signalled" in text
    assert "12.4 · 12.6 · 12.1" in text
    assert "An OKR is fixing it" in text
    assert "12.1 → 8" in text
    assert 'aria-current="step"' in text


def test_a_kpi_that_never_signalled_has_no_loop(client, team, bob):
    kpi = make_kpi(team=team, target="8", starts_on=date(2026, 6, 1))
    make_value(kpi, date(2026, 6, 1), "7")

    assert "The loop" not in page(client, kpi, bob)


def test_the_log_merges_what_data_and_people_did(client, kpi, alice, bob):
    revise_target(
        kpi,
        value=Decimal("8.2"),
        effective_on=date(2026, 9, 1),
        reason="New plan",
        actor=alice,
        now=NOW,
    )
    text = page(client, kpi, bob)

    assert "Signal opened" in text or "Signal recorded" in text
    assert "Target revised" in text
    assert "from ≤ 8.5 % to ≤ 8.2 % from 1 Sep" in text
    assert "New plan" in text


def test_the_evidence_shows_where_values_came_from_and_what_they_replaced(client, kpi, alice, bob):
    july = period_of(date(2026, 7, 1), "monthly")
    correct_value(kpi, july, Decimal("8.2"), revision=0, reason="Late export", actor=bob, now=NOW)
    text = page(client, kpi, bob)

    assert "was 8.3 until 18 Aug, “Late export”, Bob Tanaka" in text
    assert "Bob Tanaka, 18 Aug" in text
    assert "All 19 months" in text
    assert text.count('<tr id="value-') == 8


def test_natural_limits_say_that_the_rise_was_a_shift(client, kpi, bob):
    text = page(client, kpi, bob)

    assert "a real shift, not noise" in text
    assert "XmR" in text
    assert "Start them anew" not in text


def test_a_lead_may_start_the_natural_limits_anew(client, kpi, alice):
    assert f'href="/kpis/{kpi.pk}/limits/"' in page(client, kpi, alice)


def test_every_period_has_its_page(client, kpi, bob):
    client.force_login(bob)

    text = client.get(f"/kpis/{kpi.pk}/periods/").text

    assert text.count('<tr id="value-') == 19
    assert client.get(f"/kpis/{kpi.pk}/periods/?page=x").status_code == 200


def test_stale_names_how_many_are_missing(client, team, bob):
    kpi = make_kpi(team=team, target="8", starts_on=date(2026, 3, 1))
    make_value(kpi, date(2026, 4, 1), "7")

    text = page(client, kpi, bob)

    assert "Stale" in text
    assert "3 months missing" in text


def test_a_kpi_without_a_closed_period_says_when_it_begins(client, team, bob):
    kpi = make_kpi(team=team, target="8", starts_on=date(2026, 8, 1))

    text = page(client, kpi, bob)

    assert "The first period is August 2026; its value can be entered from 1 Sep." in text
    assert "No data yet" in text


def test_a_kpi_without_a_cadence_has_a_page(client, team, bob):
    kpi = make_kpi(team=team, cadence=None)

    assert "It needs a cadence before it has periods" in page(client, kpi, bob)


def test_names_are_printed_not_run(client, team, alice, bob):
    kpi = make_kpi(team=team, name=NAME[:200], definition=NAME, why=NAME, target="8")
    make_value(kpi, date(2026, 7, 1), "9", author=alice)

    text = page(client, kpi, bob)

    assert "<script>alert" not in text
    assert "&lt;script&gt;alert" in text
    assert "نسبة الإلغاء" in text
    assert 'dir="auto"' in text


def test_a_private_kpi_does_not_exist_for_strangers(client, kpi, charlie):
    kpi.is_private = True
    kpi.save()
    client.force_login(charlie)

    for path in ("", "periods/", "targets/"):
        assert client.get(f"/kpis/{kpi.pk}/{path}").status_code == 404


def test_people_of_another_organisation_see_nothing(client, kpi):
    foreign = make_kpi(team=make_team())
    client.force_login(make_user(organisation=foreign.team.organisation))

    assert client.get(f"/kpis/{kpi.pk}/").status_code == 404


def test_only_reading_is_answered(client, kpi, bob):
    client.force_login(bob)

    assert client.post(f"/kpis/{kpi.pk}/").status_code == 405


def test_a_viewer_gets_no_button_that_writes(client, kpi, vera):
    text = page(client, kpi, vera)

    assert "/edit/" not in text


def test_the_number_of_queries_does_not_grow_with_history(
    client, team, bob, django_assert_max_num_queries
):
    long = make_kpi(team=team, cadence="weekly", target="8", starts_on=date(2024, 1, 1))
    for week in range(130):
        make_value(long, date(2024, 1, 1) + timedelta(weeks=week), "9")
    evaluate_kpis([long.pk], NOW)
    client.force_login(bob)

    with django_assert_max_num_queries(24):
        assert client.get(f"/kpis/{long.pk}/").status_code == 200


@pytest.mark.parametrize(
    ("reason", "title", "words"),
    [
        ("recovered", "An OKR fixed it", "Resolved for August 2026, as it was on target again."),
        ("standard_relaxed", "An OKR answered it", "as the target was relaxed."),
        ("standard_withdrawn", "An OKR answered it", "as the target was withdrawn."),
    ],
)
def test_only_a_recovery_is_credited_to_the_okr(client, kpi, treatment, bob, reason, title, words):
    Treatment.objects.update(ended_at=datetime(2026, 8, 10, tzinfo=UTC))
    Signal.objects.update(is_open=False, ended_on=date(2026, 8, 1), end_reason=reason)
    text = page(client, kpi, bob)

    assert title in text
    assert words in text


def test_an_okr_that_closed_is_told_with_its_grade(client, kpi, treatment, bob):
    Treatment.objects.update(
        ended_at=datetime(2026, 8, 10, tzinfo=UTC),
        grade=Decimal("0.9"),
        final_value=Decimal("8.41"),
    )
    text = page(client, kpi, bob)

    assert "An OKR answered it" in text
    assert "An OKR fixed it" not in text
    assert "graded 0.9" in text
    assert "12.1 → 8.41" in text
    assert "Being addressed" not in text


def test_the_share_of_the_target_is_explained_beside_the_latest_value(client, kpi, bob):
    text = page(client, kpi, bob)

    assert '<span class="num">102 %</span> of target' in text
    assert "<h3>Where 102 % comes from</h3>" in text
    assert "2 − 8.3 % ÷ 8.5 % = 102 %" in text


def test_no_share_is_shown_where_it_means_nothing(client, team, bob):
    kpi = make_kpi(team=team, target="0")
    make_value(kpi, date(2026, 7, 1), 1)

    assert "ex-achieved" not in page(client, kpi, bob)


@pytest.fixture
def budget(team):
    """Spending of at most 1,200 a year; after July 697 are due and 740 are spent."""
    kpi = make_kpi(team=team, name="Spending", unit="k€")
    make_target(kpi, value=Decimal(1200), accumulates="yearly")
    for month, value in enumerate((100, 100, 110, 100, 110, 110, 110), start=1):
        make_value(kpi, date(2026, month, 1), value)
    evaluate_kpis([kpi.pk], NOW)
    return kpi


def test_a_total_is_shown_against_its_due_share(client, budget, bob):
    text = page(client, budget, bob)

    assert "<dt>July 2026, total of the fiscal year</dt>" in text
    assert "740<small> k€</small>" in text
    assert "≤ 1,200<small> k€</small>" in text
    assert "At most 1,200 k€ by the end of the fiscal year, edge included." in text
    assert "Target at most 696.99 k€ so far, off target in 6 of 7 months." in text
    assert "740 of 696.99" in text
    assert "of what is due</button>" in text
    assert "Natural limits" not in text
    figure = json.loads(re.search(r'id="fig-\d+"[^>]*>(.*?)</script>', text, re.S).group(1))
    values = next(one for one in figure["data"] if one["name"] == "Spending")
    assert values["y"][-1] == 740
    due = next(one for one in figure["data"] if one["name"] == "Target")
    assert due["y"][-1] == 696.99
    words = [one["text"] for one in figure["layout"]["annotations"]]
    assert any("due ≤" in one for one in words)


def test_a_period_of_a_total_is_corrected_by_its_own_value(client, budget, bob):
    client.force_login(bob)
    form = client.get(f"/kpis/{budget.pk}/values/2026-07-01/edit/").text

    assert 'value="110"' in form
    assert "now 110" in form
