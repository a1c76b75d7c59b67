"""Everything typed into the grid, kept as single entries would be, all or none."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import NamedTuple
from uuid import UUID

from django.db import transaction

from metrics.actions import ValueChanged, fill_missed
from metrics.models import Kpi, Measurement
from metrics.periods import Period
from objectives.actions.check_ins import record_check_in
from objectives.actions.history import Changed
from objectives.models import KeyResult
from teams.models import User


class ValueEntry(NamedTuple):
    """The values of a KPI's periods that had none, in its unit."""

    kpi: Kpi
    values: tuple[tuple[Period, Decimal], ...]


class CheckInEntry(NamedTuple):
    """What is said of a key result; `token` and `version` as in `record_check_in`."""

    key_result: KeyResult
    value: Decimal | None
    confidence: int
    note: str
    token: UUID
    version: int


class GridConflict(Exception):
    """Somebody else wrote one of the rows meanwhile; nothing of the grid was kept.

    `current` is what stands now: a value (None if it was withdrawn), or the key result.
    """

    def __init__(
        self, entry: ValueEntry | CheckInEntry, current: Measurement | KeyResult | None
    ) -> None:
        super().__init__("changed meanwhile")
        self.entry = entry
        self.current = current


@transaction.atomic
def save_grid(
    entries: Sequence[ValueEntry | CheckInEntry], *, actor: User, now: datetime
) -> tuple[int, int]:
    """Record values and check-ins together; return how many of each.

    The same form twice is kept once. Raises GridConflict where somebody was first, and MoveRefused
    as `record_check_in`; then nothing is kept.
    """
    values = check_ins = 0
    for entry in _in_lock_order(entries):
        if isinstance(entry, ValueEntry):
            values += _fill(entry, actor, now)
        else:
            _check_in(entry, actor, now)
            check_ins += 1
    return values, check_ins


def _in_lock_order(
    entries: Sequence[ValueEntry | CheckInEntry],
) -> list[ValueEntry | CheckInEntry]:
    """Values by KPI, then check-ins by key result, so that two grids never wait for each other."""
    return sorted(
        entries,
        key=lambda one: (0, one.kpi.pk) if isinstance(one, ValueEntry) else (1, one.key_result.pk),
    )


def _fill(entry: ValueEntry, actor: User, now: datetime) -> int:
    try:
        return len(fill_missed(entry.kpi, entry.values, actor=actor, now=now))
    except ValueChanged as changed:
        raise GridConflict(entry, changed.current) from None


def _check_in(entry: CheckInEntry, actor: User, now: datetime) -> None:
    try:
        record_check_in(
            entry.key_result,
            value=entry.value,
            confidence=entry.confidence,
            note=entry.note,
            token=entry.token,
            version=entry.version,
            author=actor,
            now=now,
        )
    except Changed as changed:
        raise GridConflict(entry, changed.current) from None
