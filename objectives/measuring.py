"""What a key result measures: its value, and the way gone from it. No query, no clock.

Values are read down: what a person said in a check-in, or what the KPI's state says where the key
result follows it; after the close what was frozen.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from django.db.models import prefetch_related_objects

from metrics.evaluation.recent import RecentPeriod, parse_recent
from metrics.kinds import PeriodStatus
from objectives import progress, standards
from objectives.kinds import CHANGES, STANDARDS, KeyResultKind
from objectives.models import CheckIn, KeyResult, Objective
from objectives.progress import Kept, Progress


@dataclass(frozen=True, slots=True)
class Measured:
    """What is known of one key result. `value` is in its unit; None where nothing was measured.

    `run` is how many of a hold's periods are on target in a row; `values` those of a standard's
    closed periods and `kept` how many of them met it.
    """

    value: Decimal | None
    run: int | None = None
    values: standards.Values = ()
    kept: Kept | None = None
    is_frozen: bool = False


def follows(key_result: KeyResult) -> bool:
    """True when the value comes from the KPI and nobody types it."""
    return key_result.kpi_id is not None and (
        key_result.kpi_follows or key_result.kind == KeyResultKind.HOLD
    )


def parts_of(key_result: KeyResult, name: str) -> Sequence:
    """The loaded rows of a relation: its `check_ins`, `checkpoints` or `milestones`."""
    brief = key_result.__dict__.get(f"brief_{name}")
    return getattr(key_result, name).all() if brief is None else brief


def load_parts(key_result: KeyResult) -> None:
    """Load of one key result its check-ins, and what its kind alone has.

    What `KeyResultQuerySet.with_parts()` loads, at a fraction of the cost for a single row.
    """
    kind = key_result.kind
    names = ["check_ins"]
    if kind in CHANGES:
        names.append("checkpoints")
    elif kind == KeyResultKind.MILESTONES:
        names.append("milestones")
    loaded = {name: getattr(key_result, name).all() for name in names}
    for rows in loaded.values():
        len(rows)  # which loads them
    key_result._prefetched_objects_cache = loaded
    if kind in STANDARDS and follows(key_result):
        prefetch_related_objects([key_result], "judged_values")


def standing_check_ins(key_result: KeyResult) -> tuple[CheckIn, ...]:
    """The check-ins that were not replaced or taken back, oldest due day first.

    Of rows loaded `with_latest()` it is the last one only, unless the key result is a standard.
    """
    rows = list(parts_of(key_result, "check_ins"))
    if not rows:
        return (key_result.latest,) if key_result.latest_id else ()
    replaced = {row.corrects_id for row in rows}
    standing = (row for row in rows if row.pk not in replaced and not row.is_retraction)
    return tuple(sorted(standing, key=lambda row: (row.due_on, row.made_at, row.pk)))


def measured(
    key_result: KeyResult, objective: Objective, check_ins: Sequence[CheckIn], today: date
) -> Measured:
    """Frozen figures after the close, else the KPI's, else what was said."""
    if key_result.final_progress is not None or key_result.grade is not None:
        return Measured(key_result.final_value, _final_run(key_result), is_frozen=True)
    value, recent = check_ins[-1].value if check_ins else None, []
    if follows(key_result):
        recent = parse_recent(key_result.kpi.state.recent)
        value = _latest_of(recent)
    if key_result.kind in STANDARDS:
        is_kpi = follows(key_result)
        values = (
            standards.by_kpi(key_result, objective)
            if is_kpi
            else standards.by_hand(objective, check_ins, today)
        )
        return Measured(value, values=values, kept=progress.kept(aim_of(key_result), values))
    return Measured(value, _run(key_result, recent))


def _latest_of(recent: Sequence[RecentPeriod]) -> Decimal | None:
    """The last value known: the last period may have none, or be excluded."""
    counted = (p.value for p in reversed(recent) if p.status != PeriodStatus.EXCLUDED)
    return next((value for value in counted if value is not None), None)


def _run(key_result: KeyResult, recent: Sequence[RecentPeriod]) -> int | None:
    """The run of a hold's periods on target; None for every other kind."""
    if key_result.kind != KeyResultKind.HOLD:
        return None
    kpi = key_result.kpi
    if not recent:
        return None
    settings = kpi.settings_on(recent[-1].on)
    max_gap = progress.gap_allowed(settings.missing_policy, settings.max_gap)
    return progress.run_length((period.status for period in recent), max_gap)


def _final_run(key_result: KeyResult) -> int | None:
    """The run of a hold as it was frozen: its progress times the periods it needed, whole."""
    if key_result.kind != KeyResultKind.HOLD or key_result.final_progress is None:
        return None
    return int(key_result.final_progress * key_result.hold_periods + Decimal("0.5"))


def aim_of(key_result: KeyResult) -> progress.Aim:
    """What a standard asks of each period."""
    return progress.Aim(key_result.kind, key_result.target, key_result.low, key_result.high)


def way_gone(
    key_result: KeyResult, value: Decimal | None, run: int | None = None, kept: Kept | None = None
) -> Progress | None:
    """The progress of one key result; None where there is nothing to measure."""
    match key_result.kind:
        case KeyResultKind.INCREASE | KeyResultKind.DECREASE:
            return progress.change(key_result.baseline, key_result.target, value)
        case KeyResultKind.HOLD:
            return progress.hold(run, key_result.hold_periods)
        case KeyResultKind.YES_NO:
            return progress.yes_no(value)
        case KeyResultKind.MILESTONES:
            steps = parts_of(key_result, "milestones")
            return progress.milestones((s.weight, s.done_at is not None) for s in steps)
        case _:
            return kept.progress if kept else None


def way_of(key_result: KeyResult, found: Measured) -> Progress | None:
    """The progress of what was measured; a frozen one that cannot be reckoned again is as kept."""
    is_exact = key_result.kind in CHANGES or key_result.kind == KeyResultKind.HOLD
    if found.is_frozen and not is_exact:
        final = key_result.final_progress
        return None if final is None else Progress(final)
    return way_gone(key_result, found.value, found.run, found.kept)


def is_revised(key_result: KeyResult) -> bool:
    """True when somebody changed what it goes for after it was published."""
    return key_result.original_target is not None or key_result.original_baseline is not None


class Original(NamedTuple):
    """What a revised key result reached by what it went for at first."""

    progress: Progress | None
    kept: Kept | None = None


def original_of(key_result: KeyResult, found: Measured) -> Original | None:
    """By what it went for at first; None unless it was revised and can be measured so.

    Of a standard that is closed only the progress that was frozen is left.
    """
    if not is_revised(key_result):
        return None
    baseline = _first(key_result.original_baseline, key_result.baseline)
    target = _first(key_result.original_target, key_result.target)
    if key_result.kind in CHANGES and baseline != target:
        return Original(progress.change(baseline, target, found.value))
    if key_result.kind in STANDARDS and target is not None and not found.is_frozen:
        kept = progress.kept(aim_of(key_result)._replace(target=target), found.values)
        return Original(kept.progress, kept)
    return None


def _first(old: Decimal | None, new: Decimal | None) -> Decimal | None:
    return new if old is None else old
