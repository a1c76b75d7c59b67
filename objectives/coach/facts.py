"""What the coach is told: one model of texts and numbers, filled by the caller from anywhere.

Numbers are Decimals in the unit of their key result or KPI; None means not known. A text is what a
person typed, of any length and script.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum


class Kind(StrEnum):
    """How a key result is measured (issue 3, point 3), as far as the coach needs to tell.

    CHANGE goes from a baseline to a target, whichever way; INCREASE and DECREASE say which way.
    HOLD is on target some periods in a row. OPEN, like an empty kind, is not decided yet.
    """

    CHANGE = "change"
    INCREASE = "increase"
    DECREASE = "decrease"
    AT_LEAST = "at_least"
    AT_MOST = "at_most"
    RANGE = "range"
    YES_NO = "yes_no"
    MILESTONES = "milestones"
    FIND_BASELINE = "find_baseline"
    HOLD = "hold"
    OPEN = "open"


# Kinds with a way from a baseline to a target; an undecided one may still become such.
LINEAR = frozenset({"", Kind.OPEN, Kind.CHANGE, Kind.INCREASE, Kind.DECREASE})
# Kinds that need no number of their own.
NUMBERLESS = frozenset({Kind.YES_NO, Kind.MILESTONES, Kind.FIND_BASELINE, Kind.HOLD})


@dataclass(frozen=True, slots=True)
class KpiFacts:
    """The KPI a key result is measured by. `direction` is a `metrics.kinds.Direction` value.

    A range has `low` and `high`, the other directions `target`. `latest` is the value today.
    `key` tells KPIs apart (W16); None matches nothing.
    """

    name: str
    direction: str = ""
    target: Decimal | None = None
    low: Decimal | None = None
    high: Decimal | None = None
    unit: str = ""
    latest: Decimal | None = None
    key: int | None = None


@dataclass(frozen=True, slots=True)
class KeyResultText:
    """A key result as it stands in a form or in the database. `kind` is a `Kind` value or empty."""

    title: str
    kind: str = ""
    baseline: Decimal | None = None
    target: Decimal | None = None
    unit: str = ""
    kpi: KpiFacts | None = None


@dataclass(frozen=True, slots=True)
class ObjectiveText:
    """An objective with its key results, withdrawn ones left out by the caller.

    `parent_title` is the objective it is aligned to, empty without one; `depth` 1 is the top of the
    tree. `untouched_days` counts whole days since its last check-in or edit, `rhythm_days` what its
    cadence and grace allow (None: only the 31 days of W24 count). `answers` is the KPI whose signal
    it was drafted from, None without one; what the system suggests for it draws no question.
    """

    title: str
    why: str = ""
    key_results: tuple[KeyResultText, ...] = ()
    has_cycle: bool = True
    parent_title: str = ""
    depth: int = 1
    untouched_days: int | None = None
    rhythm_days: int | None = None
    answers: KpiFacts | None = None


@dataclass(frozen=True, slots=True)
class PastObjective:
    """An objective of an earlier cycle; `measures` are (KPI key, kind) of its key results."""

    title: str
    measures: frozenset[tuple[int, str]] = frozenset()


@dataclass(frozen=True, slots=True)
class PastCycle:
    """A closed cycle of a team.

    `mean` is the mean grade of its aspirational key results, 0 to 1; `graded_count` are all its
    graded key results, `full_count` those at 1.0. `retargeted` are the keys of KPIs that got a new
    target since: going for such a KPI again is no repetition.
    """

    objectives: tuple[PastObjective, ...] = ()
    mean: Decimal | None = None
    graded_count: int = 0
    full_count: int = 0
    retargeted: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class TeamFacts:
    """Counts of a team in a cycle, and its closed cycles, the latest first.

    `is_organisation` judges the KPI count as that of the whole organisation's board.
    `covered_kinds` are the sorts of KPI that are watched ("retention"), `missing_kinds` those
    that nobody watches yet; both are empty when not known.
    """

    objective_count: int = 0
    kpi_count: int = 0
    is_organisation: bool = False
    covered_kinds: tuple[str, ...] = ()
    missing_kinds: tuple[str, ...] = ()
    history: tuple[PastCycle, ...] = ()


@dataclass(frozen=True, slots=True)
class KpiText:
    """A KPI on its own. Empty text means missing; `cadence` is a `CadenceKind` value.

    `met_count` of the last `judged_count` judged periods (at most 6) were on target. `off_count`
    periods in a row are off target, `patience` of them raise a signal (signals.md 7). `is_answered`
    says that somebody decided what to do, `has_okr` that an active OKR works on it.
    """

    name: str
    definition: str = ""
    source: str = ""
    cadence: str = ""
    why: str = ""
    owner: str = ""
    has_target: bool = False
    met_count: int = 0
    judged_count: int = 0
    off_count: int = 0
    patience: int = 3
    has_okr: bool = False
    is_answered: bool = False
