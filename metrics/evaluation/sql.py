"""The words in which the evaluation talks to the two databases.

Dates travel as ISO text and numbers as text, which both databases give alike: 15 significant digits
come back from PostgreSQL's numeric and from SQLite's REAL as they went in.
"""

# ruff: noqa: S608 (what is joined into a query here are names of our own columns)

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache
from typing import Any

from django.db import connection


@lru_cache(maxsize=20_000)
def as_day(text: str) -> date:
    """A date from its ISO text; the same few thousand days come again and again."""
    return date.fromisoformat(text)


@lru_cache(maxsize=20_000)
def day_text(day: date) -> str:
    """The ISO text of a date."""
    return day.isoformat()


def is_postgres() -> bool:
    """Which of the two databases this is."""
    return connection.vendor == "postgresql"


def among(column: str) -> str:
    """A condition on a set of ids, whose one parameter is `id_list(ids)`."""
    if is_postgres():
        return f"{column} = ANY(%s::bigint[])"
    return f"{column} IN (SELECT value FROM json_each(%s))"


def id_list(ids: Iterable[int]) -> str:
    """The parameter for `among`."""
    text = ",".join(map(str, ids))
    return f"{{{text}}}" if is_postgres() else f"[{text}]"


def fetch(sql: str, parameters: Sequence[Any] = ()) -> list[tuple]:
    """All rows of a query."""
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        return cursor.fetchall()


def adapted(moment: datetime) -> Any:
    """An instant as the database compares it."""
    return connection.ops.adapt_datetimefield_value(moment)


def number(column: str) -> str:
    """A stored quantity as text without trailing zeros, the same from both databases."""
    return f"trim_scale({column})::text" if is_postgres() else f"CAST({column} AS text)"


def decimal(text: str | None) -> Decimal | None:
    """A quantity from that text."""
    return None if text is None else Decimal(text)
