"""Writing what a dry run showed, as a few statements: revisions, corrections, new values.

The readings stand in `metrics_staged` (see bulk.py), or in their file where all of them are new.
"""

from __future__ import annotations

import csv
import re
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from django.db import connection
from django.db.backends.utils import CursorWrapper

from metrics.bulk import COPY_BYTES, KEY, NULL, differs, is_postgres

_MEASUREMENT = """kpi_id, day, identity, value, denominator, observed_at, external_id,
    source_id, batch_id, author_id, recorded_at, revision"""
_LINE_START = re.compile(rb"\n[0-9]+\t")


@dataclass(frozen=True, slots=True)
class Provenance:
    """Who writes, from which file, into which source of each KPI (a KPI may have none)."""

    batch: int
    author: int | None
    sources: dict[int, int]
    reason: str
    now: datetime


def keep_revisions(by: Provenance) -> int:
    """Copy every value that is about to change into the revisions; return how many."""
    lock = " FOR UPDATE OF m" if is_postgres() else ""
    with connection.cursor() as cursor:
        cursor.execute(
            f"""INSERT INTO metrics_measurementrevision (kpi_id, day, identity, revision, value,
                denominator, source_id, batch_id, author_id, recorded_at, replaced_at,
                replaced_by_id, reason)
            SELECT m.kpi_id, m.day, m.identity, m.revision, m.value, m.denominator, m.source_id,
                m.batch_id, m.author_id, m.recorded_at, {_cast("timestamptz")},
                {_cast("bigint")}, {_cast("varchar")}
            FROM metrics_staged s JOIN metrics_measurement m ON {KEY}
            WHERE {differs()}{lock}""",  # noqa: S608
            [_at(by.now), by.author, by.reason],
        )
        return cursor.rowcount


def replace_changed(by: Provenance) -> int:
    """Overwrite the values that differ; their old state must be in the revisions by now."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"""UPDATE metrics_measurement AS m SET value = s.value, denominator = s.denominator,
                observed_at = s.observed_at, external_id = s.external_id,
                source_id = {_source(by)}, batch_id = %s, author_id = %s, recorded_at = %s,
                revision = m.revision + 1
            FROM metrics_staged s WHERE {KEY} AND ({differs()})""",  # noqa: S608
            [by.batch, by.author, _at(by.now)],
        )
        return cursor.rowcount


def insert_new(by: Provenance) -> int:
    """Insert the values that have no row yet; one that got a row meanwhile is left alone."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"""INSERT INTO metrics_measurement ({_MEASUREMENT})
            SELECT s.kpi_id, s.day, s.identity, s.value, s.denominator, s.observed_at,
                s.external_id, {_source(by)}, {_cast("bigint")}, {_cast("bigint")},
                {_cast("timestamptz")}, 0
            FROM metrics_staged s WHERE s.value IS NOT NULL
            ORDER BY s.kpi_id, s.day, s.identity
            ON CONFLICT DO NOTHING""",  # noqa: S608
            [by.batch, by.author, _at(by.now)],
        )
        return cursor.rowcount


def insert_file(path: Path, by: Provenance) -> int:
    """Insert a staged file's readings as they are, for KPIs that have no values; return how many.

    One source for all of them. Raises IntegrityError if one got a value meanwhile.
    """
    (source,) = set(by.sources.values())
    tail = (source, by.batch, by.author, by.now, 0)
    with connection.wrap_database_errors, connection.cursor() as cursor:
        return (_copy_values if is_postgres() else _insert_values)(cursor, path, tail)


def _copy_values(cursor: CursorWrapper, path: Path, tail: tuple) -> int:
    """COPY the file with its row numbers taken out and the columns of `tail` put behind."""
    cells = [NULL if cell is None else str(cell) for cell in tail]
    end = ("\t" + "\t".join(cells) + "\n").encode()
    pattern, rows = end.replace(b"\\", rb"\\"), 0
    with (
        path.open("rb") as file,
        cursor.copy(f"COPY metrics_measurement ({_MEASUREMENT}) FROM STDIN") as copy,
    ):
        while chunk := file.read(COPY_BYTES):
            lines = b"\n" + chunk + file.readline()
            lines, count = _LINE_START.subn(pattern, lines[:-1])
            copy.write(lines[len(end) :] + end)
            rows += count
    return rows


def _insert_values(cursor: CursorWrapper, path: Path, tail: tuple) -> int:
    """The same for SQLite; the row number is the first parameter, which no column takes."""
    cells = [f"nullif(?{n}, '{NULL}')" for n in range(2, 9)]
    end = [f"?{n}" for n in range(9, 14)]
    insert = f"INSERT INTO metrics_measurement ({_MEASUREMENT}) VALUES ({', '.join(cells + end)})"  # noqa: S608
    source, batch, author, now, revision = tail
    constant = (source, batch, author, _at(now), revision)
    with path.open(encoding="utf-8", newline="\n") as file:
        rows = csv.reader(file, delimiter="\t", quoting=csv.QUOTE_NONE)
        done = connection.connection.executemany(insert, ((*row, *constant) for row in rows))
    return done.rowcount


def _cast(kind: str) -> str:
    """A parameter in a SELECT list, whose type PostgreSQL cannot infer."""
    return f"%s::{kind}" if is_postgres() else "%s"


def _source(by: Provenance) -> str:
    """The source of a row by its KPI, as SQL; the ids are our own integers.

    Mostly it is one for all: a thousand cases for each of ten thousand rows took their time.
    """
    if len(set(by.sources.values())) == 1:
        (source,) = set(by.sources.values())
        return f"{source:d}"
    cases = " ".join(f"WHEN {kpi:d} THEN {source:d}" for kpi, source in by.sources.items())
    null = "NULL::bigint" if is_postgres() else "NULL"
    return f"CASE s.kpi_id {cases} ELSE {null} END" if cases else null


def _at(moment: datetime) -> object:
    return connection.ops.adapt_datetimefield_value(moment)
