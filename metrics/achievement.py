"""How much of a target was reached, as a share (product.md 2.7). Pure.

    higher is better   v / T          96 of 100 is 0.96
    lower is better    2 - v / T      8.3 where at most 8.5 is wanted is 1.02

For people who think in per cent of a target. It says nothing below or at zero, of a range it says
nothing at all, and no status rests on it: that goes by the distance.
"""

from __future__ import annotations

from decimal import Decimal

from metrics.kinds import Direction
from metrics.values import QUOTIENT

_TWO = Decimal(2)


def achievement(value: Decimal | None, target: Decimal | None, direction: str) -> Decimal | None:
    """The share reached, 1 is the target itself; below 0 for more than twice a ceiling.

    None without a value or a target, for a range, and unless the target is above 0 and the value
    not below it.
    """
    if value is None or target is None or direction == Direction.RANGE:
        return None
    if target <= 0 or value < 0:
        return None
    share = QUOTIENT.divide(value, target)
    return QUOTIENT.subtract(_TWO, share) if direction == Direction.LOWER else share
