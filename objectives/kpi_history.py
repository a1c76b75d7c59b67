"""The last judged periods of a KPI as its state row keeps them, read for progress and proposals."""

from __future__ import annotations

import json
from decimal import Decimal


def recent_statuses(recent: str) -> list[str]:
    """The statuses of the last judged periods, oldest first."""
    return [row[2] for row in json.loads(recent or "[]")]


def recent_values(recent: str) -> list[Decimal]:
    """The values of the last judged periods that have one, oldest first, in the KPI's unit."""
    return [Decimal(row[1]) for row in json.loads(recent or "[]") if row[1] is not None]
