"""The rules of one key result: W1, W2, W7, W8, W10 to W13 and W25, and W3, W4, W9 for any text.

Each takes what is written (`KeyResultText`), its `Reading` and what stands around it, and returns a
hint or None.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from itertools import takewhile

from metrics.kinds import Direction
from metrics.suggestion import aim_note
from metrics.wording import quantity
from objectives.coach import catalogue, similarity, words
from objectives.coach.catalogue import RULES, Hint, Level, Remedy
from objectives.coach.facts import LINEAR, NUMBERLESS, KeyResultText, Kind, KpiFacts
from objectives.coach.numbers import AMOUNT, CURRENCY, MULTIPLE, PERCENT, WORD, Token
from objectives.coach.reading import Reading, read

_OBJECT = 5


@dataclass(frozen=True, slots=True)
class Around:
    """What a key result stands in: what its objective is about, and whether there is a cycle.

    `subject` are the content words of the objective without those of movement (see `similarity`);
    `answers` is the key of the KPI whose signal the objective answers, None without one.
    """

    subject: frozenset[str] = frozenset()
    has_cycle: bool = True
    answers: int | None = None


def around(
    objective_title: Reading, *, has_cycle: bool = True, answers: KpiFacts | None = None
) -> Around:
    """What the key results of an objective stand in."""
    subject = similarity.content(objective_title, with_moves=False)
    return Around(subject, has_cycle, answers.key if answers else None)


def _answers(kr: KeyResultText, around: Around) -> bool:
    """Tell whether it measures by the very KPI whose signal its objective answers."""
    key = kr.kpi.key if kr.kpi else None
    return key is not None and key == around.answers and kr.kind in LINEAR


def way_of(kr: KeyResultText, said: Reading) -> tuple[Decimal | None, Decimal | None]:
    """(baseline, target) of a key result: its fields, and where they are empty, its words."""
    start = said.way[0] if said.way else None
    return (
        kr.baseline if kr.baseline is not None else start,
        kr.target if kr.target is not None else said.aim,
    )


def _is_back(kr: KeyResultText, said: Reading, around: Around) -> bool:
    """Tell whether it names the target of the KPI it answers while that is back there already.

    Then the draft says "Churn holds at most 8 %" with 7 % as its start (signals.md 12): neither a
    duty without an end (W3) nor the wrong way (W10).
    """
    start, end = way_of(kr, said)
    kpi = kr.kpi
    if kpi is None or start is None or end is None or not kpi.direction:
        return False
    if not _answers(kr, around) or end not in {kpi.target, kpi.low, kpi.high}:
        return False
    return not aim_note(start, kpi.direction, target=kpi.target, low=kpi.low, high=kpi.high)


def task(kr: KeyResultText, said: Reading, around: Around) -> Hint | None:
    """W1: opens with a verb of delivery and holds no outcome, neither in words nor in fields."""
    if said.opener not in words.DELIVERY or said.is_outcome or _counts_output(kr, said):
        return None
    if kr.baseline is not None and kr.target is not None:
        return None
    return RULES["W1"].hint(
        "This is a task, not a result. What changes for people when it is done?"
    )


def own_output(kr: KeyResultText, said: Reading, around: Around) -> Hint | None:
    """W2: counts what the team itself makes, writes or holds."""
    if not _counts_output(kr, said):
        return None
    return RULES["W2"].hint(
        "Counts what is made, not what it changes. What will people do differently with it?"
    )


def _counts_output(kr: KeyResultText, said: Reading) -> bool:
    opener = said.opener
    if opener not in words.DELIVERY and opener not in words.HANDLING:
        return False
    following = [t for t in said.tokens if t.text not in words.ADVERBS][1 : 2 + _OBJECT]
    has_artefact = any(
        t.kind == WORD and similarity.stem(t.text) in words.ARTEFACTS for t in following
    )
    thing = takewhile(lambda token: token.text not in words.ENDS_OF_OBJECT, following)
    counts = any(_is_count(token) for token in thing)
    if has_artefact and (any(_is_count(t) for t in following) or kr.target is not None or said.way):
        return True
    return bool(opener in words.DELIVERY and counts and not said.is_outcome)


def _is_count(token: Token) -> bool:
    return token.kind == AMOUNT and not _is_measure(token.unit)


def _is_measure(unit: str) -> bool:
    return unit in CURRENCY or unit in {PERCENT, MULTIPLE} or unit.startswith("/")


def level_to_hold(said: Reading, kind: str = "") -> Hint | None:
    """W3: keep, maintain, stay or hold, with a level and without a way; or a bare standard."""
    if kind == Kind.HOLD or not _is_level(said):
        return None
    return RULES["W3"].hint("A level to hold, without an end. Would you watch it as a KPI?")


def _is_level(said: Reading) -> bool:
    if said.way or not said.amounts:
        return False
    if not said.is_steady:
        return _is_standard(said)
    if said.threshold or any(_is_measure(amount.unit) for amount in said.amounts):
        return True
    stems = {similarity.stem(word) for word in said.words}
    return bool(stems & words.METRICS) and not stems & words.ARTEFACTS


def _is_standard(said: Reading) -> bool:
    """Tell whether it is a bound that recurs, without a verb and an end: "at least 3 per week"."""
    if said.threshold is None or said.has_time or not words.RECURRING.search(said.text):
        return False
    return not any(word in words.VERBS or word in words.FINITE for word in said.words)


def routine(said: Reading, *, is_objective: bool = False) -> Hint | None:
    """W4: work that returns by itself; an objective that keeps what is there is a note."""
    if said.way or _is_level(said):
        return None
    is_regular = said.opener in words.VERBS and bool(words.REGULAR.search(said.text))
    is_duty = said.opener in words.ROUTINE and is_regular
    is_timely = is_regular and " on time" in said.text and not said.is_outcome
    if is_duty or is_timely or words.ROUTINES.search(said.text):
        return RULES["W4"].hint("This runs already and has no end. Would you watch it as a KPI?")
    if is_objective and said.opener in words.STEADY:
        text = "Keeps what is there already. Which state would be new?"
        return RULES["W4"].hint(text, Level.NOTE, catalogue.EDIT_OBJECTIVE)
    return None


def no_number(kr: KeyResultText, said: Reading, around: Around) -> Hint | None:
    """W7: no number in words or fields, and not a kind that goes without one."""
    if kr.kind in NUMBERLESS or said.amounts:
        return None
    if kr.target is not None or kr.baseline is not None:
        return None
    return RULES["W7"].hint("No number yet. What would show that it worked?")


def no_baseline(kr: KeyResultText, said: Reading, around: Around) -> Hint | None:
    """W8: says where to, not where from; what is won within the cycle starts at nothing."""
    if kr.kind not in LINEAR or kr.baseline is not None or said.way:
        return None
    if not said.amounts and kr.target is None:
        return None
    if _is_level(said) or _counts_output(kr, said) or is_won(said):
        return None
    latest = kr.kpi.latest if kr.kpi else None
    if kr.kpi is None or latest is None:
        return RULES["W8"].hint("A target without a starting point. What is it today?")
    value = quantity(latest, kr.kpi.unit)
    text = f"A target without a starting point. {kr.kpi.name} is {value} today: start there?"
    return RULES["W8"].hint(text, remedy=Remedy(f"Start from {value}", "use_kpi_value", latest))


def is_won(said: Reading) -> bool:
    """Tell whether it counts what is won within the cycle: deals closed, customers signed."""
    plain = bool(said.amounts) and not _is_measure(said.amounts[0].unit)
    return plain and said.threshold is None and any(word in words.GAINED for word in said.words)


def no_date(said: Reading, around: Around) -> Hint | None:
    """W9: neither a cycle nor a date in the text."""
    if around.has_cycle or not said.text or said.has_time:
        return None
    return RULES["W9"].hint("No end date and no cycle. By when should it be so?")


def no_way(kr: KeyResultText, said: Reading, around: Around) -> Hint | None:
    """W10: from and to are the same, or the target is worse than the start for its direction."""
    start, end = way_of(kr, said)
    if kr.kind not in LINEAR or start is None or end is None:
        return None
    if start == end:
        return RULES["W10"].hint("From and to are the same. Would you watch it as a KPI?")
    if wanted(kr, said) * (end - start) >= 0 or _is_back(kr, said, around):
        return None
    better = "higher" if wanted(kr, said) > 0 else "lower"
    text = f"Goes the other way: {better} is better here. Are from and to swapped?"
    return RULES["W10"].hint(text, remedy=catalogue.SWAP)


def wanted(kr: KeyResultText, said: Reading) -> int:
    """The wanted way: 1 up, -1 down, 0 unknown. Kind first, then KPI, then the only verb."""
    if kr.kind in {Kind.INCREASE, Kind.DECREASE}:
        return 1 if kr.kind == Kind.INCREASE else -1
    known = {Direction.HIGHER: 1, Direction.LOWER: -1}
    if kr.kpi and kr.kpi.direction in known:
        return known[Direction(kr.kpi.direction)]
    ways = {words.MOVES.get(word, 0) for word in said.words} - {0}
    return ways.pop() if len(ways) == 1 else 0


def restates(kr: KeyResultText, said: Reading, around: Around) -> Hint | None:
    """W11: shares a metric word and 60 % of its words with the objective (see `similarity`).

    Not of a change in the KPI whose signal the objective answers: "Bring churn back to target" and
    "Churn drops from 12 to 8 %" name the same KPI because it signalled, not for want of a reason.
    """
    shared = around.subject & words.METRICS
    if not shared or kr.kind == Kind.HOLD or _answers(kr, around):
        return None
    ours, theirs = similarity.content(said, with_moves=False), around.subject
    if not ours & shared or not similarity.is_alike(ours, theirs, similarity.RESTATED):
        return None
    return RULES["W11"].hint("Says what the objective says. What is that number a sign of?")


def compound(kr: KeyResultText, said: Reading, around: Around) -> Hint | None:
    """W12: two clauses with a verb each, joined by "and"."""
    texts = [token.text for token in said.tokens]
    for at, text in enumerate(texts):
        if text in {"and", "&"} and _has_verb(texts[:at]) and _begins_clause(texts[at + 1 :]):
            return RULES["W12"].hint("Two results in one line. Split them, each with a number?")
    return None


def joins_two_results(before: str, after: str) -> bool:
    """Tell whether "and" between two texts joins two clauses with a verb each."""
    texts = [token.text for token in read(before).tokens]
    return _has_verb(texts) and _begins_clause([token.text for token in read(after).tokens])


def _has_verb(texts: list[str]) -> bool:
    if not texts:
        return False
    is_imperative = texts[0] in words.VERBS or texts[0] in words.STEADY
    return is_imperative or any(text in words.FINITE for text in texts)


def _begins_clause(texts: list[str]) -> bool:
    """Tell whether words begin with a verb, or hold a finite one after their subject."""
    texts = [text for text in texts if text not in words.ADVERBS][:_OBJECT]
    if not texts:
        return False
    first, second = texts[0], texts[1] if len(texts) > 1 else ""
    if first in words.VERBS:
        return first not in words.BOTH or second in words.ARTICLES or second[:1].isdigit()
    return any(text in words.FINITE and text not in words.BOTH for text in texts[1:])


def activity(kr: KeyResultText, said: Reading, around: Around) -> Hint | None:
    """W13: opens with being busy (help, support, analyse, improve) and holds no outcome."""
    if said.opener not in words.ACTIVITY or said.is_outcome or (said.is_aimed and said.amounts):
        return None
    if kr.baseline is not None and kr.target is not None:
        return None
    if said.amounts and words.MOVES.get(said.opener) is not None:
        return None
    return RULES["W13"].hint("Names an activity. What will be different because of it?")


def aims_short(kr: KeyResultText, said: Reading, around: Around) -> Hint | None:
    """W25: the target lies on the wrong side of its KPI's target."""
    _, aim = way_of(kr, said)
    if kr.kpi is None or aim is None or kr.kind in NUMBERLESS or not kr.kpi.direction:
        return None
    kpi = kr.kpi
    note = aim_note(
        aim, kpi.direction, unit=kpi.unit, target=kpi.target, low=kpi.low, high=kpi.high
    )
    if not note:
        return None
    bound = kpi.target
    if kpi.direction == Direction.RANGE:
        bound = kpi.low if kpi.low is not None and aim < kpi.low else kpi.high
    label = f"Aim for {quantity(bound, kpi.unit)}"
    return RULES["W25"].hint(note, remedy=Remedy(label, catalogue.MATCH_KPI.action, bound))


# All but W11, which compares words and so reads the name of the KPI as well.
RULES_OF_A_KEY_RESULT = {
    "W1": task,
    "W2": own_output,
    "W3": lambda kr, said, around: (
        None if _is_back(kr, said, around) else level_to_hold(said, kr.kind)
    ),
    "W4": lambda kr, said, around: routine(said),
    "W7": no_number,
    "W8": no_baseline,
    "W9": lambda kr, said, around: no_date(said, around),
    "W10": no_way,
    "W12": compound,
    "W13": activity,
    "W25": aims_short,
}
