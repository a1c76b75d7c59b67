"""Reads what an evaluation needs, set-wise: a handful of queries for a batch of any size.

Raw SQL, because at 100,000 KPIs a model instance for each row costs more than the judging. The
values are read by `measurements`.
"""

# ruff: noqa: S608 (what is joined into a query here are constants of this module)

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from metrics.episodes import Settings
from metrics.evaluation.sql import (
    adapted,
    among,
    as_day,
    decimal,
    fetch,
    id_list,
    is_postgres,
    number,
)
from metrics.judging import Target, Targets, compile_targets
from metrics.periods import Timeline, reckoned_day, timeline
from metrics.policies import (
    EVER,
    Entry,
    Own,
    Terms,
    compile_under,
    history,
    own_history,
    read,
    settings_over_time,
    shapes_targets,
)

Values = dict[date, Decimal]
Proposed = Mapping[int, tuple[Entry, ...]]
ProposedOwn = Mapping[int, Own]
NOTHING_PROPOSED: Proposed = {}
NO_OWN_PROPOSED: ProposedOwn = {}


class StateRow(NamedTuple):
    """The part of a KpiState an evaluation continues from. Days are ISO text, None where unset."""

    kpi_id: int
    checkpoint: str
    dirty_from: str | None
    phase: str
    is_stale: bool
    latest_status: str
    status_since: str | None
    recent: str
    changed_by: int | None
    marks: int
    steady: str

    @property
    def must_replay(self) -> bool:
        """Did something before the checkpoint change? Then it is worth nothing."""
        return bool(
            not self.checkpoint or (self.dirty_from and self.dirty_from < self.checkpoint[:10])
        )


def untouched(kpi_id: int) -> StateRow:
    """The state of a KPI as if nothing had ever been evaluated."""
    never: dict[str, Any] = dict.fromkeys(("dirty_from", "status_since", "changed_by"))
    blank = dict.fromkeys(("checkpoint", "phase", "latest_status", "recent", "steady"), "")
    return StateRow(kpi_id=kpi_id, is_stale=False, marks=0, **never, **blank)


class Plan(NamedTuple):
    """Everything about judging that KPIs with the same settings and calendar share.

    `shaping` are the settings where targets need more of them than one N and one M, else None.
    `today` is the reckoned day of the evaluation in the organisation's zone.
    """

    settings: Settings
    line: Timeline
    direction: str
    aggregation: str
    min_readings: int
    kind: str
    zone: ZoneInfo
    fiscal_start_month: int
    today: date
    has_changes: bool
    shaping: Settings | None = None


class Subject(NamedTuple):
    """One KPI as an evaluation sees it. `plan` None: no cadence, nothing to evaluate.

    `is_complete` tells that it has a definition and a source; with a cadence and a target these are
    the four essentials without which nothing is judged.
    """

    plan: Plan | None
    source_id: int | None
    is_complete: bool


class Material(NamedTuple):
    """What was loaded for a batch, by KPI id; a KPI without values, targets or exclusions is not
    in those mappings. `replayed` are the KPIs that are walked from their first period."""

    replayed: Collection[int]

    subjects: dict[int, Subject]
    targets: dict[int, Targets]
    values: dict[int, Values]
    excluded: dict[int, set[date]]


# -- the states ---------------------------------------------------------------------------------

_STATE = """
    SELECT s.kpi_id, s.checkpoint, CAST(s.dirty_from AS text), s.phase, s.is_stale,
           s.latest_status, CAST(s.status_since AS text), s.recent, s.changed_by_id, s.marks,
           s.steady
    FROM metrics_kpistate s
"""


def lock_due(now: datetime, limit: int) -> list[StateRow]:
    """The states that are due, locked for this transaction; those locked by others are passed over.

    A state evaluated at a later moment than `now` stays as it is (signals.md 9).
    """
    moment = adapted(now)
    sql = f"""{_STATE} WHERE s.due_at <= %s AND (s.moment IS NULL OR s.moment <= %s)
        ORDER BY s.due_at LIMIT %s {_lock("SKIP LOCKED")}"""
    return [StateRow._make(row) for row in fetch(sql, (moment, moment, limit))]


def lock_states(ids: Collection[int], now: datetime) -> list[StateRow]:
    """The states of these KPIs, locked after waiting; without those of a later moment."""
    sql = f"""{_STATE} WHERE {among("s.kpi_id")} AND (s.moment IS NULL OR s.moment <= %s)
        ORDER BY s.kpi_id {_lock()}"""
    return [StateRow._make(row) for row in fetch(sql, (id_list(ids), adapted(now)))]


def _lock(option: str = "") -> str:
    """SQLite's transaction holds the one write lock since it began (IMMEDIATE)."""
    return f"FOR NO KEY UPDATE OF s {option}" if is_postgres() else ""


# -- settings -----------------------------------------------------------------------------------

# The columns from the team on are the key of a plan.
_KPI = """
    SELECT k.id, k.source_id, k.definition <> '', k.team_id, k.cadence_id,
           CAST(k.starts_on AS text), k.direction, k.aggregation, k.min_readings,
           k.patience, k.recovery, k.grace_days, k.settle_days, k.near_policy, k.missing_policy,
           k.max_gap, k.stale_after, k.reopen_window, k.window_k, k.window_n, k.policies
    FROM metrics_kpi k
"""


class _Calendars:
    """The few rows that all KPIs of a batch share: organisations, cadences, changes of cadence.

    `proposed` entries by cadence id stand in place of those that are stored.
    """

    def __init__(self, id_text: str, now: datetime, proposed: Proposed) -> None:
        self.cadences: dict[int, tuple[str, Terms, tuple[Entry, ...]]] = {
            pk: (kind, Terms(*preset), proposed.get(pk, read(policies)))
            for pk, kind, policies, *preset in fetch(
                "SELECT id, kind, policies, grace_days, settle_days, patience, recovery"
                " FROM metrics_cadence"
            )
        }
        self.organisations = {
            pk: (ZoneInfo(zone), fiscal)
            for pk, zone, fiscal in fetch(
                "SELECT id, time_zone, fiscal_start_month FROM teams_organisation"
            )
        }
        self.organisation_of = dict(fetch("SELECT id, organisation_id FROM teams_team"))
        self.today = {pk: reckoned_day(now, z) for pk, (z, _) in self.organisations.items()}
        self.changes: dict[int, list[tuple[date, str]]] = defaultdict(list)
        for kpi_id, cadence_id, effective in fetch(
            "SELECT kpi_id, cadence_id, CAST(effective_on AS text) FROM metrics_cadencechange"
            f" WHERE {among('kpi_id')} ORDER BY effective_on, id",
            (id_text,),
        ):
            self.changes[kpi_id].append((as_day(effective), self.cadences[cadence_id][0]))

    def plan(self, key: tuple, changes: Sequence[tuple[date, str]]) -> Plan | None:
        """The plan of KPIs with these settings. A KPI's own setting goes before its cadence's."""
        team_id, cadence_id, starts_on, direction, aggregation, min_readings = key[:6]
        if cadence_id is None:
            return None
        kind, preset, entries = self.cadences[cadence_id]
        organisation_id = self.organisation_of[team_id]
        zone, fiscal = self.organisations[organisation_id]
        terms = history(entries, preset, team_id) if entries else ((EVER, preset),)
        settings = settings_over_time(terms, own_history(Own(*key[6:-1]), key[-1]))
        first, *later = changes or [(as_day(starts_on), kind)]
        line = timeline(as_day(starts_on), first[1], tuple(later), fiscal)
        today = self.today[organisation_id]
        return Plan(
            settings,
            line,
            direction,
            aggregation,
            min_readings,
            kind,
            zone,
            fiscal,
            today,
            bool(changes),
            settings if shapes_targets(settings) else None,
        )


def load_subjects(
    ids: Collection[int],
    now: datetime,
    proposed: Proposed = NOTHING_PROPOSED,
    proposed_own: ProposedOwn = NO_OWN_PROPOSED,
) -> dict[int, Subject]:
    """The settings of KPIs, by id; under the `proposed` entries, by cadence id, where there are.

    KPIs in `proposed_own`, by id, are taken as if they had always said that for themselves.
    """
    id_text = id_list(ids)
    calendars = _Calendars(id_text, now, proposed)
    plans: dict[tuple, Plan | None] = {}
    subjects = {}
    for row in fetch(f"{_KPI} WHERE {among('k.id')}", (id_text,)):
        kpi_id, source_id, has_definition = row[:3]
        key = row[3:]
        if kpi_id in proposed_own:
            key = (*key[:6], *proposed_own[kpi_id], "")
        if kpi_id in calendars.changes:
            plan = calendars.plan(key, calendars.changes[kpi_id])
        elif key in plans:
            plan = plans[key]
        else:
            plan = plans[key] = calendars.plan(key, ())
        complete = bool(has_definition) and source_id is not None
        subjects[kpi_id] = Subject(plan, source_id, complete)
    return subjects


# -- targets and exclusions ---------------------------------------------------------------------


@lru_cache(maxsize=8192)
def _compiled(
    direction: str,
    patience: int,
    recovery: int,
    history: tuple[tuple, ...],
    shaping: Settings | None,
) -> Targets:
    """A target history ready for judging; a worker meets the same ones at every evaluation."""
    entries = [
        Target(
            as_day(day),
            *map(decimal, numbers),
            patience=own_patience,
            recovery=own_recovery,
            fast_gap=decimal(gap),
            fast_patience=lane,
            withdrawn=bool(withdrawn) or not _fits(direction, numbers),
            over=over,
        )
        for day, *numbers, gap, own_patience, own_recovery, lane, over, withdrawn in history
    ]
    if shaping is not None:
        return compile_under(direction, entries, shaping)
    return compile_targets(direction, entries, patience=patience, recovery=recovery)


def _fits(direction: str, numbers: Sequence[str | None]) -> bool:
    """Is an entry of the shape the KPI's direction asks for? One from before a change of direction
    says nothing about it, and counts as no target."""
    value, low, high, *_ = numbers
    return (low is not None and high is not None) if direction == "in_range" else value is not None


def load_targets(subjects: dict[int, Subject]) -> dict[int, Targets]:
    """The compiled targets of the KPIs that have their essentials, by id."""
    ids = [pk for pk, subject in subjects.items() if subject.is_complete and subject.plan]
    numbers = ", ".join(
        map(number, ("value", "low", "high", "tolerance", "tolerance_pct", "fast_gap"))
    )
    histories: dict[int, tuple[tuple, ...]] = {}
    for row in fetch(
        f"SELECT kpi_id, CAST(effective_on AS text), {numbers},"
        " patience, recovery, fast_patience, accumulates, is_withdrawn FROM metrics_target"
        f" WHERE {among('kpi_id')} ORDER BY kpi_id, id",
        (id_list(ids),),
    ):
        kpi_id = row[0]
        histories[kpi_id] = (*histories.get(kpi_id, ()), row[1:])
    found = {}
    for kpi_id, entries in histories.items():
        plan = subjects[kpi_id].plan
        settings = plan.settings  # type: ignore[union-attr]
        found[kpi_id] = _compiled(
            plan.direction,  # type: ignore[union-attr]
            settings.patience,
            settings.recovery,
            entries,
            plan.shaping,  # type: ignore[union-attr]
        )
    return found


def load_exclusions(subjects: dict[int, Subject]) -> dict[int, set[date]]:
    """The starts of the excluded periods, by KPI id."""
    found: dict[int, set[date]] = defaultdict(set)
    for kpi_id, kind, text in fetch(
        "SELECT kpi_id, cadence_kind, CAST(period_on AS text) FROM metrics_exclusion"
        f" WHERE lifted_at IS NULL AND {among('kpi_id')}",
        (id_list(subjects),),
    ):
        plan, day = subjects[kpi_id].plan, as_day(text)
        if plan and kind_on(plan, day) == kind:
            found[kpi_id].add(day)
    return found


def kind_on(plan: Plan, day: date) -> str | None:
    """The cadence a period value or an exclusion of this day must be of to count."""
    if not plan.has_changes:
        return plan.kind
    period = plan.line.containing(day)
    return period.cadence if period and period.start == day else None
