"""The demo organisation tells its story with the app's own actions, and ends today."""

from datetime import UTC, datetime

import pytest

from metrics.models import KpiState, Signal
from objectives.models import Objective
from reviews.demo import create_demo
from teams.models import InboxItem


@pytest.mark.django_db
@pytest.mark.parametrize(
    "now",
    [
        datetime(2026, 11, 22, 9, tzinfo=UTC),
        datetime(2027, 1, 1, 0, 30, tzinfo=UTC),
        datetime(2028, 2, 29, 23, 30, tzinfo=UTC),
    ],
    ids=["an ordinary day", "the first minutes of a year", "a leap day"],
)
def test_the_demo_stands_as_told_whatever_the_day(now):
    create_demo(now)

    phases = dict(KpiState.objects.values_list("kpi__name", "phase"))
    assert phases["Monthly churn rate"] == "recovering"
    assert phases["Net Promoter Score"] == "raised"
    assert phases["Customer acquisition cost"] == "raised"
    assert phases["Deployment frequency"] == "watching"
    decisions = dict(Signal.objects.values_list("kpi__name", "decision"))
    assert decisions["Net Promoter Score"] == ""
    assert decisions["Customer acquisition cost"] == "okr"
    assert decisions["Deployment frequency"] == "dismiss"
    churn = Objective.objects.get(signal__kpi__name="Monthly churn rate")
    assert (churn.state, str(churn.grade)) == ("closed", "0.9")
    assert churn.signal.treatment.choice == "own"
    assert Signal.objects.open().filter(kind="data_stale").count() == 1
    assert InboxItem.objects.filter(recipient__name="Alice Moreau").exists()
    assert not KpiState.objects.filter(due_at__lte=now).exists()
