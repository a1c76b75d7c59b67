"""Where a KPI and an OKR contradict each other, and where one KPI is won at another's cost. Pure.

The default advice is to trust the KPI: it is measured all year round, by a definition that was
there before anybody wanted it to look good.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from decimal import Decimal
from typing import NamedTuple

from metrics.kinds import Direction
from metrics.standpoint import OFF, ON
from metrics.suggestion import aim_note
from metrics.trend import slope
from metrics.wording import signed
from objectives.kinds import CHANGES, Health, KeyResultKind
from objectives.rolled_up import RowFact
from objectives.states import ObjectiveState
from reviews.dashboards.facts import KpiFact
from reviews.dashboards.goals import GoalFact

_GOING_WELL = frozenset({Health.ON_TRACK, Health.ACHIEVED})
_TROUBLE = frozenset({Health.AT_RISK})


class Conflict(NamedTuple):
    """A key result and its KPI that contradict each other, and how."""

    kpi: KpiFact
    row: RowFact
    objective: GoalFact
    words: str


class Tradeoff(NamedTuple):
    """A KPI that improves while its counterpart worsens; both rises are in units a period."""

    better: KpiFact
    worse: KpiFact
    gain: Decimal
    loss: Decimal

    @property
    def words(self) -> str:
        """Both slopes as printed."""
        up = signed(self.gain.quantize(Decimal("0.01")), self.better.unit)
        down = signed(self.loss.quantize(Decimal("0.01")), self.worse.unit)
        return f"{up} and {down} a period over the last six"


def conflicts(
    goals: Mapping[int, GoalFact], rows: Iterable[RowFact], kpis: Mapping[int, KpiFact]
) -> list[Conflict]:
    """The conflicts of the key results whose KPI the reader may see, one for each key result."""
    found = []
    for row in rows:
        kpi, one = kpis.get(row.kpi_id), goals.get(row.objective_id)  # type: ignore[arg-type]
        if kpi is None or one is None or one.state != ObjectiveState.ACTIVE:
            continue
        words = next(filter(None, _contradictions(row, kpi)), "")
        if words:
            found.append(Conflict(kpi, row, one, words))
    return found


def _contradictions(row: RowFact, kpi: KpiFact) -> Iterator[str]:
    """What speaks against each other, the plainest first; empty where nothing does."""
    aim = row.target
    if aim is not None and kpi.direction and kpi.target is not None and not kpi.target.accumulates:
        target = kpi.target
        yield aim_note(
            aim,
            kpi.direction,
            unit=kpi.unit,
            target=target.value,
            low=target.low,
            high=target.high,
        ) or _wrong_way(row, kpi)
    if row.health in _GOING_WELL and kpi.state == OFF and row.owes:
        yield "The key result says it goes well; the KPI is off target."
    if row.health in _TROUBLE and kpi.state == ON and row.kind in CHANGES:
        yield "The key result is at risk; the KPI is on target. Is the OKR still needed?"


def _wrong_way(row: RowFact, kpi: KpiFact) -> str:
    against = {
        Direction.HIGHER: KeyResultKind.DECREASE,
        Direction.LOWER: KeyResultKind.INCREASE,
    }.get(Direction(kpi.direction))
    if row.kind != against:
        return ""
    return "The key result goes the way that the KPI calls worse."


def improving(kpi: KpiFact) -> Decimal | None:
    """The slope of its last six periods, positive where that is better; None without two values.

    In the middle of a range no way is better.
    """
    rise = slope([one.value for one in kpi.history])
    if rise is None or kpi.direction == Direction.RANGE:
        return None
    return rise if kpi.direction == Direction.HIGHER else -rise


def tradeoffs(kpis: Collection[KpiFact]) -> list[Tradeoff]:
    """Pairs of which one improves while the other worsens; each pair once."""
    by_id = {one.pk: one for one in kpis}
    found, seen = [], set()
    for one in kpis:
        other = by_id.get(one.counterpart_id)
        pair = frozenset((one.pk, one.counterpart_id))
        if other is None or pair in seen:
            continue
        seen.add(pair)
        mine, theirs = improving(one), improving(other)
        if mine is None or theirs is None or mine * theirs >= 0:
            continue
        better, worse = (one, other) if mine > 0 else (other, one)
        found.append(Tradeoff(better, worse, _rise(better), _rise(worse)))
    return found


def _rise(kpi: KpiFact) -> Decimal:
    return slope([one.value for one in kpi.history]) or Decimal(0)
