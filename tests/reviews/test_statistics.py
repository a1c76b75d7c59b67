"""Statistics and calibration over cycles: every figure, and what is hidden."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
import time_machine

from metrics.models import SignalEvent
from objectives.coach import objective_rules
from objectives.coach.facts import ObjectiveText, PastCycle, PastObjective
from objectives.coach.reading import read
from reviews.calibration import repeats
from reviews.dashboards.picture import read_picture
from reviews.dashboards.scope import read_known
from reviews.dashboards.scope import scope_of as dashboard_of
from reviews.pages.dashboard_board import Board
from reviews.pages.statistics import scope_of, statistics_context
from reviews.pages.statistics_facts import update_shares
from reviews.pages.statistics_signals import quarter_figures
from reviews.speed import median_days
from reviews.update_share import Came, Owing, updates
from tests.factories import (
    NOW,
    make_check_in,
    make_cycle,
    make_key_result,
    make_kpi,
    make_objective,
    make_signal,
    make_target,
    make_team,
)
from tests.reviews.past_cycles import Q1, Q2, figures_of, graded

pytestmark = [pytest.mark.django_db]
FRIDAY = 5


@pytest.fixture(autouse=True)
def then():
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def cycles(organisation):
    return [make_cycle(organisation=organisation, state="active", **one) for one in (Q1, Q2)]


def test_the_figures_of_a_cycle_are_those_of_its_rows(team, charlie, cycles):
    q2 = cycles[1]
    graded(team, q2, ["0.7", "0.4"], origin="top_down")
    graded(team, q2, ["1.0"], ambition="committed", title="Every contract is on paper")
    keeps = make_objective(team=charlie.teams.get(), cycle=q2, title="Builds stay quick")
    make_key_result(keeps, kind="at_most", target=Decimal(10))
    make_objective(team=team, cycle=q2, state="draft", title="Later")
    one = figures_of(charlie)[q2.pk]
    assert (one.teams, one.objectives, one.key_results, one.hidden) == (2, 3, 4, 0)
    assert (one.bottom_up, one.maintain, one.repeats) == (2, 1, 0)
    assert one.grades["aspirational"].mean == Decimal("0.55")
    assert one.grades["committed"].counts == {Decimal("1.0"): 1}


def test_a_key_results_own_ambition_goes_before_its_objectives(team, alice, cycles):
    objective = graded(team, cycles[1], ["0.3"], ambition="committed")
    objective.key_results.update(ambition="aspirational")
    one = figures_of(alice)[cycles[1].pk]
    assert one.grades["aspirational"].graded == 1
    assert one.grades["committed"].graded == 0


def test_a_withdrawn_key_result_is_in_no_figure(team, alice, cycles):
    objective = graded(team, cycles[1], ["0.7", "0.1"])
    objective.key_results.filter(grade=Decimal("0.1")).update(
        withdrawn_at=NOW, withdrawn_reason="Dropped"
    )
    one = figures_of(alice)[cycles[1].pk]
    assert (one.key_results, one.grades["aspirational"].mean) == (1, Decimal("0.7"))


def test_what_is_private_is_in_no_figure_but_the_count_of_hidden(team, bob, charlie, cycles):
    q1, q2 = cycles
    graded(team, q1, ["1.0"], is_private=True, title="Hidden plan")
    hidden = graded(team, q2, ["0.2"], is_private=True, title="Hidden plan", origin="top_down")
    make_key_result(hidden, kind="at_least", target=Decimal(3))
    seen, own = figures_of(charlie)[q2.pk], figures_of(bob)[q2.pk]
    assert (seen.objectives, seen.teams, seen.key_results, seen.hidden) == (0, 0, 0, 1)
    assert (seen.bottom_up, seen.maintain, seen.repeats) == (0, 0, 0)
    assert all(one.graded == 0 for one in seen.grades.values())
    assert (own.objectives, own.hidden, own.repeats, own.maintain) == (1, 0, 1, 1)


def test_a_team_is_shown_with_its_sub_teams(organisation, team, alice, charlie, cycles):
    below = make_team(organisation=organisation, name="Onboarding", parent=team)
    deeper = make_team(organisation=organisation, name="Mail", parent=below)
    graded(deeper, cycles[1], ["0.5"])
    graded(charlie.teams.get(), cycles[1], ["0.1"])
    one = figures_of(alice, team)[cycles[1].pk]
    assert (one.objectives, one.grades["aspirational"].mean) == (1, Decimal("0.5"))


@pytest.mark.parametrize(
    "title",
    ["Our customers love our onboarding", "Onboarding our customers love", "Nobody waits for us"],
)
def test_a_repeat_is_what_the_coach_calls_one(title):
    past = (PastObjective("Our customers love our onboarding", frozenset({(4, "increase")})),)
    asked = objective_rules.again(ObjectiveText(title), read(title), [PastCycle(past)])
    assert repeats([PastObjective(title)], past) == (asked is not None)


def test_the_same_kpi_is_a_repeat_unless_its_target_is_new(team, alice, cycles):
    kpi = make_kpi(team=team, target=8)
    for cycle, title in zip(
        cycles, ("Nobody leaves us early", "Renewals are a habit"), strict=True
    ):
        objective = make_objective(team=team, cycle=cycle, title=title)
        make_key_result(objective, kpi=kpi)
    assert figures_of(alice)[cycles[1].pk].repeats == 1
    make_target(kpi, value=Decimal(7), effective_on=date(2026, 4, 1))
    assert figures_of(alice)[cycles[1].pk].repeats == 0


def test_updates_are_in_time_late_or_missed_by_their_day():
    owing = [Owing("weekly", date(2026, 7, 1), date(2026, 9, 30), 2)]
    came = [
        Came("weekly", date(2026, 7, 3), date(2026, 7, 6), 2),  # on the last day of grace
        Came("weekly", date(2026, 7, 10), date(2026, 7, 14), 1),  # after it
        Came("weekly", date(2026, 7, 17), date(2026, 7, 25), 1),  # after the next was due
    ]
    found = updates(owing, came, FRIDAY, date(2026, 7, 21))
    assert (found.on_time, found.late, found.missed) == (2, 1, 3)
    assert found.due == 6


def test_nothing_due_yet_has_no_share():
    owing = [Owing("weekly", date(2026, 7, 1), date(2026, 9, 30), 2)]
    assert updates(owing, [], FRIDAY, date(2026, 7, 6)).ratio is None


def test_the_first_check_in_of_a_day_counts_and_one_taken_back_does_not(team, alice):
    cycle = make_cycle(organisation=team.organisation)
    row = make_key_result(make_objective(team=team, cycle=cycle))
    made = datetime(2026, 7, 3, 8, tzinfo=UTC)
    first = make_check_in(row, alice, due_on=date(2026, 7, 3), made_at=made)
    make_check_in(
        row, alice, due_on=date(2026, 7, 3), made_at=made + timedelta(days=9), corrects=first
    )
    make_check_in(
        row, alice, due_on=date(2026, 7, 3), made_at=made + timedelta(days=5), confidence=3
    )
    gone = make_check_in(row, alice, due_on=date(2026, 7, 10), made_at=made + timedelta(days=7))
    make_check_in(
        row,
        alice,
        due_on=date(2026, 7, 10),
        made_at=made + timedelta(days=7, minutes=1),
        corrects=gone,
        is_retraction=True,
    )
    found = update_shares(scope_of(alice, None, "", NOW))[cycle.pk]
    assert (found.on_time, found.late) == (1, 0)
    assert found.due == 7  # 3, 10, 17, 24, 31 July, 7 and 14 August


def test_what_follows_a_kpi_owes_no_check_in(team, alice):
    cycle = make_cycle(organisation=team.organisation)
    objective = make_objective(team=team, cycle=cycle)
    make_key_result(objective, kpi=make_kpi(team=team), kpi_follows=True)
    assert update_shares(scope_of(alice, None, "", NOW))[cycle.pk].due == 0


def test_time_to_decision_is_the_median_of_first_decisions(team, charlie, alice, cycles):
    opened = datetime(2026, 4, 10, 9, tzinfo=UTC)
    for days in (1, 4, 9):
        signal = make_signal(make_kpi(team=team), opened_at=opened, decision="accept")
        signal.decided_at = opened + timedelta(days=30)
        signal.save()
        SignalEvent.objects.create(
            signal=signal,
            type="accepted",
            period_on=date(2026, 4, 1),
            ordinal=1,
            at=opened + timedelta(days=days),
        )
    make_signal(make_kpi(team=team), opened_at=opened)
    make_signal(make_kpi(team=team, is_private=True), opened_at=opened)
    (one,) = quarter_figures(scope_of(charlie, None, "", NOW)).values()
    assert (one.median, one.waiting, one.hidden) == (Decimal(4), 1, 1)
    (own,) = quarter_figures(scope_of(alice, None, "", NOW)).values()
    assert (own.waiting, own.hidden) == (2, 0)


def test_the_median_of_an_even_number_lies_between_and_none_is_left_out():
    assert median_days([Decimal(1), None, Decimal(2)]) == Decimal("1.5")
    assert median_days([None]) is None


def test_the_dashboard_and_the_statistics_tell_the_same_time_to_decision(team, alice, cycles):
    opened = datetime(2026, 7, 10, 9, tzinfo=UTC)
    for hours in (30, 92, 127):
        signal = make_signal(make_kpi(team=team), opened_at=opened, decision="accept")
        signal.decided_at = opened + timedelta(hours=hours)
        signal.save()
    context = statistics_context(scope_of(alice, None, "", NOW), "", ("1", "1"))
    of_quarter = context["decisions"].rows[0].values[2]
    known = read_known(alice)
    latest = Board(read_picture(dashboard_of(alice, known, NOW), known), "").speed[-1]
    assert (of_quarter, latest.median_days) == (Decimal(92) / 24, Decimal(92) / 24)
    assert [days.text for _, _, cells in context["signals"].lines() for days in cells[2:3]] == [
        *("5.3", "3.8", "1.3"),
    ]


def test_a_deactivated_persons_rows_still_count(team, alice, bob, cycles):
    graded(team, cycles[1], ["0.5"], owner=bob)
    bob.is_active = False
    bob.save()
    assert figures_of(alice)[cycles[1].pk].objectives == 1
