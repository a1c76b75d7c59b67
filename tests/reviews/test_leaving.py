"""Somebody leaves: everything open goes to one person in one step, what is over keeps the name."""

import pytest
from django.test import Client

from metrics.models import Kpi
from objectives.models import Blocker, Initiative, KeyResult, Objective
from reviews.actions.leaving import NobodyTakesOver, leave, open_work
from reviews.models import ReviewAction
from teams.actions import LastAdmin
from tests.factories import (
    NOW,
    join,
    make_blocker,
    make_check_in,
    make_closed_objective,
    make_initiative,
    make_key_result,
    make_kpi,
    make_objective,
    make_review,
    make_review_action,
    make_signal,
    make_team,
    make_user,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def work(team, alice, bob):
    """Alice, who leads the team alone, owns one of everything, and what is over."""
    kpi = make_kpi(team=team, target=8, owner=alice)
    make_signal(kpi)
    objective = make_objective(team=team, owner=alice)
    row = make_key_result(objective, owner=alice)
    make_check_in(row, alice)
    make_initiative(row, owner=alice)
    make_blocker(row, remover=alice)
    over = make_closed_objective(make_kpi(team=team), owner=alice)
    make_key_result(over, owner=alice)
    make_initiative(row, owner=alice, title="Done already", done_at=NOW)
    make_review_action(make_review(team=team, cycle=objective.cycle), alice, owner=alice)
    return kpi


def owners(model, field="owner"):
    return list(model.objects.order_by("pk").values_list(f"{field}__name", flat=True))


def test_everything_open_is_counted(work, alice):
    assert [count for count, *_ in open_work(alice).counts()] == [1, 1, 1, 1, 1, 1, 1, 1]


def test_open_work_goes_to_the_named_person_and_history_keeps_the_name(work, team, alice, bob, ada):
    leave(alice, successor=bob, actor=ada, now=NOW)
    assert owners(Kpi) == ["Bob Tanaka", None]
    assert owners(Objective) == ["Bob Tanaka", "Alice Moreau"]
    assert owners(KeyResult) == ["Bob Tanaka", "Alice Moreau"]
    assert owners(Initiative) == ["Bob Tanaka", "Alice Moreau"]
    assert owners(Blocker, "remover") == ["Bob Tanaka"]
    assert owners(ReviewAction) == ["Bob Tanaka"]
    assert bob.memberships.get(team=team).role == "lead"
    event = work.events.get(type="handed_over")
    assert (event.before, event.after) == ({"owner": "Alice Moreau"}, {"owner": "Bob Tanaka"})
    page = signed_in(bob).get(work.get_absolute_url()).content.decode()
    assert "Alice Moreau left; Bob Tanaka took over." in page
    goal = Objective.objects.order_by("pk").first()
    assert goal.events.filter(type="handed_over").count() == 2
    assert goal.key_results.get().check_ins.get().author == alice
    alice.refresh_from_db()
    assert (alice.is_active, alice.left_at, alice.memberships.count()) == (False, NOW, 0)
    assert not any(count for count, *_ in open_work(alice).counts())


def test_a_successor_from_elsewhere_joins_where_the_work_lies(work, team, alice, ada):
    second = join(team, make_user("Second", organisation=team.organisation), "lead")
    quiet = make_team(organisation=team.organisation, is_private=True)
    join(quiet, alice, "member")
    make_kpi(team=quiet, owner=alice, is_private=True)
    newcomer = make_user("Nora", organisation=team.organisation)
    leave(alice, successor=newcomer, actor=ada, now=NOW)
    assert dict(newcomer.memberships.values_list("team_id", "role")) == {
        team.pk: "member",
        quiet.pk: "member",
    }
    assert second.memberships.get().role == "lead"


def test_with_open_work_somebody_must_be_named(work, alice, ada):
    with pytest.raises(NobodyTakesOver):
        leave(alice, successor=None, actor=ada, now=NOW)
    alice.refresh_from_db()
    assert alice.is_active


def test_the_last_administrator_cannot_leave_and_nothing_is_handed_over(work, alice, bob, ada):
    make_kpi(team=work.team, owner=ada)
    with pytest.raises(LastAdmin):
        leave(ada, successor=bob, actor=ada, now=NOW)
    assert owners(Kpi) == ["Alice Moreau", None, "Ada Berg"]


def test_leaving_twice_is_leaving_once(work, alice, bob, ada):
    for _ in range(2):
        leave(alice, successor=bob, actor=ada, now=NOW)
    assert work.events.filter(type="handed_over").count() == 1


def signed_in(person) -> Client:
    client = Client()
    client.force_login(person)
    return client


def test_the_page_shows_what_is_open_asks_for_a_name_and_does_it(work, alice, bob, ada):
    path, client = f"/organisation/people/{alice.pk}/leave/", signed_in(ada)
    theirs = signed_in(alice)
    assert "decision about a signal" in client.get(path).content.decode()
    answer = client.post(path, {"successor": ""})
    assert answer.status_code == 422
    assert "There is open work. Choose who takes it over." in answer.content.decode()
    assert client.post(path, {"successor": alice.pk}).status_code == 422
    assert theirs.get("/my-week/").status_code == 200
    assert client.post(path, {"successor": bob.pk}).status_code == 302
    assert theirs.get("/my-week/").status_code == 302


def test_the_page_tells_the_last_administrator(ada):
    answer = signed_in(ada).post(f"/organisation/people/{ada.pk}/leave/", {"successor": ""})
    assert answer.status_code == 422
    assert "the only administrator" in answer.content.decode()


def test_a_failure_on_the_way_hands_nothing_over(work, alice, bob, ada, monkeypatch):
    """Killed between the handing over and the leaving, neither has happened."""

    def broken(*args, **kwargs):
        raise RuntimeError

    monkeypatch.setattr("reviews.actions.leaving.deactivate", broken)
    with pytest.raises(RuntimeError):
        leave(alice, successor=bob, actor=ada, now=NOW)
    assert owners(Kpi) == ["Alice Moreau", None]
