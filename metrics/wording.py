"""Numbers, units, dates and lengths of time in the words of the pages (design README, section 9).

Everything returns a plain string made once in Python; templates only print it (performance.md 4).
A quantity is a Decimal of the KPI's unit and None means no value, printed as an en dash.
"""

from datetime import date
from decimal import ROUND_HALF_UP, Context, Decimal

from metrics.kinds import CadenceKind, Direction

NBSP = "\u00a0"
MINUS = "\u2212"
DASH = "\u2013"
NO_VALUE = DASH

_CURRENCY = frozenset("$€£¥₹")
_TIGHT = frozenset({"×", "°", "′", "″"})
_PERIODS = {
    CadenceKind.DAILY: "day",
    CadenceKind.WEEKLY: "week",
    CadenceKind.MONTHLY: "month",
    CadenceKind.QUARTERLY: "quarter",
    CadenceKind.YEARLY: "year",
}
_MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
_DAYS = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"]
_STEPS = [Decimal(1).scaleb(-places) for places in range(16)]
_THOUSAND = Decimal(1000)
# Wide enough for any quantity, so that a long stored value is rounded and never refused.
_WIDE = Context(prec=60, rounding=ROUND_HALF_UP)


def number(value: Decimal | None, places: int | None = None) -> str:
    """Return a number without trailing zeros: `8.3`, `1,168`, `−0.25`; `–` for None.

    With `places` exactly that many decimals are shown, halves away from zero. Without it at most
    four are, or three significant ones for a value below 0.001.
    """
    if value is None:
        return NO_VALUE
    if places is not None:
        value = value.quantize(_STEPS[places], context=_WIDE)
        text = f"{value:,f}"
    else:
        exponent = value.as_tuple().exponent
        if exponent < -4:
            keep = 4 if abs(value) >= Decimal("0.001") or not value else 2 - value.adjusted()
            value = value.quantize(Decimal(1).scaleb(-keep), context=_WIDE)
        text = f"{value:,f}"
        if "." in text:
            text = text.rstrip("0").rstrip(".")
    if text[0] == "-":
        return text[1:] if not value else MINUS + text[1:]
    return text


def short_number(value: Decimal | None) -> str:
    """Return a number for narrow places: from 10,000 on three digits and K, M or B (`41.2K`)."""
    if value is None or abs(value) < 10_000:
        return number(value)
    scaled, suffix = value, ""
    for letter in "KMB":
        scaled, suffix = scaled / _THOUSAND, letter
        if abs(scaled) < Decimal("999.5"):
            break
    places = max(0, 2 - scaled.adjusted())
    rounded = scaled.quantize(_STEPS[places], context=_WIDE)
    return number(rounded) + suffix


def with_unit(text: str, unit: str) -> str:
    """Join a printed number and its unit: `8.3 %`, `5.6 h`, `$254`, `3.1×`; `–` stays alone."""
    if not unit or text == NO_VALUE:
        return text
    if unit[0] in _CURRENCY:
        head, rest = unit[0], unit[1:].strip()
        text = f"{MINUS}{head}{text[1:]}" if text[0] == MINUS else f"{head}{text}"
        return f"{text}{NBSP}{rest}" if rest else text
    return f"{text}{unit}" if unit in _TIGHT else f"{text}{NBSP}{unit}"


def quantity(value: Decimal | None, unit: str = "", places: int | None = None) -> str:
    """Return a value with its unit: `8.3 %` with a no-break space; `–` for None."""
    return with_unit(number(value, places), unit)


def leading(value: Decimal | None, unit: str = "", places: int | None = None) -> str:
    """Return the first of two values whose unit follows the second: `40` to `60 %`, `$40` to `$60`.

    A currency sign stands before every number, any other unit once, behind the last.
    """
    text = number(value, places)
    return with_unit(text, unit[0]) if unit and unit[0] in _CURRENCY else text


def signed(value: Decimal | None, unit: str = "") -> str:
    """Return a difference with its sign: `+0.41`, `−6.1 pts`, `0`. A % becomes `pts`."""
    text = quantity(value, "pts" if unit == "%" else unit)
    return f"+{text}" if value is not None and value > 0 else text


def points(value: Decimal, unit: str = "") -> str:
    """Return the size of a difference for a sentence: `0.5 points` of a %, else `0.5 h`."""
    if unit != "%":
        return quantity(abs(value), unit)
    return f"{number(abs(value))}{NBSP}{'point' if abs(value) == 1 else 'points'}"


def percent(ratio: Decimal | None) -> str:
    """Return a share 0..1 as a whole per cent: `39 %`; `–` for None."""
    return NO_VALUE if ratio is None else f"{number(ratio * 100, 0)}{NBSP}%"


def target_sign(
    direction: str,
    target: Decimal | None = None,
    low: Decimal | None = None,
    high: Decimal | None = None,
    unit: str = "",
) -> str:
    """Return a target for a table: `≤ 8.5 %`, `≥ 45`, `40–60 %`; `–` without one."""
    if direction == Direction.RANGE:
        if low is None or high is None:
            return NO_VALUE
        return with_unit(f"{number(low)}{DASH}{number(high)}", unit)
    if target is None:
        return NO_VALUE
    sign = "≤" if direction == Direction.LOWER else "≥"
    return f"{sign}{NBSP}{quantity(target, unit)}"


def target_words(
    direction: str,
    target: Decimal | None = None,
    low: Decimal | None = None,
    high: Decimal | None = None,
    unit: str = "",
) -> str:
    """Return a target for a sentence: `at most 8.5 %`, `at least 45`, `between 40 and 60 %`."""
    if direction == Direction.RANGE:
        if low is None or high is None:
            return "no target"
        return f"between {leading(low, unit)} and {quantity(high, unit)}"
    if target is None:
        return "no target"
    words = "at most" if direction == Direction.LOWER else "at least"
    return f"{words} {quantity(target, unit)}"


def plural(count: int, noun: str) -> str:
    """Return a counted noun: `1 value`, `3 values`."""
    return f"{count:,} {noun if count == 1 else noun + 's'}"


def period_noun(cadence: str) -> str:
    """Return what one period of a cadence is called: `month`."""
    return _PERIODS[CadenceKind(cadence)]


def periods(count: int, cadence: str) -> str:
    """Return a length in periods: `3 months`, `1 quarter`."""
    return plural(count, period_noun(cadence))


def month_short(day: date) -> str:
    """Return `Aug`."""
    return _MONTHS[day.month - 1]


def day_short(day: date) -> str:
    """Return `17 Aug`, for a date whose year is plain."""
    return f"{day.day}{NBSP}{_MONTHS[day.month - 1]}"


def day_week(day: date) -> str:
    """Return `Mon 17 Aug`."""
    return f"{_DAYS[day.weekday()]} {day_short(day)}"


def day_year(day: date) -> str:
    """Return `17 Aug 2026`."""
    return f"{day_short(day)} {day.year}"


def day_near(day: date, today: date) -> str:
    """Return `17 Aug`, with the year when it is not today's."""
    return day_short(day) if day.year == today.year else day_year(day)


def closed_words(on: date, grade: Decimal | None, today: date) -> str:
    """Return how an OKR ended: `closed on 3 Jul, grade 0.5`; no grade where none is told."""
    closed = f"closed on {day_near(on, today)}"
    return closed if grade is None else f"{closed}, grade {number(grade, 1)}"


def time_left(days: int) -> str:
    """Return how far a due date is: `9 days left`, `due today`, `1 day past`."""
    if days == 0:
        return "due today"
    return f"{plural(days, 'day')} left" if days > 0 else f"{plural(-days, 'day')} past"


def ago(day: date, today: date) -> str:
    """Return how long ago a date was: `today`, `1 day ago`, `8 days ago`."""
    days = (today - day).days
    return "today" if days <= 0 else f"{plural(days, 'day')} ago"


def names(items: list[str]) -> str:
    """Join names for a sentence: `May, June and July`."""
    return items[0] if len(items) == 1 else f"{', '.join(items[:-1])} and {items[-1]}"
