"""Lets tests empty the audit record, which the database refuses to everybody else."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection

from teams.audit_triggers import create_sql, drop_sql


@contextmanager
def allowed() -> Iterator[None]:
    """While this lasts, Django's flush takes the triggers away for the moment of the emptying."""
    operations = type(connection.ops)
    original = operations.execute_sql_flush

    def execute(self, sql_list):
        vendor = self.connection.vendor
        return original(self, [*drop_sql(vendor), *sql_list, *create_sql(vendor)])

    operations.execute_sql_flush = execute
    try:
        yield
    finally:
        operations.execute_sql_flush = original


@contextmanager
def unguarded() -> Iterator[None]:
    """What somebody with all rights on the database can do: change the record after all."""
    run(drop_sql(connection.vendor))
    try:
        yield
    finally:
        run(create_sql(connection.vendor))


def run(statements: list[str]) -> None:
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)
