"""From a file's readings to the staged file: one line a reading, in the format of COPY.

Here a stamp meets the KPI's calendar: which local day and identity it has (signals.md 3 and 4), and
whether it fits at all. No database and no clock; zone, fiscal month and today are arguments.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import UTC, date, timedelta
from pathlib import Path
from typing import TextIO
from zoneinfo import ZoneInfo

from metrics.bulk import NULL, escape
from metrics.csv_mapping import Mapping, Reading, readings
from metrics.csv_problems import Problem
from metrics.csv_reading import Table
from metrics.periods import naive_instant, period_end, period_of
from metrics.stamps import Stamp, StampKind

LINES = 2_000
# From the finest to the coarsest.
_FINENESS = {"daily": 0, "weekly": 1, "monthly": 2, "quarterly": 3, "yearly": 4}


@dataclass(frozen=True, slots=True)
class KpiCalendar:
    """What a KPI's stamps must fit: (from date, cadence kind), the earliest first; none is free."""

    kinds: tuple[tuple[date, str], ...] = ()

    def kind_on(self, day: date) -> str | None:
        """The cadence in force on a day; before the first, the first one."""
        found = self.kinds[0][1] if self.kinds else None
        for start, kind in self.kinds[1:]:
            if start <= day:
                found = kind
        return found


@dataclass(frozen=True, slots=True)
class Calendar:
    """The organisation's calendar and today's local date; values of later days are refused."""

    zone: ZoneInfo
    fiscal_month: int
    today: date
    kpis: dict[int, KpiCalendar]


@dataclass(slots=True)
class Staged:
    """What staging found: rows read, readings staged, and whether a stamp may be there twice."""

    rows: int = 0
    readings: int = 0
    may_repeat: bool = False
    problems: list[Problem] = field(default_factory=list)
    problem_count: int = 0


class _Unfit(ValueError):
    """A stamp that this KPI cannot have; str() is the sentence for people."""


def stage(
    table: Table,
    mapping: Mapping,
    calendar: Calendar,
    path: Path,
    progress: Callable[[int], None] | None = None,
) -> Staged:
    """Write a table's readings to `path`; problems are kept in the result and stage nothing."""
    found = Staged()
    with path.open("w", encoding="utf-8", newline="\n") as out:
        _write(_counted(table, found, progress), table, mapping, calendar, out, found)
    found.problems = sorted(table.problems, key=lambda problem: problem.row or 0)
    found.problem_count = table.problem_count
    return found


def _counted(
    table: Table, found: Staged, progress: Callable[[int], None] | None
) -> Iterable[tuple[int, list[str]]]:
    for row in table.rows():
        found.rows += 1
        if progress and found.rows % LINES == 0:
            progress(found.rows)
        yield row


def _write(
    rows: Iterable[tuple[int, list[str]]],
    table: Table,
    mapping: Mapping,
    calendar: Calendar,
    out: TextIO,
    found: Staged,
) -> None:
    place = _Placer(calendar, table.format.names[mapping.stamp])
    lines: list[str] = []
    for reading in readings(rows, mapping, table.format.names):
        line = place.line(reading)
        if line.__class__ is str:
            lines.append(line)
            if len(lines) == LINES:
                out.write("".join(lines))
                found.readings += LINES
                lines.clear()
        else:
            table.note(line)
    out.write("".join(lines))
    found.readings += len(lines)
    found.may_repeat = place.may_repeat


class _Placer:
    """Turns readings into lines, and notices when a KPI's stamps do not go steadily one way."""

    def __init__(self, calendar: Calendar, stamp_column: str) -> None:
        self.calendar = calendar
        self.stamp_column = stamp_column
        self.last: dict[int, str] = {}
        self.rising: dict[int, bool] = {}
        self.may_repeat = False
        self.today = calendar.today

    def line(self, reading: Reading) -> str | Problem:
        """The staged line of a reading, or what is wrong with it."""
        row, kpi, stamp, value, below, external_id, problem = reading
        if problem is not None or stamp is None:
            return problem
        try:
            if stamp.kind is StampKind.DATE and stamp.on <= self.today:
                day, identity, observed = stamp.on.isoformat(), "", NULL
            else:
                day, identity, observed = self._place(kpi, stamp)
        except _Unfit as error:
            remedy = "Take the row out, or choose another KPI or column."
            return Problem(str(error), remedy, row, self.stamp_column, code="unfit")
        shown = ""
        if external_id:
            shown = escape(external_id)
            identity = "id:" + shown
        if not self.may_repeat:
            self._watch(kpi, day + identity, external_id)
        number = NULL if value is None else value
        under = NULL if below is None else below
        return f"{row}\t{kpi}\t{day}\t{identity}\t{number}\t{under}\t{observed}\t{shown}\n"

    def _watch(self, kpi: int, key: str, external_id: str) -> None:
        last = self.last.get(kpi)
        self.last[kpi] = key
        if external_id:
            self.may_repeat = True
        elif last is not None:
            rising = self.rising.setdefault(kpi, key > last)
            if (key <= last) if rising else (key >= last):
                self.may_repeat = True

    def _place(self, kpi: int, stamp: Stamp) -> tuple[str, str, str]:
        """(day, identity, instant observed) of a stamp that is not simply a date."""
        if stamp.kind is StampKind.PERIOD:
            return self._period(kpi, stamp)
        day, identity, observed = stamp.on, "", NULL
        if stamp.kind is StampKind.LOCAL and stamp.at is not None:
            identity = stamp.at.time().isoformat()
            instant = naive_instant(stamp.at, self.calendar.zone)
            observed = instant.replace(tzinfo=None).isoformat(" ")
        elif stamp.at is not None:
            day = stamp.at.astimezone(self.calendar.zone).date()
            identity = stamp.at.astimezone(UTC).replace(tzinfo=None).isoformat() + "Z"
            observed = stamp.at.astimezone(UTC).replace(tzinfo=None).isoformat(" ")
        return self._past(day).isoformat(), identity, observed

    def _period(self, kpi: int, stamp: Stamp) -> tuple[str, str, str]:
        """A label of the KPI's cadence is a period value; a finer one, a reading on its first day.

        A finer period must lie inside one period of the KPI, a coarser one never fits.
        """
        label, start = str(stamp.cadence), self._past(stamp.on)
        kind = self.calendar.kpis[kpi].kind_on(start)
        if kind in (None, label):
            if start != period_of(start, label, self.calendar.fiscal_month).start:
                raise _Unfit(f"No {label} period of the fiscal year starts on {start}.")
            return start.isoformat(), label, NULL
        if _FINENESS[label] > _FINENESS[kind]:
            raise _Unfit(f"A {label} value cannot be the value of a {kind} KPI.")
        around = period_of(start, kind, self.calendar.fiscal_month)
        if period_end(start, label) > around.end:
            last = period_end(start, label) - timedelta(days=1)
            raise _Unfit(f"{start} to {last} lies in two {kind} periods.")
        return start.isoformat(), "", NULL

    def _past(self, day: date) -> date:
        if day > self.today:
            raise _Unfit(f"{day} is in the future.")
        return day
