from datetime import date
from itertools import pairwise

import pytest
from django.db import IntegrityError, transaction

from objectives.actions import advance_cycles, cycle_holding, ensure_cycles
from objectives.models import Cycle
from tests.factories import make_organisation

pytestmark = pytest.mark.django_db
TODAY = date(2026, 8, 18)


def test_the_quarter_of_today_and_four_ahead_are_made_once():
    organisation = make_organisation()
    ensure_cycles(organisation, TODAY)
    ensure_cycles(organisation, TODAY)
    names = list(Cycle.objects.of(organisation).values_list("name", flat=True))
    assert names == ["Q3 2026", "Q4 2026", "Q1 2027", "Q2 2027", "Q3 2027"]


def test_quarters_follow_each_other_without_gap_or_overlap():
    organisation = make_organisation(fiscal_start_month=2)
    cycles = ensure_cycles(organisation, TODAY)
    assert cycles[0].starts_on == date(2026, 8, 1)
    for one, following in pairwise(cycles):
        assert (following.starts_on - one.ends_on).days == 1


def test_a_cycle_becomes_active_on_its_first_day_and_closing_after_its_last():
    organisation = make_organisation()
    first = ensure_cycles(organisation, TODAY)[0]
    assert first.state == "active"
    advance_cycles(organisation, date(2026, 9, 30))
    first.refresh_from_db()
    assert first.state == "active"
    advance_cycles(organisation, date(2026, 10, 1))
    first.refresh_from_db()
    assert first.state == "closing"
    assert cycle_holding(organisation, date(2026, 10, 1)).state == "active"


def test_states_never_go_back():
    organisation = make_organisation()
    ensure_cycles(organisation, date(2026, 10, 1))
    ensure_cycles(organisation, TODAY)
    states = dict(Cycle.objects.of(organisation).values_list("name", "state"))
    assert (states["Q3 2026"], states["Q4 2026"]) == ("active", "active")


def test_two_cycles_cannot_begin_on_one_day():
    organisation = make_organisation()
    ensure_cycles(organisation, TODAY)
    with pytest.raises(IntegrityError), transaction.atomic():
        Cycle.objects.create(
            organisation=organisation,
            name="Again",
            starts_on=date(2026, 7, 1),
            ends_on=date(2026, 8, 1),
        )
