"""Every benchmark: `python3 run.py bench [--quick] [--only engine,import,simulator,…]`.

Prints ratios measured side by side in one run, on SQLite and on a PostgreSQL started for it. In
full 100,000 weekly KPIs of 104 periods and a million imported rows; `--quick` a tenth of both.
"""

import argparse
import os
import platform
import sys
from collections.abc import Callable

from tests.benchmarks import (
    bench_audit,
    bench_dashboard,
    bench_digests,
    bench_engine,
    bench_goals,
    bench_idle,
    bench_import,
    bench_overview,
    bench_pages,
    bench_simulator,
)
from tests.benchmarks.common import table
from tests.services import Postgres, found, postgres_folder

PARTS = (
    *("engine", "import", "pages", "goals", "dashboard", "overview"),
    *("simulator", "digests", "audit", "idle"),
)
PERIODS = 104


def main(arguments: list[str]) -> int:
    """Measure what was asked for; exit code 1 when a ratio is missed."""
    parser = argparse.ArgumentParser(prog="run.py bench", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="a tenth of the rows")
    parser.add_argument("--only", default=",".join(PARTS), help="which parts, with commas")
    options = parser.parse_args(arguments)
    chosen = options.only.split(",")
    if unknown := set(chosen) - set(PARTS):
        parser.error(f"no such part: {', '.join(sorted(unknown))}")
    scale = 10 if options.quick else 1
    works: dict[str, Callable] = {
        "engine": lambda server: bench_engine.run(server, 100_000 // scale, PERIODS),
        "import": lambda server: bench_import.run(server, 1_000_000 // scale),
        "pages": bench_pages.run,
        "goals": lambda server: bench_goals.run(server, 1000 // scale),
        "dashboard": lambda server: bench_dashboard.run(server, 1000 // scale),
        "overview": bench_overview.run,
        "simulator": bench_simulator.run,
        "digests": lambda server: bench_digests.run(server, 10_000 // scale),
        "audit": lambda server: bench_audit.run(server, 1_000_000 // scale),
    }
    say(machine())
    held = measure("SQLite", "sqlite", chosen, works)
    if postgres_folder():
        with Postgres() as server:
            held &= measure("PostgreSQL", server.url(), chosen, works)
    else:
        say("PostgreSQL was not found on this machine.")
    if "idle" in chosen:
        held &= idle()
    return 0 if held else 1


def measure(name: str, server: str, chosen: list[str], works: dict[str, Callable]) -> bool:
    """Print the parts' tables for one database; True when every ratio holds."""
    held = True
    for part in chosen:
        if part in works:
            rows = works[part](server)
            say(f"\n{name}: {part}\n{table(rows)}")
            held &= all(row.holds for row in rows)
    return held


def idle() -> bool:
    """Print memory and processor use of the whole embedded app at rest."""
    figures = bench_idle.run()
    say("\nThe embedded app at rest")
    for figure in figures:
        must = "" if figure.must is None else f"  (at most {figure.must:g})"
        say(f"{figure.name}: {figure.value:.1f}{must}")
    return all(figure.must is None or figure.value <= figure.must for figure in figures)


def machine() -> str:
    """The machine and the versions, in one line."""
    versions = ", ".join(f"{name} {version}" for name, version in found().items() if version)
    here = f"{os.cpu_count()} cores, {platform.system()}, Python {platform.python_version()}"
    return f"{here}, {versions}"


def say(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
