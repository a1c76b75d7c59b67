"""What a file's own rows prove about its delimiter and its heading; pure text."""

import csv
import io
from collections import Counter

from metrics.numbers import NumberError, NumberStyle, Percent, parse_number
from metrics.stamps import DateOrder, StampError, StampStyle, parse_stamp

# In this order where two are equally regular: a comma is most often part of a number or a sentence.
DELIMITERS = ("\t", ";", "|", ",")
LOOKED_AT = 200
_LOOSE = (
    NumberStyle(".", ",", Percent.KEEP, round_long=True),
    NumberStyle(",", ".", Percent.KEEP, round_long=True),
    NumberStyle(",", " ", Percent.KEEP, round_long=True),
)
_ANY_DATE = (StampStyle(DateOrder.DMY), StampStyle(DateOrder.MDY))


def find_delimiter(sample: str, *, whole: bool) -> tuple[str, int]:
    """(delimiter, number of lines to skip) of a file's first characters.

    Excel's first line ``sep=;`` decides. Else the delimiter under which the most rows have as many
    cells as the first one, and more than one; a file in which none does has a single column.
    """
    sample = sample.lstrip("\ufeff")
    first, _, _ = sample.partition("\n")
    hint = first.strip().strip('"').lower()
    if hint.startswith("sep=") and hint[4:] in DELIMITERS:
        return hint[4:], 1
    if not whole and "\n" in sample:
        sample = sample[: sample.rindex("\n") + 1]
    best = max(DELIMITERS, key=lambda mark: _regularity(sample, mark))
    return (best if _regularity(sample, best) > (0, 0) else ","), 0


def _regularity(sample: str, delimiter: str) -> tuple[float, float]:
    """(rows as wide as the heading, rows as wide as most), each a share 0 to 1; (0, 0) for one
    column.
    """
    widths: list[int] = []
    try:
        for cells in csv.reader(io.StringIO(sample, newline=""), delimiter=delimiter):
            if cells:
                widths.append(len(cells))
            if len(widths) == LOOKED_AT:
                break
    except csv.Error:
        pass
    if not widths or max(widths) < 2:
        return (0, 0)
    common, count = Counter(widths).most_common(1)[0]
    if common < 2 and widths[0] < 2:
        return (0, 0)
    alike = widths.count(widths[0]) / len(widths) if widths[0] > 1 else 0
    return (round(alike, 1), round(count / len(widths), 1) if common > 1 else 0)


def has_heading(rows: list[list[str]]) -> bool:
    """Whether the first row names columns: it has no number or date where the rows below have them.

    A file of text only, or of one row, is taken to begin with names.
    """
    first, rest = rows[0], rows[1:]
    data_cells = sum(map(is_value, first))
    if not rest:
        return data_cells == 0
    for column, cell in enumerate(first):
        below = [cells[column] for cells in rest if column < len(cells) and cells[column].strip()]
        names_values = bool(below and cell.strip()) and not is_value(cell)
        if names_values and sum(map(is_value, below)) * 2 > len(below):
            return True
    return data_cells == 0


def is_value(text: str) -> bool:
    """Whether a cell is a number in any style or a date in any order."""
    return is_number(text) or is_stamp(text)


def is_number(text: str) -> bool:
    """Whether a cell is a number in any of the usual styles."""
    return any(_parses(parse_number, text, style) for style in _LOOSE)


def is_stamp(text: str) -> bool:
    """Whether a cell is a date, a time or a period label in any order."""
    return any(_parses(parse_stamp, text, style) for style in _ANY_DATE)


def _parses(parse, text: str, style: object) -> bool:  # type: ignore[no-untyped-def]
    try:
        parse(text, style)
    except (NumberError, StampError):
        return False
    return True
