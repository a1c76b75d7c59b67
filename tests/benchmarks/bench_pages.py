"""Pages and POSTs against bare ones behind the same session (performance.md 3, rows 6 and 7).

    python -m tests.benchmarks.bench_pages sqlite
    python -m tests.benchmarks.bench_pages postgres://postgres@127.0.0.1:5432/postgres

A bare page reads the same rows through the ORM, signed in, and prints them in a plain table with
the usual filters: no shell, no figures, no privacy. Both sides go through the same middleware in
the same process, turn by turn, so that noise of the machine meets both; what counts is the ratio of
the medians.
"""

from __future__ import annotations

import gc
import json
import statistics
import sys
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from uuid import uuid4

from tests.benchmarks.bench_week import OWED, fill_check_ins, fill_week
from tests.benchmarks.common import Row, in_process, row, scratch_database, table, timed

ROUNDS = 41
WARM_UP = 4
WEEKS = 26
SIGNALS = 1000
MUST_PAGE, MUST_POST = 2, 5
FIRST = date(2026, 1, 5)


def run(db: str) -> list[Row]:
    """The lines for one database: "sqlite", or the URL of a PostgreSQL server."""
    with scratch_database(db) as url:
        found = json.loads(in_process("tests.benchmarks.bench_pages", url, "--inside"))
    return [row(*line) for line in found]


def inside() -> list[tuple]:
    """Measure on the database Django is set up for."""
    import django

    django.setup()
    from django.conf import settings
    from django.core.management import call_command

    settings.ROOT_URLCONF = "tests.benchmarks.bare_pages"
    settings.ALLOWED_HOSTS = ["testserver"]
    call_command("migrate", verbosity=0)
    call_command("createcachetable", verbosity=0)
    call_command("collectstatic", interactive=False, verbosity=0)
    gc.freeze()  # as okrkpi/wsgi.py does
    return Bench().lines()


class Bench:
    """One organisation: a team of 6 KPIs, one of 200, one with 1,000 open signals."""

    def __init__(self) -> None:
        from django.test import Client

        from tests.factories import join, make_cadence, make_organisation, make_team, make_user

        self.now = datetime.now(tz=UTC)
        organisation = make_organisation()
        # A day late, so that the newest closed week waits for its value.
        self.weekly = make_cadence("weekly", organisation=organisation, grace_days=6)
        self.person = make_user("Alice Moreau", organisation=organisation)
        self.teams = {}
        for size in (6, 200, SIGNALS):
            team = make_team(organisation=organisation, name=f"Team of {size}")
            join(team, self.person, "lead")
            self.teams[size] = team
            self._fill(team, size)
        self.client = Client()
        self.client.force_login(self.person)
        analyse()

    def _fill(self, team, size: int) -> None:
        """Weekly KPIs with half a year of values; of the largest team every one is off target."""
        from metrics.evaluation import evaluate_kpis
        from metrics.models import Kpi, KpiState, Measurement, Target
        from tests.factories import make_source

        source = make_source(team=team)
        monday = self.now.date() - timedelta(days=self.now.weekday())
        weeks = [monday - timedelta(weeks=back) for back in range(WEEKS, 1, -1)]
        kpis = Kpi.objects.bulk_create(
            Kpi(
                team=team,
                name=f"Support first response of region {position}",
                definition="Hours from a question to its first answer.",
                owner=self.person,
                unit="h",
                direction="lower_is_better",
                source=source,
                cadence=self.weekly,
                starts_on=weeks[0],
                position=position,
                created_at=self.now,
            )
            for position in range(size)
        )
        KpiState.objects.bulk_create(KpiState(kpi=kpi) for kpi in kpis)
        Target.objects.bulk_create(
            Target(kpi=kpi, effective_on=weeks[0], value=Decimal(4), created_at=self.now)
            for kpi in kpis
        )
        Measurement.objects.bulk_create(
            Measurement(
                kpi=kpi,
                day=day,
                identity="weekly",
                value=self._value(size, kpi.position, at),
                source=source,
                recorded_at=self.now,
            )
            for kpi in kpis
            for at, day in enumerate(weeks)
        )
        evaluate_kpis([kpi.pk for kpi in kpis], self.now)

    def _value(self, size: int, position: int, week: int) -> Decimal:
        if size == SIGNALS or (position % 5 == 0 and week > WEEKS - 8):
            return Decimal("5.1") + Decimal(week % 7) / 10
        return Decimal("3.1") + Decimal((position * 7 + week * 3) % 8) / 10

    def lines(self) -> list[tuple]:
        lines = [self._page(size, f"/teams/{self.teams[size].pk}/") for size in (6, 200)]
        # The list is paged, so its bare page is the first page of the same signals.
        lines.append(self._page(SIGNALS, "/signals/", name=f"signals page, {SIGNALS:,} signals"))
        lines.append(self._week())
        return [*lines, self._post(), self._check_in()]

    def _week(self) -> tuple:
        """My week of a person who owes 40 things, beside a page of the same rows."""
        organisation = self.person.organisation
        person = fill_week(organisation, self.weekly, self.now)
        analyse()
        alice, self.client = self.client, type(self.client)()
        self.client.force_login(person)
        line = self._page(OWED, "/my-week/", name=f"My week, {OWED} owed")
        self.client = alice
        return line

    def _page(self, size: int, path: str, name: str = "") -> tuple:
        bare = f"/bare{path}"
        ours, reference = side_by_side(lambda: self._get(path), lambda: self._get(bare))
        return (f"6 {name or f'team page, {size} KPIs'}", ours, reference, MUST_PAGE)

    def _get(self, path: str) -> None:
        answer = self.client.get(path)
        if answer.status_code != 200 or len(answer.content) < 500:
            raise RuntimeError(f"{path} answered {answer.status_code}")

    def _post(self) -> tuple:
        """One new value each time: of the KPIs of 200 the newest week, of another week the bare."""
        monday = self.now.date() - timedelta(days=self.now.weekday())
        week = monday - timedelta(weeks=1)
        ours = iter(list(self.teams[200].kpis.all()))
        bare = iter(list(self.teams[SIGNALS].kpis.all()))

        def post(kpi, path: str) -> None:
            answer = self.client.post(path, {"value": "3.9"})
            if answer.status_code != 302:
                raise RuntimeError(f"{path} answered {answer.status_code}")

        def post_ours() -> None:
            kpi = next(ours)
            post(kpi, f"/kpis/{kpi.pk}/values/{week}/edit/")

        def post_bare() -> None:
            kpi = next(bare)
            post(kpi, f"/bare/kpis/{kpi.pk}/values/{week}/")

        return ("7 value POST", *side_by_side(post_ours, post_bare), MUST_POST)

    def _check_in(self) -> tuple:
        """One check-in each time, as htmx sends it and gets the saved row; the bare is the same."""
        team = self.teams[6]
        rows = fill_check_ins(team, self.person, self.person, (ROUNDS + WARM_UP) // 2 + 1, self.now)
        analyse()
        ours, bare = iter(rows[::2]), iter(rows[1::2])

        def post(path: str, status: int) -> None:
            said = {"value": "47.5", "confidence": "6", "token": str(uuid4()), "version": "1"}
            answer = self.client.post(path, said, headers={"HX-Request": "true"})
            if answer.status_code != status:
                raise RuntimeError(f"{path} answered {answer.status_code}")

        return (
            "7 check-in POST, row by row",
            *side_by_side(
                lambda: post(f"/key-results/{next(ours).pk}/check-in/", 200),
                lambda: post(f"/bare/key-results/{next(bare).pk}/check-in/", 302),
            ),
            MUST_POST,
        )


def analyse() -> None:
    """Tell the planner of new rows, as PostgreSQL itself does within a minute of so many."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def side_by_side(ours: Callable[[], None], bare: Callable[[], None]) -> tuple[float, float]:
    """Medians of many turns, first one then the other."""
    for _ in range(WARM_UP):
        ours()
        bare()
    pairs = [(timed(ours), timed(bare)) for _ in range(ROUNDS)]
    return statistics.median(p[0] for p in pairs), statistics.median(p[1] for p in pairs)


def main(arguments: list[str]) -> None:
    if arguments == ["--inside"]:
        sys.stdout.write(json.dumps(inside()))
        return
    sys.stdout.write(table(run(arguments[0] if arguments else "sqlite")) + "\n")


if __name__ == "__main__":
    main(sys.argv[1:])
