"""The one parser for numbers: every way in (form, CSV, command, target) gives the same verdict.

The canonical grammar is ``-?[0-9]{1,12}(\\.[0-9]+)?`` in ASCII, with blanks around it ignored and
at most
15 significant digits and 15 decimals. That is what SQLite's REAL storage and PostgreSQL's numeric
both give
back unchanged (reliability.md 1 and 4). No exponent, no nan, no inf, no underscore, no other
script's digits;
``-0`` is the number 0.

Float noise: programs print a 64-bit float with 16 or 17 digits, so 0.9854032 arrives as
0.9854031999999999.
A number with 16 or 17 significant digits is accepted if rounding it to 15 leaves at most 12: then
the last
digits can only be the rounding error of a float, and the rounded number is the one that was meant.
Any other
number with more than 15 significant digits is refused, whichever way it came in, because keeping 15
of them
would silently change it. A person may ask for that rounding (`NumberStyle.round_long`).
"""

import re
from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Context, Decimal
from enum import StrEnum

MAX_LENGTH = 40
MAX_INTEGER_DIGITS = 12
MAX_DECIMALS = 15
MAX_SIGNIFICANT = 15
FLOAT_DIGITS = 17
NOISE_FREE_DIGITS = 12

ZERO = Decimal(0)
_BLANKS = " \t\r\n"
_SHORT = re.compile(r"-?[0-9]{1,12}(?:\.[0-9]+)?", re.ASCII)
_PARTS = re.compile(r"(-?)([0-9]+)(?:\.([0-9]+))?", re.ASCII)
_TO_15 = Context(prec=MAX_SIGNIFICANT, rounding=ROUND_HALF_EVEN)
_EXACT = Context(prec=2 * MAX_LENGTH)
# The blanks people and spreadsheets put between thousands: space, no-break, thin, narrow no-break.
_SPACES = str.maketrans(dict.fromkeys("\u00a0\u2009\u202f", " "))
_LAST_DECIMAL = Decimal(1).scaleb(-MAX_DECIMALS)
_TOO_LARGE = f"A number has at most {MAX_INTEGER_DIGITS} digits before the decimal point."
_KEPT_DIGITS = f"at most {MAX_SIGNIFICANT} are kept. Round the number."
_TOO_MANY_DECIMALS = f"At most {MAX_DECIMALS} decimals are kept. Round the number."
_MARK_NAMES = {",": "comma", ".": "point", " ": "space", "'": "apostrophe"}


class NumberError(ValueError):
    """A text that is not a number okrkpi keeps; str() is the sentence for people, `code` is for
    programs.
    """

    def __init__(self, code: str, sentence: str) -> None:
        super().__init__(sentence)
        self.code = code


class Percent(StrEnum):
    """What a per cent sign behind a number means; without a decision it is refused."""

    REFUSE = "refuse"
    KEEP = "keep"
    SHARE = "share"


@dataclass(frozen=True, slots=True)
class NumberStyle:
    """How one file writes its numbers; decided by evidence or by a person, never guessed here.

    decimal: "." or ",". thousands: "" (none), ",", ".", " " (any blank) or "'".
    percent: KEEP reads "12.5 %" as 12.5, SHARE as 0.125. round_long: round instead of refusing more
    than
    15 significant digits.
    """

    decimal: str = "."
    thousands: str = ""
    percent: Percent = Percent.REFUSE
    round_long: bool = False


PLAIN = NumberStyle()


def parse_number(text: str, style: NumberStyle = PLAIN) -> Decimal:
    """The number written in `text`, or NumberError with a sentence that says what to change."""
    if len(text) <= MAX_SIGNIFICANT + 1 and style is PLAIN and _SHORT.fullmatch(text):
        return Decimal(text) or ZERO
    if len(text) > MAX_LENGTH:
        raise NumberError("too_long", f"A number has at most {MAX_LENGTH} characters.")
    text = text.strip(_BLANKS)
    if not text:
        raise NumberError("empty", "Enter a number.")
    if style.percent is not Percent.REFUSE and text.endswith("%"):
        value = _canonical(_plain(text[:-1].translate(_SPACES).rstrip(" "), style), style)
        return value if style.percent is Percent.KEEP else _bounded(value.scaleb(-2, _EXACT), style)
    return _canonical(_plain(text, style), style)


def number_text(value: Decimal) -> str:
    """The canonical text of a number, as `parse_number` reads it: no exponent, no trailing zeros,
    no -0.
    """
    if not value:
        return "0"
    text = f"{value:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _plain(text: str, style: NumberStyle) -> str:
    """The text with the style's marks taken out: thousands checked in groups of three, decimal mark
    a point.
    """
    if style.decimal == "." and not style.thousands:
        return text
    if style.thousands == " ":
        text = text.translate(_SPACES)
    whole, mark, decimals = text.partition(style.decimal)
    if style.decimal != "." and "." in decimals:
        raise NumberError("mark", _mark_sentence(text, style))
    if style.thousands and style.thousands in whole:
        first, *groups = whole.removeprefix("-").split(style.thousands)
        if not 1 <= len(first) <= 3 or first.startswith("0") or any(len(g) != 3 for g in groups):
            raise NumberError(
                "grouping",
                f"{_quoted(text)} is not grouped in thousands: write 1234567 or fix the groups.",
            )
        whole = ("-" if whole.startswith("-") else "") + first + "".join(groups)
    if style.decimal != "." and "." in whole:
        raise NumberError("mark", _mark_sentence(text, style))
    return whole + ("." + decimals if mark else "")


def _canonical(text: str, style: NumberStyle) -> Decimal:
    parts = _PARTS.fullmatch(text)
    if parts is None:
        raise NumberError(*_why_not(text))
    if len(parts[2]) > MAX_INTEGER_DIGITS:
        raise NumberError("too_large", _TOO_LARGE)
    return _bounded(Decimal(text), style)


def _bounded(value: Decimal, style: NumberStyle) -> Decimal:
    """The value if 15 significant digits and 15 decimals hold it, float noise rounded away (module
    docstring).
    """
    if not value:
        return ZERO
    digits = _significant(value)
    if digits > MAX_SIGNIFICANT:
        rounded = _TO_15.plus(value)
        noise = digits <= FLOAT_DIGITS and _significant(rounded) <= NOISE_FREE_DIGITS
        if not noise and not style.round_long:
            raise NumberError("too_precise", f"{digits} significant digits; {_KEPT_DIGITS}")
        value = _written_out(rounded)
    if value != value.quantize(_LAST_DECIMAL, ROUND_HALF_EVEN, _EXACT) and not style.round_long:
        raise NumberError("too_many_decimals", _TOO_MANY_DECIMALS)
    if -_exponent(value) > MAX_DECIMALS:
        value = value.quantize(_LAST_DECIMAL, ROUND_HALF_EVEN, _EXACT) or ZERO
    if value.adjusted() >= MAX_INTEGER_DIGITS:
        raise NumberError("too_large", _TOO_LARGE)
    return value


def _written_out(value: Decimal) -> Decimal:
    """The value without trailing zeros behind the point and without a positive exponent."""
    short = value.normalize(_EXACT)
    return short.quantize(Decimal(1), context=_EXACT) if _exponent(short) > 0 else short


def _exponent(value: Decimal) -> int:
    """Minus the number of decimals; only for finite values, which is all this module makes."""
    return int(value.as_tuple().exponent)


def _significant(value: Decimal) -> int:
    """Digits from the first that is not 0 to the last that is not 0; an integer's trailing zeros do
    not count.
    """
    return len(value.normalize(_EXACT).as_tuple().digits)


def _why_not(text: str) -> tuple[str, str]:
    """(code, sentence) for a text outside the grammar, naming the likeliest slip."""
    shown = _quoted(text)
    if text.endswith("%"):
        return "percent", f"{shown} carries a per cent sign: write the number alone."
    if any(c.isdigit() and not c.isascii() for c in text) or "\u2212" in text:
        return "exotic", f"{shown} uses other signs than 0-9, the point and the ordinary minus."
    if re.fullmatch(r"-?[0-9]+(\.[0-9]+)?[eE][+-]?[0-9]+", text):
        return "exponent", f"{shown} is in scientific notation: write it out."
    if text.startswith("+"):
        return "plus", f"{shown} starts with a plus sign: write the number without it."
    if re.fullmatch(r"-?[0-9][0-9.,' \u00a0\u2009\u202f]*", text):
        return "mark", (
            f"{shown} has marks that can mean two things: write {_plainly(text)}, with a point and "
            "no thousands marks."
        )
    return "not_a_number", f"{shown} is not a number."


def _plainly(text: str) -> str:
    """How a number with marks may be written: both readings of one comma, else an example."""
    if not re.fullmatch(r"-?[0-9]+,[0-9]+", text):
        return "1234.5"
    whole, _, behind = text.partition(",")
    return f"{whole}{behind} or {whole}.{behind}" if len(behind) == 3 else f"{whole}.{behind}"


def _mark_sentence(text: str, style: NumberStyle) -> str:
    mark = _MARK_NAMES[style.decimal]
    return f"{_quoted(text)} has a point, but this file's decimal mark is a {mark}."


def _quoted(text: str) -> str:
    return f"“{text[:MAX_LENGTH]}”"
