"""The quarter's figures against hand-written SQL with the same answer (performance.md 3, row 8).

    python -m tests.benchmarks.bench_dashboard sqlite
    python -m tests.benchmarks.bench_dashboard postgres://postgres@127.0.0.1:5432/postgres

1,000 teams of three objectives of four key results with 13 weekly check-ins, and six weekly KPIs of
104 periods each. The SQL is one statement for the heat map: how many KPIs and key results of each
team are in which state. Ours reads all the page tells of, and must give the same map before its
time counts. A past day is judged again from the values, against the same statement.
"""

from __future__ import annotations

import json
import sys
from datetime import UTC, date, datetime, timedelta
from functools import partial

from tests.benchmarks.bench_goals import TODAY, Bench, side_by_side
from tests.benchmarks.common import Row, in_process, row, scratch_database, table

TEAMS, OBJECTIVES, CHECK_INS, KPIS, PERIODS = 1000, 3, 13, 6, 104
MUST, MUST_THEN = 2, 2
NOW = datetime(2026, 8, 16, 9, tzinfo=UTC)
LAST_MONDAY = date(2026, 8, 3)
LETTERS = {"+": "on", "~": "near", "x": "off"}
TONES = ("on", "near", "off", "idle")


def run(db: str, teams: int = TEAMS) -> list[Row]:
    """The lines for one database: "sqlite", or the URL of a PostgreSQL server."""
    with scratch_database(db) as url:
        text = in_process("tests.benchmarks.bench_dashboard", url, "--inside", str(teams))
    return [row(*line) for line in json.loads(text)]


def inside(teams: int) -> list[tuple]:
    """Measure on the database Django is set up for."""
    import django

    django.setup()
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    return Quarter(teams).lines()


class Quarter(Bench):
    """The goals of `bench_goals`, every team's with their history, and six KPIs a team."""

    def __init__(self, teams: int) -> None:
        super().__init__(teams, CHECK_INS)
        self._watch()
        self._settle()

    def _watch(self) -> None:
        from django.db import connection

        from metrics.evaluation import evaluate_kpis
        from metrics.models import Kpi, KpiState, Target
        from tests.factories import make_cadence, make_source

        cadence = make_cadence("weekly", organisation=self.organisation)
        source = make_source(team=self.busy)
        starts_on = LAST_MONDAY - timedelta(weeks=PERIODS - 1)
        created_at = NOW - timedelta(weeks=PERIODS)
        kpis = Kpi.objects.bulk_create(
            Kpi(
                team=team,
                name=f"Number {at}",
                definition="What is counted.",
                cadence=cadence,
                source=source,
                starts_on=starts_on,
                created_at=created_at,
            )
            for team in self.teams
            for at in range(KPIS)
        )
        KpiState.objects.bulk_create(KpiState(kpi=kpi) for kpi in kpis)
        Target.objects.bulk_create(
            Target(kpi=one, value=50, tolerance=5, effective_on=starts_on, created_at=created_at)
            for one in kpis
        )
        with connection.cursor() as cursor:
            for kpi in kpis:
                cursor.executemany(INSERT, list(self._values(kpi, starts_on, source.pk)))
        ids = [kpi.pk for kpi in kpis]
        for at in range(0, len(ids), 1000):
            evaluate_kpis(ids[at : at + 1000], NOW)

    def _values(self, kpi, starts_on: date, source: int):
        for week in range(PERIODS):
            day = starts_on + timedelta(weeks=week)
            value = 40 + (kpi.pk * 13 + week * 7) % 25
            recorded = datetime(day.year, day.month, day.day, tzinfo=UTC) + timedelta(days=8)
            yield kpi.pk, day.isoformat(), value, source, recorded.isoformat(" ")

    # -- what is measured -----------------------------------------------------------------------

    def lines(self) -> list[tuple]:
        """(name, our seconds, theirs, the largest ratio allowed) of each comparison."""
        size = f"{len(self.teams):,} teams × {OBJECTIVES} × 4 × {CHECK_INS}, {KPIS} KPIs each"
        ours, then = partial(self.board, None), partial(self.board, TODAY - timedelta(days=1))
        expected, found = self.by_sql(), self.heat(ours())
        if found != expected:
            wrong = next(pk for pk in expected if found.get(pk) != expected[pk])
            raise SystemExit(f"team {wrong}: {found.get(wrong)}, by SQL {expected[wrong]}")
        now = side_by_side(ours, self.by_sql)
        lines = [(f"quarter of {size}, against one statement", *now, MUST)]
        past = side_by_side(then, ours)
        return [*lines, ("the same as of yesterday, against today's", *past, MUST_THEN)]

    def board(self, day: date | None):
        """All the figures of the page, worked out."""
        from reviews.dashboards.picture import read_picture
        from reviews.dashboards.scope import read_known, scope_of
        from reviews.pages.dashboard_board import Board

        known = read_known(self.person)
        board = Board(read_picture(scope_of(self.person, known, NOW, on=day), known))
        assert board.top
        return board

    def heat(self, board) -> dict[int, tuple]:
        rows = board.heat(board.scope.teams)
        return {row.team.pk: (row.kpis, row.key_results) for row in rows}

    def by_sql(self) -> dict[int, tuple]:
        """The heat map by one statement written for these rows."""
        from django.db import connection

        from tests.benchmarks.bench_goals import ENDS, STARTS

        is_postgres = connection.vendor == "postgresql"
        before = TODAY - timedelta(days=3)
        text = STATEMENT.format(
            low="LEAST(GREATEST(raw, 0), 1)" if is_postgres else "MIN(MAX(raw, 0.0), 1.0)",
            gone=(TODAY - STARTS).days / (ENDS - STARTS).days,
            stale_before=f"DATE '{before}'" if is_postgres else f"'{before}'",
            cycle=self.cycle.pk,
        )
        found: dict[int, tuple[list, list]] = {
            team.pk: ([0] * 4, [0] * 4) for team in [*self.teams, self.busy]
        }
        with connection.cursor() as cursor:
            cursor.execute(text)
            for what, team, tone, count in cursor.fetchall():
                found[team][what == "row"][TONES.index(LETTERS.get(tone, tone))] += count
        return {pk: (tuple(kpis), tuple(rows)) for pk, (kpis, rows) in found.items()}


INSERT = (
    "INSERT INTO metrics_measurement (kpi_id, day, identity, value, external_id, source_id,"
    " recorded_at, revision) VALUES (%s, %s, 'weekly', %s, '', %s, %s, 1)"
)
STATEMENT = """
SELECT 'kpi', k.team_id, substr(s.recent, length(rtrim(s.recent, replace(s.recent, ' ', ''))) + 11,
    1) AS letter, COUNT(*)
FROM metrics_kpi k JOIN metrics_kpistate s ON s.kpi_id = k.id
GROUP BY 2, 3
UNION ALL
SELECT 'row', team_id, CASE WHEN is_stale OR value IS NULL THEN 'idle'
    WHEN raw >= 1 OR behind <= 0.10 THEN 'on' WHEN behind <= 0.25 THEN 'near' ELSE 'off' END,
    COUNT(*)
FROM (
    SELECT team_id, value, is_stale, raw, expected - {low} AS behind
    FROM (
        SELECT o.team_id, l.value,
            l.id IS NOT NULL AND k.next_due_on < {stale_before} AS is_stale,
            1.0 * (COALESCE(l.value, k.baseline) - k.baseline) / (k.target - k.baseline) AS raw,
            {gone} * CASE o.ambition WHEN 'aspirational' THEN 0.7 ELSE 1.0 END AS expected
        FROM objectives_objective o
        JOIN objectives_keyresult k ON k.objective_id = o.id AND k.withdrawn_at IS NULL
        LEFT JOIN objectives_checkin l ON l.id = k.latest_id
        WHERE o.cycle_id = {cycle}
    ) one
) two
GROUP BY 2, 3
"""


def main(arguments: list[str]) -> None:
    """Print the table, or with --inside the numbers."""
    if arguments[:1] == ["--inside"]:
        sys.stdout.write(json.dumps(inside(int(arguments[1]))))
        return
    sys.stdout.write(table(run(*arguments[:1], *map(int, arguments[1:]))) + "\n")


if __name__ == "__main__":
    main(sys.argv[1:])
