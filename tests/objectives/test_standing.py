"""Where key results and objectives stand, read down from the KPI, in a fixed number of queries."""

from datetime import date
from decimal import Decimal

import pytest

from metrics.models import KpiState
from objectives.models import Objective
from objectives.rhythm import due_from
from objectives.standing import objective_standing
from tests.factories import NOW, make_check_in, make_key_result, make_kpi, make_objective

D = Decimal
TODAY = date(2026, 8, 16)


def standing(objective, today=TODAY):
    return objective_standing(Objective.objects.with_parts().get(pk=objective.pk), today)


def say(row, who, value, confidence=6, made_at=NOW):
    number = None if value is None else D(value)
    due_on = due_from(made_at.date(), "weekly", 5)
    return make_check_in(
        row, who, value=number, confidence=confidence, made_at=made_at, due_on=due_on
    )


@pytest.fixture
def objective(team):
    return make_objective(team=team)


def linked(objective, recent, **over):
    kpi = make_kpi(team=objective.team, target=8)
    KpiState.objects.filter(kpi=kpi).update(recent=recent, latest_on=date(2026, 7, 1))
    fields = {"baseline": D("12.1"), "target": D(8), "kpi": kpi, "kpi_follows": True}
    return make_key_result(objective, **fields | over)


def test_a_linked_key_result_follows_the_kpi(objective):
    linked(objective, "2026-06-01x9.9/8 2026-07-01x8.41/8")
    row = standing(objective).key_results[0]
    assert (row.value, row.ratio) == (D("8.41"), D("0.9"))


def test_a_period_without_a_value_does_not_hide_what_was_known(objective):
    linked(objective, "2026-06-01x8.41/8 2026-07-01-/8")
    assert standing(objective).key_results[0].value == D("8.41")


def test_a_kpi_that_never_reported_has_no_data_and_no_progress_lost(objective):
    linked(objective, "")
    row = standing(objective).key_results[0]
    assert (row.value, row.ratio, row.health) == (None, 0, "no_data")


def test_a_kpi_that_fell_silent_makes_its_key_result_stale(objective):
    row = linked(objective, "2026-06-01x8.41/8")
    KpiState.objects.filter(kpi=row.kpi).update(is_stale=True)
    assert standing(objective).key_results[0].health == "stale"


@pytest.mark.parametrize(
    ("recent", "run", "health"),
    [
        ("2026-06-01x9/8 2026-07-01x9/8", 0, "behind"),
        ("2026-06-01x9/8 2026-07-01+7/8", 1, "on_track"),
        ("2026-06-01+7/8 2026-07-01+7/8", 2, "achieved"),
        ("", None, "no_data"),
    ],
)
def test_a_hold_counts_on_target_periods_in_a_row(objective, recent, run, health):
    over = {"kind": "hold", "hold_periods": 2, "baseline": None, "target": None}
    linked(objective, recent, **over)
    row = standing(objective).key_results[0]
    assert (row.run, row.health) == (run, health)
    assert row.expected is None


def test_an_open_key_result_counts_for_nothing(objective, bob):
    say(make_key_result(objective), bob, "45")
    make_key_result(objective, kind="open", title="A driver")
    found = standing(objective)
    assert found.progress == D("0.5")
    assert found.health == "on_track"


def test_weights_count_and_confidence_shows_its_lowest(objective, bob):
    say(make_key_result(objective, weight=D(3)), bob, "52", confidence=9)
    say(make_key_result(objective), bob, "38", confidence=3)
    found = standing(objective)
    assert found.progress == D("0.75")
    assert (found.confidence, found.lowest_confidence) == (D("7.5"), 3)


def test_a_key_result_is_stale_three_days_after_the_check_in_that_is_owed(objective, bob):
    # Said for Friday 21 August; the next is due on the 28th.
    say(make_key_result(objective), bob, "45")
    assert standing(objective, date(2026, 8, 31)).health == "behind"
    assert standing(objective, date(2026, 9, 1)).health == "stale"


def test_after_its_quarter_it_is_overdue_until_it_is_graded(objective, bob):
    say(make_key_result(objective), bob, "52")
    assert standing(objective, date(2026, 10, 1)).health == "overdue"


def test_a_team_of_objectives_costs_the_same_queries_at_any_size(
    team, bob, django_assert_num_queries
):
    def fill(count):
        for _ in range(count):
            objective = make_objective(team=team)
            for _ in range(3):
                say(make_key_result(objective), bob, "45")
            linked(objective, "2026-07-01x8.41/8")

    def work():
        rows = Objective.objects.visible_to(bob).of_team(team.pk).with_parts()
        return [objective_standing(row, TODAY) for row in rows]

    fill(1)
    with django_assert_num_queries(5):
        assert len(work()) == 1
    fill(9)
    with django_assert_num_queries(5):
        assert len(work()) == 10


def test_a_private_objective_is_seen_by_members_only(team, bob, charlie):
    objective = make_objective(team=team, is_private=True)
    row = make_key_result(objective)
    assert list(Objective.objects.visible_to(bob)) == [objective]
    assert not Objective.objects.visible_to(charlie).exists()
    assert row in type(row).objects.visible_to(bob)
    assert not type(row).objects.visible_to(charlie).exists()
