"""From a signal to one draft, however often it is submitted, and to one active objective."""

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from metrics.decisions import Decided, dismiss
from metrics.models import Signal, Treatment
from objectives.actions import (
    Changed,
    KeyResultDraft,
    NothingToPublish,
    ObjectiveDraft,
    differences,
    draft_objective_from_signal,
    edit_draft,
    publish_objective,
)
from objectives.actions.lifecycle import withdraw_objective
from objectives.models import Objective
from objectives.states import MoveRefused
from tests.factories import make_cycle, make_kpi, make_signal

NOW = datetime(2026, 8, 18, 9, 0, tzinfo=UTC)


@pytest.fixture
def signal(team):
    return make_signal(make_kpi(team=team, target=8))


def typed(signal, who, **over):
    rows = [
        KeyResultDraft(
            title="Churn drops from 12.1 to 8 %",
            baseline=Decimal("12.1"),
            target=Decimal(8),
            unit="%",
            kpi=signal.kpi,
            kpi_follows=True,
        ),
        KeyResultDraft(
            title="Churn is on target for 2 consecutive months",
            kind="hold",
            kpi=signal.kpi,
            kpi_follows=True,
            hold_periods=2,
        ),
        KeyResultDraft(title="A driver", kind="open"),
    ]
    fields = {
        "title": "Bring churn back to target",
        "ambition": "committed",
        "owner": who,
        "cycle": make_cycle(organisation=signal.kpi.team.organisation),
        "key_results": rows,
    }
    return ObjectiveDraft(**fields | over)


def draft(signal, who, **over):
    return draft_objective_from_signal(
        signal, typed(signal, who, **over), actor=who, now=NOW, version=signal.version
    )


def test_a_draft_has_the_three_key_results_in_order_and_its_history(signal, alice):
    objective = draft(signal, alice)
    kinds = list(objective.key_results.values_list("position", "kind"))
    assert kinds == [(1, "decrease"), (2, "hold"), (3, "open")]
    assert (objective.state, objective.cycle.name) == ("draft", "Q3 2026")
    event = objective.events.get()
    assert (event.type, event.actor, event.to_state) == ("drafted", alice, "draft")


def test_submitting_again_returns_the_draft_that_is_there(signal, alice, bob):
    first = draft(signal, alice)
    again = draft(signal, bob, title="Another title")
    assert again == first
    assert Objective.objects.get().title == "Bring churn back to target"


def test_a_draft_leaves_the_signal_undecided(signal, alice):
    draft(signal, alice)
    signal.refresh_from_db()
    assert signal.decision == ""
    assert not Treatment.objects.exists()


def test_a_signal_that_was_decided_meanwhile_gets_no_draft(signal, alice, bob):
    opened = Signal.objects.get(pk=signal.pk)
    dismiss(signal, reason="No.", actor=bob, now=NOW, version=signal.version)
    with pytest.raises(Decided):
        draft(opened, alice)
    assert not Objective.objects.exists()


def test_a_private_kpi_makes_a_private_objective(team, alice):
    signal = make_signal(make_kpi(team=team, target=8, is_private=True))
    assert draft(signal, alice).is_private


def publish(objective, who, **over):
    fields = {"actor": who, "now": NOW, "version": objective.version}
    return publish_objective(objective, **fields | over)


def test_publishing_answers_the_signal_and_begins_the_treatment(signal, alice):
    objective = publish(draft(signal, alice), alice)
    signal.refresh_from_db()
    assert (objective.state, objective.published_at) == ("active", NOW)
    assert (signal.decision, signal.decided_by) == ("okr", alice)
    treatment = Treatment.objects.get()
    assert treatment.url == f"/objectives/{objective.pk}/"
    assert (treatment.baseline, treatment.target) == (Decimal("12.1"), Decimal(8))
    assert treatment.ended_at is None


def test_pace_is_reckoned_from_the_day_it_was_published(signal, alice):
    assert publish(draft(signal, alice), alice).starts_on == date(2026, 8, 18)


def test_pace_of_a_later_quarter_is_reckoned_from_its_first_day(signal, alice):
    later = make_cycle(
        organisation=signal.kpi.team.organisation,
        name="Q4 2026",
        starts_on=date(2026, 10, 1),
        ends_on=date(2026, 12, 31),
    )
    objective = draft(signal, alice, cycle=later)
    assert publish(objective, alice).starts_on == date(2026, 10, 1)


def test_publishing_twice_is_one_treatment_and_one_history_row(signal, alice):
    objective = publish(draft(signal, alice), alice)
    publish(objective, alice)
    assert Treatment.objects.count() == 1
    assert objective.events.filter(type="published").count() == 1


def test_publishing_over_another_decision_is_refused(signal, alice, bob):
    objective = draft(signal, alice)
    dismiss(signal, reason="No.", actor=bob, now=NOW, version=signal.version)
    with pytest.raises(Decided):
        publish(objective, alice, signal_version=1)
    objective.refresh_from_db()
    assert (objective.state, objective.version) == ("draft", 1)
    assert not Treatment.objects.exists()


def test_an_objective_without_key_results_is_not_published(signal, alice):
    objective = draft(signal, alice, key_results=[])
    with pytest.raises(NothingToPublish):
        publish(objective, alice)


def edit(objective, who, title, **over):
    signal = objective.signal
    fields = {"actor": who, "now": NOW, "version": objective.version}
    return edit_draft(objective, typed(signal, who, title=title), **fields | over)


def test_editing_a_draft_keeps_what_it_said_before(signal, alice):
    objective = draft(signal, alice)
    edit(objective, alice, "Keep every customer")
    event = objective.events.get(type="edited")
    assert event.before["Objective"] == "Bring churn back to target"
    assert event.after["Objective"] == "Keep every customer"


def test_a_second_editor_never_overwrites_the_first(signal, alice, bob):
    objective = draft(signal, alice)
    edit(objective, bob, "Bob’s title", version=1)
    with pytest.raises(Changed) as found:
        edit(objective, alice, "Alice’s title", version=1)
    assert found.value.current.title == "Bob’s title"
    assert Objective.objects.get().title == "Bob’s title"


def test_what_is_published_is_not_edited_as_a_draft(signal, alice):
    objective = publish(draft(signal, alice), alice)
    with pytest.raises(MoveRefused):
        edit(objective, alice, "Too late")
    assert objective.key_results.count() == 3


def test_a_draft_that_is_given_up_leaves_room_for_another(signal, alice):
    first = draft(signal, alice)
    withdraw_objective(first, reason="Wrong team.", actor=alice, now=NOW, version=1)
    assert draft(signal, alice) != first
    assert Objective.objects.get(pk=first.pk).events.get(type="withdrawn").reason == "Wrong team."


def test_a_range_that_ends_at_nought_is_told_with_its_bounds(signal, alice):
    row = KeyResultDraft(title="Drift", kind="range", low=Decimal(-2), high=Decimal(0))
    same = typed(signal, alice, key_results=[row])
    other = typed(signal, alice, key_results=[replace(row, low=Decimal(-3))])
    assert differences(same, same) == []
    assert differences(same, other) == [
        ("Key result 1", "Drift; range; between −2 and 0", "Drift; range; between −3 and 0")
    ]
