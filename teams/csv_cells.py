"""Cells of a CSV file as a spreadsheet reads them: text is never taken for a formula. Pure."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

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
