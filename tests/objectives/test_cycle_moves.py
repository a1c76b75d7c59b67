"""Moving the end of a cycle with its consequences shown, and reopening a closed one."""

from datetime import UTC, date, datetime

import pytest

from metrics.models import Treatment
from objectives.actions import ensure_cycles
from objectives.actions.boundaries import (
    BoundaryRefused,
    NotClosed,
    move_boundary,
    reopen_cycle,
)
from objectives.actions.check_ins import keep_latest
from objectives.actions.cycles import advance_cycles
from objectives.actions.history import Changed
from objectives.models import Cycle, CycleEvent, ObjectiveEvent
from tests.factories import (
    NOW,
    make_cycle,
    make_key_result,
    make_kpi,
    make_objective,
    make_signal,
    make_team,
)

pytestmark = pytest.mark.django_db
END, LATER, SOONER = date(2026, 9, 30), date(2026, 10, 15), date(2026, 9, 15)


@pytest.fixture
def quarter(organisation):
    return make_cycle(organisation=organisation)


@pytest.fixture
def following(organisation):
    fields = {"starts_on": date(2026, 10, 1), "ends_on": date(2026, 12, 31), "name": "Q4 2026"}
    return make_cycle(organisation=organisation, state="prepare", **fields)


def move(cycle, ends_on, ada, **over):
    known = {"seen": cycle.ends_on, "reason": "Summer was long", "actor": ada, "now": NOW}
    return move_boundary(cycle, ends_on=ends_on, **known | over)


@pytest.mark.parametrize("ends_on", [LATER, SOONER])
def test_the_next_cycle_begins_the_day_after(quarter, following, ada, ends_on):
    move(quarter, ends_on, ada)
    quarter.refresh_from_db()
    following.refresh_from_db()
    assert quarter.ends_on == ends_on
    assert (following.starts_on - ends_on).days == 1
    assert following.ends_on == date(2026, 12, 31)
    told = CycleEvent.objects.order_by("pk").values_list("cycle__name", "reason", "actor")
    assert list(told) == [
        ("Q3 2026", "Summer was long", ada.pk),
        ("Q4 2026", "Summer was long", ada.pk),
    ]


def test_running_objectives_are_paced_asked_and_addressed_by_the_new_end(
    quarter, following, ada, team
):
    kpi = make_kpi(team=team, target=8)
    signal = make_signal(kpi)
    objective = make_objective(team=team, cycle=quarter, signal=signal)
    key_result = make_key_result(objective)
    keep_latest(key_result, None)
    treatment = Treatment.objects.create(
        signal=signal,
        team=team,
        title=objective.title,
        url="/",
        starts_on=quarter.starts_on,
        ends_on=END,
        began_at=NOW,
    )
    ready = make_objective(team=team, cycle=following, title="Next", starts_on=following.starts_on)
    late = make_objective(team=team, cycle=quarter, title="Late", starts_on=date(2026, 9, 28))

    move(quarter, SOONER, ada)

    treatment.refresh_from_db()
    ready.refresh_from_db()
    late.refresh_from_db()
    assert treatment.ends_on == SOONER
    assert ready.starts_on == date(2026, 9, 16)
    assert late.starts_on == SOONER
    told = ObjectiveEvent.objects.filter(type="cycle_moved")
    assert sorted(told.values_list("objective__title", flat=True)) == sorted(
        ["Late", "Next", objective.title]
    )
    assert told.first().reason == "Summer was long"


def test_check_ins_fall_away_and_come_back_with_the_end(quarter, ada, team):
    objective = make_objective(team=team, cycle=quarter, starts_on=date(2026, 9, 26))
    key_result = make_key_result(objective)
    keep_latest(key_result, None)
    first = key_result.next_due_on
    assert first is None or first > date(2026, 9, 26)
    move(quarter, LATER, ada)
    key_result.refresh_from_db()
    due = key_result.next_due_on
    assert due is not None
    quarter.refresh_from_db()
    move(quarter, END, ada)
    key_result.refresh_from_db()
    assert key_result.next_due_on == first


def test_the_same_again_is_one_effect_and_an_older_view_is_refused(quarter, following, ada):
    move(quarter, LATER, ada)
    move(quarter, LATER, ada)
    assert CycleEvent.objects.count() == 2
    with pytest.raises(Changed):
        move(quarter, SOONER, ada, seen=END)


@pytest.mark.parametrize(
    ("ends_on", "sentence"),
    [
        (date(2026, 8, 17), "Choose today or a later day"),
        (date(2026, 12, 30), "It would leave nothing of Q4 2026"),
        (date(2027, 1, 15), "It would leave nothing of Q4 2026"),
    ],
)
def test_a_boundary_that_cannot_be_says_why(quarter, following, ada, ends_on, sentence):
    with pytest.raises(BoundaryRefused, match=sentence):
        move(quarter, ends_on, ada)
    assert not CycleEvent.objects.exists()


def test_what_is_over_stays(organisation, ada):
    past = make_cycle(
        organisation=organisation,
        starts_on=date(2026, 4, 1),
        ends_on=date(2026, 6, 30),
        name="Q2 2026",
        state="closing",
    )
    with pytest.raises(BoundaryRefused, match="Q2 2026 is over"):
        move(past, date(2026, 9, 1), ada)


def test_cycles_with_own_dates_do_not_overlap_by_a_move_either(organisation, ada):
    known = {"organisation": organisation, "kind": "custom"}
    launch = make_cycle(
        name="Launch", starts_on=date(2026, 8, 1), ends_on=date(2026, 9, 1), **known
    )
    make_cycle(name="After", starts_on=date(2026, 9, 2), ends_on=date(2026, 9, 20), **known)
    with pytest.raises(BoundaryRefused, match="overlap After"):
        move(launch, date(2026, 9, 5), ada)
    assert move(launch, date(2026, 8, 25), ada).ends_on == date(2026, 8, 25)


def test_cycles_made_ahead_begin_where_the_moved_one_ends(organisation, ada):
    for cycle in ensure_cycles(organisation, NOW):
        last = cycle
    move(last, date(last.ends_on.year, 10, 10), ada)
    new = ensure_cycles(organisation, NOW, ahead=5)[-1]
    assert (new.starts_on - Cycle.objects.get(pk=last.pk).ends_on).days == 1


# -- the page -----------------------------------------------------------------------------------


@pytest.fixture
def admin(client, ada):
    client.force_login(ada)
    return client


@pytest.fixture
def ahead(organisation):
    """A cycle that runs whatever day the test runs on, and the one after it."""
    known = {"organisation": organisation, "kind": "custom"}
    return make_cycle(name="Long", starts_on=date(2026, 1, 1), ends_on=date(2098, 12, 31), **known)


def test_the_page_shows_what_follows_before_it_is_saved(admin, ahead, team):
    make_key_result(make_objective(team=team, cycle=ahead))
    page = f"/cycles/{ahead.pk}/move/"
    data = {"ends_on": "2099-03-31", "seen": "2098-12-31", "reason": ""}
    whole = admin.post(page, data | {"preview": "1"})
    text = whole.content.decode()
    assert whole.status_code == 200
    assert "Long ends on 31\u00a0Mar 2099 instead of 31\u00a0Dec 2098" in text
    assert "1 running objective of 1 team is paced by the new dates" in text
    assert "Say why" not in text
    fragment = admin.post(page, data | {"preview": "1"}, headers={"HX-Request": "true"})
    assert fragment.content.decode().strip().startswith('<div id="consequences"')
    ahead.refresh_from_db()
    assert ahead.ends_on == date(2098, 12, 31)
    assert admin.post(page, data).status_code == 422
    assert admin.post(page, data | {"reason": "Longer"}).url == f"/cycles/{ahead.pk}/"
    detail = admin.get(f"/cycles/{ahead.pk}/").content.decode()
    assert "Last day 31\u00a0Dec 2098 → 31\u00a0Mar 2099" in detail
    assert "Longer" in detail


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"ends_on": "2020-01-01"}, "Choose today or a later day"),
        ({"ends_on": ""}, "Choose a day."),
        ({"ends_on": "soon"}, "Type a date as 2026-09-30."),
        ({"reason": ""}, "Say why"),
    ],
)
def test_bad_input_is_named_and_kept(admin, ahead, typed, sentence):
    data = {"ends_on": "2099-03-31", "seen": "2098-12-31", "reason": "Longer"} | typed
    answer = admin.post(f"/cycles/{ahead.pk}/move/", data)
    assert answer.status_code == 422
    assert sentence in answer.content.decode()
    assert not CycleEvent.objects.exists()


def test_two_administrators_at_one_boundary(admin, ahead):
    page = f"/cycles/{ahead.pk}/move/"
    data = {"seen": "2098-12-31", "reason": "Mine"}
    assert admin.post(page, data | {"ends_on": "2099-03-31"}).status_code == 302
    late = admin.post(page, data | {"ends_on": "2099-06-30"})
    assert late.status_code == 409
    assert "Changed meanwhile" in late.content.decode()
    assert 'name="seen" value="2099-03-31"' in late.content.decode()


def test_the_consequences_cost_the_same_at_any_size(
    admin, ahead, organisation, django_assert_max_num_queries
):
    page, counts = f"/cycles/{ahead.pk}/move/", []
    for more in (1, 8):
        for _ in range(more):
            team = make_team(organisation=organisation)
            make_key_result(make_objective(team=team, cycle=ahead))
        data = {"ends_on": "2099-03-31", "seen": "2098-12-31", "preview": "1"}
        with django_assert_max_num_queries(30) as asked:
            admin.post(page, data, headers={"HX-Request": "true"})
        counts.append(len(asked))
    assert counts[0] == counts[1]


# -- reopening ----------------------------------------------------------------------------------


@pytest.fixture
def closed(organisation):
    return make_cycle(
        organisation=organisation,
        starts_on=date(2026, 4, 1),
        ends_on=date(2026, 6, 30),
        name="Q2 2026",
        state="closed",
        closed_at=NOW,
    )


def test_a_reopened_cycle_closes_again_after_its_day(closed, organisation, ada):
    until = date(2026, 8, 25)
    for _ in range(2):
        reopen_cycle(closed, open_until=until, reason="Late figures", actor=ada, now=NOW)
    closed.refresh_from_db()
    assert (closed.state, closed.closed_at, closed.open_until) == ("closing", None, until)
    [event] = CycleEvent.objects.all()
    assert (event.reason, event.actor, event.before["state"]) == ("Late figures", ada, "closed")
    advance_cycles(organisation, datetime(2026, 8, 25, 20, tzinfo=UTC))
    closed.refresh_from_db()
    assert closed.state == "closing"
    advance_cycles(organisation, datetime(2026, 8, 26, 1, tzinfo=UTC))
    closed.refresh_from_db()
    assert closed.state == "closed"


def test_only_a_closed_cycle_is_reopened_and_only_for_days_to_come(closed, quarter, ada):
    known = {"reason": "Why", "actor": ada, "now": NOW}
    with pytest.raises(NotClosed):
        reopen_cycle(quarter, open_until=date(2026, 9, 1), **known)
    with pytest.raises(BoundaryRefused):
        reopen_cycle(closed, open_until=date(2026, 8, 17), **known)


def test_the_page_reopens_with_a_reason(admin, closed):
    page = f"/cycles/{closed.pk}/reopen/"
    assert admin.get(page).status_code == 200
    assert admin.post(page, {"open_until": "2099-01-01", "reason": ""}).status_code == 422
    refused = admin.post(page, {"open_until": "2020-01-01", "reason": "Why"})
    assert "Choose today or a later day." in refused.content.decode()
    assert admin.post(page, {"open_until": "2099-01-01", "reason": "Late"}).status_code == 302
    detail = admin.get(f"/cycles/{closed.pk}/").content.decode()
    assert "Reopened for late updates until" in detail
