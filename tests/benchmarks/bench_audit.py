"""The audit log over a million changes: a page by key costs what it costs over a thousand.

    python -m tests.benchmarks.bench_audit sqlite
    python -m tests.benchmarks.bench_audit postgres://postgres@127.0.0.1:5432/postgres

Whole pages are asked for in turns, by an administrator of an organisation with a thousand changes
and by one whose organisation has the others, in the same database. The verification stands beside a
bare reading of both tables by SQL; memory beside what the process held before it.
"""

from __future__ import annotations

import json
import sys

from tests.benchmarks.common import Row, in_process, main, row, scratch_database

MODULE = "tests.benchmarks.bench_audit"


def run(db_alias_or_url: str, events: int = 1_000_000) -> list[Row]:
    """The lines for one database: "sqlite", or the URL of a PostgreSQL server."""
    with scratch_database(db_alias_or_url) as url:
        lines = json.loads(in_process(MODULE, url, "--inside", str(events)))
    return [row(*line) for line in lines]


def inside(events: int) -> list[tuple]:
    """Measure on the database Django is set up for."""
    import django

    django.setup()
    from django.core.management import call_command

    from tests.benchmarks.audit_pages import measured

    call_command("migrate", verbosity=0)
    call_command("createcachetable", verbosity=0)
    call_command("collectstatic", interactive=False, verbosity=0)
    return measured(events)


if __name__ == "__main__":
    main(__doc__, run, inside, sys.argv[1:], events=1_000_000)
