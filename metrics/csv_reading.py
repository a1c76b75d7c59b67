"""From the bytes of an uploaded file to rows of text, in constant memory; no meaning is read into
cells.

`inspect` reads the file once: size, SHA-256, encoding, delimiter, heading. `Table.rows` reads it
again
and yields (row number, cells). Rows are numbered as a spreadsheet numbers them, the first line is
row 1.
What is wrong is a value (`Problem`), never a stack trace: one that stops the reading, or one of a
row.
"""

import codecs
import csv
import hashlib
import io
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import islice
from typing import BinaryIO

from charset_normalizer import from_bytes

from metrics.csv_guessing import find_delimiter, has_heading
from metrics.csv_problems import (
    FileRefused,
    Limits,
    Problem,
    broken,
    has_nul,
    not_csv,
    too_big,
    too_long,
    too_wide,
    twice,
    undecodable,
)

CHUNK = 1 << 18
SAMPLE_CHARS = 1 << 16
KEPT_PROBLEMS = 200
DEFAULT_LIMITS = Limits()

_BOMS = (
    (codecs.BOM_UTF32_LE, "utf-32"), (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)  # fmt: skip
_NOT_TEXT = (
    (b"PK\x03\x04", "an Excel workbook or a zip archive"), (b"\x1f\x8b", "a gzip archive"),
    (b"%PDF", "a PDF"), (b"\xd0\xcf\x11\xe0", "an old Excel workbook"), (b"BZh", "a bzip2 archive"),
    (b"\x89PNG", "a picture"), (b"SQLite format 3", "a database"), (b"7z\xbc\xaf", "an archive"),
)  # fmt: skip
_SINGLE_BYTE = ["cp1252", "latin_1", "cp1250", "cp850", "mac_roman"]


@dataclass(frozen=True, slots=True)
class FileFormat:
    """How one file is written, found by `inspect`; kept with the import, so a second reading is the
    same.

    first_row: the row number of the first row of data. names: one a column, never empty.
    lines: line ends in the file, about its number of rows.
    """

    size: int
    sha256: str
    lines: int
    encoding: str
    delimiter: str
    names: tuple[str, ...]
    first_row: int


def inspect(stream: BinaryIO, limits: Limits = DEFAULT_LIMITS) -> FileFormat:
    """The format of a file, or FileRefused; reads all of it once."""
    head = _head(stream)
    encoding = _encoding(stream, head)
    size, sha256, lines = _scan(stream, encoding, limits)
    text = _text(stream, encoding)
    sample = text.read(SAMPLE_CHARS)
    whole = not text.read(1)
    text.detach()
    delimiter, skipped = find_delimiter(sample, whole=whole)
    rows = _sample_rows(sample, delimiter, skipped, whole, limits)
    names, first = _names(rows, limits, whole=whole)
    return FileFormat(size, sha256, lines, encoding, delimiter, names, first + skipped)


@dataclass(slots=True)
class Table:
    """The rows of a file whose format is known. Problems of single rows gather in `problems`."""

    stream: BinaryIO
    format: FileFormat
    limits: Limits = DEFAULT_LIMITS
    problems: list[Problem] = field(default_factory=list)
    problem_count: int = 0

    def rows(self) -> Iterator[tuple[int, list[str]]]:
        """(row number, cells) of each row that has cells, padded to the heading's width."""
        text = _text(self.stream, self.format.encoding)
        try:
            yield from self._fitting(_records(text, self.format.delimiter, self.limits))
        finally:
            text.detach()

    def _fitting(self, records: Iterator[list[str]]) -> Iterator[tuple[int, list[str]]]:
        width, first = len(self.format.names), self.format.first_row
        for number, cells in enumerate(islice(records, first - 1, None), first):
            if len(cells) == width:
                yield number, cells
            elif 0 < len(cells) < width:
                yield number, cells + [""] * (width - len(cells))
            elif any(cells[width:]):
                self.note(too_long(number, len(cells), width, self.format.delimiter))
            elif cells:
                yield number, cells[:width]

    def note(self, problem: Problem) -> None:
        """Keep a row's problem; beyond the first ones only their number."""
        self.problem_count += 1
        if len(self.problems) < KEPT_PROBLEMS:
            self.problems.append(problem)


def _head(stream: BinaryIO) -> bytes:
    stream.seek(0)
    head = stream.read(CHUNK)
    if not head.strip():
        raise FileRefused(Problem("The file is empty.", "Choose the file again.", code="empty"))
    for magic, what in _NOT_TEXT:
        if head.startswith(magic):
            raise not_csv(f"The file is {what}.")
    start = head[:256].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if start.startswith((b"<!doctype", b"<html", b"<?xml")):
        raise not_csv("The file is a web page or XML.")
    if start.startswith((b"{", b"[")):
        raise not_csv("The file is JSON.")
    return head


def _encoding(stream: BinaryIO, head: bytes) -> str:
    for mark, name in _BOMS:
        if head.startswith(mark):
            return name
    pairs = head[: len(head) // 2 * 2]
    if pairs[1::2].count(0) > len(pairs) // 4:
        return "utf-16-le"
    if pairs[0::2].count(0) > len(pairs) // 4:
        return "utf-16-be"
    odd = _not_utf8_from(stream)
    return "utf-8" if odd is None else _single_byte(stream, odd)


def _not_utf8_from(stream: BinaryIO) -> int | None:
    """The offset near the first byte that is not UTF-8, or None."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    stream.seek(0)
    offset = 0
    while chunk := stream.read(CHUNK):
        try:
            decoder.decode(chunk)
        except UnicodeDecodeError as error:
            return max(0, offset + error.start - SAMPLE_CHARS // 2)
        offset += len(chunk)
    try:
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return max(0, offset - SAMPLE_CHARS)
    return None


def _single_byte(stream: BinaryIO, offset: int) -> str:
    """The likeliest of the Western single-byte encodings; Windows-1252 where they read alike."""
    stream.seek(offset)
    best = from_bytes(stream.read(SAMPLE_CHARS), cp_isolation=_SINGLE_BYTE).best()
    found = best.encoding if best is not None else "cp1252"
    return found if found in ("cp850", "mac_roman") else "cp1252"


def _scan(stream: BinaryIO, encoding: str, limits: Limits) -> tuple[int, str, int]:
    """(size, SHA-256, line ends) of a file; every byte of it must decode and none be NUL."""
    digest, size, line, returns = hashlib.sha256(), 0, 1, 0
    decoder = codecs.getincrementaldecoder(encoding)()
    stream.seek(0)
    while True:
        chunk = stream.read(CHUNK)
        digest.update(chunk)
        size += len(chunk)
        if size > limits.max_bytes:
            raise too_big(limits)
        try:
            text = decoder.decode(chunk, final=not chunk)
        except UnicodeDecodeError as error:
            raise undecodable(line, encoding) from error
        if "\0" in text:
            raise has_nul(line + text[: text.index("\0")].count("\n"))
        if not chunk:
            return size, digest.hexdigest(), max(line, returns)
        line += text.count("\n")
        returns += text.count("\r")


def _text(stream: BinaryIO, encoding: str) -> io.TextIOWrapper:
    stream.seek(0)
    return io.TextIOWrapper(stream, encoding=encoding, newline="")


def _records(lines: Iterable[str], delimiter: str, limits: Limits) -> Iterator[list[str]]:
    """The records of a text; an open quote or a cell too long refuses the file with its row."""
    reader = csv.reader(lines, delimiter=delimiter, strict=True)
    number = 0
    try:
        for cells in reader:
            number += 1
            yield cells
    except csv.Error as error:
        raise broken(number + 1, str(error), limits) from error
    except UnicodeDecodeError as error:
        raise undecodable(number + 1, error.encoding) from error


def _sample_rows(
    sample: str, delimiter: str, skipped: int, whole: bool, limits: Limits
) -> list[tuple[int, list[str]]]:
    """The first records as (record number after the skipped lines, cells), empty ones left out."""
    if not whole and "\n" in sample:
        sample = sample[: sample.rindex("\n") + 1]
    lines = io.StringIO(sample.lstrip("\ufeff"), newline="")
    records = islice(_records(islice(lines, skipped, None), delimiter, limits), 200)
    rows: list[tuple[int, list[str]]] = []
    try:
        rows.extend((n, cells) for n, cells in enumerate(records, 1) if any(map(str.strip, cells)))
    except FileRefused:
        if whole or not rows:
            raise
    return rows


def _names(
    rows: list[tuple[int, list[str]]], limits: Limits, *, whole: bool
) -> tuple[tuple[str, ...], int]:
    """(column names, record number of the first row of data) of the first rows of a file."""
    if not rows:
        raise FileRefused(Problem("The file has no rows.", "Choose another file.", code="no_rows"))
    top, first = rows[0]
    if max(len(cells) for _, cells in rows) > limits.max_columns:
        raise too_wide(limits)
    if not has_heading([cells for _, cells in rows]):
        return tuple(f"column {n}" for n in range(1, len(first) + 1)), top
    while (
        len(first) > 1 and not first[-1].strip() and all(len(c) < len(first) for _, c in rows[1:])
    ):
        first = first[:-1]
    names = tuple(" ".join(cell.split())[:120] or f"column {n}" for n, cell in enumerate(first, 1))
    for name in names:
        if names.count(name) > 1:
            raise twice(name, top)
    if len(rows) == 1 and whole:
        raise FileRefused(
            Problem("The file has a heading and no rows.", "Choose another file.", code="no_rows")
        )
    return names, top + 1
