"""A person's own rhythm: the worst of a week's updates, by the day they first came."""

from datetime import UTC, date, datetime, timedelta

import pytest
import time_machine

from metrics.models import MeasurementRevision
from objectives.pages.week_owed import Week, my_key_results, owned_kpis
from objectives.pages.week_rhythm import your_rhythm
from tests.factories import (
    NOW,
    make_check_in,
    make_key_result,
    make_kpi,
    make_objective,
    make_value,
)

# The seven closed weeks before NOW's end on these Fridays.
FRIDAYS = [date(2026, 7, 3) + timedelta(weeks=n) for n in range(7)]


@pytest.fixture(autouse=True)
def _today():
    with time_machine.travel(NOW, tick=False):
        yield


def at(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, 12, tzinfo=UTC)


def rhythm_of(person):
    week = Week.of(person, NOW)
    return your_rhythm(week, owned_kpis(week), my_key_results(week))


@pytest.fixture
def row(team, bob):
    return make_key_result(make_objective(team=team), owner=bob)


def test_every_week_on_time(row, bob):
    for friday in FRIDAYS:
        make_check_in(row, bob, due_on=friday, made_at=at(friday))

    found = rhythm_of(bob)

    assert found.words == "7 of 7 weeks on time"
    assert found.label == "Last seven weeks: seven on time; this week open"
    assert found.figure.count('class="ok"') == 7
    assert found.figure.count('class="now"') == 1


def test_late_and_missed_weeks_are_told_apart(row, bob):
    for friday in FRIDAYS[:-2]:
        make_check_in(row, bob, due_on=friday, made_at=at(friday))
    # Five days after its Friday: past the three days of grace, before the next Friday.
    make_check_in(row, bob, due_on=FRIDAYS[-2], made_at=at(FRIDAYS[-2] + timedelta(days=5)))

    found = rhythm_of(bob)

    # The last Friday's is not in, and past its grace.
    assert found.label == "Last seven weeks: five on time, two late; this week open"
    assert found.words == "5 of 7 weeks on time"
    assert 'class="late"' in found.figure


def test_a_day_never_answered_is_missed_once_the_next_has_come(row, bob):
    for friday in FRIDAYS[1:]:
        make_check_in(row, bob, due_on=friday, made_at=at(friday))

    found = rhythm_of(bob)

    assert "six on time, one missed" in found.label
    assert found.figure.count('class="missed"') == 1


def test_a_correction_changes_nothing(row, bob):
    for friday in FRIDAYS:
        make_check_in(row, bob, due_on=friday, made_at=at(friday))
    last = row.check_ins.order_by("pk").last()
    make_check_in(row, bob, due_on=last.due_on, made_at=NOW, corrects=last)

    assert rhythm_of(bob).words == "7 of 7 weeks on time"


def test_a_value_counts_from_the_day_it_first_came(team, bob):
    kpi = make_kpi(team=team, cadence="weekly", owner=bob, starts_on=date(2026, 8, 3))
    value = make_value(kpi, date(2026, 8, 3), 5, recorded_at=at(date(2026, 8, 10)))
    before = rhythm_of(bob).figure

    MeasurementRevision.objects.create(
        kpi=kpi,
        day=value.day,
        identity="weekly",
        revision=0,
        value=4,
        recorded_at=at(date(2026, 8, 10)),
        replaced_at=NOW,
    )
    type(value).objects.filter(kpi=kpi).update(revision=1, recorded_at=NOW)

    assert before.count('class="ok"') == 1
    assert rhythm_of(bob).figure == before


def test_nothing_was_ever_due(bob):
    assert rhythm_of(bob) is None
