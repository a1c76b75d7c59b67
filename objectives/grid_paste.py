"""Lines pasted from a spreadsheet, brought into the cells of a grid. Pure: no database, no clock.

A line is a row of cells with tabs between them. Lines that begin with the names of the grid's rows
are matched by name, in any order; lines without names go to the rows in order. The cells that
follow are the row's own, from left to right; an empty one is left alone. Whether what is in a cell
is a number is not asked here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

MAX_LENGTH = 100_000
_SHOWN = 60


class PasteRow(NamedTuple):
    """A row of the grid: its name, and the names of its cells' fields from left to right."""

    name: str
    fields: tuple[str, ...]


class Pasted(NamedTuple):
    """The text for each field, and a sentence for each line that fits nowhere."""

    cells: dict[str, str]
    problems: list[str]


def read_paste(text: str, rows: Sequence[PasteRow]) -> Pasted:
    """Bring pasted lines into cells; with any problem there are no cells."""
    if len(text) > MAX_LENGTH:
        return Pasted({}, ["This is too much for one paste. Paste fewer lines at once."])
    lines = _lines(text)
    if not lines:
        return Pasted({}, ["Paste the lines here first."])
    named: dict[str, list[PasteRow]] = {}
    for row in rows:
        named.setdefault(_plain(row.name), []).append(row)
    if any(_plain(cells[0]) in named for _, cells in lines):
        found, problems = _by_name(lines, named)
    else:
        found, problems = _in_order(lines, rows)
    return Pasted({} if problems else found, problems)


def _lines(text: str) -> list[tuple[int, list[str]]]:
    """The lines that hold anything, each with its number from 1 and its cells."""
    split = (line.split("\t") for line in text.splitlines())
    numbered = ((number, [cell.strip() for cell in cells]) for number, cells in enumerate(split, 1))
    return [(number, cells) for number, cells in numbered if any(cells)]


def _plain(name: str) -> str:
    return " ".join(name.split()).casefold()


def _by_name(
    lines: Sequence[tuple[int, list[str]]], named: Mapping[str, Sequence[PasteRow]]
) -> tuple[dict[str, str], list[str]]:
    cells: dict[str, str] = {}
    problems: list[str] = []
    for at, (number, found) in enumerate(lines):
        matches = named.get(_plain(found[0]), ())
        if len(matches) == 1:
            _take(cells, problems, number, matches[0], found[1:])
        elif len(matches) > 1:
            problems.append(
                f"Line {number}: {len(matches)} rows are named “{_short(found[0])}”. Type their "
                "values into the table."
            )
        elif at or not _is_heading(found[1:]):
            problems.append(
                f"Line {number}: “{_short(found[0])}” is none of the names in the table."
            )
    return cells, problems


def _in_order(
    lines: Sequence[tuple[int, list[str]]], rows: Sequence[PasteRow]
) -> tuple[dict[str, str], list[str]]:
    if len(lines) > 1 and _is_heading(lines[0][1]):
        lines = lines[1:]
    cells: dict[str, str] = {}
    problems: list[str] = []
    for (number, found), row in zip(lines, rows, strict=False):
        _take(cells, problems, number, row, found)
    if len(lines) > len(rows):
        extra = f"{len(lines)} lines, but the table has {len(rows)} rows"
        problems.append(f"{extra}. Begin each line with the name of its row.")
    return cells, problems


def _take(
    cells: dict[str, str], problems: list[str], number: int, row: PasteRow, found: Sequence[str]
) -> None:
    """Put a line's cells into the fields of its row."""
    while found and not found[-1]:
        found = found[:-1]
    if len(found) > len(row.fields):
        takes = f"{_short(row.name)} takes {len(row.fields)}"
        problems.append(f"Line {number}: {len(found)} cells, but {takes}.")
        return
    for field, text in zip(row.fields, found, strict=False):
        if text and field in cells:
            problems.append(f"Line {number}: {_short(row.name)} stands in two lines.")
            return
        if text:
            cells[field] = text


def _is_heading(cells: Sequence[str]) -> bool:
    """A line of names of columns: no cell of it holds a digit."""
    return not any(character.isdigit() for cell in cells for character in cell)


def _short(text: str) -> str:
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"
