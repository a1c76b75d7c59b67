"""Progress and status of very many objectives at once, added up inside the database.

A company's cycle has thousands of objectives and a page needs one sum of them: making a row object
of each key result would cost fifty times what the database takes. The arithmetic is that of
`standing`, and tests hold the two together; what a statement cannot tell (a standard's periods, a
hold's run, a path, steps, what a key result was before a revision) is worked out by `standing` for
those objectives alone. The statements are in `rolled_up_sql`.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from datetime import date, datetime
from decimal import Decimal
from typing import NamedTuple

from django.db import connection

from objectives.grading import band
from objectives.kinds import Health, KeyResultKind
from objectives.models import Objective
from objectives.querysets import ObjectiveQuerySet
from objectives.rolled_up_sql import Look, When, instant, statement
from objectives.rollup import SEVERITY
from objectives.standing import (
    KeyResultStanding,
    ObjectiveStanding,
    follows,
    objective_standing,
)
from objectives.states import ObjectiveState

# The tones of the heat map, and which status of a key result has which; not begun has none.
TONES = ("on", "near", "off", "idle")
HEALTH_TONES = {
    Health.ON_TRACK: "on",
    Health.ACHIEVED: "on",
    Health.BEHIND: "near",
    Health.OVERDUE: "near",
    Health.AT_RISK: "off",
    Health.STALE: "idle",
    Health.NO_DATA: "idle",
}
_BANDS = {"high": "on", "mid": "near", "low": "off"}
Worked = Callable[[Collection[int]], Iterable[ObjectiveStanding]]


class RolledUp(NamedTuple):
    """One objective: progress and what is expected 0..1 (None: nothing to measure), its status.

    `tones` counts its key results in the order of `TONES`, a closed one's by its grade; `count` are
    those not withdrawn, `owed` those of them that are checked in on by hand. `lowest` is the lowest
    confidence 0..10 last given, `confidence` the weighted mean.
    """

    progress: Decimal | None
    health: Health
    expected: Decimal | None = None
    state: str = ""
    tones: tuple[int, int, int, int] = (0, 0, 0, 0)
    lowest: int | None = None
    confidence: Decimal | None = None
    count: int = 0
    owed: int = 0


class RowFact(NamedTuple):
    """One key result: its status, and when it was last checked in on (None: never).

    `owes` False: it follows its KPI, or has no measure yet.
    """

    pk: int
    objective_id: int
    title: str
    kind: str
    target: Decimal | None
    kpi_id: int | None
    health: Health
    owes: bool
    said_at: datetime | None

    @property
    def url(self) -> str:
        """Its page."""
        return f"/key-results/{self.pk}/"


def rolled_up(objectives: ObjectiveQuerySet, today: date) -> dict[int, RolledUp]:
    """Where each of these objectives stands, by id; drafts, parked and withdrawn ones are left out.

    One statement for what is measured by hand, by a KPI's last value or closed, and a fixed number
    of queries more for those of other kinds. `today` is the date in the organisation's zone.
    """

    def worked(ids: Collection[int]) -> Iterable[ObjectiveStanding]:
        rows = Objective.objects.filter(pk__in=ids).with_latest()
        return [objective_standing(one, today) for one in rows]

    return stood_up(objectives, When(today), worked).goals


class StoodUp(NamedTuple):
    """Objectives by id, the key results that were to be looked at, and what was worked out."""

    goals: dict[int, RolledUp]
    rows: list[RowFact]
    standings: dict[int, ObjectiveStanding]


def stood_up(
    objectives: ObjectiveQuerySet, when: When, worked: Worked, look: Look | None = None
) -> StoodUp:
    """The same at any moment; `worked` works out those that no statement can tell."""
    goals, others, rows = {}, [], []
    for pk, state, *figures, is_other, title, kind, said_at in _fetched(
        *statement(objectives, when, look)
    ):
        if title is not None:
            rows.append((pk, state, *figures[:6], title, kind, said_at))
            continue
        if is_other:
            others.append(pk)
        goals[pk] = _goal(state, *figures)
    standings = {one.objective.pk: one for one in worked(others)} if others else {}
    goals |= {pk: rolled(one) for pk, one in standings.items()}
    told = {row.key_result.pk: row.health for one in standings.values() for row in one.key_results}
    return StoodUp(goals, sorted(_row(told, *row) for row in rows), standings)


def _goal(state, share, expected, severity, on, near, off, idle, *rest) -> RolledUp:
    """An objective from its row of the statement."""
    lowest, confidence, count, owed = rest
    return RolledUp(
        _decimal(share),
        _health(state, severity),
        _decimal(expected),
        state,
        (on, near, off, idle),
        lowest,
        _decimal(confidence),
        count,
        owed or 0,
    )


def _row(
    told, objective_id, state, target, _, severity, pk, kpi_id, owes, title, kind, said_at
) -> RowFact:
    """A key result from its row of the statement."""
    health = told.get(pk) or _health(state, severity)
    target = target if target is None else Decimal(str(target))
    said_at = instant(said_at)
    return RowFact(pk, objective_id, title, kind, target, kpi_id, health, bool(owes), said_at)


def rolled(one: ObjectiveStanding) -> RolledUp:
    """The same of an objective that was worked out from its rows."""
    counted = [row for row in one.key_results if row.counts]
    tones = [tone_of(row) for row in counted]
    return RolledUp(
        one.progress,
        one.health,
        one.expected,
        one.objective.state,
        tuple(tones.count(tone) for tone in TONES),  # type: ignore[arg-type]
        one.lowest_confidence,
        one.confidence,
        len(counted),
        sum(owes(row) for row in counted),
    )


def tone_of(row: KeyResultStanding) -> str | None:
    """The tone of a key result that counts; None for one not begun."""
    if row.health == Health.CLOSED:
        grade = row.key_result.grade
        return "idle" if grade is None else _BANDS[band(grade)]
    return HEALTH_TONES.get(row.health)


def owes(row: KeyResultStanding) -> bool:
    """True where somebody checks in by hand on what counts."""
    key_result = row.key_result
    return row.counts and not follows(key_result) and key_result.kind != KeyResultKind.OPEN


def _fetched(sql: str, parameters: tuple) -> list[tuple]:
    """All rows of a statement."""
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        return cursor.fetchall()


def _health(state: str, severity: int | None) -> Health:
    if state == ObjectiveState.CLOSED:
        return Health.CLOSED
    return Health.NO_DATA if severity is None else SEVERITY[severity]


def _decimal(share: Decimal | float | None) -> Decimal | None:
    """A number as the database gave it: exact from PostgreSQL, 15 digits of a REAL from SQLite."""
    if share is None or isinstance(share, Decimal):
        return share
    return Decimal(f"{share:.15f}")
