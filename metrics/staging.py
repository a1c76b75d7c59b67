"""From a file's readings to the staged file: one line a reading, in the format of COPY.

Here a stamp meets the KPI's calendar: which local day and identity it has (signals.md 3 and 4), and
whether it fits at all. No database and no clock; zone, fiscal month and today are arguments.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, timedelta
from itertools import islice
from pathlib import Path
from zoneinfo import ZoneInfo

from metrics.bulk import NULL
from metrics.csv_mapping import Mapping, Reading, readings
from metrics.csv_problems import Problem
from metrics.csv_reading import Table
from metrics.periods import naive_instant, period_end, period_of
from metrics.stamps import Stamp, StampKind

LOT = 2_000
KEPT_LINES = 50
_REMEDY = "Take the row out, or choose another KPI or column."
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
class Held:
    """What a file holds for one KPI, in the order of its rows."""

    rows: int
    first: str
    last: str


@dataclass(slots=True)
class Staged:
    """What staging found: rows read, readings by KPI, and what the quick way of writing must know.

    may_repeat: an identity may stand in the file twice. has_gaps: some readings withdraw a value.
    """

    rows: int = 0
    may_repeat: bool = False
    has_gaps: bool = False
    kpis: dict[int, Held] = field(default_factory=dict)
    first_lines: list[str] = field(default_factory=list)
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
    place = _Placer(calendar, table.format.names[mapping.stamp])
    found = place.found
    rows = _counted(table, found, progress)
    with path.open("w", encoding="utf-8", newline="\n") as out:
        for lines in _in_lots(place.lines(readings(rows, mapping, table.format.names), table)):
            out.write("".join(lines))
            found.first_lines = found.first_lines or lines[:KEPT_LINES]
    found.problems = sorted(table.problems, key=lambda problem: problem.row or 0)
    found.problem_count = table.problem_count
    return found


def _counted(
    table: Table, found: Staged, progress: Callable[[int], None] | None
) -> Iterator[tuple[int, list[str]]]:
    """The table's rows, counted and told of lot by lot."""
    rows = table.rows()
    while lot := list(islice(rows, LOT)):
        found.rows += len(lot)
        yield from lot
        if progress:
            progress(found.rows)


def _in_lots(lines: Iterator[str]) -> Iterator[list[str]]:
    while lot := list(islice(lines, LOT)):
        yield lot


class _Placer:
    """Turns readings into lines, and notices when a KPI's stamps do not go steadily one way."""

    def __init__(self, calendar: Calendar, stamp_column: str) -> None:
        self.calendar = calendar
        self.stamp_column = stamp_column
        self.found = Staged()
        self.keys: dict[int, str] = {}
        self.rising: dict[int, bool] = {}

    def lines(self, given: Iterable[Reading], table: Table) -> Iterator[str]:
        """The staged line of each reading; what is wrong with one is noted at the table."""
        today, held_by = self.calendar.today, self.found.kpis
        a_date = StampKind.DATE
        for row, kpi, stamp, value, below, external_id, problem in given:
            if problem is not None or stamp is None:
                table.note(problem)
                continue
            if stamp[0] is a_date and stamp[1] <= today:
                day, identity, observed = stamp[1].isoformat(), "", NULL
            else:
                try:
                    day, identity, observed = self._place(kpi, stamp)
                except _Unfit as error:
                    table.note(Problem(str(error), _REMEDY, row, self.stamp_column, code="unfit"))
                    continue
            if external_id:
                identity = f"id:{external_id}"
            held = held_by.get(kpi)
            if held is None:
                held_by[kpi] = Held(1, day, day)
                self.keys[kpi] = day + identity
            else:
                held.rows += 1
                held.last = day
                self._watch(kpi, day + identity)
            if value is None or external_id:
                self.found.has_gaps = self.found.has_gaps or value is None
                self.found.may_repeat = self.found.may_repeat or bool(external_id)
            number = NULL if value is None else value
            under = NULL if below is None else below
            yield f"{row}\t{kpi}\t{day}\t{identity}\t{number}\t{under}\t{observed}\t{external_id}\n"

    def _watch(self, kpi: int, key: str) -> None:
        last, self.keys[kpi] = self.keys[kpi], key
        rising = self.rising.get(kpi)
        if rising is None:
            rising = self.rising[kpi] = key > last
        if (key <= last) if rising else (key >= last):
            self.found.may_repeat = True

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
        if day > self.calendar.today:
            raise _Unfit(f"{day} is in the future.")
        return day
