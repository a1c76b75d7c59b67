"""Writing an objective: its draft, its form and its publication."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest
import time_machine

from objectives.models import Objective
from teams.models import Organisation
from tests.factories import join, make_cycle, make_objective, make_team, make_user

NOW = datetime(2026, 8, 16, 9, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _clock():
    with time_machine.travel(NOW, tick=False):
        yield


def signed_in(client, user):
    client.force_login(user)
    return client


def draft_form(**over) -> dict:
    """The form as a browser sends it, for Q3 of the organisation there is."""
    data = {
        "title": "Our customers love our onboarding",
        "why": "",
        "ambition": "aspirational",
        "owner": "",
        "cycle": make_cycle(organisation=Organisation.objects.get()).pk,
        "kr-TOTAL_FORMS": "2",
        "kr-INITIAL_FORMS": "0",
        "kr-0-title": "NPS rises from 38 to 52",
        "kr-0-baseline": "38",
        "kr-0-target": "52",
        "kr-0-unit": "NPS",
        "kr-1-title": "",
    }
    return data | over


def test_a_lead_writes_edits_and_publishes_an_objective(client, team, alice):
    signed_in(client, alice)
    path = f"/teams/{team.pk}/objectives/new/"
    assert client.get(path).status_code == 200
    assert client.post(path, draft_form()).status_code == 302
    objective = Objective.objects.get()
    assert objective.key_results.get().target == Decimal(52)
    edit = f"/objectives/{objective.pk}/edit/"
    assert client.post(edit, draft_form(title="Changed", version="1")).status_code == 302
    objective.refresh_from_db()
    assert (objective.title, objective.version) == ("Changed", 2)
    publish = f"/objectives/{objective.pk}/publish/"
    assert client.post(publish, draft_form(title="Final", version="2")).url == (
        f"/objectives/{objective.pk}/"
    )
    objective.refresh_from_db()
    assert (objective.title, objective.state) == ("Final", "active")
    assert client.get(edit).status_code == 404
    assert client.post(publish).status_code == 302


def test_a_second_editor_gets_409_with_both_titles(client, team, alice):
    objective = make_objective(team=team, state="draft", title="Theirs", version=2)
    signed_in(client, alice)
    edit = f"/objectives/{objective.pk}/edit/"
    response = client.post(edit, draft_form(title="Mine", version="1"))
    assert response.status_code == 409
    page = response.content.decode()
    assert "“Theirs”" in page
    assert "Mine" in page
    objective.refresh_from_db()
    assert objective.title == "Theirs"
    assert client.post(edit, draft_form(title="Mine", version="2")).status_code == 302


@pytest.mark.parametrize(
    ("over", "problem"),
    [
        ({"title": ""}, "required"),
        ({"kr-0-target": "38"}, "this is a KPI, not a key result"),
        ({"kr-0-target": ""}, "Where should it go?"),
        ({"kr-0-title": ""}, "Say what is measured."),
        ({"kr-0-baseline": "nan"}, "nan"),
        ({"cycle": "99999999"}, "Select a valid choice"),
        ({"kr-TOTAL_FORMS": "x"}, "came back incomplete"),
        ({"kr-TOTAL_FORMS": "1000"}, "Our customers"),
    ],
    ids=str,
)
def test_an_incomplete_draft_is_422_with_what_was_typed(client, team, alice, over, problem):
    signed_in(client, alice)
    response = client.post(f"/teams/{team.pk}/objectives/new/", draft_form(**over))
    assert response.status_code == 422
    assert problem in response.content.decode()
    assert not Objective.objects.exists()


def test_one_more_row_saves_nothing_and_keeps_what_was_typed(client, team, alice):
    objective = make_objective(team=team, state="draft")
    signed_in(client, alice)
    response = client.post(f"/objectives/{objective.pk}/row/", draft_form(title="Typed", add="1"))
    assert response.status_code == 200
    assert response.context["formset"].total_form_count() == 3
    assert "Typed" in response.content.decode()
    objective.refresh_from_db()
    assert objective.version == 1


def test_giving_up_a_draft_asks_for_a_reason(client, team, alice):
    objective = make_objective(team=team, state="draft")
    signed_in(client, alice)
    path = f"/objectives/{objective.pk}/withdraw/"
    assert client.get(path).status_code == 200
    assert client.post(path, {"version": "1", "reason": ""}).status_code == 422
    assert client.post(path, {"version": "1", "reason": "Wrong team."}).status_code == 302
    objective.refresh_from_db()
    assert objective.state == "withdrawn"


def test_owners_are_people_of_the_team_only(client, team, alice):
    other = make_team(organisation=team.organisation)
    stranger = join(other, make_user("Zoe", organisation=team.organisation))
    signed_in(client, alice)
    response = client.post(f"/teams/{team.pk}/objectives/new/", draft_form(owner=stranger.pk))
    assert response.status_code == 422
