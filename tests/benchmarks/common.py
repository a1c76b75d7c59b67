"""What the benchmarks share: databases made for one run, fixed data, side-by-side timing."""

from __future__ import annotations

import argparse
import itertools
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlsplit, urlunsplit

import psycopg

ROOT = Path(__file__).resolve().parents[2]
SEED = 20261122
_SCRATCH = itertools.count()
FIRST_MONDAY = date(2018, 1, 1)


class Row(NamedTuple):
    """One line of the table: our time against the counterpart measured in the same run.

    `must` is the largest ratio performance.md allows, None where the row only informs.
    """

    name: str
    ours_s: float
    reference_s: float
    ratio: float
    must: float | None

    @property
    def holds(self) -> bool:
        return self.must is None or self.ratio <= self.must


def row(name: str, ours: float, reference: float, must: float | None) -> Row:
    """A line from two times in seconds."""
    return Row(name, ours, reference, ours / reference, must)


def table(rows: list[Row]) -> str:
    """The lines as text for a terminal or a README."""
    width = max(len(one.name) for one in rows)
    lines = [f"{'':{width}}  {'ours':>9}  {'reference':>9}  {'ratio':>7}  {'must':>6}"]
    for one in rows:
        must = "" if one.must is None else f"{one.must:g}"
        mark = "" if one.holds else "  MISSED"
        lines.append(
            f"{one.name:{width}}  {one.ours_s:8.3f}s  {one.reference_s:8.3f}s"
            f"  {one.ratio:7.3f}  {must:>6}{mark}"
        )
    return "\n".join(lines)


def timed(work: Callable[[], object]) -> float:
    """Seconds that one call takes."""
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def median_of(times: int, work: Callable[[], object]) -> float:
    """Median of several calls, in seconds."""
    return statistics.median(timed(work) for _ in range(times))


@contextmanager
def scratch_database(kind: str) -> Iterator[str]:
    """The URL of an empty database that is dropped afterwards.

    `kind` is "sqlite", or the URL of a PostgreSQL server on which a database may be created.
    """
    if kind == "sqlite":
        with tempfile.TemporaryDirectory(prefix="okrkpi-bench-") as folder:
            yield f"sqlite:///{folder}/bench.sqlite3"
        return
    name = f"okrkpi_bench_{os.getpid()}_{next(_SCRATCH)}"
    with psycopg.connect(kind, autocommit=True) as server:
        server.execute(f"CREATE DATABASE {name}")
    try:
        parts = urlsplit(kind)
        yield urlunsplit((parts.scheme, parts.netloc, f"/{name}", "", ""))
    finally:
        with psycopg.connect(kind, autocommit=True) as server:
            server.execute(f"DROP DATABASE {name} WITH (FORCE)")


class Served:
    """A process of its own that measures what it is asked for, so that two can take turns.

    The module gets `--serve` and the arguments; it prints a line when it is ready, and one number
    of seconds for each command it reads.
    """

    def __init__(self, module: str, url: str, *arguments: str) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", module, "--serve", *arguments],
            cwd=ROOT,
            env=_environment(url),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def __enter__(self) -> Served:
        self.answer()
        return self

    def __exit__(self, *_: object) -> None:
        self.process.communicate()

    def ask(self, command: str) -> float:
        """Seconds that a command took."""
        self.send(command)
        return self.answer()

    def send(self, command: str) -> None:
        """Start a command; `answer` waits for it."""
        assert self.process.stdin is not None
        self.process.stdin.write(command + "\n")
        self.process.stdin.flush()

    def answer(self) -> float:
        """The number that the process prints next."""
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        if not line:
            raise SystemExit("a measuring process ended early")
        return float(line)


def _environment(url: str) -> dict[str, str]:
    return {
        **os.environ,
        "DATABASE_URL": url,
        "DJANGO_SETTINGS_MODULE": "okrkpi.settings",
        "OKRKPI_DATA": tempfile.mkdtemp(prefix="okrkpi-bench-data-"),
    }


def in_process(module: str, url: str, *arguments: str) -> str:
    """Run a benchmark module in a process of its own against a database; return what it printed.

    A process of its own, because Django is set up for one database URL only.
    """
    done = subprocess.run(
        [sys.executable, "-m", module, *arguments],
        cwd=ROOT,
        env=_environment(url),
        check=True,
        stdout=subprocess.PIPE,
        text=True,
    )
    return done.stdout


def main(
    doc: str | None,
    run: Callable[..., list[Row]],
    inside: Callable[..., list[tuple]],
    arguments: list[str],
    **sizes: int,
) -> None:
    """The command line of a benchmark: a database, and how much of what, by name and default.

    Prints the table; with --inside and the sizes the numbers of one database, as `in_process` asks.
    """
    if arguments[:1] == ["--inside"]:
        print(json.dumps(inside(*map(int, arguments[1:]))))
        return
    parser = argparse.ArgumentParser(description=doc)
    parser.add_argument("database", nargs="?", default="sqlite")
    for name, size in sizes.items():
        parser.add_argument(f"--{name}", type=int, default=size)
    options = vars(parser.parse_args(arguments))
    print(table(run(options.pop("database"), *options.values())))


def monday(week: int) -> date:
    """The first day of a week of the data, counted from 0."""
    return FIRST_MONDAY + timedelta(weeks=week)
