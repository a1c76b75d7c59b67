from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

import pytest
from django.db import IntegrityError, transaction

from objectives.actions import advance_cycles, cycle_holding, ensure_cycles
from objectives.models import Cycle
from tests.factories import make_objective, make_organisation, make_team

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 8, 18, 9, tzinfo=UTC)


def noon(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, 12, tzinfo=UTC)


def names(organisation, kind: str) -> list[str]:
    return list(Cycle.objects.of(organisation).filter(kind=kind).values_list("name", flat=True))


def test_the_quarter_of_today_and_four_ahead_are_made_once_with_their_years():
    organisation = make_organisation()
    ensure_cycles(organisation, NOW)
    ensure_cycles(organisation, NOW)
    assert names(organisation, "quarter") == ["Q3 2026", "Q4 2026", "Q1 2027", "Q2 2027", "Q3 2027"]
    assert names(organisation, "year") == ["2026", "2027"]


def test_a_year_may_be_divided_into_stretches_of_four_months():
    organisation = make_organisation(cycle_scheme="four_month", fiscal_start_month=7)
    cycles = ensure_cycles(organisation, NOW)
    assert [cycle.name for cycle in cycles[:3]] == ["FY2027-T1", "FY2027-T2", "FY2027-T3"]
    assert (cycles[0].starts_on, cycles[0].ends_on) == (date(2026, 7, 1), date(2026, 10, 31))
    assert names(organisation, "quarter") == []


def test_quarters_follow_each_other_without_gap_or_overlap():
    organisation = make_organisation(fiscal_start_month=2)
    cycles = ensure_cycles(organisation, NOW)
    assert cycles[0].starts_on == date(2026, 8, 1)
    for one, following in pairwise(cycles):
        assert (following.starts_on - one.ends_on).days == 1


def test_a_cycle_becomes_active_on_its_first_day_and_closing_after_its_last():
    organisation = make_organisation()
    first, second = ensure_cycles(organisation, NOW)[:2]
    assert first.state == "active"
    advance_cycles(organisation, noon(date(2026, 9, 30)))
    first.refresh_from_db()
    assert first.state == "active"
    advance_cycles(organisation, noon(date(2026, 10, 1)))
    first.refresh_from_db()
    second.refresh_from_db()
    assert (first.state, second.state) == ("closing", "active")
    assert cycle_holding(organisation, date(2026, 10, 1)) == second


def test_a_cycle_closes_after_the_days_for_late_updates():
    organisation = make_organisation(closing_days=14)
    first = ensure_cycles(organisation, NOW)[0]
    last_day = date(2026, 9, 30) + timedelta(days=14)
    advance_cycles(organisation, noon(last_day))
    first.refresh_from_db()
    assert first.state == "closing"
    advance_cycles(organisation, noon(last_day + timedelta(days=1)))
    first.refresh_from_db()
    assert (first.state, first.closed_at) == ("closed", noon(last_day + timedelta(days=1)))


def test_a_cycle_with_an_active_objective_stays_closing():
    organisation = make_organisation()
    first = ensure_cycles(organisation, NOW)[0]
    make_objective(team=make_team(organisation=organisation), cycle=first)
    advance_cycles(organisation, noon(date(2026, 12, 1)))
    first.refresh_from_db()
    assert first.state == "closing"


def test_states_never_go_back():
    organisation = make_organisation()
    ensure_cycles(organisation, noon(date(2026, 10, 1)))
    ensure_cycles(organisation, NOW)
    states = dict(Cycle.objects.of(organisation).values_list("name", "state"))
    assert (states["Q3 2026"], states["Q4 2026"]) == ("active", "active")


def test_two_cycles_of_a_kind_cannot_begin_on_one_day():
    organisation = make_organisation()
    ensure_cycles(organisation, NOW)
    with pytest.raises(IntegrityError), transaction.atomic():
        Cycle.objects.create(
            organisation=organisation,
            name="Again",
            starts_on=date(2026, 7, 1),
            ends_on=date(2026, 8, 1),
        )


@pytest.mark.parametrize("month", [2, 4, 6, 12])
def test_another_fiscal_month_makes_no_cycle_over_those_that_are_there(month):
    organisation = make_organisation()
    before = ensure_cycles(organisation, NOW)
    organisation.fiscal_start_month = month
    organisation.save()

    ensure_cycles(organisation, NOW)
    for day in (date(2027, 2, 1), date(2027, 12, 1), date(2028, 9, 1)):
        ensure_cycles(organisation, noon(day))

    for kind in ("quarter", "year"):
        rows = list(Cycle.objects.of(organisation).filter(kind=kind))
        for one, following in pairwise(rows):
            assert following.starts_on == one.ends_on + timedelta(days=1)
    assert set(before) <= set(Cycle.objects.all())
    assert rows[-1].starts_on.month == month


def test_a_name_that_is_taken_does_not_stop_the_calendar():
    organisation = make_organisation(fiscal_start_month=4)
    ensure_cycles(organisation, NOW)
    Cycle.objects.create(
        organisation=organisation,
        kind="custom",
        name="FY2028-Q3",
        starts_on=date(2026, 9, 1),
        ends_on=date(2026, 9, 30),
    )
    cycles = ensure_cycles(organisation, noon(date(2027, 4, 1)))
    assert "FY2028-Q3 from Oct 2027" in [cycle.name for cycle in cycles]


def test_another_scheme_leaves_the_quarters_as_they_were():
    organisation = make_organisation()
    quarters = ensure_cycles(organisation, NOW)
    organisation.cycle_scheme = "four_month"
    organisation.save()
    stretches = ensure_cycles(organisation, NOW)
    assert [one.kind for one in stretches] == ["four_month"] * 4
    assert list(Cycle.objects.of(organisation).filter(kind="quarter")) == quarters
