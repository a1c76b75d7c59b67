"""Initiatives, blockers, steps and thanks: added once, changed in place, brought back."""

from datetime import UTC, date, datetime, timedelta
from uuid import uuid4

import pytest
import time_machine

from objectives.models import Blocker, Initiative, Milestone, Thanks
from tests.factories import (
    join,
    make_blocker,
    make_check_in,
    make_initiative,
    make_key_result,
    make_milestone,
    make_objective,
    make_team,
    make_user,
)

NOW = datetime(2026, 8, 19, 9, 0, tzinfo=UTC)
HTMX = {"HX-Request": "true"}


@pytest.fixture(autouse=True)
def _clock():
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def row(team):
    return make_key_result(make_objective(team=team))


def signed_in(client, user):
    client.force_login(user)
    return client


def add(client, row, noun, *, htmx=True, **data):
    name = "title" if noun == "initiatives" else "what"
    fields = {name: "Call the ten largest", "token": str(uuid4())} | data
    path = f"/key-results/{row.pk}/{noun}/"
    return client.post(path, fields, headers=HTMX if htmx else {})


def press(client, one, verb, *, htmx=True, **data):
    """Press a button of one initiative or blocker."""
    noun = type(one).__name__.lower()
    sent = {"version": one.version} | data
    return client.post(f"/{noun}s/{one.pk}/{verb}/", sent, headers=HTMX if htmx else {})


def test_an_initiative_is_added_with_owner_and_date_and_the_form_stays_open(client, row, bob):
    signed_in(client, bob)
    answer = add(client, row, "initiatives", owner=bob.pk, due_on="2026-09-01")
    page = answer.content.decode()
    assert f'id="initiatives-{row.pk}"' in page
    assert "<html" not in page
    assert "Bob Tanaka" in page
    assert "by Tue 1\xa0Sep" in page
    assert page.count("autofocus") == 1
    made = Initiative.objects.get()
    assert (made.owner, made.due_on, made.created_by) == (bob, date(2026, 9, 1), bob)
    assert row.objective.events.get().type == "initiative_added"


@pytest.mark.parametrize(("noun", "model"), [("initiatives", Initiative), ("blockers", Blocker)])
def test_the_same_form_twice_adds_one(client, row, bob, noun, model):
    signed_in(client, bob)
    token = str(uuid4())
    for _ in range(2):
        assert add(client, row, noun, token=token).status_code == 200
    assert model.objects.count() == 1
    assert row.objective.events.count() == 1


@pytest.mark.parametrize("noun", ["initiatives", "blockers"])
def test_without_javascript_it_is_a_page_and_a_redirect(client, row, bob, noun):
    signed_in(client, bob)
    assert "<h1" in client.get(f"/key-results/{row.pk}/{noun}/").content.decode()
    answer = add(client, row, noun, htmx=False)
    assert answer.url == f"/key-results/{row.pk}/#{noun}-{row.pk}"
    assert client.get(f"/key-results/{row.pk}/{noun}/list/").status_code == 302


@pytest.mark.parametrize(
    ("noun", "data", "problem"),
    [
        ("initiatives", {"title": ""}, "Say what is to be done."),
        ("initiatives", {"title": "x" * 301}, "300"),
        ("initiatives", {"due_on": "2026-12-01"}, "Choose a day of Q3 2026: 1\xa0Jul 2026 to"),
        ("initiatives", {"due_on": "soon"}, "Type a date, for example 2026-09-15."),
        ("blockers", {"what": ""}, "Say what stands in the way."),
        ("blockers", {"by_on": "2026-06-30"}, "Choose a day of Q3 2026"),
        ("blockers", {"remover": "999999"}, "This person is not here any more."),
    ],
    ids=str,
)
def test_bad_input_is_422_with_what_was_typed(client, row, bob, noun, data, problem):
    answer = add(signed_in(client, bob), row, noun, **data)
    assert answer.status_code == 422
    page = answer.content.decode()
    assert problem in page
    assert "Call the ten largest" in page or {"title", "what"} & set(data)
    assert not Initiative.objects.exists()
    assert not Blocker.objects.exists()


def test_the_owner_is_somebody_of_the_team_who_is_still_there(client, team, row, bob):
    left = join(team, make_user("Lea", organisation=team.organisation, is_active=False))
    other = join(make_team(organisation=team.organisation), make_user("Zoe"))
    signed_in(client, bob)
    for person in (left, other):
        answer = add(client, row, "initiatives", owner=person.pk)
        assert answer.status_code == 422
        assert "Choose somebody else." in answer.content.decode()


def test_an_owner_who_left_is_kept_when_something_else_is_edited(client, team, row, bob):
    left = join(team, make_user("Lea", organisation=team.organisation, is_active=False))
    made = make_initiative(row, owner=left)
    signed_in(client, bob)
    assert press(client, made, "edit", title="Anew", owner=left.pk).status_code == 200
    made.refresh_from_db()
    assert (made.title, made.owner) == ("Anew", left)


@pytest.mark.parametrize(("make", "name"), [(make_initiative, "title"), (make_blocker, "what")])
def test_one_is_edited_in_its_place_and_a_second_editor_sees_both(client, row, bob, make, name):
    one = make(row)
    signed_in(client, bob)
    noun = type(one).__name__.lower()
    form = client.get(f"/{noun}s/{one.pk}/edit/", headers=HTMX).content.decode()
    assert f'value="{getattr(one, name)}"' in form
    assert press(client, one, "edit", **{name: "Theirs"}).status_code == 200
    answer = press(client, one, "edit", **{name: "Mine"})
    assert answer.status_code == 409
    page = answer.content.decode()
    assert "Changed meanwhile to “Theirs”" in page
    assert 'value="Mine"' in page
    assert 'name="version" value="2"' in page
    one.refresh_from_db()
    assert getattr(one, name) == "Theirs"
    assert press(client, one, "edit", **{name: ""}).status_code == 422
    assert press(client, one, "edit", **{name: "Mine"}).status_code == 200
    one.refresh_from_db()
    assert (getattr(one, name), one.version) == ("Mine", 3)


@pytest.mark.parametrize(
    ("make", "field"), [(make_initiative, "done_at"), (make_blocker, "resolved_at")]
)
def test_done_and_not_done_after_all_and_twice_is_once(client, row, bob, make, field):
    one = make(row)
    signed_in(client, bob)
    for _ in range(2):
        assert press(client, one, "done", done="1").status_code == 200
    one.refresh_from_db()
    assert (getattr(one, field), one.version) == (NOW, 2)
    assert press(client, one, "done", done="0", htmx=False).status_code == 302
    one.refresh_from_db()
    assert getattr(one, field) is None
    assert row.objective.events.count() == 2


@pytest.mark.parametrize("make", [make_initiative, make_blocker])
def test_what_was_deleted_comes_back_within_thirty_days(client, row, bob, make):
    one = make(row)
    signed_in(client, bob)
    page = press(client, one, "delete").content.decode()
    assert "Deleted:" in page
    one.refresh_from_db()
    noun = type(one).__name__.lower()
    assert client.get(f"/{noun}s/{one.pk}/edit/").status_code == 404
    assert "Deleted:" not in press(client, one, "restore").content.decode()
    one.refresh_from_db()
    assert one.deleted_at is None
    old = make(row, deleted_at=NOW - timedelta(days=31))
    answer = press(client, old, "restore")
    assert answer.status_code == 409
    assert "within 30 days" in answer.content.decode()


@pytest.mark.parametrize("make", [make_initiative, make_blocker])
@pytest.mark.parametrize("verb", ["done", "delete"])
def test_a_stale_button_changes_nothing_and_shows_the_list(client, row, bob, make, verb):
    one = make(row, version=4)
    answer = press(signed_in(client, bob), one, verb, version=3, done="1")
    assert answer.status_code == 409
    assert "Somebody changed it meanwhile." in answer.content.decode()
    assert press(client, one, verb, version="x", done="1").status_code == 409
    one.refresh_from_db()
    assert one.version == 4


def test_nothing_is_added_once_the_objective_ended(client, team, bob):
    row = make_key_result(make_objective(team=team, state="closed", closed_at=NOW))
    one = make_initiative(row)
    signed_in(client, bob)
    assert add(client, row, "initiatives").status_code == 404
    assert press(client, one, "delete").status_code == 404


def test_a_viewer_reads_the_lists_without_buttons(client, row, vera):
    make_initiative(row)
    make_initiative(row, title="Gone", deleted_at=NOW)
    page = signed_in(client, vera).get(f"/key-results/{row.pk}/").content.decode()
    assert "Call the ten largest accounts" in page
    assert "/initiatives/" not in page
    assert "Gone" not in page


def test_a_step_is_ticked_and_unticked_on_the_page(client, team, bob):
    row = make_key_result(make_objective(team=team), kind="milestones")
    step = make_milestone(row)
    make_milestone(row, title="Boxes packed")
    signed_in(client, bob)
    path = f"/milestones/{step.pk}/tick/"
    assert client.post(path, {"version": 1, "done": "1"}).url == f"/key-results/{row.pk}/#steps"
    assert Milestone.objects.get(pk=step.pk).done_at == NOW
    page = client.get(f"/key-results/{row.pk}/").content.decode()
    assert "50\xa0%" in page
    client.post(path, {"version": 1, "done": "0"})
    assert Milestone.objects.get(pk=step.pk).done_at == NOW
    page = client.get(f"/key-results/{row.pk}/").content.decode()
    assert "Somebody changed it meanwhile." in page
    client.post(path, {"version": 2, "done": "0"})
    assert Milestone.objects.get(pk=step.pk).done_at is None


def test_thanks_are_given_once_by_whoever_can_read_it_and_never_to_oneself(
    client, row, bob, vera, charlie
):
    made = make_check_in(row, bob)
    for person in (vera, vera, charlie, bob):
        answer = signed_in(client, person).post(f"/check-ins/{made.pk}/thanks/")
        assert answer.url == f"/key-results/{row.pk}/#check-ins"
    assert {one.person for one in Thanks.objects.all()} == {vera, charlie}
    page = client.get(f"/key-results/{row.pk}/").content.decode()
    assert "thanks from Vera Lind and Charlie Osei" in page
    assert "Say thanks" not in page


def test_hostile_words_are_only_words(client, row, bob):
    words = '"><script>alert(1)</script>'
    signed_in(client, bob)
    for noun in ("initiatives", "blockers"):
        add(client, row, noun, **{"title": words, "what": words})
    page = client.get(f"/key-results/{row.pk}/").content.decode()
    assert "<script>alert(1)" not in page
    assert page.count("&lt;script&gt;alert(1)") >= 4
