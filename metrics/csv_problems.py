"""What can be wrong with an uploaded file, as values with a place, a reason and a remedy."""

from dataclasses import dataclass

MAX_CELL = 131_072


@dataclass(frozen=True, slots=True)
class Limits:
    """The largest file that is read: bytes, columns, characters of a cell."""

    max_bytes: int = 50_000_000
    max_columns: int = 1000
    max_cell: int = MAX_CELL


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong with a file: where (row None is the whole file), why, and what to do."""

    reason: str
    remedy: str
    row: int | None = None
    column: str = ""
    text: str = ""
    code: str = "file"


class FileRefused(ValueError):
    """The file cannot be read on; `problem` says where, why and what to do."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.reason)
        self.problem = problem


def not_csv(reason: str) -> FileRefused:
    """Another kind of file than text."""
    return FileRefused(Problem(reason, "Save the table as CSV and upload that.", code="not_csv"))


def too_big(limits: Limits) -> FileRefused:
    """More bytes than are read."""
    size = f"{limits.max_bytes / 1_000_000:g} MB"
    return FileRefused(
        Problem(f"The file is larger than {size}.", "Split it by years.", code="too_big")
    )


def too_wide(limits: Limits) -> FileRefused:
    """More columns than are read."""
    reason = f"The file has more than {limits.max_columns} columns."
    return FileRefused(Problem(reason, "Keep the columns you need.", code="too_wide"))


def twice(name: str, row: int) -> FileRefused:
    """Two columns of one name, which a person could not tell apart."""
    reason = f"The heading “{name[:40]}” stands twice."
    return FileRefused(Problem(reason, "Rename one of the two columns.", row, name, code="heading"))


def undecodable(row: int, encoding: str) -> FileRefused:
    """Bytes that are not text in the encoding of the rest."""
    reason = f"Near row {row} are bytes that are not {encoding.upper()} text."
    return FileRefused(Problem(reason, "Save the file as UTF-8.", row, code="encoding"))


def has_nul(row: int) -> FileRefused:
    """A NUL byte, which no text file has."""
    reason = f"Row {row} holds a NUL byte, so this is not a text file."
    return FileRefused(Problem(reason, "Export the table as CSV again.", row, code="nul"))


def broken(row: int, error: str, limits: Limits) -> FileRefused:
    """What the csv module could not read on from, by its own words."""
    if "field larger" in error:
        reason = f"Row {row} has a cell of more than {limits.max_cell} characters."
        return FileRefused(
            Problem(reason, "Shorten it, or close its quotation mark.", row, code="cell")
        )
    if "unexpected end" in error:
        reason = f"A quotation mark opened in row {row} is never closed."
        return FileRefused(Problem(reason, "Close it, or double it.", row, code="quote"))
    reason = f"Row {row} has text behind a closing quotation mark."
    return FileRefused(Problem(reason, "Double quotation marks inside a cell.", row, code="quote"))


def too_long(row: int, found: int, width: int, delimiter: str) -> Problem:
    """A row with more cells than the heading names."""
    hint = "a decimal comma needs quotation marks" if delimiter == "," else "check its separators"
    reason = f"{found} cells, but the file has {width} columns."
    return Problem(reason, f"Remove the extra cells; {hint}.", row, code="long_row")
