"""One reading of a typed text, made once and asked by every rule."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from decimal import Decimal

from objectives.coach import words
from objectives.coach.numbers import (
    AMOUNT,
    CURRENCY,
    LONGEST,
    MULTIPLE,
    TIME,
    WORD,
    YEAR,
    Token,
    tokens,
)

_INVISIBLE = re.compile(
    "[\u00ad\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u206f\ufeff]"
)
_SIGNS = str.maketrans(
    {"’": "'", "‘": "'", "–": "-", "—": "-", "−": "-", "‐": "-", "‑": "-", "٪": "%", "٫": "."}
    | {"٬": ",", "“": '"', "”": '"'}
)
_ARROWS = re.compile(r"-{1,2}>|=>|⇒|➔|➜|⟶|➝")
# "KR1:", "Key Result #2", "(1)", "•", "We will", "to": what stands before a title's own words.
_LABEL = re.compile(
    r"""(?:-(?!\d)|[\s*•·"'(\[])*(?:\d{1,2}[.)]\ )?
        (?:(?:key\ result|kr|objective)\ ?(?:\#?\d{1,2}\ ?[:.)-]?|[:-])\ ?)?
        (?:(?:i|we|our\ team|the\ team)\ (?:will|want\ to|aim\ to|plan\ to|shall)\ |to\ (?=\w))?
    """,
    re.VERBOSE,
)
_WHEN = re.compile(
    r"\b(?:this|next|the|each)\ (?:quarter|year|month|cycle|half)\b|\bend\ of\b"
    r"|\b(?:year|quarter|month)[ -]end\b|\beo[qym]\b"
    r"|\bby\ (?:mon|tues|wednes|thurs|fri|satur|sun)day\b"
    r"|\b(?:by|in|until|before)\ (?:january|february|march|april|may|june|july|august|september"
    r"|october|november|december)\b",
)


@dataclass(frozen=True, slots=True)
class Reading:
    """What a text says. `words` are its lower-case words, without labels in front.

    `way` is (from, to) if the text says so; `threshold` (at_least or at_most, bound); `aim` the
    level to reach: the end of the way, the bound or the only number that is a level. `is_outcome`
    tells that one of the numbers is a result: a way, money, or what follows a verb of attainment
    or a comparator. `is_aimed` tells that a number follows "to".
    """

    text: str
    tokens: tuple[Token, ...]
    words: tuple[str, ...]
    amounts: tuple[Token, ...]
    way: tuple[Decimal, Decimal] | None
    threshold: tuple[str, Decimal] | None
    aim: Decimal | None
    is_outcome: bool
    is_aimed: bool

    @property
    def opener(self) -> str:
        """The first word, adverbs apart; empty if it is no word, or a noun in front of a noun.

        "Launch events bring 300 leads" opens with a subject, "Launch events in Rome" with a verb.
        """
        first: list[str] = []
        for token in self.tokens[:6]:
            if token.kind != WORD and not first:
                return ""
            if token.text not in words.ADVERBS:
                first.append(token.text)
        is_subject = (
            len(first) > 2
            and first[0] in words.NOUNS
            and first[1].endswith("s")
            and first[2] in words.PREDICATES
        )
        return first[0] if first and not is_subject else ""

    @property
    def is_steady(self) -> bool:
        """Tell whether something is to stay as it is: keep, maintain, stays, maintained."""
        return any(word in words.STEADY for word in self.words)

    @property
    def has_time(self) -> bool:
        """Tell whether it says by when, or in which cycle."""
        return any(token.kind in {TIME, YEAR} for token in self.tokens) or bool(
            _WHEN.search(self.text)
        )


def normal(text: str) -> str:
    """A text as the rules see it: lower case, single spaces, plain signs and digits, bounded."""
    text = text[:LONGEST]
    if not text.isascii():
        text = unicodedata.normalize("NFKC", _INVISIBLE.sub("", text)).translate(_SIGNS)
        text = "".join(_digit(sign) if sign.isdecimal() else sign for sign in text)
    text = " ".join(text.casefold().split())[:LONGEST]
    return _ARROWS.sub("→", text)


def _digit(sign: str) -> str:
    return str(unicodedata.decimal(sign))


def read(text: str) -> Reading:
    """Read a typed text; any text is readable, an empty one says nothing."""
    plain = normal(text)
    label = _LABEL.match(plain)
    if label:
        plain = plain[label.end() :]
    found = _settle_years(tokens(plain))
    marks = _Marks()
    for at, token in enumerate(found):
        marks.take(at, token, found)
    return Reading(
        text=plain,
        tokens=tuple(found),
        words=tuple([token.text for token in found if token.kind == WORD]),
        amounts=tuple([token for token in found if token.kind == AMOUNT]),
        way=marks.way,
        threshold=marks.threshold,
        aim=marks.aim(),
        is_outcome=marks.way is not None or marks.is_outcome,
        is_aimed=marks.is_aimed,
    )


def read_around(text: str, name: str) -> Reading:
    """Read a text with a KPI's name as one plain word, so that nothing in the name is a verb or a
    level: "Build time drops", "Bring 90-day retention back". An empty name changes nothing.
    """
    plain, name = normal(text), normal(name)
    if name and name in plain:
        plain = re.sub(rf"(?<!\w){re.escape(name)}(?!\w)", "it", plain)
    return read(plain)


def _settle_years(found: list[Token]) -> list[Token]:
    """Take 2020 to 2049 for a number where it stands at the other end of a way: 2030 → 5,000."""
    if not any(token.kind == YEAR for token in found):
        return found
    settled = list(found)
    for at in range(1, len(found) - 1):
        before, mark, after = found[at - 1 : at + 2]
        if mark.text in {"to", "→"} and {before.kind, after.kind} == {YEAR, AMOUNT}:
            for place in (at - 1, at + 1):
                settled[place] = found[place]._replace(kind=AMOUNT)
    return settled


# How many tokens before a number still speak of it: "from an average of 90".
_NEAR = 4


class _Marks:
    """Collects, in one pass, what stands before each number."""

    def __init__(self) -> None:
        self.way: tuple[Decimal, Decimal] | None = None
        self.threshold: tuple[str, Decimal] | None = None
        self.is_outcome = False
        self.is_aimed = False
        self._from = self._to = self._attained = self._compared = -9
        self._operator = ""
        self._levels: list[Decimal] = []
        self._start: tuple[int, Decimal] | None = None

    def take(self, at: int, token: Token, found: list[Token]) -> None:
        """Look at one token; `found` are all of them."""
        text = token.text
        if token.kind == AMOUNT:
            self._number(at, token)
            if not _is_relative(at, token, found):
                self._levels.append(_value(token))
        elif text == "from":
            self._from = at
        elif text in {"to", "→"}:
            self._to = at
            if text == "→" and at and found[at - 1].kind == AMOUNT:
                self._start = (at - 1, _value(found[at - 1]))
        elif text == "within" and self._levels:
            return
        elif text in words.AT_LEAST or text in words.AT_MOST:
            self._compare(at, "at_least" if text in words.AT_LEAST else "at_most")
        elif text == "than" and at:
            self._than(at, found[at - 1].text, found[at - 2].text if at > 1 else "")
        elif text in words.OUTCOME:
            self._attained = at

    def aim(self) -> Decimal | None:
        """The level that is to be reached, if there is only one it could be."""
        if self.way:
            return self.way[1]
        if self.threshold:
            return self.threshold[1]
        return self._levels[0] if len(self._levels) == 1 else None

    def _than(self, at: int, text: str, before: str) -> None:
        operator = words.THAN.get(text)
        if operator and before in {"no", "not"}:
            operator = "at_most" if operator == "at_least" else "at_least"
        if operator:
            self._compare(at, operator)

    def _compare(self, at: int, operator: str) -> None:
        self._compared, self._operator = at, operator

    def _number(self, at: int, token: Token) -> None:
        value = _value(token)
        near = at - _NEAR
        if self._start and self._to > self._start[0] and self._to >= near and self.way is None:
            self.way = (self._start[1], value)
        elif self._from >= near and self._from > self._to:
            self._start = (at, value)
        if self._compared >= near and self.threshold is None:
            self.threshold = (self._operator, value)
        reached = max(self._attained, self._compared)
        if reached >= at - _NEAR or token.unit in CURRENCY:
            self.is_outcome = True
        if self._to >= at - 2:
            self.is_aimed = True


def _is_relative(at: int, token: Token, found: list[Token]) -> bool:
    """Tell whether a number is a difference, a factor or a length of time and no level."""
    if token.unit == MULTIPLE or (at and found[at - 1].text in {"by", "within"}):
        return True
    return at + 1 < len(found) and found[at + 1].text in words.COMPARED


def _value(token: Token) -> Decimal:
    return token.value if token.value is not None else Decimal(0)
