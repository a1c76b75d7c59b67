"""What an administrator decides about each rule: off, advise, or ask for a reason."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import StrEnum

from objectives.coach.catalogue import RULES, About, Hint, Level


class Strictness(StrEnum):
    """How firmly a rule speaks. Without an entry a rule advises."""

    OFF = "off"
    ADVISE = "advise"
    REASON = "reason"


LABELS = {
    Strictness.OFF: "Off",
    Strictness.ADVISE: "Advise",
    Strictness.REASON: "Ask for a reason",
}
_WRITTEN = frozenset({About.KEY_RESULT, About.OBJECTIVE})
# It is about objectives, but running ones: no draft is saved with it.
_LATER = frozenset({"W24"})


def may_ask_reason(code: str) -> bool:
    """Tell whether a rule is about what is written in a draft, so that saving can ask."""
    return code not in _LATER and bool(_WRITTEN.intersection(RULES[code].about))


def choices_of(code: str) -> list[tuple[str, str]]:
    """What may be decided about a rule, with its words."""
    modes = [mode for mode in Strictness if mode != Strictness.REASON or may_ask_reason(code)]
    return [(mode.value, LABELS[mode]) for mode in modes]


def switched_off(policy: Mapping[str, str]) -> frozenset[str]:
    """The codes of the rules that do not speak, for the `off` of `advice`."""
    return frozenset(code for code, mode in policy.items() if mode == Strictness.OFF)


def reasons_wanted(findings: Iterable[Hint], policy: Mapping[str, str]) -> tuple[str, ...]:
    """The codes for which saving asks for a reason, in the order found, each once.

    Only warnings and failures ask; notes never do.
    """
    asked = [
        hint.code
        for hint in findings
        if hint.level in {Level.WARN, Level.FAIL} and policy.get(hint.code) == Strictness.REASON
    ]
    return tuple(dict.fromkeys(asked))
