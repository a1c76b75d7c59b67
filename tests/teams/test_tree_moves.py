"""A team is moved in the tree: by a page, by a fragment, and never under itself."""

import json
import re

import pytest
from django.test import Client

from teams.models import AuditEvent, Team
from tests.factories import NOW, make_team

pytestmark = pytest.mark.django_db
TEAMS = "/organisation/teams/"
HTMX = {"HX-Request": "true"}


@pytest.fixture
def admin(client, ada):
    client.force_login(ada)
    return client


@pytest.fixture
def below(team):
    return make_team(organisation=team.organisation, name="Onboarding", parent=team)


@pytest.fixture
def sales(team):
    return make_team(organisation=team.organisation, name="Sales")


def move(client, team, parent, **headers):
    place = "" if parent is None else getattr(parent, "pk", parent)
    return client.post(f"{TEAMS}{team.pk}/move/", {"parent": place}, headers=headers)


def above(team) -> Team | None:
    return Team.objects.get(pk=team.pk).parent


def test_a_team_is_moved_under_another_and_to_the_top(admin, below, sales):
    answer = move(admin, below, sales)
    assert (answer.status_code, answer.url) == (302, f"{TEAMS}#team-{below.pk}")
    assert above(below) == sales
    assert "Onboarding stands under Sales." in admin.get(TEAMS).content.decode()
    move(admin, below, None)
    assert above(below) is None
    assert "Onboarding stands at the top." in admin.get(TEAMS).content.decode()
    verbs = AuditEvent.objects.filter(kind="team", object_id=str(below.pk), verb="changed")
    assert verbs.count() == 2


def test_dragged_it_is_answered_with_the_tree_and_where_the_focus_goes(admin, below, sales):
    answer = move(admin, below, sales, **HTMX)
    page = answer.content.decode()
    assert page.lstrip().startswith("<section")
    assert page.index(f'id="team-{sales.pk}"') < page.index(f'id="team-{below.pk}"')
    said = json.loads(answer.headers["HX-Trigger"])
    assert said["row:saved"] == {"id": f"team-{below.pk}", "next": ""}
    assert said["toast"] == {"text": "Onboarding stands under Sales."}


def test_the_same_move_twice_is_one(admin, below, sales):
    for _ in range(2):
        assert move(admin, below, sales, **HTMX).status_code == 200
    assert AuditEvent.objects.filter(object_id=str(below.pk), verb="changed").count() == 1


@pytest.mark.parametrize("headers", [{}, HTMX], ids=["page", "fragment"])
def test_what_cannot_be_is_422_with_a_sentence_and_nothing_moves(
    admin, team, below, sales, headers
):
    archived = make_team(organisation=team.organisation, archived_at=NOW)
    elsewhere = make_team()
    refused = "Choose a team of the list: a team cannot stand under itself or under one below it."
    for parent in (team, below, archived, elsewhere, 98765, "x"):
        answer = move(admin, team, parent, **headers)
        page = answer.content.decode()
        assert answer.status_code == 422
        assert refused in page
        assert 'aria-invalid="true"' in page
        assert ("<html" in page) == (not headers)
        assert (f'id="team-{sales.pk}"' in page) == bool(headers)
    answer = move(admin, archived, sales, **headers)
    assert answer.status_code == 422
    if not headers:
        assert "The team is archived. Put it back first." in answer.content.decode()
    assert (above(team), above(archived)) == (None, None)


def test_the_form_stands_in_the_row_and_on_a_page(admin, team, below, sales):
    path = f"{TEAMS}{below.pk}/move/"
    row = admin.get(path, headers=HTMX).content.decode()
    assert row.lstrip().startswith(f'<tr role="row" id="team-{below.pk}" data-state="edit">')
    # It keeps the place and the columns of the row at rest, and its first button does it.
    assert row.count("<td") + row.count("<th") == 4
    assert 'data-steps="1"' in row
    assert row.index(">Move</button>") < row.index("Cancel</a>")
    for page in (row, admin.get(path).content.decode()):
        offered = re.findall(r'<option value="(\d*)"( selected)?>', page)
        assert offered == [("", ""), (str(team.pk), " selected"), (str(sales.pk), "")]
        assert "autofocus" in page
        assert "csrfmiddlewaretoken" in page


def test_a_forged_move_is_refused(ada, below, sales):
    client = Client(enforce_csrf_checks=True)
    client.force_login(ada)
    assert move(client, below, sales, **HTMX).status_code == 403
    assert above(below) != sales


def test_the_whole_tree_comes_as_a_fragment(admin, team, below):
    page = admin.get(TEAMS, headers=HTMX).content.decode()
    assert page.lstrip().startswith("<section")
    assert "<html" not in page


def test_a_private_team_above_stays_unnamed_and_where_it_is(admin, organisation):
    """Before, saving anything of a team under it put that team at the top."""
    secret = make_team(organisation=organisation, name="Quiet works", is_private=True)
    under = make_team(organisation=organisation, name="Canteen", parent=secret)
    for path in ("", "move/"):
        page = admin.get(f"{TEAMS}{under.pk}/{path}").content.decode()
        assert "As it is: under a team that is not listed" in page
        assert "Quiet works" not in page
        assert f'value="{secret.pk}"' not in page
    answer = admin.post(
        f"{TEAMS}{under.pk}/",
        {"name": "Kitchen", "initial-name": "Canteen", "parent": "", "initial-parent": ""},
    )
    assert answer.status_code == 302
    answer = move(admin, under, None, **HTMX)
    assert "Kitchen stays where it is." in answer.headers["HX-Trigger"]
    under.refresh_from_db()
    assert (under.name, under.parent) == ("Kitchen", secret)


def test_a_move_asks_as_much_among_300_teams_as_among_3(
    admin, team, below, sales, django_assert_num_queries
):
    paths = [(below, sales), (below, team)]
    with django_assert_num_queries(20):
        move(admin, *paths[0], **HTMX)
    Team.objects.bulk_create(
        Team(organisation=team.organisation, name=f"T{n}", parent=sales, created_at=NOW)
        for n in range(300)
    )
    with django_assert_num_queries(20):
        answer = move(admin, *paths[1], **HTMX)
    assert answer.content.count(b"data-move") == 303
