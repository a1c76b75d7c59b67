"""Texts that say when: period labels, bare dates, local times and instants (signals.md 3 and 4).

Pure and without a zone: a bare date stays that date, a naive time stays local, an instant stays an
instant.
What a text alone cannot decide (03/04/2026, a calendar or a fiscal quarter) is an error with the
code
"ambiguous" until a `StampStyle` decides it; nothing is guessed.
"""

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, timezone
from enum import StrEnum
from typing import NamedTuple

from metrics.kinds import CadenceKind

MAX_LENGTH = 40
FIRST_YEAR, LAST_YEAR = 1800, 2199


class StampError(ValueError):
    """A text that names no moment; str() is the sentence for people, `code` is for programs."""

    def __init__(self, code: str, sentence: str) -> None:
        super().__init__(sentence)
        self.code = code


class StampKind(StrEnum):
    """What a stamp names."""

    PERIOD = "period"
    DATE = "date"
    LOCAL = "local"
    INSTANT = "instant"


class Stamp(NamedTuple):
    """One moment or period as its text gave it.

    on: the date of a DATE, the first day of a PERIOD, the written date of LOCAL and INSTANT.
    at: naive local time for LOCAL, aware UTC for INSTANT, else None. cadence: only of a PERIOD.
    """

    kind: StampKind
    on: date
    at: datetime | None = None
    cadence: CadenceKind | None = None


class DateOrder(StrEnum):
    """How dates written with slashes or dashes count: 3/4/2026 is 3 April (DMY) or 4 March
    (MDY).
    """

    DMY = "dmy"
    MDY = "mdy"


class LabelCalendar(StrEnum):
    """What 2026 and 2026-Q3 mean where the fiscal year is not the calendar year."""

    CALENDAR = "calendar"
    FISCAL = "fiscal"


@dataclass(frozen=True, slots=True)
class StampStyle:
    """What is decided about the stamps of one file.

    date_order and labels: None is undecided. fiscal_month: first month of the organisation's fiscal
    year.
    midnight_is_date: a time of exactly 00:00:00 without a zone stands for the bare date.
    """

    date_order: DateOrder | None = None
    labels: LabelCalendar | None = None
    fiscal_month: int = 1
    midnight_is_date: bool = False


ISO_ONLY = StampStyle()

_MONTH_NAMES = (
    "january januar jan jän jänner", "february februar feb", "march märz maerz mar mär mrz",
    "april apr", "may mai", "june juni jun", "july juli jul", "august aug",
    "september sept sep", "october oktober oct okt", "november nov", "december dezember dec dez",
)  # fmt: skip
_MONTHS = {name: n for n, names in enumerate(_MONTH_NAMES, 1) for name in names.split()}
_NAME = r"(?P<name>[A-Za-zäÄ]{3,9})\.?"
_SEP = r"[ ./-]+"


def _re(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, re.ASCII | re.IGNORECASE)


_YEAR_FIRST = _re(r"(?P<y>\d{4})(?P<s>[-/.])(?P<m>\d{1,2})(?P=s)(?P<d>\d{1,2})")
_BASIC = _re(r"(?P<y>\d{4})(?P<m>\d{2})(?P<d>\d{2})")
_DOTTED = _re(r"(?P<d>\d{1,2})\.[ ]?(?P<m>\d{1,2})\.[ ]?(?P<y>\d{4})")
_EITHER = _re(r"(?P<a>\d{1,2})(?P<s>[/-])(?P<b>\d{1,2})(?P=s)(?P<y>\d{4})")
_SHORT_YEAR = _re(r"\d{1,2}([./-])\d{1,2}\1\d{2}")
_DAY_NAME = _re(rf"(?P<d>\d{{1,2}}){_SEP}{_NAME}(?:{_SEP}|, ?)(?P<y>\d{{4}})")
_NAME_DAY = _re(rf"{_NAME}[ ]+(?P<d>\d{{1,2}}),? +(?P<y>\d{{4}})")
_WEEK = _re(r"(?P<y>\d{4})[- ]?W(?P<w>\d{2})(?:-?(?P<wd>[1-7]))?")
_WEEK_FIRST = _re(r"(?:KW|CW|W)[ ]?(?P<w>\d{1,2})[ /.-]+(?P<y>\d{4})")
_YEAR = _re(r"(?P<fy>FY ?)?(?P<y>\d{4})")
_QUARTER = _re(r"(?P<fy>FY ?)?(?P<y>\d{4})[ /-]?Q(?P<q>\d)")
_QUARTER_FIRST = _re(r"Q(?P<q>\d)[ /-]?(?P<fy>FY ?)?(?P<y>\d{4})")
_MONTH = _re(r"(?P<y>\d{4})[-/](?P<m>\d{1,2})")
_MONTH_FIRST = _re(r"(?P<m>\d{1,2})[/.-](?P<y>\d{4})")
_NAME_YEAR = _re(rf"{_NAME}{_SEP}(?P<y>\d{{4}})")
_YEAR_NAME = _re(rf"(?P<y>\d{{4}}){_SEP}{_NAME}")
_CLOCK = _re(
    r"(?P<date>.{6,20}?)(?:T|,? +)(?P<h>\d{1,2}):(?P<mi>\d{2})"
    r"(?::(?P<s>\d{2})(?:[.,](?P<f>\d{1,9}))?)?"
    r" ?(?P<ap>[AP]M)?(?: ?(?P<zone>Z|UTC|[+-]\d{2}(?::?\d{2})?))?"
)


def parse_stamp(text: str, style: StampStyle = ISO_ONLY) -> Stamp:
    """The stamp written in `text`, or StampError with a sentence that says what to change."""
    if len(text) > MAX_LENGTH:
        raise StampError("too_long", f"A date has at most {MAX_LENGTH} characters.")
    text = text.strip()
    if not text:
        raise StampError("empty", "The date is empty.")
    clock = _CLOCK.fullmatch(text)
    if clock:
        return _with_clock(clock, style)
    label = _label(text, style)
    if label is not None:
        return label
    return Stamp(StampKind.DATE, _date(text, style))


def date_orders(texts: list[str]) -> set[DateOrder]:
    """The orders in which every slashed or dashed date of a column exists; both if none is in
    question.

    One left decides; two left with `has_open_order` true is a question for a person; none left is a
    mixed column.
    """
    left = set(DateOrder)
    for text in texts:
        if _EITHER.match(text.strip()):
            left = {order for order in left if _reads(text, StampStyle(date_order=order))}
    return left


def has_open_order(texts: list[str]) -> bool:
    """Whether a column has dates that only a DateOrder can read (4/4/2026 reads the same both
    ways).
    """
    return any(
        m is not None and int(m["a"]) != int(m["b"])
        for m in map(_EITHER.match, map(str.strip, texts))
    )


def stamp_text(stamp: Stamp) -> str:
    """The stamp for people and for identities: ISO date or time, or the ISO-like label of a
    period.
    """
    if stamp.kind is StampKind.PERIOD:
        return period_label(stamp.cadence or CadenceKind.DAILY, stamp.on)
    if stamp.at is None:
        return stamp.on.isoformat()
    return stamp.at.isoformat(sep=" ").replace("+00:00", "Z")


def period_label(cadence: CadenceKind, start: date) -> str:
    """A neutral label of a file's period by its first day: 2020-W53, 2026-07, 2026-Q3, 2026."""
    if cadence is CadenceKind.WEEKLY:
        year, week, _ = start.isocalendar()
        return f"{year}-W{week:02}"
    if cadence is CadenceKind.MONTHLY:
        return f"{start:%Y-%m}"
    if cadence is CadenceKind.QUARTERLY:
        return f"quarter from {start:%Y-%m}"
    if cadence is CadenceKind.YEARLY:
        return f"{start.year}" if start.month == 1 else f"year from {start:%Y-%m}"
    return start.isoformat()


def _reads(text: str, style: StampStyle) -> bool:
    try:
        parse_stamp(text, style)
    except StampError:
        return False
    return True


def _label(text: str, style: StampStyle) -> Stamp | None:
    """The period label in `text`, or None if it has no label's form."""
    if m := _WEEK.fullmatch(text) or _WEEK_FIRST.fullmatch(text):
        return _week(m)
    if m := _QUARTER.fullmatch(text) or _QUARTER_FIRST.fullmatch(text):
        return _fiscal(m, int(m["q"]), style)
    if m := _YEAR.fullmatch(text):
        return _fiscal(m, None, style)
    if m := _MONTH.fullmatch(text) or _MONTH_FIRST.fullmatch(text):
        return _period(CadenceKind.MONTHLY, int(m["y"]), int(m["m"]), text)
    m = _NAME_YEAR.fullmatch(text) or _YEAR_NAME.fullmatch(text)
    if m and m["name"].lower() in _MONTHS:
        return _period(CadenceKind.MONTHLY, int(m["y"]), _MONTHS[m["name"].lower()], text)
    return None


def _week(m: re.Match[str]) -> Stamp:
    weekday = m.groupdict().get("wd")
    try:
        on = date.fromisocalendar(_year(int(m["y"])), int(m["w"]), int(weekday or 1))
    except ValueError as error:
        raise StampError("no_such_week", f"There is no week {m['w']} in {m['y']}.") from error
    return (
        Stamp(StampKind.DATE, on)
        if weekday
        else Stamp(StampKind.PERIOD, on, None, CadenceKind.WEEKLY)
    )


def _fiscal(m: re.Match[str], quarter: int | None, style: StampStyle) -> Stamp:
    """A quarter or a year; a fiscal year is named by the year it ends in (signals.md 4.2)."""
    if quarter is not None and not 1 <= quarter <= 4:
        raise StampError("no_such_quarter", f"“{m[0]}”: a year has the quarters Q1 to Q4.")
    fiscal = bool(m["fy"]) or style.labels is LabelCalendar.FISCAL
    if not fiscal and style.fiscal_month != 1 and style.labels is None:
        raise StampError(
            "ambiguous", f"“{m[0]}” can be of the calendar or of the fiscal year: choose which."
        )
    cadence = CadenceKind.YEARLY if quarter is None else CadenceKind.QUARTERLY
    year, month = int(m["y"]), style.fiscal_month if fiscal else 1
    months = year * 12 + month - 1 + 3 * ((quarter or 1) - 1) - (12 if month > 1 else 0)
    return _period(cadence, months // 12, months % 12 + 1, m[0])


def _period(cadence: CadenceKind, year: int, month: int, text: str) -> Stamp:
    return Stamp(StampKind.PERIOD, _day(year, month, 1, text), None, cadence)


def _date(text: str, style: StampStyle) -> date:
    if m := _YEAR_FIRST.fullmatch(text) or _BASIC.fullmatch(text) or _DOTTED.fullmatch(text):
        return _day(int(m["y"]), int(m["m"]), int(m["d"]), text)
    if m := _EITHER.fullmatch(text):
        return _slashed(m, style)
    m = _DAY_NAME.fullmatch(text) or _NAME_DAY.fullmatch(text)
    if m and m["name"].lower() in _MONTHS:
        return _day(int(m["y"]), _MONTHS[m["name"].lower()], int(m["d"]), text)
    if _SHORT_YEAR.fullmatch(text):
        raise StampError("short_year", f"“{text}”: write the year with four digits.")
    raise StampError(
        "not_a_date", f"“{text}” is not a date or a period, such as 2026-07-01 or 2026-W27."
    )


def _slashed(m: re.Match[str], style: StampStyle) -> date:
    a, b, year = int(m["a"]), int(m["b"]), int(m["y"])
    if a != b and style.date_order is None:
        raise StampError("ambiguous", f"“{m[0]}”: choose whether the day or the month comes first.")
    day, month = (a, b) if style.date_order is not DateOrder.MDY else (b, a)
    return _day(year, month, day, m[0])


def _day(year: int, month: int, day: int, text: str) -> date:
    try:
        return date(_year(year), month, day)
    except ValueError as error:
        if isinstance(error, StampError):
            raise
        raise StampError("no_such_date", f"“{text}” is not in the calendar.") from error


def _year(year: int) -> int:
    if not FIRST_YEAR <= year <= LAST_YEAR:
        raise StampError("year", f"The year {year} is outside {FIRST_YEAR} to {LAST_YEAR}.")
    return year


def _with_clock(m: re.Match[str], style: StampStyle) -> Stamp:
    on = _date(m["date"].strip(), style)
    clock = _clock(m)
    if m["zone"] is None:
        if style.midnight_is_date and clock == time(0):
            return Stamp(StampKind.DATE, on)
        return Stamp(StampKind.LOCAL, on, datetime.combine(on, clock))
    return Stamp(
        StampKind.INSTANT, on, datetime.combine(on, clock, _zone(m["zone"])).astimezone(UTC)
    )


def _clock(m: re.Match[str]) -> time:
    hour = int(m["h"])
    if m["ap"]:
        if not 1 <= hour <= 12:
            raise StampError("no_such_time", f"“{m[0]}”: with AM and PM hours go from 1 to 12.")
        hour = hour % 12 + (12 if m["ap"].upper() == "PM" else 0)
    micro = int((m["f"] or "0")[:6].ljust(6, "0"))
    try:
        return time(hour, int(m["mi"]), int(m["s"] or 0), micro)
    except ValueError as error:
        raise StampError("no_such_time", f"“{m[0]}” has no such time of day.") from error


def _zone(text: str) -> timezone:
    if text.upper() in ("Z", "UTC"):
        return UTC
    digits = text[1:].replace(":", "").ljust(4, "0")
    offset = timedelta(hours=int(digits[:2]), minutes=int(digits[2:]))
    if int(digits[2:]) > 59 or offset > timedelta(hours=14):
        raise StampError("no_such_zone", f"“{text}” is not an offset from UTC.")
    return timezone(-offset if text[0] == "-" else offset)
