"""Replayed episodes against stored signals, row by row (signals.md 9 and 10)."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from metrics.judging import Target, compile_targets
from metrics.muting import Acceptance, acceptance_ended_by, is_muted
from metrics.periods import timeline
from metrics.reconcile import needs_verdicts, reconcile
from metrics.replay import OFF_KIND, STALE_KIND, Episode, Settings, Span, replay
from metrics.signal_changes import StoredSignal, snoozed

START = date(2026, 6, 1)
MUTED = frozenset({OFF_KIND})


def week(number):
    return START + timedelta(days=7 * (number - 1))


def span(first, raised, ended=None, severity="minor", reason="recovered"):
    until = None if ended is None else week(ended + 1)
    closed = None if ended is None else week(ended)
    return Span(week(first), week(raised), closed, until, reason if ended else None, severity, 1)


def episode(*spans, kind=OFF_KIND):
    return Episode(kind, spans)


def signal(*spans, kind=OFF_KIND, told=True, **over):
    return StoredSignal(over.pop("id", 1), kind, spans, told=told, **over)


def stored_after(stored, changes):
    """The signals that are not retracted after the changes were written."""
    kept = {one.id: one for one in stored}
    for change in changes:
        identity = change.signal.id or max([0, *kept]) + 1
        kept[identity] = replace(change.signal, id=identity)
    return [one for one in kept.values() if one.retracted is None]


def events(changes):
    return [(one.type, one.reason, one.told) for change in changes for one in change.events]


def reconciled(episodes, stored, **options):
    """The changes, after checking that asking again gives none."""
    changes = reconcile(episodes, stored, **options)
    assert reconcile(episodes, stored_after(stored, changes), **options) == []
    return changes


OPEN = span(1, 2)
ENDED = span(1, 2, 6)


@pytest.mark.parametrize(
    ("replayed", "stored", "expected"),
    [
        ([episode(OPEN)], [], [("raised", None, True)]),
        ([episode(ENDED)], [], [("recorded", "recovered", False)]),
        ([episode(ENDED)], [signal(OPEN)], [("resolved", "recovered", True)]),
        ([episode(ENDED)], [signal(OPEN, told=False)], [("resolved", "recovered", False)]),
        ([episode(ENDED, span(8, 9))], [signal(ENDED)], [("reopened", "relapse", True)]),
        ([episode(OPEN)], [signal(ENDED)], [("reopened", "data_corrected", True)]),
        ([episode(OPEN)], [signal(OPEN)], []),
        ([episode(span(1, 2, severity="major"))], [signal(OPEN)], [("escalated", None, True)]),
        ([episode(OPEN)], [signal(span(1, 2, severity="major"))], []),
        ([episode(ENDED)], [signal(span(1, 2, 5))], []),
        ([], [signal(OPEN)], [("retracted", "data_corrected", True)]),
        ([], [signal(OPEN, told=False)], [("retracted", "data_corrected", False)]),
        ([], [signal(ENDED)], [("retracted", "data_corrected", False)]),
        ([], [signal(OPEN, has_okr=True)], [("evidence_changed", "data_corrected", True)]),
        ([], [signal(ENDED, has_okr=True)], [("evidence_changed", "data_corrected", True)]),
    ],
)
def test_each_row_of_the_table_gives_its_event_and_only_once(replayed, stored, expected):
    assert events(reconciled(replayed, stored)) == expected


def test_one_replayed_over_several_stored_keeps_the_first_and_merges_the_others():
    stored = [signal(span(1, 2, 3), id=7), signal(span(5, 6), id=8)]
    changes = reconciled([episode(span(1, 2))], stored)
    assert sorted(events(changes)) == [
        ("reopened", "data_corrected", True),
        ("retracted", "merged", False),
    ]
    # What ends comes first, so that two are never open at once.
    assert [change.signal.id for change in changes] == [8, 7]
    assert changes[0].signal.merged_into == 7


def test_the_kept_signal_takes_over_the_okr_of_the_merged_one():
    stored = [
        signal(span(1, 2, 3), id=7, dismissed=True),
        signal(span(5, 6), id=8, has_okr=True, reminder_due=False),
    ]
    changes = reconciled([episode(span(1, 2))], stored, in_treatment=True)
    kept = changes[-1].signal
    assert (kept.id, kept.heir_of, kept.has_okr, kept.dismissed) == (7, 8, True, False)
    assert [one.suggests for change in changes for one in change.events] == [False, False]


@pytest.mark.parametrize(
    ("own", "other", "heir_of"),
    [
        (None, None, None),
        ("closed", None, None),
        ("running", "closed", None),
        ("running", "running", None),
        ("closed", "running", 8),
        ("closed", "closed later", 8),
        ("closed later", "closed", None),
    ],
)
def test_of_two_okrs_a_running_one_counts_and_then_the_last(own, other, heir_of):
    okr = {
        None: {},
        "running": {"has_okr": True},
        "closed": {"has_okr": True, "okr_closed_on": week(7), "resuggested": True},
        "closed later": {"has_okr": True, "okr_closed_on": week(8), "resuggested": True},
    }
    stored = [signal(span(1, 2, 3), id=7, **okr[own]), signal(span(5, 6), id=8, **okr[other])]
    changes = reconciled([episode(span(1, 2))], stored)
    assert changes[-1].signal.heir_of == heir_of
    assert changes[-1].signal.okr_closed_on == okr[other if heir_of else own].get("okr_closed_on")


def test_a_stored_signal_that_is_split_stands_for_the_earliest_part():
    changes = reconciled([episode(span(5, 6)), episode(span(1, 2, 3))], [signal(OPEN, id=7)])
    assert events(changes) == [("resolved", "recovered", True), ("raised", None, True)]
    assert [change.signal.id for change in changes] == [7, None]


def test_ranges_that_only_touch_do_not_overlap():
    changes = reconciled([episode(span(4, 5))], [signal(span(1, 2, 3))], since=week(4))
    assert events(changes) == [("raised", None, True)]


def test_kinds_are_never_matched_with_each_other():
    changes = reconciled([episode(OPEN, kind=STALE_KIND)], [signal(OPEN)])
    assert sorted(events(changes)) == [
        ("raised", None, True),
        ("retracted", "data_corrected", True),
    ]


def test_a_signal_that_ended_before_the_walk_is_settled():
    assert reconcile([], [signal(ENDED)], since=week(7)) == []
    assert events(reconcile([], [signal(ENDED)], since=week(6))) == [
        ("retracted", "data_corrected", False)
    ]


def test_an_update_in_place_has_no_events_but_stores_the_new_periods():
    grown = span(1, 2)._replace(off_periods=4)
    (change,) = reconciled([episode(grown)], [signal(OPEN)])
    assert change.events == ()
    assert change.signal.spans == (grown,)


def test_a_relapse_whose_recovery_also_moved_is_still_a_relapse():
    replayed = [episode(span(1, 2, 4), span(5, 7))]
    assert events(reconciled(replayed, [signal(ENDED)])) == [("reopened", "relapse", True)]


def test_evidence_that_came_back_can_vanish_and_be_told_again():
    stored = [signal(OPEN, has_okr=True)]
    stored = stored_after(stored, reconcile([], stored))
    assert stored[0].evidence_changed
    stored = stored_after(stored, reconcile([episode(OPEN)], stored))
    assert not stored[0].evidence_changed
    assert events(reconcile([], stored)) == [("evidence_changed", "data_corrected", True)]


# -- snooze, acceptance, dismissal --------------------------------------------------------------


def test_a_raise_inside_a_snooze_is_untold_and_one_reminder_follows():
    raised = reconciled([episode(OPEN)], [], muted=MUTED)
    assert events(raised) == [("raised", None, False)]
    stored = stored_after([], raised)
    after = reconciled([episode(OPEN)], stored)
    assert events(after) == [("reminder", None, True)]
    stored = stored_after(stored, after)
    assert events(reconciled([episode(ENDED)], stored)) == [("resolved", "recovered", True)]


def test_an_episode_that_began_and_ended_inside_a_snooze_is_never_told():
    stored = stored_after([], reconcile([episode(OPEN)], [], muted=MUTED))
    ended = reconciled([episode(ENDED)], stored, muted=MUTED)
    assert events(ended) == [("resolved", "recovered", False)]
    assert reconcile([episode(ENDED)], stored_after(stored, ended)) == []


def test_an_untold_raise_that_ends_at_the_first_evaluation_after_the_snooze_is_untold():
    stored = stored_after([], reconcile([episode(OPEN)], [], muted=MUTED))
    assert events(reconciled([episode(ENDED)], stored)) == [("resolved", "recovered", False)]


def test_a_told_signal_that_a_person_snoozed_is_reminded_of_once():
    stored = [snoozed(signal(OPEN))]
    assert reconciled([episode(OPEN)], stored, muted=MUTED) == []
    assert events(reconciled([episode(OPEN)], stored)) == [("reminder", None, True)]


def test_an_escalation_inside_a_snooze_is_recorded_untold():
    worse = episode(span(1, 2, severity="critical"))
    assert events(reconciled([worse], [signal(OPEN)], muted=MUTED)) == [("escalated", None, False)]


def test_a_dismissed_signal_is_silent_until_it_ends_and_a_relapse_speaks_again():
    stored = [signal(OPEN, dismissed=True)]
    worse = episode(span(1, 2, severity="critical"))
    assert events(reconciled([worse], stored)) == [("escalated", None, False)]
    ended = reconciled([episode(ENDED)], stored)
    assert events(ended) == [("resolved", "recovered", False)]
    stored = stored_after(stored, ended)
    again = reconciled([episode(ENDED, span(8, 9))], stored)
    assert events(again) == [("reopened", "relapse", True)]
    assert not again[0].signal.dismissed


def test_a_dismissal_outlives_a_recovery_that_vanished():
    changes = reconciled([episode(OPEN)], [signal(ENDED, dismissed=True)])
    assert events(changes) == [("reopened", "data_corrected", False)]
    assert changes[0].signal.dismissed
    assert not changes[0].events[0].suggests


NOON = datetime(2026, 6, 10, 12, tzinfo=UTC)


def verdicts(series, target=40, direction="higher_is_better", patience=2, excluded=(), **over):
    values = {week(n): Decimal(value) for n, value in enumerate(series, start=1) if value}
    numbers = over or {"target": Decimal(target)}
    compiled = compile_targets(direction, [Target(START, **numbers)], patience=patience, recovery=2)
    today = week(len(series) + 1)
    return replay(
        Settings(patience=patience),
        timeline(START, "weekly"),
        compiled,
        values,
        excluded,
        today,
        want_verdicts=True,
    ).verdicts


@pytest.mark.parametrize(
    ("until", "muted"),
    [
        (NOON, False),
        (NOON + timedelta(microseconds=1), True),
        (NOON - timedelta(days=1), False),
        (None, False),
    ],
)
def test_a_snooze_lasts_until_its_moment(until, muted):
    assert is_muted(NOON, until, None, "lower_is_better", []) is muted


@pytest.mark.parametrize(
    ("direction", "numbers", "series", "ended_by"),
    [
        ("higher_is_better", {"target": Decimal(40)}, [39, 38, 38], None),
        ("higher_is_better", {"target": Decimal(40)}, [39, 37, 38], 2),
        ("lower_is_better", {"target": Decimal(30)}, [39, 38, 38], 1),
        ("lower_is_better", {"target": Decimal(30)}, [38, None, 38], None),
        ("in_range", {"low": Decimal(40), "high": Decimal(50)}, [52, 38, 50], None),
        ("in_range", {"low": Decimal(40), "high": Decimal(50)}, [52, 53, 50], 2),
    ],
)
def test_an_acceptance_ends_at_the_first_value_worse_than_its_level(
    direction, numbers, series, ended_by
):
    judged = verdicts(series, direction=direction, **numbers)
    acceptance = Acceptance(Decimal(38), date(2026, 12, 31), START)
    found = acceptance_ended_by(acceptance, direction, judged)
    assert (found and found.period.start) == (ended_by and week(ended_by))
    assert is_muted(NOON, None, acceptance, direction, judged) is (ended_by is None)


def test_an_acceptance_ends_at_the_first_judged_period_that_ends_after_its_date():
    judged = verdicts([39, 39, 39])
    sunday = week(3) - timedelta(days=1)
    assert (
        acceptance_ended_by(Acceptance(Decimal(1), sunday, START), "higher_is_better", judged[:2])
        is None
    )
    on_saturday = Acceptance(Decimal(1), sunday - timedelta(days=1), START)
    found = acceptance_ended_by(on_saturday, "higher_is_better", judged)
    assert found.period.start == week(2)


def test_an_acceptance_does_not_look_at_periods_judged_before_it_was_given():
    judged = verdicts([10, 39])
    acceptance = Acceptance(Decimal(38), date(2026, 12, 31), week(2))
    assert acceptance_ended_by(acceptance, "higher_is_better", judged) is None


def test_an_acceptance_passes_over_an_excluded_period_however_bad_or_late_it_is():
    judged = verdicts([39, 10, 39], excluded={week(2)})
    sunday = week(2) - timedelta(days=1)
    acceptance = Acceptance(Decimal(38), date(2026, 12, 31), START)
    assert acceptance_ended_by(acceptance, "higher_is_better", judged) is None
    until_sunday = Acceptance(Decimal(1), sunday, START)
    found = acceptance_ended_by(until_sunday, "higher_is_better", judged)
    assert found.period.start == week(3)


# -- treatment ----------------------------------------------------------------------------------


def test_under_treatment_escalations_are_untold_and_the_recovery_is_told():
    stored = [signal(OPEN, has_okr=True)]
    worse = episode(span(1, 2, severity="critical"))
    assert events(reconciled([worse], stored, in_treatment=True)) == [("escalated", None, False)]
    ended = reconciled([episode(ENDED)], stored, in_treatment=True)
    assert events(ended) == [("resolved", "recovered", True)]


def test_under_treatment_a_raise_suggests_nothing():
    (change,) = reconciled([episode(OPEN)], [], in_treatment=True)
    assert change.events[0].suggests is False
    (change,) = reconciled([episode(OPEN)], [])
    assert change.events[0].suggests is True
    (change,) = reconciled([episode(OPEN, kind=STALE_KIND)], [])
    assert change.events[0].suggests is False


def test_a_closed_okr_is_said_once_and_suggested_again_after_n_more_off_periods():
    stored = [signal(OPEN, has_okr=True, okr_closed_on=week(3))]
    assert needs_verdicts(stored)
    series = [37, 37, 37, 37, 37]
    # Week 3 starts on the day of the close, so it does not start after it.
    found = []
    for n in range(3, 6):
        changes = reconciled([episode(OPEN)], stored, verdicts=verdicts(series[:n]))
        found.append(events(changes))
        stored = stored_after(stored, changes)
    assert found == [
        [("okr_closed_still_off", None, True)],
        [],
        [("resuggested", None, True)],
    ]
    assert not needs_verdicts(stored)
    changes = reconcile([episode(OPEN)], stored, verdicts=verdicts([37] * 9))
    assert changes == []


def test_a_resuggestion_is_dated_to_the_period_that_completed_it():
    stored = [signal(OPEN, has_okr=True, okr_closed_on=week(1), still_off_noted=True)]
    (change,) = reconciled([episode(OPEN)], stored, verdicts=verdicts([37, 41, 37, 37, 37]))
    assert [(one.type, one.period) for one in change.events] == [("resuggested", week(4))]


def test_an_okr_closed_after_the_recovery_says_nothing():
    stored = [signal(ENDED, has_okr=True, okr_closed_on=week(7))]
    assert reconcile([episode(ENDED)], stored) == []


def test_a_relapse_after_a_closed_okr_is_itself_the_suggestion():
    stored = [signal(ENDED, has_okr=True, okr_closed_on=week(7))]
    relapsed = [episode(ENDED, span(8, 9))]
    changes = reconciled(relapsed, stored, verdicts=verdicts([37] * 9))
    assert events(changes) == [("reopened", "relapse", True)]
    assert changes[0].events[0].suggests


def test_a_recovery_that_vanishes_after_its_okr_was_closed_is_said_once():
    stored = [signal(ENDED, has_okr=True, okr_closed_on=week(7))]
    changes = reconciled([episode(OPEN)], stored, verdicts=verdicts([37] * 9))
    assert events(changes) == [("reopened", "data_corrected", True)]
    stored = stored_after(stored, changes)
    assert reconcile([episode(OPEN)], stored, verdicts=verdicts([37] * 20)) == []


def test_after_an_outage_what_is_open_is_raised_with_its_final_grade_and_its_own_period():
    (change,) = reconciled([episode(span(1, 2, severity="critical"))], [])
    (event,) = change.events
    assert (event.type, event.period, event.severity) == ("raised", week(2), "critical")
