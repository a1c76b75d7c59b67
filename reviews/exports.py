"""A table as CSV that a spreadsheet reads as it stands. Pure but for the response around it.

Text that a spreadsheet would take for a formula gets an apostrophe in front; numbers stay numbers.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal
from io import StringIO

from django.http import HttpResponse

Value = str | int | Decimal | date | None
# What begins a formula, or hides one behind a blank, in one of the usual spreadsheets.
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


def guarded(value: Value) -> str:
    """A cell as text: a number or a day plainly, None empty, a would-be formula disarmed."""
    if value is None:
        return ""
    if not isinstance(value, str):
        return format(value, "f") if isinstance(value, Decimal) else str(value)
    return f"'{value}" if value.lstrip(" ").startswith(_FORMULA) else value


def csv_text(rows: Iterable[Sequence[Value]]) -> str:
    """The rows as CSV, the names of the columns first if the caller gives them first."""
    out = StringIO()
    csv.writer(out).writerows([guarded(value) for value in row] for row in rows)
    return out.getvalue()


def csv_response(name: str, rows: Iterable[Sequence[Value]]) -> HttpResponse:
    """A download `name`.csv; `name` is plain ASCII. The mark in front tells Excel it is UTF-8."""
    answer = HttpResponse("\ufeff" + csv_text(rows), content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="{name}.csv"'
    answer["X-Content-Type-Options"] = "nosniff"
    return answer
