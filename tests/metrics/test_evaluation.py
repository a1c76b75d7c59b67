"""The acceptance scenarios, through the database."""

from datetime import UTC, date, datetime

import pytest

from metrics.evaluation import evaluate_due
from metrics.due import mark_due
from metrics.models import Signal, SignalEvent
from teams.models import OutboxMessage
from tests.factories import make_kpi, make_value


def run(now):
    return evaluate_due(now, worker="test")


def test_three_months_off_open_one_signal_and_tell_owner_and_lead(alice, bob, team):
    kpi = make_kpi(team=team, target=8, owner=bob)
    for month, value in enumerate(["12.4", "12.6", "12.1"], start=1):
        make_value(kpi, date(2026, month, 1), value)
    now = datetime(2026, 4, 1, 6, tzinfo=UTC)
    mark_due([kpi.pk], now, dirty_from=None)
    print(run(now))
    signal = Signal.objects.get()
    assert signal.is_open
    print(signal.evidence)
    print(list(OutboxMessage.objects.values()))
    for _ in range(3):
        assert run(now).kpis == 0
    kpi.state.refresh_from_db()
    print(vars(kpi.state))
