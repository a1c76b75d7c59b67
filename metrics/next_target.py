"""Closing the loop: which target the KPI is watched against from now on (signals.md 13)."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_CEILING, ROUND_FLOOR, Context, Decimal

from django.db.models import TextChoices

from metrics.kinds import Direction
from metrics.numbers import MAX_SIGNIFICANT
from metrics.values import EXACT

# A target has at most 15 digits, but a mean of readings has often no end: it is cut towards the
# looser side, so that the value it was made of meets it.
_UP = Context(prec=MAX_SIGNIFICANT, rounding=ROUND_CEILING)
_DOWN = Context(prec=MAX_SIGNIFICANT, rounding=ROUND_FLOOR)


class Choice(TextChoices):
    """What a person may answer to the proposal."""

    KEEP = "keep", "Keep the target"
    TIGHTEN = "tighten", "Tighten to what was reached"
    OWN = "own", "Another value"


@dataclass(frozen=True, slots=True)
class Bounds:
    """A target: `target` alone, or `low` and `high` of a range, in the KPI's unit."""

    target: Decimal | None = None
    low: Decimal | None = None
    high: Decimal | None = None


def propose(
    values: Sequence[Decimal], recovery: int, direction: str, today: Bounds
) -> Bounds | None:
    """Return the worst of the last M values as target, never looser than today's.

    `values` are the judged ones in order, `recovery` is M. For a range the worst value is the one
    farthest from its middle, and both bounds move in to that distance, unless nothing
    would be left. It equals `today` when there is nothing to tighten. None without a target or with
    fewer than M values.
    """
    last = values[-recovery:]
    if len(last) < recovery:
        return None
    if direction == Direction.RANGE:
        return _tighter_range(last, today)
    if today.target is None:
        return None
    if direction == Direction.HIGHER:
        return Bounds(target=max(_DOWN.plus(min(last)), today.target))
    return Bounds(target=min(_UP.plus(max(last)), today.target))


def _tighter_range(values: Sequence[Decimal], today: Bounds) -> Bounds | None:
    """Return the range moved in around its middle to the farthest value."""
    if today.low is None or today.high is None:
        return None
    middle = EXACT.divide(EXACT.add(today.low, today.high), Decimal(2))
    reach = max(EXACT.subtract(value, middle).copy_abs() for value in values)
    if not reach or reach >= EXACT.subtract(today.high, middle):
        return today
    low, high = _DOWN.subtract(middle, reach), _UP.add(middle, reach)
    return Bounds(low=max(low, today.low), high=min(high, today.high))


def held(values: Sequence[Decimal], recovery: int, direction: str, today: Bounds) -> bool:
    """Tell whether the last M values are on target; the bounds themselves are."""
    last = values[-recovery:]
    if len(last) < recovery:
        return False
    if direction == Direction.RANGE:
        if today.low is None or today.high is None:
            return False
        return all(today.low <= value <= today.high for value in last)
    if today.target is None:
        return False
    if direction == Direction.HIGHER:
        return min(last) >= today.target
    return max(last) <= today.target


def decide(
    choice: str,
    *,
    today: Bounds,
    proposal: Bounds | None,
    own: Bounds | None = None,
    reason: str = "",
) -> Bounds | None:
    """Return the new target, in force from the next period; None if today's stays.

    Raises ValueError with a sentence for the form if the choice lacks what it needs: tightening a
    proposal, an own value the value itself and a reason.
    """
    choice = Choice(choice)
    if choice == Choice.TIGHTEN and proposal is None:
        raise ValueError("There is nothing to tighten to: the values did not hold.")
    if choice == Choice.OWN and (own is None or own == Bounds()):
        raise ValueError("Enter the new target.")
    if choice == Choice.OWN and not reason.strip():
        raise ValueError("Say why this target: it stays in the history.")
    chosen = {Choice.KEEP: today, Choice.TIGHTEN: proposal, Choice.OWN: own}[choice]
    return None if chosen == today else chosen
