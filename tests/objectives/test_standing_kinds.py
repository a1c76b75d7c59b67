"""Where key results of every kind stand: steps, paths, revised and withdrawn ones."""

from datetime import date

import pytest

from objectives.models import KeyResult, Objective
from objectives.standing import key_result_standing, objective_standing, team_standing
from tests.factories import (
    NOW,
    make_check_in,
    make_key_result,
    make_objective,
)
from tests.objectives.standings import TODAY, D, first, say, standing


@pytest.fixture
def objective(team):
    return make_objective(team=team)


# -- steps, yes or no, baselines still to be found -------------------------------------------------


def test_milestones_stand_at_the_share_of_their_weights(objective):
    row = make_key_result(objective, kind="milestones")
    assert (first(objective).ratio, first(objective).health) == (None, "no_data")
    row.milestones.create(title="Draft", position=1)
    row.milestones.create(title="Signed", position=2, weight=D(3))
    assert (first(objective).ratio, first(objective).health) == (0, "no_data")
    row.milestones.update(done_at=NOW)
    assert (first(objective).ratio, first(objective).health) == (1, "achieved")


@pytest.mark.parametrize(
    ("value", "ratio", "health"),
    [(None, 0, "no_data"), (D(0), 0, "at_risk"), (D(1), 1, "achieved")],
)
def test_a_yes_or_no_stands_at_all_or_nothing(objective, bob, value, ratio, health):
    row = make_key_result(objective, kind="yes_no")
    if value is not None:
        make_check_in(row, bob, value=value)
    assert (first(objective).ratio, first(objective).health) == (ratio, health)


def test_a_baseline_to_be_found_counts_for_nothing_and_hides_nobody(objective, bob):
    say(make_key_result(objective), bob, 45, since=date(2026, 8, 21))
    say(make_key_result(objective, kind="find_baseline"), bob, 7, since=date(2026, 8, 21))
    found = standing(objective)
    assert (found.key_results[1].value, found.key_results[1].progress) == (7, None)
    assert (found.progress, found.health) == (D("0.5"), "on_track")


def test_one_that_nothing_measures_is_overdue_after_its_cycle_all_the_same(objective):
    make_key_result(objective, kind="open")
    assert standing(objective).health == "no_data"
    assert standing(objective, date(2026, 10, 1)).health == "overdue"


# -- pace and ambition -----------------------------------------------------------------------------


def test_a_key_result_has_its_own_ambition_or_its_objectives(objective):
    make_key_result(objective)
    make_key_result(objective, ambition="aspirational")
    own, stretch = standing(objective).key_results
    assert stretch.expected == own.expected * D("0.7")


def test_a_path_replaces_the_straight_pace(objective, bob):
    row = make_key_result(objective)
    say(row, bob, 38, since=date(2026, 8, 21))
    assert first(objective).health == "at_risk"
    row.checkpoints.create(on=date(2026, 9, 20), value=D(39))
    found = first(objective)
    assert (found.expected < D("0.05"), found.health) == (True, "on_track")


def test_what_is_expected_of_an_objective_is_weighted_as_its_progress(objective, bob):
    say(make_key_result(objective, kind="at_least", target=D(5)), bob, 5)
    say(make_key_result(objective, weight=D(3)), bob, 45)
    make_key_result(objective, kind="find_baseline", weight=D(9))
    half = D(46) / 91
    assert abs(standing(objective).expected - (1 + 3 * half) / 4) < D("1e-20")


# -- revised, withdrawn, reported ------------------------------------------------------------------


def test_a_revised_key_result_shows_progress_by_both_targets(objective, bob):
    row = make_key_result(objective, original_baseline=D(38), original_target=D(66))
    say(row, bob, 45)
    found = first(objective)
    assert (found.ratio, found.original.ratio) == (D("0.5"), D("0.25"))
    KeyResult.objects.update(original_baseline=None)
    assert first(objective).original.ratio == D("0.25")
    KeyResult.objects.update(original_target=None)
    assert first(objective).original is None


def test_a_revised_standard_counts_its_periods_by_both_targets(objective, bob):
    row = make_key_result(objective, kind="at_most", target=D(9), original_target=D(8))
    say(row, bob, 9, 8)
    found = first(objective)
    assert (found.ratio, found.original.ratio) == (1, D("0.5"))
    assert found.final_original == D(1) / 7


def test_an_original_target_that_was_the_baseline_of_now_says_nothing(objective):
    make_key_result(objective, original_target=D(38))
    assert first(objective).original is None


def test_a_withdrawn_key_result_leaves_the_roll_up(objective, bob):
    say(make_key_result(objective), bob, 45, since=date(2026, 8, 21))
    gone = make_key_result(objective, withdrawn_at=NOW, withdrawn_reason="Sold.")
    say(gone, bob, 38, reported="on_track", confidence=1)
    found = standing(objective)
    assert (found.progress, found.health, found.lowest_confidence) == (D("0.5"), "on_track", 6)
    assert found.key_results[1].health == "withdrawn"
    assert not found.diverges


@pytest.mark.parametrize(
    ("reported", "today", "diverges"),
    [
        ("on_track", TODAY, True),
        ("at_risk", TODAY, False),
        ("", TODAY, False),
        ("on_track", date(2026, 7, 6), False),
        ("on_track", date(2026, 9, 20), True),
    ],
)
def test_a_report_of_on_track_differs_from_at_risk_and_stale(
    objective, bob, reported, today, diverges
):
    make_check_in(make_key_result(objective), bob, value=D(38), reported=reported)
    found = first(objective, today)
    assert (found.reported, found.diverges) == (reported, diverges)
    assert standing(objective, today).diverges == diverges


def test_a_late_start_shows_a_week_after_the_start(objective, bob):
    row = make_key_result(objective)
    assert not first(objective, date(2026, 7, 7)).is_late_start
    assert first(objective, date(2026, 7, 8)).is_late_start
    make_check_in(row, bob, value=D(40))
    assert not first(objective, date(2026, 7, 8)).is_late_start


def test_a_monthly_objective_has_a_longer_grace(team, bob):
    objective = make_objective(team=team, rhythm="monthly")
    make_check_in(make_key_result(objective), bob, value=D(45), due_on=date(2026, 7, 31))
    # The last Friday of August is the 28th; five days of grace.
    assert first(objective, date(2026, 9, 2)).health != "stale"
    assert first(objective, date(2026, 9, 3)).health == "stale"


# -- loaded with the last check-in only ------------------------------------------------------------


def test_a_page_without_history_shows_the_same_figures(objective, bob):
    for kind in ("increase", "at_least", "yes_no", "find_baseline", "milestones", "open"):
        over = {"target": D(5)} if kind == "at_least" else {}
        row = make_key_result(objective, kind=kind, **over)
        say(row, bob, 6, 1, reported="on_track")
    taken = make_key_result(objective)
    say(taken, bob, 45)
    last = taken.check_ins.get()
    make_check_in(taken, bob, due_on=last.due_on, corrects=last, is_retraction=True)
    whole = standing(objective)
    brief = objective_standing(Objective.objects.with_latest().get(pk=objective.pk), TODAY)
    assert (brief.progress, brief.expected, brief.health) == (
        whole.progress,
        whole.expected,
        whole.health,
    )
    for one, other in zip(brief.key_results, whole.key_results, strict=True):
        assert (one.value, one.progress, one.health, one.last, one.kept, one.diverges) == (
            other.value,
            other.progress,
            other.health,
            other.last,
            other.kept,
            other.diverges,
        )
    assert len(brief.key_results[0].check_ins) == 1
    assert len(whole.key_results[0].check_ins) == 2


def test_a_key_result_alone_stands_where_it_stands_in_its_objective(objective, bob):
    row = make_key_result(objective, kind="at_least", target=D(5))
    say(row, bob, 6, 1)
    alone = KeyResult.objects.with_latest().get(pk=row.pk)
    assert key_result_standing(alone, objective, TODAY).kept == first(objective).kept


# -- teams and cycles ------------------------------------------------------------------------------


def test_a_team_is_the_plain_mean_of_what_runs_and_what_ended(team, bob):
    def make(value, **over):
        made = make_objective(team=team, **over)
        say(make_key_result(made), bob, value, since=date(2026, 8, 21))
        return standing(made)

    rows = [
        make(45),
        make(52, state="closed", closed_at=NOW),
        make(38, state="draft"),
        make(38, state="parked"),
        make(38, state="withdrawn", withdrawn_from="active", closed_at=NOW),
        standing(make_objective(team=team)),
    ]
    found = team_standing(rows)
    assert (found.count, found.progress) == (3, D("0.75"))
    assert found.health == "no_data"
    assert team_standing([]) == (team_standing(rows[2:5]))
    assert team_standing([]).progress is None
