"""A review opens by itself when its cycle goes into closing, once a team."""

from datetime import UTC, date, datetime

import pytest

from objectives.actions import advance_cycles
from reviews import tasks
from reviews.actions.opening import first_day_of, open_due_reviews, open_review
from reviews.models import Review
from teams.models import OutboxMessage
from tests.factories import (
    join,
    make_cycle,
    make_objective,
    make_organisation,
    make_team,
    make_user,
)

pytestmark = pytest.mark.django_db
OCTOBER = datetime(2026, 10, 1, 9, 0, tzinfo=UTC)


@pytest.fixture
def team():
    return make_team(organisation=make_organisation())


def test_a_cycle_in_closing_opens_one_review_for_each_team_with_objectives(team):
    other = make_team(organisation=team.organisation)
    idle = make_team(organisation=team.organisation)
    make_objective(team=team)
    make_objective(team=other, state="closed", closed_at=OCTOBER)
    make_objective(team=idle, state="draft")
    assert open_due_reviews(team.organisation, OCTOBER) == 0  # still running
    advance_cycles(team.organisation, OCTOBER)
    assert open_due_reviews(team.organisation, OCTOBER) == 2
    assert set(Review.objects.values_list("team", flat=True)) == {team.pk, other.pk}
    assert open_due_reviews(team.organisation, OCTOBER) == 0
    assert Review.objects.get(team=team).for_on == date(2026, 7, 1)


def test_a_cycle_that_closed_within_the_hour_is_not_missed(team):
    cycle = make_cycle(organisation=team.organisation, state="closed", closed_at=OCTOBER)
    make_objective(team=team, cycle=cycle, state="closed", closed_at=OCTOBER)
    assert open_due_reviews(team.organisation, OCTOBER) == 1


def test_a_cycle_closed_long_ago_opens_nothing(team):
    closed_at = datetime(2026, 9, 1, tzinfo=UTC)
    cycle = make_cycle(organisation=team.organisation, state="closed", closed_at=closed_at)
    make_objective(team=team, cycle=cycle, state="closed", closed_at=closed_at)
    assert open_due_reviews(team.organisation, OCTOBER) == 0


def test_leads_and_owners_are_told_once_and_nobody_else(team):
    alice = join(team, make_user("Alice", organisation=team.organisation), "lead")
    bob = join(team, make_user("Bob", organisation=team.organisation))
    join(team, make_user("Vera", organisation=team.organisation), "viewer")
    gone = join(team, make_user("Gone", organisation=team.organisation, is_active=False), "lead")
    make_objective(team=team, owner=bob)
    make_objective(team=team, owner=alice)
    advance_cycles(team.organisation, OCTOBER)
    open_due_reviews(team.organisation, OCTOBER)
    open_due_reviews(team.organisation, OCTOBER)
    told = OutboxMessage.objects.filter(topic="review", channel="inbox")
    assert sorted(told.values_list("recipient", flat=True)) == sorted([alice.pk, bob.pk])
    assert gone.pk not in told.values_list("recipient", flat=True)
    assert told.first().link == Review.objects.get().get_absolute_url()


def test_a_look_opened_by_hand_twice_is_one(team):
    alice = join(team, make_user("Alice", organisation=team.organisation), "lead")
    cycle = make_cycle(organisation=team.organisation)
    day = first_day_of("monthly", cycle, date(2026, 8, 18))
    one = open_review(team, cycle, "monthly", for_on=day, actor=alice, now=OCTOBER)
    two = open_review(team, cycle, "monthly", for_on=day, actor=alice, now=OCTOBER)
    assert (one[1], two[1], one[0]) == (True, False, two[0])
    assert day == date(2026, 8, 1)
    assert not OutboxMessage.objects.filter(recipient=alice).exists()


def test_the_job_opens_the_reviews_of_every_organisation(team):
    cycle = make_cycle(
        organisation=team.organisation,
        state="closing",
        starts_on=date(2020, 1, 1),
        ends_on=date(2020, 3, 31),
        name="Q1 2020",
    )
    make_objective(team=team, cycle=cycle)
    tasks.open_reviews()
    tasks.open_reviews()
    assert Review.objects.count() == 1
