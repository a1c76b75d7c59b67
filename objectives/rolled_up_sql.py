"""The statements of `rolled_up`, in the words of both databases, now or as of a past moment.

Plans (1,000 teams × 3 objectives × 4 key results): objectives by `objective_by_cycle`, key results
by their objective, the check-in that stands by the primary key. As of the past it is found by
`check_in_by_due`, the newest due day first, so that a page of many reads one entry for each.
"""

# ruff: noqa: S608 (what is joined into a query here are constants, days and instants of our own)

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import NamedTuple

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import QuerySet

from metrics.evaluation.sql import is_postgres
from objectives import rhythm
from objectives.kinds import Rhythm
from objectives.querysets import ObjectiveQuerySet
from objectives.rhythm import GRACE_DAYS
from objectives.rollup import SEVERITY
from objectives.status import BEHIND_GAP, ON_TRACK_GAP


class Told(NamedTuple):
    """What a KPI said at a past moment: its last value (None: none) and whether it was silent."""

    value: Decimal | None
    is_stale: bool


class When(NamedTuple):
    """The day something is told of; with a `moment` as it stood then, else as it stands.

    `weekday` is the organisation's check-in day, `told` what the followed KPIs said at the moment.
    """

    today: date
    moment: datetime | None = None
    weekday: int = 5
    told: Mapping[int, Told] = {}


class Look(NamedTuple):
    """Which key results are looked at: those with a KPI, and those nobody has looked after since.

    One without a check-in counts from the day its objective began.
    """

    untouched_since: datetime
    begun_before: date


# A REAL differs from the exact quotient by less than this; rounding in SQLite is a slow function.
_NOISE = Decimal("1e-12")
_LIMITS = {
    **{health.value: rank for rank, health in enumerate(SEVERITY)},
    "on_track_gap": ON_TRACK_GAP + _NOISE,
    "behind_gap": BEHIND_GAP + _NOISE,
}

# MATERIALIZED keeps SQLite from working an expression out again wherever it is named; what is
# carried from one to the next is narrow, since each is written out.
_ROWS = """
WITH goal AS (
    SELECT o.id, {state} AS state, COALESCE(o.starts_on, c.starts_on) AS begins,
        c.ends_on AS ends, CASE o.ambition WHEN 'aspirational' THEN 0.7 ELSE 1.0 END AS score,
        CASE o.rhythm WHEN 'weekly' THEN {weekly_due} ELSE {monthly_due} END AS due
    FROM objectives_objective o JOIN objectives_cycle c ON c.id = o.cycle_id
    WHERE o.id IN ({chosen}) AND {there}
), paced AS MATERIALIZED (
    SELECT id, state, score, due, begins, CASE WHEN {today} < begins THEN {not_started}
        WHEN {today} > ends THEN {overdue} END AS outside,
        CASE WHEN {today} >= ends THEN 1.0 WHEN {today} <= begins THEN 0.0 ELSE {gone} END AS gone
    FROM goal WHERE state IN ('active', 'closed')
){told}, measured AS MATERIALIZED (
    SELECT g.id, g.state, g.outside, g.begins, g.score * g.gone AS straight, k.id AS row_id,
        k.kpi_id, k.weight, k.kind, {follows} AS follows, {grade} AS grade, l.made_at AS said_at,
        l.confidence, {value} AS value,
        CASE WHEN k.kind IN ('increase', 'decrease')
            THEN {one} * (COALESCE({value}, k.baseline) - k.baseline) / (k.target - k.baseline)
            WHEN {frozen} THEN k.final_progress
            WHEN k.kind = 'yes_no' THEN CASE WHEN {value} <> 0 THEN 1.0 ELSE 0.0 END END AS raw,
        CASE k.ambition WHEN '' THEN g.score WHEN 'aspirational' THEN 0.7 ELSE 1.0 END
            * CASE WHEN k.kind IN ('at_least', 'at_most', 'range') THEN 1 ELSE g.gone END
            AS expected,
        CASE WHEN {follows} THEN t.is_stale ELSE {is_owed} END AS is_stale,
        CASE WHEN {revised} OR k.id IN (SELECT key_result_id FROM objectives_checkpoint) THEN 1
            WHEN {unclear} AND {follows} THEN 1
            WHEN {frozen} THEN CASE WHEN k.kind = 'hold' THEN 1 ELSE 0 END
            WHEN k.kind IN ('at_least', 'at_most', 'range', 'hold', 'milestones') THEN 1 ELSE 0 END
            AS is_other
    FROM paced g
    LEFT JOIN objectives_keyresult k ON k.objective_id = g.id AND {counts}
    LEFT JOIN objectives_checkin l ON l.id = {latest}
    LEFT JOIN {of_kpi} t ON t.kpi_id = k.kpi_id
), counted AS (
    SELECT m.*, CASE WHEN raw < 0 THEN 0.0 WHEN raw > 1 THEN 1.0 ELSE raw END AS ratio
    FROM measured m
)"""
# What judges one key result of `counted`: its place in `rollup.SEVERITY`.
_SEVERITY = """CASE WHEN row_id IS NULL THEN NULL
        WHEN outside IS NOT NULL THEN outside
        WHEN is_stale AND kind <> 'open' THEN {stale}
        WHEN value IS NULL OR raw IS NULL THEN {no_data}
        WHEN raw >= 1 THEN {achieved}
        WHEN expected - ratio <= {on_track_gap} THEN {on_track}
        WHEN expected - ratio <= {behind_gap} THEN {behind}
        ELSE {at_risk} END"""
_OWES = "CASE WHEN NOT follows AND kind <> 'open' THEN 1 ELSE 0 END"
# A place among the severities becomes a tone; a closed key result's by its grade in tenths.
_GOALS = """, judged AS MATERIALIZED (
    SELECT id, state, straight, weight, ratio, expected, kind, confidence, row_id, is_other,
        {owes} AS owes, CASE WHEN state <> 'closed' THEN {severity} WHEN grade >= 0.65
        THEN {on_track} WHEN grade >= 0.35 THEN {behind} WHEN grade >= 0 THEN {at_risk}
        WHEN row_id IS NOT NULL THEN {stale} END AS severity
    FROM counted
)
SELECT id, MAX(state), SUM(CASE WHEN ratio IS NOT NULL THEN 1.0 * weight * ratio END)
        / NULLIF(SUM(CASE WHEN ratio IS NOT NULL THEN weight END), 0),
    COALESCE(SUM(CASE WHEN ratio IS NOT NULL THEN 1.0 * weight * expected END)
        / NULLIF(SUM(CASE WHEN ratio IS NOT NULL THEN weight END), 0), MAX(straight)),
    MIN(CASE WHEN severity <> {no_data} OR kind NOT IN ('open', 'find_baseline')
        THEN severity END),
    SUM(CASE WHEN severity IN ({on_track}, {achieved}) THEN 1 ELSE 0 END),
    SUM(CASE WHEN severity IN ({behind}, {overdue}) THEN 1 ELSE 0 END),
    SUM(CASE severity WHEN {at_risk} THEN 1 ELSE 0 END),
    SUM(CASE WHEN severity IN ({stale}, {no_data}) THEN 1 ELSE 0 END),
    CASE WHEN SUM(CASE WHEN confidence IS NOT NULL THEN weight END) > 0 THEN MIN(confidence) END,
    SUM(1.0 * weight * confidence)
        / NULLIF(SUM(CASE WHEN confidence IS NOT NULL THEN weight END), 0),
    COUNT(row_id), SUM(owes), MAX(is_other), {nothing}
FROM judged
GROUP BY id
"""
# The key results that are looked at one by one, below the objectives and in their columns.
_TIED = """UNION ALL
SELECT c.id, c.state, k.target, NULL, {severity}, c.row_id, k.kpi_id, {owes}, NULL, NULL, NULL,
    NULL, NULL, NULL, k.title, c.kind, c.said_at
FROM counted c CROSS JOIN objectives_keyresult k
WHERE k.id = c.row_id AND (c.kpi_id IS NOT NULL OR c.state = 'active' AND NOT c.follows
    AND c.kind <> 'open' AND CASE WHEN c.said_at IS NULL THEN c.begins < {begun_before}
        ELSE c.said_at < {untouched_since} END)
"""
_STATE_THEN = """COALESCE(
    (SELECT e.to_state FROM objectives_objectiveevent e WHERE e.objective_id = o.id
        AND e.to_state <> '' AND e.at <= {moment} ORDER BY e.at DESC, e.id DESC LIMIT 1),
    (SELECT COALESCE(NULLIF(e.from_state, ''), 'draft') FROM objectives_objectiveevent e
        WHERE e.objective_id = o.id AND e.to_state <> '' ORDER BY e.at, e.id LIMIT 1),
    CASE WHEN o.closed_at <= {moment} THEN o.state
        WHEN o.published_at IS NULL OR o.published_at > {moment} THEN 'draft' ELSE 'active' END)"""
_LATEST_THEN = """(SELECT i.id FROM objectives_checkin i
    WHERE i.key_result_id = k.id AND i.made_at <= {moment} AND NOT i.is_retraction
        AND NOT EXISTS (SELECT 1 FROM objectives_checkin r
            WHERE r.corrects_id = i.id AND r.made_at <= {moment})
    ORDER BY i.due_on DESC, i.made_at DESC, i.id DESC LIMIT 1)"""


def literal(moment: datetime) -> str:
    """An instant as the database compares it with a column."""
    if is_postgres():
        return f"TIMESTAMPTZ '{moment.astimezone(UTC).isoformat()}'"
    return f"'{connection.ops.adapt_datetimefield_value(moment)}'"


def instant(value: datetime | str | None) -> datetime | None:
    """An instant as the database gave it: SQLite keeps the text of one in UTC."""
    return datetime.fromisoformat(f"{value}+00:00") if isinstance(value, str) else value


def day_literal(day: date) -> str:
    """A day as the database compares it with a column."""
    return f"DATE '{day}'" if is_postgres() else f"'{day}'"


def chosen_ids(rows: QuerySet) -> tuple[str, tuple]:
    """The subquery of these rows' ids, and its parameters."""
    ids = rows.order_by().values("pk").query.get_compiler(connection=connection)
    try:
        sql, parameters = ids.as_sql()
    except EmptyResultSet:
        return "SELECT 0 WHERE 1 = 0", ()
    return sql, tuple(parameters)


def state_at(moment: datetime | None) -> str:
    """The state of an objective `o` at a moment: by its history, else by its stamps."""
    return "o.state" if moment is None else _STATE_THEN.format(moment=literal(moment))


def statement(
    objectives: ObjectiveQuerySet, when: When, look: Look | None = None
) -> tuple[str, tuple]:
    """A row for each objective that is rolled up, and for each key result to be looked at."""
    chosen, parameters = chosen_ids(objectives)
    severity = _SEVERITY.format(**_LIMITS)
    instant = "CAST(NULL AS timestamptz)" if is_postgres() else "NULL"
    nothing = f"NULL AS title, NULL AS kind, {instant} AS said_at"
    sql = _rows(chosen, when) + _GOALS.format(
        severity=severity, owes=_OWES, nothing=nothing, **_LIMITS
    )
    if look is not None:
        sql += _TIED.format(
            severity=severity.replace("kind", "c.kind"),
            owes=_OWES.replace("kind", "c.kind"),
            untouched_since=literal(look.untouched_since),
            begun_before=day_literal(look.begun_before),
        )
    return sql, parameters


def _rows(chosen: str, when: When) -> str:
    """The key results of the objectives, each measured."""
    today = day_literal(when.today)
    gone = "(julianday({today}) - julianday(begins)) / (julianday(ends) - julianday(begins))"
    if is_postgres():
        gone = "({today} - begins)::float8 / (ends - begins)"
    words = _now(when) if when.moment is None else _then(when, when.moment)
    follows = "(k.kpi_id IS NOT NULL AND (k.kpi_follows OR k.kind = 'hold'))"
    value = (
        f"CASE WHEN {words['frozen']} THEN k.final_value WHEN {follows}"
        f" THEN {words['last_value']}"
        " ELSE l.value END"
    )
    return _ROWS.format(
        chosen=chosen,
        today=today,
        gone=gone.format(today=today),
        follows=follows,
        value=value,
        # In binary numbers, as SQLite has them: three times as fast, and 15 digits are kept.
        one="1.0::float8" if is_postgres() else "1.0",
        **words,
        **_LIMITS,
    )


def _now(when: When) -> dict[str, str]:
    """The words for how things stand."""
    weekly, monthly = (
        day_literal(when.today - timedelta(days=GRACE_DAYS[kind]))
        for kind in (Rhythm.WEEKLY, Rhythm.MONTHLY)
    )
    return {
        "state": state_at(None),
        "there": "1 = 1",
        "told": "",
        "of_kpi": "metrics_kpistate",
        "last_value": "t.latest_value",
        # Where the last period had none or was left out, `standing` looks further back.
        "unclear": "(t.latest_value IS NULL AND t.recent <> '' OR t.latest_status = 'excluded')",
        "frozen": "(k.final_progress IS NOT NULL OR k.grade IS NOT NULL)",
        "grade": "k.grade",
        "latest": "k.latest_id",
        "counts": "k.withdrawn_at IS NULL",
        "revised": "1 = 0",
        "weekly_due": weekly,
        "monthly_due": monthly,
        "is_owed": "(k.next_due_on < g.due)",
    }


def _then(when: When, moment: datetime) -> dict[str, str]:
    """The words for how things stood: by history, what was frozen later left out.

    A check-in is stale once the last due day past its grace has not been answered, which is the
    same as that the first one after it is past. Without any it is once such a day came since the
    objective began.
    """
    at = literal(moment)
    weekly, monthly = (
        day_literal(
            rhythm.due_before(when.today - timedelta(days=GRACE_DAYS[kind]), kind, when.weekday)
        )
        for kind in (Rhythm.WEEKLY, Rhythm.MONTHLY)
    )
    return {
        "state": state_at(moment),
        "there": f"o.created_at <= {at}",
        "told": f", told AS MATERIALIZED ({_told_then(when.told)})",
        "of_kpi": "told",
        "last_value": "t.value",
        "unclear": "1 = 0",
        "frozen": "(g.state = 'closed' AND (k.final_progress IS NOT NULL OR k.grade IS NOT NULL))",
        "grade": "CASE WHEN g.state = 'closed' THEN k.grade END",
        "latest": _LATEST_THEN.format(moment=at),
        "counts": f"(k.withdrawn_at IS NULL OR k.withdrawn_at > {at})",
        "revised": f"k.id IN (SELECT key_result_id FROM objectives_revision WHERE at > {at})",
        "weekly_due": weekly,
        "monthly_due": monthly,
        "is_owed": "CASE WHEN l.id IS NULL THEN g.begins <= g.due ELSE l.due_on < g.due END",
    }


def _told_then(told: Mapping[int, Told]) -> str:
    """The rows of what KPIs said, written out.

    SQLite takes long for thousands of VALUES, and looks a number up by a key it makes only among
    numbers that are declared so.
    """
    everybody = {0: Told(None, is_stale=False)} | dict(told)
    if is_postgres():
        rows = ", ".join(
            f"({pk}, CAST({'NULL' if one.value is None else one.value} AS numeric), {one.is_stale})"
            for pk, one in everybody.items()
        )
        return (
            "SELECT column1 AS kpi_id, column2 AS value, column3 AS is_stale"
            f" FROM (VALUES {rows}) AS said"
        )
    parts = ", ".join(
        f"[{pk}, {'null' if one.value is None else float(one.value)}, {int(one.is_stale)}]"
        for pk, one in everybody.items()
    )
    return (
        "SELECT CAST(json_extract(value, '$[0]') AS integer) AS kpi_id,"
        " json_extract(value, '$[1]') AS value, json_extract(value, '$[2]') AS is_stale"
        f" FROM json_each('[{parts}]')"
    )
