"""Publishing a draft: what its levels, cycles and key results allow."""

from datetime import date

import pytest

from objectives.actions import NothingToPublish, PublishRefused, publish_objective
from objectives.models import Objective
from tests.factories import NOW, make_cycle, make_key_result, make_objective


def publish(objective, who):
    return publish_objective(objective, actor=who, now=NOW, version=objective.version)


@pytest.fixture
def draft(team):
    objective = make_objective(team=team, state="draft", level="individual", rhythm="monthly")
    make_key_result(objective)
    return objective


def test_an_individual_one_is_not_published_where_that_is_switched_off(draft, alice):
    with pytest.raises(PublishRefused, match="Individual objectives are switched off here"):
        publish(draft, alice)
    draft.refresh_from_db()
    assert (draft.state, draft.version) == ("draft", 1)


def test_an_individual_one_is_published_where_it_is_switched_on(draft, alice):
    draft.team.organisation.has_individual_goals = True
    draft.team.organisation.save()
    assert publish(draft, alice).state == "active"


def test_check_ins_are_owed_in_the_rhythm_that_was_chosen(team, alice):
    for rhythm, day in (("weekly", date(2026, 8, 21)), ("monthly", date(2026, 8, 28))):
        objective = make_objective(team=team, state="draft", rhythm=rhythm)
        row = make_key_result(objective)
        publish(objective, alice)
        row.refresh_from_db()
        assert row.next_due_on == day


def test_a_parent_stays_when_it_is_published(team, alice):
    top = make_objective(team=team)
    objective = make_objective(team=team, state="draft", parent_key_result=make_key_result(top))
    make_key_result(objective)
    assert publish(objective, alice).parent_key_result.objective == top


def test_a_cycle_that_is_over_takes_nothing_new(team, alice):
    over = make_cycle(
        organisation=team.organisation,
        name="Q2 2026",
        starts_on=date(2026, 4, 1),
        ends_on=date(2026, 6, 30),
    )
    objective = make_objective(team=team, state="draft", cycle=over)
    make_key_result(objective)
    with pytest.raises(PublishRefused, match="Q2 2026 is over"):
        publish(objective, alice)


def test_withdrawn_key_results_are_nothing_to_publish(team, alice):
    objective = make_objective(team=team, state="draft")
    make_key_result(objective, withdrawn_at=NOW, withdrawn_reason="Left out of the draft.")
    with pytest.raises(NothingToPublish):
        publish(objective, alice)


def test_the_page_says_why_a_saved_draft_was_not_published(client, draft, alice):
    client.force_login(alice)
    answer = client.post(f"/objectives/{draft.pk}/publish/", follow=True)
    assert "Saved, not published. Individual objectives are switched off here." in (
        answer.content.decode()
    )
    assert Objective.objects.get().state == "draft"
