"""Where objectives stand, against hand-written SQL with the same answer (performance.md 3, row 8).

    python -m tests.benchmarks.bench_goals sqlite
    python -m tests.benchmarks.bench_goals postgres://postgres@127.0.0.1:5432/postgres

A company's cycle is 1,000 teams of three objectives of four key results; one team has 30 objectives
of which every key result has 13 check-ins. All are measured by hand, rising or falling, some
without a check-in, some stale, some as a stretch. The SQL is one statement for progress and status
of each objective; ours must give the same before its time counts. Both run in one process, turn by
turn; what counts is the ratio of the medians.
"""

from __future__ import annotations

import json
import statistics
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from functools import partial
from uuid import UUID

from tests.benchmarks.common import Row, in_process, row, scratch_database, table, timed

TEAMS, OBJECTIVES, KEY_RESULTS = 1000, 3, 4
BUSY_OBJECTIVES, CHECK_INS = 30, 13
PAGE_TEAMS = 50
ROUNDS, WARM_UP = 15, 2
MUST_ROLL_UP = 2
STARTS, ENDS, TODAY = date(2026, 7, 1), date(2026, 9, 30), date(2026, 8, 16)
NOISE = Decimal("1e-9")


def run(db: str, teams: int = TEAMS) -> list[Row]:
    """The lines for one database: "sqlite", or the URL of a PostgreSQL server."""
    with scratch_database(db) as url:
        text = in_process("tests.benchmarks.bench_goals", url, "--inside", str(teams))
    return [row(*line) for line in json.loads(text)]


def inside(teams: int) -> list[tuple]:
    """Measure on the database Django is set up for."""
    import django

    django.setup()
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    return Bench(teams).lines()


class Bench:
    """One organisation with its cycle: many teams of a few objectives, and one of many."""

    def __init__(self, teams: int, check_ins: int = 1) -> None:
        from tests.factories import make_cycle, make_organisation, make_team, make_user

        self.organisation = make_organisation()
        self.cycle = make_cycle(organisation=self.organisation)
        self.person = make_user(organisation=self.organisation)
        self.made_at = datetime(2026, 8, 14, 9, tzinfo=UTC)
        self.number = 0
        self.teams = [make_team(organisation=self.organisation) for _ in range(teams)]
        self.busy = make_team(organisation=self.organisation)
        for team in self.teams:
            self._fill(team, OBJECTIVES, check_ins)
        self._fill(self.busy, BUSY_OBJECTIVES, CHECK_INS)
        self._settle()

    def _fill(self, team, objectives: int, check_ins: int) -> None:
        """Objectives with key results, each answered for the last weeks, one in ten never."""
        from objectives.models import CheckIn, KeyResult, Objective

        for _ in range(objectives):
            self.number += 1
            objective = Objective.objects.create(
                team=team,
                cycle=self.cycle,
                title=f"Objective {self.number}",
                ambition="aspirational" if self.number % 3 == 0 else "committed",
                state="active",
                created_at=self.made_at,
                published_at=self.made_at,
                starts_on=STARTS,
            )
            rows = KeyResult.objects.bulk_create(self._key_results(objective))
            said = [one for row in rows if row.pk % 10 for one in self._check_ins(row, check_ins)]
            for one in CheckIn.objects.bulk_create(said):
                one.key_result.latest = one
                one.key_result.next_due_on = one.due_on + timedelta(days=7)
            KeyResult.objects.bulk_update(rows, ["latest", "next_due_on"])

    def _key_results(self, objective) -> Iterator:
        from objectives.models import KeyResult

        for position in range(1, KEY_RESULTS + 1):
            falls = position % 2 == 0
            yield KeyResult(
                objective=objective,
                position=position,
                title=f"Key result {position}",
                kind="decrease" if falls else "increase",
                baseline=Decimal(90 if falls else 38),
                target=Decimal(60 if falls else 52),
                weight=Decimal(position % 3),
            )

    def _check_ins(self, key_result, count: int) -> Iterator:
        """The last of them for Friday 14 August, of one in seven a month before."""
        from objectives.models import CheckIn

        last = date(2026, 7, 17) if key_result.pk % 7 == 0 else date(2026, 8, 14)
        way = key_result.target - key_result.baseline
        for week in range(count):
            share = Decimal(key_result.pk * 37 % 120 - 10) / 100 + Decimal("0.0037")
            yield CheckIn(
                key_result=key_result,
                value=key_result.baseline + way * share,
                confidence=key_result.pk % 11,
                due_on=last - timedelta(weeks=count - 1 - week),
                author=self.person,
                made_at=self.made_at + timedelta(seconds=week),
                token=UUID(int=key_result.pk * 100 + week),
            )

    def _settle(self) -> None:
        from django.db import connection

        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")

    # -- what is measured -----------------------------------------------------------------------

    def lines(self) -> list[tuple]:
        """(name, our seconds, theirs, the largest ratio allowed) of each comparison."""
        everything = [*self.teams, self.busy]
        page, busy = self.teams[:PAGE_TEAMS], [self.busy]
        size = f"{len(self.teams):,} teams × {OBJECTIVES} × {KEY_RESULTS}"
        of_busy = f"{BUSY_OBJECTIVES} objectives × {KEY_RESULTS} × {CHECK_INS} check-ins"
        parts = [
            (f"cycle of {size}, added up", self.added_up, everything, MUST_ROLL_UP),
            (f"a page of {PAGE_TEAMS} teams of it, row by row", self.brief, page, None),
            (f"team of {of_busy}, the last said", self.brief, busy, None),
            (f"team of {of_busy}, whole history", self.whole, busy, None),
        ]
        lines = []
        for name, ours, teams, must in parts:
            work = partial(ours, self.rows(teams))
            sql = partial(self.by_sql, [] if teams is everything else teams)
            assert_same(name, work(), sql())
            lines.append((name, *side_by_side(work, sql), must))
        name = f"team of {of_busy}, the last said, against a bare read of the same rows"
        rows = self.rows(busy)
        times = side_by_side(partial(self.brief, rows), partial(bare_read, rows))
        return [*lines, (name, *times, None)]

    def rows(self, teams: list):
        """The objectives of these teams, not asked for yet."""
        from objectives.models import Objective

        rows = Objective.objects.filter(cycle=self.cycle)
        return rows if len(teams) > len(self.teams) else rows.filter(team__in=teams)

    def added_up(self, rows) -> dict:
        from objectives.rolled_up import rolled_up

        return rolled_up(rows, TODAY)

    def brief(self, rows) -> dict:
        return self._row_by_row(rows.with_latest())

    def whole(self, rows) -> dict:
        return self._row_by_row(rows.with_parts())

    def _row_by_row(self, rows) -> dict:
        from objectives.standing import objective_standing

        found = (objective_standing(one, TODAY) for one in rows)
        return {one.objective.pk: (one.progress, one.health) for one in found}

    def by_sql(self, teams: list) -> dict:
        """The same answer by one statement written for these objectives; of all without teams."""
        from django.db import connection

        is_postgres = connection.vendor == "postgresql"
        gone = Decimal((TODAY - STARTS).days) / (ENDS - STARTS).days
        before = TODAY - timedelta(days=3)
        ids = ", ".join(str(team.pk) for team in teams)
        text = STATEMENT.format(
            low="LEAST(GREATEST(raw, 0), 1)" if is_postgres else "MIN(MAX(raw, 0.0), 1.0)",
            gone=gone,
            stale_before=f"DATE '{before}'" if is_postgres else f"'{before}'",
            cycle=self.cycle.pk,
            narrowed=f" AND o.team_id IN ({ids})" if ids else "",
        )
        with connection.cursor() as cursor:
            cursor.execute(text)
            return {pk: (share, SEVERITY[worst]) for pk, share, worst in cursor.fetchall()}


def bare_read(rows) -> int:
    """The objectives and key results as plain rows of the ORM, nothing worked out."""
    from objectives.models import KeyResult

    parts = KeyResult.objects.filter(objective__in=rows).select_related("latest", "objective")
    return len(list(parts))


STATEMENT = """
SELECT id, SUM(weight * share) / NULLIF(SUM(weight), 0),
    MIN(CASE WHEN is_stale THEN 2 WHEN value IS NULL THEN 4 WHEN raw >= 1 THEN 6
        WHEN behind <= 0.10 THEN 5 WHEN behind <= 0.25 THEN 3 ELSE 0 END)
FROM (
    SELECT id, weight, value, is_stale, raw, {low} AS share, expected - {low} AS behind
    FROM (
        SELECT o.id, 1.0 * k.weight AS weight, l.value,
            l.id IS NOT NULL AND k.next_due_on < {stale_before} AS is_stale,
            1.0 * (COALESCE(l.value, k.baseline) - k.baseline) / (k.target - k.baseline) AS raw,
            {gone} * CASE o.ambition WHEN 'aspirational' THEN 0.7 ELSE 1.0 END AS expected
        FROM objectives_objective o
        JOIN objectives_keyresult k ON k.objective_id = o.id AND k.withdrawn_at IS NULL
        LEFT JOIN objectives_checkin l ON l.id = k.latest_id
        WHERE o.cycle_id = {cycle}{narrowed}
    ) one
) two
GROUP BY id
"""
SEVERITY = ["at_risk", "", "stale", "behind", "no_data", "on_track", "achieved"]


def assert_same(name: str, ours: dict, theirs: dict) -> None:
    """Stop unless progress and status of every objective are the same."""
    different = [
        pk
        for pk in ours.keys() | theirs.keys()
        if pk not in ours or pk not in theirs or not alike(ours[pk], theirs[pk])
    ]
    if different:
        one = different[0]
        raise SystemExit(
            f"{name}: {len(different)} differ; of {one} {ours.get(one)}, {theirs.get(one)}"
        )


def alike(ours: tuple, theirs: tuple) -> bool:
    """Is the status the same, and the progress to nine places?"""
    if ours[1] != theirs[1] or (ours[0] is None) != (theirs[0] is None):
        return False
    return ours[0] is None or abs(ours[0] - Decimal(str(theirs[0]))) < NOISE


def side_by_side(ours: Callable, theirs: Callable) -> tuple[float, float]:
    """Medians of both, turn by turn, so that noise of the machine meets both."""
    times = [(timed(ours), timed(theirs)) for _ in range(ROUNDS + WARM_UP)][WARM_UP:]
    return statistics.median(t[0] for t in times), statistics.median(t[1] for t in times)


def main(arguments: list[str]) -> None:
    """Print the table, or with --inside the numbers."""
    if arguments[:1] == ["--inside"]:
        print(json.dumps(inside(int(arguments[1]))))
        return
    print(table(run(arguments[0] if arguments else "sqlite")))


if __name__ == "__main__":
    main(sys.argv[1:])
