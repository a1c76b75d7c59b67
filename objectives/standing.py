"""Where key results and objectives stand today, worked out from loaded rows. No query, no clock.

The rows come from `ObjectiveQuerySet.with_parts()` or `KeyResultQuerySet.with_parts()`: the value
of a key result that follows its KPI is read down from the KPI's state, never written up.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from metrics.evaluation.recent import parse_recent
from metrics.kinds import PeriodStatus
from objectives import pace, progress, rollup, status
from objectives.kinds import CHANGES, Health, KeyResultKind
from objectives.models import CheckIn, KeyResult, Objective
from objectives.states import ENDED, ObjectiveState


@dataclass(frozen=True, slots=True)
class KeyResultStanding:
    """One key result today. `value` is in its unit; None where nothing was measured yet.

    `expected` (0..1) is None for a hold or an open one, which have no straight pace. `run` is how
    many of a hold's periods are on target in a row. `last` is the latest check-in that stands.
    """

    key_result: KeyResult
    value: Decimal | None
    progress: progress.Progress | None
    expected: Decimal | None
    health: Health
    run: int | None = None
    last: CheckIn | None = None
    check_ins: tuple[CheckIn, ...] = ()
    is_late_start: bool = False

    @property
    def ratio(self) -> Decimal | None:
        """Progress 0..1, None where there is nothing to measure."""
        return self.progress.ratio if self.progress else None

    @property
    def confidence(self) -> int | None:
        """The confidence 0..10 last given, None when nobody has said."""
        return self.last.confidence if self.last else None


@dataclass(frozen=True, slots=True)
class ObjectiveStanding:
    """One objective today: its key results and what they add up to."""

    objective: Objective
    key_results: tuple[KeyResultStanding, ...]
    progress: Decimal | None
    expected: Decimal | None
    health: Health
    confidence: Decimal | None
    lowest_confidence: int | None


def standing_check_ins(key_result: KeyResult) -> tuple[CheckIn, ...]:
    """The check-ins that were not replaced or taken back, oldest due day first."""
    rows = list(key_result.check_ins.all())
    replaced = {row.corrects_id for row in rows}
    standing = (row for row in rows if row.pk not in replaced and not row.is_retraction)
    return tuple(sorted(standing, key=lambda row: (row.due_on, row.made_at, row.pk)))


def key_result_standing(
    key_result: KeyResult, objective: Objective, today: date
) -> KeyResultStanding:
    """Where one key result stands; `today` is the date in the organisation's zone."""
    check_ins = standing_check_ins(key_result)
    last = check_ins[-1] if check_ins else None
    value, run = measured(key_result, last)
    way = way_gone(key_result, value, run)
    expected = _expected(key_result, objective, today)
    starts_on = objective.starts_on or objective.cycle.starts_on
    left = _hold_left(key_result, objective)
    last_on = said_on(last, objective)
    health = status.status_of(
        status.Facts(
            today=today,
            starts_on=starts_on,
            ends_on=objective.cycle.ends_on,
            progress=way,
            expected=expected,
            hold=None if run is None else status.hold_band(run, key_result.hold_periods, left),
            has_data=way is not None and (value is not None or run is not None),
            is_stale=_is_stale(key_result, last_on, today),
            is_closed=objective.state in ENDED,
            is_withdrawn=key_result.withdrawn_at is not None,
        )
    )
    late = status.is_late_start(last_on, starts_on, today) and not follows(key_result)
    return KeyResultStanding(key_result, value, way, expected, health, run, last, check_ins, late)


def said_on(check_in: CheckIn | None, objective: Objective) -> date | None:
    """The local date of a check-in; None without one."""
    return objective.team.organisation.today(check_in.made_at) if check_in else None


def follows(key_result: KeyResult) -> bool:
    """True when the value comes from the KPI and nobody types it."""
    return key_result.kpi_id is not None and (
        key_result.kpi_follows or key_result.kind == KeyResultKind.HOLD
    )


def measured(key_result: KeyResult, last: CheckIn | None) -> tuple[Decimal | None, int | None]:
    """(value, run of a hold): frozen ones after the close, else the KPI's, else what was said."""
    if key_result.final_progress is not None or key_result.grade is not None:
        return key_result.final_value, _final_run(key_result)
    if not follows(key_result):
        return (last.value if last else None), None
    recent = parse_recent(key_result.kpi.state.recent)
    run = None
    if key_result.kind == KeyResultKind.HOLD:
        kpi = key_result.kpi
        max_gap = progress.gap_allowed(kpi.missing_policy, kpi.max_gap)
        run = progress.run_length((period.status for period in recent), max_gap)
    # The last period may have none, or be excluded; what it stood at before is what is known.
    counted = (p.value for p in reversed(recent) if p.status != PeriodStatus.EXCLUDED)
    return next((value for value in counted if value is not None), None), run


def _final_run(key_result: KeyResult) -> int | None:
    """The run of a hold as it was frozen: its progress times the periods it needed, whole."""
    if key_result.kind != KeyResultKind.HOLD or key_result.final_progress is None:
        return None
    return int(key_result.final_progress * key_result.hold_periods + Decimal("0.5"))


def way_gone(
    key_result: KeyResult, value: Decimal | None, run: int | None
) -> progress.Progress | None:
    """The progress of one key result; None where there is nothing to measure."""
    if key_result.kind in CHANGES:
        return progress.change(key_result.baseline, key_result.target, value)
    if key_result.kind == KeyResultKind.HOLD:
        return progress.hold(run, key_result.hold_periods)
    return None


def _expected(key_result: KeyResult, objective: Objective, today: date) -> Decimal | None:
    """The pace of a change; a hold and an open key result have none."""
    if key_result.kind not in CHANGES:
        return None
    return objective_expected(objective, today)


def objective_expected(objective: Objective, today: date) -> Decimal:
    """The progress 0..1 expected of an objective today."""
    starts_on = objective.starts_on or objective.cycle.starts_on
    gone = pace.elapsed(today, starts_on, objective.cycle.ends_on)
    return pace.expected(gone, objective.ambition)


def _hold_left(key_result: KeyResult, objective: Objective) -> int:
    """How many periods can still be judged before the cycle ends; 0 for other kinds."""
    if key_result.kind != KeyResultKind.HOLD or key_result.kpi.cadence is None:
        return 0
    starts_on = objective.starts_on or objective.cycle.starts_on
    return status.periods_left(
        key_result.kpi.state.latest_on,
        starts_on,
        objective.cycle.ends_on,
        key_result.kpi.cadence.kind,
        objective.team.organisation.fiscal_start_month,
    )


def _is_stale(key_result: KeyResult, last_on: date | None, today: date) -> bool:
    """Stale: the KPI it follows fell silent, or nobody has checked in for a week and the grace."""
    if key_result.kind == KeyResultKind.OPEN:
        return False
    if follows(key_result):
        return key_result.kpi.state.is_stale
    return status.is_check_in_stale(last_on, today)


def objective_standing(objective: Objective, today: date) -> ObjectiveStanding:
    """Where an objective stands: weighted progress, worst status, mean and lowest confidence."""
    rows = tuple(key_result_standing(row, objective, today) for row in objective.key_results.all())
    counted = [row for row in rows if row.key_result.withdrawn_at is None]
    measurable = [row for row in counted if row.key_result.kind != KeyResultKind.OPEN]
    shares = [(row.key_result.weight, row.ratio) for row in counted]
    said = rollup.confidence([(row.key_result.weight, row.confidence) for row in counted])
    mean, lowest = said or (None, None)
    return ObjectiveStanding(
        objective,
        rows,
        rollup.objective_progress(shares),
        objective_expected(objective, today),
        _objective_health(objective, measurable),
        mean,
        lowest,
    )


def _objective_health(objective: Objective, rows: list[KeyResultStanding]) -> Health:
    """The worst of its key results; what nothing measures has no data."""
    if objective.state == ObjectiveState.CLOSED:
        return Health.CLOSED
    if objective.state == ObjectiveState.WITHDRAWN:
        return Health.WITHDRAWN
    return rollup.worst(row.health for row in rows) or Health.NO_DATA
