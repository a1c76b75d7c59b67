"""The closed periods of standards: at least, at most, within a range (product.md 2.1).

By hand a closed period is a due day that is past or answered. Where the key result follows a KPI it
is a judged period of that KPI inside the objective's span; one that was excluded is passed over.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

from metrics.evaluation import Window, parse_recent, values_within
from metrics.evaluation.recent import KEPT
from metrics.kinds import PeriodStatus
from metrics.periods import period_end
from objectives import rhythm
from objectives.kinds import STANDARDS

if TYPE_CHECKING:
    from objectives.models import CheckIn, KeyResult, Objective

_CACHE = "judged_values"
Values = tuple[Decimal | None, ...]


def by_hand(objective: Objective, check_ins: Sequence[CheckIn], today: date) -> Values:
    """The value said for each due day that is past or answered, None where nobody said one.

    `check_ins` are those that stand, in order; of several for one day the last counts.
    """
    weekday = objective.team.organisation.check_in_weekday
    ends_on = objective.cycle.ends_on
    said = {rhythm.due_from(row.due_on, objective.rhythm, weekday): row.value for row in check_ins}
    values = []
    due = rhythm.first_owed(objective.begins_on, ends_on, objective.rhythm, weekday)
    while due is not None:
        if due < today or due in said:
            values.append(said.get(due))
        due = rhythm.first_owed(due + rhythm.DAY, ends_on, objective.rhythm, weekday)
    return tuple(values)


def by_kpi(key_result: KeyResult, objective: Objective) -> Values:
    """The value of each judged period of the KPI inside the objective's span."""
    loaded = key_result.judged_values
    return loaded if loaded is not None else _recent(key_result, objective)


def _recent(key_result: KeyResult, objective: Objective) -> Values:
    """The same from the KPI's state row, which keeps its last periods only."""
    kpi = key_result.kpi
    since, until = objective.begins_on, objective.cycle.ends_on + rhythm.DAY
    return tuple(
        period.value
        for period in parse_recent(kpi.state.recent)
        if period.status != PeriodStatus.EXCLUDED
        and since <= period.on
        and period_end(period.on, kpi.cadence.kind) <= until
    )


def _reaches_back(key_result: KeyResult) -> bool:
    """True when the state row holds every judged period since the objective began."""
    recent = key_result.kpi.state.recent.split()
    return len(recent) < KEPT or recent[0][:10] <= str(key_result.objective.begins_on)


class JudgedValues:
    """Prefetched as `judged_values`: the periods of KPIs whose state rows do not reach back.

    Asked of one key result it is what was prefetched, None where its KPI's state row is enough.
    All are loaded at once, by a number of queries that does not grow with them.
    """

    def __get__(self, instance: KeyResult | None, owner: type) -> JudgedValues | Values | None:
        if instance is None:
            return self
        row = instance._state.fields_cache.get(_CACHE)
        return row[1] if row else None

    def is_cached(self, instance: KeyResult) -> bool:
        return _CACHE in instance._state.fields_cache

    def get_prefetch_querysets(self, instances: Iterable[KeyResult], querysets=None) -> tuple:
        """What Django's prefetching asks of a relation: rows, and how to match them."""
        windows = {
            row.pk: _window(row)
            for row in instances
            if row.kind in STANDARDS and row.kpi_follows and not _reaches_back(row)
        }
        values = values_within(list(windows.values()))
        rows = [(pk, tuple(values[window])) for pk, window in windows.items()]
        return rows, lambda row: row[0], lambda one: one.pk, True, _CACHE, False


def _window(key_result: KeyResult) -> Window:
    objective, state = key_result.objective, key_result.kpi.state
    until = objective.cycle.ends_on + rhythm.DAY
    return Window(key_result.kpi_id, objective.begins_on, until, state.watermark_on or until)
