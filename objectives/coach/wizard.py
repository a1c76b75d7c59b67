"""OKR, KPI or neither? The three questions of seed article S3, and what the answers point to.

S3: "What state are you trying to achieve that differs from the current state?", "What is the cost
of stable performance?", "What is your time horizon for the change?". A change that is too large
for a quarter is an annual breakthrough, one that is too small is neither.

The horizon decides first, because S3 gives it the last word on what fits: a few days is neither,
years is a breakthrough if either of the other two answers asks for change. Otherwise each answer
is a vote, for change or for stability, and three votes always have a majority. The answer that was
outvoted is named as a question, so that a person can think again.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

from objectives.coach import words
from objectives.coach.facts import KeyResultText, ObjectiveText
from objectives.coach.key_result_rules import Around, level_to_hold, routine, task
from objectives.coach.objective_rules import bare_movement
from objectives.coach.proposals import KpiProposal, kpi_from_key_result
from objectives.coach.reading import Reading, normal, read


class State(StrEnum):
    """Is there a state you want that does not exist today?"""

    SAME = "no"
    NEW = "yes"


class Cost(StrEnum):
    """What would it cost if it stayed stable?"""

    NOTHING = "fine"
    FALL_BEHIND = "lose"


class Horizon(StrEnum):
    """How long would the change take?"""

    ENDLESS = "none"
    QUARTER = "quarter"
    YEARS = "years"
    DAYS = "days"


class Answer(StrEnum):
    """What an idea is."""

    OKR = "okr"
    KEY_RESULT = "key_result"
    KPI = "kpi"
    BREAKTHROUGH = "breakthrough"
    NEITHER = "neither"


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the answers point to: a heading, a sentence why, what speaks against it, a next step.

    `doubt` is a question, empty if all three answers agree. `action` is a machine-readable name.
    `kpi` is what a new KPI would open with, for a KPI only. `objective` and `key_results` are the
    parts of the idea, for an OKR or a breakthrough.
    """

    answer: Answer
    heading: str
    why: str
    doubt: str
    label: str
    action: str
    kpi: KpiProposal | None = None
    objective: str = ""
    key_results: tuple[str, ...] = ()


_SAYS = {
    Answer.OKR: (
        "An OKR",
        "You want something that does not exist yet, with an end in sight. Write the state as an "
        "objective and the numbers that show it as key results.",
        *("Write an objective", "draft_objective"),
    ),
    Answer.KEY_RESULT: (
        "A key result",
        "It is a number that moves, with an end in sight. It shows that an objective is reached, "
        "so it needs one to belong to.",
        *("Add it to an objective", "add_key_result"),
    ),
    Answer.KPI: (
        "A KPI",
        "You describe a standard to hold, without an end. Watch it. If it leaves its target for "
        "long enough, it will ask for an OKR by itself.",
        *("Create this KPI", "create_kpi"),
    ),
    Answer.BREAKTHROUGH: (
        "An annual breakthrough",
        "It is too large for one quarter. Make it a goal of the year, and let the objectives of "
        "each quarter take one step towards it.",
        *("Write it as a goal of the year", "create_breakthrough"),
    ),
    Answer.NEITHER: (
        "Neither",
        "It is done in a few days, so it needs no goal and no measure. Do it, or keep it as an "
        "initiative under a key result that it helps.",
        *("Keep as an initiative", "keep_as_initiative"),
    ),
}


def verdict(idea: str, state: str, cost: str, horizon: str) -> Verdict:
    """Sort an idea by three answers (values of State, Cost, Horizon); the idea may be empty.

    Raises ValueError for an answer that does not exist.
    """
    given = State(state), Cost(cost), Horizon(horizon)
    answer = _sorted(*given)
    objective, key_results = parts(idea)
    if answer is Answer.OKR and idea.strip() and not objective:
        answer = Answer.KEY_RESULT
    doubt = _doubt(answer, *given) or _wording_doubt(answer, objective or idea)
    kpi = None
    if answer is Answer.KPI and idea.strip():
        kpi = kpi_from_key_result(KeyResultText(key_results[0] if key_results else idea))
    if answer not in {Answer.OKR, Answer.KEY_RESULT, Answer.BREAKTHROUGH}:
        objective, key_results = "", ()
    heading, why, label, action = _SAYS[answer]
    return Verdict(answer, heading, why, doubt, label, action, kpi, objective, key_results)


def _sorted(state: State, cost: Cost, horizon: Horizon) -> Answer:
    if horizon is Horizon.DAYS:
        return Answer.NEITHER
    changes = [state is State.NEW, cost is Cost.FALL_BEHIND]
    if horizon is Horizon.YEARS:
        return Answer.BREAKTHROUGH if any(changes) else Answer.KPI
    votes = sum([*changes, horizon is Horizon.QUARTER])
    return Answer.OKR if votes >= 2 else Answer.KPI


def _doubt(answer: Answer, state: State, cost: Cost, horizon: Horizon) -> str:
    """The outvoted answer as a question; empty if nothing speaks against the verdict."""
    if answer is Answer.NEITHER:
        is_more = cost is Cost.FALL_BEHIND
        return "It would cost to stay as it is. Is there more to it?" if is_more else ""
    if answer is Answer.KPI:
        if state is State.NEW:
            return "You want something new. By when should it be there?"
        if cost is Cost.FALL_BEHIND:
            return "Staying as it is would cost you. What should be different?"
        if horizon in {Horizon.QUARTER, Horizon.YEARS}:
            return "You gave it an end. What would be different by then?"
        return ""
    if state is State.SAME:
        return "It should stay as it is. What would be new at the end?"
    if cost is Cost.NOTHING:
        return "Nothing is lost if it stays as it is. Is it worth a quarter?"
    return "It has no end yet. By when should it be so?" if horizon is Horizon.ENDLESS else ""


def _wording_doubt(answer: Answer, text: str) -> str:
    """What the words of the idea say against the answers; empty if they agree."""
    if answer not in {Answer.OKR, Answer.KEY_RESULT} or not text.strip():
        return ""
    said = read(text)
    if level_to_hold(said) or routine(said, is_objective=True):
        return "The words describe a level to hold. Would you watch it as a KPI?"
    if task(KeyResultText(text), said, Around()) and not _is_state(said):
        return "It may be a task. What changes for people when it is done?"
    return ""


def _is_state(said: Reading) -> bool:
    """Tell whether something is built that has no end date in a list: "a sales motion"."""
    return any(word in words.ARTICLES for word in said.words[1:2])


_PARTS = re.compile(r"\n|;|\bas measured by\b|\(\d\)|\s\+\s|:\s(?=\S)", re.IGNORECASE)


def parts(idea: str) -> tuple[str, tuple[str, ...]]:
    """(objective, key results) of an idea: "… as measured by …", lines, semicolons or (1), (2).

    The first part without a number is the objective; those with a way, a level or a number are key
    results. A bare movement with a number ("grow this revenue line 3x") is one as well.
    """
    found = [part.strip(" ,.:\t") for part in _PARTS.split(idea)]
    found = [part.removesuffix(" and").strip() for part in found if read(part).text]
    objective, key_results = "", []
    for part in found:
        if read(part).amounts:
            key_results.append(part)
        elif not objective:
            objective = part
    return objective, tuple(key_results)


@dataclass(frozen=True, slots=True)
class Guess:
    """The answers that the words of an idea suggest; empty where they do not."""

    state: str = ""
    cost: str = ""
    horizon: str = ""


_YEARS = re.compile(
    r"\b(?:decade|decades|years|continents?|worldwide|globally|market leader|by 20[3-9]\d)\b"
)
_SMALL_STEPS = frozenset({"move", "install", "order", "book", "update", "rename", "fix", "clean"})


def guess(idea: str) -> Guess:
    """Which answers to preselect, from the words alone; a person changes them."""
    said = read(idea)
    if not said.text:
        return Guess()
    if level_to_hold(said) or routine(said, is_objective=True):
        return Guess(State.SAME, Cost.NOTHING, Horizon.ENDLESS)
    if _YEARS.search(normal(idea)):
        return Guess(State.NEW, Cost.FALL_BEHIND, Horizon.YEARS)
    if said.opener in _SMALL_STEPS and not said.amounts:
        return Guess(State.NEW, Cost.NOTHING, Horizon.DAYS)
    if said.way or bare_movement(ObjectiveText(idea), said) or said.has_time:
        return Guess(State.NEW, Cost.FALL_BEHIND, Horizon.QUARTER)
    if said.opener in {"become", "make", "build", "be"}:
        return Guess(State.NEW, "", Horizon.QUARTER)
    return Guess()
