"""Progress and status of very many objectives at once, added up inside the database.

A company's cycle has thousands of objectives and a page needs one sum of them: making a row object
of each key result would cost fifty times what the database takes. The arithmetic is that of
`standing`, and a test holds the two together; what a statement cannot tell (a standard's periods, a
hold's run, a KPI's value, a path, steps) is worked out by `standing` for those objectives alone.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from typing import NamedTuple

from django.db import connection

from objectives.kinds import Health, Rhythm
from objectives.models import Objective
from objectives.querysets import ObjectiveQuerySet
from objectives.rhythm import GRACE_DAYS
from objectives.rollup import SEVERITY
from objectives.standing import objective_standing
from objectives.states import ROLLED_UP, ObjectiveState


class RolledUp(NamedTuple):
    """One objective: progress 0..1 (None where there is nothing to measure) and its status."""

    progress: Decimal | None
    health: Health


_RANK = {health.value: rank for rank, health in enumerate(SEVERITY)}

_STATEMENT = """
WITH goal AS (
    SELECT o.id, o.state, o.ambition, o.rhythm, {begins} AS begins, c.ends_on AS ends
    FROM objectives_objective o JOIN objectives_cycle c ON c.id = o.cycle_id
    WHERE o.id IN ({chosen})
), paced AS (
    SELECT g.*, CASE WHEN g.begins = g.ends THEN CASE WHEN {today} >= g.ends THEN 1.0 ELSE 0.0 END
        ELSE {gone} END AS gone
    FROM goal g
), measured AS (
    SELECT g.id, g.state, g.begins, g.ends, k.weight, k.kind, k.final_progress,
        CASE WHEN COALESCE(NULLIF(k.ambition, ''), g.ambition) = 'aspirational' THEN 0.7 ELSE 1.0
            END * g.gone AS expected,
        l.value,
        CASE WHEN k.kind = 'yes_no' THEN CASE WHEN COALESCE(l.value, 0) <> 0 THEN 1.0 ELSE 0.0 END
            WHEN k.kind IN ('increase', 'decrease') AND k.baseline IS NOT NULL
            THEN 1.0 * (COALESCE(l.value, k.baseline) - k.baseline) / (k.target - k.baseline)
            END AS raw,
        CASE WHEN l.id IS NOT NULL AND k.kind <> 'open' AND k.next_due_on <
            CASE g.rhythm WHEN 'weekly' THEN {weekly_due} ELSE {monthly_due} END
            THEN 1 ELSE 0 END AS is_stale,
        CASE WHEN g.state = 'active' AND (k.kpi_follows
            OR k.kind NOT IN ('increase', 'decrease', 'yes_no', 'open', 'find_baseline')
            OR k.id IN (SELECT key_result_id FROM objectives_checkpoint))
            THEN 1 ELSE 0 END AS is_other
    FROM paced g
    JOIN objectives_keyresult k ON k.objective_id = g.id AND k.withdrawn_at IS NULL
    LEFT JOIN objectives_checkin l ON l.id = k.latest_id
), ranked AS (
    SELECT m.id, m.weight, m.is_other,
        CASE WHEN m.state = 'closed' THEN m.final_progress ELSE {clamped} END AS ratio,
        CASE
            WHEN {today} < m.begins THEN {not_started}
            WHEN {today} > m.ends THEN {overdue}
            WHEN m.is_stale = 1 THEN {stale}
            WHEN m.raw IS NULL AND m.kind IN ('open', 'find_baseline') THEN NULL
            WHEN m.raw IS NULL OR m.value IS NULL THEN {no_data}
            WHEN m.raw >= 1 THEN {achieved}
            WHEN ROUND(m.expected - {clamped}, 12) <= 0.10 THEN {on_track}
            WHEN ROUND(m.expected - {clamped}, 12) <= 0.25 THEN {behind}
            ELSE {at_risk}
        END AS severity
    FROM measured m
)
SELECT g.id, g.state,
    SUM(CASE WHEN r.ratio IS NOT NULL THEN 1.0 * r.weight * r.ratio END)
        / NULLIF(SUM(CASE WHEN r.ratio IS NOT NULL THEN r.weight END), 0),
    MIN(r.severity), MAX(r.is_other)
FROM goal g LEFT JOIN ranked r ON r.id = g.id
GROUP BY g.id, g.state
"""

# The words in which the databases differ.
_POSTGRES = {
    "gone": "LEAST(GREATEST(({today} - g.begins)::numeric / (g.ends - g.begins), 0), 1)",
    "clamped": "LEAST(GREATEST(m.raw, 0), 1)",
    "day": "DATE '{}'",
}
_SQLITE = {
    "gone": "MIN(MAX((julianday({today}) - julianday(g.begins))"
    " / (julianday(g.ends) - julianday(g.begins)), 0.0), 1.0)",
    # MIN and MAX of two are NULL when one is.
    "clamped": "MIN(MAX(m.raw, 0.0), 1.0)",
    "day": "'{}'",
}


def rolled_up(objectives: ObjectiveQuerySet, today: date) -> dict[int, RolledUp]:
    """Where each of these objectives stands, by id; drafts, parked and withdrawn ones are left out.

    One statement for what is measured by hand or closed, and a fixed number of queries more for
    those of other kinds. `today` is the date in the organisation's zone.
    """
    found, others = {}, []
    for pk, state, share, severity, is_other in _rows(objectives, today):
        if is_other:
            others.append(pk)
        else:
            found[pk] = RolledUp(_decimal(share), _health(state, severity))
    if others:
        for one in Objective.objects.filter(pk__in=others).with_latest():
            standing = objective_standing(one, today)
            found[one.pk] = RolledUp(standing.progress, standing.health)
    return found


def _rows(objectives: ObjectiveQuerySet, today: date) -> Iterator[tuple]:
    chosen, parameters = (
        objectives.filter(state__in=ROLLED_UP)
        .order_by()
        .values("pk")
        .query.get_compiler(connection=connection)
        .as_sql()
    )
    with connection.cursor() as cursor:
        cursor.execute(_statement(today, chosen), parameters)
        yield from cursor.fetchall()


def _statement(today: date, chosen: str) -> str:
    words = _POSTGRES if connection.vendor == "postgresql" else _SQLITE
    day = words["day"].format(today)
    weekly = words["day"].format(today - timedelta(days=GRACE_DAYS[Rhythm.WEEKLY]))
    monthly = words["day"].format(today - timedelta(days=GRACE_DAYS[Rhythm.MONTHLY]))
    return _STATEMENT.format(
        begins="COALESCE(o.starts_on, c.starts_on)",
        chosen=chosen,
        today=day,
        weekly_due=weekly,
        monthly_due=monthly,
        gone=words["gone"].format(today=day),
        clamped=words["clamped"],
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
