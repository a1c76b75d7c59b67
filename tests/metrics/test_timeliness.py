"""Whether an update came in time, to the day."""

from datetime import date, timedelta

import pytest

from metrics.timeliness import Timeliness, is_stale, timeliness

DUE, NEXT = date(2026, 7, 31), date(2026, 8, 31)
LONG_AFTER = date(2027, 1, 1)


@pytest.mark.parametrize(
    ("came_on", "grace", "verdict"),
    [
        (date(2026, 7, 1), 0, "on_time"),
        (DUE, 0, "on_time"),
        (date(2026, 8, 1), 0, "late"),
        (date(2026, 8, 5), 5, "on_time"),
        (date(2026, 8, 6), 5, "late"),
        (NEXT, 5, "late"),
        (date(2026, 9, 1), 5, "missed"),
    ],
)
def test_the_day_it_came_decides_whenever_one_looks(came_on, grace, verdict):
    for today in (came_on, LONG_AFTER):
        assert timeliness(DUE, NEXT, came_on=came_on, today=today, grace_days=grace) == Timeliness(
            verdict
        )


@pytest.mark.parametrize(
    ("today", "verdict"),
    [
        (date(2026, 7, 2), "not_due"),
        (date(2026, 8, 5), "not_due"),
        (date(2026, 8, 6), "late"),
        (NEXT, "late"),
        (date(2026, 9, 1), "missed"),
    ],
)
def test_what_has_not_come_is_late_after_its_grace_and_missed_after_the_next_is_due(today, verdict):
    assert timeliness(DUE, NEXT, came_on=None, today=today, grace_days=5) == verdict


def test_a_grace_as_long_as_the_rhythm_leaves_no_late():
    due = date(2026, 8, 3)
    one_day_grace = {
        late: timeliness(
            due,
            due + timedelta(days=1),
            came_on=due + timedelta(days=late),
            today=LONG_AFTER,
            grace_days=1,
        )
        for late in range(3)
    }
    assert one_day_grace == {0: "on_time", 1: "on_time", 2: "missed"}


def test_it_is_stale_from_the_day_after_the_grace_until_it_comes():
    last = date(2026, 8, 5)
    assert not is_stale(DUE, came_on=None, today=last, grace_days=5)
    assert is_stale(DUE, came_on=None, today=last + timedelta(days=1), grace_days=5)
    assert not is_stale(DUE, came_on=LONG_AFTER, today=LONG_AFTER, grace_days=5)


@pytest.mark.parametrize(("next_due", "grace"), [(DUE, 0), (NEXT, -1)])
def test_a_rhythm_that_goes_nowhere_is_refused(next_due, grace):
    with pytest.raises(ValueError, match="grace is not negative"):
        timeliness(DUE, next_due, came_on=None, today=DUE, grace_days=grace)
