"""The pieces of a review's page that people fill in, each with what tells it from an older one.

A piece is swapped on its own: after its save, and when somebody else's entry arrives. `tag` names
what it shows, so that a piece that shows the same is left alone.
"""

from __future__ import annotations

import hashlib
import json
from typing import NamedTuple

from objectives import grading
from objectives.pages.closing_page import ScaleStep
from reviews.actions.entries import NEXT, WORDS, seen_of
from reviews.facts import Material
from reviews.forms_reviews import OUT


class Typed(NamedTuple):
    """What somebody sent that was not saved: its form, and what stands there now, in words.

    `theirs` is empty unless somebody else was first. `is_sent` is False where the piece saved by
    itself after a choice: what the choice asks for is then a question, not yet a mistake.
    """

    root: str
    form: object
    theirs: str = ""
    is_sent: bool = True


class GradePart(NamedTuple):
    """The row of one key result: its scale, its reason, and what was wrong with what was sent."""

    root: str
    tag: str
    fact: dict
    url: str
    scale: list[ScaleStep]
    is_out: bool
    reason: str
    asks_reason: bool
    version: int
    errors: dict
    theirs: str
    is_editing: bool
    is_sent: bool


class TextPart(NamedTuple):
    """The words of an objective or what becomes of it: the values shown and what was wrong."""

    root: str
    tag: str
    fact: dict
    url: str
    values: dict
    seen: str
    errors: dict
    theirs: str
    is_editing: bool
    is_sent: bool


def tag_of(*shown: object) -> str:
    """A short text that differs when what is shown differs."""
    return hashlib.sha256(json.dumps(shown, default=str).encode()).hexdigest()[:12]


def grade_part(material: Material, fact: dict, typed: Typed | None) -> GradePart:
    """A key result with its scale; `typed` is what was sent, if it was this row."""
    root = f"grade-{fact['id']}"
    row = material.grades.get(fact["id"])
    sent = typed.form if typed is not None and typed.root == root else None
    chosen = OUT if fact["is_left_out"] else fact["grade"]
    reason, version = fact["reason"], row.version if row else 0
    if sent is not None:
        chosen, reason = sent["grade"].value() or "", sent["reason"].value() or ""
        if not typed.theirs and str(sent["version"].value() or "").isdecimal():
            version = int(sent["version"].value())
    errors = sent.errors if sent is not None else {}
    return GradePart(
        root,
        tag_of(fact, version),
        fact,
        f"/reviews/{material.review.pk}/key-results/{fact['id']}/",
        [_step(grade, fact["suggested"], chosen) for grade in grading.SCALE],
        chosen == OUT,
        reason,
        bool(reason or errors or chosen == OUT) or not fact["suggested"],
        version,
        errors,
        typed.theirs if sent is not None else "",
        sent is not None,
        sent is None or typed.is_sent,
    )


def _step(grade, suggested: str, chosen: str) -> ScaleStep:
    """One radio; `chosen` and `suggested` are grades as text, however they were written."""
    label = "1.0" if grade == 1 else f".{int(grade * 10)}"
    same = {str(grade), f"{grade:.1f}"}
    return ScaleStep(str(grade), label, grading.band(grade), suggested in same, chosen in same)


def words_part(material: Material, fact: dict, typed: Typed | None) -> TextPart:
    """What kept an objective from 1.0, and its root cause."""
    return _text_part(material, fact, typed, "words", WORDS)


def next_part(material: Material, fact: dict, typed: Typed | None) -> TextPart:
    """What becomes of an objective."""
    return _text_part(material, fact, typed, "next", NEXT)


def _text_part(
    material: Material, fact: dict, typed: Typed | None, kind: str, names: tuple[str, ...]
) -> TextPart:
    root = f"{kind}-{fact['id']}"
    row = material.decisions.get(fact["id"])
    sent = typed.form if typed is not None and typed.root == root else None
    values, seen = {name: fact[name] for name in names}, seen_of(row, names)
    if sent is not None:
        values = {name: sent[name].value() or "" for name in names}
        seen = seen if typed.theirs else sent["seen"].value() or ""
    return TextPart(
        root,
        tag_of(fact, seen),
        fact,
        f"/reviews/{material.review.pk}/objectives/{fact['id']}/{kind}/",
        values,
        seen,
        sent.errors if sent is not None else {},
        typed.theirs if sent is not None else "",
        sent is not None,
        sent is None or typed.is_sent,
    )
