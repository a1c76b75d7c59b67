"""What an edit would do to the KPI's signals, in sentences, before it is saved."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from metrics.models import Kpi
from metrics.periods import Period


def value_effects(kpi: Kpi, period: Period, value: Decimal | None, now: datetime) -> list[str]:
    """What another value (None: none) for a period would do."""
    return []


def exclusion_effects(
    kpi: Kpi, period: Period, now: datetime, *, is_excluding: bool
) -> list[str]:
    """What excluding a period, or judging it again, would do."""
    return []


def target_effects(kpi: Kpi, change: dict[str, Any], now: datetime) -> list[str]:
    """What another target would do; `change` is what `revise_target` takes."""
    return []


def withdrawal_effects(kpi: Kpi, effective_on: date, now: datetime) -> list[str]:
    """What ending the judging on a day would do."""
    return []
