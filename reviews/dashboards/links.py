"""The links between the two lenses: which objectives answer or are measured by a KPI. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import NamedTuple

from objectives.standing import KeyResultStanding, ObjectiveStanding


class Link(NamedTuple):
    """An objective tied to a KPI: it answers the KPI's signal, or `row` is measured by the KPI."""

    objective: ObjectiveStanding
    row: KeyResultStanding | None

    @property
    def answers(self) -> bool:
        """True where the objective answers a signal of the KPI."""
        return self.row is None


def links_of_kpis(standings: Iterable[ObjectiveStanding], signal_kpis: dict[int, int]) -> dict:
    """The links of each KPI, by its id; `signal_kpis` is the KPI of each signal.

    An objective that answers a signal stands once, its key results on other KPIs apart.
    """
    found: dict[int, list[Link]] = defaultdict(list)
    for one in standings:
        answered = signal_kpis.get(one.objective.signal_id)
        if answered is not None:
            found[answered].append(Link(one, None))
        for row in one.key_results:
            kpi_id = row.key_result.kpi_id
            if row.counts and kpi_id is not None and kpi_id != answered:
                found[kpi_id].append(Link(one, row))
    return dict(found)
