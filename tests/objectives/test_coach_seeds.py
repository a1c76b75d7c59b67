"""Every objective and key result of the seed articles, and what the coach says of each.

`data/seed_goals.json` has one line an entry: the text, what it stands under, which rules fire, what
the page shows, and what a person thinks of it, with a note where that person is in doubt. Where a
rule changes, this list is to be read again.
"""

import json
from collections import Counter
from pathlib import Path

import pytest

from objectives.coach import advice
from objectives.coach.catalogue import RULES
from objectives.coach.facts import KeyResultText, ObjectiveText

GOALS = json.loads((Path(__file__).parent / "data" / "seed_goals.json").read_text("utf-8"))
THREE = (KeyResultText("NPS rises from 1 to 2"),) * 3


@pytest.mark.parametrize("goal", GOALS, ids=lambda goal: f"{goal['as']}: {goal['text']}")
def test_what_the_coach_says_of_a_goal_of_the_seeds(goal):
    if goal["as"] == "objective":
        objective = ObjectiveText(goal["text"], key_results=THREE)
        found = advice.of_objective(objective).objective
        hints = advice.hints_of_objective(objective, found)
    else:
        key_result = KeyResultText(goal["text"])
        found = advice.of_key_result(key_result, goal["under"])
        hints = advice.hints_of_key_result(key_result, found)
    assert (" ".join(hint.code for hint in found) or "none") == goal["fires"]
    assert [f"{hint.tone} {hint.code}: {hint.text}" for hint in hints] == goal["shown"]


def test_every_entry_was_judged_and_names_only_rules_that_exist():
    for goal in GOALS:
        assert goal["judged"].strip()
        assert goal["seed"] in {"S0", "S1", "S2", "S3", "S4"}
        assert set(goal["fires"].split()) <= {*RULES, "none"}


def test_the_list_holds_what_the_articles_hold():
    texts = {(goal["seed"], goal["as"], goal["text"]) for goal in GOALS}
    assert len(texts) == len(GOALS) >= 55
    assert {goal["seed"] for goal in GOALS} == {"S0", "S1", "S2", "S3", "S4"}


def test_the_list_is_complete():
    """Counted by hand: every objective and key result, and every KPI typed as if it were one."""
    assert Counter(goal["seed"] for goal in GOALS) == {
        "S0": 1,
        "S1": 33,
        "S2": 12,
        "S3": 10,
        "S4": 5,
    }
    doubtful = [goal["text"] for goal in GOALS if goal["judged"] == "doubtful"]
    assert doubtful == [goal["text"] for goal in GOALS if goal.get("note")]
