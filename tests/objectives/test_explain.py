"""Every figure says where it comes from: formula, inputs, result."""

from datetime import date
from decimal import Decimal

import pytest
from django.template.loader import render_to_string

from metrics.models import KpiState
from metrics.wording import NBSP
from objectives import explain
from objectives.models import KeyResult, Milestone, Objective
from objectives.standing import objective_standing
from tests.factories import NOW, make_check_in, make_key_result, make_kpi, make_objective

D = Decimal
TODAY = date(2026, 8, 16)


@pytest.fixture
def objective(team):
    return make_objective(team=team)


def standing(objective, today=TODAY):
    return objective_standing(Objective.objects.with_parts().get(pk=objective.pk), today)


def first(objective, today=TODAY):
    return standing(objective, today).key_results[0]


def plain(found):
    """Its parts with ordinary spaces, inputs as a mapping."""
    formula, result = (text.replace(NBSP, " ") for text in (found.formula, found.result))
    inputs = {name.replace(NBSP, " "): text.replace(NBSP, " ") for name, text in found.inputs}
    return formula, inputs, result


def test_a_change_shows_baseline_target_and_now(objective, bob):
    make_check_in(make_key_result(objective), bob, value=D(45))
    formula, inputs, result = plain(explain.key_result_progress(first(objective), TODAY))
    assert formula == "(now − baseline) ÷ (target − baseline), between 0 and 100 %."
    assert inputs == {"Baseline": "38", "Target": "52", "Now": "45"}
    assert result == "50 %"


def test_a_value_beyond_the_ends_says_so(objective, bob):
    make_check_in(make_key_result(objective), bob, value=D(30))
    assert plain(explain.key_result_progress(first(objective), TODAY))[2] == "0 %, moving away"


def test_a_revised_target_shows_progress_by_the_original_one_too(objective, bob):
    row = make_key_result(objective, original_target=D(66), original_baseline=D(38))
    make_check_in(row, bob, value=D(45))
    inputs = plain(explain.key_result_progress(first(objective), TODAY))[1]
    assert inputs["By the original target"] == "25 %"


@pytest.mark.parametrize("kind", ["open", "find_baseline"])
def test_what_cannot_be_measured_says_why(objective, kind):
    make_key_result(objective, kind=kind)
    formula, inputs, result = plain(explain.key_result_progress(first(objective), TODAY))
    assert "counts for nothing" in formula
    assert (inputs, result) == ({}, "–")


def test_an_unknown_baseline_says_so(objective):
    make_key_result(objective, baseline=None)
    assert "not known yet" in explain.key_result_progress(first(objective), TODAY).formula


def test_a_standard_counts_its_periods(objective, bob):
    row = make_key_result(objective, kind="at_most", target=D(8), unit="%")
    make_check_in(row, bob, value=D(8), due_on=date(2026, 8, 7))
    make_check_in(row, bob, value=D(9), due_on=date(2026, 8, 14))
    inputs, result = plain(explain.key_result_progress(first(objective), TODAY))[1:]
    assert inputs["Asked of each period"] == "at most 8 %"
    assert inputs["Periods that met it"] == "1 of 2"
    assert inputs["Without a value"] == "5, failures once it is graded"
    assert result == "50 %"


def test_a_range_says_both_ends(objective):
    make_key_result(objective, kind="range", low=D(40), high=D(60), unit="%")
    inputs = plain(explain.key_result_progress(first(objective), TODAY))[1]
    assert inputs["Asked of each period"] == "between 40 and 60 %"


def test_a_hold_counts_its_run(objective):
    kpi = make_kpi(team=objective.team, target=8)
    KpiState.objects.filter(kpi=kpi).update(recent="2026-07-01+7/8", latest_on=date(2026, 7, 1))
    make_key_result(objective, kind="hold", hold_periods=2, kpi=kpi)
    inputs, result = plain(explain.key_result_progress(first(objective), TODAY))[1:]
    assert inputs == {"On target in a row": "1", "Needed": "2"}
    assert result == "50 %"
    assert "periods left" in explain.status(first(objective), objective, TODAY).formula
    assert explain.expected(first(objective), objective, TODAY).result == "–"


@pytest.mark.parametrize(("value", "said"), [(None, "not said yet"), (D(0), "no"), (D(1), "yes")])
def test_a_yes_or_no_says_what_was_said(objective, bob, value, said):
    make_check_in(make_key_result(objective, kind="yes_no"), bob, value=value)
    assert plain(explain.key_result_progress(first(objective), TODAY))[1] == {"Is it so?": said}


def test_milestones_are_listed(objective):
    row = make_key_result(objective, kind="milestones")
    Milestone.objects.create(key_result=row, title="Draft", position=1, done_at=NOW)
    Milestone.objects.create(key_result=row, title="Signed", position=2, weight=3)
    inputs, result = plain(explain.key_result_progress(first(objective), TODAY))[1:]
    assert inputs == {"Draft": "weight 1, done", "Signed": "weight 3, not done"}
    assert result == "25 %"


def test_a_frozen_standard_says_that_it_was_kept(team):
    objective = make_objective(team=team, state="closed", closed_at=NOW)
    make_key_result(objective, kind="at_least", target=D(5), final_progress=D("0.5"))
    formula, inputs, result = plain(explain.key_result_progress(first(objective), TODAY))
    assert (list(inputs), result) == (["Asked of each period"], "50 %")
    assert "closed periods" in formula


def test_expected_counts_the_days_and_the_score(objective):
    make_key_result(objective, ambition="aspirational")
    inputs, result = plain(explain.expected(first(objective), objective, TODAY))[1:]
    assert inputs == {"Days gone by": "46 of 91 days since 1 Jul", "Score": "0.7, aspirational"}
    assert result == "35 %"


def test_a_path_lists_its_steps(objective):
    row = make_key_result(objective)
    row.checkpoints.create(on=TODAY, value=D(40))
    inputs, result = plain(explain.expected(first(objective), objective, TODAY))[1:]
    assert inputs == {"By 16 Aug": "40", "Score": "1, committed"}
    assert result == "14 %"


def test_a_standard_is_expected_alike_on_every_day(objective):
    make_key_result(objective, kind="at_least", target=D(5), ambition="aspirational")
    found = explain.expected(first(objective), objective, TODAY)
    assert "does not grow with time" in found.formula
    assert plain(found)[2] == "70 %"


def test_a_status_shows_how_far_behind_and_where_a_report_differs(objective, bob):
    make_check_in(make_key_result(objective), bob, value=D(38), reported="on_track")
    formula, inputs, result = plain(explain.status(first(objective), objective, TODAY))
    assert inputs["Behind by"] == "0.51"
    assert inputs["Reported"] == "On track"
    assert formula.endswith("The report and the figures differ.")
    assert result == "At risk"


def test_a_stale_status_shows_what_is_owed(objective, bob):
    make_check_in(make_key_result(objective), bob, value=D(45))
    late = date(2026, 9, 5)
    inputs, result = plain(explain.status(first(objective, late), objective, late))[1:]
    assert inputs == {"Check-in due": "28 Aug", "Grace": "3 days"}
    assert result == "Stale"


def test_a_silent_kpi_is_named(objective):
    kpi = make_kpi(team=objective.team, target=8)
    KpiState.objects.filter(kpi=kpi).update(recent="2026-07-01+7/8", is_stale=True)
    make_key_result(objective, kpi=kpi, kpi_follows=True)
    assert "KPI" in explain.status(first(objective), objective, TODAY).formula


@pytest.mark.parametrize(
    ("today", "result"),
    [(date(2026, 6, 1), "Not started"), (TODAY, "No data yet"), (date(2026, 10, 1), "Overdue")],
)
def test_a_status_outside_the_bands_is_one_sentence(objective, today, result):
    make_key_result(objective)
    found = explain.status(first(objective, today), objective, today)
    assert (found.inputs, found.result) == ((), result)
    assert found.formula.endswith(".")


def test_an_objective_adds_up_its_key_results(objective, bob):
    make_check_in(make_key_result(objective, title="A", weight=D(3)), bob, value=D(52))
    make_key_result(objective, title="B", kind="open")
    make_key_result(objective, title="C", withdrawn_at=NOW, withdrawn_reason="Sold.")
    formula, inputs, result = plain(explain.objective_progress(standing(objective)))
    assert inputs == {"A": "100 % × weight 3", "B": "– × weight 1"}
    assert formula.endswith("One without progress counts for nothing yet.")
    assert result == "100 %"
    assert plain(explain.objective_status(standing(objective)))[1]["A"] == "Achieved"
    assert plain(explain.objective_expected(standing(objective), TODAY))[2] == "51 %"


def test_confidence_is_a_mean_and_its_lowest(objective, bob):
    make_check_in(make_key_result(objective, title="A", weight=D(3)), bob, confidence=9)
    make_check_in(make_key_result(objective, title="B"), bob, confidence=3)
    make_key_result(objective, title="C")
    inputs, result = plain(explain.confidence(standing(objective)))[1:]
    assert inputs == {
        "A": "9 × weight 3",
        "B": "3 × weight 1",
        "C": "not said yet",
        "Lowest": "3 of 10",
    }
    assert result == "7.5 of 10"


def test_a_team_is_a_plain_mean_without_drafts(objective, bob):
    make_check_in(make_key_result(objective), bob, value=D(45))
    draft = make_objective(team=objective.team, state="draft", title="Not yet", published_at=None)
    found = explain.team_progress([standing(objective), standing(draft)])
    assert plain(found)[1:] == ({objective.title: "50 %"}, "50 %")


def test_timeliness_shows_its_days():
    due, following = date(2026, 8, 14), date(2026, 8, 21)
    found = explain.timeliness(due, following, date(2026, 8, 18), "weekly", TODAY)
    inputs, result = plain(found)[1:]
    assert inputs == {"Due": "14 Aug, 3 days of grace", "Next due": "21 Aug", "Came": "18 Aug"}
    assert result == "late"
    assert explain.timeliness(due, following, None, "weekly", TODAY).result == "not due yet"


def test_a_grade_shows_what_was_rounded():
    parts = [("A", D(1), D("0.85")), ("B", D(2), D("0.84"))]
    found = explain.objective_grade(parts, D("0.8"))
    assert found.inputs == (("A", "0.85 × weight 1"), ("B", "0.84 × weight 2"))
    assert found.result == "0.8"


def test_the_fragment_is_a_label_that_opens_what_it_needs():
    found = explain.Explanation("Progress", "a ÷ b", (("<i>A</i>", "1"),), "50 %")
    text = render_to_string(
        "objectives/_explain.html", {"explanation": found, "ident": "kr-1", "label": "Progress"}
    )
    assert 'popovertarget="ex-kr-1"' in text
    assert 'id="ex-kr-1" popover' in text
    assert "&lt;i&gt;A&lt;/i&gt;" in text


def test_every_kind_is_explained():
    kinds = {kind for kind, _ in KeyResult._meta.get_field("kind").choices}
    assert set(explain._PARTS) == kinds
