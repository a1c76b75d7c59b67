"""Where a key result is expected to be today (product.md 2.2, 2.3). Pure.

A pace is the share of the way, 0 on the first day and 1 on the last: straight, or phased over
checkpoints. What is expected is that share times the score its ambition calls a success. A standard
(at least, at most, range) asks the same of every period, so its expectation does not grow with
time: it is that score from the first day on.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from decimal import Decimal

from objectives.kinds import Ambition
from objectives.progress import ONE, ZERO

# The expected score of each ambition at its end (product.md 2.3, Google's playbook).
EXPECTED_SCORE = {Ambition.COMMITTED: ONE, Ambition.ASPIRATIONAL: Decimal("0.7")}
_PLACES = Decimal(1).scaleb(-20)

Point = tuple[date, Decimal]


def elapsed(today: date, starts_on: date, ends_on: date) -> Decimal:
    """The share of the time gone by, 0..1: 0 on the first day, 1 on the last, both inclusive.

    A stretch of one day is over on that day.
    """
    if starts_on == ends_on:
        return ONE if today >= ends_on else ZERO
    share = Decimal((today - starts_on).days) / (ends_on - starts_on).days
    return min(max(share, ZERO), ONE)


def phased(today: date, start: Point, end: Point, checkpoints: Iterable[Point]) -> Decimal:
    """The share of the way 0..1 on a path over checkpoints, straight from each to the next.

    `start` is (first day, baseline), `end` (last day, target), a checkpoint (day, value). One that
    does not lie strictly between those days is passed over: it cannot move the ends. Raises
    ValueError when the baseline is the target.
    """
    if start[1] == end[1]:
        raise ValueError("from and to are the same: there is no way to pace")
    if today >= end[0]:
        return ONE
    inside = sorted(point for point in checkpoints if start[0] < point[0] < end[0])
    before = start
    for point in (*inside, end):
        if today < point[0]:
            gone = elapsed(today, before[0], point[0])
            value = before[1] + (point[1] - before[1]) * gone
            return min(max((value - start[1]) / (end[1] - start[1]), ZERO), ONE)
        before = point
    return ONE


def expected(share: Decimal, ambition: str) -> Decimal:
    """The progress 0..1 expected at a share of the way: all of it for committed, 0.7 of it else."""
    return EXPECTED_SCORE[Ambition(ambition)] * share


def of_standard(ambition: str) -> Decimal:
    """The share of its periods a standard is expected to be met in, on any day."""
    return EXPECTED_SCORE[Ambition(ambition)]


def gap(expected_share: Decimal, ratio: Decimal) -> Decimal:
    """How far progress is behind what is expected; negative when ahead.

    Both are quotients cut at 28 digits, so the last of them are noise at a limit of a band.
    """
    return (expected_share - ratio).quantize(_PLACES)
