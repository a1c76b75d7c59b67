"""A remedy applied to what was typed in a draft form: nothing is saved, the form comes back."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from metrics.numbers import number_text
from metrics.wording import quantity
from objectives.coach import rewrites
from objectives.coach.facts import KeyResultText, Kind
from objectives.coach.key_result_rules import wanted
from objectives.coach.proposals import key_result_rewritten
from objectives.coach.reading import read
from objectives.kinds import KeyResultKind, change_kind
from objectives.pages.typed_rows import TypedRows

TITLE = "title"
NO_ROOM = "There is no room for another key result. Take one out first."


@dataclass(frozen=True, slots=True)
class Remedied:
    """What was done, in a sentence, and the field to go on with: ("kr-1", "title") or ("", …)."""

    words: str
    row: int | None = None
    field: str = TITLE


@dataclass(frozen=True, slots=True)
class Sick:
    """What a remedy works on: the typed rows, the row it is for (None: the objective), its text as
    the coach read it, the number of the remedy and the last day of the cycle."""

    rows: TypedRows
    at: int | None
    text: KeyResultText
    value: Decimal | None = None
    by: date | None = None


def _swap(sick: Sick) -> Remedied:
    rows, at = sick.rows, _row(sick)
    start, end = rows.get(at, "baseline"), rows.get(at, "target")
    title = rewrites.swapped(rows.get(at, TITLE))
    rows.set(at, title=title, baseline=end, target=start)
    return Remedied("From and to are swapped.", at, "baseline")


def _keep_initiative(sick: Sick) -> Remedied:
    at = _row(sick)
    sick.rows.keep_initiative(sick.rows.get(at, TITLE))
    sick.rows.remove(at)
    return Remedied("Kept as an initiative, beside the key results.", max(at - 1, 0))


def _park_last(sick: Sick) -> Remedied:
    written = [at for at in range(len(sick.rows.rows)) if sick.rows.get(at, TITLE).strip()]
    last = written[-1]
    sick.rows.keep_initiative(sick.rows.get(last, TITLE))
    sick.rows.remove(last)
    return Remedied("The last key result is kept as an initiative.", max(last - 1, 0))


def _split(sick: Sick) -> Remedied:
    rows, at = sick.rows, _row(sick)
    parts = rewrites.halves(rows.get(at, TITLE))
    if parts is None:
        return Remedied("Nothing to split.", at)
    second = rows.insert(at + 1, title=parts[1])
    if second is None:
        return Remedied(NO_ROOM, at)
    rows.set(second - 1, title=parts[0])
    return Remedied("Two key results now. Give each its numbers.", second - 1)


def _find_baseline(sick: Sick) -> Remedied:
    """The aim that was typed stays in the words: a baseline to be found has no numbers yet."""
    rows, at = sick.rows, _row(sick)
    title = rows.get(at, TITLE).strip()
    if sick.text.target is not None and rewrites.without_numbers(title) == title:
        title = f"{title}, to {quantity(sick.text.target, sick.text.unit)}"
    rows.set(at, title=title, kind=Kind.FIND_BASELINE, baseline="", target="")
    return Remedied("To be found first: it has no progress until somebody knows the start.", at)


def _use_kpi_value(sick: Sick) -> Remedied:
    at = _row(sick)
    fields = {"baseline": _typed(sick.value)}
    if sick.text.target is None and (aim := key_result_rewritten(sick.text).target) is not None:
        fields["target"] = _typed(aim)
    sick.rows.set(at, **fields)
    return Remedied("It starts from the KPI’s value today.", at, "baseline")


def _match_kpi(sick: Sick) -> Remedied:
    rows, at = sick.rows, _row(sick)
    words = quantity(sick.value, "") if sick.value is not None else ""
    rows.set(at, title=rewrites.with_aim(rows.get(at, TITLE), words), target=_typed(sick.value))
    return Remedied("It aims for the KPI’s target.", at, "target")


def _add_numbers(sick: Sick) -> Remedied:
    at = _row(sick)
    found = key_result_rewritten(sick.text, by=sick.by)
    sick.rows.set(
        at,
        title=found.title,
        kind=_kind(sick.text, found.baseline, found.target),
        baseline=_typed(found.baseline),
        target=_typed(found.target),
        unit=found.unit,
    )
    gap = "baseline" if found.baseline is None else "target"
    return Remedied("Fill in from where, and to where.", at, gap)


def _kind(text: KeyResultText, baseline: Decimal | None, target: Decimal | None) -> str:
    """Which way it goes: by its numbers, else as its kind, its KPI or its words say."""
    if baseline is not None and target is not None:
        return change_kind(baseline, target)
    falls = wanted(text, read(text.title)) < 0
    return KeyResultKind.DECREASE if falls else KeyResultKind.INCREASE


def _move_number(sick: Sick) -> Remedied:
    title = sick.rows.data.get(TITLE, "").strip()
    at = sick.rows.insert(len(sick.rows.rows), title=title)
    if at is None:
        return Remedied(NO_ROOM, None)
    sick.rows.data[TITLE] = rewrites.without_numbers(title)
    return Remedied("The number is a key result now. Which state should the objective describe?")


def _add_row(sick: Sick) -> Remedied:
    at = sick.rows.insert(len(sick.rows.rows))
    return Remedied(NO_ROOM) if at is None else Remedied("Room for one more key result.", at)


_REMEDIES: dict[str, Callable[[Sick], Remedied]] = {
    "swap_numbers": _swap,
    "keep_as_initiative": _keep_initiative,
    "park_key_result": _park_last,
    "split_key_result": _split,
    "find_baseline": _find_baseline,
    "use_kpi_value": _use_kpi_value,
    "match_kpi_target": _match_kpi,
    "add_numbers": _add_numbers,
    "move_number_to_key_result": _move_number,
    "add_key_result": _add_row,
}
# What only an objective asks for; everything else is for a key result.
OF_THE_OBJECTIVE = frozenset({"park_key_result", "move_number_to_key_result", "add_key_result"})


def apply(action: str, sick: Sick) -> Remedied | None:
    """Apply a remedy to the typed rows; None for one that there is not, or not at that place."""
    remedy = _REMEDIES.get(action)
    if remedy is None or (sick.at is None) != (action in OF_THE_OBJECTIVE):
        return None
    return remedy(sick)


def _row(sick: Sick) -> int:
    assert sick.at is not None
    return sick.at


def _typed(value: Decimal | None) -> str:
    return "" if value is None else number_text(value)
