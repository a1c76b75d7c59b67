"""How KPIs stood, told from their last periods, is what a replay of all of them finds."""

from datetime import UTC, date, datetime, timedelta
from random import Random

import pytest
import time_machine

from metrics.evaluation import evaluate_kpis
from metrics.evaluation.loading import load_subjects
from metrics.models import CadenceChange, Kpi, KpiState, MeasurementRevision
from metrics.policies import Own, write_own
from reviews.dashboards import kpis_then
from reviews.dashboards.facts import length_of
from reviews.dashboards.kpis import state_of
from tests.factories import (
    NOW,
    make_cadence,
    make_exclusion,
    make_kpi,
    make_source,
    make_target,
    make_value,
)

pytestmark = [pytest.mark.django_db]
DAY = timedelta(days=1)
DAYS = [1, 2, 6, 9, 20, 45, 70, 100, 160, 300]
STARTS = {"weekly": date(2025, 12, 1), "monthly": date(2025, 1, 1), "daily": date(2026, 6, 15)}


@pytest.fixture(autouse=True)
def then():
    with time_machine.travel(NOW, tick=False):
        yield


def ends(kind: str, day: date) -> date:
    if kind == "monthly":
        return (day + 31 * DAY).replace(day=1)
    return day + (7 if kind == "weekly" else 1) * DAY


def a_kpi(rng: Random, team, cadences, source) -> Kpi:
    """One with holes, late values, corrections, exclusions, and long runs of one status."""
    kind = rng.choice(list(STARTS))
    grace = rng.choice([0, 0, 3])
    starts_on = STARTS[kind] if rng.random() < 0.8 else date(2026, 6, 1)
    kpi = make_kpi(
        team=team,
        cadence=cadences[kind],
        definition="" if rng.random() < 0.1 else "What is counted.",
        source=source,
        starts_on=starts_on,
        grace_days=grace,
        settle_days=rng.choice([0, 0, 2]) if grace else 0,
        stale_after=rng.choice([2, 2, 4]),
        policies=later_rules(rng) if rng.random() < 0.2 else "",
    )
    if rng.random() < 0.85:
        accumulates = "yearly" if kind == "monthly" and rng.random() < 0.2 else ""
        make_target(kpi, value=50, tolerance=rng.choice([None, 2]), accumulates=accumulates)
    calm = rng.random() < 0.5
    heard = rng.choice([1, 0.85, 0.3])
    day = starts_on
    while ends(kind, day) <= NOW.date():
        if rng.random() < heard:
            over = ends(kind, day)
            at = datetime(over.year, over.month, over.day, 6, tzinfo=UTC)
            if rng.random() < 0.1:
                at += rng.randint(1, 30) * DAY
            value = 40 if calm else rng.randint(44, 56)
            if rng.random() < 0.05:
                revised(kpi, kind, day, at)
                at += 9 * DAY
            if at < NOW:
                make_value(kpi, day, value, recorded_at=at, source=source)
        elif rng.random() < 0.2:
            make_exclusion(kpi, day)
        day = ends(kind, day)
    return kpi


def later_rules(rng: Random) -> str:
    """What a KPI says for itself from some days on."""
    days = sorted(NOW.date() - rng.randint(0, 400) * DAY for _ in range(rng.randint(1, 2)))
    return write_own(
        (day, Own(grace_days=rng.choice([None, 0, 3]), stale_after=rng.choice([1, 2, 4])))
        for day in days
    )


def revised(kpi: Kpi, kind: str, day: date, at: datetime) -> None:
    MeasurementRevision.objects.create(
        kpi=kpi,
        day=day,
        identity=kind,
        revision=1,
        value=57,
        recorded_at=at,
        replaced_at=at + 9 * DAY,
    )


def told(stood, kind: str) -> tuple:
    """What a page tells of it."""
    state = state_of(stood.recent, is_stale=stood.is_stale, is_judged=True)
    length = length_of(stood.recent, state, stood.status_since, kind, 1)
    return stood.recent, stood.is_stale, state, length if state != "on_target" else 0


@pytest.mark.parametrize("seed", range(3))
def test_the_last_periods_tell_what_all_of_them_do(team, seed):
    rng = Random(seed)
    source = make_source(team=team)
    cadences = {kind: make_cadence(kind, organisation=team.organisation) for kind in STARTS}
    kpis = {one.pk: one for one in (a_kpi(rng, team, cadences, source) for _ in range(40))}
    changed = rng.choice([pk for pk, one in kpis.items() if one.cadence.kind == "weekly"])
    for name, day in (("daily", date(2025, 12, 1)), ("weekly", date(2026, 3, 2))):
        CadenceChange.objects.create(
            kpi=kpis[changed], cadence=cadences[name], effective_on=day, created_at=NOW
        )
    evaluate_kpis(list(kpis), NOW)
    KpiState.objects.filter(kpi=rng.choice(list(kpis))).update(dirty_from=date(2026, 1, 5))
    quick = 0
    for back in DAYS:
        day = NOW.date() - back * DAY
        moment = datetime(day.year, day.month, day.day, 21, 59, 59, tzinfo=UTC)
        subjects = {pk: one for pk, one in load_subjects(list(kpis), moment).items() if one.plan}
        whole = kpis_then.replayed(subjects, moment)
        expected = {pk: told(one, kpis[pk].cadence.kind) for pk, one in whole.items()}
        found = kpis_then.stood_at(list(kpis), moment)
        assert {pk: told(one, kpis[pk].cadence.kind) for pk, one in found.items()} == expected
        quick += len(kpis_then.by_last_periods(subjects, moment))
    assert quick > 0.4 * len(DAYS) * len(kpis)
