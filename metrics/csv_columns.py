"""What the cells of one column show, and which readings of them stay possible; pure."""

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import time
from itertools import islice

from metrics.csv_guessing import is_stamp
from metrics.numbers import PLAIN, NumberError, NumberStyle, Percent, parse_number
from metrics.stamps import (
    DateOrder,
    Stamp,
    StampError,
    StampKind,
    StampStyle,
    date_orders,
    has_open_order,
    parse_stamp,
)

SAMPLE_ROWS = 1000
DEEP_ROWS = 200_000
MAX_NAMES = 60
STYLES = (
    PLAIN,
    NumberStyle(".", ","),
    NumberStyle(",", ""),
    NumberStyle(",", "."),
    NumberStyle(".", " "),
    NumberStyle(",", " "),
    NumberStyle(".", "'"),
    NumberStyle(",", "'"),
)
_LENIENT = tuple(replace(s, percent=Percent.KEEP, round_long=True) for s in STYLES)
_BLANK_WORDS = frozenset({"n/a", "na", "#n/a", "nan", "null", "none", "-", "--", "–", "k.a.", "?"})
_MARKS = re.compile(r"[.,' \u00a0\u2009\u202f]")


@dataclass(slots=True)
class Column:
    """What the sampled cells of one column show."""

    index: int
    name: str
    filled: int = 0
    stamps: int = 0
    numbers: int = 0
    texts: Counter[str] = field(default_factory=Counter)
    styles: dict[NumberStyle, bool] = field(default_factory=lambda: dict.fromkeys(STYLES, True))
    unlike: set[frozenset[NumberStyle]] = field(default_factory=set)
    orders: set[DateOrder] = field(default_factory=lambda: set(DateOrder))
    open_order: str = ""
    midnight: bool = True
    bare: int = 0
    has_percent: str = ""
    too_long: str = ""
    blank_words: set[str] = field(default_factory=set)
    marked: str = ""

    @property
    def is_stamp(self) -> bool:
        """At least three in four cells are dates, times or period labels."""
        return self.stamps > 0 and self.stamps * 4 >= self.filled * 3

    @property
    def is_number(self) -> bool:
        """At least three in four cells are numbers in some style."""
        return self.numbers > 0 and self.numbers * 4 >= self.filled * 3

    @property
    def is_names(self) -> bool:
        """Few different texts, so rows can be chosen by it."""
        return (
            not self.is_stamp and 0 < len(self.texts) <= MAX_NAMES and self.filled > len(self.texts)
        )

    def look(self, text: str) -> None:
        """Take one cell into account."""
        text = text.strip()
        if not text:
            return
        if text.lower() in _BLANK_WORDS:
            self.blank_words.add(text.lower())
            return
        self.filled += 1
        if len(self.texts) <= MAX_NAMES:
            self.texts[text[:80]] += 1
        self._look_for_number(text)
        if self.filled < 50 or self.stamps:
            self._look_for_stamp(text)

    def _look_for_number(self, text: str) -> None:
        if not (text[-1].isdigit() or text.endswith("%")):
            return
        self.numbers += 1
        if text.isascii() and text.isdigit() and len(text) <= 12:
            return
        values = {
            style: value_in_style(text, lenient)
            for style, lenient in zip(STYLES, _LENIENT, strict=True)
        }
        if all(value is None for value in values.values()):
            self.numbers -= 1
            return
        if text.endswith("%"):
            self.has_percent = self.has_percent or text
        for style, value in values.items():
            self.styles[style] = self.styles[style] and value is not None
        if _MARKS.search(text):
            self.marked = self.marked or text
            self._tell_apart(values)
        readable = next(style for style, value in values.items() if value is not None)
        if _too_long(text, readable):
            self.too_long = self.too_long or text

    def _tell_apart(self, values: dict[NumberStyle, object]) -> None:
        left = [s for s in STYLES if self.styles[s]]
        for n, one in enumerate(left):
            for other in left[n + 1 :]:
                if values[one] != values[other]:
                    self.unlike.add(frozenset((one, other)))

    def _look_for_stamp(self, text: str) -> None:
        if not is_stamp(text):
            return
        self.stamps += 1
        if has_open_order([text]):
            self.orders &= date_orders([text])
            self.open_order = self.open_order or text
        stamp = _stamp(text)
        clock = stamp.at.time() if stamp and stamp.at and stamp.kind is StampKind.LOCAL else None
        self.midnight = self.midnight and clock == time(0)
        self.bare += stamp is not None and stamp.at is None

    def is_open(self) -> bool:
        """Whether more rows could decide something about this column."""
        return bool(self.open_order and len(self.orders) == 2) or len(open_styles([self])) > 1


def look_at(rows: Iterable[tuple[int, list[str]]], names: tuple[str, ...]) -> list[Column]:
    """What the columns show: all of the first rows, further ones only for what is open."""
    columns = [Column(n, name) for n, name in enumerate(names)]
    iterator = iter(rows)
    for _, cells in islice(iterator, SAMPLE_ROWS):
        for column in columns:
            column.look(cells[column.index])
    undecided = [c for c in columns if (c.is_stamp or c.is_number) and c.is_open()]
    for count, (_, cells) in enumerate(islice(iterator, DEEP_ROWS if undecided else 0)):
        for column in undecided:
            column.look(cells[column.index])
        if count % 500 == 0:
            undecided = [column for column in undecided if column.is_open()]
            if not undecided:
                break
    return columns


def open_styles(values: list[Column], others: list[Column] = []) -> list[NumberStyle]:  # noqa: B006
    """The number styles in question, the first of each set that reads every cell alike.

    One is a decision. More than one is a question, which other columns of the same file may settle.
    """
    left = [s for s in STYLES if all(c.styles[s] for c in values)]
    unlike: set[frozenset[NumberStyle]] = (
        set().union(*(c.unlike for c in values)) if values else set()
    )
    distinct: list[NumberStyle] = []
    for style in left:
        if all(frozenset((style, kept)) in unlike for kept in distinct):
            distinct.append(style)
    if len(distinct) > 1 and others:
        more = [
            c for c in others if c.is_number and not c.is_stamp and c not in values and c.marked
        ]
        narrowed = [s for s in distinct if all(c.styles[s] for c in more)]
        return narrowed or distinct
    return distinct


def style_id(style: NumberStyle) -> str:
    """A number style as a form value."""
    return style.decimal + style.thousands


def style_from_id(text: str) -> NumberStyle:
    """The number style of a form value."""
    return next(style for style in STYLES if style_id(style) == text)


def value_in_style(text: str, style: NumberStyle) -> object:
    """The number in `text` by one style, or None."""
    try:
        return parse_number(text, style)
    except NumberError:
        return None


def _too_long(text: str, style: NumberStyle) -> bool:
    try:
        parse_number(text, replace(style, percent=Percent.KEEP))
    except NumberError as error:
        return error.code in ("too_precise", "too_many_decimals")
    return False


def _stamp(text: str) -> Stamp | None:
    for order in DateOrder:
        try:
            return parse_stamp(text, StampStyle(order))
        except StampError:
            continue
    return None
