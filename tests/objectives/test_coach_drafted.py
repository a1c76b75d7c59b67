"""What the system itself suggests for a signal draws no question; what people change in it does."""

from dataclasses import replace
from decimal import Decimal as D

import pytest

from metrics import suggestion
from objectives.coach import advice
from objectives.coach.facts import KeyResultText, Kind, KpiFacts, ObjectiveText

NAMES = (
    *("Monthly churn rate", "Revenue", "90-day retention", "Tickets under 24 h", "Build time"),
    *("Support first response", "Launch events", "Reports on time", "Time to hire and onboard"),
    *("NPS > 45", "Website traffic in %", "Kundenzufriedenheit"),
)
CASES = (
    ("lower_is_better", D("12.1"), {"target": D(8)}),
    ("lower_is_better", D(7), {"target": D(8)}),
    ("higher_is_better", D(38), {"target": D(45)}),
    ("in_range", D(50), {"low": D(20), "high": D(40)}),
    ("in_range", D(25), {"low": D(20), "high": D(40)}),
)


def suggested(name, direction, latest, bounds) -> ObjectiveText:
    """The draft of signals.md 12 as the form opens with it."""
    kpi = KpiFacts(name, direction, unit="%", latest=latest, key=3, **bounds)
    draft = suggestion.draft(
        name,
        direction=direction,
        latest=latest,
        recovery=2,
        cadence="monthly",
        unit="%",
        **bounds,
    )
    aim = KeyResultText(draft.aim.text, Kind.CHANGE, draft.aim.start, draft.aim.target, "%", kpi)
    hold = KeyResultText(draft.hold.text, Kind.HOLD, kpi=kpi)
    return ObjectiveText(draft.objective, "", (aim, hold, KeyResultText("")), answers=kpi)


def tones(objective) -> list[str]:
    found = advice.of_objective(objective)
    hints = [*advice.hints_of_objective(objective, found.objective)]
    for row, findings in zip(objective.key_results, found.key_results, strict=True):
        hints += advice.hints_of_key_result(row, findings)
    return [f"{hint.tone} {hint.code}" for hint in hints]


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(("direction", "latest", "bounds"), CASES, ids=str)
def test_the_suggested_draft_has_nothing_to_look_at(name, direction, latest, bounds):
    found = tones(suggested(name, direction, latest, bounds))
    assert found == ["on W5", "idle W14", "on W25" if "target" in bounds else "on W1", "on W7"]


def test_the_same_words_restate_an_objective_that_answers_no_signal_or_another():
    churn = suggested("Monthly churn rate", *CASES[0])
    assert "near W11" in tones(replace(churn, answers=None))
    assert "near W11" in tones(replace(churn, answers=replace(churn.answers, key=4)))


def test_a_key_result_without_the_kpi_restates_the_objective_still():
    churn = suggested("Monthly churn rate", *CASES[0])
    unlinked = replace(churn.key_results[0], kpi=None)
    assert "near W11" in tones(replace(churn, key_results=(unlinked,)))


@pytest.mark.parametrize(
    ("over", "code"),
    [
        ({"title": "Monthly churn rate drops to 9 %", "target": D(9)}, "W25"),
        ({"baseline": D(8), "target": D("12.1")}, "W10"),
        ({"title": "Keep Monthly churn rate below 8 %", "baseline": None}, "W3"),
    ],
    ids=["short", "wrong way", "level"],
)
def test_what_a_person_makes_of_the_suggestion_is_judged(over, code):
    churn = suggested("Monthly churn rate", *CASES[0])
    changed = replace(churn.key_results[0], **over)
    assert f"near {code}" in tones(replace(churn, key_results=(changed,)))


def test_a_number_beside_the_name_of_the_kpi_is_asked_about():
    retention = suggested("90-day retention", *CASES[2])
    assert "near W5" in tones(replace(retention, title="Bring 90-day retention back to 45 %"))
