"""Two people write one value at once: one is kept, the other hears of it; nothing is lost."""

import threading
from datetime import date
from decimal import Decimal

import pytest

from metrics.actions import ValueChanged, correct_value, record_value
from metrics.models import Kpi, Measurement, MeasurementRevision
from metrics.periods import period_of
from tests.factories import NOW, join, make_kpi, make_team, make_user, make_value
from tests.objectives.test_races import at_once

pytestmark = pytest.mark.django_db(transaction=True)
JULY = period_of(date(2026, 7, 1), "monthly")


@pytest.fixture
def kpi(db):
    return make_kpi(team=make_team(), target="8")


@pytest.fixture
def people(kpi):
    return [
        join(kpi.team, make_user(name, organisation=kpi.team.organisation))
        for name in ("Alice Moreau", "Bob Tanaka")
    ]


def whole(kpi):
    return Kpi.objects.select_related("team__organisation", "source").get(pk=kpi.pk)


def test_of_two_first_values_one_is_kept_and_the_other_is_told(kpi, people):
    def record(person, value):
        return lambda: record_value(whole(kpi), JULY, Decimal(value), actor=person, now=NOW)

    found = at_once(record(people[0], "8.1"), record(people[1], "8.9"))

    row = Measurement.objects.get(kpi=kpi)
    lost = [one for one in found if isinstance(one, ValueChanged)]
    assert len(lost) == 1
    assert lost[0].current.value == row.value
    assert row.revision == 0


def test_of_two_corrections_one_is_kept_and_the_other_is_told(kpi, people):
    make_value(kpi, JULY.start, "8.3")

    def correct(person, value):
        return lambda: correct_value(
            whole(kpi), JULY, Decimal(value), revision=0, reason="x", actor=person, now=NOW
        )

    found = at_once(correct(people[0], "8.1"), correct(people[1], "8.9"))

    assert sum(isinstance(one, ValueChanged) for one in found) == 1
    assert MeasurementRevision.objects.get(kpi=kpi).value == Decimal("8.3")
    assert Measurement.objects.get(kpi=kpi).revision == 1


def test_without_the_lock_one_of_two_corrections_is_lost(kpi):
    """The control: reading first and writing later, as the action would without its lock."""
    make_value(kpi, JULY.start, "8.3")
    both_have_read = threading.Barrier(2)

    def careless(value):
        def job():
            seen = Measurement.objects.get(kpi=kpi).revision
            both_have_read.wait(10)
            Measurement.objects.filter(kpi=kpi).update(value=Decimal(value), revision=seen + 1)
            return True

        return job

    found = at_once(careless("8.1"), careless("8.9"))

    assert found == [True, True]
    assert Measurement.objects.get(kpi=kpi).revision == 1
