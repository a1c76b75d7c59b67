"""Grades 0.0 to 1.0 (product.md 2.5). Pure."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import ROUND_HALF_UP, Decimal
from typing import Literal

from objectives.kinds import Ambition
from objectives.progress import ONE
from objectives.rollup import weighted_mean

Band = Literal["low", "mid", "high"]

TENTH = Decimal("0.1")
SCALE = tuple(Decimal(n) / 10 for n in range(11))
BAND_WORDS: dict[str, str] = {
    "low": "little progress",
    "mid": "progress",
    "high": "delivered",
}
_MID_FROM = Decimal("0.4")
_HIGH_FROM = Decimal("0.7")
# Cuts the noise of a quotient's 28th digit, which could otherwise lift or sink a half.
_PLACES = Decimal(1).scaleb(-15)


def rounded(share: Decimal) -> Decimal:
    """A share 0..1 as a grade in tenths, halves up."""
    return share.quantize(_PLACES).quantize(TENTH, ROUND_HALF_UP)


def suggested(ratio: Decimal | None) -> Decimal | None:
    """The grade that progress suggests; None where there is no progress to measure."""
    return None if ratio is None else rounded(ratio)


def band(grade: Decimal) -> Band:
    """The band of a grade in tenths: low to 0.3, mid from 0.4, high from 0.7."""
    if grade >= _HIGH_FROM:
        return "high"
    return "mid" if grade >= _MID_FROM else "low"


def unrounded(grade: Decimal, ratio: Decimal | None) -> Decimal:
    """What a key result counts with: its progress where the suggestion was kept, else the grade."""
    return ratio if ratio is not None and rounded(ratio) == grade else grade


def objective_grade(parts: Iterable[tuple[Decimal, Decimal]]) -> Decimal | None:
    """The weighted mean of (weight, unrounded grade), rounded once; None without any weight."""
    mean = weighted_mean(parts)
    return None if mean is None else rounded(mean)


def needs_explanation(ambition: str, grade: Decimal | None) -> bool:
    """True for a committed objective that ends below 1.0."""
    return ambition == Ambition.COMMITTED and grade is not None and grade < ONE
