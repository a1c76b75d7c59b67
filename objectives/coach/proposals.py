"""Conversions and rewrites as values (product.md M3, M4): nothing is written, a person decides.

A key result becomes a KPI to watch, a KPI a key result to reach, a wish the skeleton "from X to Y
by date". What is not known stays None or empty and is asked for by the form that opens with it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import pairwise

from metrics.kinds import CadenceKind, Direction
from metrics.wording import day_year, number, quantity, target_words
from objectives.coach import words
from objectives.coach.facts import KeyResultText, Kind, KpiFacts
from objectives.coach.key_result_rules import wanted, way_of
from objectives.coach.kpi_rules import QUESTIONS
from objectives.coach.numbers import AMOUNT, CURRENCY, MULTIPLE, PERCENT, TIME, WORD, YEAR
from objectives.coach.reading import Reading, read

GAP = "…"
# What ends the name of the measure in a title: "Churn rate | drops from", "NPS | above 45".
_ENDS = frozenset({"from", "to", "by", "at", "is", "are", "between", "in", "than", "→", "be"})
_CADENCES = {
    "daily": CadenceKind.DAILY,
    "day": CadenceKind.DAILY,
    "weekly": CadenceKind.WEEKLY,
    "week": CadenceKind.WEEKLY,
    "monthly": CadenceKind.MONTHLY,
    "month": CadenceKind.MONTHLY,
    "quarterly": CadenceKind.QUARTERLY,
    "annually": CadenceKind.YEARLY,
    "annual": CadenceKind.YEARLY,
    "yearly": CadenceKind.YEARLY,
    "year": CadenceKind.YEARLY,
}
_LENGTHS = frozenset({"seconds", "minutes", "hours", "days", "weeks", "months", "points"})


@dataclass(frozen=True, slots=True)
class Essential:
    """One line of a proposed KPI. An open one is a question or a suggestion to confirm."""

    label: str
    text: str
    is_open: bool = False


@dataclass(frozen=True, slots=True)
class KpiProposal:
    """A KPI to create: what a form opens with. Without a known direction it is empty."""

    name: str
    direction: str
    target: Decimal | None
    unit: str
    cadence: str = CadenceKind.MONTHLY

    @property
    def target_text(self) -> str:
        """The target in words, `at most 8 %`; empty while target or direction is not known."""
        if self.target is None or not self.direction:
            return ""
        return target_words(self.direction, self.target, unit=self.unit)

    @property
    def sentence(self) -> str:
        """The offer to convert: what would be watched, and how."""
        level = f": {self.target_text}," if self.target_text else ","
        return f"Watch {self.name} as a KPI{level} looked at {self.cadence}?"

    @property
    def essentials(self) -> tuple[Essential, ...]:
        """The four essentials of a KPI (S1), what is known and what is still to be asked."""
        return (
            Essential("What", self.name),
            Essential(
                "Target", self.target_text or QUESTIONS["target"], is_open=not self.target_text
            ),
            Essential("Source", QUESTIONS["source"], is_open=True),
            Essential("Cadence", f"{self.cadence.capitalize()}, suggested", is_open=True),
        )


@dataclass(frozen=True, slots=True)
class KeyResultProposal:
    """A key result to add: what a form opens with. None is asked for."""

    title: str
    kind: str
    baseline: Decimal | None
    target: Decimal | None
    unit: str

    @property
    def sentence(self) -> str:
        """The offer to convert: what would be reached."""
        return f"Change it by a key result: {self.title}?"

    @property
    def missing(self) -> tuple[str, ...]:
        """The names of the numbers that a person has to fill in."""
        both = {"baseline": self.baseline, "target": self.target}
        return tuple([name for name, value in both.items() if value is None])


def kpi_from_key_result(kr: KeyResultText) -> KpiProposal:
    """The KPI that watches what a key result measures, with its target as the level to hold.

    A key result that is measured by a KPI gives that KPI's name, direction and unit.
    """
    said = read(kr.title)
    _, target = way_of(kr, said)
    name = kr.kpi.name if kr.kpi else _capital(subject(kr.title))
    direction = kr.kpi.direction if kr.kpi and kr.kpi.direction else _direction(kr, said)
    unit = kr.unit or (kr.kpi.unit if kr.kpi else "") or unit_of(said)
    if target is None and not kr.kpi:
        name = _capital(kr.title.strip())
    return KpiProposal(name or kr.title.strip(), direction, target, unit, _cadence(said))


def key_result_from_kpi(
    kpi: KpiFacts, by: date | None = None, target: Decimal | None = None
) -> KeyResultProposal:
    """The key result that moves a KPI from its value today to its target, or to `target`.

    A KPI that is on target already has no way to go: the target is asked for.
    """
    aim = target if target is not None else _bound(kpi)
    if aim is not None and kpi.latest is not None and _is_reached(kpi, aim):
        aim = None
    title = rewrite(kpi.name, kpi.latest, aim, unit=kpi.unit, by=by, direction=kpi.direction)
    return KeyResultProposal(title, Kind.CHANGE, kpi.latest, aim, kpi.unit)


def key_result_rewritten(kr: KeyResultText, by: date | None = None) -> KeyResultProposal:
    """A key result in the form "from X to Y by date", from its words, numbers and KPI."""
    said = read(kr.title)
    start, end = way_of(kr, said)
    if start is None and kr.kpi is not None:
        start = kr.kpi.latest
    name = kr.kpi.name if kr.kpi else _capital(subject(kr.title))
    unit = kr.unit or (kr.kpi.unit if kr.kpi else "") or unit_of(said)
    title = rewrite(
        name or kr.title.strip(), start, end, unit=unit, by=by, direction=_direction(kr, said)
    )
    return KeyResultProposal(title, Kind.CHANGE, start, end, unit)


def rewrite(
    name: str,
    baseline: Decimal | None,
    target: Decimal | None,
    *,
    unit: str = "",
    by: date | None = None,
    direction: str = "",
) -> str:
    """The skeleton `Churn rate drops from 12 to 8 % by 30 Sep 2026`; gaps are printed as …"""
    start = GAP if baseline is None else number(baseline)
    end = GAP if target is None else quantity(target, unit)
    if unit[:1] in CURRENCY and baseline is not None:
        start = quantity(baseline, unit)
    verb = _verb(baseline, target, direction)
    when = f" by {day_year(by)}" if by else ""
    return f"{name} {verb} from {start} to {end}{when}"


def _verb(baseline: Decimal | None, target: Decimal | None, direction: str) -> str:
    if baseline is not None and target is not None and baseline != target:
        return "rises" if target > baseline else "drops"
    return {Direction.HIGHER: "rises", Direction.LOWER: "drops"}.get(direction, "moves")


def subject(title: str) -> str:
    """What a title measures, in its own spelling: `Keep churn below 8%` is about `churn`.

    Leading verbs, numbers, times and comparators are left out; empty if nothing else is there.
    """
    said = read(title)
    kept: list[str] = []
    for token in said.tokens:
        if token.kind in {AMOUNT, TIME, YEAR} or _ends_name(token.text, kept):
            if kept:
                break
            continue
        if not kept and _is_lead(token.text):
            continue
        if token.kind == WORD or token.text[:1].isalnum():
            kept.append(token.text)
    if all(word in _CADENCES for word in kept):
        return ""
    return " ".join(_as_typed(word, title) for word in kept)


def _ends_name(text: str, kept: list[str]) -> bool:
    if text in _ENDS or text in words.AT_LEAST or text in words.AT_MOST or text in words.STEADY:
        return True
    return bool(kept) and (text in words.FINITE or text in words.MOVES or text in words.THAN)


def _is_lead(text: str) -> bool:
    return text in words.VERBS or text in words.COMPARED or text in words.EMPTY


def _as_typed(word: str, title: str) -> str:
    """A word as it is spelled in the title, capitals included: nps is NPS again."""
    at = title.lower().find(word)
    return title[at : at + len(word)] if at >= 0 and len(title.lower()) == len(title) else word


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def unit_of(said: Reading) -> str:
    """The unit of the numbers in a text: %, a currency, a length of time, or none."""
    units = {amount.unit for amount in said.amounts} - {"", MULTIPLE}
    known = {unit for unit in units if unit == PERCENT or unit in CURRENCY}
    for token, following in pairwise(said.tokens):
        if token.kind == AMOUNT and following.text in _LENGTHS:
            known.add(following.text)
    return known.pop() if len(known) == 1 else ""


def _direction(kr: KeyResultText, said: Reading) -> str:
    start, end = way_of(kr, said)
    if kr.kind in {Kind.AT_LEAST, Kind.AT_MOST}:
        return Direction.HIGHER if kr.kind == Kind.AT_LEAST else Direction.LOWER
    if said.threshold:
        return Direction.HIGHER if said.threshold[0] == "at_least" else Direction.LOWER
    if start is not None and end is not None and start != end:
        return Direction.HIGHER if end > start else Direction.LOWER
    way = wanted(kr, said)
    return {1: Direction.HIGHER, -1: Direction.LOWER}.get(way, "")


def _cadence(said: Reading) -> str:
    match = words.RECURRING.search(said.text)
    return _CADENCES[match[1] or match[2]] if match else CadenceKind.MONTHLY


def _bound(kpi: KpiFacts) -> Decimal | None:
    """The target to return to; of a range the bound that is nearer to the value today."""
    if kpi.direction != Direction.RANGE or kpi.low is None or kpi.high is None:
        return kpi.target
    if kpi.latest is None:
        return None
    return kpi.low if kpi.latest < kpi.low else kpi.high


def _is_reached(kpi: KpiFacts, aim: Decimal) -> bool:
    assert kpi.latest is not None
    if kpi.direction == Direction.HIGHER:
        return kpi.latest >= aim
    if kpi.direction == Direction.LOWER:
        return kpi.latest <= aim
    if kpi.low is not None and kpi.high is not None:
        return kpi.low <= kpi.latest <= kpi.high
    return kpi.latest == aim
