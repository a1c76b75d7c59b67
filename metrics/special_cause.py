"""Signal or noise: natural process limits and special causes, the XmR chart of signals.md 11.

A series is the values of neighbouring periods in order, from the KPI's start or its last rebase,
with None for a period without a value. Values are Decimals in the KPI's unit. Holes are skipped by
the rules, but a moving range never spans one.

A mean has often no end. Everything is computed with 60 digits whatever the thread's own context is,
and then cut to 34, so that a limit that has an end is that number and "strictly outside" is strict.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Context, Decimal, localcontext

from metrics.kinds import Assurance, Direction
from metrics.values import EXACT, QUOTIENT

BASELINE = 12
TRIAL = 6
LIMIT_FACTOR = Decimal("2.66")
RANGE_FACTOR = Decimal("3.268")
RUN = 8

_WIDE = Context(prec=60)
_HALF = Context(prec=30)

OUTSIDE = 1
EIGHT_ON_A_SIDE = 2
THREE_OF_FOUR = 3


@dataclass(frozen=True, slots=True)
class Limits:
    """Natural process limits; all in the KPI's unit.

    `is_locked` is False while they are on trial (6 to 11 values): drawn, nothing raised. `last` is
    the position of the last value of the baseline. `is_cut` tells that a natural floor or ceiling
    shortened them.
    """

    mean: Decimal
    mean_range: Decimal
    lower: Decimal
    upper: Decimal
    upper_range: Decimal
    is_locked: bool
    is_cut: bool
    last: int

    @property
    def half_lower(self) -> Decimal:
        """The line half-way from the mean to the lower limit."""
        return _HALF.divide(EXACT.add(self.mean, self.lower), Decimal(2))

    @property
    def half_upper(self) -> Decimal:
        """The line half-way from the mean to the upper limit."""
        return _HALF.divide(EXACT.add(self.mean, self.upper), Decimal(2))


@dataclass(frozen=True, slots=True)
class Mark:
    """One value that completes a special cause.

    `rules` holds 1 (outside the limits), 2 (eighth or later in a row on one side of the mean) and
    3 (it and two of the three before beyond half-way). `side` is 1 above the mean, -1 below;
    `favour` is 1 favourable, -1 unfavourable, 0 for a range.
    """

    position: int
    rules: tuple[int, ...]
    side: int
    favour: int


def natural_limits(
    series: Sequence[Decimal | None],
    *,
    floor: Decimal | None = None,
    ceiling: Decimal | None = None,
    baseline: int = BASELINE,
) -> Limits | None:
    """Return the limits of the first `baseline` values; None with fewer than six of them.

    None as well while no two values stand in neighbouring periods, since nothing varies measurably.
    """
    positions = [at for at, value in enumerate(series) if value is not None][:baseline]
    if len(positions) < min(TRIAL, baseline):
        return None
    values = [series[at] for at in positions]
    ranges = [found for at in positions if (found := _moving_range(series, at)) is not None]
    if not ranges:
        return None
    with localcontext(_WIDE):
        whole_mean = sum(values) / len(values)
        whole_range = sum(ranges) / len(ranges)
        reach = LIMIT_FACTOR * whole_range
        exact = (whole_mean, whole_range, whole_mean - reach, whole_mean + reach)
        mean, mean_range, lower, upper = (QUOTIENT.plus(number) for number in exact)
        upper_range = QUOTIENT.plus(RANGE_FACTOR * whole_range)
    cut_lower = lower if floor is None else min(max(lower, floor), mean)
    cut_upper = upper if ceiling is None else max(min(upper, ceiling), mean)
    return Limits(
        mean=mean,
        mean_range=mean_range,
        lower=cut_lower,
        upper=cut_upper,
        upper_range=upper_range,
        is_locked=len(positions) == baseline,
        is_cut=cut_lower != lower or cut_upper != upper,
        last=positions[-1],
    )


def _moving_range(series: Sequence[Decimal | None], at: int) -> Decimal | None:
    """Return how far a value is from its neighbour's; None at a hole and after one."""
    if at < 1 or series[at] is None or series[at - 1] is None:
        return None
    return EXACT.subtract(series[at], series[at - 1]).copy_abs()


def special_causes(
    series: Sequence[Decimal | None], limits: Limits | None, direction: str
) -> list[Mark]:
    """Return the values after the baseline that complete a special cause, in order.

    The runs that such a value completes may begin inside the baseline. Nothing without locked
    limits.
    """
    if limits is None or not limits.is_locked:
        return []
    half_low, half_high = limits.half_lower, limits.half_upper
    marks: list[Mark] = []
    run_side = run = 0
    beyond: list[int] = []
    for at, value in enumerate(series):
        if value is None:
            continue
        side = (value > limits.mean) - (value < limits.mean)
        run = run + 1 if side == run_side else 1
        run_side = side
        far = 1 if value > half_high else -1 if value < half_low else 0
        beyond = [*beyond[-3:], far]
        rules = []
        if not limits.lower <= value <= limits.upper:
            rules.append(OUTSIDE)
        if side and run >= RUN:
            rules.append(EIGHT_ON_A_SIDE)
        if far and beyond.count(far) >= 3:
            rules.append(THREE_OF_FOUR)
        if rules and at > limits.last:
            marks.append(Mark(at, tuple(rules), side, favour(side, direction)))
    return marks


def favour(side: int, direction: str) -> int:
    """Return 1 if a shift to this side (1 up, -1 down) is favourable, -1 if not, 0 for a range."""
    if direction == Direction.RANGE:
        return 0
    return side if direction == Direction.HIGHER else -side


def wide_ranges(series: Sequence[Decimal | None], limits: Limits | None) -> list[int]:
    """Return the positions whose moving range lies above the upper range limit, for the chart."""
    if limits is None:
        return []
    return [
        at
        for at in range(1, len(series))
        if (found := _moving_range(series, at)) is not None and found > limits.upper_range
    ]


def assurance(
    limits: Limits | None,
    direction: str,
    *,
    target: Decimal | None = None,
    low: Decimal | None = None,
    high: Decimal | None = None,
) -> Assurance:
    """Return whether the process as it is can meet the target.

    Capable: both limits on target, the edge included. Incapable: both beyond it on the bad side.
    Unknown without locked limits or without a target.
    """
    has_target = (
        (low is not None and high is not None)
        if direction == Direction.RANGE
        else (target is not None)
    )
    if limits is None or not limits.is_locked or not has_target:
        return Assurance.UNKNOWN
    if direction == Direction.LOWER:
        low, high = None, target
    elif direction == Direction.HIGHER:
        low, high = target, None
    if (low is None or limits.lower >= low) and (high is None or limits.upper <= high):
        return Assurance.CAPABLE
    if (high is not None and limits.lower > high) or (low is not None and limits.upper < low):
        return Assurance.INCAPABLE
    return Assurance.HIT_OR_MISS


def assurance_note(verdict: str, *, is_off: bool = True, has_shift: bool = False) -> str:
    """Return what an assurance means for the answer to a raise; empty when unknown.

    `is_off`: the KPI has a streak to speak of. `has_shift`: a special cause stands after the
    baseline, so the streak is more than chance and the limits describe a process that was.
    """
    known = Assurance(verdict)
    if known == Assurance.UNKNOWN:
        return ""
    if has_shift:
        return "The limits are those before the shift: look for what changed."
    if known == Assurance.CAPABLE:
        advice = ": look for what changed." if is_off else "."
        return f"The process can meet its target{advice}"
    if known == Assurance.INCAPABLE:
        return "The process as it is cannot meet its target: changing it is the right answer."
    chance = "the streak may be chance, and only a change of the process will move it"
    both = "values will fall on both sides of it by chance"
    return f"The target lies inside the natural limits: {chance if is_off else both}."
