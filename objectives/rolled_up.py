"""Progress and status of very many objectives at once, added up inside the database.

A company's cycle has thousands of objectives and a page needs one sum of them: making a row object
of each key result would cost fifty times what the database takes. The arithmetic is that of
`standing`, and a test holds the two together; what a statement cannot tell (a standard's periods, a
hold's run, a KPI's value, a path, steps) is worked out by `standing` for those objectives alone.
"""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import NamedTuple

from django.db import connection

from objectives.kinds import Health, Rhythm
from objectives.models import Checkpoint, Objective
from objectives.querysets import ObjectiveQuerySet
from objectives.rhythm import GRACE_DAYS
from objectives.rollup import SEVERITY
from objectives.standing import objective_standing
from objectives.states import ROLLED_UP, ObjectiveState
from objectives.status import BEHIND_GAP, ON_TRACK_GAP


class RolledUp(NamedTuple):
    """One objective: progress 0..1 (None where there is nothing to measure) and its status."""

    progress: Decimal | None
    health: Health


# A REAL differs from the exact quotient by less than this; rounding in SQLite is a slow function.
_NOISE = Decimal("1e-12")
_RANK = {health.value: rank for rank, health in enumerate(SEVERITY)}

# MATERIALIZED keeps SQLite from working an expression out again wherever it is named.
_STATEMENT = """
WITH goal AS (
    SELECT o.id, o.state, COALESCE(o.starts_on, c.starts_on) AS begins, c.ends_on AS ends,
        CASE o.ambition WHEN 'aspirational' THEN 0.7 ELSE 1.0 END AS score,
        CASE o.rhythm WHEN 'weekly' THEN {weekly_due} ELSE {monthly_due} END AS due
    FROM objectives_objective o JOIN objectives_cycle c ON c.id = o.cycle_id
    WHERE o.id IN ({chosen})
), paced AS MATERIALIZED (
    SELECT id, state, score, due, CASE WHEN {today} < begins THEN {not_started}
        WHEN {today} > ends THEN {overdue} END AS outside,
        CASE WHEN {today} >= ends THEN 1.0 WHEN {today} <= begins THEN 0.0 ELSE {gone} END AS gone
    FROM goal
), measured AS MATERIALIZED (
    SELECT g.id, g.state, g.outside, k.weight, k.final_progress, k.kind, k.kpi_follows, l.value,
        CASE k.ambition WHEN '' THEN g.score WHEN 'aspirational' THEN 0.7 ELSE 1.0 END * g.gone
            AS expected,
        CASE WHEN k.kind IN ('increase', 'decrease')
            THEN 1.0 * (COALESCE(l.value, k.baseline) - k.baseline) / (k.target - k.baseline)
            WHEN k.kind = 'yes_no' THEN CASE WHEN l.value <> 0 THEN 1.0 ELSE 0.0 END END AS raw,
        CASE WHEN k.next_due_on < g.due THEN l.id END AS stale_id
    FROM paced g
    LEFT JOIN objectives_keyresult k ON k.objective_id = g.id AND k.withdrawn_at IS NULL
    LEFT JOIN objectives_checkin l ON l.id = k.latest_id
), counted AS (
    SELECT m.*, CASE WHEN m.state = 'closed' THEN m.final_progress
        WHEN m.raw < 0 THEN 0.0 WHEN m.raw > 1 THEN 1.0 ELSE m.raw END AS ratio
    FROM measured m
)
SELECT id, MAX(state),
    SUM(1.0 * weight * ratio) / NULLIF(SUM(CASE WHEN ratio IS NOT NULL THEN weight END), 0),
    MIN(CASE
        WHEN outside IS NOT NULL THEN CASE WHEN weight IS NOT NULL THEN outside END
        WHEN stale_id IS NOT NULL AND kind <> 'open' THEN {stale}
        WHEN value IS NULL OR raw IS NULL
        THEN CASE WHEN kind NOT IN ('open', 'find_baseline') THEN {no_data} END
        WHEN raw >= 1 THEN {achieved}
        WHEN expected - ratio <= {on_track_gap} THEN {on_track}
        WHEN expected - ratio <= {behind_gap} THEN {behind}
        ELSE {at_risk}
    END),
    MAX(CASE WHEN kpi_follows OR raw IS NULL
        AND kind NOT IN ('increase', 'decrease', 'open', 'find_baseline') THEN 1 ELSE 0 END)
FROM counted
GROUP BY id
"""

# The words in which the databases differ.
_POSTGRES = {"gone": "({today} - begins)::numeric / (ends - begins)", "day": "DATE '{}'"}
_SQLITE = {
    "gone": "(julianday({today}) - julianday(begins)) / (julianday(ends) - julianday(begins))",
    "day": "'{}'",
}


def rolled_up(objectives: ObjectiveQuerySet, today: date) -> dict[int, RolledUp]:
    """Where each of these objectives stands, by id; drafts, parked and withdrawn ones are left out.

    One statement for what is measured by hand or closed, and a fixed number of queries more for
    those of other kinds. `today` is the date in the organisation's zone.
    """
    found, others = {}, _with_path(objectives)
    for pk, state, share, severity, is_other in _rows(objectives, today):
        if is_other and state != ObjectiveState.CLOSED:
            others.add(pk)
        found[pk] = RolledUp(_decimal(share), _health(state, severity))
    if others:
        for one in Objective.objects.filter(pk__in=others).with_latest():
            standing = objective_standing(one, today)
            found[one.pk] = RolledUp(standing.progress, standing.health)
    return found


def _with_path(objectives: ObjectiveQuerySet) -> set[int]:
    """Those worked on of which a key result has a path of its own."""
    rows = Checkpoint.objects.filter(
        key_result__objective__in=objectives.order_by().values("pk"),
        key_result__objective__state=ObjectiveState.ACTIVE,
    )
    return set(rows.order_by().values_list("key_result__objective", flat=True))


def _rows(objectives: ObjectiveQuerySet, today: date) -> list[tuple]:
    """(id, state, progress, severity, whether `standing` must tell) of each."""
    chosen, parameters = (
        objectives.filter(state__in=ROLLED_UP)
        .order_by()
        .values("pk")
        .query.get_compiler(connection=connection)
        .as_sql()
    )
    with connection.cursor() as cursor:
        cursor.execute(_statement(today, chosen), parameters)
        return cursor.fetchall()


def _statement(today: date, chosen: str) -> str:
    words = _POSTGRES if connection.vendor == "postgresql" else _SQLITE
    day = words["day"].format(today)
    weekly = words["day"].format(today - timedelta(days=GRACE_DAYS[Rhythm.WEEKLY]))
    monthly = words["day"].format(today - timedelta(days=GRACE_DAYS[Rhythm.MONTHLY]))
    return _STATEMENT.format(
        chosen=chosen,
        today=day,
        weekly_due=weekly,
        monthly_due=monthly,
        gone=words["gone"].format(today=day),
        on_track_gap=ON_TRACK_GAP + _NOISE,
        behind_gap=BEHIND_GAP + _NOISE,
        **_RANK,
    )


def _health(state: str, severity: int | None) -> Health:
    if state == ObjectiveState.CLOSED:
        return Health.CLOSED
    return Health.NO_DATA if severity is None else SEVERITY[severity]


def _decimal(share: Decimal | float | None) -> Decimal | None:
    """A share as the database gave it: exact from PostgreSQL, 15 digits of a REAL from SQLite."""
    if share is None or isinstance(share, Decimal):
        return share
    return Decimal(f"{share:.15f}")
