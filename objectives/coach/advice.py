"""What callers ask: the findings of an objective, a key result, a team or a KPI, and their hints.

`findings` are all that fire. `hints` are what stands beside a field: what another finding makes
plain is left out, the most useful first, at most two; if nothing fires, one line says that it is
fine, or nothing. All of it depends on its arguments alone.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from metrics.wording import quantity
from objectives.coach import key_result_rules, kpi_rules, objective_rules, team_rules
from objectives.coach.catalogue import RULES, Hint, Level
from objectives.coach.facts import KeyResultText, Kind, KpiText, ObjectiveText, PastCycle, TeamFacts
from objectives.coach.key_result_rules import Around
from objectives.coach.reading import Reading, read, read_around

MAX_HINTS = 2
# A finding on the left says all that those on the right would ask.
COVERS = {
    "W1": {"W4", "W7", "W8", "W13"},
    "W2": {"W1", "W7", "W8", "W13"},
    "W3": {"W4", "W5", "W8"},
    "W4": {"W7", "W13"},
    "W10": {"W25"},
    "W12": {"W1", "W2"},
    "W13": {"W7", "W8"},
    "W17": {"W18"},
}


@dataclass(frozen=True, slots=True)
class Advice:
    """What is said of an objective: all findings, and those of each of its key results in order."""

    objective: tuple[Hint, ...]
    key_results: tuple[tuple[Hint, ...], ...]


def of_objective(
    objective: ObjectiveText,
    history: Sequence[PastCycle] = (),
    off: Collection[str] = (),
) -> Advice:
    """Every finding on an objective and its key results.

    `history` are the team's closed cycles, the latest first; `off` the codes of rules that an
    administrator switched off. A blank title or key result is not judged, nor counted in W14.
    """
    said = read(objective.title)
    around = key_result_rules.around(said, has_cycle=objective.has_cycle, answers=objective.answers)
    rows = tuple([_of_key_result(kr, around, off) for kr in objective.key_results])
    return Advice(_known(_objective(objective, said, around, history), off), rows)


def _objective(
    objective: ObjectiveText, said: Reading, around: Around, history: Sequence[PastCycle]
) -> list[Hint | None]:
    if not objective.title.strip():
        return []
    written = [kr for kr in objective.key_results if kr.title.strip()]
    plain = read_around(objective.title, objective.answers.name if objective.answers else "")
    return [
        key_result_rules.level_to_hold(plain),
        key_result_rules.routine(plain, is_objective=True),
        objective_rules.holds_number(plain),
        objective_rules.bare_movement(objective, said),
        key_result_rules.no_date(said, around),
        objective_rules.key_result_count(len(written)),
        objective_rules.again(objective, said, history),
        objective_rules.copied(objective, said),
        objective_rules.untouched(objective),
    ]


def of_key_result(
    kr: KeyResultText,
    objective_title: str = "",
    *,
    has_cycle: bool = True,
    off: Collection[str] = (),
) -> tuple[Hint, ...]:
    """Every finding on one key result of an objective."""
    around = key_result_rules.around(read(objective_title), has_cycle=has_cycle)
    return _of_key_result(kr, around, off)


def _of_key_result(kr: KeyResultText, around: Around, off: Collection[str]) -> tuple[Hint, ...]:
    if not kr.title.strip():
        return ()
    said = _read(kr)
    rules = key_result_rules.RULES_OF_A_KEY_RESULT.values()
    found = [rule(kr, said, around) for rule in rules]
    return _known([*found, key_result_rules.restates(kr, read(kr.title), around)], off)


def _read(kr: KeyResultText) -> Reading:
    """The words of a key result, the name of its KPI apart."""
    return read_around(kr.title, kr.kpi.name if kr.kpi else "")


def of_team(team: TeamFacts, off: Collection[str] = ()) -> tuple[Hint, ...]:
    """Every finding on a team's counts and closed cycles."""
    rules = (
        team_rules.objective_count,
        team_rules.always_reached,
        team_rules.out_of_reach,
        team_rules.kpi_count,
    )
    return _known([rule(team) for rule in rules], off)


def of_kpi(kpi: KpiText, off: Collection[str] = ()) -> tuple[Hint, ...]:
    """Every finding on a KPI."""
    rules = (kpi_rules.incomplete, kpi_rules.stretched, kpi_rules.unanswered)
    return _known([rule(kpi) for rule in rules], off)


def _known(found: Sequence[Hint | None], off: Collection[str]) -> tuple[Hint, ...]:
    hints = [hint for hint in found if hint is not None and hint.code not in off]
    return tuple(sorted(hints, key=lambda hint: RULES[hint.code].rank))


def shown(findings: Sequence[Hint], most: int = MAX_HINTS) -> tuple[Hint, ...]:
    """The hints to print beside a field: without what another one covers, at most `most`."""
    covered = {code for hint in findings for code in COVERS.get(hint.code, ())}
    return tuple([hint for hint in findings if hint.code not in covered][:most])


def hints_of_objective(objective: ObjectiveText, findings: Sequence[Hint]) -> tuple[Hint, ...]:
    """The hints beside an objective's title; if its words are fine, that they are."""
    found = shown(findings)
    if not objective.title.strip() or any(hint.code in _WORDING for hint in findings):
        return found
    fine = Hint("W5", Level.FINE, "Describes a state, holds no number.")
    return (fine, *found)[:MAX_HINTS]


_WORDING = frozenset({"W3", "W4", "W5", "W6", "W16", "W23"})


def hints_of_key_result(kr: KeyResultText, findings: Sequence[Hint]) -> tuple[Hint, ...]:
    """The hints beside a key result; if none fires, what is right about it, if that is known."""
    found = shown(findings)
    if found or not kr.title.strip():
        return found
    fine = _fine(kr)
    return (fine,) if fine else ()


def _fine(kr: KeyResultText) -> Hint | None:
    if kr.kind == Kind.HOLD:
        return Hint("W7", Level.FINE, "Holds the target long enough to resolve the signal.")
    if kr.kind == Kind.YES_NO:
        return Hint("W7", Level.FINE, "Yes or no, so it can be told.")
    said = _read(kr)
    start, end = key_result_rules.way_of(kr, said)
    if start is None and key_result_rules.is_won(said):
        return Hint("W8", Level.FINE, "An outcome, counted from zero.")
    if start is None or end is None:
        return None
    target = kr.kpi.target if kr.kpi else None
    if kr.kpi is None or target is None:
        return Hint("W1", Level.FINE, "Outcome with baseline.")
    where = "at" if end == target else "above" if end > target else "below"
    words = f"Aims {where} the KPI target of {quantity(target, kr.kpi.unit)}."
    return Hint("W25", Level.FINE, f"Outcome with baseline. {words}")
