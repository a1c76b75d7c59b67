"""A first guess at a file's columns, and the questions that only a person can answer; pure.

Which column is the date and which the value is proposed, for a person to confirm. What two readings
of the same text would make different (day or month first, decimal or thousands mark, the meaning of
a per cent sign) is never proposed: it is a `Question` until the file or a person decides.
"""

import re
from dataclasses import dataclass, replace

from metrics.csv_columns import Column, open_styles, style_from_id, style_id, value_in_style
from metrics.csv_mapping import Mapping, Pick
from metrics.numbers import PLAIN, NumberStyle, Percent
from metrics.stamps import (
    DateOrder,
    LabelCalendar,
    StampError,
    StampStyle,
    parse_stamp,
)

_STAMP_WORDS = re.compile(
    r"dat|day|tag|time|zeit|stamp|week|woche|month|monat|quarter|quartal|year|jahr|period",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Question:
    """Something to ask: key of the answer, sentence, (value, label) choices, a cell as example."""

    key: str
    sentence: str
    choices: tuple[tuple[str, str], ...]
    example: str = ""


@dataclass(slots=True)
class Proposal:
    """A guess at the columns for a person to confirm, with what only a person can decide."""

    columns: list[Column]
    stamp: int | None
    picks: tuple[Pick, ...]
    questions: tuple[Question, ...]
    numbers: NumberStyle
    stamps: StampStyle
    blank_words: tuple[str, ...]


class Unanswered(ValueError):
    """Questions about a file that only a person can answer; `questions` are those left."""

    def __init__(self, questions: list[Question]) -> None:
        super().__init__(" ".join(question.sentence for question in questions))
        self.questions = questions


def propose_mapping(
    columns: list[Column], kpis: list[tuple[int, str, str]], fiscal_month: int = 1
) -> Proposal:
    """The likeliest columns for these (id, name, unit) KPIs and the questions that stay open."""
    stamp = _stamp_column(columns)
    return proposal_for(columns, stamp, _picks(columns, stamp, kpis), fiscal_month)


def proposal_for(
    columns: list[Column], stamp: int | None, picks: tuple[Pick, ...], fiscal_month: int = 1
) -> Proposal:
    """What follows from a choice of columns, and the questions that stay open about them."""
    chosen = {i for pick in picks for i in (pick.value, pick.denominator) if i is not None}
    values = [c for c in columns if c.index in chosen]
    values = values or [c for c in columns if _may_hold_values(c, stamp)]
    styles = open_styles(values, columns)
    when = columns[stamp] if stamp is not None else None
    order = next(iter(when.orders)) if when and when.open_order and len(when.orders) == 1 else None
    blanks = sorted(set().union(*(c.blank_words for c in values))) if values else []
    return Proposal(
        columns=columns,
        stamp=stamp,
        picks=picks,
        questions=(*_value_questions(values, styles), *_stamp_questions(when, fiscal_month)),
        numbers=styles[0] if styles else PLAIN,
        stamps=StampStyle(order, None, fiscal_month, bool(when and when.stamps and when.midnight)),
        blank_words=tuple(blanks),
    )


def settle(proposal: Proposal, answers: dict[str, str], **extra: object) -> Mapping:
    """The mapping that a proposal becomes by a person's answers (question key to chosen value).

    Raises Unanswered where one is missing. `extra` are the fields of Mapping that nothing proposes.
    """
    missing = [q for q in proposal.questions if answers.get(q.key) not in dict(q.choices)]
    if missing:
        raise Unanswered(missing)
    asked = {q.key: answers[q.key] for q in proposal.questions}
    numbers = proposal.numbers
    if "number_style" in asked:
        numbers = style_from_id(asked["number_style"])
    if "percent" in asked:
        numbers = replace(numbers, percent=Percent(asked["percent"]))
    if asked.get("round_long") == "round":
        numbers = replace(numbers, round_long=True)
    stamps = proposal.stamps
    if "date_order" in asked:
        stamps = replace(stamps, date_order=DateOrder(asked["date_order"]))
    if "labels" in asked:
        stamps = replace(stamps, labels=LabelCalendar(asked["labels"]))
    return Mapping(
        stamp=proposal.stamp,
        picks=proposal.picks,
        numbers=numbers,
        stamps=stamps,
        blank_words=proposal.blank_words if asked.get("blanks") == "empty" else (),
        **extra,
    )


def style_label(style: NumberStyle) -> str:
    """A number style by its way of writing 1234.5."""
    return f"1{style.thousands}234{style.decimal}5"


def _stamp_column(columns: list[Column]) -> int | None:
    """The column of dates: named like one first, bare dates before times, then the leftmost."""
    candidates = [c for c in columns if c.is_stamp]
    plain_years = [c for c in candidates if c.is_number and not _STAMP_WORDS.search(c.name)]
    candidates = [c for c in candidates if c not in plain_years] or candidates
    if not candidates:
        return None
    best = max(
        candidates, key=lambda c: (bool(_STAMP_WORDS.search(c.name)), c.filled, c.bare, -c.index)
    )
    return best.index


def _may_hold_values(column: Column, stamp: int | None) -> bool:
    return (
        column.is_number
        and column.index != stamp
        and not (column.is_stamp and not column.is_number)
    )


def _picks(
    columns: list[Column], stamp: int | None, kpis: list[tuple[int, str, str]]
) -> tuple[Pick, ...]:
    """Columns named like a KPI; else names in a column; else the only column of numbers."""
    numeric = [c for c in columns if _may_hold_values(c, stamp)]
    wide = tuple(
        Pick(pk, c.index) for pk, name, _ in kpis for c in numeric if _key(name) == _key(c.name)
    )
    if wide:
        return wide
    value = next((c for c in numeric if _key(c.name) in ("value", "wert", "amount")), None)
    value = value or (numeric[0] if len(numeric) == 1 else None)
    if value is None:
        return ()
    for column in columns:
        texts = {_key(t): t for t in column.texts} if column.is_names else {}
        long = [
            Pick(pk, value.index, (column.index, texts[_key(n)]))
            for pk, n, _ in kpis
            if _key(n) in texts
        ]
        if long:
            return tuple(long)
    return (Pick(kpis[0][0], value.index),) if len(kpis) == 1 else ()


def _key(name: str) -> str:
    return re.sub(r"[\W_]+", " ", name).strip().casefold()


def _value_questions(values: list[Column], styles: list[NumberStyle]) -> list[Question]:
    questions = []
    if len(styles) > 1:
        example = next((c.marked for c in values if c.marked), "")
        choices = tuple((style_id(s), _as_read(example, s)) for s in styles)
        sentence = f"What does “{example}” mean? No row of the file decides it."
        questions.append(Question("number_style", sentence, choices, example))
    signed = next((c.has_percent for c in values if c.has_percent), "")
    if signed:
        number = signed.rstrip("% \u00a0")
        choices = (
            (Percent.KEEP, f"{number}, the KPI is in per cent"),
            (Percent.SHARE, f"{number} ÷ 100, the KPI is a share of 1"),
        )
        questions.append(Question("percent", f"What does “{signed}” become?", choices, signed))
    words = sorted(set().union(*(c.blank_words for c in values))) if values else []
    if words:
        shown = ", ".join(f"“{word}”" for word in words)
        choices = (("empty", "An empty cell"), ("refuse", "A mistake: refuse such rows"))
        questions.append(Question("blanks", f"What does {shown} mean?", choices, words[0]))
    long = next((c.too_long for c in values if c.too_long), "")
    if long:
        choices = (("round", "Round to 15 significant digits"), ("refuse", "Refuse such rows"))
        questions.append(
            Question("round_long", f"“{long}” has more digits than are kept.", choices, long)
        )
    return questions


def _stamp_questions(column: Column | None, fiscal_month: int) -> list[Question]:
    if column is None:
        return []
    questions = []
    if column.open_order and len(column.orders) != 1:
        choices = ((DateOrder.DMY, "Day first"), (DateOrder.MDY, "Month first"))
        sentence = f"In “{column.open_order}”, which comes first? No row of the file decides it."
        questions.append(Question("date_order", sentence, choices, column.open_order))
    label = next((t for t in column.texts if _needs_calendar(t, fiscal_month)), "")
    if label:
        choices = (("calendar", "The calendar year"), ("fiscal", "The fiscal year"))
        questions.append(Question("labels", f"Which year does “{label}” count in?", choices, label))
    return questions


def _needs_calendar(text: str, fiscal_month: int) -> bool:
    try:
        parse_stamp(text, StampStyle(DateOrder.DMY, None, fiscal_month))
    except StampError as error:
        return error.code == "ambiguous"
    return False


def _as_read(text: str, style: NumberStyle) -> str:
    value = value_in_style(text, replace(style, percent=Percent.KEEP, round_long=True))
    return f"{value} (numbers like {style_label(style)})"
