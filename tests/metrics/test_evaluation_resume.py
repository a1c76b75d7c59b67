"""Whatever happens to a KPI, in steps or at once: the same signals and the same state."""

import random
from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import transaction

from metrics.accumulating import window_start
from metrics.due import mark_due
from metrics.evaluation import evaluate_due, evaluate_kpis, replay_kpi
from metrics.models import Exclusion, KpiState, Measurement, Signal
from tests.factories import make_exclusion, make_target, make_value
from tests.metrics.weeks import after, week, weekly_kpi

pytestmark = pytest.mark.django_db

SHOWN = (
    "checkpoint",
    "watermark_on",
    "phase",
    "is_stale",
    "streak",
    "recovery",
    "latest_on",
    "latest_value",
    "latest_status",
    "status_since",
    "recent",
)
WEEKS = 16


def state_of(kpi):
    return KpiState.objects.filter(kpi=kpi).values(*SHOWN).get()


def spans_of(kpi):
    """What stands about the KPI; how it came to be told is no part of it."""
    rows = Signal.objects.standing().filter(kpi=kpi).order_by("kind", "first_off_on")
    return [(row.kind, row.is_open, row.first_off_on, row.raised_on, row.ended_on) for row in rows]


def change_something(kpi, number, chance, accumulates=""):
    """One random event of a KPI's life in a week; marks it due as the actions do."""
    day = week(chance.randint(1, number))
    what = chance.choice(
        ["value"] * 6 + ["correct", "delete", "exclude", "lift", "retarget", "none"]
    )
    if what == "value":
        day = week(number)
    rows = Measurement.objects.filter(kpi=kpi, day=day)
    if what in ("value", "correct"):
        value = chance.choice([30, 38, 39, 41, 42])
        if not rows.update(value=value):
            make_value(kpi, day, value)
    elif what == "delete":
        rows.update(value=None)
    elif what == "exclude" and not Exclusion.objects.filter(kpi=kpi, period_on=day, lifted_at=None):
        make_exclusion(kpi, day)
    elif what == "lift":
        Exclusion.objects.filter(kpi=kpi, period_on=day).update(lifted_at=after(number))
    elif what == "retarget" and accumulates and chance.random() < 0.7:
        make_target(kpi, value=Decimal(520), effective_on=day, accumulates=accumulates)
        day = window_start(day, accumulates, 1)
    elif what == "retarget":
        make_target(kpi, value=Decimal(chance.choice([35, 40, 42])), effective_on=day)
    if what != "none":
        mark_due([kpi.pk], after(number), dirty_from=day)


@pytest.mark.parametrize("seed", range(18))
def test_in_steps_or_at_once_the_state_and_the_signals_are_the_same(seed):
    chance = random.Random(seed)
    accumulates = {0: "quarterly", 1: "yearly"}.get(seed % 6, "")
    kpi = weekly_kpi(
        patience=chance.choice([1, 2, 3]),
        target=None if accumulates else 40,
        near_policy=chance.choice(["hold", "reset", "count"]),
        missing_policy=chance.choice(["hold", "reset", "count"]),
        grace_days=chance.choice([0, 3]),
    )
    if accumulates:
        make_target(kpi, value=Decimal(520), accumulates=accumulates)
    for number in range(1, WEEKS):
        for _ in range(chance.choice([0, 1, 1, 2])):
            change_something(kpi, number, chance, accumulates)
        if chance.random() < 0.8:
            evaluate_due(after(number) + timedelta(days=chance.choice([0, 4])), worker="test")
    now = after(WEEKS + 1)
    evaluate_kpis([kpi.pk], now)
    in_steps, standing = state_of(kpi), spans_of(kpi)

    mark_due([kpi.pk], now, dirty_from=week(1))
    counts = evaluate_due(now, worker="test")
    assert (counts.replayed, counts.events) == (1, {})
    assert state_of(kpi) == in_steps

    with transaction.atomic():
        Signal.objects.all().delete()
        mark_due([kpi.pk], now, dirty_from=week(1))
        evaluate_due(now, worker="test")
        assert spans_of(kpi) == standing
        transaction.set_rollback(True)

    assert replay_kpi(kpi, now).standing.state == in_steps["phase"]


def test_the_last_thirteen_periods_are_kept_for_the_sparkline():
    kpi = weekly_kpi()
    for number in range(1, 21):
        make_value(kpi, week(number), 30 + number)
        evaluate_kpis([kpi.pk], after(number))
    in_steps = state_of(kpi)
    assert in_steps["recent"].count(" ") == 12
    assert in_steps["status_since"] == week(10)

    mark_due([kpi.pk], after(20), dirty_from=week(1))
    evaluate_due(after(20), worker="test")
    assert state_of(kpi) == in_steps
