"""The hourly job keeps quarters ahead and their states with the calendar."""

from datetime import UTC, datetime

import time_machine

from objectives.models import Cycle
from objectives.tasks import advance_cycles


def test_quarters_are_made_ahead_and_moved_on(organisation):
    with time_machine.travel(datetime(2026, 8, 18, 9, tzinfo=UTC), tick=False):
        advance_cycles()
        advance_cycles()
    quarters = Cycle.objects.filter(kind="quarter")
    names = list(quarters.values_list("name", "state"))
    assert names[0] == ("Q3 2026", "active")
    assert [state for _, state in names[1:]] == ["prepare"] * 4

    with time_machine.travel(datetime(2026, 10, 1, 9, tzinfo=UTC), tick=False):
        advance_cycles()
    assert list(quarters.all().values_list("name", "state"))[:2] == [
        ("Q3 2026", "closing"),
        ("Q4 2026", "active"),
    ]
