"""The quarter's figures against hand-written SQL with the same answer (performance.md 3, row 8).

    python -m tests.benchmarks.bench_dashboard sqlite
    python -m tests.benchmarks.bench_dashboard postgres://postgres@127.0.0.1:5432/postgres

1,000 teams of three objectives of four key results with 13 weekly check-ins, and six weekly KPIs of
104 periods each. The SQL is one statement for these rows with every number the page begins with:
KPIs and key results of each team by state, check-ins of each team by week (due, came, in time),
progress and expected pace of all objectives, how many are at risk, signals to decide, key results
nobody has looked after, objectives tied to nothing, and KPIs whose line crosses their target. Ours
reads what the page is made of, and must give the same numbers before its time counts; printing the
page is a line of its own. A past day is told from history, against today's.

What the plans show. Of a whole organisation today PostgreSQL reads the tables through and joins
them by hash (EXPLAIN ANALYZE). As of a past day SQLite looks each check-in up by `check_in_by_due`,
the newest due day first (EXPLAIN QUERY PLAN; without it two to three times as long). The plans of a
past day on PostgreSQL were not read.
"""

from __future__ import annotations

import gc
import json
import sys
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from functools import partial

from tests.benchmarks.bench_goals import NOISE, TODAY, Bench, side_by_side
from tests.benchmarks.common import Row, in_process, row, scratch_database, table

TEAMS, OBJECTIVES, CHECK_INS, KPIS, PERIODS = 1000, 3, 13, 6, 104
WEEKS_BACK = 4
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
    call_command("collectstatic", interactive=False, verbosity=0)
    gc.freeze()  # as okrkpi/wsgi.py does
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
        today = partial(self.board, None)
        assert_same(self.figures(today()), self.by_sql())
        lines = [
            (f"quarter of {size}, against one statement", *side_by_side(today, self.by_sql), MUST)
        ]
        for name, days in (("yesterday", 1), (f"{WEEKS_BACK} weeks ago", 7 * WEEKS_BACK)):
            then = partial(self.board, TODAY - timedelta(days=days))
            line = f"the same as of {name}, against today's"
            lines.append((line, *side_by_side(then, today), MUST_THEN))
        page = partial(self.page, today())
        return [
            *lines,
            ("printing the page of it, against reading", *side_by_side(page, today), None),
        ]

    def board(self, day: date | None):
        """All the figures of the page, worked out."""
        from reviews.dashboards.picture import read_picture
        from reviews.dashboards.scope import read_known, scope_of
        from reviews.pages.dashboard_board import Board

        known = read_known(self.person)
        board = Board(read_picture(scope_of(self.person, known, NOW, on=day), known))
        for name in ("top", "kpis", "goals", "gaps", "conflicts", "tradeoffs", "warned", "covers"):
            getattr(board, name)
        board.shown = board.heat(board.teams)
        return board

    def page(self, board) -> str:
        """The page as HTML, from what was read."""
        from django.template.loader import render_to_string

        from reviews.dashboards.scope import read_known
        from reviews.forms_dashboard import QuarterForm
        from reviews.pages.dashboard_page import dashboard_context

        form = QuarterForm({}, known=read_known(self.person), today=TODAY)
        context = dashboard_context(board.picture, form, {})
        return render_to_string("reviews/dashboard.html", context)

    def figures(self, board) -> dict:
        """What our side says, in the words of the statement."""
        top, gaps = board.top, [one.kind.slug for one in board.gaps]
        found: dict = {
            ("kpis", "at_risk"): (top.at_risk,),
            ("signals", "undecided"): (top.undecided,),
            ("gaps", "untouched"): (gaps.count("untouched"),),
            ("gaps", "orphan"): (gaps.count("orphan"),),
            ("early", "crossing"): (len(board.warned),),
            ("goals", "means"): (top.goals.count, top.goals.progress, top.goals.expected),
        }
        for of_team in board.shown:
            found["kpi", of_team.team.pk] = of_team.kpis
            found["row", of_team.team.pk] = of_team.key_results
            for week in of_team.weeks:
                if week.due:
                    key = ("week", of_team.team.pk, week.monday.isoformat())
                    found[key] = (week.due, week.came, week.in_time)
        return found

    def by_sql(self) -> dict:
        """The same numbers by one statement written for these rows."""
        from django.db import connection

        from tests.benchmarks.bench_goals import ENDS, STARTS

        is_postgres = connection.vendor == "postgresql"
        fridays = [date(2026, 8, 14) - timedelta(weeks=back) for back in range(8)]
        fridays = [day for day in fridays if day >= STARTS]
        with_cutoff = ", ".join(
            f"('{day}', '{datetime(day.year, day.month, day.day, 22) + timedelta(days=3)}')"
            for day in fridays
        )
        day = "DATE '{}'" if is_postgres else "'{}'"
        text = STATEMENT.format(
            low="LEAST(GREATEST(raw, 0), 1)" if is_postgres else "MIN(MAX(raw, 0.0), 1.0)",
            lesser="LEAST" if is_postgres else "MIN",
            gone=Decimal((TODAY - STARTS).days) / (ENDS - STARTS).days,
            stale_before=day.format(TODAY - timedelta(days=3)),
            cycle=self.cycle.pk,
            fridays=with_cutoff,
            first_friday=day.format(fridays[-1]),
            last_friday=day.format(fridays[0]),
            day_type="date" if is_postgres else "text",
            stamp="timestamptz" if is_postgres else "text",
            since=day.format(LAST_MONDAY - timedelta(weeks=7)),
            x=f"(m.day - {day.format(LAST_MONDAY)}) / 7.0"
            if is_postgres
            else f"(julianday(m.day) - julianday({day.format(LAST_MONDAY)})) / 7.0",
        )
        with connection.cursor() as cursor:
            cursor.execute(text)
            rows = cursor.fetchall()
        return self._as_figures(rows)

    def _as_figures(self, rows: list[tuple]) -> dict:
        teams = [team.pk for team in [*self.teams, self.busy]]
        states = {(what, pk): [0] * 4 for what in ("kpi", "row") for pk in teams}
        found: dict = {}
        for what, team, key, *numbers in rows:
            if what in ("kpi", "row"):
                states[what, team][TONES.index(LETTERS.get(key, key))] += numbers[0]
            elif what == "week":
                monday = date.fromisoformat(key) - timedelta(days=4)
                found[what, team, monday.isoformat()] = tuple(numbers)
            elif key == "means":
                found[what, key] = tuple(numbers)
            else:
                found[what, key] = (numbers[0],)
        return found | {key: tuple(counts) for key, counts in states.items()}


def assert_same(ours: dict, theirs: dict) -> None:
    """Stop unless every number is the same, the means to nine places."""
    for key in sorted(ours.keys() | theirs.keys(), key=str):
        mine, their = ours.get(key, ()), theirs.get(key, ())
        same = len(mine) == len(their) and all(
            abs(Decimal(str(a)) - Decimal(str(b))) < NOISE for a, b in zip(mine, their, strict=True)
        )
        if not same:
            raise SystemExit(f"{key}: {mine}, by SQL {their}")


INSERT = (
    "INSERT INTO metrics_measurement (kpi_id, day, identity, value, external_id, source_id,"
    " recorded_at, revision) VALUES (%s, %s, 'weekly', %s, '', %s, %s, 1)"
)
STATEMENT = """
WITH due(day, cutoff) AS (
    SELECT CAST(column1 AS {day_type}), CAST(column2 AS {stamp}) FROM (VALUES {fridays}) AS v
), rows AS MATERIALIZED (
    SELECT o.id AS goal, o.team_id, k.id, k.weight, l.value, l.confidence, l.made_at,
        l.id IS NOT NULL AND k.next_due_on < {stale_before} AS is_stale,
        1.0 * (COALESCE(l.value, k.baseline) - k.baseline) / (k.target - k.baseline) AS raw,
        {gone} * CASE o.ambition WHEN 'aspirational' THEN 0.7 ELSE 1.0 END AS expected
    FROM objectives_objective o
    JOIN objectives_keyresult k ON k.objective_id = o.id AND k.withdrawn_at IS NULL
    LEFT JOIN objectives_checkin l ON l.id = k.latest_id
    WHERE o.cycle_id = {cycle} AND o.state = 'active'
), judged AS MATERIALIZED (
    SELECT goal, team_id, 1.0 * weight AS weight, {low} AS share, expected, made_at,
        CASE WHEN is_stale OR value IS NULL THEN 'idle' WHEN raw >= 1 THEN 'on'
        WHEN expected - {low} <= 0.10 THEN 'on' WHEN expected - {low} <= 0.25 THEN 'near'
        ELSE 'off' END AS tone
    FROM rows
), goals AS (
    SELECT goal, SUM(weight * share) / NULLIF(SUM(weight), 0) AS progress,
        SUM(weight * expected) / NULLIF(SUM(weight), 0) AS expected,
        MAX(CASE tone WHEN 'off' THEN 1 ELSE 0 END) AS at_risk
    FROM judged GROUP BY goal
), states AS (
    SELECT k.id, k.team_id,
        substr(s.recent, length(rtrim(s.recent, replace(s.recent, ' ', ''))) + 11, 1) AS letter
    FROM metrics_kpi k JOIN metrics_kpistate s ON s.kpi_id = k.id
), firsts AS (
    SELECT r.team_id, i.due_on, MIN(i.made_at) AS made_at
    FROM rows r JOIN objectives_checkin i ON i.key_result_id = r.id
        AND i.due_on >= {first_friday} AND i.due_on <= {last_friday} AND NOT i.is_retraction
    GROUP BY r.id, r.team_id, i.due_on
), came AS (
    SELECT f.team_id, f.due_on, COUNT(*) AS came,
        SUM(CASE WHEN f.made_at < d.cutoff THEN 1 ELSE 0 END) AS early
    FROM firsts f JOIN due d ON d.day = f.due_on GROUP BY f.team_id, f.due_on
), owed AS (
    SELECT team_id, COUNT(*) AS due FROM rows GROUP BY team_id
), fitted AS (
    SELECT s.id, SUM({x} * m.value) AS xy, SUM(m.value) AS y
    FROM states s JOIN metrics_measurement m ON m.kpi_id = s.id AND m.day >= {since}
    WHERE s.letter IN ('+', '~') GROUP BY s.id
), lines AS (
    SELECT (8 * xy + 28 * y) / (8 * 140 - 784) AS rise, y FROM fitted
)
SELECT 'kpi' AS what, team_id, letter AS key, COUNT(*) AS a, CAST(NULL AS numeric) AS b,
    CAST(NULL AS numeric) AS c
FROM states GROUP BY team_id, letter
UNION ALL SELECT 'row', team_id, tone, COUNT(*), NULL, NULL FROM judged GROUP BY team_id, tone
UNION ALL SELECT 'week', o.team_id, CAST(d.day AS text), o.due, COALESCE(c.came, 0),
    COALESCE(c.early, 0)
FROM owed o CROSS JOIN due d LEFT JOIN came c ON c.team_id = o.team_id AND c.due_on = d.day
UNION ALL SELECT 'goals', NULL, 'means', COUNT(*), AVG(progress), AVG(expected) FROM goals
UNION ALL SELECT 'kpis', NULL, 'at_risk', SUM(at_risk), NULL, NULL FROM goals
UNION ALL SELECT 'signals', NULL, 'undecided', COUNT(*), NULL, NULL FROM metrics_signal
    WHERE is_open AND kind = 'off_target' AND decision = '' AND snoozed_until IS NULL
UNION ALL SELECT 'gaps', NULL, 'untouched', COUNT(*), NULL, NULL FROM judged WHERE made_at IS NULL
UNION ALL SELECT 'gaps', NULL, 'orphan', COUNT(*), NULL, NULL FROM objectives_objective
    WHERE cycle_id = {cycle} AND signal_id IS NULL AND parent_objective_id IS NULL
        AND parent_key_result_id IS NULL
UNION ALL SELECT 'early', NULL, 'crossing', COUNT(*), NULL, NULL FROM lines
WHERE {lesser}((y + 28 * rise) / 8 + rise, (y + 28 * rise) / 8 + 7 * rise) < 50 - 0.000000001
"""


def main(arguments: list[str]) -> None:
    """Print the table, or with --inside the numbers."""
    if arguments[:1] == ["--inside"]:
        sys.stdout.write(json.dumps(inside(int(arguments[1]))))
        return
    sys.stdout.write(table(run(*arguments[:1], *map(int, arguments[1:]))) + "\n")


if __name__ == "__main__":
    main(sys.argv[1:])
