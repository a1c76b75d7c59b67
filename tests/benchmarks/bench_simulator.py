"""The simulator of policies: 1,000 weekly KPIs of 104 periods under other terms within 5 seconds.

    python -m tests.benchmarks.bench_simulator sqlite
    python -m tests.benchmarks.bench_simulator postgres://postgres@127.0.0.1:5432/postgres

The data are those of `bench_engine`. Beside the limit stands what the evaluation took that walked
the same periods once and stored what it found.
"""

from __future__ import annotations

import json
import sys

from tests.benchmarks.bench_engine import Bench
from tests.benchmarks.common import (
    Row,
    in_process,
    main,
    median_of,
    row,
    scratch_database,
    timed,
)

MODULE = "tests.benchmarks.bench_simulator"
SECONDS = 5.0
TURNS = 3


def run(db_alias_or_url: str, kpis: int = 1000, periods: int = 104) -> list[Row]:
    """The lines for one database: "sqlite", or the URL of a PostgreSQL server."""
    with scratch_database(db_alias_or_url) as url:
        lines = json.loads(in_process(MODULE, url, "--inside", str(kpis), str(periods)))
    return [row(*line) for line in lines]


def inside(kpis: int, periods: int) -> list[tuple]:
    """Measure on the database Django is set up for."""
    import django

    django.setup()
    from django.core.management import call_command

    from metrics.evaluation.simulating import simulate
    from metrics.policies import Terms, as_if_ever

    call_command("migrate", verbosity=0)
    bench = Bench(kpis, periods)
    bench.fill()
    evaluated = timed(bench.evaluate_everything)
    now, ids = bench.after(periods - 1), range(1, kpis + 1)
    proposed = {1: as_if_ever((), None, Terms(grace_days=3, patience=2, window_n=5))}
    found = simulate(ids, now, proposed)
    length = "jsonb_array_length" if bench.is_postgres else "json_array_length"
    [(stored,)] = bench.sql(f"SELECT sum({length}(spans)) FROM metrics_signal")
    listed = sum(len(one.present.raises) for one in found.values())
    if listed != stored:
        raise SystemExit(f"{listed} raises listed, {stored} stored")
    ours = median_of(TURNS, lambda: simulate(ids, now, proposed))
    name = f"simulator, {kpis:,} weekly KPIs of {periods} periods under two sets of terms"
    return [
        (f"{name}, against {SECONDS:g} s", ours, SECONDS, 1),
        (f"{name}, against one evaluation", ours, evaluated, None),
    ]


if __name__ == "__main__":
    main(__doc__, run, inside, sys.argv[1:], kpis=1000, periods=104)
