"""Where a key result is expected to be today (product.md 2.2, 2.3). Pure."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from objectives.kinds import Ambition
from objectives.progress import ONE, ZERO

# The expected score of each ambition at its end (product.md 2.3, Google's playbook).
EXPECTED_SCORE = {Ambition.COMMITTED: ONE, Ambition.ASPIRATIONAL: Decimal("0.7")}
_PLACES = Decimal(1).scaleb(-20)


def elapsed(today: date, starts_on: date, ends_on: date) -> Decimal:
    """The share of the time gone by, 0..1: 0 on the first day, 1 on the last, both inclusive.

    A stretch of one day is over on that day.
    """
    if starts_on == ends_on:
        return ONE if today >= ends_on else ZERO
    share = Decimal((today - starts_on).days) / (ends_on - starts_on).days
    return min(max(share, ZERO), ONE)


def expected(elapsed_share: Decimal, ambition: str) -> Decimal:
    """The progress 0..1 expected by now: all of the time for committed, 0.7 of it as a stretch."""
    return EXPECTED_SCORE[Ambition(ambition)] * elapsed_share


def gap(expected_share: Decimal, ratio: Decimal) -> Decimal:
    """How far progress is behind what is expected; negative when ahead.

    Both are quotients cut at 28 digits, so the last of them are noise at a limit of a band.
    """
    return (expected_share - ratio).quantize(_PLACES)
