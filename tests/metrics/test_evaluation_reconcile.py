"""Every row of the table of signals.md 9, and the workflow of 10, through the database."""

from datetime import timedelta
from decimal import Decimal

import pytest

from metrics.due import mark_due
from metrics.evaluation import evaluate_due, preview
from metrics.judging import Target
from metrics.models import KpiState, Measurement, Signal, SignalEvent, Treatment
from tests.factories import make_exclusion, make_signal, make_user
from tests.metrics.weeks import (
    after,
    correct,
    evaluate,
    evaluate_each,
    events,
    put,
    the_signal,
    week,
    weekly_kpi,
)

pytestmark = pytest.mark.django_db


def treat(kpi, signal=None, **over):
    """An OKR that answers the KPI's signal."""
    fields = {
        "signal": signal or the_signal(kpi),
        "team": kpi.team,
        "title": "Bring it back",
        "url": "/objectives/1/",
        "starts_on": week(2),
        "ends_on": week(14),
        "began_at": after(2),
    }
    return Treatment.objects.create(**fields | over)


def look_again(kpi, number):
    """What a decision does: make the KPI due; then evaluate."""
    mark_due([kpi.pk], after(number), dirty_from=None)
    evaluate_due(after(number), worker="test")


def test_open_and_none_is_raised():
    kpi = weekly_kpi()
    evaluate_each(kpi, "41 39 38")
    assert events(kpi) == [("raised", 3, True, "")]
    assert the_signal(kpi).severity == "minor"


def test_ended_and_none_is_recorded_and_told_to_nobody():
    kpi = weekly_kpi()
    put(kpi, "39 38 41 42")
    evaluate(kpi, 4)
    assert events(kpi) == [("recorded", 2, False, "recovered")]
    signal = the_signal(kpi)
    assert (signal.is_open, signal.ended_on, signal.told) == (False, week(4), False)


def test_ended_and_open_is_resolved_with_its_reason():
    kpi = weekly_kpi()
    evaluate_each(kpi, "37 36 41 39 42 43")
    assert events(kpi) == [("raised", 2, True, ""), ("resolved", 6, True, "recovered")]
    signal = the_signal(kpi)
    assert (signal.end_reason, signal.resolved_at) == ("recovered", after(6))
    assert KpiState.objects.get().phase == "quiet"


def test_open_and_ended_is_reopened_as_a_relapse():
    kpi = weekly_kpi(recovery=1)
    evaluate_each(kpi, "37 36 41 37 36")
    assert events(kpi)[2:] == [("reopened", 5, True, "relapse")]
    signal = the_signal(kpi)
    assert (signal.is_open, signal.ended_on, signal.severity) == (True, None, "major")
    assert [span["reason"] for span in signal.spans] == ["recovered", None]


def test_open_and_ended_is_reopened_when_the_recovery_vanished():
    kpi = weekly_kpi()
    evaluate_each(kpi, "37 36 41 42")
    correct(kpi, 4, 38, at=4)
    assert events(kpi)[-1] == ("reopened", 2, True, "data_corrected")
    assert the_signal(kpi).is_open


def test_open_and_open_escalates_once_when_the_grade_rises():
    kpi = weekly_kpi()
    evaluate_each(kpi, "39 38 39 38 39")
    assert events(kpi) == [("raised", 2, True, ""), ("escalated", 2, True, "")]
    assert the_signal(kpi).severity == "major"


def test_several_for_one_are_merged_into_the_first():
    kpi = weekly_kpi()
    evaluate_each(kpi, "37 36 41 42")
    first = the_signal(kpi)
    extra = make_signal(
        kpi,
        is_open=False,
        first_off_on=week(2),
        raised_on=week(2),
        ended_on=week(3),
        opened_at=after(3),
    )
    mark_due([kpi.pk], after(4), dirty_from=week(1))
    evaluate_due(after(4), worker="test")
    extra.refresh_from_db()
    assert (extra.retract_reason, extra.workflow["merged_into"]) == ("merged", first.pk)
    assert events(kpi)[-1] == ("retracted", 2, False, "merged")


def two_episodes():
    """One that recovered, and beyond the window to reopen it another that is open."""
    kpi = weekly_kpi()
    evaluate_each(kpi, "37 36 41 42 43 43 43 43 43 37 36")
    return kpi, *Signal.objects.order_by("pk")


def join_them(kpi):
    """Correct the weeks between: it was off target all the time."""
    for number in range(3, 10):
        Measurement.objects.filter(kpi=kpi, day=week(number)).update(value=38)
    mark_due([kpi.pk], after(11), dirty_from=week(3))
    evaluate_due(after(11), worker="test")


def test_the_okr_of_a_merged_signal_answers_the_one_that_is_kept():
    kpi, first, second = two_episodes()
    treatment = treat(kpi, second)
    alice = make_user(email="alice@example.org")
    Signal.objects.filter(pk=second.pk).update(decision="okr", decided_by=alice)
    Signal.objects.filter(pk=first.pk).update(snoozed_until=after(10))
    join_them(kpi)
    first, second = Signal.objects.order_by("pk")
    treatment.refresh_from_db()
    assert (second.retract_reason, treatment.signal_id) == ("merged", first.pk)
    assert (first.is_open, first.decision, first.decided_by) == (True, "okr", alice)
    assert (first.snoozed_until, first.version) == (None, 2)
    suggests = SignalEvent.objects.filter(data__suggests=True).values_list("signal", "type")
    assert list(suggests) == [(first.pk, "raised"), (second.pk, "raised")]
    assert not Signal.objects.undecided(after(12)).exists()
    before = events(kpi)
    evaluate_each(kpi, "37 36", first=12)
    assert events(kpi) == before


def test_a_merge_keeps_the_earlier_okr_of_the_kept_signal():
    kpi, first, second = two_episodes()
    earlier = treat(kpi, first, ended_at=after(5), grade=Decimal("0.7"))
    running = treat(kpi, second, url="/objectives/2/")
    join_them(kpi)
    earlier.refresh_from_db()
    running.refresh_from_db()
    assert (running.signal_id, earlier.signal_id) == (first.pk, second.pk)
    assert earlier.grade == Decimal("0.7")


def test_a_closed_okr_of_a_merged_signal_is_not_asked_about_again():
    kpi, first, second = two_episodes()
    closed = treat(kpi, second, ended_at=after(11))
    look_again(kpi, 11)
    join_them(kpi)
    closed.refresh_from_db()
    assert closed.signal_id == first.pk
    evaluate_each(kpi, "37 36 37", first=12)
    types = [one[0] for one in events(kpi)]
    assert (types.count("okr_closed_still_off"), types.count("reopened")) == (1, 1)
    assert "resuggested" not in types


def test_none_and_open_without_an_okr_is_retracted():
    kpi = weekly_kpi()
    evaluate_each(kpi, "37 36")
    correct(kpi, 2, 41, at=2)
    assert events(kpi) == [("raised", 2, True, ""), ("retracted", 2, True, "data_corrected")]
    assert (the_signal(kpi).is_open, the_signal(kpi).retracted_at) == (False, after(2))


def test_none_and_open_with_an_okr_says_that_the_evidence_changed_once():
    kpi = weekly_kpi()
    evaluate_each(kpi, "37 36")
    treat(kpi)
    correct(kpi, 2, 41, at=2)
    correct(kpi, 1, 38, at=2)
    assert events(kpi)[1:] == [("evidence_changed", 2, True, "data_corrected")]
    assert the_signal(kpi).retracted_at is None


@pytest.mark.parametrize("moment", [5, 9])
def test_evaluating_again_gives_no_events(moment):
    kpi = weekly_kpi(stale_after=9)
    evaluate_each(kpi, "37 36 41 42 30")
    before = events(kpi)
    for _ in range(2):
        look_again(kpi, moment)
    assert events(kpi) == before


# -- workflow -------------------------------------------------------------------------------------


def snooze(kpi, until):
    signal = the_signal(kpi)
    signal.snoozed_until = until
    signal.workflow = {"reminder_due": True}
    signal.save()


def test_a_snooze_keeps_silent_and_reminds_once_at_its_end():
    kpi = weekly_kpi()
    evaluate_each(kpi, "39 38")
    snooze(kpi, after(4) + timedelta(days=1))
    look_again(kpi, 2)
    evaluate_each(kpi, "39 38", first=3)
    assert KpiState.objects.get().due_at == after(4) + timedelta(days=1)

    for _ in range(2):
        evaluate_due(after(4) + timedelta(days=1), worker="test")

    assert events(kpi)[1:] == [("escalated", 2, False, ""), ("reminder", 2, True, "")]


def test_an_episode_that_began_and_ended_in_a_snooze_is_never_told():
    kpi = weekly_kpi(recovery=1, reopen_window=0)
    evaluate_each(kpi, "37 36")
    snooze(kpi, after(12))
    look_again(kpi, 2)
    evaluate_each(kpi, "41 37 36 41", first=3)
    assert [(type_, told) for type_, _, told, _ in events(kpi)[1:]] == [
        ("resolved", False),
        ("raised", False),
        ("resolved", False),
    ]


def test_an_acceptance_ends_at_the_first_worse_value_and_asks_again():
    kpi = weekly_kpi()
    evaluate_each(kpi, "37 36")
    signal = the_signal(kpi)
    signal.accepted_level, signal.accepted_until = Decimal(35), week(20)
    signal.workflow = {"reminder_due": True, "accepted_since": week(3).isoformat()}
    signal.decision = "accept"
    signal.save()
    look_again(kpi, 2)
    evaluate_each(kpi, "36", first=3)
    assert the_signal(kpi).accepted_level == 35

    evaluate_each(kpi, "34", first=4)

    signal = the_signal(kpi)
    assert (signal.accepted_level, signal.decision) == (None, "")
    assert ("reminder", 2, True, "") in events(kpi)


def test_a_dismissed_signal_is_silent_and_a_new_episode_speaks_again():
    kpi = weekly_kpi(recovery=1, reopen_window=0)
    evaluate_each(kpi, "37 36")
    Signal.objects.update(dismissed_at=after(2), decision="dismiss")
    look_again(kpi, 2)
    evaluate_each(kpi, "41 37 36", first=3)
    assert [(type_, told) for type_, _, told, _ in events(kpi)] == [
        ("raised", True),
        ("resolved", False),
        ("raised", True),
    ]


def test_in_treatment_escalations_are_untold_and_the_recovery_is_told():
    kpi = weekly_kpi()
    evaluate_each(kpi, "39 38")
    treat(kpi)
    look_again(kpi, 2)
    evaluate_each(kpi, "39 38 41 42", first=3)
    assert [(type_, told) for type_, _, told, _ in events(kpi)[1:]] == [
        ("escalated", False),
        ("resolved", True),
    ]


def test_after_a_closed_okr_it_is_said_once_and_suggested_once_more():
    kpi = weekly_kpi()
    evaluate_each(kpi, "39 38")
    treatment = treat(kpi)
    treatment.ended_at = after(2)
    treatment.save()
    look_again(kpi, 2)
    evaluate_each(kpi, "39 38 39 38 39", first=3)
    types = [(type_, number) for type_, number, _, _ in events(kpi)]
    assert types.count(("okr_closed_still_off", 2)) == 1
    assert [one for one in types if one[0] == "resuggested"] == [("resuggested", 5)]


def test_a_relapse_asks_for_a_decision_again():
    kpi = weekly_kpi(recovery=1)
    evaluate_each(kpi, "37 36 41")
    Signal.objects.update(decision="data", decided_by=make_user(), decided_at=after(3))
    evaluate_each(kpi, "37 36", first=4)
    signal = the_signal(kpi)
    assert (signal.decision, signal.decided_by) == ("", None)
    assert signal.decide_by == week(6) + timedelta(days=7)


# -- previews -------------------------------------------------------------------------------------


def test_a_preview_says_what_an_edit_would_do_and_does_nothing():
    kpi = weekly_kpi()
    evaluate_each(kpi, "37 36 36")
    now = after(3)

    corrected = preview(kpi, now, values={week(2): Decimal(41), week(3): Decimal(41)})
    withdrawn = preview(kpi, now, targets=[Target(week(3), withdrawn=True)])
    excluded = preview(kpi, now, exclusions={week(2): True, week(3): True})
    same = preview(kpi, now, values={week(3): Decimal(35)})

    assert [(one.type, one.reason) for one in corrected.events] == [("retracted", "data_corrected")]
    assert [(one.type, one.reason) for one in withdrawn.events] == [
        ("resolved", "standard_withdrawn")
    ]
    assert [one.type for one in excluded.events] == ["retracted"]
    assert same.is_empty
    assert events(kpi) == [("raised", 2, True, "")]


def test_a_preview_sees_a_raise_and_a_lifted_exclusion():
    kpi = weekly_kpi()
    evaluate_each(kpi, "37 41 36")
    tighter = [Target(week(1), target=Decimal(45))]
    assert preview(kpi, after(3), targets=tighter).of_type("raised")[0].period == week(2)

    other = weekly_kpi()
    make_exclusion(other, week(2))
    evaluate_each(other, "37 36")
    assert preview(other, after(2), exclusions={week(2): False}).of_type("raised")
