"""Reads the values of periods, set-wise: what is new, everything, or stretches of days."""

# ruff: noqa: S608 (what is joined into a query here are constants of this module)

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Collection, Iterable
from datetime import UTC, date, datetime, time
from decimal import Decimal
from zoneinfo import ZoneInfo

from metrics.evaluation.loading import Plan, Subject, Values, kind_on
from metrics.evaluation.sql import among, as_day, decimal, fetch, id_list, is_postgres, number
from metrics.periods import first_instant
from metrics.values import Reading, period_value

_KINDS = ("daily", "weekly", "monthly", "quarterly", "yearly")


def instant(column: str, of: str = "m") -> str:
    """A column of instants of measurements, only where it orders readings of a period.

    Making an instant of what the database says costs more than all else about a row, and a value
    that is a period's own has none to be compared with.
    """
    kinds = ", ".join(f"'{kind}'" for kind in _KINDS)
    return f"CASE WHEN {of}.identity NOT IN ({kinds}) THEN {column} END"


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
        f"SELECT m.kpi_id, CAST(m.day AS text), m.identity, {number('m.value')}"
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
        f"SELECT m.kpi_id, CAST(m.day AS text), m.identity, {number('m.value')}"
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
    found |= values_of(load_rows(ids, since_watermark=since_watermark), ids, subjects)


def load_rows(ids: Iterable[int], *, since_watermark: bool = False) -> Iterable[tuple]:
    """The measurements that stand, as `values_of` takes them."""
    since = " AND m.day >= s.watermark_on" if since_watermark else ""
    return fetch(
        f"SELECT m.kpi_id, CAST(m.day AS text), m.identity, {number('m.value')},"
        f" {number('m.denominator')}, {instant('m.observed_at')}, {instant('m.recorded_at')}"
        f" FROM metrics_kpistate s {_each('m.kpi_id = s.kpi_id' + since)}"
        f" WHERE {among('s.kpi_id')}",
        (id_list(ids),),
    )


def values_of(
    rows: Iterable[tuple], ids: Iterable[int], subjects: dict[int, Subject]
) -> dict[int, Values]:
    """The values by period start that measurements come to, by KPI id (signals.md 5).

    A row is (KPI id, day, identity, value, denominator, instant observed, instant recorded), day
    and numbers as text, instants as `instant` gives them. The KPIs have a cadence.
    """
    given: dict[int, dict[date, Decimal]] = defaultdict(dict)
    readings: dict[int, dict[date, list[Reading]]] = defaultdict(lambda: defaultdict(list))
    for kpi_id, text, identity, value, weight, observed, recorded in rows:
        plan, day = subjects[kpi_id].plan, as_day(text)
        if identity == kind_on(plan, day):  # type: ignore[arg-type]
            given[kpi_id][day] = Decimal(value)
        elif identity not in _KINDS:
            period = plan.line.containing(day)  # type: ignore[union-attr]
            if period is not None:
                seen = observed_instant(day, identity, observed, plan.zone)  # type: ignore[union-attr]
                readings[kpi_id][period.start].append(
                    Reading(Decimal(value), seen, _aware(recorded), decimal(weight))
                )
    return {
        kpi_id: _period_values(subjects[kpi_id].plan, given[kpi_id], readings[kpi_id])  # type: ignore[arg-type]
        for kpi_id in ids
    }


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
    day: date, identity: str, observed: datetime | str | None, zone: ZoneInfo
) -> datetime:
    """When a reading was observed, for ordering: its instant, else its local time, else its day's
    beginning."""
    if observed is not None:
        return _aware(observed)
    try:
        return datetime.combine(day, time.fromisoformat(identity), zone)
    except ValueError:
        return first_instant(day, zone)


def _aware(moment: datetime | str) -> datetime:
    """An instant as raw SQL gave it: SQLite keeps text without a zone and means UTC."""
    if isinstance(moment, str):
        moment = datetime.fromisoformat(moment)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
