"""A CSV of a million rows against COPY into a bare keyed table (performance.md 3, row 5).

    python -m tests.benchmarks.bench_import sqlite --rows 1000000
    python -m tests.benchmarks.bench_import postgres://postgres@127.0.0.1:5432/postgres

The file is long: name, day and value of a thousand daily KPIs. Ours is all a person waits for: the
upload read and kept, the dry run, the import in one transaction with provenance, revisions and due
marks. The bare table has KPI, day and value and their key; SQLite, which has no COPY, gets them by
`executemany` in one transaction. A ratio of 10 is a tenth of the bare speed.
"""

from __future__ import annotations

import json
import resource
import statistics
import sys
import tempfile
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from tests.benchmarks.common import Row, in_process, main, row, scratch_database, timed

KPIS = 1_000
FIRST = date(2020, 1, 1)
NOW = datetime(2026, 1, 5, 9, tzinfo=UTC)
BARE_LOADS = 3
MUST = 10


def run(db_alias_or_url: str, rows: int = 1_000_000) -> list[Row]:
    """The lines for one database: "sqlite", or the URL of a PostgreSQL server."""
    with scratch_database(db_alias_or_url) as url:
        said = in_process("tests.benchmarks.bench_import", url, "--inside", str(rows))
    return [row(*line) for line in json.loads(said)]


def inside(rows: int) -> list[tuple]:
    """Measure on the database Django is set up for."""
    import django

    django.setup()
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    bench = Bench(max(1, rows // KPIS))
    bare = statistics.median(timed(bench.load_bare) for _ in range(BARE_LOADS))
    count = f"{bench.days * KPIS:,}"
    first = timed(lambda: bench.bring_in(changed=False))
    small = _memory()
    changed = timed(lambda: bench.bring_in(changed=True))
    again = timed(lambda: bench.bring_in(changed=True))
    print(f"peak memory {small} MB, at the end {_memory()} MB", file=sys.stderr)
    return [
        (f"5 import of {count} new rows, against the bare load", first, bare, MUST),
        ("5 the same file with one value in ten changed", changed, bare, MUST),
        ("5 the same file again", again, bare, MUST),
    ]


def _memory() -> int:
    """Peak resident megabytes of this process."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


class Bench:
    """The KPIs, the file, our way in and the bare one."""

    def __init__(self, days: int) -> None:
        self.days = days
        self.folder = Path(tempfile.mkdtemp(prefix="okrkpi-bench-import-"))
        self._make_kpis()
        self._write_files()

    def load_bare(self) -> None:
        """COPY, or SQLite's nearest to it, into a table with its key and nothing else."""
        from django.db import connection, transaction

        with connection.cursor() as cursor:
            cursor.execute("DROP TABLE IF EXISTS bare_value")
            cursor.execute(
                "CREATE TABLE bare_value (kpi_id bigint NOT NULL, day date NOT NULL,"
                " value numeric(27, 15), PRIMARY KEY (kpi_id, day))"
            )
            if connection.vendor == "postgresql":
                with (
                    (self.folder / "bare.tsv").open("rb") as file,
                    cursor.copy("COPY bare_value FROM STDIN") as copy,
                ):
                    while chunk := file.read(1 << 18):
                        copy.write(chunk)
                return
            with transaction.atomic(), (self.folder / "bare.tsv").open() as file:
                lines = (line.rstrip("\n").split("\t") for line in file)
                # Django's own executemany keeps every row in memory.
                connection.connection.executemany("INSERT INTO bare_value VALUES (?, ?, ?)", lines)

    def bring_in(self, *, changed: bool) -> None:
        """Upload, dry run, import."""
        from metrics.csv_mapping import Mapping, Pick
        from metrics.importing import check_batch, commit_batch, stage_upload

        path = self.folder / ("changed.csv" if changed else "first.csv")
        with path.open("rb") as file:
            batch = stage_upload(self.team, file, path.name, actor=self.lead, now=NOW)
        picks = tuple(Pick(pk, 2, (0, f"KPI {n}")) for n, pk in enumerate(self.ids))
        batch.mapping["mapping"] = Mapping(1, picks).to_json()
        batch.reason = "Benchmark"
        batch.save()
        dry_run = check_batch(batch, now=NOW)
        assert dry_run.readings == self.days * KPIS
        if dry_run.has_effect:
            commit_batch(batch, now=NOW)

    def _make_kpis(self) -> None:
        from metrics.models import Cadence, Kpi, KpiState, Source
        from teams.models import Organisation, Team, User

        organisation = Organisation.objects.create(name="Bench", created_at=NOW)
        self.team = Team.objects.create(organisation=organisation, name="Bench", created_at=NOW)
        self.lead = User.objects.create_user("lead@bench.example", name="Lead")
        cadence = Cadence.objects.create(organisation=organisation, name="Daily", kind="daily")
        source = Source.objects.create(team=self.team, kind="csv_upload", name="Bench")
        Kpi.objects.bulk_create(
            Kpi(
                team=self.team,
                name=f"KPI {n}",
                cadence=cadence,
                source=source,
                starts_on=FIRST,
                created_at=NOW,
            )
            for n in range(KPIS)
        )
        self.ids = list(Kpi.objects.order_by("pk").values_list("pk", flat=True))
        KpiState.objects.bulk_create(KpiState(kpi_id=pk) for pk in self.ids)

    def _write_files(self) -> None:
        days = [(FIRST + timedelta(n)).isoformat() for n in range(self.days)]
        names = ("first.csv", "changed.csv", "bare.tsv")
        first, changed, bare = ((self.folder / name).open("w") for name in names)
        with first, changed, bare:
            for file in (first, changed):
                file.write("kpi,day,value\n")
            for n, pk in enumerate(self.ids):
                for number, day in enumerate(days):
                    value = f"{(n * 7919 + number * 104729) % 10_000}.{number % 100:02}"
                    other = f"{value}5" if number % 10 == 0 else value
                    first.write(f"KPI {n},{day},{value}\n")
                    changed.write(f"KPI {n},{day},{other}\n")
                    bare.write(f"{pk}\t{day}\t{value}\n")


if __name__ == "__main__":
    main(__doc__, run, inside, sys.argv[1:], rows=1_000_000)
