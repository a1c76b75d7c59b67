"""Advice on the wording of an objective and its key results (product.md 4). Pure.

Checks advise and never block. Each gives a sentence that ends in a question or says what is fine,
with its rule code. The word lists are our own.
"""

from __future__ import annotations

import re
from decimal import Decimal
from typing import NamedTuple

from metrics.suggestion import aim_note

DELIVERY = frozenset(
    (
        *("build", "create", "deliver", "design", "develop", "finish", "implement", "introduce"),
        *("launch", "migrate", "publish", "release", "roll", "ship", "start", "write"),
    )
)
# Cycle tokens and weeks are no metrics: Q3, FY26, 2026, week four.
_CYCLE = re.compile(r"\b(?:q[1-4]|h[12]|fy\s?\d{2,4}|20\d\d|w(?:eek)?\s?\d{1,2})\b", re.I)
_FIGURE = re.compile(r"[0-9]|%|[$€£]")


class Hint(NamedTuple):
    """One piece of advice: `tone` on (fine) or near (look again), sentence and rule code."""

    tone: str
    text: str
    code: str


def has_figure(text: str) -> bool:
    """True when the text holds a number, a currency or a per cent sign, cycle names apart."""
    return bool(_FIGURE.search(_CYCLE.sub("", text)))


def opens_with_delivery(text: str) -> bool:
    """True when the first word is something done rather than something that changed."""
    words = re.findall(r"[a-zäöüß]+", text.lower())
    return bool(words) and words[0] in DELIVERY


def objective_hint(title: str) -> Hint | None:
    """Advice on an objective; None while nothing is written."""
    if not title.strip():
        return None
    if has_figure(title):
        return Hint("near", "Holds a number. Which state should it describe instead?", "W5")
    return Hint("on", "Describes a state, holds no number.", "W5")


def key_result_hint(
    title: str,
    *,
    kind: str,
    baseline: Decimal | None = None,
    target: Decimal | None = None,
) -> Hint | None:
    """Advice on one key result; None while nothing is written."""
    if not title.strip():
        return None
    if kind == "hold":
        return Hint("on", "Holds the target long enough to resolve the signal.", "W7")
    if opens_with_delivery(title) and (baseline is None or target is None):
        text = "This is a task, not a result. What changes for people when it is done?"
        return Hint("near", text, "W1")
    if target is None:
        return Hint("near", "No number yet. What would show that it worked?", "W7")
    if baseline is None:
        return Hint("near", "A target without a starting point. What is it today?", "W8")
    return Hint("on", "Outcome with baseline.", "W1")


def aim_hint(hint: Hint | None, aim: Decimal | None, direction: str, bounds: dict) -> Hint | None:
    """The hint of a key result linked to a KPI: does it aim short of the KPI's target?

    `bounds` holds `target`, or `low` and `high`, and `unit`.
    """
    if hint is None or aim is None:
        return hint
    note = aim_note(aim, direction, **bounds)
    return Hint("near", note, "W25") if note else hint
