"""What `bench_audit` measures inside its database: two organisations, their pages, the chain."""

from __future__ import annotations

import gc
import resource
import statistics
import time
from collections.abc import Iterator
from datetime import timedelta
from typing import NamedTuple

from django.db import connection
from django.test import Client
from django.utils import timezone

from metrics.models import Kpi
from teams.audit.chain import seal_events, verify
from teams.models import AuditEvent, Membership, Organisation, Team, User
from tests.benchmarks.common import median_of, timed

FEW = 1000
TURNS = 21
PAGE_MUST, MEMORY_MUST, VERIFY_MUST = 1.5, 1.25, 15
DAYS = 365
KPIS = 5000
# So many are sealed and verified: each takes the same time.
CHAIN = 200_000
QUERIES = {
    "the newest": "",
    "half-way back": "before={middle}",
    "of a person": "person={person}",
    "of a kind, half-way back": "kind=kpi&before={middle}",
    "of a verb and an object": "verb=verb_3&kind=kpi&object={kpi}",
    "until a day": "until={day}",
}
FILL = """
INSERT INTO teams_auditevent (at, organisation_id, actor_kind, actor_id, actor_name, verb, kind,
    object_id, label, team_id, is_private, before, after, reason, request_id)
SELECT {at}, {home}, 'person', {people} + n % 50, 'Person ' || (n % 50), 'verb_' || (n % 31),
    CASE n % 8 WHEN 3 THEN 'kpi' WHEN 4 THEN 'value' ELSE 'kind_' || (n % 8) END,
    CAST({kpis} + n % 5000 AS {text}), 'Churn of region ' || (n % 5000),
    {teams} + n % 40, {false},
    '{{"value": "' || n || '"}}', '{{"value": "' || (n + 1) || '"}}', 'Because of ' || n,
    '5e0a3f36-8a5e-4b0a-9d0d-0123456789ab'
FROM {numbers}
"""


class Home(NamedTuple):
    """An organisation: its administrator's browser, the first ids of its people, teams and KPIs."""

    pk: int
    client: Client
    people: int
    teams: int
    kpis: int
    events: int


class Bench:
    """The database with two organisations: of few changes, and of many."""

    def __init__(self, many: int) -> None:
        self.now = timezone.now()
        self.is_postgres = connection.vendor == "postgresql"
        self.few, self.many = self.home("Few", FEW), self.home("Many", many)
        self.sql("VACUUM ANALYZE" if self.is_postgres else "ANALYZE")

    def home(self, name: str, events: int) -> Home:
        """An organisation with so many changes, spread over a year."""
        made = Organisation.objects.create(name=name, created_at=self.now)
        User.objects.bulk_create(
            User(email=f"p{number}@{name}.example", name=f"Person {number}", organisation=made)
            for number in range(50)
        )
        Team.objects.bulk_create(
            Team(organisation=made, name=f"Team {n}", is_private=n == 7, created_at=self.now)
            for n in range(40)
        )
        ada = User.objects.create_user(f"a@{name}.example", organisation=made, is_org_admin=True)
        teams = made.teams.order_by("pk")
        Membership.objects.create(team=teams[0], user=ada, role="lead")
        client = Client()
        client.force_login(ada)
        people = made.people.order_by("pk")
        # A hundredth is private by now: each event about a KPI is asked again who may see it.
        Kpi.objects.bulk_create(
            Kpi(
                team=teams[n % 40],
                name=f"KPI {n}",
                starts_on=self.now.date(),
                created_at=self.now,
                is_private=n % 100 == 0,
            )
            for n in range(KPIS)
        )
        kpi = Kpi.objects.filter(team__organisation=made).earliest("pk").pk
        found = Home(made.pk, client, people[0].pk, teams[0].pk, kpi, events)
        self.fill(found)
        return found

    def sql(self, statement: str) -> list[tuple]:
        with connection.cursor() as cursor:
            cursor.execute(statement)
            return cursor.fetchall() if cursor.description else []

    def fill(self, home: Home) -> None:
        each = DAYS * 86400 / home.events
        if self.is_postgres:
            numbers = f"generate_series(1, {home.events}) AS numbers(n)"
            at = f"now() - make_interval(secs => ({home.events} - n) * {each})"
            kinds = {"text": "text", "false": "false"}
        else:
            numbers = (
                "(WITH RECURSIVE numbers(n) AS (SELECT 1 UNION ALL SELECT n + 1 "
                f"FROM numbers WHERE n < {home.events}) SELECT n FROM numbers)"
            )
            seconds = f"CAST(({home.events} - n) * {each} AS INTEGER)"
            at = f"datetime('now', '-' || {seconds} || ' seconds')"
            kinds = {"text": "TEXT", "false": "0"}
        ids = {"home": home.pk, "people": home.people, "teams": home.teams, "kpis": home.kpis}
        self.sql(FILL.format(numbers=numbers, at=at, **kinds, **ids))

    def page(self, home: Home, query: str) -> float:
        """Seconds that a page takes."""
        began = time.perf_counter()
        answer = home.client.get(f"/organisation/audit/?{query}", headers={"host": "localhost"})
        took = time.perf_counter() - began
        if answer.status_code != 200:
            raise SystemExit(f"{query}: {answer.status_code}")
        return took

    def pages(self) -> Iterator[tuple]:
        """A line for each page, both asked in turns after a first time that does not count."""
        for name, query in QUERIES.items():
            asked = []
            for home in (self.many, self.few):
                first = AuditEvent.objects.filter(organisation_id=home.pk).earliest("pk").pk
                middle, day = first + home.events // 2, self.now.date() - timedelta(days=DAYS // 2)
                ids = {"person": home.people + 3, "kpi": home.kpis + 3}
                text = query.format(middle=middle, day=day, **ids)
                self.page(home, text)
                asked.append((home, text))
            pairs = [[self.page(*one) for one in asked] for _ in range(TURNS)]
            ours, reference = map(statistics.median, zip(*pairs, strict=True))
            told = f"page {name}: {self.many.events:,} changes, against {FEW:,}"
            yield told, ours, reference, PAGE_MUST

    def export(self) -> None:
        address = "/organisation/audit/changes.csv?kind=kpi"
        answer = self.many.client.get(address, headers={"host": "localhost"})
        size = sum(len(part) for part in answer.streaming_content)
        if size < self.many.events // 8 * 100:
            raise SystemExit(f"only {size} bytes")

    def read(self) -> None:
        """Every row of both tables, by plain SQL in the order of the chain."""
        with connection.chunked_cursor() as cursor:
            cursor.execute(
                "SELECT * FROM teams_auditseal JOIN teams_auditevent ON event_id = id "
                "ORDER BY position"
            )
            while cursor.fetchmany(2000):
                pass


def memory() -> float:
    """The most this process has held so far, in GB."""
    gc.collect()
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6


def measured(events: int) -> list[tuple]:
    """Every line of the table."""
    bench = Bench(events)
    lines = list(bench.pages())
    newest = lines[0][1]
    looked = median_of(5, lambda: bench.page(bench.many, "q=because+of+777"))
    lines.append(("words in 20,000 changes, against the newest page", looked, newest, None))
    count = min(events, CHAIN)
    sealed = timed(lambda: seal_events(bench.now, limit=count))
    held = memory()
    read = timed(bench.read)
    started = time.perf_counter()
    found = verify(bench.now)
    verified = time.perf_counter() - started
    if found.head.position != count:
        raise SystemExit(f"not verified: {found}")
    lines.append((f"sealing {count:,}, against reading them", sealed, read, None))
    lines.append((f"verifying {count:,}, against reading them", verified, read, VERIFY_MUST))
    lines.append(("memory after verifying, against before (GB)", memory(), held, MEMORY_MUST))
    held = memory()
    exported = timed(bench.export)
    lines.append((f"CSV of {events // 8:,}, against the newest page", exported, newest, None))
    lines.append(("memory after the CSV, against before (GB)", memory(), held, MEMORY_MUST))
    return lines
