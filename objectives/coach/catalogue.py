"""What each rule is called, why it matters, a pair of examples and the one step that helps.

The examples are those of product.md 4, from the seed articles S0 to S4; pages print the entry of a
rule behind its code. Severity, tone and remedy of a finding are the rule's, unless it says
otherwise.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum


class Level(StrEnum):
    """How much a finding weighs. A note is an idle hint; warnings and failures ask to look again.

    FINE says that a text is as it should be. No level blocks anything by itself (see `policy`).
    """

    FINE = "fine"
    NOTE = "note"
    WARN = "warn"
    FAIL = "fail"


class About(StrEnum):
    """What a rule looks at."""

    KEY_RESULT = "key_result"
    OBJECTIVE = "objective"
    TEAM = "team"
    KPI = "kpi"


@dataclass(frozen=True, slots=True)
class Remedy:
    """One step: the words on the button and the name of the action, which a caller maps to a URL.

    `value` is the number the step would fill in, in the unit of its key result.
    """

    label: str
    action: str
    value: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Hint:
    """One piece of advice. The text ends in a question or an offer, a fine one in a full stop."""

    code: str
    level: Level
    text: str
    remedy: Remedy | None = None

    @property
    def rule(self) -> Rule:
        """The entry of the catalogue behind its code."""
        return RULES[self.code]

    @property
    def tone(self) -> str:
        """The tone of the `.hint` component: on, near or idle."""
        return {Level.FINE: "on", Level.NOTE: "idle"}.get(self.level, "near")


@dataclass(frozen=True, slots=True)
class Rule:
    """A check. `rank` orders the hints of one text, the lowest first."""

    code: str
    name: str
    about: tuple[About, ...]
    reason: str
    fires: str
    quiet: str
    remedy: Remedy
    rank: int

    def hint(self, text: str, level: Level = Level.WARN, remedy: Remedy | None = None) -> Hint:
        """A finding of this rule, with its own remedy unless another fits better."""
        return Hint(self.code, level, text, remedy or self.remedy)


MAKE_KPI = Remedy("Make it a KPI", "convert_to_kpi")
KEEP_INITIATIVE = Remedy("Keep as an initiative", "keep_as_initiative")
FIND_BASELINE = Remedy("Find baseline first", "find_baseline")
ADD_NUMBERS = Remedy("Add from and to", "add_numbers")
ADD_WHY = Remedy("Add why it matters", "add_why")
MOVE_NUMBER = Remedy("Move it to a key result", "move_number_to_key_result")
EDIT_OBJECTIVE = Remedy("Rewrite the objective", "edit_objective")
CHOOSE_CYCLE = Remedy("Choose a cycle", "choose_cycle")
SWAP = Remedy("Swap from and to", "swap_numbers")
SPLIT = Remedy("Split in two", "split_key_result")
ADD_KEY_RESULT = Remedy("Add a key result", "add_key_result")
PARK_KEY_RESULT = Remedy("Keep the last as an initiative", "park_key_result")
PARK_OBJECTIVE = Remedy("Park an objective", "park_objective")
RAISE_TARGET = Remedy("Raise a target", "raise_target")
LOWER_TARGET = Remedy("Make it smaller", "lower_target")
COMPLETE_KPI = Remedy("Complete the KPI", "complete_kpi")
SEE_EXAMPLES = Remedy("See examples", "see_examples")
RETIRE_KPI = Remedy("Choose what to retire", "retire_kpi")
REVISE_TARGET = Remedy("Revise the target", "revise_target")
DRAFT_OKR = Remedy("Draft an OKR", "draft_okr")
CHANGE_PARENT = Remedy("Choose another parent", "change_parent")
CHECK_IN = Remedy("Update now", "check_in")
MATCH_KPI = Remedy("Aim for the KPI’s target", "match_kpi_target")

_KR, _O = (About.KEY_RESULT,), (About.OBJECTIVE,)
_BOTH = (About.KEY_RESULT, About.OBJECTIVE)
_TEAM, _KPI = (About.TEAM,), (About.KPI,)

RULES = {
    rule.code: rule
    for rule in (
        Rule(
            *("W1", "Task instead of a result", _KR),
            "A task can be done in full and change nothing.",
            "Implement proactive health scoring for all accounts by week four",
            "New hire 90-day retention reaches 92%",
            *(KEEP_INITIATIVE, 20),
        ),
        Rule(
            *("W2", "Counts own output", _KR),
            "What we make is in our hands; whether it helps is what a key result should tell.",
            "Create 20 new pieces of SEO-friendly content",
            "Close 5 enterprise deals in Q3",
            *(KEEP_INITIATIVE, 15),
        ),
        Rule(
            *("W3", "Level to hold", _BOTH),
            "An OKR is for change; a level to hold never ends and is watched best as a KPI.",
            "Maintain NPS above 45",
            "NPS increases from 38 to 52",
            *(MAKE_KPI, 5),
        ),
        Rule(
            *("W4", "Routine duty", _BOTH),
            "Work that returns by itself is kept going by a KPI, not by a goal with an end.",
            "Close the books on time",
            "Build a repeatable enterprise sales motion",
            *(MAKE_KPI, 10),
        ),
        Rule(
            *("W5", "Number in an objective", _O),
            "An objective describes a state worth reaching; the numbers belong to its key results.",
            "Increase website traffic by 10% this quarter",
            "Our customers love our onboarding",
            *(MOVE_NUMBER, 20),
        ),
        Rule(
            *("W6", "Bare movement of a metric", _O),
            "A number that moves does not say what for, so nobody can choose between two ways.",
            "Increase revenue",
            "Become the default tool for mid-market sales teams",
            *(ADD_WHY, 15),
        ),
        Rule(
            *("W7", "No number", _KR),
            "Without a number nobody can tell whether it was reached.",
            "Increase revenue",
            "Manager satisfaction with onboarding process reaches 4.2/5",
            *(ADD_NUMBERS, 45),
        ),
        Rule(
            *("W8", "Target without a starting point", _KR),
            "Without today's value nobody knows how far the target is, and progress has no scale.",
            "Achieve 80% forecast accuracy",
            "Reduce average sales cycle from 90 to 60 days",
            *(FIND_BASELINE, 50),
        ),
        Rule(
            *("W9", "No date and no cycle", _BOTH),
            "A goal without an end cannot be late, nor reached.",
            "NPS increases from 38 to 52 (outside a cycle)",
            "Churn rate drops from 12% to 8% by end of Q3",
            *(CHOOSE_CYCLE, 60),
        ),
        Rule(
            *("W10", "No way to go, or the wrong way", _KR),
            "Where start and target are the same there is nothing to change.",
            "NPS from 45 to 45",
            "Grow ARR from $2M to $6M",
            *(MAKE_KPI, 1),
        ),
        Rule(
            *("W11", "Restates its objective", _KR),
            "A key result that repeats the objective adds a number but no evidence.",
            "“Increase revenue” measured by “10% more revenue”",
            "“Our customers love our onboarding” measured by “Onboarding NPS rises from 32 to 55”",
            *(EDIT_OBJECTIVE, 40),
        ),
        Rule(
            *("W12", "Two results in one", _KR),
            "With two results in one line, one can be reached and the other not.",
            "Launch the enterprise security tier and acquire 5 enterprise customers",
            "Renewal rate improves from 82% to 90%",
            *(SPLIT, 12),
        ),
        Rule(
            *("W13", "Activity", _KR),
            "Being busy with something is not yet a change for anybody.",
            "Improving funnels to the site",
            "Daily active usage of check-in module reaches 65%",
            *(KEEP_INITIATIVE, 30),
        ),
        Rule(
            *("W14", "Number of key results", _O),
            "One tells too little, more than five nobody keeps in mind; three to five is advised.",
            "6 key results",
            "3 key results",
            *(PARK_KEY_RESULT, 70),
        ),
        Rule(
            *("W15", "Number of objectives", _TEAM),
            "Two to four objectives a quarter keep a team's attention together.",
            "6 objectives in a quarter",
            "2 objectives in a quarter",
            *(PARK_OBJECTIVE, 10),
        ),
        Rule(
            *("W16", "Same objective again", _O),
            "The same objective every quarter is a KPI with extra steps.",
            "“Increase revenue” in Q1 and in Q2",
            "A new objective on the same KPI after its target was revised",
            *(MAKE_KPI, 25),
        ),
        Rule(
            *("W17", "Always reached in full", _TEAM),
            "If everything is reached every time, the targets were safe to begin with.",
            "Mean grades of 1.0 and 0.97",
            "Mean grades of 0.68 and 0.72",
            *(RAISE_TARGET, 20),
        ),
        Rule(
            *("W18", "Out of reach", _TEAM),
            "Aspirational targets are set well when 0.6 to 0.8 of them is reached on average.",
            "Mean grades of 0.35 and 0.30",
            "A mean grade of 0.62",
            *(LOWER_TARGET, 30),
        ),
        Rule(
            *("W19", "Incomplete KPI", _KPI),
            "Without definition, target, source and cadence it is just a metric.",
            "“Website traffic growth” alone",
            "The same with what, why, who, when and where it comes from",
            *(COMPLETE_KPI, 10),
        ),
        Rule(
            *("W20", "Number of KPIs", _TEAM),
            "Below four KPIs a side is missing, above ten nobody reads them.",
            "11 KPIs of a team",
            "5 KPIs of a team",
            *(RETIRE_KPI, 40),
        ),
        Rule(
            *("W21", "KPI used as a stretch", _KPI),
            "A KPI should be attainable; a stretch belongs to an OKR, which has an end.",
            "On target in 1 of the last 6 periods",
            "On target in 6 of the last 6 periods",
            *(REVISE_TARGET, 30),
        ),
        Rule(
            *("W22", "Off target without an answer", _KPI),
            "A KPI that is off target for long with no response is a KPI that no one owns.",
            "Churn above 12% for three months",
            "The same with an active OKR",
            *(DRAFT_OKR, 20),
        ),
        Rule(
            *("W23", "Copied cascade", _O),
            "An objective copied from above does not say what this team contributes to it.",
            "A team copies the company's title",
            "A team states its own contribution",
            *(EDIT_OBJECTIVE, 30),
        ),
        Rule(
            *("W24", "Not looked at", _O),
            "What is set and not looked at for a month is irrelevant by the end of the quarter.",
            "Last check-in 40 days ago",
            "Last check-in 6 days ago",
            *(CHECK_IN, 35),
        ),
        Rule(
            *("W25", "Aims short of its KPI", _KR),
            "When goal and KPI disagree, the KPI was written with more care: trust it more.",
            "KPI at least 45, key result 32 → 40",
            "KPI at least 45, key result 38 → 52",
            *(MATCH_KPI, 35),
        ),
    )
}
