"""The audit log over a million changes: a page by key costs what it costs over a thousand.

    python -m tests.benchmarks.bench_audit sqlite
    python -m tests.benchmarks.bench_audit postgres://postgres@127.0.0.1:5432/postgres

Whole pages are asked for, by the same administrator, in the same database before and after it has
grown. The verification stands beside a bare reading of both tables by SQL; memory beside what the
process held before it.
"""

from __future__ import annotations

import argparse
import gc
import json
import resource
import sys
from collections.abc import Callable

from tests.benchmarks.common import Row, in_process, median_of, row, scratch_database, table, timed

MODULE = "tests.benchmarks.bench_audit"
FEW = 1000
TURNS = 21
PAGE_MUST, MEMORY_MUST, VERIFY_MUST = 1.5, 1.25, 15
DAYS = 365
FILL = """
INSERT INTO teams_auditevent (at, organisation_id, actor_kind, actor_id, actor_name, verb, kind,
    object_id, label, team_id, is_private, before, after, reason, request_id)
SELECT {at}, 1, 'person', 1 + n % 50, 'Person ' || (n % 50), 'verb_' || (n % 31),
    'kind_' || (n % 8), CAST(n % 5000 AS {text}), 'Churn of region ' || (n % 5000), 1 + n % 40,
    {false},
    '{{"value": "' || n || '"}}', '{{"value": "' || (n + 1) || '"}}', 'Because of ' || n,
    '5e0a3f36-8a5e-4b0a-9d0d-0123456789ab'
FROM {numbers}
"""


def run(db_alias_or_url: str, events: int = 1_000_000) -> list[Row]:
    """The lines for one database: "sqlite", or the URL of a PostgreSQL server."""
    with scratch_database(db_alias_or_url) as url:
        lines = json.loads(in_process(MODULE, url, "--inside", str(events)))
    return [row(*line) for line in lines]


class Bench:
    """The database, filled as far as was asked, and an administrator who looks at the page."""

    def __init__(self) -> None:
        from django.db import connection
        from django.test import Client
        from django.utils import timezone

        from teams.models import Membership, Organisation, Team, User

        self.connection, self.now = connection, timezone.now()
        self.is_postgres = connection.vendor == "postgresql"
        home = Organisation.objects.create(name="Halden", created_at=self.now)
        User.objects.bulk_create(
            User(email=f"p{number}@x.example", name=f"Person {number}", organisation=home)
            for number in range(50)
        )
        self.ada = User.objects.create_user("a@x.example", organisation=home, is_org_admin=True)
        Team.objects.bulk_create(
            Team(organisation=home, name=f"Team {n}", is_private=n == 7, created_at=self.now)
            for n in range(40)
        )
        team = Team.objects.order_by("pk").first()
        Membership.objects.create(team=team, user=self.ada, role="lead")
        self.client = Client()
        self.client.force_login(self.ada)
        self.filled = 0

    def sql(self, statement: str) -> list[tuple]:
        with self.connection.cursor() as cursor:
            cursor.execute(statement)
            return cursor.fetchall() if cursor.description else []

    def fill(self, events: int, whole: int) -> None:
        """Insert up to so many, spread over a year as all of them will be."""
        first, last, each = self.filled + 1, events, DAYS * 86400 / whole
        if self.is_postgres:
            numbers = f"generate_series({first}, {last}) AS numbers(n)"
            at = f"now() - make_interval(secs => ({whole} - n) * {each})"
            kinds = {"text": "text", "false": "false"}
        else:
            numbers = (
                f"(WITH RECURSIVE numbers(n) AS (SELECT {first} UNION ALL SELECT n + 1 "
                f"FROM numbers WHERE n < {last}) SELECT n FROM numbers)"
            )
            at = f"datetime('now', '-' || CAST(({whole} - n) * {each} AS INTEGER) || ' seconds')"
            kinds = {"text": "TEXT", "false": "0"}
        self.sql(FILL.format(numbers=numbers, at=at, **kinds))
        self.filled = events
        self.sql("VACUUM ANALYZE" if self.is_postgres else "ANALYZE")

    def page(self, query: str) -> Callable[[], None]:
        def ask() -> None:
            answer = self.client.get(f"/organisation/audit/?{query}", headers={"host": "localhost"})
            if answer.status_code != 200:
                raise SystemExit(f"{query}: {answer.status_code}")

        return ask

    def pages(self) -> dict[str, float]:
        """Seconds of each page, the first one before the count left out."""
        middle = self.filled // 2
        day = f"{self.now.date()}"
        queries = {
            "the newest": "",
            "half-way back": f"before={middle}",
            "of a person": "person=3",
            "of a kind, half-way back": f"kind=kind_3&before={middle}",
            "of a verb and an object": "verb=verb_3&kind=kind_3&object=3",
            "until a day": f"until={day}",
        }
        found = {}
        for name, query in queries.items():
            ask = self.page(query)
            ask()
            found[name] = median_of(TURNS, ask)
        return found

    def export(self) -> None:
        answer = self.client.get("/organisation/audit/changes.csv", headers={"host": "localhost"})
        size = sum(len(part) for part in answer.streaming_content)
        if size < self.filled * 100:
            raise SystemExit(f"only {size} bytes")

    def read(self) -> None:
        """Every row of both tables, by plain SQL in the order of the chain."""
        with self.connection.chunked_cursor() as cursor:
            cursor.execute(
                "SELECT * FROM teams_auditseal JOIN teams_auditevent ON event_id = id "
                "ORDER BY position"
            )
            while cursor.fetchmany(2000):
                pass


def memory() -> float:
    """The most this process has held so far, in GB."""
    gc.collect()
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6


def inside(events: int) -> list[tuple]:
    """Measure on the database Django is set up for."""
    import django

    django.setup()
    from django.core.management import call_command

    from teams.audit.chain import seal_events, verify

    call_command("migrate", verbosity=0)
    call_command("createcachetable", verbosity=0)
    call_command("collectstatic", interactive=False, verbosity=0)
    bench = Bench()
    bench.fill(FEW, events)
    few = bench.pages()
    bench.fill(events, events)
    many = bench.pages()
    lines: list[tuple] = [
        (f"page {name}: {events:,} changes, against {FEW:,}", many[name], few[name], PAGE_MUST)
        for name in few
    ]
    ask = bench.page("q=because+of+777")
    lines.append(
        ("words in 20,000 changes, against the page", median_of(5, ask), many["the newest"], None)
    )
    # The last seal of a day ago would be where the job looks on from; here it begins with nothing.
    sealed = timed(lambda: seal_events(bench.now, limit=events))
    held = memory()
    read = timed(bench.read)
    verified = timed(lambda: verify(bench.now))
    found = verify(bench.now)
    if found.problem or found.head.position != events:
        raise SystemExit(f"not verified: {found}")
    lines.append((f"sealing {events:,}, against reading them", sealed, read, None))
    lines.append((f"verifying {events:,}, against reading them", verified, read, VERIFY_MUST))
    lines.append(("memory after verifying, against before (GB)", memory(), held, MEMORY_MUST))
    held = memory()
    exported = timed(bench.export)
    lines.append((f"CSV of {events:,}, against reading them", exported, read, None))
    lines.append(("memory after the CSV, against before (GB)", memory(), held, MEMORY_MUST))
    return lines


def main(arguments: list[str]) -> None:
    """Print the table, or with --inside the numbers of one database."""
    if arguments[:1] == ["--inside"]:
        print(json.dumps(inside(int(arguments[1]))))
        return
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("database", nargs="?", default="sqlite")
    parser.add_argument("--events", type=int, default=1_000_000)
    options = parser.parse_args(arguments)
    print(table(run(options.database, options.events)))


if __name__ == "__main__":
    main(sys.argv[1:])
