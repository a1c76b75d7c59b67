"""What the columns of a file mean, and the readings that follow; pure, row by row, in constant
memory.

A `Mapping` says which column holds the stamp and, by its picks, which cells are values of which
KPI:
wide files have one pick a column, long files one pick a name in a column of names.
"""

from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from metrics.csv_problems import Problem
from metrics.numbers import PLAIN, NumberError, NumberStyle, Percent, parse_number
from metrics.stamps import (
    FIRST_YEAR,
    ISO_ONLY,
    LAST_YEAR,
    DateOrder,
    LabelCalendar,
    Stamp,
    StampError,
    StampKind,
    StampStyle,
    parse_stamp,
)

MAX_EXTERNAL_ID = 100
CACHED_STAMPS = 20_000

# (row number, KPI, stamp, value, denominator, external id, problem). A problem has no stamp; the
# value None without a problem withdraws what is stored.
Reading = tuple[int, int, Stamp | None, Decimal | None, Decimal | None, str, Problem | None]


@dataclass(frozen=True, slots=True)
class Pick:
    """The cells that are values of one KPI: a column, and in long files the rows to take.

    where: (column, text) a row must have; None takes every row. denominator: column of a ratio's
    denominators; None if there is none.
    """

    kpi: int
    value: int
    where: tuple[int, str] | None = None
    denominator: int | None = None


@dataclass(frozen=True, slots=True)
class Mapping:
    """What the columns of one file mean; every open question of the proposal is answered here.

    empty_withdraws: an empty value withdraws the stored one, else it is passed over.
    blank_words: texts, in lower case, that stand for an empty value.
    """

    stamp: int
    picks: tuple[Pick, ...]
    external_id: int | None = None
    numbers: NumberStyle = PLAIN
    stamps: StampStyle = ISO_ONLY
    empty_withdraws: bool = False
    blank_words: tuple[str, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """The mapping as plain JSON values, as an import batch keeps it."""
        return asdict(self)

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> "Mapping":
        """The mapping that `to_json` wrote."""
        picks = tuple(
            Pick(p["kpi"], p["value"], tuple(p["where"]) if p["where"] else None, p["denominator"])
            for p in data["picks"]
        )
        numbers = dict(data["numbers"], percent=Percent(data["numbers"]["percent"]))
        stamps = dict(data["stamps"])
        stamps["date_order"] = stamps["date_order"] and DateOrder(stamps["date_order"])
        stamps["labels"] = stamps["labels"] and LabelCalendar(stamps["labels"])
        style = NumberStyle(**numbers)
        return cls(
            stamp=data["stamp"],
            picks=picks,
            external_id=data["external_id"],
            numbers=PLAIN if style == PLAIN else style,
            stamps=StampStyle(**stamps),
            empty_withdraws=data["empty_withdraws"],
            blank_words=tuple(data["blank_words"]),
        )


def readings(
    rows: Iterable[tuple[int, list[str]]], mapping: Mapping, names: tuple[str, ...]
) -> Iterator[Reading]:
    """The readings of a file's rows in their order; rows that no pick takes give none.

    An empty value gives none either, unless the mapping lets it withdraw. `names` are the columns'
    names, for problems.
    """
    return _Reader(mapping, names).read(rows)


class _Reader:
    """One pass over one file."""

    def __init__(self, mapping: Mapping, names: tuple[str, ...]) -> None:
        self.mapping = mapping
        self.names = names
        self.everywhere = [pick for pick in mapping.picks if pick.where is None]
        self.by_text: dict[int, dict[str, list[Pick]]] = {}
        for pick in mapping.picks:
            if pick.where is not None:
                column, text = pick.where
                self.by_text.setdefault(column, {}).setdefault(text, []).append(pick)
        self.cache: dict[str, Stamp] = {}

    def read(self, rows: Iterable[tuple[int, list[str]]]) -> Iterator[Reading]:
        column = self._plain_column()
        return self._any(rows) if column is None else self._plain(rows, column)

    def _plain_column(self) -> int | None:
        """The value column of a common file: plain numbers in one column, at most one KPI a row."""
        picks = self.mapping.picks
        if self.mapping.numbers != PLAIN or self.mapping.external_id is not None or not picks:
            return None
        if any(pick.value != picks[0].value or pick.denominator is not None for pick in picks):
            return None
        texts = [taken for by_text in self.by_text.values() for taken in by_text.values()]
        one_each = len(self.by_text) <= 1 and all(len(taken) == 1 for taken in texts)
        alone = len(self.everywhere) == (0 if texts else 1)
        return picks[0].value if one_each and alone else None

    def _plain(self, rows: Iterable[tuple[int, list[str]]], column: int) -> Iterator[Reading]:
        """The common file without the calls of `_any`; whatever is unusual goes to `_of_pick`."""
        at, stamps, from_iso, style = self.mapping.stamp, self.cache, date.fromisoformat, PLAIN
        only = self.everywhere[0] if self.everywhere else None
        name_column, named = next(iter(self.by_text.items()), (0, {}))
        by_name = {text: picks[0] for text, picks in named.items()}
        for row, cells in rows:
            pick = (
                only or by_name.get(cells[name_column]) or by_name.get(cells[name_column].strip())
            )
            if pick is None:
                continue
            text = cells[at]
            stamp = stamps.get(text)
            try:
                if stamp is None:
                    if len(text) == 10 and text[4] == "-" == text[7]:
                        stamp = self._remember(text, _iso_date(from_iso(text)))
                    else:
                        stamp = self._stamp(text)
                value = parse_number(cells[column], style)
            except ValueError:
                yield from self._of_pick(row, cells, pick)
            else:
                yield row, pick.kpi, stamp, value, None, "", None

    def _any(self, rows: Iterable[tuple[int, list[str]]]) -> Iterator[Reading]:
        named = [(column, picks) for column, picks in self.by_text.items()]
        for row, cells in rows:
            for pick in self.everywhere:
                yield from self._of_pick(row, cells, pick)
            for column, picks in named:
                for pick in picks.get(cells[column].strip(), ()):
                    yield from self._of_pick(row, cells, pick)

    def _of_pick(self, row: int, cells: list[str], pick: Pick) -> Iterator[Reading]:
        """The reading of one pick in one row, or its problem, or nothing."""
        try:
            value = self._number(row, cells, pick.value)
            if value is None and not self._withdraws(cells):
                return
            stamp = self._stamp_of(row, cells)
            below = self._denominator(row, cells, pick, value)
            external_id = self._external_id(row, cells)
        except _RowRefused as refused:
            yield row, pick.kpi, None, None, None, "", refused.problem
        else:
            yield row, pick.kpi, stamp, value, below, external_id, None

    def _withdraws(self, cells: list[str]) -> bool:
        return self.mapping.empty_withdraws and any(map(str.strip, cells))

    def _number(self, row: int, cells: list[str], column: int) -> Decimal | None:
        text = cells[column].strip()
        if not text or text.lower() in self.mapping.blank_words:
            return None
        try:
            return parse_number(text, self.mapping.numbers)
        except NumberError as error:
            remedy = _NUMBER_REMEDIES.get(error.code, "Correct the cell.")
            raise self._refused(row, column, text, str(error), remedy, error.code) from error

    def _denominator(
        self, row: int, cells: list[str], pick: Pick, value: Decimal | None
    ) -> Decimal | None:
        if pick.denominator is None or value is None:
            return None
        below = self._number(row, cells, pick.denominator)
        if below is None or below <= 0:
            text = cells[pick.denominator]
            reason = "A ratio needs a denominator above 0."
            raise self._refused(row, pick.denominator, text, reason, "Fill it in.", "denominator")
        return below

    def _stamp_of(self, row: int, cells: list[str]) -> Stamp:
        text = cells[self.mapping.stamp]
        try:
            return self._stamp(text)
        except StampError as error:
            remedy = "Choose the order of day and month." if error.code == "ambiguous" else ""
            remedy = remedy or "Write dates as 2026-07-01."
            raise self._refused(
                row, self.mapping.stamp, text, str(error), remedy, error.code
            ) from error

    def _stamp(self, text: str) -> Stamp:
        stamp = self.cache.get(text)
        if stamp is None:
            stamp = self._remember(text, parse_stamp(text, self.mapping.stamps))
        return stamp

    def _remember(self, text: str, stamp: Stamp) -> Stamp:
        if len(self.cache) >= CACHED_STAMPS:
            self.cache.clear()
        self.cache[text] = stamp
        return stamp

    def _external_id(self, row: int, cells: list[str]) -> str:
        if self.mapping.external_id is None:
            return ""
        text = cells[self.mapping.external_id].strip()
        if len(text) > MAX_EXTERNAL_ID or not text.isprintable() or "\\" in text:
            reason = f"An id has at most {MAX_EXTERNAL_ID} printable characters and no backslash."
            column = self.mapping.external_id
            raise self._refused(row, column, text, reason, "Use another id.", "external_id")
        return text

    def _refused(
        self, row: int, column: int, text: str, reason: str, remedy: str, code: str
    ) -> "_RowRefused":
        return _RowRefused(Problem(reason, remedy, row, self.names[column], text[:80], code))


def _iso_date(on: date) -> Stamp:
    if not FIRST_YEAR <= on.year <= LAST_YEAR:
        raise ValueError(on)
    return Stamp(StampKind.DATE, on)


class _RowRefused(Exception):
    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.reason)
        self.problem = problem


_NUMBER_REMEDIES = {
    "percent": "Say what the per cent sign means.",
    "too_precise": "Round it in the file, or tick “round long numbers”.",
    "too_many_decimals": "Round it in the file, or tick “round long numbers”.",
    "mark": "Choose how this file writes numbers.",
    "grouping": "Choose how this file writes numbers.",
}
