"""A table that is printed and exported from the same rows. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import NamedTuple

from metrics.wording import NO_VALUE, day_year, number, percent, signed
from objectives.explain import Explanation
from teams.csv_cells import Value

TEXT, COUNT, GRADE, CHANGE, SHARE, DAYS, DAY = (
    *("text", "count", "grade", "change", "share", "days", "day"),
)
_PLACES = {
    GRADE: Decimal("0.01"),
    CHANGE: Decimal("0.01"),
    SHARE: Decimal("0.0001"),
    DAYS: Decimal("0.1"),
}


class Column(NamedTuple):
    """One column: its name, how its values are printed, and where they come from."""

    label: str
    kind: str = COUNT
    explanation: Explanation | None = None

    @property
    def is_number(self) -> bool:
        """Whether it stands to the right."""
        return self.kind not in (TEXT, DAY)


class Row(NamedTuple):
    """One row: a value for each column, None where there is nothing to say; `url` of the first."""

    values: tuple[Value, ...]
    url: str = ""


class Cell(NamedTuple):
    """One value as printed."""

    text: str
    is_number: bool
    label: str


class Table(NamedTuple):
    """`name` is that of its download."""

    name: str
    title: str
    note: str
    columns: tuple[Column, ...]
    rows: Sequence[Row]
    empty: str = "Nothing to count yet."

    def heads(self) -> Iterator[tuple[Column, str]]:
        """Each column with an identifier that is unique on the page."""
        for at, column in enumerate(self.columns):
            yield column, f"{self.name}-{at}"

    def lines(self) -> Iterator[tuple[str, str, list[Cell]]]:
        """(first value, its address, the cells after it) of each row."""
        for row in self.rows:
            pairs = zip(self.columns, row.values, strict=True)
            first, *rest = [
                Cell(printed(value, column.kind), column.is_number, column.label)
                for column, value in pairs
            ]
            yield first.text, row.url, rest

    def export(self) -> Iterator[Sequence[Value]]:
        """The names of the columns, then the rows, for a download: numbers plainly."""
        yield [column.label for column in self.columns]
        for row in self.rows:
            pairs = zip(self.columns, row.values, strict=True)
            yield [plain(value, column.kind) for column, value in pairs]


def printed(value: Value, kind: str) -> str:
    """A value as people read it; `–` for None."""
    if value is None or value == "":
        return NO_VALUE
    if isinstance(value, date):
        return day_year(value)
    if not isinstance(value, Decimal):
        return f"{value:,}" if isinstance(value, int) else value
    if kind == SHARE:
        return percent(value)
    if kind == CHANGE:
        return signed(value.quantize(_PLACES[CHANGE], ROUND_HALF_UP))
    return number(value, 2) if kind == GRADE else number(value, 1)


def plain(value: Value, kind: str) -> Value:
    """A value for a spreadsheet: a share as 0.25, a mean with two decimals."""
    if isinstance(value, Decimal) and kind in _PLACES:
        return value.quantize(_PLACES[kind], ROUND_HALF_UP)
    return value
