"""What is wrong with a key result as it was typed: a sentence for each field. Pure.

Each sentence names the remedy. Numbers are Decimals in the key result's unit, None where empty.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from objectives.kinds import CHANGES, KeyResultKind, change_kind

SAME = (
    "From and to are the same: this is a KPI, not a key result."
    " Make it a KPI, or enter where it should go."
)
# What each kind is typed with, beside its words; what is not named here counts for nothing.
NUMBERS = {
    KeyResultKind.INCREASE: ("baseline", "target", "unit"),
    KeyResultKind.DECREASE: ("baseline", "target", "unit"),
    KeyResultKind.OPEN: ("baseline", "target", "unit"),
    KeyResultKind.AT_LEAST: ("target", "unit"),
    KeyResultKind.AT_MOST: ("target", "unit"),
    KeyResultKind.RANGE: ("low", "high", "unit"),
    KeyResultKind.YES_NO: (),
    KeyResultKind.MILESTONES: (),
    KeyResultKind.FIND_BASELINE: ("unit",),
    KeyResultKind.HOLD: ("hold_periods",),
}
# Kinds whose value comes from the KPI where one is chosen.
FOLLOWING = CHANGES | {
    KeyResultKind.AT_LEAST,
    KeyResultKind.AT_MOST,
    KeyResultKind.RANGE,
    KeyResultKind.HOLD,
}
# Kinds that can name a KPI at all.
MEASURED = FOLLOWING | {KeyResultKind.OPEN, KeyResultKind.FIND_BASELINE}


@dataclass(frozen=True, slots=True)
class Typed:
    """The numbers of one key result, and whether a KPI measures it."""

    kind: str
    baseline: Decimal | None = None
    target: Decimal | None = None
    low: Decimal | None = None
    high: Decimal | None = None
    hold_periods: int | None = None
    has_kpi: bool = False


def settled_kind(
    kind: str, baseline: Decimal | None, target: Decimal | None, direction: str = ""
) -> str:
    """What a row is saved as: one without a way to go stays open, an open one its numbers settle.

    `direction` is that of its KPI.
    """
    if kind in CHANGES and (baseline is not None or target is not None):
        return kind
    if kind in CHANGES or kind in {"", KeyResultKind.OPEN}:
        return change_kind(baseline, target, direction)
    return kind


def problems(typed: Typed) -> dict[str, str]:
    """What is wrong with its numbers, by field; empty where nothing is."""
    if typed.kind in CHANGES or typed.kind in {"", KeyResultKind.OPEN}:
        return _way_problems(typed)
    if typed.kind in {KeyResultKind.AT_LEAST, KeyResultKind.AT_MOST} and typed.target is None:
        return {"target": "Enter the level to hold in every period."}
    if typed.kind == KeyResultKind.RANGE:
        return _range_problems(typed)
    if typed.kind == KeyResultKind.HOLD:
        return _hold_problems(typed)
    return {}


def _way_problems(typed: Typed) -> dict[str, str]:
    start, end = typed.baseline, typed.target
    if start is None:
        return {}
    if end is None:
        return {"target": "Where should it go? Enter the target."}
    if start == end:
        return {"target": SAME}
    if typed.kind in CHANGES and change_kind(start, end) != typed.kind:
        return {"target": WRONG_WAY[KeyResultKind(typed.kind)]}
    return {}


WRONG_WAY = {
    KeyResultKind.INCREASE: (
        "The target lies below the start, so it would go down."
        " Make it a decrease, or enter a target above the start."
    ),
    KeyResultKind.DECREASE: (
        "The target lies above the start, so it would go up."
        " Make it an increase, or enter a target below the start."
    ),
}


def other_way(kind: str) -> str:
    """The kind to offer where the numbers go the other way."""
    rises = kind == KeyResultKind.INCREASE
    return KeyResultKind.DECREASE if rises else KeyResultKind.INCREASE


def _range_problems(typed: Typed) -> dict[str, str]:
    found = {
        name: f"Enter the {word} bound."
        for name, word in (("low", "lower"), ("high", "upper"))
        if getattr(typed, name) is None
    }
    if not found and typed.low >= typed.high:
        return {"high": "The upper bound must lie above the lower one."}
    return found


def _hold_problems(typed: Typed) -> dict[str, str]:
    found = {}
    if not typed.has_kpi:
        found["kpi"] = "Choose the KPI that has to stay on target."
    if typed.hold_periods is None:
        found["hold_periods"] = "Enter how many periods in a row."
    return found
