"""The cycles of a fiscal year: years, quarters, stretches of four months. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from typing import NamedTuple

from objectives.kinds import CycleKind

MONTHS = {CycleKind.QUARTER: 3, CycleKind.FOUR_MONTH: 4, CycleKind.YEAR: 12}
LETTERS = {CycleKind.QUARTER: "Q", CycleKind.FOUR_MONTH: "T"}


class Span(NamedTuple):
    """A cycle as the calendar has it; both days belong to it."""

    name: str
    starts_on: date
    ends_on: date


def spans(kind: str, day: date, fiscal_month: int, count: int) -> list[Span]:
    """The cycle of a kind that holds `day` and those after it, `count` in all.

    `fiscal_month` 1 to 12 is the first month of the fiscal year. Raises KeyError for a custom one.
    """
    length = MONTHS[CycleKind(kind)]
    first = _month_number(day) - (day.month - fiscal_month) % 12 % length
    return [_span(kind, first + length * n, length, fiscal_month) for n in range(count)]


def free_part(span: Span, day: date, taken: Iterable[tuple[date, date]]) -> Span:
    """The part of a span around `day` that none of `taken`, (first day, last day) each, holds.

    All of it as long as the calendar stayed the same. `day` itself must be free. A single free day
    that would be left behind it belongs to it: no cycle is as short as that.
    """
    taken = list(taken)
    one = timedelta(days=1)
    starts_on = max([span.starts_on, *(last + one for _, last in taken if last < day)])
    free_until = min((first - one for first, _ in taken if first > day), default=None)
    if free_until is None or span.ends_on < free_until - one:
        return Span(span.name, starts_on, span.ends_on)
    return Span(span.name, starts_on, free_until)


def _month_number(day: date) -> int:
    return day.year * 12 + day.month - 1


def _first_day(month_number: int) -> date:
    return date(month_number // 12, month_number % 12 + 1, 1)


def _span(kind: str, first: int, length: int, fiscal_month: int) -> Span:
    starts_on = _first_day(first)
    ends_on = _first_day(first + length) - timedelta(days=1)
    return Span(_name(kind, starts_on, length, fiscal_month), starts_on, ends_on)


def _name(kind: str, starts_on: date, length: int, fiscal_month: int) -> str:
    """`Q3 2026`, `T2 2026`, `2026`; a fiscal year is named by the year it ends in: `FY2027-Q1`."""
    into = (starts_on.month - fiscal_month) % 12
    number = into // length + 1
    if fiscal_month == 1:
        year, text = starts_on.year, str(starts_on.year)
        return text if kind == CycleKind.YEAR else f"{LETTERS[CycleKind(kind)]}{number} {year}"
    year = starts_on.year + (starts_on.month >= fiscal_month)
    fiscal = f"FY{year}"
    return fiscal if kind == CycleKind.YEAR else f"{fiscal}-{LETTERS[CycleKind(kind)]}{number}"
