"""What a grade means, and what a review still lacks before it can be closed. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal

from objectives import grading
from objectives.actions import Grade
from objectives.kinds import Ambition
from objectives.standing import KeyResultStanding, ObjectiveStanding

GOOD_FROM = Decimal("0.7")
_ONE = Decimal(1)
_TOO_EASY_FROM = Decimal("0.8")
_AIM_FROM = Decimal("0.6")


@dataclass(frozen=True, slots=True)
class Said:
    """What a review says of an objective; empty texts were not said."""

    decision: str = ""
    explanation: str = ""
    root_cause: str = ""
    why_again: str = ""


@dataclass(frozen=True, slots=True)
class Missing:
    """One thing that holds the closing: a sentence, and the id of the row where it is done."""

    sentence: str
    anchor: str


def ending_words(ambition: str, grade: Decimal | None) -> str:
    """What an objective's grade means by its ambition: 1.0 on an aspirational one is no praise."""
    if grade is None:
        return "Nothing to grade"
    if ambition == Ambition.COMMITTED:
        return "Reached in full" if grade == _ONE else "Ends below 1.0, so it needs a sentence"
    if grade == _ONE:
        return "Reached in full; aim further next time"
    if grade > _TOO_EASY_FROM:
        return "Above 0.8; raise it next time"
    if grade >= _AIM_FROM:
        return "Where a stretch goal should land"
    return grading.BAND_WORDS[grading.band(grade)].capitalize()


def suggestion(row: KeyResultStanding) -> Decimal | None:
    """The grade a key result's progress suggests; after its close the one it was closed with."""
    kept = row.key_result.suggested_grade
    return grading.suggested(row.final_ratio) if kept is None else kept


def preview(standing: ObjectiveStanding, given: Mapping[int, Grade]) -> Decimal | None:
    """The objective's grade so far: what is not graded yet counts with its suggestion.

    None where nothing can be graded. `given` is by the key result's id.
    """
    parts = []
    for row in standing.key_results:
        choice = given.get(row.key_result.pk)
        if not row.counts or (choice is not None and choice.is_left_out):
            continue
        grade = choice.grade if choice is not None and choice.grade is not None else None
        if grade is None:
            grade = grading.suggested(row.final_ratio)
        if grade is not None:
            parts.append((row.key_result.weight, grading.unrounded(grade, row.final_ratio)))
    return grading.objective_grade(parts)


def needs_explanation(ambition: str, grade: Decimal | None) -> bool:
    """True for a committed objective that ends below 1.0."""
    return grading.needs_explanation(ambition, grade)


def needs_root_cause(grade: Decimal | None) -> bool:
    """True for an objective that ends below 0.7."""
    return grade is not None and grade < GOOD_FROM


def missing_of(
    standing: ObjectiveStanding, given: Mapping[int, Grade], said: Said
) -> list[Missing]:
    """What one objective still lacks, in the order of the page; empty when it can be closed."""
    objective = standing.objective
    found = list(_ungraded(standing, given))
    total = preview(standing, given)
    words, after = f"words-{objective.pk}", f"next-{objective.pk}"
    if needs_explanation(objective.ambition, total) and not said.explanation:
        found.append(Missing(f"say what kept “{objective.title}” from 1.0", words))
    if needs_root_cause(total) and not said.root_cause:
        found.append(Missing(f"name the root cause of “{objective.title}”", words))
    if not said.decision:
        found.append(Missing(f"decide on “{objective.title}”", after))
    elif said.decision != "drop" and not said.why_again:
        found.append(Missing(f"say why “{objective.title}” goes on", after))
    return found


def _ungraded(standing: ObjectiveStanding, given: Mapping[int, Grade]) -> Iterable[Missing]:
    if standing.objective.closed_at is not None:
        return
    for row in standing.key_results:
        choice = given.get(row.key_result.pk)
        anchor, title = f"grade-{row.key_result.pk}", row.key_result.title
        if not row.counts or (choice is not None and choice.is_left_out):
            continue
        if choice is None or choice.grade is None:
            yield Missing(f"grade “{title}”", anchor)
        elif choice.grade != grading.suggested(row.final_ratio) and not choice.reason:
            suggestion = grading.suggested(row.final_ratio)
            yield Missing(f"say why {choice.grade} for “{title}”, suggested {suggestion}", anchor)
