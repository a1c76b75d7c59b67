"""Numbers and times in a text: what counts as a metric and what is only a name or a date.

Digits inside cycle tokens (Q3, FY26, 2026, week four), dates, ordinals, 24/7, 1:1, ISO 27001 and
the like (G2, B2B, 90-day) never count. Numbers in words, %, currency and ×N do.
"""

from __future__ import annotations

import re
from decimal import Decimal
from typing import NamedTuple

WORD, AMOUNT, TIME, YEAR, NAME, MARK = "word", "amount", "time", "year", "name", "mark"
PERCENT, MULTIPLE = "%", "×"
CURRENCY = frozenset("$€£¥₹")
LONGEST = 1000
# Longer ones are no quantity, and no Decimal that wording could round.
MOST_DIGITS = 24
_YEAR = re.compile("20[234][0-9]")

_UNIT_WORDS = (
    *("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"),
    *("eleven", "twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen"),
    "nineteen",
)
_TEN_WORDS = ("twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")
_UNITS = {name: number for number, name in enumerate(_UNIT_WORDS)}
_TENS = {name: 10 * number for number, name in enumerate(_TEN_WORDS, start=2)}
_SCALES = {"dozen": 12, "hundred": 100, "thousand": 1000, "million": 10**6, "billion": 10**9}
_TIMES = {"double": 2, "doubles": 2, "doubling": 2, "triple": 3, "triples": 3, "tripling": 3}
_TIMES |= {"quadruple": 4, "twice": 2, "twofold": 2, "threefold": 3, "tenfold": 10}
_SUFFIXES = {"k": 1000, "m": 10**6, "mn": 10**6, "mio": 10**6, "bn": 10**9, "b": 10**9}
_SUFFIXES |= {"thousand": 1000, "million": 10**6, "billion": 10**9}

_MONTH = (
    r"(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?"
    r"|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)"
)
_SMALL = r"(?:one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|thirteen)"
_SPELLED = "|".join([*(n for n in _UNITS if n != "one"), *_TENS, *_SCALES])
_TOKEN = re.compile(
    rf"""
    (?P<time>
        (?<![\w.,])(?:
            \d{{4}}-\d\d-\d\d(?!\w)
          | \d{{1,2}}[./]\d{{1,2}}[./](?:\d{{4}}|\d\d)(?!\w)
          | \d{{1,2}}(?:st|nd|rd|th)?\ (?:of\ )?{_MONTH}\b(?:,?\ 20\d\d\b)?
          | {_MONTH}\ \d{{1,2}}(?:st|nd|rd|th)?(?![\w%-]|[.,]\d|\ ?%)(?:,?\ 20\d\d\b)?
          | (?:q[1-4]|[ht][1-3])(?:[ /-]?20\d\d|[ /-]?'\d\d|/\d\d)?(?!\w)
          | fy\ ?'?\d{{2,4}}(?:[/-]\d{{2,4}})?(?!\w)
          | (?:w|kw)\d{{1,2}}(?!\w)
          | (?<!per\ )(?<!a\ )(?<!each\ )(?<!every\ )
            (?:week|wk|month|day|sprint|quarter|year|cycle|iteration)\ (?:\d{{1,2}}|{_SMALL})
            (?![\w%])
          | (?:within|in|over)\ (?:the\ )?(?:next\ )?(?:\d{{1,2}}|{_SMALL})
            \ (?:weeks?|months?|quarters?|years?)(?!\w)
        )
    )
  | (?P<name>
        (?<!\w)(?:
            24/7
          | \d{{1,2}}:\d{{1,2}}(?!\d)
          | \d+(?:st|nd|rd|th)(?!\w)
          | \d+(?:\.\d+)?-[^\W\d_][\w-]*
          | (?:iso|soc|pci|version|phase|tier|level|step|stage|windows|type|series|horizon)\ \d+
            (?!\w|\ ?%)
        )
    )
  | (?P<amount>
        (?<![\w.,/])
        (?P<money>[$€£¥₹]\ ?)?
        (?P<times>[×x]\ ?(?=\d))?
        (?P<sign>[-+](?=[\d.]))?
        (?P<number>\d{{1,3}}(?:[,'\ ]\d{{3}})+(?!\d)(?:\.\d+)?|\d+(?:[.,]\d+)?|\.\d+)
        (?P<after>
            \ ?(?:%|[$€£¥₹]|/\ ?\d+(?!\w))
          | (?:k|mn?|mio|bn?|[×x])(?!\w)
          | \ (?:percent|per\ cent|pct|thousand|million|billion|[×x])(?!\w)
        )?
    )
  | (?P<spelled>(?<![\w-])(?:(?:one|a)\ (?=hundred|thousand|million|billion))?(?:{_SPELLED})
        (?:[ -](?:and\ )?(?:one|{_SPELLED}))*(?!\w|-[^\W\d_])
        (?P<share>\ ?%|\ (?:percent|per\ cent))?
      | (?<![\w-])(?:{"|".join(_TIMES)})(?![\w-])|(?:(?<=by\ )|(?<=in\ ))half(?!\w))
  | (?P<word>[^\W\d_][\w]*(?:['-]\w+)*)
  | (?P<mark>→|≥|≤|>=|<=|[<>&,;:+()])
    """,
    re.VERBOSE,
)


class Token(NamedTuple):
    """A piece of a text. `value` and `unit` are those of an amount: %, ×, a currency or a scale."""

    kind: str
    text: str
    value: Decimal | None = None
    unit: str = ""


def tokens(text: str) -> list[Token]:
    """The tokens of a normalised text, in order; everything else is left out."""
    return [_token(match) for match in _TOKEN.finditer(text)]


def _token(match: re.Match[str]) -> Token:
    kind = match.lastgroup
    text = match.group()
    if kind == "word":
        return Token(WORD, text)
    if kind == "amount":
        return _amount(match, text)
    if kind == "spelled":
        unit = MULTIPLE if text in _TIMES or text == "half" else PERCENT if match["share"] else ""
        return Token(AMOUNT, text, _spelled_value(text), unit)
    return Token(str(kind), text)


def _amount(match: re.Match[str], text: str) -> Token:
    money, number, after = match["money"], match["number"], (match["after"] or "").strip()
    if len(number) > MOST_DIGITS:
        return Token(NAME, text)
    if not (money or after or match["sign"]) and _YEAR.fullmatch(number):
        return Token(YEAR, text, Decimal(number))
    value = Decimal(_plain(number))
    value = -value if match["sign"] == "-" else value
    unit = money.strip() if money else ""
    if after in _SUFFIXES:
        value *= _SUFFIXES[after]
    elif after in {"%", "percent", "per cent", "pct"}:
        unit = PERCENT
    elif after in {"x", "×"} or match["times"]:
        unit = MULTIPLE
    elif after:
        unit = after.replace(" ", "")
    return Token(AMOUNT, text, value, unit)


def _plain(number: str) -> str:
    """A number without its thousands signs: 5,000 and 5 000 are 5000, 12,4 is 12.4."""
    if re.fullmatch(r"\d+,\d+", number) and not re.fullmatch(r"\d{1,3},\d{3}", number):
        return number.replace(",", ".")
    return re.sub(r"[,' ]", "", number)


def _spelled_value(text: str) -> Decimal:
    """The value of a number in words: `twenty-five`, `two hundred`, `double`."""
    if text in _TIMES:
        return Decimal(_TIMES[text])
    if text == "half":
        return Decimal("0.5")
    total = part = 0
    for word in re.split(r"[ -]", text):
        if word in _SCALES and _SCALES[word] >= 1000:
            total, part = total + (part or 1) * _SCALES[word], 0
        elif word in _SCALES:
            part = (part or 1) * _SCALES[word]
        else:
            part += _UNITS.get(word, _TENS.get(word, 0))
    return Decimal(total + part)
