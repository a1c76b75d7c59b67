"""What people decide about a signal: kept with who and when, and never silently overwritten."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from metrics import decisions
from metrics.decisions import Decided
from metrics.evaluation import evaluate_kpis
from metrics.models import Signal, Target, Treatment
from metrics.next_target import Bounds
from metrics.treatments import Chosen, begin_treatment, choose_next_target, end_treatment
from tests.factories import make_kpi, make_signal, make_target, make_value

NOW = datetime(2026, 8, 18, 9, 0, tzinfo=UTC)


@pytest.fixture
def kpi(team):
    """Churn of at most 8 %, off target since May."""
    kpi = make_kpi(team=team, target=8)
    for month, value in ((1, 7), (2, 7), (3, 7), (4, 7), (5, "12.4"), (6, "12.6"), (7, "12.1")):
        make_value(kpi, date(2026, month, 1), value)
    return kpi


@pytest.fixture
def signal(kpi):
    evaluate_kpis([kpi.pk], NOW)
    return Signal.objects.get(kpi=kpi)


def decide(act, signal, who, **over):
    fields = {"reason": "Known.", "actor": who, "now": NOW, "version": signal.version}
    return act(signal, **fields | over)


def test_acknowledging_is_kept_once_and_leaves_the_signal_undecided(signal, alice, bob):
    decisions.acknowledge(signal, actor=alice, now=NOW)
    decisions.acknowledge(signal, actor=bob, now=NOW + timedelta(days=1))
    signal.refresh_from_db()
    assert (signal.acknowledged_by, signal.acknowledged_at) == (alice, NOW)
    assert Signal.objects.undecided(NOW).count() == 1
    assert signal.events.filter(type="acknowledged").count() == 1


def test_a_snoozed_signal_is_undecided_again_at_its_end(signal, alice):
    until = NOW + timedelta(days=7)
    decide(decisions.snooze, signal, alice, until=until)
    assert not Signal.objects.undecided(NOW).exists()
    assert Signal.objects.undecided(until).count() == 1


def test_accepting_keeps_level_date_reason_and_who(signal, alice):
    decide(
        decisions.accept_for_now,
        signal,
        alice,
        level=Decimal("12.5"),
        until=date(2026, 9, 30),
    )
    signal.refresh_from_db()
    assert signal.decision == "accept"
    assert (signal.accepted_level, signal.accepted_until) == (Decimal("12.5"), date(2026, 9, 30))
    event = signal.events.get(type="accepted")
    assert (event.actor, event.reason) == (alice, "Known.")
    assert event.data == {"level": "12.5", "until": "2026-09-30"}


def test_an_acceptance_ends_at_a_worse_value_and_asks_again(signal, kpi, alice):
    level = {"level": Decimal("12.5"), "until": date(2026, 12, 31)}
    decide(decisions.accept_for_now, signal, alice, **level)
    make_value(kpi, date(2026, 8, 1), "13.0")
    later = datetime(2026, 9, 10, 9, 0, tzinfo=UTC)
    evaluate_kpis([kpi.pk], later)
    signal.refresh_from_db()
    assert (signal.decision, signal.accepted_level) == ("", None)


def test_an_acceptance_holds_while_values_are_no_worse(signal, kpi, alice):
    level = {"level": Decimal("12.5"), "until": date(2026, 12, 31)}
    decide(decisions.accept_for_now, signal, alice, **level)
    make_value(kpi, date(2026, 8, 1), "12.5")
    evaluate_kpis([kpi.pk], datetime(2026, 9, 10, 9, 0, tzinfo=UTC))
    signal.refresh_from_db()
    assert signal.decision == "accept"


def test_fixing_the_data_and_dismissing_are_kept_with_their_reason(signal, alice):
    decide(decisions.answer_with_data, signal, alice, reason="Export ran twice.")
    signal.refresh_from_db()
    assert (signal.decision, signal.decision_reason) == ("data", "Export ran twice.")
    decide(decisions.dismiss, signal, alice, reason="Not ours any more.")
    signal.refresh_from_db()
    assert (signal.decision, signal.dismissed_at) == ("dismiss", NOW)


def test_no_decision_changes_what_the_data_say(signal, kpi, alice):
    decide(decisions.dismiss, signal, alice)
    evaluate_kpis([kpi.pk], NOW + timedelta(hours=1))
    signal.refresh_from_db()
    assert signal.is_open


def test_revising_the_target_keeps_the_band_and_what_came_before(signal, kpi, alice):
    make_target(kpi, value=Decimal(8), tolerance=Decimal("0.5"), patience=3)
    target = decide(
        decisions.answer_with_target,
        signal,
        alice,
        effective_on=date(2026, 9, 1),
        value=Decimal(13),
    )
    assert (target.value, target.tolerance, target.patience) == (Decimal(13), Decimal("0.5"), 3)
    assert target.author == alice
    signal.refresh_from_db()
    assert signal.decision == "target"
    assert signal.is_open


@pytest.mark.parametrize(
    ("act", "extra"),
    [
        (decisions.snooze, {"until": NOW + timedelta(days=3)}),
        (decisions.accept_for_now, {"level": Decimal(13), "until": date(2026, 9, 1)}),
        (decisions.answer_with_data, {}),
        (decisions.answer_with_target, {"value": Decimal(9), "effective_on": date(2026, 9, 1)}),
        (decisions.dismiss, {}),
    ],
)
def test_a_second_person_never_overwrites_what_was_decided(signal, alice, bob, act, extra):
    version = signal.version
    decide(decisions.answer_with_data, signal, alice)
    targets = Target.objects.count()
    with pytest.raises(Decided) as found:
        decide(act, signal, bob, version=version, **extra)
    assert found.value.current.decided_by == alice
    signal.refresh_from_db()
    assert (signal.decision, signal.decided_by) == ("data", alice)
    assert Target.objects.count() == targets


def test_a_withdrawn_signal_takes_no_decision(signal, alice):
    Signal.objects.filter(pk=signal.pk).update(retracted_at=NOW, is_open=False)
    with pytest.raises(Decided):
        decide(decisions.dismiss, signal, alice)


# -- treatments ---------------------------------------------------------------------------------


def begin(signal, who, **over):
    fields = {
        "title": "Keep our customers",
        "url": "/objectives/1/",
        "is_private": False,
        "baseline": Decimal("12.1"),
        "target": Decimal(8),
        "starts_on": date(2026, 7, 1),
        "ends_on": date(2026, 9, 30),
        "actor": who,
        "now": NOW,
        "version": signal.version,
    }
    return begin_treatment(signal, **fields | over)


def end(signal, who, values=("8.41",), **over):
    fields = {
        "grade": Decimal("0.9"),
        "final_value": Decimal("8.41"),
        "values": [Decimal(v) for v in values],
        "recovery": 2,
        "actor": who,
        "now": NOW,
    }
    return end_treatment(signal, **fields | over)


def test_beginning_twice_is_one_treatment(signal, alice):
    first = begin(signal, alice)
    assert begin(signal, alice) == first
    assert Treatment.objects.count() == 1
    assert signal.events.filter(type="treatment_began").count() == 1


def test_another_okr_cannot_take_over_a_running_treatment(signal, alice):
    begin(signal, alice)
    signal.refresh_from_db()
    with pytest.raises(Decided):
        begin(signal, alice, url="/objectives/2/")


def test_a_second_okr_after_the_first_takes_the_row_with_a_clean_slate(signal, alice):
    begin(signal, alice)
    end(signal, alice)
    signal.refresh_from_db()
    again = begin(signal, alice, url="/objectives/2/", title="Again")
    assert (again.ended_at, again.grade, again.choice, again.proposal) == (None, None, "", {})
    assert signal.events.filter(type="treatment_began").count() == 2


def test_a_private_okr_is_named_in_no_row_a_stranger_reads(signal, alice):
    begin(signal, alice, title="Secret plan", is_private=True)
    signal.refresh_from_db()
    assert "Secret" not in signal.decision_reason
    assert not any("Secret" in str(e.data) + e.reason for e in signal.events.all())


def test_ending_keeps_the_signal_open_and_proposes_nothing_that_did_not_hold(signal, alice):
    begin(signal, alice)
    treatment = end(signal, alice, values=("9.9", "8.41"))
    signal.refresh_from_db()
    assert signal.is_open
    assert treatment.proposal["held"] is False
    assert treatment.proposal["proposed"] is None


def test_values_that_held_propose_the_worst_of_the_last_m(signal, alice):
    begin(signal, alice)
    treatment = end(signal, alice, values=("5", "7.6", "7.2"))
    assert treatment.proposal["held"] is True
    assert treatment.proposal["proposed"] == {"target": "7.6"}


def test_ending_twice_changes_nothing(signal, alice):
    begin(signal, alice)
    end(signal, alice)
    again = end(signal, alice, grade=Decimal("0.1"))
    assert again.grade == Decimal("0.9")
    assert signal.events.filter(type="okr_closed").count() == 1


def choose(treatment, who, **over):
    fields = {"effective_on": date(2026, 9, 1), "actor": who, "now": NOW}
    return choose_next_target(treatment, **fields | over)


def test_keeping_the_target_adds_no_row(signal, alice):
    begin(signal, alice)
    treatment = end(signal, alice)
    before = Target.objects.count()
    assert choose(treatment, alice, choice="keep") is None
    treatment.refresh_from_db()
    assert treatment.choice == "keep"
    assert Target.objects.count() == before


def test_tightening_puts_the_proposal_in_force_from_the_next_period(signal, alice):
    begin(signal, alice)
    treatment = end(signal, alice, values=("7.6", "7.2"))
    target = choose(treatment, alice, choice="tighten")
    assert (target.value, target.effective_on) == (Decimal("7.6"), date(2026, 9, 1))
    assert (target.author, bool(target.reason)) == (alice, True)


def test_an_own_value_needs_a_reason_and_earlier_periods_keep_theirs(signal, kpi, alice):
    begin(signal, alice)
    treatment = end(signal, alice)
    own = Bounds(target=Decimal("8.5"))
    with pytest.raises(ValueError, match="Say why"):
        choose(treatment, alice, choice="own", own=own)
    target = choose(treatment, alice, choice="own", own=own, reason="Legacy plans.")
    assert (target.value, target.reason) == (Decimal("8.5"), "Legacy plans.")
    evaluate_kpis([kpi.pk], NOW + timedelta(hours=1))
    signal.refresh_from_db()
    assert signal.is_open


def test_a_target_is_chosen_once(signal, alice, bob):
    begin(signal, alice)
    treatment = end(signal, alice)
    choose(treatment, alice, choice="keep")
    own = Bounds(target=Decimal(9))
    with pytest.raises(Chosen):
        choose(treatment, bob, choice="own", own=own, reason="Looser.")
    assert not Target.objects.filter(value=9).exists()


def test_nothing_to_tighten_to_is_refused(signal, alice):
    begin(signal, alice)
    treatment = end(signal, alice, values=("9.9", "8.41"))
    with pytest.raises(ValueError, match="nothing to tighten"):
        choose(treatment, alice, choice="tighten")
    treatment.refresh_from_db()
    assert treatment.choice == ""


def test_two_on_target_months_resolve_the_signal_after_the_okr(signal, kpi, alice):
    """Scenario 3: 8.41 against 8; ≤ 8.5 from the next month on; two months resolve it."""
    begin(signal, alice)
    treatment = end(signal, alice)
    choose(treatment, alice, choice="own", own=Bounds(target=Decimal("8.5")), reason="Legacy.")
    for month, value in ((8, "8.41"), (9, "8.4"), (10, "8.3")):
        make_value(kpi, date(2026, month, 1), value)
    evaluate_kpis([kpi.pk], datetime(2026, 11, 10, 9, tzinfo=UTC))
    signal.refresh_from_db()
    assert not signal.is_open
    assert signal.ended_on == date(2026, 10, 1)


def test_a_signal_on_a_source_can_be_acknowledged(team, alice, kpi):
    silent = Signal.objects.create(
        source=kpi.source,
        kind="data_stale",
        cadence_kind="monthly",
        first_off_on=date(2026, 6, 1),
        raised_on=date(2026, 7, 1),
        opened_at=NOW,
    )
    assert decisions.acknowledge(silent, actor=alice, now=NOW).acknowledged_by == alice


def test_a_decision_makes_the_kpi_due(signal, kpi, alice):
    kpi.state.refresh_from_db()
    before = kpi.state.due_at
    decide(decisions.dismiss, signal, alice)
    kpi.state.refresh_from_db()
    assert before is None or before > NOW
    assert kpi.state.due_at == NOW


def test_an_open_signal_made_by_hand_still_takes_a_decision(kpi, alice):
    signal = make_signal(kpi)
    decide(decisions.dismiss, signal, alice)
    signal.refresh_from_db()
    assert signal.decision == "dismiss"
