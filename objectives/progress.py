"""How far a key result has come (product.md 2.1). Pure: values in, values out.

`raw` is the share of the way from the baseline to the target, below 0 when the value moves away and
above 1 when it went further; `ratio` is the same, clamped to 0..1. One formula serves both
directions. None means there is nothing to measure: the key result stays out of every roll-up.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import NamedTuple

from metrics.kinds import MissingPolicy, PeriodStatus
from objectives.kinds import KeyResultKind

ZERO, ONE = Decimal(0), Decimal(1)
_PASSED_OVER = frozenset({PeriodStatus.OPEN, PeriodStatus.AWAITING, PeriodStatus.EXCLUDED})


@dataclass(frozen=True, slots=True)
class Progress:
    """The share of the way: `raw` as computed, `ratio` clamped to 0..1."""

    raw: Decimal

    @property
    def ratio(self) -> Decimal:
        """The share between 0 and 1 that counts."""
        return min(max(self.raw, ZERO), ONE)


def change(baseline: Decimal | None, target: Decimal, value: Decimal | None) -> Progress | None:
    """The way from `baseline` to `target` at `value`; no value yet counts as the baseline.

    None when the baseline is not known. Raises ValueError when there is no way to go.
    """
    if baseline is None:
        return None
    if baseline == target:
        raise ValueError("from and to are the same: this is a KPI, not a key result")
    if value is None:
        return Progress(ZERO)
    return Progress((value - baseline) / (target - baseline))


def run_length(statuses: Iterable[str], max_gap: int = 1) -> int | None:
    """How many of the last periods, oldest first, were on target in a row.

    Counted as a recovery is (signals.md 7): a period that is open, awaited or excluded is passed
    over; up to `max_gap` in a row without a value neither count nor break the run, more of them do.
    None when no period was judged.
    """
    run, gap, judged = 0, 0, False
    for status in statuses:
        if status in _PASSED_OVER:
            continue
        is_missing = status == PeriodStatus.MISSING
        judged = judged or not is_missing
        gap = gap + 1 if is_missing else 0
        if status == PeriodStatus.ON_TARGET:
            run += 1
        elif not is_missing or gap > max_gap:
            run = 0
    return run if judged else None


def gap_allowed(missing_policy: str, max_gap: int) -> int:
    """How many periods in a row without a value a KPI's settings let a run survive."""
    return max_gap if missing_policy == MissingPolicy.HOLD else 0


def hold(run: int | None, needed: int) -> Progress | None:
    """The share of the `needed` periods on target in a row; None while none was judged.

    Raises ValueError when `needed` is not positive.
    """
    if needed < 1:
        raise ValueError("a hold needs at least one period")
    return None if run is None else Progress(Decimal(run) / needed)


class Aim(NamedTuple):
    """What a standard asks of each period, in the unit: a target, or a range with both ends."""

    kind: str
    target: Decimal | None = None
    low: Decimal | None = None
    high: Decimal | None = None

    def is_met(self, value: Decimal) -> bool:
        """True when the value meets it; the edge counts as met."""
        if self.kind == KeyResultKind.RANGE:
            return self.low <= value <= self.high
        if self.kind == KeyResultKind.AT_LEAST:
            return value >= self.target
        return value <= self.target


class Kept(NamedTuple):
    """How a standard was kept in its closed periods: met, with a value, without one."""

    met: int
    judged: int
    missing: int

    @property
    def progress(self) -> Progress | None:
        """The share of the periods with a value that met it; None without any."""
        return Progress(Decimal(self.met) / self.judged) if self.judged else None

    @property
    def at_grading(self) -> Progress | None:
        """The same with every period without a value as a failure; None when none has closed."""
        closed = self.judged + self.missing
        return Progress(Decimal(self.met) / closed) if closed else None


def kept(aim: Aim, values: Iterable[Decimal | None]) -> Kept:
    """Count the closed periods of a standard from their values; None is a period without one."""
    met = judged = missing = 0
    for value in values:
        if value is None:
            missing += 1
        else:
            judged += 1
            met += aim.is_met(value)
    return Kept(met, judged, missing)


def yes_no(value: Decimal | None) -> Progress:
    """All of the way once it was said to be so (any value but 0), nothing before."""
    return Progress(ONE if value else ZERO)


def milestones(steps: Iterable[tuple[Decimal, bool]]) -> Progress | None:
    """The share of the weights of (weight, done) that is done; None without any weight."""
    done = total = ZERO
    for weight, is_done in steps:
        total += weight
        done += weight if is_done else ZERO
    return Progress(done / total) if total else None
