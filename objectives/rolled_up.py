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
SELECT r.id, r.state,
    SUM(CASE WHEN r.ratio IS NOT NULL THEN r.weight * r.ratio END)
        / NULLIF(SUM(CASE WHEN r.ratio IS NOT NULL THEN r.weight END), 0),
    MIN(CASE
        WHEN r.weight IS NULL THEN NULL
        WHEN {today} < r.begins THEN {not_started}
        WHEN {today} > r.ends THEN {overdue}
        WHEN r.is_stale THEN {stale}
        WHEN r.is_to_be_found THEN NULL
        WHEN r.raw IS NULL OR r.value IS NULL THEN {no_data}
        WHEN r.raw >= 1 THEN {achieved}
        WHEN ROUND(r.expected - r.ratio, 12) <= 0.10 THEN {on_track}
        WHEN ROUND(r.expected - r.ratio, 12) <= 0.25 THEN {behind}
        ELSE {at_risk}
    END),
    MAX(r.is_other)
FROM (
    SELECT m.*,
        CASE WHEN m.state = 'closed' THEN m.final_progress
            WHEN m.raw < 0 THEN 0.0 WHEN m.raw > 1 THEN 1.0 ELSE m.raw END AS ratio,
        CASE WHEN m.begins = m.ends THEN CASE WHEN {today} >= m.ends THEN 1.0 ELSE 0.0 END
            WHEN {today} <= m.begins THEN 0.0
            WHEN {today} >= m.ends THEN 1.0
            ELSE {gone} END * m.score AS expected
    FROM (
        SELECT o.id, o.state, COALESCE(o.starts_on, c.starts_on) AS begins, c.ends_on AS ends,
            1.0 * k.weight AS weight, k.final_progress, l.value,
            CASE COALESCE(NULLIF(k.ambition, ''), o.ambition) WHEN 'aspirational' THEN 0.7
                ELSE 1.0 END AS score,
            CASE WHEN k.kind = 'yes_no' THEN CASE WHEN l.value <> 0 THEN 1.0 ELSE 0.0 END
                WHEN k.kind IN ('increase', 'decrease')
                THEN 1.0 * (COALESCE(l.value, k.baseline) - k.baseline) / (k.target - k.baseline)
                END AS raw,
            l.id IS NOT NULL AND k.kind <> 'open' AND k.next_due_on <
                CASE o.rhythm WHEN 'weekly' THEN {weekly_due} ELSE {monthly_due} END AS is_stale,
            k.kind IN ('open', 'find_baseline') AS is_to_be_found,
            CASE WHEN o.state = 'active' AND (k.kpi_follows
                OR k.kind NOT IN ('increase', 'decrease', 'yes_no', 'open', 'find_baseline')
                OR k.id IN (SELECT key_result_id FROM objectives_checkpoint))
                THEN 1 ELSE 0 END AS is_other
        FROM objectives_objective o
        JOIN objectives_cycle c ON c.id = o.cycle_id
        LEFT JOIN objectives_keyresult k ON k.objective_id = o.id AND k.withdrawn_at IS NULL
        LEFT JOIN objectives_checkin l ON l.id = k.latest_id
        WHERE o.id IN ({chosen})
    ) m
) r
GROUP BY r.id, r.state
"""

# The words in which the databases differ.
_POSTGRES = {"gone": "({today} - m.begins)::numeric / (m.ends - m.begins)", "day": "DATE '{}'"}
_SQLITE = {
    "gone": "(julianday({today}) - julianday(m.begins))"
    " / (julianday(m.ends) - julianday(m.begins))",
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
        chosen=chosen,
        today=day,
        weekly_due=weekly,
        monthly_due=monthly,
        gone=words["gone"].format(today=day),
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
