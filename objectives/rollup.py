"""From key results to an objective, from objectives to a team (product.md 2.6). Pure.

A weight of 0 takes a key result out of every mean; its status and the lowest confidence still show,
since somebody is looking after it. What was withdrawn is left out by the caller.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal

from objectives.kinds import Health

# Worst first. Silence is never better than a figure: stale and no data stand before on track.
SEVERITY = (
    Health.AT_RISK,
    Health.OVERDUE,
    Health.STALE,
    Health.BEHIND,
    Health.NO_DATA,
    Health.ON_TRACK,
    Health.ACHIEVED,
    Health.NOT_STARTED,
)
_RANK = {health: rank for rank, health in enumerate(SEVERITY)}


def weighted_mean(parts: Iterable[tuple[Decimal, Decimal]]) -> Decimal | None:
    """Σw·p / Σw of (weight, share); None when the weights add up to nothing, never 0."""
    total = weight_sum = Decimal(0)
    for weight, share in parts:
        total += weight * share
        weight_sum += weight
    return total / weight_sum if weight_sum else None


def objective_progress(parts: Iterable[tuple[Decimal, Decimal | None]]) -> Decimal | None:
    """The progress 0..1 of an objective from (weight, ratio); None as ratio counts for nothing."""
    return weighted_mean((weight, ratio) for weight, ratio in parts if ratio is not None)


def worst(statuses: Iterable[Health]) -> Health | None:
    """The worst of the statuses that can be compared; None without one."""
    known = [status for status in statuses if status in _RANK]
    return min(known, key=_RANK.__getitem__) if known else None


def team_progress(objectives: Sequence[Decimal | None]) -> Decimal | None:
    """The plain mean of objectives' progress; those without any count for nothing."""
    known = [share for share in objectives if share is not None]
    return sum(known, Decimal(0)) / len(known) if known else None


def confidence(parts: Iterable[tuple[Decimal, int | None]]) -> tuple[Decimal, int] | None:
    """Weighted mean and minimum of (weight, confidence 0..10); None when nobody has said."""
    said = [(weight, Decimal(value)) for weight, value in parts if value is not None]
    mean = weighted_mean(said)
    return None if mean is None else (mean, int(min(value for _, value in said)))
