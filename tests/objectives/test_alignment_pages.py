"""Aligning objectives from both sides, and the tree they make."""

import threading
from datetime import date

import pytest
from django.db import connection

from objectives.actions import Changed
from objectives.actions.alignment import align_objective
from objectives.actions.parents import ParentRefused
from objectives.models import Objective, ObjectiveEvent
from tests.factories import (
    NOW,
    join,
    make_cycle,
    make_key_result,
    make_kpi,
    make_objective,
    make_organisation,
    make_team,
    make_user,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def other(team):
    return make_team(organisation=team.organisation, name="Product")


def align(child, parent, actor, version=1):
    return align_objective(child, parent, actor=actor, now=NOW, version=version)


def test_both_sides_keep_an_alignment_in_their_history(team, other, alice):
    child, parent = make_objective(team=team), make_objective(team=other, title="Win the market")
    found = align(child, parent, alice)
    assert (found.parent_objective, found.parent_key_result) == (parent, None)
    assert align(child, parent, alice) == found
    kinds = ObjectiveEvent.objects.order_by("pk").values_list("objective_id", "type")
    assert list(kinds) == [(child.pk, "aligned"), (parent.pk, "child_aligned")]


def test_a_key_result_may_be_the_parent_and_the_alignment_may_end(team, other, alice):
    child, row = make_objective(team=team), make_key_result(make_objective(team=other))
    found = align(child, row, alice)
    assert found.parent_key_result == row
    found = align(child, None, alice, version=2)
    assert (found.parent_objective, found.parent_key_result) == (None, None)


def test_a_circle_is_refused_however_long(team, alice):
    one, two, three = (make_objective(team=team, title=title) for title in "ABC")
    align(two, one, alice)
    align(three, two, alice)
    with pytest.raises(ParentRefused, match="below"):
        align(one, three, alice)
    with pytest.raises(ParentRefused, match="itself"):
        align(one, one, alice)


def test_another_organisations_objective_is_no_parent(team, alice):
    foreign = make_objective(team=make_team(organisation=make_organisation(name="Elsewhere")))
    with pytest.raises(ParentRefused, match="another organisation"):
        align(make_objective(team=team), foreign, alice)


def test_a_stale_form_aligns_nothing(team, alice):
    child, parent = make_objective(team=team, version=2), make_objective(team=team)
    with pytest.raises(Changed):
        align(child, parent, alice, version=1)


@pytest.mark.django_db(transaction=True)
def test_two_alignments_at_once_cannot_close_a_circle(team, alice):
    one, two = make_objective(team=team, title="A"), make_objective(team=team, title="B")
    start, found = threading.Barrier(2), []

    def job(child, parent):
        try:
            start.wait(10)
            found.append(align(child, parent, alice))
        except ParentRefused as refusal:
            found.append(refusal)
        finally:
            connection.close()

    threads = [threading.Thread(target=job, args=pair) for pair in ((one, two), (two, one))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert sorted(isinstance(one, ParentRefused) for one in found) == [False, True]
    assert Objective.objects.filter(parent_objective=None).count() == 1


def test_a_lead_aligns_from_the_childs_side(client, team, other, alice):
    child, parent = make_objective(team=team), make_objective(team=other, title="Win the market")
    client.force_login(alice)
    path = f"/objectives/{child.pk}/align/"
    assert "Win the market" in client.get(path).content.decode()
    assert client.post(path, {"parent": f"o{parent.pk}", "version": 1}).status_code == 302
    child.refresh_from_db()
    assert child.parent_objective == parent


def test_a_choice_that_cannot_be_says_why_and_is_kept(client, team, other, alice, charlie):
    parent = make_objective(team=team, title="Top")
    child = make_objective(team=team, title="Below", parent_objective=parent)
    client.force_login(alice)
    answer = client.post(
        f"/objectives/{parent.pk}/align/", {"parent": f"o{child.pk}", "version": 1}
    )
    assert answer.status_code == 422
    assert "below this objective" in answer.content.decode()
    hidden = make_objective(team=other, is_private=True)
    path = f"/objectives/{child.pk}/align/"
    answer = client.post(path, {"parent": f"o{hidden.pk}", "version": 1})
    assert answer.status_code == 422
    assert "may be private, ended" in answer.content.decode()
    answer = client.post(path, {"parent": "", "version": 7})
    assert answer.status_code == 409
    child.refresh_from_db()
    assert child.parent_objective == parent


def test_a_hidden_parent_is_kept_unless_somebody_chooses_otherwise(client, team, other, alice):
    hidden = make_objective(team=other, title="Quiet plan", is_private=True)
    child = make_objective(team=team, parent_objective=hidden)
    client.force_login(alice)
    path = f"/objectives/{child.pk}/align/"
    text = client.get(path).content.decode()
    assert f'<option value="o{hidden.pk}" selected>1 hidden</option>' in text
    assert "Quiet plan" not in text
    client.post(path, {"parent": f"o{hidden.pk}", "version": 1})
    child.refresh_from_db()
    assert child.parent_objective == hidden
    stale = client.post(path, {"parent": "", "version": 7})
    assert stale.status_code == 409
    assert "Quiet plan" not in stale.content.decode()


def test_a_draft_keeps_its_hidden_parent_when_it_is_saved(client, team, other, alice):
    hidden = make_objective(team=other, title="Quiet plan", is_private=True)
    draft = make_objective(team=team, state="draft", parent_objective=hidden)
    client.force_login(alice)
    text = client.get(f"/objectives/{draft.pk}/edit/").content.decode()
    assert f'<option value="o{hidden.pk}" selected>1 hidden</option>' in text
    assert "Quiet plan" not in text


def test_a_lead_offers_an_objective_from_the_parents_side(client, team, other, alice):
    parent = make_objective(team=other, title="Win the market")
    row = make_key_result(parent)
    child = make_objective(team=team, title="Sell to the regions")
    client.force_login(alice)
    path = f"/objectives/{parent.pk}/children/"
    assert "Sell to the regions" in client.get(path).content.decode()
    assert client.post(path, {"child": child.pk, "via": row.pk}).status_code == 302
    child.refresh_from_db()
    assert child.parent_key_result == row
    assert client.post(path, {"child": child.pk, "via": ""}).status_code == 422


def test_only_leads_offer_their_own_objectives(client, team, other, bob):
    parent, child = make_objective(team=other), make_objective(team=team)
    client.force_login(bob)
    assert client.post(f"/objectives/{parent.pk}/children/", {"child": child.pk}).status_code == 422
    child.refresh_from_db()
    assert child.parent_objective is None


def test_the_tree_shows_lines_from_a_longer_cycle_and_what_is_copied(client, team, other, alice):
    year = make_cycle(
        organisation=team.organisation,
        kind="year",
        name="2026",
        starts_on=date(2026, 1, 1),
        ends_on=date(2026, 12, 31),
    )
    top = make_objective(team=other, cycle=year, title="Become the default tool", level="company")
    child = make_objective(team=team, title="Become the default tool", parent_objective=top)
    make_objective(team=team, title="Stands alone")
    client.force_login(alice)
    text = client.get(f"/alignment/?cycle={child.cycle_id}").content.decode()
    assert text.index(f'id="objective-{top.pk}"') < text.index(f'id="objective-{child.pk}"')
    assert 'data-steps="1"' in text
    assert "The parent’s words" in text
    assert "Stands alone" in text


def test_a_kpi_claimed_by_two_key_results_is_listed(client, team, other, alice):
    kpi = make_kpi(team=team, target=8, name="Churn rate")
    for owner in (team, other):
        make_key_result(make_objective(team=owner), kpi=kpi, title=f"Churn of {owner.name}")
    client.force_login(alice)
    text = client.get("/alignment/").content.decode()
    assert "KPIs claimed twice" in text
    assert "Churn of Product" in text


def test_the_tree_hides_what_is_private(client, team, charlie):
    parent = make_objective(team=team, title="Hidden plan", is_private=True)
    make_objective(team=team, title="Open child", parent_objective=parent)
    client.force_login(charlie)
    text = client.get("/alignment/").content.decode()
    assert "Hidden plan" not in text
    assert "Open child" in text


def test_the_tree_costs_the_same_queries_at_3_and_at_40(
    client, team, alice, django_assert_num_queries
):
    client.force_login(alice)
    parent = make_objective(team=team)
    for _ in range(3):
        make_key_result(make_objective(team=team, parent_objective=parent))
    client.get("/alignment/")
    with django_assert_num_queries(13):
        client.get("/alignment/")
    for _ in range(37):
        make_key_result(make_objective(team=team, parent_objective=parent))
    with django_assert_num_queries(13):
        client.get("/alignment/")


def test_people_without_an_objective_of_theirs_are_told_what_to_do(client, team, charlie):
    join(
        make_team(organisation=team.organisation), make_user("Ida", organisation=team.organisation)
    )
    client.force_login(charlie)
    text = client.get(f"/objectives/{make_objective(team=team).pk}/children/").content.decode()
    assert "Write one for your team" in text
