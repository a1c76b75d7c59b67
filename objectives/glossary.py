"""The words of this app, and how OKRs and KPIs differ. Pure data, after the seeds S0 to S4."""

from __future__ import annotations

from typing import NamedTuple


class Term(NamedTuple):
    """A word: its anchor, what it means here, and where it can be seen."""

    anchor: str
    term: str
    text: str
    url: str = ""


class Line(NamedTuple):
    """One side by side: what is compared, and what each of the two is."""

    what: str
    okr: str
    kpi: str


COMPARISON = (
    Line("Answers", "Where are we going, and will we know when we are there?", "How are we doing?"),
    Line("Is for", "Changing something", "Watching that something holds"),
    Line(
        "Consists of",
        "An objective in words and two to five key results",
        "One number with a target",
    ),
    Line("Lasts", "A quarter or a year, then it ends", "For ever, looked at day, week or month"),
    Line("Is reached", "At 0.7, if it was meant to stretch", "At 90 to 100 %, in most periods"),
    Line("Looks", "Forward: what should be different", "At now: within its range or not"),
    Line(
        "Comes from", "The team, linked to what stands above", "The work itself; it seldom changes"
    ),
    Line(
        "Goes wrong as",
        "A list of tasks, or the same goal each quarter",
        "Too many to read, or one that nobody answers",
    ),
    Line(
        "Together", "Takes a KPI from here to there", "Asks for an OKR, and watches the new level"
    ),
)
CHOOSE_OKR = (
    "Something should be different at the end of the quarter",
    "A signal says that a KPI was off target for long enough",
    "People argue about what matters most",
)
CHOOSE_KPI = (
    "It must not slip, this quarter or any other",
    "You would want to know within a week or a month",
    "There is no end at which you would stop looking",
)
TERMS = (
    Term(
        "aspirational",
        "Aspirational",
        "A goal that stretches: 0.7 of it is a good end. Its pace and its colours know that.",
    ),
    Term(
        "baseline",
        "Baseline",
        "The value a key result starts from. Without one there is no distance, and finding it "
        "can be the first result.",
    ),
    Term(
        "cadence",
        "Cadence",
        "How often a KPI has a period, and when its value is due: by day, week, month, quarter"
        " or year.",
    ),
    Term(
        "check-in",
        "Check-in",
        "What somebody says about a key result on a day: a value, how sure they are, a word. "
        "It is never changed, only corrected by another.",
        "/my-week/",
    ),
    Term(
        "committed", "Committed", "A goal that is promised: 1.0 is expected, and less is explained."
    ),
    Term(
        "confidence",
        "Confidence",
        "How sure somebody is, 0 to 10, that a key result will be reached. Below 4 the page "
        "asks why.",
    ),
    Term(
        "counter-metric",
        "Counter-metric",
        "The KPI that would slip if another were won at its cost.",
    ),
    Term(
        "cycle",
        "Cycle",
        "The stretch of time an objective belongs to: a quarter, four months, a year, or days "
        "of its own.",
        "/cycles/",
    ),
    Term(
        "grade",
        "Grade",
        "How far a key result came, 0.0 to 1.0, given when it closes. Up to 0.3 little "
        "progress, up to 0.6 progress, from 0.7 delivered.",
    ),
    Term(
        "initiative",
        "Initiative",
        "Work under a key result. It never counts in progress: being busy is not yet a change.",
    ),
    Term(
        "key-result",
        "Key result",
        "What an objective is measured by: a number from here to there, a step reached, a "
        "standard held.",
    ),
    Term(
        "kpi",
        "KPI",
        "A number that is watched without an end. It has a definition, a target, a source and "
        "a cadence; without one of them it is a metric.",
    ),
    Term("lagging", "Lagging", "A number that tells how it went, such as revenue or churn."),
    Term(
        "leading",
        "Leading",
        "A number that moves before the result does, such as calls made in time.",
    ),
    Term(
        "metric",
        "Metric",
        "A number that misses one of the four things that make it a KPI: it is charted, and "
        "not judged.",
    ),
    Term(
        "near-target",
        "Near target",
        "Off, but within the band that was agreed. It raises nothing by itself.",
    ),
    Term(
        "objective",
        "Objective",
        "In words, what should be different by the end of the cycle, and why.",
        "/teams/",
    ),
    Term(
        "off-target",
        "Off target",
        "A period whose value misses its target by more than the band. So many in a row raise "
        "a signal.",
    ),
    Term(
        "okr", "OKR", "An objective with its key results: we will reach this, as measured by that."
    ),
    Term(
        "owner",
        "Owner",
        "Who answers for a KPI or a key result and is reminded of it. Not who is to blame.",
    ),
    Term("pace", "Pace", "Where progress should be today for the end to be reached in time."),
    Term(
        "policy",
        "Policy",
        "How many periods off target raise a signal, how many on target resolve it, and how "
        "long an answer may take.",
    ),
    Term(
        "review",
        "Review",
        "The short look at the end of a cycle: KPIs first, then grades, what to keep and what "
        "was learned.",
        "/reviews/",
    ),
    Term(
        "signal",
        "Signal",
        "What a KPI raises when it was off target long enough. It waits for an answer: an OKR,"
        " accepting it until a day, mending the data, another target, or dismissing it.",
        "/signals/",
    ),
    Term("stale", "Stale", "Values are missing. Silence is never green: it is a state of its own."),
    Term(
        "streak",
        "Streak",
        "How many periods in a row a KPI has been off target. A missing value holds it; it "
        "neither counts nor ends it.",
    ),
    Term(
        "target",
        "Target",
        "From which value on a KPI is good, valid from a day on. Earlier periods keep the "
        "target they had.",
    ),
)
