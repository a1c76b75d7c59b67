"""A person's own goals and what they said of them, for a talk about their work. Pure.

Grades are left out unless the person asks for them: evidence is what was gone for and learned.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from reviews.markdown import plain


@dataclass(frozen=True, slots=True)
class Said:
    """A note of the person's own check-in; `when` is a day in words."""

    when: str
    note: str


@dataclass(frozen=True, slots=True)
class KeyResultPart:
    """A key result: what it is measured by, its last value in words, and the person's notes."""

    title: str
    measure: str
    value: str
    grade: Decimal | None
    notes: tuple[Said, ...]


@dataclass(frozen=True, slots=True)
class ObjectivePart:
    """An objective with its key results; `sub` names the team and how it stands."""

    title: str
    sub: str
    why: str
    grade: Decimal | None
    closing_note: str
    key_results: tuple[KeyResultPart, ...]


@dataclass(frozen=True, slots=True)
class CyclePart:
    """A cycle with the person's objectives in it."""

    name: str
    span: str
    objectives: tuple[ObjectivePart, ...]


@dataclass(frozen=True, slots=True)
class Evidence:
    """What a person exports of their own; `hidden` objectives are in teams closed to them now."""

    name: str
    made_on: str
    cycles: tuple[CyclePart, ...]
    hidden: int = 0


def markdown(evidence: Evidence) -> str:
    """The whole as Markdown; grades are there when they are in the parts."""
    parts = [f"# {plain(evidence.name)}: goals", f"Made on {evidence.made_on}."]
    if evidence.hidden:
        parts.append(f"{evidence.hidden} hidden.")
    for cycle in evidence.cycles:
        parts.append(f"## {plain(cycle.name)} ({cycle.span})")
        for objective in cycle.objectives:
            parts += _objective(objective)
    if not evidence.cycles:
        parts.append("No goals in the chosen cycles.")
    return "\n\n".join(parts) + "\n"


def _objective(one: ObjectivePart) -> list[str]:
    lines = [f"### {plain(one.title)}", plain(one.sub)]
    if one.grade is not None:
        lines.append(f"Grade {one.grade}")
    lines += [plain(text) for text in (one.why, one.closing_note) if text]
    lines += ["\n".join(_key_result(row)) for row in one.key_results]
    return lines


def _key_result(one: KeyResultPart) -> list[str]:
    said = [plain(text) for text in (one.measure, one.value) if text]
    if one.grade is not None:
        said.append(f"grade {one.grade}")
    head = f"- **{plain(one.title)}**"
    lines = [f"{head}: {', '.join(said)}" if said else head]
    return lines + [f"  - {note.when}: {plain(note.note)}" for note in one.notes]
