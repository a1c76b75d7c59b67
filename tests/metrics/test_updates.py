"""How many of the latest values came in time, from what is stored."""

from datetime import UTC, date, datetime

import pytest

from metrics.actions import correct_value
from metrics.models import Measurement
from metrics.periods import period_of
from metrics.updates import Asked, updates
from tests.factories import NOW, make_kpi, make_value

pytestmark = pytest.mark.django_db

JULY = date(2026, 7, 1)
TODAY = date(2026, 8, 19)


@pytest.fixture
def kpi(team):
    return make_kpi(team=team, target=8, grace_days=5)


def at(day, hour=12):
    return datetime(2026, 8, day, hour, tzinfo=UTC)


def verdict(kpi, *, start=JULY, today=TODAY):
    found = updates([Asked(kpi.pk, start, "monthly", 5)], kpi.team.organisation, today)
    (only,) = [str(verdict) for verdict, count in found.items() if count]
    return only


@pytest.mark.parametrize(
    ("came", "said"),
    [
        (at(1), "on_time"),
        # Paris is two hours ahead: 21:59 UTC is still the fifth, the last day of grace.
        (at(5, 21), "on_time"),
        (at(5, 22), "late"),
        (at(19), "late"),
    ],
)
def test_the_local_day_it_was_recorded_decides(kpi, came, said):
    kpi.team.organisation.time_zone = "Europe/Paris"
    kpi.team.organisation.save()
    make_value(kpi, JULY, 7, recorded_at=came)

    assert verdict(kpi) == said


def test_a_correction_is_not_late(kpi, alice):
    make_value(kpi, JULY, 7, recorded_at=at(2))
    for revision, value in enumerate((8, 9)):
        correct_value(
            kpi,
            period_of(JULY, "monthly"),
            value,
            revision=revision,
            reason="Late export",
            actor=alice,
            now=NOW,
        )

    assert Measurement.objects.get().recorded_at == NOW
    assert verdict(kpi) == "on_time"


def test_what_never_came_is_missed_after_the_next_was_due(kpi):
    make_value(kpi, date(2026, 8, 1), 7, recorded_at=at(1))

    assert verdict(kpi) == "late"
    assert verdict(kpi, today=date(2026, 9, 1)) == "missed"


def test_the_first_of_several_readings_counts_and_a_withdrawn_one_does_not(kpi):
    make_value(kpi, date(2026, 7, 3), None, identity="", recorded_at=at(1))
    assert verdict(kpi) == "late"
    make_value(kpi, date(2026, 7, 9), 3, identity="", recorded_at=at(9))
    assert verdict(kpi) == "late"
    make_value(kpi, date(2026, 7, 31), 3, identity="", recorded_at=at(4))
    assert verdict(kpi) == "on_time"


def test_it_is_one_query_for_any_number_and_none_without(team, kpi, django_assert_num_queries):
    others = [kpi, *(make_kpi(team=team) for _ in range(4))]
    for place, one in enumerate(others):
        make_value(one, JULY, 7, recorded_at=at(2 + 3 * (place % 2)))
    asked = [Asked(one.pk, JULY, "monthly", 3) for one in others]
    with django_assert_num_queries(1):
        found = updates(asked, team.organisation, TODAY)
    assert (found["on_time"], found["late"]) == (3, 2)
    with django_assert_num_queries(0):
        assert not any(updates([], team.organisation, TODAY).values())
