"""The rules of one objective: W5, W6, W14, W16, W23 and W24 (W3, W4 and W9 as for key results)."""

from __future__ import annotations

from collections.abc import Sequence

from objectives.coach import catalogue, similarity, words
from objectives.coach.catalogue import RULES, Hint, Level
from objectives.coach.facts import ObjectiveText, PastCycle
from objectives.coach.numbers import WORD
from objectives.coach.reading import Reading, read

FORGOTTEN_DAYS = 31
DEEPEST = 3
MOST_KEY_RESULTS = 5
WHY_WORDS = 3


def holds_number(said: Reading) -> Hint | None:
    """W5: a number, %, currency or ×N in the title."""
    if not said.amounts:
        return None
    return RULES["W5"].hint("Holds a number. Which state should it describe instead?")


def bare_movement(objective: ObjectiveText, said: Reading) -> Hint | None:
    """W6: "increase revenue": a verb of movement and a metric, and no purpose, state or why."""
    if len(objective.why.split()) >= WHY_WORDS or not _moves_a_metric(said) or _has_purpose(said):
        return None
    return RULES["W6"].hint("Names a number to move, not what for. What will then be true?")


def _moves_a_metric(said: Reading) -> bool:
    opener, texts = said.opener, said.words
    is_move = opener in words.MOVES or opener in words.COMPARED
    is_more = opener in words.GETTING and any(text in words.COMPARED for text in texts[1:3])
    if not is_move and not is_more:
        return False
    thing = _object(said)
    if not thing:
        return False
    stems = [similarity.stem(text) for text in thing if not text.endswith(("'s", "s'"))]
    if not any(stem in words.METRICS for stem in stems):
        return False
    last = similarity.stem(thing[-1])
    return last in words.METRICS or last in words.CARRIERS


def _object(said: Reading) -> list[str]:
    """The words of what is moved: those after the verb, up to a preposition, number or mark."""
    found: list[str] = []
    rest = [token for token in said.tokens if token.text not in words.ADVERBS][1:]
    for token in rest:
        if token.kind != WORD:
            if found:
                break
            continue
        if token.text in words.ENDS_OF_OBJECT or token.text in words.PURPOSE:
            break
        found.append(token.text)
    return found


def _has_purpose(said: Reading) -> bool:
    for at, word in enumerate(said.words):
        following = said.words[at + 1] if at + 1 < len(said.words) else ""
        if word in words.PURPOSE or (word == "in" and following == "order"):
            return True
        if word == "by" and following.endswith("ing"):
            return True
        if word == "to" and following in words.PURPOSE_AFTER_TO:
            return True
    return False


def key_result_count(count: int) -> Hint | None:
    """W14: 0 and more than 5 fail, 1 warns, 2 is noted, 3 to 5 are right."""
    rule = RULES["W14"]
    if count > MOST_KEY_RESULTS:
        return rule.hint(f"{count} key results. Which three to five matter most?", Level.FAIL)
    said = {
        0: ("No key result yet. What would show that it is reached?", Level.FAIL),
        1: ("One key result carries it all. What else would show it?", Level.WARN),
        2: ("Two key results are fine, three to five show more sides. Add one?", Level.NOTE),
    }.get(count)
    return rule.hint(*said, remedy=catalogue.ADD_KEY_RESULT) if said else None


def again(objective: ObjectiveText, said: Reading, history: Sequence[PastCycle]) -> Hint | None:
    """W16: the same title, or the same KPI and kind, in two cycles or more in a row.

    A KPI that got a new target since is another matter; its title is still compared.
    """
    measures = {
        (kr.kpi.key, str(kr.kind))
        for kr in objective.key_results
        if kr.kpi is not None and kr.kpi.key is not None
    }
    retargeted: frozenset[int] = frozenset()
    count = 1
    for cycle in history:
        retargeted |= cycle.retargeted
        fresh = {measure for measure in measures if measure[0] not in retargeted}
        if not any(
            fresh & past.measures or similarity.is_same(said, read(past.title))
            for past in cycle.objectives
        ):
            break
        count += 1
    if count < 2 or not said.text:
        return None
    return RULES["W16"].hint(f"The same for {count} cycles in a row. Would a KPI say it better?")


def copied(objective: ObjectiveText, said: Reading) -> Hint | None:
    """W23: the parent's words (similarity 0.85 or more), or deeper than three levels."""
    parent = objective.parent_title.strip()
    if parent and similarity.is_same(said, read(parent)):
        return RULES["W23"].hint("The parent’s words. What does this team contribute to it?")
    if objective.depth > DEEPEST:
        text = f"Level {objective.depth} below the top. Could it attach one level higher?"
        return RULES["W23"].hint(text, remedy=catalogue.CHANGE_PARENT)
    return None


def untouched(objective: ObjectiveText) -> Hint | None:
    """W24: no check-in for more than 31 days, or for longer than its cadence and grace allow."""
    days, rhythm = objective.untouched_days, objective.rhythm_days
    limit = FORGOTTEN_DAYS if rhythm is None else min(FORGOTTEN_DAYS, rhythm)
    if days is None or days <= limit:
        return None
    return RULES["W24"].hint(f"Not looked at for {days} days. Where does it stand today?")
