"""Withdrawing what others are aligned to: who they are, what becomes of them, and bringing back."""

import pytest
from django.db import connection

from objectives.actions.alignment import align_objective, parent_of
from objectives.actions.giving_up import Undecided
from objectives.actions.key_results import restore_key_result, withdraw_key_result
from objectives.actions.lifecycle import restore_objective, withdraw_objective
from objectives.actions.parents import ParentRefused
from objectives.kinds import Fate
from objectives.models import KeyResult, Objective
from tests.factories import NOW, make_key_result, make_objective, make_team

pytestmark = pytest.mark.django_db


@pytest.fixture
def top(team):
    """An objective that is itself aligned to the company's."""
    above = make_objective(team=team, title="Company above", level="company")
    return make_objective(team=team, title="Customers stay", parent_objective=above)


@pytest.fixture
def row(top):
    return make_key_result(top, title="NPS rises")


@pytest.fixture
def child(top, row, organisation):
    other = make_team(organisation=organisation, name="Support")
    return make_objective(
        team=other, cycle=top.cycle, title="Answers in an hour", parent_key_result=row
    )


def withdrawn(row, alice, **over):
    given = {"reason": "No survey", "actor": alice, "now": NOW, "version": row.version}
    return withdraw_key_result(row, **given | over)


def now_of(objective):
    return Objective.objects.get(pk=objective.pk)


def test_without_a_decision_nothing_is_withdrawn(row, child, alice):
    with pytest.raises(Undecided):
        withdrawn(row, alice)
    row.refresh_from_db()
    assert (row.withdrawn_at, row.version) == (None, 1)
    assert parent_of(now_of(child)) == row


@pytest.mark.parametrize("fate", Fate.values)
def test_the_aligned_go_where_it_was_decided_in_the_same_action(row, child, top, alice, fate):
    withdrawn(row, alice, fate=fate)

    moved = now_of(child)
    assert parent_of(moved) == (top if fate == Fate.ABOVE else None)
    assert moved.version == child.version + 1
    event = child.events.get()
    assert (event.type, event.actor, event.at) == ("aligned", alice, NOW)
    assert event.before["parent"] == "NPS rises"


def test_bringing_it_back_brings_back_who_was_aligned(row, child, alice):
    gone = withdrawn(row, alice, fate=Fate.ALONE)
    restore_key_result(gone, actor=alice, now=NOW, version=gone.version)
    assert parent_of(now_of(child)) == row


def test_who_was_aligned_otherwise_since_stays_there(row, child, top, alice):
    gone = withdrawn(row, alice, fate=Fate.ALONE)
    moved = now_of(child)
    align_objective(moved, top, actor=alice, now=NOW, version=moved.version)
    restore_key_result(gone, actor=alice, now=NOW, version=gone.version)
    assert parent_of(now_of(child)) == top


def test_what_ended_keeps_what_it_was_aligned_to(row, child, alice):
    Objective.objects.filter(pk=child.pk).update(state="closed", closed_at=NOW)
    withdrawn(row, alice)
    assert parent_of(now_of(child)) == row


def test_an_objective_hands_on_what_is_aligned_to_it_and_to_its_key_results(top, child, alice):
    direct = make_objective(team=top.team, parent_objective=top)
    given = {"actor": alice, "now": NOW}
    with pytest.raises(Undecided):
        withdraw_objective(top, reason="Merged", version=1, **given)
    gone = withdraw_objective(top, reason="Merged", version=1, fate=Fate.ABOVE, **given)
    assert parent_of(now_of(child)) == parent_of(now_of(direct)) == top.parent_objective

    restore_objective(gone, version=gone.version, **given)
    assert parent_of(now_of(child)) == child.parent_key_result
    assert parent_of(now_of(direct)) == top


def test_nothing_is_aligned_to_what_was_withdrawn_while_the_form_was_open(row, top, alice):
    late = make_objective(team=top.team)
    before = KeyResult.objects.select_related("objective__team", "objective__cycle").get(pk=row.pk)
    withdrawn(row, alice)
    with pytest.raises(ParentRefused, match="not being worked on"):
        align_objective(late, before, actor=alice, now=NOW, version=1)


# -- the pages -----------------------------------------------------------------------------------


def test_the_page_names_who_is_aligned_and_asks(client, row, child, alice, top):
    client.force_login(alice)
    path = f"/key-results/{row.pk}/withdraw/"
    page = client.get(path).content.decode()
    assert "Answers in an hour" in page
    assert "Support" in page
    assert "Align them to “Customers stay”" in page

    sent = {"reason": "No survey", "version": 1}
    refused = client.post(path, sent)
    assert refused.status_code == 422
    assert "Say what becomes of what is aligned to it." in refused.content.decode()
    assert "No survey" in refused.content.decode()

    assert client.post(path, sent | {"fate": "above"}).status_code == 302
    assert now_of(child).parent_objective == top


def test_who_is_aligned_while_the_form_is_sent_is_asked_for(client, row, child, alice):
    """The form finds nothing aligned; the action, a moment later, does."""
    Objective.objects.filter(pk=child.pk).update(parent_key_result=None)
    client.force_login(alice)

    def meanwhile(execute, sql, params, many, context):
        if sql.startswith('UPDATE "objectives_keyresult"'):
            late = 'UPDATE "objectives_objective" SET "parent_key_result_id" = %s WHERE "id" = %s'
            execute(late, (row.pk, child.pk), many, context)
        return execute(sql, params, many, context)

    with connection.execute_wrapper(meanwhile):
        sent = {"reason": "No survey", "version": 1}
        answer = client.post(f"/key-results/{row.pk}/withdraw/", sent)

    assert answer.status_code == 422
    assert "No survey" in answer.content.decode()
    row.refresh_from_db()
    assert row.withdrawn_at is None


def test_what_the_person_may_not_see_is_counted_and_moved_too(client, row, child, alice):
    Objective.objects.filter(pk=child.pk).update(is_private=True)
    client.force_login(alice)
    path = f"/key-results/{row.pk}/withdraw/"
    page = client.get(path).content.decode()
    assert "Answers in an hour" not in page
    assert "1 more that you do not see here" in page
    client.post(path, {"reason": "No survey", "version": 1, "fate": "alone"})
    assert parent_of(now_of(child)) is None


def test_an_objective_at_the_top_can_only_leave_them_alone(client, alice, team, child, top):
    client.force_login(alice)
    above = top.parent_objective
    path = f"/objectives/{above.pk}/withdraw/"
    page = client.get(path).content.decode()
    assert "Customers stay" in page
    assert 'value="above"' not in page
    client.post(path, {"reason": "Merged", "version": 1, "fate": "alone"})
    assert now_of(top).parent_objective is None


def test_parking_asks_nothing_of_what_is_aligned(client, alice, team):
    draft = make_objective(team=team, state="draft")
    make_objective(team=team, parent_objective=draft)
    client.force_login(alice)
    assert "Aligned to it" not in client.get(f"/objectives/{draft.pk}/park/").content.decode()
