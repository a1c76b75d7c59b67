"""The overview of 100 and of 1,000 objectives as a page (performance.md 3, row 8a).

    python -m tests.benchmarks.bench_overview sqlite

The list of teams with where their objectives stand, as a person asks for it, with every middleware
and template: the 95th percentile. The reference are the seconds that performance.md allows: 0.7 and
0.3 times what a tracker in Go took for its overview on two cores. The page of the quarter, which
tells far more, is beside it to inform.
"""

from __future__ import annotations

import json
import sys

from tests.benchmarks.common import Row, in_process, row, scratch_database, table, timed

# Teams of three objectives, and 30 of one; with the seconds allowed.
SIZES = ((33, 0.025), (333, 0.1))
ASKED, WARM_UP = 60, 5


def run(db: str) -> list[Row]:
    """The lines for one database: "sqlite", or the URL of a PostgreSQL server."""
    with scratch_database(db) as url:
        text = in_process("tests.benchmarks.bench_overview", url, "--inside")
    return [row(*line) for line in json.loads(text)]


def inside() -> list[tuple]:
    """Measure on the database Django is set up for."""
    import django

    django.setup()
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    call_command("createcachetable", verbosity=0)
    call_command("collectstatic", interactive=False, verbosity=0)
    return [line for teams, allowed in SIZES for line in lines(teams, allowed)]


def lines(teams: int, allowed: float) -> list[tuple]:
    """Of one size: name, the 95th percentile and what is allowed in seconds, the ratio allowed."""
    import time_machine
    from django.test import Client

    from tests.benchmarks.bench_goals import CHECK_INS, Bench
    from tests.factories import NOW

    bench = Bench(teams, CHECK_INS)
    client = Client(headers={"host": "127.0.0.1"})
    with time_machine.travel(NOW, tick=False):
        client.force_login(bench.person)
        objectives = f"{bench.number:,} objectives × 4 key results, p95"
        return [
            (f"teams with {objectives}", slowest(client, "/teams/"), allowed, 1),
            (f"quarter of {objectives}", slowest(client, "/quarter/"), allowed, None),
        ]


def slowest(client, path: str) -> float:
    """The 95th percentile of a page, in seconds."""

    def ask() -> None:
        answer = client.get(path)
        if answer.status_code != 200:
            raise SystemExit(f"{path} answered {answer.status_code}")

    for _ in range(WARM_UP):
        ask()
    return sorted(timed(ask) for _ in range(ASKED))[int(ASKED * 0.95)]


def main(arguments: list[str]) -> None:
    """Print the table, or with --inside the numbers."""
    if arguments[:1] == ["--inside"]:
        sys.stdout.write(json.dumps(inside()))
        return
    sys.stdout.write(table(run(arguments[0])) + "\n")


if __name__ == "__main__":
    main(sys.argv[1:])
