"""Which kinds of KPI a team watches, told from their names, and the line that says so."""

import pytest

from objectives.coach import advice, coverage
from objectives.coach.facts import TeamFacts


@pytest.mark.parametrize(
    ("name", "kinds"),
    [
        ("Monthly churn rate", ("retention",)),
        ("Weekly active users", ("engagement",)),
        ("Net Promoter Score", ("quality",)),
        ("Monthly recurring revenue", ("finance",)),
        ("New sign-ups", ("growth",)),
        ("Usage and renewals", ("retention", "engagement")),
        ("Rückläufer", ()),
    ],
)
def test_the_kinds_of_a_name(name, kinds):
    assert coverage.covered([name]) == kinds


def test_nothing_is_missing_where_nothing_is_recognised():
    assert coverage.missing(()) == ()
    assert coverage.missing(("retention",)) == ("growth", "engagement", "quality", "finance")


def test_the_line_of_the_design():
    kinds = ("retention", "engagement", "quality")
    facts = TeamFacts(kpi_count=5, covered_kinds=kinds, missing_kinds=coverage.missing(kinds))
    (hint,) = advice.of_team(facts)
    assert hint.text == (
        "Retention, engagement and quality are covered. Growth and finance have no KPI here. "
        "Is that on purpose?"
    )
    assert (hint.code, hint.tone, hint.remedy.label) == ("W20", "idle", "See examples")


def test_all_kinds_covered_say_nothing():
    facts = TeamFacts(kpi_count=5, covered_kinds=coverage.KINDS)
    assert advice.of_team(facts) == ()
