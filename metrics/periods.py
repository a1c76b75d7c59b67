"""Calendar periods in local dates, and the few places where they meet the clock (signals.md 4).

Everything here is pure. A period is half-open, ``[start, end)``, in local dates of the
organisation; a zone is needed only to turn an instant into a date or a date into its first instant.

One idea makes the engine fast: because a date's first instant never moves backwards from one date
to the next, "t is before the first instant of D" is the same as ``reckoned_day(t, zone) < D``.
So a caller works out ``today = reckoned_day(now, zone)`` once for an organisation, and every test
for open, grace and settling is a comparison of two dates:

    open      today < period.end
    in grace  today < period.end + grace_days
    settling  today < period.end + settle_days

Usage::

    today = reckoned_day(now, ZoneInfo("Europe/Berlin"))
    line = timeline(date(2026, 1, 5), "weekly", ((date(2026, 7, 1), "monthly"),))
    for cadence, start, end in line.closed(line.first, today): ...
"""

from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import NamedTuple
from zoneinfo import ZoneInfo

from metrics.kinds import CadenceKind

DAILY = CadenceKind.DAILY.value
WEEKLY = CadenceKind.WEEKLY.value
MONTHLY = CadenceKind.MONTHLY.value
QUARTERLY = CadenceKind.QUARTERLY.value
YEARLY = CadenceKind.YEARLY.value

_ONE_DAY = timedelta(days=1)
_ONE_WEEK = timedelta(days=7)
_MONTHS = {MONTHLY: 1, QUARTERLY: 3, YEARLY: 12}
_MONTH_NAMES = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)


class Period(NamedTuple):
    """A calendar period: first local date and the first local date after it."""

    cadence: str
    start: date
    end: date

    @property
    def key(self) -> tuple[str, date]:
        """What identifies a period; labels are for people (signals.md 4.3)."""
        return (self.cadence, self.start)

    @property
    def last_day(self) -> date:
        """The last local date inside."""
        return self.end - _ONE_DAY


def _add_months(day: date, months: int) -> date:
    """The first of the month that many months later; ``day`` is a first of a month."""
    index = day.year * 12 + day.month - 1 + months
    return date(index // 12, index % 12 + 1, 1)


def period_start(day: date, cadence: str, fiscal_start_month: int = 1) -> date:
    """First date of the period of this cadence that holds ``day``."""
    if cadence == DAILY:
        return day
    if cadence == WEEKLY:
        return day - timedelta(days=day.weekday())
    first = day.replace(day=1)
    if cadence == MONTHLY:
        return first
    if cadence not in _MONTHS:
        raise ValueError(f"unknown cadence {cadence!r}")
    return _add_months(first, -((day.month - fiscal_start_month) % _MONTHS[cadence]))


def period_end(start: date, cadence: str) -> date:
    """First date after the period that starts on ``start``."""
    if cadence == WEEKLY:
        return start + _ONE_WEEK
    if cadence == DAILY:
        return start + _ONE_DAY
    return _add_months(start, _MONTHS[cadence])


def period_of(day: date, cadence: str, fiscal_start_month: int = 1) -> Period:
    """The period of this cadence that holds ``day``."""
    cadence = str(cadence)
    start = period_start(day, cadence, fiscal_start_month)
    return Period(cadence, start, period_end(start, cadence))


def next_period(period: Period) -> Period:
    """The period of the same cadence that follows."""
    return Period(period.cadence, period.end, period_end(period.end, period.cadence))


def first_period(on_or_after: date, cadence: str, fiscal_start_month: int = 1) -> Period:
    """The first period that starts on or after a date: a partial one is skipped (4.5)."""
    period = period_of(on_or_after, cadence, fiscal_start_month)
    return period if period.start == on_or_after else next_period(period)


def periods_between(
    first: date, until: date, cadence: str, fiscal_start_month: int = 1
) -> Iterator[Period]:
    """The periods that start in ``[first, until)``, in order."""
    period = first_period(first, cadence, fiscal_start_month)
    while period.start < until:
        yield period
        period = next_period(period)


def _fiscal_year(start: date, fiscal_start_month: int) -> int:
    """The year a fiscal year is named by: the one it ends in."""
    return start.year + (fiscal_start_month > 1 and start.month >= fiscal_start_month)


def period_label(period: Period, fiscal_start_month: int = 1) -> str:
    """The name of a period: `17 Aug 2026`, `2026-W34`, `July 2026`, `Q4 2026`, `FY2026-Q4`."""
    cadence, start, _ = period
    if cadence == DAILY:
        return f"{start.day} {_MONTH_NAMES[start.month - 1][:3]} {start.year}"
    if cadence == WEEKLY:
        iso = start.isocalendar()
        return f"{iso.year}-W{iso.week:02}"
    if cadence == MONTHLY:
        return f"{_MONTH_NAMES[start.month - 1]} {start.year}"
    year = _fiscal_year(start, fiscal_start_month)
    if cadence == YEARLY:
        return f"FY{year}" if fiscal_start_month > 1 else f"{year}"
    quarter = (start.month - fiscal_start_month) % 12 // 3 + 1
    return f"FY{year}-Q{quarter}" if fiscal_start_month > 1 else f"Q{quarter} {year}"


def period_short_label(period: Period, fiscal_start_month: int = 1) -> str:
    """The short name, for axes and chips: `17 Aug`, `W34`, `Jul 26`, `Q4 26`, `FY26-Q4`, `FY26`."""
    cadence, start, _ = period
    if cadence == DAILY:
        return f"{start.day} {_MONTH_NAMES[start.month - 1][:3]}"
    if cadence == WEEKLY:
        return f"W{start.isocalendar().week:02}"
    if cadence == MONTHLY:
        return f"{_MONTH_NAMES[start.month - 1][:3]} {start.year % 100:02}"
    label = period_label(period, fiscal_start_month)
    year = f"{_fiscal_year(start, fiscal_start_month)}"
    if cadence == YEARLY and fiscal_start_month == 1:
        return label
    return label.replace(year, year[2:])


# -- the clock ----------------------------------------------------------------------------------


@lru_cache(maxsize=8192)
def first_instant(day: date, zone: ZoneInfo) -> datetime:
    """The UTC instant at which a local date begins (4.1).

    Where midnight occurs twice, the first; where it does not exist, the first instant after the
    gap. A date the zone skipped altogether (Apia, 2011-12-30) begins and ends at that instant.
    """
    midnight = datetime(day.year, day.month, day.day, tzinfo=zone)
    begins = midnight.astimezone(UTC)
    if begins.astimezone(zone).replace(tzinfo=None) == midnight.replace(tzinfo=None):
        return begins
    # Midnight fell into a gap. `fold=1` counts with the offset after the gap and so lands before
    # the change of clocks; between the two there is exactly that one change: halve to find it.
    before = midnight.replace(fold=1).astimezone(UTC)
    while begins - before > timedelta(seconds=1):
        middle = (before + (begins - before) // 2).replace(microsecond=0)
        if middle.astimezone(zone).date() >= day:
            begins = middle
        else:
            before = middle
    return begins


def bounds_utc(period: Period, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """First instant of the period and first instant after it, in UTC."""
    return first_instant(period.start, zone), first_instant(period.end, zone)


def local_day(instant: datetime, zone: ZoneInfo) -> date:
    """The local date an aware instant falls into."""
    if instant.tzinfo is None:
        raise ValueError("a naive time has no instant; use stamp_day")
    return instant.astimezone(zone).date()


def stamp_day(stamp: date | datetime, zone: ZoneInfo) -> date:
    """The local date of a reading's stamp (4.4): a bare date is that date and no zone shifts it,
    a naive time is local already, an aware instant is put into the zone."""
    if not isinstance(stamp, datetime):
        return stamp
    return stamp.date() if stamp.tzinfo is None else local_day(stamp, zone)


def naive_instant(naive: datetime, zone: ZoneInfo) -> datetime:
    """The UTC instant of a naive local time; in a repeated hour the first, in a skipped hour the
    one as far after the change as the time is after the hour that was skipped."""
    return naive.replace(tzinfo=zone, fold=0).astimezone(UTC)


def reckoned_day(now: datetime, zone: ZoneInfo) -> date:
    """The latest local date whose first instant has come.

    It differs from the date on the wall only in the hour after a change of clocks has set the wall
    back over midnight; it never goes backwards as ``now`` grows.
    """
    day = local_day(now, zone)
    while first_instant(day + _ONE_DAY, zone) <= now:
        day += _ONE_DAY
    return day


# -- one KPI's calendar -------------------------------------------------------------------------


class _Segment(NamedTuple):
    """A stretch of one cadence: its periods start at ``first`` and end by ``cut`` (None: open)."""

    cadence: str
    first: date
    cut: date | None


@lru_cache(maxsize=4096)
def _closed(
    cadence: str, fiscal_start_month: int, after: date, cut: date | None, today: date
) -> tuple[Period, ...]:
    """Periods of one cadence starting on or after ``after`` that have ended by ``today``."""
    until = today if cut is None or cut > today else cut
    found = []
    period = first_period(after, cadence, fiscal_start_month)
    while period.end <= until:
        found.append(period)
        period = next_period(period)
    return tuple(found)


# Stretches of periods a timeline remembers: at an evaluation all its KPIs ask for the same few.
_REMEMBERED = 64


class Timeline:
    """The tracked periods of one KPI, with effective-dated changes of cadence (4.5, 4.6).

    Make it with :func:`timeline`, which shares one object between KPIs with the same calendar.
    ``first`` is the start of the first tracked period; ``restarts`` are the starts of periods at
    which a new cadence begins and the counters restart.
    """

    __slots__ = ("_known", "_segments", "first", "fiscal_start_month", "restarts")

    def __init__(self, segments: Sequence[_Segment], fiscal_start_month: int) -> None:
        self._segments = tuple(segments)
        self.fiscal_start_month = fiscal_start_month
        self.first = segments[0].first
        self.restarts = frozenset(segment.first for segment in segments[1:])
        self._known: dict[tuple[date, date], Sequence[Period]] = {}

    def closed(self, after: date, today: date) -> Sequence[Period]:
        """Tracked periods starting on or after ``after`` that are not open on ``today``
        (a `reckoned_day`), in order. The result is shared: do not change it."""
        found = self._known.get((after, today))
        if found is None:
            if len(self._known) >= _REMEMBERED:
                self._known.clear()
            found = self._known[after, today] = self._find_closed(after, today)
        return found

    def _find_closed(self, after: date, today: date) -> Sequence[Period]:
        if len(self._segments) == 1:
            cadence, first, cut = self._segments[0]
            return _closed(cadence, self.fiscal_start_month, max(after, first), cut, today)
        found: list[Period] = []
        for cadence, first, cut in self._segments:
            if cut is None or cut > after:
                found += _closed(cadence, self.fiscal_start_month, max(after, first), cut, today)
        return found

    def next_after(self, day: date) -> Period:
        """The first tracked period that starts on or after ``day``, open or not yet begun."""
        for cadence, first, cut in self._segments:
            period = first_period(max(day, first), cadence, self.fiscal_start_month)
            if cut is None or period.end <= cut:
                return period
        raise AssertionError("the last segment of a timeline is open")

    def containing(self, day: date) -> Period | None:
        """The tracked period that holds a date; None before the first or in a dropped stretch."""
        for cadence, first, cut in self._segments:
            if day < first:
                continue
            period = period_of(day, cadence, self.fiscal_start_month)
            if cut is None or period.end <= cut:
                return period
        return None


def _effective_changes(
    cadence: str, changes: Sequence[tuple[date, str]]
) -> Iterator[tuple[date, str]]:
    """Changes that change something, by date; the later entry of one date wins."""
    current = str(cadence)
    for day, new in sorted(dict(changes).items()):
        if str(new) != current:
            current = str(new)
            yield day, current


@lru_cache(maxsize=65536)
def timeline(
    start: date,
    cadence: str,
    changes: tuple[tuple[date, str], ...] = (),
    fiscal_start_month: int = 1,
) -> Timeline:
    """The calendar of a KPI that starts on ``start`` with ``cadence``.

    ``changes`` are (effective date, new cadence) in the order they were entered. A new cadence
    begins with its first period starting on or after its date; a period of the old one that would
    overlap it is dropped; a change overtaken by a later one before it began has no periods, and
    one that was taken back before it began changes nothing.
    """
    fiscal = fiscal_start_month
    line = [(start, str(cadence)), *_effective_changes(cadence, changes)]
    starts = [(first_period(max(day, start), kind, fiscal).start, kind) for day, kind in line]
    segments = []
    for position, (first, kind) in enumerate(starts):
        cut = min((later for later, _ in starts[position + 1 :]), default=None)
        if cut is not None and first >= cut:
            continue
        if segments and segments[-1].cadence == kind:
            # What lay between never began: the cadence did not change, and no counter restarts.
            segments[-1] = segments[-1]._replace(cut=cut)
        else:
            segments.append(_Segment(kind, first, cut))
    return Timeline(segments, fiscal)
