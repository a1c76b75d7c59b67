"""Drafts written by two at once: one objective for one form, and no circle of alignments."""

import threading
from decimal import Decimal
from uuid import UUID

import pytest

from objectives.actions import (
    KeyResultDraft,
    ObjectiveDraft,
    ParentRefused,
    create_objective,
    edit_draft,
)
from objectives.actions.parents import parent_problem
from objectives.models import Objective
from tests.factories import NOW, join, make_cycle, make_objective, make_team, make_user
from tests.objectives.test_races import at_once

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def alice(db):
    team = make_team()
    return join(team, make_user("Alice Moreau", organisation=team.organisation), "lead")


@pytest.fixture
def team(alice):
    return alice.memberships.get().team


def typed(team, who, **over) -> ObjectiveDraft:
    row = KeyResultDraft("NPS rises", "increase", Decimal(38), Decimal(52))
    fields = {
        "title": "Our customers stay",
        "ambition": "committed",
        "owner": who,
        "cycle": make_cycle(organisation=team.organisation),
        "key_results": [row],
    }
    return ObjectiveDraft(**fields | over)


def test_a_form_sent_from_four_threads_is_one_objective(team, alice):
    draft = typed(team, alice)

    def job():
        return create_objective(team, draft, actor=alice, now=NOW, token=UUID(int=7))

    found = at_once(*[job] * 4)
    objective = Objective.objects.get()
    assert found == [objective] * 4
    assert objective.key_results.count() == 1
    assert objective.events.count() == 1


def test_control_without_the_constraint_the_look_alone_makes_two(team, alice):
    """Look for the form, then write: both see nothing, both write."""
    cycle = make_cycle(organisation=team.organisation)
    looked = threading.Barrier(2)

    def naive():
        assert not Objective.objects.filter(title="Our customers stay").exists()
        looked.wait(10)
        return make_objective(team=team, cycle=cycle, state="draft", title="Our customers stay")

    at_once(naive, naive)
    assert Objective.objects.count() == 2


def aligned(team, alice, own, parent):
    """One edit that aligns a draft to another."""

    def job():
        draft = typed(team, alice, title=own.title, parent=parent)
        fresh = Objective.objects.select_related("team__organisation").get(pk=own.pk)
        return edit_draft(fresh, draft, actor=alice, now=NOW, version=1)

    return job


def test_two_alignments_that_close_a_circle_together_are_one_and_a_refusal(team, alice):
    one, other = (make_objective(team=team, state="draft", title=name) for name in "AB")
    found = at_once(aligned(team, alice, one, other), aligned(team, alice, other, one))
    assert sorted(type(each).__name__ for each in found) == ["Objective", "ParentRefused"]
    assert Objective.objects.filter(parent_objective__isnull=False).count() == 1
    refused = next(each for each in found if isinstance(each, ParentRefused))
    assert "is itself aligned below this objective" in str(refused)


def test_control_without_the_lock_both_find_the_tree_free(team, alice):
    """Look at the tree, then write: each sees no circle, and the two close one."""
    one, other = (make_objective(team=team, state="draft", title=name) for name in "AB")
    looked = threading.Barrier(2)

    def naive(own, parent):
        def job():
            tree = Objective.objects.parents_in(team.organisation)
            assert parent_problem(own.pk, own.cycle, parent, tree) == ""
            looked.wait(10)
            Objective.objects.filter(pk=own.pk).update(parent_objective=parent)

        return job

    at_once(naive(one, other), naive(other, one))
    assert Objective.objects.parents_in(team.organisation) == {one.pk: other.pk, other.pk: one.pk}
