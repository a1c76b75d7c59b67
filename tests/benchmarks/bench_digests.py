"""Digests of 10,000 people: planned, claimed, built and sent, against the bare work of it.

    python -m tests.benchmarks.bench_digests sqlite
    python -m tests.benchmarks.bench_digests postgres://postgres@127.0.0.1:5432/postgres

Each person has a daily digest of two messages about a team at the same hour. The counterparts, in
the same run: the same rows stored as they are, and the same mails rendered and given to the same
backend, each followed by one hand-written UPDATE. Nothing is sent anywhere. Lines without a limit
inform.
"""

from __future__ import annotations

import gc
import json
import statistics
import sys
from datetime import UTC, datetime, timedelta

from tests.benchmarks.common import Row, in_process, main, row, scratch_database, timed

MODULE = "tests.benchmarks.bench_digests"
NOW = datetime(2026, 8, 18, 9, tzinfo=UTC)
EIGHT = datetime(2026, 8, 19, 8, tzinfo=UTC)
EVENTS, TURNS = 2, 3
PLAN_LIMIT, SEND_LIMIT, PASS_LIMIT = 3.0, 3.0, 12


def run(db_alias_or_url: str, people: int = 10_000) -> list[Row]:
    """The lines for one database: "sqlite", or the URL of a PostgreSQL server."""
    with scratch_database(db_alias_or_url) as url:
        lines = json.loads(in_process(MODULE, url, "--inside", str(people)))
    return [row(*line) for line in lines]


def inside(people: int) -> list[tuple]:
    """Measure on the database Django is set up for."""
    import django

    django.setup()
    from django.conf import settings
    from django.core.management import call_command

    settings.EMAIL_BACKEND = "django.core.mail.backends.dummy.EmailBackend"
    settings.EMAIL_URL = "smtp://mail.example"
    call_command("migrate", verbosity=0)
    gc.freeze()  # as okrkpi/jobs.py does
    bench = Digests(people)
    turns = [(bench.insert_bare(), bench.plan(is_last=n == TURNS)) for n in range(1, TURNS + 1)]
    bare, planned = (statistics.median(column) for column in zip(*turns, strict=True))
    bench.send_bare()  # whatever is loaded once is loaded now
    bare_send = timed(bench.send_bare)
    sent, passes, builds = bench.deliver()
    bench.owe()
    reminded = timed(bench.remind)
    name = f"{people:,} people"
    return [
        (f"plan mail for {name}, against storing it", planned, bare, PLAN_LIMIT),
        (f"send {name} their digest, against bare mails", sent, bare_send, SEND_LIMIT),
        (f"queries of a pass beside its marks, of at most {PASS_LIMIT}", builds, PASS_LIMIT, 1),
        (f"passes for {name}, against one", passes, 1, None),
        (f"remind {name} of a check-in each, against sending", reminded, bare_send, None),
    ]


class Digests:
    """An organisation of many people who chose a daily digest."""

    def __init__(self, people: int) -> None:
        from teams.models import MessageSettings, User
        from tests.factories import make_organisation, make_team

        self.organisation = make_organisation(time_zone="UTC")
        self.team = make_team(organisation=self.organisation)
        made = User.objects.bulk_create(
            User(email=f"p{n}@halden.example", name=f"P {n}", organisation=self.organisation)
            for n in range(people)
        )
        self.people = made
        MessageSettings.objects.bulk_create(MessageSettings(user=one, mail="daily") for one in made)

    def rows(self, event_keys, **over) -> list:
        from teams.models import OutboxMessage

        fields = {"channel": "email", "run": "run 1", "topic": "raised", "link": "/signals/1/"}
        fields |= {"subject": "Churn rate is off target", "body": "First off target: May."}
        fields |= {"created_at": NOW, "due_at": NOW, "about": f"team:{self.team.pk}"} | over
        return [
            OutboxMessage(event_key=key, recipient=one, **fields)
            for key in event_keys
            for one in self.people
        ]

    def insert_bare(self) -> float:
        """Seconds that storing the same rows takes, as they are; they are gone afterwards."""
        from teams.models import OutboxMessage

        rows = self.rows([f"bare {n}" for n in range(EVENTS)])
        took = timed(lambda: OutboxMessage.objects.bulk_create(rows, batch_size=1000))
        OutboxMessage.objects.all().delete()
        return took

    def plan(self, *, is_last: bool) -> float:
        """Seconds that queueing the messages takes: what each person chose is looked at."""
        from teams.models import OutboxMessage
        from teams.outbox import queue_messages

        rows = self.rows([f"raised {n}" for n in range(EVENTS)])
        took = timed(lambda: queue_messages(rows))
        if not is_last:
            OutboxMessage.objects.all().delete()
        return took

    def send_bare(self) -> None:
        """Render and "send" a mail for each person, with one UPDATE after each."""
        from django.core.mail import get_connection
        from django.db import connection

        from teams.mails import digest_mail

        backend, by_person = get_connection(), {}
        for one in self.rows([f"bare {n}" for n in range(EVENTS)]):
            by_person.setdefault(one.recipient_id, []).append(one)
        with connection.cursor() as cursor:
            for rows in by_person.values():
                backend.send_messages([digest_mail(rows)])
                cursor.execute(
                    "UPDATE teams_outboxmessage SET last_error = '' WHERE recipient_id = %s",
                    [rows[0].recipient_id],
                )

    def deliver(self) -> tuple[float, int, int]:
        """Seconds until nothing is due, passes, and the most queries of one beside its marks."""
        from django.db import connection

        from teams.models import OutboxMessage
        from teams.outbox import deliver_due

        counts: list[list[str]] = []

        def note(execute, sql, params, many, context):
            if not sql.startswith(("UPDATE", "BEGIN", "SAVEPOINT", "RELEASE")):
                counts[-1].append(sql)
            return execute(sql, params, many, context)

        def work() -> None:
            with connection.execute_wrapper(note):
                while counts.append([]) or deliver_due(EIGHT, "bench"):
                    pass

        took = timed(work)
        left = OutboxMessage.objects.filter(sent_at=None).count()
        if left:
            raise SystemExit(f"{left} messages were not sent")
        return took, len(counts) - 1, max(map(len, counts))

    def owe(self) -> None:
        """Let everybody own a key result whose check-in is due today."""
        from objectives.models import KeyResult
        from teams.models import Membership
        from tests.factories import make_objective

        Membership.objects.bulk_create(
            Membership(team=self.team, user=one, role="member") for one in self.people
        )
        objective = make_objective(team=self.team)
        KeyResult.objects.bulk_create(
            KeyResult(
                objective=objective,
                owner=one,
                position=n,
                title="NPS rises",
                kind="increase",
                baseline=1,
                target=2,
                next_due_on=EIGHT.date(),
            )
            for n, one in enumerate(self.people)
        )

    def remind(self) -> None:
        """Queue everybody's reminder, as the job does at their hour."""
        from objectives.reminders import remind

        counts = remind(self.organisation, EIGHT - timedelta(minutes=5))
        if counts.reminders != len(self.people):
            raise SystemExit(f"{counts.reminders} people were reminded")


if __name__ == "__main__":
    main(__doc__, run, inside, sys.argv[1:], people=10_000)
