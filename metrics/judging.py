"""Targets: which one is in force, how far a value is from it, and a period's status.

signals.md 3 (targets), 5 and 6. Pure: values in, values out; decimals only, and every comparison
is exact (a value is compared with bounds that were added up without rounding).

Usage::

    targets = compile_targets(
        "lower_is_better",
        [Target(date(2026, 6, 1), target=Decimal(12), tolerance_pct=Decimal(5))],
        patience=3, recovery=2,
    )
    rule = targets.in_force(period.start)          # None: no target, or withdrawn
    rule.status(Decimal("12.4")), rule.distance(Decimal("12.4"))
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import NamedTuple

from metrics.kinds import Direction, PeriodStatus
from metrics.periods import Period
from metrics.values import EXACT, QUOTIENT

OPEN = PeriodStatus.OPEN.value
EXCLUDED = PeriodStatus.EXCLUDED.value
AWAITING = PeriodStatus.AWAITING.value
MISSING = PeriodStatus.MISSING.value
NO_TARGET = PeriodStatus.NO_TARGET.value
ON_TARGET = PeriodStatus.ON_TARGET.value
NEAR_TARGET = PeriodStatus.NEAR_TARGET.value
OFF_TARGET = PeriodStatus.OFF_TARGET.value

ZERO = Decimal(0)
_LOWER = Direction.LOWER.value
_HIGHER = Direction.HIGHER.value
_RANGE = Direction.RANGE.value


class Target(NamedTuple):
    """One entry in the effective-dated history of a KPI's target.

    Either ``target`` (one-sided KPI) or ``low`` and ``high`` (range), unless ``withdrawn``. At most
    one of ``tolerance`` (in the KPI's unit) and ``tolerance_pct`` (5 means 5 % of \\|target\\|, or
    of the range's width). ``patience`` and ``recovery`` override the KPI's own; ``fast_gap`` and
    ``fast_patience`` are the fast lane and come together. ``recorded`` orders entries of one date:
    the later replaces the earlier; ``carried`` marks the same target going on under other settings
    (`policies.compile_under`). ``over`` is "" or the kind of window whose total the target is for
    (`kinds.Accumulation`); such targets are judged through `accumulating`.
    """

    effective: date
    target: Decimal | None = None
    low: Decimal | None = None
    high: Decimal | None = None
    tolerance: Decimal | None = None
    tolerance_pct: Decimal | None = None
    patience: int | None = None
    recovery: int | None = None
    fast_gap: Decimal | None = None
    fast_patience: int | None = None
    withdrawn: bool = False
    recorded: int = 0
    over: str = ""
    carried: bool = False


class Rule:
    """A target made ready for judging many values.

    ``low``/``high`` bound what is on target (None: that side is free), ``near_low``/``near_high``
    what is at least near; ``fast_low``/``fast_high`` are reached by a miss as large as the fast
    lane's gap. ``scale`` is what a miss is measured by: |target|, or a range's width.
    """

    __slots__ = (
        "direction",
        "effective",
        "fast_high",
        "fast_low",
        "fast_patience",
        "high",
        "low",
        "near_high",
        "near_low",
        "patience",
        "recovery",
        "scale",
        "source",
    )

    def __init__(self, direction: str, source: Target, patience: int, recovery: int) -> None:
        self.source = source
        self.direction = direction
        self.effective = source.effective
        self.patience = patience if source.patience is None else source.patience
        self.recovery = recovery if source.recovery is None else source.recovery
        self._bound(direction, source)
        tolerance = self._tolerance(source)
        low, high = self.low, self.high
        self.near_low = EXACT.subtract(low, tolerance) if low is not None and tolerance else low
        self.near_high = EXACT.add(high, tolerance) if high is not None and tolerance else high
        self.fast_low: Decimal | None = None
        self.fast_high: Decimal | None = None
        self.fast_patience = source.fast_patience
        if source.fast_gap is not None:
            self._bound_fast_lane(source.fast_gap)

    def _bound(self, direction: str, source: Target) -> None:
        self.low: Decimal | None = None
        self.high: Decimal | None = None
        if direction == _RANGE:
            if source.low is None or source.high is None or source.low > source.high:
                raise ValueError("a range needs a low bound and a high one that is not below it")
            self.low, self.high = source.low, source.high
            self.scale = EXACT.subtract(source.high, source.low)
            return
        if source.target is None:
            raise ValueError("a target needs a value unless it is withdrawn")
        self.scale = source.target.copy_abs()
        if direction == _LOWER:
            self.high = source.target
        elif direction == _HIGHER:
            self.low = source.target
        else:
            raise ValueError(f"unknown direction {direction!r}")

    def _tolerance(self, source: Target) -> Decimal:
        if source.tolerance_pct is None:
            return source.tolerance or ZERO
        if source.tolerance is not None:
            raise ValueError("a tolerance is either absolute or in per cent")
        return EXACT.multiply(self.scale, source.tolerance_pct).scaleb(-2, EXACT)

    def _bound_fast_lane(self, gap: Decimal) -> None:
        if self.fast_patience is None:
            raise ValueError("a fast lane has a gap and a patience")
        self.fast_low = None if self.low is None else EXACT.subtract(self.low, gap)
        self.fast_high = None if self.high is None else EXACT.add(self.high, gap)

    def distance(self, value: Decimal) -> Decimal:
        """How far a value is off, in the KPI's unit; 0 on the target, never below."""
        if self.high is not None and value > self.high:
            return EXACT.subtract(value, self.high)
        if self.low is not None and value < self.low:
            return EXACT.subtract(self.low, value)
        return ZERO

    def status(self, value: Decimal) -> str:
        """on_target, near_target or off_target; the bounds themselves belong to the better side."""
        high, low = self.high, self.low
        if high is not None and value > high:
            return NEAR_TARGET if value <= self.near_high else OFF_TARGET  # type: ignore[operator]
        if low is not None and value < low:
            return NEAR_TARGET if value >= self.near_low else OFF_TARGET  # type: ignore[operator]
        return ON_TARGET

    def is_fast(self, value: Decimal) -> bool:
        """Is the miss at least as large as the fast lane's gap? False without a fast lane."""
        return (self.fast_high is not None and value >= self.fast_high) or (
            self.fast_low is not None and value <= self.fast_low
        )

    @property
    def base(self) -> Rule:
        """The rule as the target states it; this one may be its share for one period."""
        return self

    def own(self, value: Decimal | None) -> Decimal | None:
        """The period's own value; what is judged may be a running total."""
        return value

    def projected(self, value: Decimal) -> Decimal:
        """A judged value in the terms of the target as it is stated."""
        return value

    def miss(self, value: Decimal) -> Decimal | None:
        """Distance by |target| or by the range's width, for the severity; None where that is 0."""
        return QUOTIENT.divide(self.distance(value), self.scale) if self.scale else None


class Targets:
    """The whole history of a KPI's target, ready for look-up by date."""

    __slots__ = ("effective", "rules", "windows")

    def __init__(self, effective: Sequence[date], rules: Sequence[Rule | None]) -> None:
        self.effective = effective
        self.rules = rules
        # The kinds of window the targets accumulate over; nearly always none.
        self.windows = tuple(sorted({r.source.over for r in rules if r and r.source.over}))

    def in_force(self, first_day: date) -> Rule | None:
        """The rule of the period that starts on ``first_day``; None: none yet, or withdrawn."""
        place = bisect_right(self.effective, first_day)
        return self.rules[place - 1] if place else None

    def would_miss(self, raised: date, start: date, value: Decimal) -> bool:
        """Would the target in force on ``raised`` find the period off target? ``value`` is what
        was judged of the period that starts on ``start``."""
        rule = self.in_force(raised)
        return rule is not None and rule.status(value) == OFF_TARGET

    def carried(self, start: date) -> str:
        """What a checkpoint keeps besides the counters after the period that starts then."""
        return ""


NO_TARGETS = Targets((), ())


def compile_targets(
    direction: str, history: Sequence[Target], *, patience: int, recovery: int
) -> Targets:
    """Make a target history ready. ``patience`` and ``recovery`` are the KPI's own N and M.

    Entries may come in any order; of one effective date the one ``recorded`` last counts (of equal
    ones the last given). ValueError: an entry lacks its numbers or contradicts itself.
    """
    direction = str(direction)
    if len(history) == 1:
        only = history[0]
        rule = None if only.withdrawn else Rule(direction, only, patience, recovery)
        return Targets((only.effective,), (rule,))
    latest = {entry.effective: entry for entry in sorted(history, key=lambda one: one.recorded)}
    ordered = [latest[day] for day in sorted(latest)]
    return Targets(
        [entry.effective for entry in ordered],
        [
            None if entry.withdrawn else Rule(direction, entry, patience, recovery)
            for entry in ordered
        ],
    )


def period_status(
    period: Period,
    value: Decimal | None,
    rule: Rule | None,
    *,
    excluded: bool,
    grace_days: int,
    settle_days: int,
    today: date,
) -> str:
    """The status of a period at one moment, in the order of signals.md 6.

    ``today`` is `periods.reckoned_day` of that moment; ``rule`` is the one in force on the
    period's first day.
    """
    if today < period.end:
        return OPEN
    if excluded:
        return EXCLUDED
    wait = grace_days if value is None else settle_days
    if wait and today < period.end + timedelta(days=wait):
        return AWAITING
    if value is None:
        return MISSING
    return NO_TARGET if rule is None else rule.status(value)
