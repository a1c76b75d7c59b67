"""Where each figure of the statistics page comes from, in one sentence. Pure."""

from __future__ import annotations

from objectives.explain import Explanation, Inputs

FORMULAS = {
    "Teams": "Teams with at least one active or closed objective in the cycle.",
    "Objectives": "Active and closed ones; drafts, parked and withdrawn ones are not in it.",
    "Key results": "Those of these objectives, withdrawn ones left out.",
    "Graded": "Key results that have a grade.",
    "Committed": "Plain mean of the grades of committed key results; 1.0 is expected.",
    "Aspirational": "Plain mean of the grades of aspirational key results; 0.6 to 0.7 is aimed at.",
    "Grade": "Key results of the cycle that ended with this grade, withdrawn ones left out.",
    "Change": "The aspirational mean less that of the cycle before.",
    "Maintain": "Key results that keep a level (at least, at most, in a range, hold) of all.",
    "Again": "Objectives that say or measure the same as one of their team the cycle before (W16).",
    "Bottom-up": "Objectives that came from the team itself, of all; at least half is aimed at.",
    "On time": "Check-ins that came by their day and its grace, of those that were due.",
    "Hidden": "Private objectives that you may not see; they are in no other figure.",
    "Late": "Check-ins that came after the grace, by the day the next one was due.",
    "Missed": "Check-ins that never came, or after the next one was due.",
    "Due": "Check-ins whose day and grace are over, or that came.",
    "Decided": "Signals opened in the quarter that were decided on.",
    "Median days": "The middle of the days from opening to the first decision.",
    "Waiting": "Signals opened in the quarter that nobody has decided on.",
    "Hidden signals": "Signals on KPIs that you may not see; they are in no other figure.",
    "Days": "Days from opening to the first decision.",
}


def why(name: str, result: str = "in each row", inputs: Inputs = ()) -> Explanation:
    """The explanation of a figure by its name; without a result that of a whole column."""
    return Explanation(name, FORMULAS[name], inputs, result)
