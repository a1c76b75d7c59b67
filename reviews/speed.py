"""How long a signal waited for its first decision. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from decimal import Decimal
from statistics import median

_TICK = timedelta(microseconds=1)
_TICKS_A_DAY = timedelta(days=1) // _TICK


def days_to_decision(opened_at: datetime, decided_at: datetime | None) -> Decimal | None:
    """From opened to the first decision in days, parts of one included, 0 or more; None without."""
    if decided_at is None:
        return None
    ticks = max((decided_at - opened_at) // _TICK, 0)
    return Decimal(ticks) / _TICKS_A_DAY


def median_days(days: Iterable[Decimal | None]) -> Decimal | None:
    """The middle of those that were decided, the mean of two middle ones; None where none was."""
    found = [one for one in days if one is not None]
    return median(found) if found else None
