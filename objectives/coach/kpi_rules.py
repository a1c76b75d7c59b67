"""The rules of a KPI on its own: W19, W21 and W22."""

from __future__ import annotations

from metrics.kinds import CadenceKind
from metrics.wording import names, periods, plural
from objectives.coach.catalogue import RULES, Hint, Level
from objectives.coach.facts import KpiText

JUDGED_PERIODS = 6

QUESTIONS = {
    "definition": "What exactly is measured?",
    "target": "Which level is good?",
    "source": "Where does the number come from?",
    "cadence": "How often is it looked at?",
    "a why": "What does it tell you?",
    "an owner": "Who looks after it?",
}


def incomplete(kpi: KpiText) -> Hint | None:
    """W19: one of the four essentials is missing; why and owner missing is a note."""
    filled = {
        "definition": kpi.definition.strip(),
        "target": kpi.has_target,
        "source": kpi.source.strip(),
        "cadence": kpi.cadence.strip(),
    }
    missing = [name for name, value in filled.items() if not value]
    if missing:
        text = f"Not yet a KPI without {names(missing)}. {QUESTIONS[missing[0]]}"
        return RULES["W19"].hint(text)
    people = {"a why": kpi.why.strip(), "an owner": kpi.owner.strip()}
    missing = [name for name, value in people.items() if not value]
    if not missing:
        return None
    return RULES["W19"].hint(f"Without {names(missing)}. {QUESTIONS[missing[0]]}", Level.NOTE)


def stretched(kpi: KpiText) -> Hint | None:
    """W21: on target in fewer than half of the last 6 judged periods, and no OKR works on it."""
    if kpi.has_okr or kpi.judged_count < JUDGED_PERIODS or 2 * kpi.met_count >= kpi.judged_count:
        return None
    text = f"On target in {kpi.met_count} of the last {kpi.judged_count} periods. Is it attainable?"
    return RULES["W21"].hint(text)


def unanswered(kpi: KpiText) -> Hint | None:
    """W22: off target as long as raises a signal, and nobody has said what to do."""
    if kpi.has_okr or kpi.is_answered or kpi.off_count < max(kpi.patience, 1):
        return None
    known = kpi.cadence in CadenceKind.values
    count = kpi.off_count
    length = periods(count, kpi.cadence) if known else plural(count, "period")
    return RULES["W22"].hint(f"Off target for {length}, not answered yet. What is to be done?")
