"""The simulator against real evaluations, and what it says of other terms."""

import random
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from metrics.episodes import Span
from metrics.evaluation import evaluate_kpis
from metrics.evaluation.simulating import compare, simulate
from metrics.models import Kpi, Signal
from metrics.policies import Terms, as_if_ever, read, write
from tests.factories import make_cadence, make_exclusion, make_kpi, make_target, make_value
from tests.metrics.test_policies_properties import some_terms
from tests.metrics.weeks import after, put, week, weekly_kpi

pytestmark = pytest.mark.django_db
TODAY = datetime(2026, 8, 18, 9, tzinfo=UTC)


def stored_raises(kpi) -> list[tuple]:
    """The stretches of the stored signals of a KPI: what evaluations raised."""
    return sorted(
        (span["first"], span["raised"], span["ended"] or "", span["severity"])
        for signal in Signal.objects.standing().filter(kpi=kpi, kind="off_target")
        for span in signal.spans
    )


def simulated_raises(spans) -> list[tuple]:
    return sorted(
        (one.first.isoformat(), one.raised.isoformat(), str(one.ended or ""), one.severity)
        for one in spans
    )


def some_history(rng, team) -> Kpi:
    cadence = make_cadence(
        "weekly",
        organisation=team.organisation,
        patience=rng.randint(1, 4),
        recovery=rng.randint(1, 3),
    )
    own = {"patience": rng.choice([None, None, 2]), "near_policy": rng.choice(["", "count"])}
    kpi = make_kpi(team=team, cadence=cadence, starts_on=date(2026, 1, 5), **own)
    make_target(kpi, value=Decimal(6), tolerance=rng.choice([None, Decimal(1)]))
    if rng.random() < 0.5:
        make_target(kpi, value=Decimal(5), effective_on=date(2026, 4, 6))
    for n in range(30):
        if rng.random() < 0.9:
            make_value(kpi, date(2026, 1, 5) + timedelta(weeks=n), rng.choice([3, 5, 6, 7, 9, 14]))
        if rng.random() < 0.05:
            make_exclusion(kpi, date(2026, 1, 5) + timedelta(weeks=n))
    return kpi


@pytest.mark.parametrize("seed", range(12))
def test_under_the_terms_in_force_it_lists_what_an_evaluation_stores(team, seed):
    rng = random.Random(seed)
    kpis = [some_history(rng, team) for _ in range(4)]
    evaluate_kpis([kpi.pk for kpi in kpis], TODAY)

    found = simulate([kpi.pk for kpi in kpis], TODAY)

    for kpi in kpis:
        assert simulated_raises(found[kpi.pk].present.raises) == stored_raises(kpi)
        assert found[kpi.pk].proposed == found[kpi.pk].present
    assert Signal.objects.exists()


@pytest.mark.parametrize("seed", range(12))
def test_under_proposed_terms_it_lists_what_an_evaluation_under_them_would_store(team, seed):
    rng = random.Random(seed)
    kpis = [some_history(rng, team) for _ in range(4)]
    terms = some_terms(rng)
    proposed = {kpi.cadence_id: as_if_ever(read(kpi.cadence.policies), None, terms) for kpi in kpis}
    found = simulate([kpi.pk for kpi in kpis], TODAY, proposed)
    assert not Signal.objects.exists()

    for kpi in kpis:
        kpi.cadence.policies = write(proposed[kpi.cadence_id])
        kpi.cadence.save()
    evaluate_kpis([kpi.pk for kpi in kpis], TODAY)
    for kpi in kpis:
        assert simulated_raises(found[kpi.pk].proposed.raises) == stored_raises(kpi)


def test_a_shorter_patience_raises_earlier_and_once_more():
    kpi = weekly_kpi(patience=3, recovery=1)
    put(kpi, "38 38 41 38 38 38 41")
    proposed = {kpi.cadence_id: as_if_ever((), None, Terms(patience=2, recovery=1))}

    one = simulate([kpi.pk], after(8), proposed)[kpi.pk]

    found = compare(one.present.raises, one.proposed.raises, date.min)
    assert [(a.raised, b.raised) for a, b in found.pairs] == [(week(6), week(5))]
    assert [span.raised for span in found.new] == [week(2)]
    assert found.gone == []
    back = compare(one.proposed.raises, one.present.raises, week(3))
    assert (back.new, back.gone) == ([], [])


def test_a_team_with_terms_of_its_own_keeps_them(team):
    kpi = weekly_kpi(patience=2, recovery=1, team=team)
    put(kpi, "38 38 38 41")
    entries = as_if_ever((), team.pk, Terms(patience=3, recovery=1))
    proposed = as_if_ever(entries, None, Terms(patience=1, recovery=1))
    one = simulate([kpi.pk], after(5), {kpi.cadence_id: proposed})[kpi.pk]
    assert [s.raised for s in one.present.raises] == [week(2)]
    assert [s.raised for s in one.proposed.raises] == [week(3)]


def test_it_asks_the_same_for_one_kpi_and_for_many(team, django_assert_num_queries):
    kpis = [weekly_kpi(team=team) for _ in range(12)]
    for kpi in kpis:
        put(kpi, "38 38")
    ids = [kpi.pk for kpi in kpis]
    proposed = {kpi.cadence_id: as_if_ever((), None, Terms(patience=1)) for kpi in kpis}
    for chosen in (ids[:1], ids):
        with django_assert_num_queries(14):
            simulate(chosen, after(3), proposed)


def span(first, raised, until=None) -> Span:
    return Span(
        week(first), week(raised), until and week(until), until and week(until), None, "", 0
    )


def test_raises_are_matched_one_to_one_by_their_stretches():
    present = [span(1, 3, 5), span(8, 9, 10), span(20, 22)]
    proposed = [span(1, 2, 5), span(5, 6, 8), span(21, 21)]
    found = compare(present, proposed, week(2))
    assert [(a.raised, b.raised) for a, b in found.pairs] == [
        (week(3), week(2)),
        (week(22), week(21)),
    ]
    assert [one.raised for one in found.new] == [week(6)]
    assert [one.raised for one in found.gone] == [week(9)]
    late = compare(present, proposed, week(10))
    assert (len(late.pairs), late.new, late.gone) == (1, [], [])
