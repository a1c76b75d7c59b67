"""Asking another team in the browser, and answering there."""

from uuid import uuid4

import pytest

from objectives.models import Dependency
from tests.factories import join, make_dependency, make_objective, make_team, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def other(team):
    return make_team(organisation=team.organisation, name="Product")


@pytest.fixture
def omar(other):
    return join(other, make_user("Omar Haddad", organisation=other.organisation), "lead")


def test_a_lead_asks_once_however_often_the_form_is_sent(client, team, alice, other):
    client.force_login(alice)
    path = f"/objectives/{make_objective(team=team).pk}/ask/"
    fields = {"team": other.pk, "what": "An import", "needed_on": "", "token": str(uuid4())}
    assert client.get(path).status_code == 200
    answers = [client.post(path, fields) for _ in range(2)]
    made = Dependency.objects.get()
    assert {answer.url for answer in answers} == {f"/dependencies/{made.pk}/"}


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"what": ""}, "This field is required."),
        ({"needed_on": "2020-01-01"}, "This day is over."),
        ({"team": "0"}, "Select a valid choice."),
        ({"what": "x" * 301}, "at most 300 characters"),
    ],
)
def test_a_question_that_lacks_something_says_what(client, team, alice, other, fields, sentence):
    client.force_login(alice)
    data = {"team": other.pk, "what": "An <b>import</b>", "token": str(uuid4())} | fields
    answer = client.post(f"/objectives/{make_objective(team=team).pk}/ask/", data)
    assert answer.status_code == 422
    assert sentence in answer.content.decode()
    assert "<b>import" not in answer.content.decode()
    assert Dependency.objects.count() == 0


def test_the_asked_team_declines_with_a_reason(client, team, alice, other, omar):
    asked = make_dependency(make_objective(team=team), other, alice)
    client.force_login(omar)
    path = f"/dependencies/{asked.pk}/answer/"
    refused = client.post(path, {"answer": "decline", "reason": "", "version": 1})
    assert refused.status_code == 422
    assert "plan without it" in refused.content.decode()
    assert (
        client.post(path, {"answer": "decline", "reason": "Full", "version": 1}).status_code == 302
    )
    assert "Full" in client.get(f"/dependencies/{asked.pk}/").content.decode()


def test_an_answer_after_another_is_kept_beside_it(client, team, alice, other, omar):
    asked = make_dependency(make_objective(team=team), other, alice)
    client.force_login(omar)
    path = f"/dependencies/{asked.pk}/answer/"
    client.post(path, {"answer": "confirm", "version": 1})
    late = client.post(path, {"answer": "decline", "reason": "Not now", "version": 1})
    assert late.status_code == 409
    assert "Not now" in late.content.decode()
    asked.refresh_from_db()
    assert asked.state == "confirmed"


def test_the_asking_lead_takes_it_back(client, team, alice, other, omar):
    asked = make_dependency(make_objective(team=team), other, alice)
    client.force_login(alice)
    client.post(f"/dependencies/{asked.pk}/take-back/")
    asked.refresh_from_db()
    assert asked.state == "withdrawn"


def test_a_dependency_of_a_private_objective_is_invisible(client, team, alice, other, omar):
    asked = make_dependency(make_objective(team=team, is_private=True), other, alice)
    client.force_login(omar)
    assert client.get(f"/dependencies/{asked.pk}/").status_code == 404
