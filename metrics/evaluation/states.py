"""Writes the state rows of a batch back: one statement on PostgreSQL, one prepared on SQLite."""

# ruff: noqa: S608 (what is joined into a query here are constants of this module)

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import connection

from metrics.episodes import ALL_QUIET, QUIET
from metrics.evaluation.sql import adapted, is_postgres
from metrics.evaluation.stepping import Walk
from metrics.judging import NO_TARGETS

# The columns of a state with the type PostgreSQL is told; `kpi_id` and `marks` find the row.
_KEYS = {"kpi_id": "bigint", "marks": "integer"}
_ALWAYS = {"due_at": "timestamptz", "checkpoint": "text", "watermark_on": "date"}
_STANDING = {
    "phase": "text",
    "is_stale": "boolean",
    "streak": "integer",
    "recovery": "integer",
    "steady": "text",
}
_JUDGED = {
    "latest_on": "date",
    "latest_value": "numeric",
    "latest_status": "text",
    "status_since": "date",
    "recent": "text",
}
# Nobody's change is waiting. Not set where it is so already: to SQLite it is a foreign key touched,
# and where signals were written before in the transaction that doubles the cost of every row.
_AUTHOR = {"changed_by_id": "bigint"}
# What every evaluated row gets: nothing is dirty, nothing failed.
_DONE = "dirty_from = NULL, attempts = 0, last_error = '', moment = %s"


def write_states(
    walks: Sequence[Walk],
    due_at: Mapping[int, datetime],
    steady: Mapping[int, str],
    now: datetime,
) -> None:
    """Store where each KPI stands and when to look again.

    `due_at` holds the KPIs that are due before their calendar says so, `steady` the grades of those
    whose open signal nothing but data can change. A row that was marked due
    since it was read keeps its due time and its dirty day: the next evaluation sees the change.
    """
    moments = _Moments()
    calm: list[tuple] = []
    moved: list[tuple] = []
    waiting: list[tuple] = []
    for walk in walks:
        state, result, display = walk.state, walk.result, walk.display
        standing, checkpoint, kpi_id = result.standing, result.checkpoint, state.kpi_id
        look = due_at.get(kpi_id)
        row = (
            moments.text(walk.due_at if look is None or look > walk.due_at else look),
            checkpoint,
            checkpoint[:10] or walk.plan.line.first.isoformat(),
        )
        if standing is ALL_QUIET and display and state.phase == QUIET and not state.is_stale:
            # Nothing is counted and nothing was: most rows of most runs.
            calm.append((*row, *display, kpi_id, state.marks))
            continue
        stands = (
            standing.state,
            standing.is_stale and walk.targets is not NO_TARGETS,
            standing.streak,
            standing.recovery,
            steady.get(kpi_id, ""),
        )
        if display is None:
            waiting.append((*row, *stands, kpi_id, state.marks))
        else:
            moved.append((*row, *stands, *display, kpi_id, state.marks))
    _update(_ALWAYS | _JUDGED, calm, now)
    _update(_ALWAYS | _STANDING | _JUDGED, moved, now)
    _update(_ALWAYS | _STANDING, waiting, now)
    authored = [walk.state for walk in walks if walk.state.changed_by is not None]
    _update(_AUTHOR, [(None, state.kpi_id, state.marks) for state in authored], now)


class _Moments:
    """Instants as the database stores them; a batch has a few different ones."""

    def __init__(self) -> None:
        self._texts: dict[datetime, str] = {}

    def text(self, moment: datetime) -> str:
        text = self._texts.get(moment)
        if text is None:
            text = self._texts[moment] = str(adapted(moment))
        return text


def _update(columns: Mapping[str, str], rows: Sequence[tuple], now: datetime) -> None:
    """Set `columns` of the states; the last two items of each row are its keys."""
    if not rows:
        return
    with connection.cursor() as cursor:
        if is_postgres():
            cursor.execute(*_unnested(columns, rows, now))
            return
        assigned = ", ".join(f"{name} = %s" for name in columns)
        cursor.executemany(
            f"UPDATE metrics_kpistate SET {assigned}, {_DONE.replace('%s', _quoted(now))}"
            " WHERE kpi_id = %s AND marks = %s",
            rows,
        )


def _quoted(now: datetime) -> str:
    return f"'{adapted(now)}'"


def _unnested(columns: Mapping[str, str], rows: Sequence[tuple], now: datetime) -> tuple[str, list]:
    """One UPDATE from array literals, which cost a tenth of a parameter for each value."""
    types = [*columns.values(), *_KEYS.values()]
    names = [*columns, *_KEYS]
    arrays = ", ".join(f"%s::{kind}[]" for kind in types)
    assigned = ", ".join(f"{name} = u.{name}" for name in columns)
    sql = (
        f"UPDATE metrics_kpistate s SET {assigned}, {_DONE}"
        f" FROM unnest({arrays}) AS u({', '.join(names)})"
        " WHERE s.kpi_id = u.kpi_id AND s.marks = u.marks"
    )
    literals = [
        _literal(items, quoted=kind == "text")
        for items, kind in zip(zip(*rows, strict=True), types, strict=True)
    ]
    return sql, [now, *literals]


def _literal(items: Iterable[Any], *, quoted: bool) -> str:
    """An array literal. Of our texts only checkpoints hold quotation marks, none a backslash."""
    if quoted:
        return "{" + ",".join([f'"{_escaped(item)}"' for item in items]) + "}"
    return "{" + ",".join(["NULL" if item is None else str(item) for item in items]) + "}"


def _escaped(text: str) -> str:
    return text.replace('"', '\\"') if '"' in text else text


def forget_states(kpi_ids: Sequence[int], now: datetime) -> None:
    """KPIs without a cadence: nothing to look at until somebody gives them one."""
    if kpi_ids:
        with connection.cursor() as cursor:
            cursor.executemany(
                f"UPDATE metrics_kpistate SET due_at = NULL, checkpoint = '', changed_by_id = NULL,"
                f" {_DONE}"
                " WHERE kpi_id = %s",
                [(adapted(now), kpi_id) for kpi_id in kpi_ids],
            )
