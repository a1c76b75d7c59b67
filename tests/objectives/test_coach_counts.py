"""Where counts and means turn: each boundary and its neighbours."""

from dataclasses import replace
from decimal import Decimal as D

import pytest

from objectives.coach import advice, similarity
from objectives.coach.facts import KeyResultText, KpiText, ObjectiveText, PastCycle, TeamFacts
from objectives.coach.reading import read

COMPLETE = KpiText("Churn", "lost of all", "CRM", "monthly", "why", "Alice", has_target=True)


def levels(findings, code):
    return [str(hint.level) for hint in findings if hint.code == code]


def of_team(**over):
    return advice.of_team(TeamFacts(**({"kpi_count": 5} | over)))


@pytest.mark.parametrize(
    ("count", "found"),
    [
        (0, ["fail"]),
        (1, ["warn"]),
        (2, ["note"]),
        (3, []),
        (5, []),
        (6, ["fail"]),
        (40, ["fail"]),
    ],
)
def test_key_results_of_an_objective(count, found):
    objective = ObjectiveText("A state", key_results=(KeyResultText("x"),) * count)
    assert levels(advice.of_objective(objective).objective, "W14") == found


def test_blank_rows_of_a_form_are_not_counted():
    rows = (KeyResultText("x"),) * 3 + (KeyResultText("  "), KeyResultText(""))
    advised = advice.of_objective(ObjectiveText("A state", key_results=rows))
    assert levels(advised.objective, "W14") == []
    assert advised.key_results[3:] == ((), ())


@pytest.mark.parametrize(
    ("count", "found"), [(0, []), (1, []), (4, []), (5, ["warn"]), (6, ["fail"])]
)
def test_objectives_of_a_team(count, found):
    assert levels(of_team(objective_count=count), "W15") == found


@pytest.mark.parametrize(
    ("count", "found"),
    [
        (0, ["note"]),
        (3, ["note"]),
        (4, []),
        (6, []),
        (7, ["warn"]),
        (10, ["warn"]),
        (11, ["fail"]),
    ],
)
def test_kpis_of_a_team(count, found):
    assert levels(of_team(kpi_count=count), "W20") == found


@pytest.mark.parametrize(
    ("count", "found"), [(0, []), (15, []), (16, ["warn"]), (25, ["warn"]), (26, ["fail"])]
)
def test_kpis_of_the_organisations_board(count, found):
    assert levels(of_team(kpi_count=count, is_organisation=True), "W20") == found


def test_kinds_of_kpi_that_nobody_watches_are_noted():
    (hint,) = of_team(missing_kinds=("growth", "finance"))
    assert hint.text == "Growth and finance have no KPI here. Is that on purpose?"
    (hint,) = of_team(missing_kinds=("quality",))
    assert hint.text == "Quality has no KPI here. Is that on purpose?"


@pytest.mark.parametrize(
    ("means", "code", "found"),
    [
        (("0.95", "0.95"), "W17", ["warn"]),
        (("0.95", "0.94"), "W17", []),
        (("0.95",), "W17", []),
        (("0.39", "0.39"), "W18", ["warn"]),
        (("0.39", "0.40"), "W18", ["note"]),
        (("0.40", "0.39"), "W18", ["note"]),
        (("0.59",), "W18", ["note"]),
        (("0.6",), "W18", []),
        (("0.8",), "W18", []),
        (("0.81",), "W18", ["note"]),
        ((None,), "W18", []),
        ((None, "0.3"), "W18", []),
    ],
)
def test_means_of_closed_cycles(means, code, found):
    history = tuple(PastCycle(mean=None if mean is None else D(mean)) for mean in means)
    assert levels(of_team(history=history), code) == found


@pytest.mark.parametrize(
    ("full", "graded", "found"), [(4, 5, ["warn"]), (3, 4, []), (0, 0, []), (1, 1, ["warn"])]
)
def test_shares_of_key_results_at_1_0(full, graded, found):
    cycle = PastCycle(full_count=full, graded_count=graded)
    assert levels(of_team(history=(cycle, cycle)), "W17") == found


@pytest.mark.parametrize(
    ("met", "judged", "found"), [(2, 6, ["warn"]), (3, 6, []), (0, 5, []), (0, 6, ["warn"])]
)
def test_periods_on_target(met, judged, found):
    kpi = replace(COMPLETE, met_count=met, judged_count=judged)
    assert levels(advice.of_kpi(kpi), "W21") == found


@pytest.mark.parametrize(
    ("off", "patience", "found"), [(2, 3, []), (3, 3, ["warn"]), (1, 1, ["warn"]), (0, 0, [])]
)
def test_periods_off_target(off, patience, found):
    kpi = replace(COMPLETE, off_count=off, patience=patience)
    assert levels(advice.of_kpi(kpi), "W22") == found
    assert levels(advice.of_kpi(replace(kpi, is_answered=True)), "W22") == []


@pytest.mark.parametrize(
    ("days", "rhythm", "fires"),
    [
        (31, None, False),
        (32, None, True),
        (10, 10, False),
        (11, 10, True),
        (31, 100, False),
        (32, 100, True),
        (None, None, False),
    ],
)
def test_days_since_an_objective_was_looked_at(days, rhythm, fires):
    objective = ObjectiveText("A state", untouched_days=days, rhythm_days=rhythm)
    assert bool(levels(advice.of_objective(objective).objective, "W24")) is fires


@pytest.mark.parametrize(("depth", "fires"), [(1, False), (3, False), (4, True)])
def test_levels_of_the_cascade(depth, fires):
    objective = ObjectiveText("A state", depth=depth)
    assert bool(levels(advice.of_objective(objective).objective, "W23")) is fires


def test_a_missing_owner_is_a_note_and_a_missing_source_a_warning():
    assert levels(advice.of_kpi(replace(COMPLETE, owner="")), "W19") == ["note"]
    assert levels(advice.of_kpi(replace(COMPLETE, source="", owner="")), "W19") == ["warn"]
    assert levels(advice.of_kpi(replace(COMPLETE, has_target=False)), "W19") == ["warn"]


def test_likeness_turns_exactly_at_its_threshold():
    # 17 of 20 shared: 2·17 / (20 + 20) = 0.85.
    one = frozenset(f"w{n}" for n in range(20))
    assert similarity.is_alike(one, frozenset(f"w{n}" for n in range(3, 23)), 85)
    assert not similarity.is_alike(one, frozenset(f"w{n}" for n in range(4, 24)), 85)
    assert not similarity.is_alike(frozenset(), frozenset(), 0)


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("Increase revenue", "Grow revenues by 12% in FY26", True),
        ("Increase revenue", "Reduce revenue", False),
        ("Increase revenue", "Increase customer revenue", False),
        ("Customers love our onboarding", "Our onboarding: customers love it", True),
        # Seven content words, one changed: 12 of 14. Six, one changed: 10 of 12.
        ("Red green blue white black grey pink", "Red green blue white black grey gold", True),
        ("Red green blue white black grey", "Red green blue white black gold", False),
        ("", "", False),
        ("!!!", "???", False),
        ("我们的客户喜欢我们", "我们的客户喜欢我们", True),
    ],
)
def test_the_same_objective_in_other_words(one, other, same):
    assert similarity.is_same(read(one), read(other)) is same
    assert similarity.is_same(read(other), read(one)) is same
