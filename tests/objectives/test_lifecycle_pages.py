"""The pages that park, withdraw, bring back, copy and order objectives."""

from datetime import date, timedelta
from decimal import Decimal
from uuid import uuid4

import pytest

from objectives.actions.lifecycle import withdraw_objective
from objectives.models import Objective
from tests.factories import NOW, make_check_in, make_cycle, make_key_result, make_objective

pytestmark = pytest.mark.django_db


@pytest.fixture
def lead(client, alice):
    client.force_login(alice)
    return client


def test_a_draft_is_parked_from_its_page_with_a_reason(lead, team):
    draft = make_objective(team=team, state="draft")
    path = f"/objectives/{draft.pk}/park/"
    assert "deliberately not for now" in lead.get(path).content.decode()
    refused = lead.post(path, {"reason": "", "version": 1})
    assert refused.status_code == 422
    assert lead.post(path, {"reason": "Next year", "version": 1}).status_code == 302
    draft.refresh_from_db()
    assert draft.state == "parked"
    lead.post(f"/objectives/{draft.pk}/unpark/")
    draft.refresh_from_db()
    assert draft.state == "draft"


def test_a_stale_reason_is_kept_and_shown_with_what_changed(lead, team):
    objective = make_objective(team=team, version=3)
    path = f"/objectives/{objective.pk}/withdraw/"
    answer = lead.post(path, {"reason": "Merged into another", "version": 2})
    assert answer.status_code == 409
    text = answer.content.decode()
    assert "Merged into another" in text
    assert 'value="3"' in text
    objective.refresh_from_db()
    assert objective.state == "active"


def test_an_active_objective_is_withdrawn_and_undone(lead, team):
    objective = make_objective(team=team)
    lead.post(f"/objectives/{objective.pk}/withdraw/", {"reason": "Merged", "version": 1})
    objective.refresh_from_db()
    assert (objective.state, objective.withdrawn_from) == ("withdrawn", "active")
    again = lead.post(f"/objectives/{objective.pk}/withdraw/", {"reason": "Again", "version": 1})
    assert again.status_code == 302
    lead.post(f"/objectives/{objective.pk}/restore/")
    objective.refresh_from_db()
    assert objective.state == "active"


def test_what_is_closed_is_not_withdrawn(lead, team):
    closed = make_objective(team=team, state="closed", closed_at=NOW)
    assert lead.get(f"/objectives/{closed.pk}/withdraw/").status_code == 404


@pytest.fixture
def next_quarter(team):
    today = date.today()
    return make_cycle(
        organisation=team.organisation,
        name="Next",
        starts_on=today + timedelta(days=10),
        ends_on=today + timedelta(days=100),
    )


def copy_of(lead, objective, **fields):
    data = {"why_again": "Half way there", "token": str(uuid4())} | fields
    return lead.post(f"/objectives/{objective.pk}/copy/", data)


def test_a_copy_starts_at_todays_value(lead, team, alice, next_quarter):
    objective = make_objective(team=team)
    row = make_key_result(objective)
    make_check_in(row, alice, value=Decimal(45))
    text = lead.get(f"/objectives/{objective.pk}/copy/").content.decode()
    assert 'value="45"' in text
    name = row.row_id
    fields = {f"{name}-carry": "on", f"{name}-baseline": "45", f"{name}-target": "52"}
    assert copy_of(lead, objective, cycle=next_quarter.pk, **fields).status_code == 302
    copy = Objective.objects.get(copied_from=objective)
    assert [(kr.baseline, kr.target) for kr in copy.key_results.all()] == [(45, 52)]


def test_a_target_already_reached_is_asked_about_and_nothing_is_lost(lead, team, next_quarter):
    objective = make_objective(team=team)
    name = make_key_result(objective).row_id
    fields = {f"{name}-carry": "on", f"{name}-baseline": "55", f"{name}-target": "52"}
    answer = copy_of(lead, objective, cycle=next_quarter.pk, **fields)
    assert answer.status_code == 422
    text = answer.content.decode()
    assert "the target must lie above it" in text
    assert "Half way there" in text
    assert not Objective.objects.filter(copied_from=objective).exists()


def test_why_again_is_asked(lead, team, next_quarter):
    answer = copy_of(lead, make_objective(team=team), cycle=next_quarter.pk, why_again="")
    assert answer.status_code == 422


def test_objectives_are_moved_by_a_button_and_by_a_dragged_list(lead, team):
    one, two, three = (make_objective(team=team, title=title).pk for title in "ABC")

    def order():
        return list(Objective.objects.of_team(team.pk).values_list("pk", flat=True))

    path = f"/teams/{team.pk}/objectives/order/"
    assert lead.post(path, {"id": [one, two, three], "up": three}).status_code == 302
    assert order() == [one, three, two]
    answer = lead.post(path, {"id": [two, three, one]}, headers={"HX-Request": "true"})
    assert answer.status_code == 204
    assert order() == [two, three, one]
    lead.post(path, {"id": ["x", "-1", "999999"], "down": "zz"})
    assert order() == [two, three, one]


def test_what_was_withdrawn_is_listed_with_its_undo(lead, client, team, alice, vera):
    objective = make_objective(team=team, title="Reach new regions")
    withdraw_objective(objective, reason="Merged", actor=alice, now=NOW, version=1)
    Objective.objects.filter(pk=objective.pk).update(closed_at="2999-01-01T00:00:00Z")
    text = lead.get(f"/teams/{team.pk}/withdrawn/").content.decode()
    assert "Reach new regions" in text
    assert f"/objectives/{objective.pk}/restore/" in text
    client.force_login(vera)
    assert client.get(f"/teams/{team.pk}/withdrawn/").status_code == 403
