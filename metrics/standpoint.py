"""Where a KPI stands, for its heading and its row on the scorecard: a state and its age.

Pure. The state is what the data say; an answer to it ("being addressed", "accepted") stands beside
it and never replaces it (product.md 2.7).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from metrics.kinds import PeriodStatus
from metrics.models import Kpi
from metrics.wording import periods

ON, NEAR, OFF = (
    PeriodStatus.ON_TARGET.value,
    PeriodStatus.NEAR_TARGET.value,
    PeriodStatus.OFF_TARGET.value,
)
NO_TARGET = PeriodStatus.NO_TARGET.value
MISSING = PeriodStatus.MISSING.value
HAS_VALUE = frozenset({ON, NEAR, OFF, NO_TARGET})

# What colours a sparkline and a dot, by state.
SPARK_STATES = {
    ON: "on",
    NEAR: "near",
    OFF: "off",
    "stale": "stale",
    "informative": "info",
    "no_data": "info",
}


class Standpoint(NamedTuple):
    """`state` is a key of `figures.marks.LOOKS`; `age` is empty where it says nothing."""

    state: str
    age: str = ""

    @property
    def spark(self) -> str:
        """How the sparkline is coloured."""
        return SPARK_STATES[self.state]


def standpoint(
    statuses: Sequence[str], cadence: str | None, *, is_stale: bool, is_judged: bool = True
) -> Standpoint:
    """Return where a KPI stands from the statuses of its closed periods, oldest first.

    `is_judged` False: one of the four essentials is missing, so nothing is said but that.
    """
    if not any(status in HAS_VALUE for status in statuses) and not is_stale:
        return Standpoint("no_data")
    if not is_judged or cadence is None:
        return Standpoint("informative")
    if is_stale:
        return Standpoint("stale", f"{periods(trailing_missing(statuses), cadence)} missing")
    judged = [status for status in statuses if status in HAS_VALUE]
    if judged[-1] == NO_TARGET:
        return Standpoint("informative")
    if judged[-1] == ON:
        return Standpoint(ON)
    return Standpoint(judged[-1], periods(_run(judged), cadence))


def trailing_missing(statuses: Sequence[str]) -> int:
    """How many judged periods at the end have no value; excluded and waiting ones are skipped."""
    count = 0
    for status in reversed(statuses):
        if status in HAS_VALUE:
            break
        count += status == MISSING
    return count


def _run(statuses: Sequence[str]) -> int:
    """How many at the end are the same."""
    count = 0
    for status in reversed(statuses):
        if status != statuses[-1]:
            break
        count += 1
    return count


def missing_essentials(kpi: Kpi, *, has_target: bool) -> list[str]:
    """The essentials a metric lacks to be a KPI, in the words of the page."""
    essentials = {
        "definition": bool(kpi.definition.strip()),
        "target": has_target,
        "source": kpi.source_id is not None,
        "cadence": kpi.cadence_id is not None,
    }
    return [name for name, is_there in essentials.items() if not is_there]
