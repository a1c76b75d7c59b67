"""Which sides of the work the KPIs watch: growth, retention, engagement, quality, finance. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from typing import NamedTuple

from metrics.kinds import Theme
from objectives.coach.coverage import covered
from reviews.dashboards.facts import KpiFact


class Cover(NamedTuple):
    """One theme: how many KPIs say that they tell of it, and how many only by their names."""

    theme: str
    label: str
    said: int
    by_name: int

    @property
    def total(self) -> int:
        """Both together; 0 means nobody watches it."""
        return self.said + self.by_name


@lru_cache(maxsize=20_000)
def _themes(name: str) -> tuple[str, ...]:
    """What a name tells of; names stay, and reading one costs more than all the rest."""
    return covered([name])


def coverage(kpis: Iterable[KpiFact]) -> list[Cover]:
    """Every theme; a KPI without one counts for those its name tells of."""
    said = dict.fromkeys(Theme.values, 0)
    by_name = dict.fromkeys(Theme.values, 0)
    for kpi in kpis:
        if kpi.theme:
            said[kpi.theme] += 1
            continue
        for theme in _themes(kpi.name):
            by_name[theme] += 1
    return [Cover(one.value, str(one.label), said[one], by_name[one]) for one in Theme]
