"""The engine against hand-written SQL over the same rows (performance.md 3, rows 1 to 4).

    python -m tests.benchmarks.bench_engine sqlite --kpis 100000 --periods 104
    python -m tests.benchmarks.bench_engine postgres://postgres@127.0.0.1:5432/postgres

Every KPI is weekly, higher is better, with a target of its own; one in seven is off target most of
the time (15 % have an open signal, as in Prometheus' measurement), nearly one in a hundred raises a
new one in the measured week. What is timed of ours is the whole job: claimed rows, statuses,
streaks, signals, evidence, events, messages, state rows, committed. The SQL only folds a streak.
"""

from __future__ import annotations

import json
import statistics
import sys
from contextlib import ExitStack
from datetime import UTC, datetime, time
from typing import TYPE_CHECKING

from tests.benchmarks.common import (
    Row,
    Served,
    in_process,
    main,
    monday,
    row,
    scratch_database,
    timed,
)

if TYPE_CHECKING:
    from django.db.models import Model

MODULE = "tests.benchmarks.bench_engine"
TICKS = 3
# Row 3 and the two workers: enough KPIs and turns that noise does not decide.
LEAST_KPIS = 10_000
WEEKS = (13, 416)
TURNS = 7
CHANGED_SHARE = 101  # one KPI in so many changes in row 2: of every kind, spread over all pages
KPIS_A_TEAM = 100
MUST_FOLD, MUST_FEW, MUST_FLAT, MUST_REPLAY = 17, 0.03, 1.10, 10


def run(db_alias_or_url: str, kpis: int, periods: int) -> list[Row]:
    """The lines for one database: "sqlite", or the URL of a PostgreSQL server.

    Each part has a database of its own, created and dropped here, and a process of its own.
    """
    lines = [row(*line) for line in _part(db_alias_or_url, kpis, periods)]
    few = max(LEAST_KPIS, kpis // 10)
    lines.append(_growth(db_alias_or_url, few))
    if db_alias_or_url != "sqlite":
        lines.append(_two_workers(db_alias_or_url, few))
    return lines


def _growth(kind: str, kpis: int) -> Row:
    """A long history against a short one: two databases, whose processes take turns."""
    pairs = []
    with ExitStack() as stack:
        served = []
        for weeks in WEEKS:
            url = stack.enter_context(scratch_database(kind))
            served.append(stack.enter_context(Served(MODULE, url, "fill", str(kpis), str(weeks))))
        for turn in range(TURNS):
            for one in served:
                one.ask(f"arrive {turn}")
            pairs.append([one.ask("work") for one in served])
    name = f"3 one new value for each of {kpis:,} KPIs, {WEEKS[1]} weeks against {WEEKS[0]}"
    ratio = statistics.median(long / short for short, long in pairs)
    ours = statistics.median(long for _, long in pairs)
    return row(name, ours, ours / ratio, MUST_FLAT)


def _two_workers(kind: str, kpis: int) -> Row:
    """Two processes that work off the same due rows at once against one that does it alone."""
    with scratch_database(kind) as url, ExitStack() as stack:
        first = stack.enter_context(Served(MODULE, url, "fill", str(kpis), "26"))
        second = stack.enter_context(Served(MODULE, url, "join", str(kpis), "26"))
        ratios, alone = [], []
        for turn in range(0, 2 * TURNS, 2):
            first.ask(f"arrive {turn}")
            second.ask(f"meet {turn}")
            alone.append(first.ask("work"))
            first.ask(f"arrive {turn + 1}")
            second.ask(f"meet {turn + 1}")
            first.send("work")
            second.send("work")
            ratios.append(max(first.answer(), second.answer()) / alone[-1])
    one, share = statistics.median(alone), statistics.median(ratios)
    return row(f"1 two workers against one, {kpis:,} KPIs (aim 0.56)", one * share, one, None)


def _part(kind: str, kpis: int, periods: int) -> list[list]:
    with scratch_database(kind) as url:
        return json.loads(in_process(MODULE, url, "--inside", str(kpis), str(periods)))


# -- inside the process that owns the database ----------------------------------------------------


def serve(part: str, kpis: int, periods: int) -> None:
    """Measure one week after the other as the commands on standard input say.

    `arrive N` brings the values of the Nth new week, `meet N` takes note of them, `work` evaluates
    what is due and answers with the seconds it took.
    """
    import django

    django.setup()
    from django.core.management import call_command

    bench = Bench(kpis, periods)
    if part == "fill":
        call_command("migrate", verbosity=0)
        bench.fill()
        bench.evaluate_everything()
    week, seconds = periods, 1.0
    print(seconds, flush=True)
    for line in sys.stdin:
        command, _, turn = line.partition(" ")
        if turn:
            week = periods + int(turn)
            seconds = 1.0
        if command == "arrive":
            bench.arrive(week)
        elif command.strip() == "work":
            now = bench.after(week)
            seconds = timed(lambda now=now: bench.evaluate(now))
        print(seconds, flush=True)


def inside(kpis: int, periods: int) -> list[tuple]:
    """Measure rows 1, 2 and 4 on the database Django is set up for."""
    import django

    django.setup()
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    bench = Bench(kpis, periods)
    bench.fill()
    replayed = timed(bench.evaluate_everything)
    window = statistics.median([timed(bench.window_query) for _ in range(TICKS)])
    bench.check("window query")
    ticks = [bench.tick(week) for week in bench.weeks()]
    ours = statistics.median(tick[0] for tick in ticks)
    fold = statistics.median(tick[1] for tick in ticks)
    bench.check("fold")
    few, changed = bench.few(periods + TICKS)
    return [
        (f"1 one new value for each of {kpis:,} KPIs, against the SQL fold", ours, fold, MUST_FOLD),
        (f"2 only {changed:,} of {kpis:,} changed, against row 1", few, ours, MUST_FEW),
        (
            f"4 full replay of {kpis * periods:,} periods, against the SQL window query",
            replayed,
            window,
            MUST_REPLAY,
        ),
    ]


class Bench:
    """The data, our runs over it, and the hand-written SQL beside them."""

    def __init__(self, kpis: int, periods: int) -> None:
        from django.db import connection

        self.kpis, self.periods = kpis, periods
        self.connection = connection
        self.is_postgres = connection.vendor == "postgresql"

    def weeks(self) -> range:
        """The weeks whose values arrive while we measure."""
        return range(self.periods, self.periods + TICKS)

    def sql(self, text: str, *parameters: object) -> list[tuple]:
        with self.connection.cursor() as cursor:
            # None, not (): without parameters a % in the text stands for itself.
            cursor.execute(text, parameters or None)
            return cursor.fetchall() if cursor.description else []

    def numbers(self, column: str, first: int, last: int) -> str:
        """A table expression of whole numbers, both ends included."""
        if self.is_postgres:
            return f"generate_series({first}::bigint, {last}::bigint) AS {column}_({column})"
        return (
            f"(WITH RECURSIVE up(i) AS (SELECT {first} UNION ALL SELECT i + 1 FROM up WHERE i <"
            f" {last}) SELECT i AS {column} FROM up) AS {column}_"
        )

    def day(self, week: str) -> str:
        """The first day of a week given as an SQL expression."""
        if self.is_postgres:
            return f"(date '{monday(0)}' + 7 * ({week})::integer)"
        return f"date('{monday(0)}', '+' || (7 * ({week})) || ' days')"

    # -- data ---------------------------------------------------------------------------------

    def fill(self) -> None:
        """People, teams, KPIs, targets, values and bare tables for the SQL to fold into."""
        self._people()
        self._kpis()
        self._values(0, self.periods - 1)
        decimal = "numeric" if self.is_postgres else "decimal"
        self.sql(
            "CREATE TABLE bare_state (kpi_id integer PRIMARY KEY, target "
            f"{decimal} NOT NULL, streak integer NOT NULL)"
        )
        self.sql("ANALYZE")

    def _people(self) -> None:
        """One organisation and cadence, and for every hundred KPIs a team, its lead, a source."""
        from metrics.models import Cadence, Source
        from teams.models import Membership, Organisation, Team, User

        teams, at = self.kpis // KPIS_A_TEAM + 1, self.after(-1)
        Organisation.objects.create(pk=1, name="Bench", time_zone="Europe/Oslo", created_at=at)
        Cadence.objects.create(
            pk=1, organisation_id=1, name="Weekly", kind="weekly", grace_days=3, patience=4
        )
        lead = User(pk=1, email="lead1@bench.example", name="Lead", organisation_id=1)
        self._copies(lead, teams, id="n", email="'lead' || n || '@bench.example'")
        team = Team(pk=1, organisation_id=1, name="Team 1", created_at=at)
        self._copies(team, teams, id="n", name="'Team ' || n")
        membership = Membership(pk=1, team_id=1, user_id=1, role="lead")
        self._copies(membership, teams, id="n", team_id="n", user_id="n")
        source = Source(pk=1, team_id=1, kind="manual", name="By hand")
        self._copies(source, teams, id="n", team_id="n")

    def _kpis(self) -> None:
        """Every KPI with its target, and a state that is due."""
        from metrics.models import Kpi, KpiState, Target

        team, at = f"n / {KPIS_A_TEAM} + 1", self.after(-1)
        kpi = Kpi(
            pk=1,
            team_id=1,
            name="KPI 1",
            definition="A share.",
            owner_id=1,
            unit="%",
            direction="higher_is_better",
            source_id=1,
            cadence_id=1,
            starts_on=monday(0),
            created_at=at,
        )
        theirs = {"team_id": team, "owner_id": team, "source_id": team}
        self._copies(kpi, self.kpis, id="n", name="'KPI ' || n", **theirs)
        target = Target(pk=1, kpi_id=1, effective_on=monday(0), value=40, created_at=at)
        self._copies(target, self.kpis, id="n", kpi_id="n", value=self._target())
        self._copies(KpiState(kpi_id=1, due_at=self.after(0)), self.kpis, kpi_id="n")

    def _copies(self, first: Model, count: int, **differing: str) -> None:
        """Rows 1 to `count` like the first, of which these columns are SQL expressions of n."""
        first.save(force_insert=True)
        names = [field.column for field in first._meta.concrete_fields]
        columns = ", ".join(f'"{name}"' for name in names)
        values = ", ".join(differing.get(name) or f't."{name}"' for name in names)
        name = first._meta.db_table
        self.sql(
            f"INSERT INTO {name} ({columns}) SELECT {values} FROM {name} t"
            f" CROSS JOIN {self.numbers('n', 2, count)} WHERE t.{first._meta.pk.column} = 1"
        )

    def _target(self) -> str:
        """Of KPI n: 40.00 to 79.99, nearly every one its own."""
        return "40 + (n * 7919 % 4000) / 100.0"

    def _values(self, first: int, last: int) -> None:
        """One value for each KPI and week, week by week as they would arrive.

        A hash stands for chance. One KPI in seven is off target in nine weeks of ten, the others in
        about one of seven; one in a hundred is off in the last weeks before the measured ones.
        """
        chance = "((n * 48271 + w * 69621) * 16807 % 2147483647 * 48271 % 2147483647 % 1000)"
        eve = self.periods - 3
        off = (
            f"CASE WHEN n % 7 = 0 THEN {chance} < 900"
            f" WHEN n % 100 < {TICKS} THEN w >= {eve} + n % 100 OR {chance} < 100"
            f" ELSE {chance} < 140 END"
        )
        text = (
            "INSERT INTO metrics_measurement (kpi_id, day, identity, value, external_id, source_id,"
            " recorded_at, revision)"
            f" SELECT n, {self.day('w')}, 'weekly', {self._target()} +"
            f" CASE WHEN {off} THEN -1 - {chance} / 100.0 ELSE {chance} / 100.0 END,"
            f" '', n / {KPIS_A_TEAM} + 1, '2018-01-01 00:00:00', 0"
            f" FROM {self.numbers('w', first, last)} CROSS JOIN {self.numbers('n', 1, self.kpis)}"
        )
        self.sql(text)

    # -- ours -----------------------------------------------------------------------------------

    def after(self, week: int) -> datetime:
        """The morning after a week."""
        return datetime.combine(monday(week + 1), time(6), UTC)

    def evaluate(self, now: datetime) -> int:
        """Evaluate until nothing is due, as the job does."""
        from metrics.evaluation import evaluate_due

        done = 0
        while kpis := evaluate_due(now, worker="bench").kpis:
            done += kpis
        return done

    def evaluate_everything(self) -> None:
        assert self.evaluate(self.after(self.periods - 1)) == self.kpis

    def tick(self, week: int) -> tuple[float, float]:
        """The values of one more week arrive: (our seconds, seconds of the SQL fold)."""
        self.arrive(week)
        now = self.after(week)
        ours = timed(lambda: self.evaluate(now))
        return ours, timed(lambda: self.fold(week))

    def arrive(self, week: int) -> None:
        """One new value for each KPI, and everything due."""
        self._values(week, week)
        self._mark(self.after(week), "")
        self._settle()

    def few(self, week: int) -> tuple[float, int]:
        """The same where one KPI in a hundred got a value: (seconds, how many)."""
        self._values(week, week)
        now = self.after(week)
        self._mark(now, f"AND kpi_id % {CHANGED_SHARE} = 5")
        self._settle()
        done = []
        return timed(lambda: done.append(self.evaluate(now))), done[0]

    def _mark(self, now: datetime, which: str) -> None:
        text = f"UPDATE metrics_kpistate SET due_at = %s WHERE true {which.replace('%', '%%')}"
        self.sql(text, self.connection.ops.adapt_datetimefield_value(now))

    def _settle(self) -> None:
        """What a database does in quiet moments, before the clock runs."""
        vacuum = "VACUUM " if self.is_postgres else ""
        for name in ("metrics_kpistate", "bare_state"):
            self.sql(f"{vacuum}ANALYZE {name}")

    # -- the hand-written SQL -----------------------------------------------------------------

    def window_query(self) -> None:
        """The off-target streak of all KPIs from full history, by row_number."""
        self.sql("DELETE FROM bare_state")
        self.sql(
            """
            INSERT INTO bare_state (kpi_id, target, streak)
            SELECT kpi_id, target, coalesce(min(back) FILTER (WHERE NOT is_off), max(back) + 1) - 1
            FROM (
                SELECT m.kpi_id, t.value AS target, m.value < t.value AS is_off,
                    row_number() OVER (PARTITION BY m.kpi_id ORDER BY m.day DESC) AS back
                FROM metrics_measurement m JOIN metrics_target t ON t.kpi_id = m.kpi_id
            ) ordered
            GROUP BY kpi_id, target
            """
        )

    def fold(self, week: int) -> None:
        """The new value of each KPI, found by its key, into its streak.

        OFFSET 0 makes PostgreSQL look each one up; its own choice, a hash of all, is slower.
        """
        look_up = (
            "(SELECT b.kpi_id, n.value FROM bare_state b CROSS JOIN LATERAL (SELECT m.value"
            " FROM metrics_measurement m WHERE m.kpi_id = b.kpi_id AND m.day = %s"
            " AND m.identity = 'weekly' OFFSET 0) n) new WHERE new.kpi_id = bare_state.kpi_id"
            if self.is_postgres
            else "metrics_measurement new WHERE new.kpi_id = bare_state.kpi_id AND new.day = %s"
            " AND new.identity = 'weekly'"
        )
        self.sql(
            "UPDATE bare_state SET streak ="
            " CASE WHEN new.value < bare_state.target THEN bare_state.streak + 1 ELSE 0 END"
            f" FROM {look_up}",
            monday(week),
        )

    def check(self, name: str) -> None:
        """Our streaks must be those of the SQL."""
        different = self.sql(
            "SELECT count(*) FROM metrics_kpistate s JOIN bare_state b ON b.kpi_id = s.kpi_id"
            " WHERE s.streak <> b.streak"
        )[0][0]
        if different:
            raise SystemExit(f"{name}: {different} streaks differ from ours")


if __name__ == "__main__":
    if sys.argv[1:2] == ["--serve"]:
        serve(sys.argv[2], int(sys.argv[3]), int(sys.argv[4]))
    else:
        main(__doc__, run, inside, sys.argv[1:], kpis=10_000, periods=104)
