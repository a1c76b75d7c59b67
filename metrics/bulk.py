"""Set-wise SQL for imports: a staged file's readings against the stored values, on both databases.

The readings wait in a temporary table of this connection, loaded by COPY on PostgreSQL and in lots
on SQLite; comparing and merging are a few statements whatever the number of rows. What differs
between the databases is the loading, the locking clause and the word for "is distinct from".
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path

from django.db import connection
from django.db.backends.utils import CursorWrapper

COLUMNS = "row_no, kpi_id, day, identity, value, denominator, observed_at, external_id"
NULL = "\\N"
COPY_BYTES = 1 << 18
LOT = 5_000

_CREATE = """CREATE TEMPORARY TABLE metrics_staged (
    row_no integer, kpi_id bigint, day date, identity varchar(120), value numeric,
    denominator numeric, observed_at timestamptz, external_id varchar(100))"""
KEY = "m.kpi_id = s.kpi_id AND m.day = s.day AND m.identity = s.identity"
_JOIN = f"metrics_staged s LEFT JOIN metrics_measurement m ON {KEY}"


@dataclass(frozen=True, slots=True)
class KpiCounts:
    """What a file holds for one KPI; `touched_from` is the first day that would change, or None."""

    kpi: int
    rows: int
    new: int
    changed: int
    first_on: date
    last_on: date
    touched_from: date | None


@dataclass(frozen=True, slots=True)
class Change:
    """One value the file would replace; None is no value."""

    row: int
    kpi: int
    day: date
    identity: str
    old: Decimal | None
    new: Decimal | None


@contextmanager
def staged(path: Path) -> Iterator[None]:
    """The readings of a staged file as the temporary table `metrics_staged`."""
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE IF EXISTS metrics_staged")
        cursor.execute(_CREATE)
        try:
            (_copy if is_postgres() else _insert_lots)(cursor, path)
            if is_postgres():
                cursor.execute("ANALYZE metrics_staged")
            yield
        finally:
            _drop(cursor, "metrics_staged")


def repeated(limit: int) -> tuple[int, int, list[Change]]:
    """(identities on several rows, of them those with different values, the first of these).

    A `Change` here has the later row and its value as new, which wins, and an earlier one as old.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT count(*), coalesce(sum(clash), 0) FROM ({_REPEATED}) AS r"  # noqa: S608
        )
        several, clashing = cursor.fetchone()
        cursor.execute(
            f"""SELECT r.last_row, r.kpi_id, r.day, r.identity, a.value, b.value
            FROM ({_REPEATED}) AS r
            JOIN metrics_staged a ON a.row_no = r.first_row AND a.kpi_id = r.kpi_id
            JOIN metrics_staged b ON b.row_no = r.last_row AND b.kpi_id = r.kpi_id
            WHERE r.clash = 1 ORDER BY 1 LIMIT %s""",  # noqa: S608
            [limit if clashing else 0],
        )
        return several, int(clashing), [_change(row) for row in cursor.fetchall()]


def keep_last() -> None:
    """Of several rows of one identity keep the last one (signals.md 3: the later wins)."""
    with connection.cursor() as cursor:
        cursor.execute("CREATE INDEX metrics_staged_key ON metrics_staged (kpi_id, day, identity)")
        cursor.execute(
            """DELETE FROM metrics_staged WHERE EXISTS (SELECT 1 FROM metrics_staged later
            WHERE later.kpi_id = metrics_staged.kpi_id AND later.day = metrics_staged.day
                AND later.identity = metrics_staged.identity
                AND later.row_no > metrics_staged.row_no)"""
        )


@contextmanager
def compared() -> Iterator[None]:
    """What the staged readings would write, as the table `metrics_delta`: one join for it all.

    A new reading, or one whose value or denominator differs. Withdrawing what is not there is
    neither.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            f"""CREATE TEMPORARY TABLE metrics_delta AS SELECT s.*, m.value AS old_value,
                CASE WHEN m.kpi_id IS NULL THEN 1 ELSE 0 END AS is_new FROM {_JOIN}
            WHERE (m.kpi_id IS NULL AND s.value IS NOT NULL)
                OR (m.kpi_id IS NOT NULL AND ({differs()}))"""  # noqa: S608
        )
        try:
            yield
        finally:
            _drop(cursor, "metrics_delta")


def counts() -> list[KpiCounts]:
    """Readings of each KPI, and how many of them are new and changed."""
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT s.kpi_id, s.readings, coalesce(d.new, 0), coalesce(d.changed, 0),
                s.first_on, s.last_on, d.touched_from
            FROM (SELECT kpi_id, count(*) AS readings, min(day) AS first_on, max(day) AS last_on
                FROM metrics_staged GROUP BY kpi_id) AS s
            LEFT JOIN (SELECT kpi_id, sum(is_new) AS new, sum(1 - is_new) AS changed,
                min(day) AS touched_from FROM metrics_delta GROUP BY kpi_id) AS d
            ON d.kpi_id = s.kpi_id ORDER BY s.kpi_id"""
        )
        return [
            KpiCounts(kpi, rows, int(new), int(changed), _day(first), _day(last), _day(touched))
            for kpi, rows, new, changed, first, last, touched in cursor.fetchall()
        ]


def differences(limit: int, *, new: bool) -> list[Change]:
    """The first new values, or the first changed ones, in the order of the file's rows."""
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT row_no, kpi_id, day, identity, old_value, value FROM metrics_delta
            WHERE is_new = %s ORDER BY row_no LIMIT %s""",
            [int(new), limit],
        )
        return [_change(row) for row in cursor.fetchall()]


def write_delta(path: Path) -> None:
    """Put what would be written in place of all that was staged: the import reads no more."""
    select = f"SELECT {COLUMNS} FROM metrics_delta ORDER BY row_no"  # noqa: S608
    with connection.cursor() as cursor, path.open("wb") as file:
        if is_postgres():
            with cursor.copy(f"COPY ({select}) TO STDOUT") as copy:
                file.writelines(copy)
            return
        cursor.execute(select)
        while lot := cursor.fetchmany(LOT):
            file.writelines(map(_line, lot))


def moved(sources: dict[int, int], limit: int) -> list[tuple[int, str, date]]:
    """(row, external id, day it stands on) of ids that are stored for the KPI on another day."""
    if not sources:
        return []
    marks = " OR ".join(["(s.kpi_id = %s AND m.source_id = %s)"] * len(sources))
    with connection.cursor() as cursor:
        cursor.execute(
            f"""SELECT s.row_no, s.external_id, m.day FROM metrics_staged s
            JOIN metrics_measurement m ON m.kpi_id = s.kpi_id AND m.external_id = s.external_id
            WHERE s.external_id <> '' AND m.day <> s.day AND ({marks})
            ORDER BY s.row_no LIMIT %s""",  # noqa: S608
            [value for pair in sources.items() for value in pair] + [limit],
        )
        return [(row, external_id, _day(day)) for row, external_id, day in cursor.fetchall()]


def split_ids(limit: int) -> list[tuple[int, str, date]]:
    """(row, external id, another day) of ids that the file itself gives to two days."""
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT max(row_no), external_id, min(day) FROM metrics_staged
            WHERE external_id <> '' GROUP BY kpi_id, external_id
            HAVING min(day) <> max(day) ORDER BY 1 LIMIT %s""",
            [limit],
        )
        return [(row, external_id, _day(day)) for row, external_id, day in cursor.fetchall()]


def fingerprint(kpi_ids: list[int]) -> str:
    """What stands for these KPIs now; another text after any write to one of their values."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"""SELECT count(*), max(recorded_at), coalesce(sum(revision), 0)
            FROM metrics_measurement WHERE kpi_id IN ({marks(kpi_ids)})""",  # noqa: S608
            kpi_ids,
        )
        return "/".join(map(str, cursor.fetchone()))


def _copy(cursor: CursorWrapper, path: Path) -> None:
    """The staged file is written in COPY's own format, so its bytes go in as they are."""
    load = f"COPY metrics_staged ({COLUMNS}) FROM STDIN"
    with path.open("rb") as file, cursor.copy(load) as copy:
        while chunk := file.read(COPY_BYTES):
            copy.write(chunk)


def _insert_lots(cursor: CursorWrapper, path: Path) -> None:
    """Split and inserted in C. A savepoint outside a transaction locks nothing of the database."""
    cells = [f"nullif(?, '{NULL}')"] * len(COLUMNS.split(","))
    insert = f"INSERT INTO temp.metrics_staged ({COLUMNS}) VALUES ({', '.join(cells)})"  # noqa: S608
    cursor.execute("SAVEPOINT metrics_staging")
    with path.open(encoding="utf-8", newline="\n") as file:
        rows = csv.reader(file, delimiter="\t", quoting=csv.QUOTE_NONE)
        with connection.wrap_database_errors:
            connection.connection.executemany(insert, rows)
    cursor.execute("RELEASE metrics_staging")


def _line(row: tuple) -> bytes:
    """A row of SQLite's as a line of a staged file."""
    number, kpi, day, identity, value, below, observed, external_id = row
    cells = (number, kpi, day, identity, _number(value), _number(below), observed, external_id)
    return ("\t".join(NULL if c is None else str(c) for c in cells) + "\n").encode()


def _drop(cursor: CursorWrapper, table: str) -> None:
    """Gone at once, unless a failed statement has ended the transaction, which drops it too."""
    if not connection.needs_rollback:
        cursor.execute(f"DROP TABLE IF EXISTS {table}")


def is_postgres() -> bool:
    """Whether the default database is PostgreSQL; else it is SQLite."""
    return connection.vendor == "postgresql"


def differs() -> str:
    """Whether a staged reading says something else than the stored value, as SQL."""
    other = "IS DISTINCT FROM" if is_postgres() else "IS NOT"
    return f"m.value {other} s.value OR m.denominator {other} s.denominator"


def marks(values: list) -> str:
    return ", ".join(["%s"] * len(values))


def _change(row: tuple) -> Change:
    number, kpi, day, identity, old, new = row
    return Change(number, kpi, _day(day), identity, _number(old), _number(new))


def _day(value: date | str | None) -> date | None:
    return date.fromisoformat(value) if isinstance(value, str) else value


def _number(value: object) -> Decimal | None:
    """A stored number; SQLite gives REAL back, whose 15 digits are the number that was stored."""
    if value is None or isinstance(value, Decimal):
        return value
    return Decimal(f"{value:.15g}")


_REPEATED = """SELECT min(row_no) AS first_row, max(row_no) AS last_row, kpi_id, day, identity,
    CASE WHEN min(value) <> max(value) OR min(denominator) <> max(denominator)
        OR (count(value) > 0 AND count(value) < count(*)) THEN 1 ELSE 0 END AS clash
    FROM metrics_staged GROUP BY kpi_id, day, identity HAVING count(*) > 1"""
