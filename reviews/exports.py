"""A table as CSV or XLSX that a spreadsheet reads as it stands. Pure but for the response.

Text is never taken for a formula: in CSV it gets an apostrophe in front, in XLSX its cell says that
it is text. Numbers stay numbers, days stay days.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Sequence
from io import BytesIO, StringIO
from typing import TYPE_CHECKING

from django.http import HttpResponse

from teams.csv_cells import Value, guarded

if TYPE_CHECKING:
    from openpyxl.cell import WriteOnlyCell

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def csv_text(rows: Iterable[Sequence[Value]]) -> str:
    """The rows as CSV, the names of the columns first if the caller gives them first."""
    out = StringIO()
    csv.writer(out).writerows([guarded(value) for value in row] for row in rows)
    return out.getvalue()


def csv_response(name: str, rows: Iterable[Sequence[Value]]) -> HttpResponse:
    """A download `name`.csv; `name` is plain ASCII. The mark in front tells Excel it is UTF-8."""
    return _download(f"{name}.csv", "text/csv; charset=utf-8", "\ufeff" + csv_text(rows))


def xlsx_bytes(rows: Iterable[Sequence[Value]]) -> bytes:
    """The rows as a workbook of one sheet, written row by row; the first row stays in sight."""
    # Loaded where it is asked for: no page needs it, and it costs every process 20 MB.
    from openpyxl import Workbook

    book = Workbook(write_only=True)
    sheet = book.create_sheet("okrkpi")
    sheet.freeze_panes = "A2"
    for row in rows:
        sheet.append([_cell(sheet, value) for value in row])
    out = BytesIO()
    book.save(out)
    return out.getvalue()


def _cell(sheet, value: Value) -> WriteOnlyCell | Value:
    """A cell whose text is text, whatever it begins with, without what XML cannot hold."""
    from openpyxl.cell import WriteOnlyCell
    from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE

    if not isinstance(value, str):
        return value
    cell = WriteOnlyCell(sheet, ILLEGAL_CHARACTERS_RE.sub("", value))
    cell.data_type = "s"
    return cell


def xlsx_response(name: str, rows: Iterable[Sequence[Value]]) -> HttpResponse:
    """A download `name`.xlsx; `name` is plain ASCII."""
    return _download(f"{name}.xlsx", XLSX, xlsx_bytes(rows))


def _download(name: str, kind: str, content: str | bytes) -> HttpResponse:
    answer = HttpResponse(content, content_type=kind)
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    answer["X-Content-Type-Options"] = "nosniff"
    return answer
