"""Targets for a total through the database: evaluation, evidence, previews and decisions."""

from datetime import date
from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction

from metrics.actions import revise_target
from metrics.decisions import kept_settings
from metrics.evaluation import evaluate_due, parse_recent, preview, replay_kpi
from metrics.judging import Target as Entry
from metrics.models import KpiState, Measurement, Signal, Target
from tests.factories import make_target
from tests.metrics.weeks import after, correct, evaluate_each, events, put, week, weekly_kpi

pytestmark = pytest.mark.django_db

D = Decimal


@pytest.fixture
def kpi():
    """650 by the end of a quarter that has 13 weeks: 50 a week; higher is better, N = M = 2."""
    kpi = weekly_kpi(target=None, starts_on=date(2026, 4, 6), unit="k€")
    make_target(kpi, value=D(650), accumulates="quarterly", effective_on=date(2026, 4, 6))
    return kpi


@pytest.fixture
def from_june(kpi):
    """The same, watched from 1 June on; so each week owes another 50."""
    type(kpi).objects.filter(pk=kpi.pk).update(starts_on=week(1))
    kpi.refresh_from_db()
    return kpi


def test_the_state_shows_the_running_total_and_its_due_share(from_june):
    evaluate_each(from_june, "50 60 30")
    state = KpiState.objects.get()
    recent = parse_recent(state.recent)
    assert [(one.value, one.target, one.status) for one in recent] == [
        (D(50), D(50), "on_target"),
        (D(110), D(100), "on_target"),
        (D(140), D(150), "off_target"),
    ]
    assert (state.latest_value, state.latest_status, state.streak) == (D(140), "off_target", 1)


def test_a_total_that_lags_raises_and_recovers_when_it_has_caught_up(from_june):
    evaluate_each(from_june, "40 50 30 40")
    assert events(from_june)[0] == ("raised", 2, True, "")
    evaluate_each(from_june, "90 60", first=5)
    # Week 5, from 29 June, is the last of the quarter; with week 6 the next one begins at zero.
    assert [one.target for one in parse_recent(KpiState.objects.get().recent)][-2:] == [250, 50]
    assert events(from_june)[-1] == ("resolved", 6, True, "recovered")


def test_the_evidence_of_a_raise_compares_totals_with_shares(from_june):
    evaluate_each(from_june, "40 50")
    evidence = Signal.objects.get().evidence
    assert [(p["value"], p["target"], p["distance"]) for p in evidence["periods"]] == [
        ("40", "50", "10"),
        ("90", "100", "10"),
    ]
    assert evidence["assurance"] == "unknown"
    correct(from_june, 1, 10, at=2)
    again = Signal.objects.get()
    assert again.severity == "critical"
    assert [p["value"] for p in again.evidence["periods"]] == ["10", "60"]


def test_a_correction_moves_every_total_after_it(from_june):
    evaluate_each(from_june, "40 50 50")
    correct(from_june, 1, 50, at=3)
    assert events(from_june)[-1][0] == "retracted"
    assert [v.value for v in replay_kpi(from_june, after(3)).verdicts] == [50, 100, 150]
    assert [v.own for v in replay_kpi(from_june, after(3)).verdicts] == [50, 50, 50]


def test_a_missing_week_is_missing_and_its_value_is_owed_by_the_next(from_june):
    evaluate_each(from_june, "50 · 50")
    recent = parse_recent(KpiState.objects.get().recent)
    assert [(one.value, one.status) for one in recent] == [
        (D(50), "on_target"),
        (None, "missing"),
        (D(100), "off_target"),
    ]


def test_a_target_for_a_total_counts_what_was_there_before_it(from_june, django_user_model):
    Target.objects.all().delete()
    evaluate_each(from_june, "50 50 10")
    revise_target(
        from_june,
        effective_on=week(3),
        value=D(650),
        accumulates="quarterly",
        actor=None,
        now=after(3),
    )
    evaluate_due(after(3), worker="test")
    last = parse_recent(KpiState.objects.get().recent)[-1]
    assert (last.value, last.target, last.status) == (D(110), D(150), "off_target")


def test_the_preview_of_an_edit_knows_the_totals(from_june):
    put(from_june, "40 50")
    evaluate_each(from_june, "", first=3)
    found = preview(from_june, after(2), values={week(1): D(50)})
    assert found.is_empty
    assert preview(from_june, after(2)).of_type("raised")
    lower = Entry(week(1), target=D(500), over="quarterly")
    assert preview(from_june, after(2), targets=[lower]).is_empty


def test_saying_the_same_again_adds_no_row_and_another_window_does(kpi):
    same = {"effective_on": date(2026, 4, 6), "value": D(650), "actor": None, "now": after(1)}
    revise_target(kpi, **same, accumulates="quarterly")
    assert Target.objects.count() == 1
    revise_target(kpi, **same, accumulates="yearly")
    assert Target.objects.count() == 2
    assert kept_settings(kpi.pk, week(1))["accumulates"] == "yearly"


def test_a_range_is_no_total(kpi):
    with pytest.raises(IntegrityError), transaction.atomic():
        make_target(kpi, low=D(1), high=D(2), accumulates="yearly")
    with pytest.raises(IntegrityError), transaction.atomic():
        make_target(kpi, value=D(1), accumulates="weekly")


def test_a_hand_entered_value_stays_the_value_of_its_period(from_june):
    evaluate_each(from_june, "50 60")
    assert list(Measurement.objects.order_by("day").values_list("value", flat=True)) == [50, 60]
