"""The measurements as they were known at a past moment, and for which KPIs more is known since.

Both can be asked of stretches of days, `(KPI id, first day, day after the last)` with days as text.
"""

# ruff: noqa: S608 (what is joined into a query here are constants of metrics.evaluation.sql)

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from datetime import date, datetime

from metrics.evaluation.measurements import instant
from metrics.evaluation.sql import adapted, among, as_day, fetch, id_list, is_postgres, number

Window = tuple[int, str, str]
_COLUMNS = "m.kpi_id, CAST(m.day AS text), m.identity, {value}, {weight}"


def changed_since(windows: Sequence[Window], moment: datetime) -> dict[int, date | None]:
    """For which KPIs something was recorded, replaced or withdrawn after the moment, and from when.

    Looked for by the key of the measurements, in the stretch of days each is told of. None: its
    target adds up over several periods, whose first may lie before.
    """
    at, asked = adapted(moment), {window[0] for window in windows}
    source, parameters = _rows_of(windows)
    first = f"SELECT w.kpi_id, CAST(MIN(m.day) AS text) FROM {source} CROSS JOIN"
    within = "m.kpi_id = w.kpi_id AND m.day >= w.since AND m.day < w.until"
    rows = fetch(
        f"{first} metrics_measurement m WHERE {within} AND m.recorded_at > %s GROUP BY 1 UNION ALL"
        f" {first} metrics_measurementrevision m WHERE {within} AND m.replaced_at > %s GROUP BY 1"
        " UNION ALL SELECT DISTINCT kpi_id, NULL FROM metrics_target WHERE accumulates <> ''",
        (*parameters, at, *parameters, at),
    )
    found: dict[int, date | None] = {}
    for pk, text in rows:
        if pk not in asked or (pk in found and found[pk] is None):
            continue
        day = as_day(text) if text else None
        found[pk] = min(found.get(pk) or day, day) if day else None
    return found


def recorded_by(
    ids: Iterable[int], moment: datetime, windows: Sequence[Window] | None = None
) -> Iterable[tuple]:
    """The measurements of KPIs as they stood at the moment, as `values_of` takes them.

    With `windows` only those of these days, whatever the ids.
    """
    source, parameters = "", (id_list(ids),)
    day = f"WHERE {among('m.kpi_id')}"
    if windows is not None:
        rows, parameters = _rows_of(windows)
        source = f"{rows} CROSS JOIN "
        day = "WHERE m.kpi_id = w.kpi_id AND m.day >= w.since AND m.day < w.until"
    day = f"{day} AND m.value IS NOT NULL AND m.recorded_at <= %s"
    numbers = _COLUMNS.format(value=number("m.value"), weight=number("m.denominator"))
    standing = fetch(
        f"SELECT {numbers}, {instant('m.observed_at')}, {instant('m.recorded_at')}"
        f" FROM {source}metrics_measurement m {day}",
        (*parameters, adapted(moment)),
    )
    replaced = fetch(
        f"SELECT {numbers}, {instant('c.observed_at')}, {instant('m.recorded_at')}"
        f" FROM {source}metrics_measurementrevision m LEFT JOIN metrics_measurement c"
        " ON c.kpi_id = m.kpi_id AND c.day = m.day AND c.identity = m.identity"
        f" {day} AND m.replaced_at > %s",
        (*parameters, adapted(moment), adapted(moment)),
    )
    return [*standing, *replaced]


def _rows_of(windows: Sequence[Window]) -> tuple[str, tuple]:
    """Stretches of days as rows `w` of a query, with their parameters."""
    if is_postgres():
        columns = zip(*windows, strict=True) if windows else ((), (), ())
        # As text at once: made one by one, the numbers of a list cost as much as the query.
        return (
            "unnest(%s::bigint[], %s::date[], %s::date[]) AS w(kpi_id, since, until)",
            tuple(id_list(column) for column in columns),
        )
    names = ", ".join(
        f"json_extract(value, '$[{at}]') AS {name}"
        for at, name in enumerate(("kpi_id", "since", "until"))
    )
    return f"(SELECT {names} FROM json_each(%s)) w", (json.dumps(windows),)
