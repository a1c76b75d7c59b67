"""Where key results and objectives stand today, worked out from loaded rows. No query, no clock.

The rows come from `ObjectiveQuerySet.with_parts()` or `with_latest()` (the history cut to the last
check-in), or from those of `KeyResultQuerySet` with the objective, its cycle and its team's
organisation.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from objectives import pace, rhythm, rollup, status
from objectives.kinds import CHANGES, STANDARDS, Health, KeyResultKind
from objectives.measuring import (
    Measured,
    Original,
    follows,
    measured,
    original_of,
    parts_of,
    standing_check_ins,
    way_gone,
    way_of,
)
from objectives.models import CheckIn, KeyResult, Objective
from objectives.progress import Kept, Progress
from objectives.states import ENDED, ROLLED_UP, ObjectiveState

__all__ = [
    "KeyResultStanding",
    "ObjectiveStanding",
    "TeamStanding",
    "follows",
    "key_result_standing",
    "objective_expected",
    "objective_standing",
    "said_on",
    "standing_check_ins",
    "team_standing",
    "way_gone",
]

# Kinds that move evenly from the first day to the last.
_PACED = CHANGES | {KeyResultKind.YES_NO, KeyResultKind.MILESTONES}
# Kinds that have no progress until a person has found something out.
_TO_BE_FOUND = frozenset({KeyResultKind.OPEN, KeyResultKind.FIND_BASELINE})


@dataclass(frozen=True, slots=True)
class KeyResultStanding:
    """One key result today. `value` is in its unit; None where nothing was measured yet.

    `expected` (0..1) is None for a hold, an open one and one whose baseline is to be found, which
    have no pace. `run` is how many of a hold's periods are on target in a row, `kept` how the
    closed periods of a standard went. `last` is the check-in that stands; `check_ins` those that
    stand, only the last of rows loaded `with_latest()`. `by_original` is how it went by what it was
    for before it was revised, None unless it was.
    """

    key_result: KeyResult
    value: Decimal | None
    progress: Progress | None
    expected: Decimal | None
    health: Health
    run: int | None = None
    last: CheckIn | None = None
    check_ins: tuple[CheckIn, ...] = ()
    is_late_start: bool = False
    kept: Kept | None = None
    by_original: Original | None = None

    @property
    def ratio(self) -> Decimal | None:
        """Progress 0..1, None where there is nothing to measure."""
        return self.progress.ratio if self.progress else None

    @property
    def final_ratio(self) -> Decimal | None:
        """Progress 0..1 as it is graded: a standard's periods without a value are failures."""
        return _final(self.progress, self.kept)

    @property
    def original(self) -> Progress | None:
        """Progress by what it went for before it was revised; None unless it was."""
        return self.by_original.progress if self.by_original else None

    @property
    def final_original(self) -> Decimal | None:
        """The same 0..1 as it is graded."""
        return _final(*self.by_original) if self.by_original else None

    @property
    def confidence(self) -> int | None:
        """The confidence 0..10 last given, None when nobody has said."""
        return self.last.confidence if self.last else None

    @property
    def reported(self) -> str:
        """The status a person last gave it, empty when nobody has."""
        return self.last.reported if self.last else ""

    @property
    def diverges(self) -> bool:
        """True when a person says on track and the figures say at risk or stale."""
        return status.diverges(self.reported, self.health)

    @property
    def counts(self) -> bool:
        """False once it was withdrawn: it is in no roll-up."""
        return self.key_result.withdrawn_at is None


def _final(way: Progress | None, kept: Kept | None) -> Decimal | None:
    """A share 0..1 as it is graded; None where there is nothing to grade by."""
    graded = kept.at_grading if kept else way
    return graded.ratio if graded else None


@dataclass(frozen=True, slots=True)
class ObjectiveStanding:
    """One objective today: its key results and what they add up to.

    `expected` is weighted over the same key results as `progress`, so that the two compare.
    """

    objective: Objective
    key_results: tuple[KeyResultStanding, ...]
    progress: Decimal | None
    expected: Decimal | None
    health: Health
    confidence: Decimal | None
    lowest_confidence: int | None

    @property
    def diverges(self) -> bool:
        """True when one of its key results is reported better than it is."""
        return any(row.diverges for row in self.key_results if row.counts)


@dataclass(frozen=True, slots=True)
class TeamStanding:
    """The objectives of a team or a cycle together; drafts, parked and withdrawn ones are not in.

    `count` is how many are; `progress` and `expected` the plain means of those that have any,
    `health` the worst of those that run, both None without one.
    """

    count: int
    progress: Decimal | None
    expected: Decimal | None
    health: Health | None


def key_result_standing(
    key_result: KeyResult, objective: Objective, today: date
) -> KeyResultStanding:
    """Where one key result stands; `today` is the date in the organisation's zone."""
    return _key_result_standing(key_result, objective, today, _gone(objective, today))


def _key_result_standing(
    key_result: KeyResult, objective: Objective, today: date, gone: Decimal
) -> KeyResultStanding:
    check_ins = standing_check_ins(key_result)
    last = check_ins[-1] if check_ins else None
    found = measured(key_result, objective, check_ins, today)
    way = way_of(key_result, found)
    expected = _expected(key_result, objective, today, gone)
    health = status.status_of(
        status.Facts(
            today=today,
            starts_on=objective.begins_on,
            ends_on=objective.cycle.ends_on,
            progress=way,
            expected=expected,
            hold=_hold_health(key_result, objective, found),
            is_standard=found.kept is not None,
            has_data=_has_data(key_result.kind, found, way, last),
            is_stale=_is_stale(key_result, objective, today),
            is_closed=objective.state in ENDED,
            is_withdrawn=key_result.withdrawn_at is not None,
        )
    )
    late = not follows(key_result) and status.is_late_start(
        objective.begins_on, today, has_check_in=last is not None
    )
    return KeyResultStanding(
        key_result,
        found.value,
        way,
        expected,
        health,
        found.run,
        last,
        check_ins,
        late,
        found.kept,
        original_of(key_result, found),
    )


def said_on(check_in: CheckIn | None, objective: Objective) -> date | None:
    """The local date of a check-in; None without one."""
    return objective.team.organisation.today(check_in.made_at) if check_in else None


def _has_data(kind: str, found: Measured, way: Progress | None, last: CheckIn | None) -> bool:
    """True once something was measured; of milestones once one is done or somebody checked in."""
    if way is None:
        return False
    if kind == KeyResultKind.MILESTONES:
        return way.raw > 0 or last is not None
    return found.value is not None or found.run is not None or found.kept is not None


def _gone(objective: Objective, today: date) -> Decimal:
    return pace.elapsed(today, objective.begins_on, objective.cycle.ends_on)


def _expected(
    key_result: KeyResult, objective: Objective, today: date, gone: Decimal
) -> Decimal | None:
    """The pace of what has one; a standard is expected to be kept alike on every day."""
    ambition = key_result.ambition or objective.ambition
    if key_result.kind in STANDARDS:
        return pace.of_standard(ambition)
    if key_result.kind not in _PACED:
        return None
    checkpoints = parts_of(key_result, "checkpoints") if key_result.kind in CHANGES else ()
    if checkpoints and key_result.baseline is not None:
        gone = pace.phased(
            today,
            (objective.begins_on, key_result.baseline),
            (objective.cycle.ends_on, key_result.target),
            ((row.on, row.value) for row in checkpoints),
        )
    return pace.expected(gone, ambition)


def objective_expected(objective: Objective, today: date) -> Decimal:
    """The progress 0..1 expected of an objective today by its time and ambition alone."""
    return pace.expected(_gone(objective, today), objective.ambition)


def _hold_health(
    key_result: KeyResult, objective: Objective, found: Measured
) -> status.Health | None:
    """Whether the periods left are enough for a hold; None for every other kind."""
    if found.run is None:
        return None
    left = status.periods_left(
        key_result.kpi.state.latest_on,
        objective.begins_on,
        objective.cycle.ends_on,
        key_result.kpi.cadence.kind,
        objective.team.organisation.fiscal_start_month,
    )
    return status.hold_band(found.run, key_result.hold_periods, left)


def _is_stale(key_result: KeyResult, objective: Objective, today: date) -> bool:
    """Stale: the KPI it follows fell silent, or the check-in owed is past by more than the grace.

    Whether it is the first one or a later one: until the first is past it has no data yet.
    """
    if key_result.kind == KeyResultKind.OPEN:
        return False
    if follows(key_result):
        return key_result.kpi.state.is_stale
    return rhythm.is_stale(key_result.next_due_on, objective.rhythm, today)


def objective_standing(objective: Objective, today: date) -> ObjectiveStanding:
    """Where an objective stands: weighted progress, worst status, mean and lowest confidence."""
    gone = _gone(objective, today)
    rows = tuple(
        _key_result_standing(row, objective, today, gone) for row in objective.key_results.all()
    )
    counted = [row for row in rows if row.counts]
    said = rollup.confidence([(row.key_result.weight, row.confidence) for row in counted])
    mean, lowest = said or (None, None)
    straight = pace.expected(gone, objective.ambition)
    return ObjectiveStanding(
        objective,
        rows,
        rollup.objective_progress((row.key_result.weight, row.ratio) for row in counted),
        _mean_expected(counted, straight),
        _objective_health(objective, counted),
        mean,
        lowest,
    )


def _mean_expected(rows: Iterable[KeyResultStanding], straight: Decimal) -> Decimal:
    """What is expected of the key results that have progress; the straight pace where none has.

    One without a pace of its own (a hold) counts with the objective's straight one.
    """
    shares = [
        (row.key_result.weight, straight if row.expected is None else row.expected)
        for row in rows
        if row.ratio is not None
    ]
    if all(share == straight for _, share in shares):
        return straight
    mean = rollup.weighted_mean(shares)
    return straight if mean is None else mean


def _objective_health(objective: Objective, rows: list[KeyResultStanding]) -> Health:
    """The worst of its key results. One that is still to be found out is not without data."""
    if objective.state == ObjectiveState.CLOSED:
        return Health.CLOSED
    if objective.state == ObjectiveState.WITHDRAWN:
        return Health.WITHDRAWN
    known = (
        row.health
        for row in rows
        if row.health != Health.NO_DATA or row.key_result.kind not in _TO_BE_FOUND
    )
    return rollup.worst(known) or Health.NO_DATA


def team_standing(standings: Iterable[ObjectiveStanding]) -> TeamStanding:
    """What a team's or a cycle's objectives add up to, of those a person may see."""
    rows = [one for one in standings if one.objective.state in ROLLED_UP]
    measurable = [one for one in rows if one.progress is not None]
    return TeamStanding(
        len(rows),
        rollup.team_progress([one.progress for one in measurable]),
        rollup.team_progress([one.expected for one in measurable]),
        rollup.worst(one.health for one in rows),
    )
