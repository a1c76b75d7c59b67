"""The links between the two lenses: which objectives answer or are measured by a KPI. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import NamedTuple

from objectives.rolled_up import RowFact
from reviews.dashboards.goals import GoalFact


class Link(NamedTuple):
    """An objective tied to a KPI: it answers the KPI's signal, or `row` is measured by the KPI."""

    objective: GoalFact
    row: RowFact | None

    @property
    def answers(self) -> bool:
        """True where the objective answers a signal of the KPI."""
        return self.row is None


def links_of_kpis(
    goals: Iterable[GoalFact], rows: Iterable[RowFact], signal_kpis: dict[int, int]
) -> dict[int, list[Link]]:
    """The links of each KPI, by its id; `signal_kpis` is the KPI of each signal.

    An objective that answers a signal stands once, its key results on other KPIs apart.
    """
    tied: dict[int, list[RowFact]] = defaultdict(list)
    for row in rows:
        if row.kpi_id is not None:
            tied[row.objective_id].append(row)
    found: dict[int, list[Link]] = defaultdict(list)
    for one in goals:
        answered = signal_kpis.get(one.signal_id) if one.signal_id is not None else None
        if answered is not None:
            found[answered].append(Link(one, None))
        for row in tied.get(one.pk, ()):
            if row.kpi_id != answered:
                found[row.kpi_id].append(Link(one, row))
    return dict(found)
