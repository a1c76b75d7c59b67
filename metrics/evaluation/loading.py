"""Reads what an evaluation needs, set-wise: a handful of queries for a batch of any size.

Raw SQL, because at 100,000 KPIs a model instance for each row costs more than the judging. Dates
travel as ISO text and numbers as text, which both databases give alike: 15 significant digits come
back from PostgreSQL's numeric and from SQLite's REAL as they went in.
"""

# ruff: noqa: S608 (what is joined into a query here are constants of this module)

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from datetime import UTC, date, datetime, time
from decimal import Decimal
from functools import lru_cache
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from django.db import connection

from metrics.episodes import Settings
from metrics.judging import Target, Targets, compile_targets
from metrics.periods import Timeline, first_instant, reckoned_day, timeline
from metrics.values import Reading, period_value

Values = dict[date, Decimal]


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


@lru_cache(maxsize=20_000)
def as_day(text: str) -> date:
    """A date from its ISO text; the same few thousand days come again and again."""
    return date.fromisoformat(text)


def is_postgres() -> bool:
    """Which of the two databases this is."""
    return connection.vendor == "postgresql"


def among(column: str) -> str:
    """A condition on a set of ids, whose one parameter is `id_list(ids)`."""
    if is_postgres():
        return f"{column} = ANY(%s::bigint[])"
    return f"{column} IN (SELECT value FROM json_each(%s))"


def id_list(ids: Iterable[int]) -> str:
    """The parameter for `among`."""
    text = ",".join(map(str, ids))
    return f"{{{text}}}" if is_postgres() else f"[{text}]"


def fetch(sql: str, parameters: Sequence[Any] = ()) -> list[tuple]:
    """All rows of a query."""
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        return cursor.fetchall()


def adapted(moment: datetime) -> Any:
    """An instant as the database compares it."""
    return connection.ops.adapt_datetimefield_value(moment)


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
           k.max_gap, k.stale_after, k.reopen_window, k.window_k, k.window_n
    FROM metrics_kpi k
"""


class _Calendars:
    """The few rows that all KPIs of a batch share: organisations, cadences, changes of cadence."""

    def __init__(self, id_text: str, now: datetime) -> None:
        self.cadences = {
            row[0]: row[1:]
            for row in fetch(
                "SELECT id, kind, grace_days, settle_days, patience, recovery FROM metrics_cadence"
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
        patience, recovery, grace, settle, near, missing, gap, stale, reopen, k, n = key[6:]
        if cadence_id is None:
            return None
        kind, cadence_grace, cadence_settle, cadence_patience, cadence_recovery = self.cadences[
            cadence_id
        ]
        organisation_id = self.organisation_of[team_id]
        zone, fiscal = self.organisations[organisation_id]
        settings = Settings(
            patience=cadence_patience if patience is None else patience,
            recovery=cadence_recovery if recovery is None else recovery,
            grace_days=cadence_grace if grace is None else grace,
            settle_days=_settle(grace, settle, cadence_grace, cadence_settle),
            near_policy=near,
            missing_policy=missing,
            max_gap=gap,
            stale_after=stale,
            reopen_window=reopen,
            k_of_n=None if k is None else (k, n),
        )
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
        )


def _settle(grace: int | None, settle: int | None, of_cadence: int, preset: int) -> int:
    """Settling days: the KPI's own, else the preset, but never more than the grace."""
    allowed = of_cadence if grace is None else grace
    return min(preset if settle is None else settle, allowed)


def load_subjects(ids: Collection[int], now: datetime) -> dict[int, Subject]:
    """The settings of KPIs, by id."""
    id_text = id_list(ids)
    calendars = _Calendars(id_text, now)
    plans: dict[tuple, Plan | None] = {}
    subjects = {}
    for row in fetch(f"{_KPI} WHERE {among('k.id')}", (id_text,)):
        kpi_id, source_id, has_definition = row[:3]
        key = row[3:]
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


def _number(column: str) -> str:
    """A stored quantity as text without trailing zeros, the same from both databases."""
    return f"trim_scale({column})::text" if is_postgres() else f"CAST({column} AS text)"


def _decimal(text: str | None) -> Decimal | None:
    return None if text is None else Decimal(text)


@lru_cache(maxsize=20_000)
def _compiled(direction: str, patience: int, recovery: int, history: tuple[tuple, ...]) -> Targets:
    """A target history ready for judging; a worker meets the same ones at every evaluation."""
    entries = [
        Target(
            as_day(effective),
            *map(_decimal, numbers),
            patience=own_patience,
            recovery=own_recovery,
            fast_gap=_decimal(fast_gap),
            fast_patience=fast_patience,
            withdrawn=bool(withdrawn) or not _fits(direction, numbers),
        )
        for effective, *numbers, fast_gap, own_patience, own_recovery, fast_patience, withdrawn
        in history
    ]
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
        map(_number, ("value", "low", "high", "tolerance", "tolerance_pct", "fast_gap"))
    )
    histories: dict[int, tuple[tuple, ...]] = {}
    for row in fetch(
        f"SELECT kpi_id, CAST(effective_on AS text), {numbers},"
        " patience, recovery, fast_patience, is_withdrawn FROM metrics_target"
        f" WHERE {among('kpi_id')} ORDER BY kpi_id, id",
        (id_list(ids),),
    ):
        kpi_id = row[0]
        histories[kpi_id] = (*histories.get(kpi_id, ()), row[1:])
    found = {}
    for kpi_id, history in histories.items():
        plan = subjects[kpi_id].plan
        settings = plan.settings  # type: ignore[union-attr]
        found[kpi_id] = _compiled(
            plan.direction,  # type: ignore[union-attr]
            settings.patience,
            settings.recovery,
            history,
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
        if plan and _kind_on(plan, day) == kind:
            found[kpi_id].add(day)
    return found


def _kind_on(plan: Plan, day: date) -> str | None:
    """The cadence a period value or an exclusion of this day must be of to count."""
    if not plan.has_changes:
        return plan.kind
    period = plan.line.containing(day)
    return period.cadence if period and period.start == day else None


def _each(condition: str) -> str:
    """Join the measurements `m` that stand, one index scan for each row on the left.

    Left to itself PostgreSQL may hash all measurements there are: it cannot know how few are new.
    OFFSET 0 keeps the subquery apart; SQLite takes a CROSS JOIN in the order it is written.
    """
    condition = f"{condition} AND m.value IS NOT NULL"
    if is_postgres():
        select = f"SELECT * FROM metrics_measurement m WHERE {condition} OFFSET 0"
        return f"CROSS JOIN LATERAL ({select}) m"
    return f"CROSS JOIN metrics_measurement m ON {condition}"


# -- values -------------------------------------------------------------------------------------


def load_values(
    resumed: Collection[int], replayed: Collection[int], subjects: dict[int, Subject]
) -> dict[int, Values]:
    """The values by period start: from the watermark on for `resumed`, all for `replayed`."""
    found: dict[int, Values] = {}
    with_readings = _values_since_watermark(resumed, subjects, found) if resumed else set()
    if with_readings:
        _aggregate(with_readings, subjects, found, since_watermark=True)
    whole = _all_values(replayed, subjects, found) if replayed else set()
    if whole:
        _aggregate(whole, subjects, found, since_watermark=False)
    return found


def _values_since_watermark(
    ids: Collection[int], subjects: dict[int, Subject], found: dict[int, Values]
) -> set[int]:
    """Put period values that are new into `found`; return the KPIs that have readings there."""
    with_readings = set()
    for kpi_id, day, identity, value in fetch(
        f"SELECT m.kpi_id, CAST(m.day AS text), m.identity, {_number('m.value')}"
        f" FROM metrics_kpistate s {_each('m.kpi_id = s.kpi_id AND m.day >= s.watermark_on')}"
        f" WHERE {among('s.kpi_id')}",
        (id_list(ids),),
    ):
        plan = subjects[kpi_id].plan
        if plan is None:
            continue
        if identity == plan.kind and not plan.has_changes:
            values = found.get(kpi_id)
            if values is None:
                found[kpi_id] = {as_day(day): Decimal(value)}
            else:
                values[as_day(day)] = Decimal(value)
        else:
            with_readings.add(kpi_id)
    return with_readings


def _all_values(
    ids: Collection[int], subjects: dict[int, Subject], found: dict[int, Values]
) -> set[int]:
    """Put all period values into `found`; return the KPIs that have other measurements too.

    One row for each KPI, its days and values strung together: half the cost of a row for each.
    """
    by_kind: dict[str, list[int]] = defaultdict(list)
    whole = set()
    for kpi_id in ids:
        plan = subjects[kpi_id].plan
        if plan is not None and plan.has_changes:
            whole.add(kpi_id)
        elif plan is not None:
            by_kind[plan.kind].append(kpi_id)
    for kind, of_kind in by_kind.items():
        for kpi_id, days, numbers, others in fetch(*_strung(kind, of_kind)):
            if days is not None:
                found[kpi_id] = dict(
                    zip(map(as_day, days.split(",")), map(Decimal, numbers.split(",")), strict=True)
                )
            if others:
                whole.add(kpi_id)
    return whole


def _strung(kind: str, ids: Iterable[int]) -> tuple[str, tuple[str, ...]]:
    """The query of `_all_values` with its parameters, in the words of this database."""
    if is_postgres():
        sql = """
            SELECT w.id, v.days, v.numbers, v.others
            FROM unnest(%s::bigint[]) AS w(id) CROSS JOIN LATERAL (
                SELECT string_agg(m.day::text, ',') FILTER (WHERE m.identity = %s) AS days,
                    string_agg(trim_scale(m.value)::text, ',') FILTER (WHERE m.identity = %s)
                        AS numbers,
                    count(*) FILTER (WHERE m.identity <> %s) AS others
                FROM metrics_measurement m WHERE m.kpi_id = w.id AND m.value IS NOT NULL
            ) v"""
        return sql, (id_list(ids), kind, kind, kind)
    sql = """
        SELECT kpi_id, group_concat(CASE WHEN identity = %s THEN day END),
            group_concat(CASE WHEN identity = %s THEN value END), sum(identity <> %s)
        FROM metrics_measurement
        WHERE kpi_id IN (SELECT value FROM json_each(%s)) AND value IS NOT NULL
        GROUP BY kpi_id"""
    return sql, (kind, kind, kind, id_list(ids))


def load_windows(
    windows: Iterable[tuple[int, date, date]], subjects: dict[int, Subject]
) -> tuple[dict[int, Values], set[int]]:
    """Period values in stretches of days, `(kpi id, first day, day after the last)`, by KPI id.

    The second part are the KPIs whose values are not plain period values; load those whole.
    """
    windows = [(pk, since.isoformat(), until.isoformat()) for pk, since, until in windows]
    if not windows:
        return {}, set()
    if is_postgres():
        source = "unnest(%s::bigint[], %s::date[], %s::date[]) AS w(kpi_id, since, until)"
        parameters: tuple = tuple(map(list, zip(*windows, strict=True)))
    else:
        source = (
            "(SELECT json_extract(value, '$[0]') AS kpi_id, json_extract(value, '$[1]') AS since,"
            " json_extract(value, '$[2]') AS until FROM json_each(%s)) w"
        )
        parameters = (json.dumps(windows),)
    found: dict[int, Values] = defaultdict(dict)
    unclear = set()
    for kpi_id, day, identity, value in fetch(
        f"SELECT m.kpi_id, CAST(m.day AS text), m.identity, {_number('m.value')}"
        f" FROM {source} {_each('m.kpi_id = w.kpi_id AND m.day >= w.since AND m.day < w.until')}",
        parameters,
    ):
        plan = subjects[kpi_id].plan
        if plan is not None and identity == plan.kind and not plan.has_changes:
            found[kpi_id][as_day(day)] = Decimal(value)
        else:
            unclear.add(kpi_id)
    return found, unclear


def _aggregate(
    ids: Collection[int],
    subjects: dict[int, Subject],
    found: dict[int, Values],
    *,
    since_watermark: bool,
) -> None:
    """Replace the values of these KPIs by what all their measurements say (signals.md 5)."""
    since = " AND m.day >= s.watermark_on" if since_watermark else ""
    given: dict[int, dict[date, Decimal]] = defaultdict(dict)
    readings: dict[int, dict[date, list[Reading]]] = defaultdict(lambda: defaultdict(list))
    for kpi_id, text, identity, value, weight, observed, recorded in fetch(
        f"SELECT m.kpi_id, CAST(m.day AS text), m.identity, {_number('m.value')},"
        f" {_number('m.denominator')}, m.observed_at, m.recorded_at"
        f" FROM metrics_kpistate s {_each('m.kpi_id = s.kpi_id' + since)}"
        f" WHERE {among('s.kpi_id')}",
        (id_list(ids),),
    ):
        plan, day = subjects[kpi_id].plan, as_day(text)
        if identity == _kind_on(plan, day):  # type: ignore[arg-type]
            given[kpi_id][day] = Decimal(value)
        elif identity not in _KINDS:
            period = plan.line.containing(day)  # type: ignore[union-attr]
            if period is not None:
                seen = observed_instant(day, identity, observed, plan.zone)  # type: ignore[union-attr]
                readings[kpi_id][period.start].append(
                    Reading(Decimal(value), seen, _aware(recorded), _decimal(weight))
                )
    for kpi_id in ids:
        found[kpi_id] = _period_values(subjects[kpi_id].plan, given[kpi_id], readings[kpi_id])  # type: ignore[arg-type]


_KINDS = frozenset({"daily", "weekly", "monthly", "quarterly", "yearly"})


def _period_values(
    plan: Plan, given: dict[date, Decimal], readings: dict[date, list[Reading]]
) -> Values:
    values = {}
    for start in {*given, *readings}:
        value = period_value(
            plan.aggregation,
            given=given.get(start),
            readings=readings.get(start, ()),
            min_readings=plan.min_readings,
        )
        if value is not None:
            values[start] = value
    return values


def observed_instant(
    day: date, identity: str, observed: datetime | None, zone: ZoneInfo
) -> datetime:
    """When a reading was observed, for ordering: its instant, else its local time, else its day's
    beginning."""
    if observed is not None:
        return _aware(observed)
    try:
        return datetime.combine(day, time.fromisoformat(identity), zone)
    except ValueError:
        return first_instant(day, zone)


def _aware(moment: datetime) -> datetime:
    """An instant as raw SQL gave it: SQLite keeps no zone and means UTC."""
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def load_json(value: Any) -> Any:
    """A JSON column as raw SQL gave it: text on SQLite and PostgreSQL alike."""
    return json.loads(value) if isinstance(value, str) else value
