"""The dashboard tells after how many periods a KPI signals as of the day it tells of."""

from datetime import date

import pytest
import time_machine

from metrics.policies import Own, write_own
from reviews.dashboards.kpis import read_kpis
from reviews.dashboards.scope import read_known, scope_of
from tests.factories import NOW, make_kpi, make_target

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _today():
    with time_machine.travel(NOW, tick=False):
        yield


def test_what_a_kpi_said_for_itself_then_counts(team, alice, django_assert_max_num_queries):
    kpi = make_kpi(team=team, patience=5, created_at=NOW.replace(month=1))
    later = [(date(2026, 6, 1), Own(patience=2)), (date(2026, 8, 1), Own(recovery=1))]
    kpi.policies = write_own(later)
    kpi.save()

    def told(day: date | None = None) -> int:
        scope = scope_of(alice, read_known(alice), NOW, on=day)
        with django_assert_max_num_queries(2):
            [fact] = read_kpis(scope, {} if day else None)
        return fact.patience

    days = (date(2026, 5, 31), date(2026, 6, 1), date(2026, 7, 31), None)
    assert [told(day) for day in days] == [5, 2, 2, 3]
    make_target(kpi, value=8, patience=9, effective_on=date(2026, 7, 1))
    assert [told(day) for day in days] == [9, 9, 9, 9]
