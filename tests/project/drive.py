"""One process of a fault test: `python -m tests.project.drive COMMAND [options]`.

  prepare             migrate, and make an organisation, a team and its people
  queue N             queue N runs of messages: each person gets 3 inbox rows and one digest a run
  work                deliver until nothing is due, as a worker does, then print the dump
  kpis N              make N KPIs with seven months of values, most of them off target, all due
  judge               evaluate and deliver until nothing is due, at factories.NOW; print judgements
  judgements          print signals, events, messages and states, without ids and clock times
  dump                print what stands in the tables and in the mail folder, as JSON
  last                print when the last message was sent, as time.time() does
`--without GUARD` switches a guard off for a negative control; `--later S` moves the clock.
"""

import argparse
import contextlib
import json
import os
import shutil
import time
from datetime import date, timedelta
from email import message_from_string
from pathlib import Path

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.project.slow_settings")
django.setup()

from django.conf import settings  # noqa: E402
from django.core.management import call_command  # noqa: E402
from django.db import connection  # noqa: E402
from django.utils import timezone  # noqa: E402

from metrics.evaluation import evaluate_due  # noqa: E402
from metrics.models import KpiState, Signal, SignalEvent  # noqa: E402
from teams import outbox  # noqa: E402
from teams.models import InboxItem, OutboxMessage, Team, User  # noqa: E402
from teams.tasks import worker_name  # noqa: E402
from tests.factories import (  # noqa: E402
    NOW,
    join,
    mail_at_once,
    make_cadence,
    make_kpi,
    make_organisation,
    make_source,
    make_team,
    make_user,
    make_value,
)
from tests.project import unguarded  # noqa: E402

COMMANDS = ["prepare", "queue", "work", "dump", "last", "kpis", "judge", "judgements"]
PASSWORD = "correct horse battery"


def migrate() -> None:
    template = os.environ.get("MIGRATED_SQLITE")
    if template and connection.vendor == "sqlite":
        shutil.copy(template, connection.settings_dict["NAME"])
    else:
        call_command("migrate", verbosity=0)
        call_command("createcachetable", verbosity=0)


def prepare() -> None:
    migrate()
    team = make_team(organisation=make_organisation())
    for name, role in (("Alice Moreau", "lead"), ("Bob Tanaka", "member")):
        email = f"{name.split()[0].lower()}@halden.example"
        user = make_user(name, email=email, organisation=team.organisation, password=PASSWORD)
        join(team, mail_at_once(user), role)


def queue(runs: int) -> None:
    now = timezone.now()
    outbox.queue_messages(
        OutboxMessage(
            event_key=f"run {run} event {event}",
            recipient=person,
            channel=channel,
            run=f"run {run}",
            topic="signal",
            subject=f"Churn rate is off target ({run}.{event})",
            link=f"/signals/{event}/",
            created_at=now,
            due_at=now,
        )
        for run in range(runs)
        for person in User.objects.order_by("pk")
        for channel in ("inbox", "email")
        for event in range(3)
    )


def work(later: float) -> None:
    def now():
        return timezone.now() + timedelta(seconds=later)

    while outbox.deliver_due(now(), worker_name()):
        pass


def kpis(count: int) -> None:
    """Every third is healthy, every third went off and came back, the rest are off target."""
    team = Team.objects.get()
    cadence = make_cadence(organisation=team.organisation)
    source = make_source(team=team)
    alice = User.objects.order_by("pk").first()
    for number in range(count):
        kpi = make_kpi(
            team=team,
            name=f"KPI {number}",
            cadence=cadence,
            source=source,
            target=5,
            owner=alice,
        )
        months = {0: "4444444", 1: "4778844", 2: "4478889"}[number % 3]
        for month, value in enumerate(months, start=1):
            make_value(kpi, date(2026, month, 1), value)
    KpiState.objects.update(due_at=NOW)


def judge() -> None:
    while (counts := evaluate_due(NOW, limit=4, worker="drive")) and counts.kpis:
        pass
    while outbox.deliver_due(timezone.now(), worker_name()):
        pass


def judgements() -> dict:
    """What evaluations left behind, the same for two runs that judged the same data once."""
    signals = Signal.objects.values_list(
        "kpi__name", "kind", "is_open", "first_off_on", "raised_on", "ended_on", "end_reason"
    )
    events = SignalEvent.objects.values_list(
        "signal__kpi__name", "type", "period_on", "ordinal", "told"
    )
    messages = OutboxMessage.objects.values_list("subject", "recipient__email", "channel")
    items = InboxItem.objects.values_list("subject", "recipient__email")
    states = KpiState.objects.values_list("kpi__name", "phase", "latest_status", "streak", "due_at")
    rows = {"signals": signals, "events": events, "messages": messages, "inbox": items}
    shown = {name: sorted(map(str, found)) for name, found in (rows | {"states": states}).items()}
    return shown | {"unsent": OutboxMessage.objects.filter(sent_at=None).count()}


def mails() -> list[list[str]]:
    """Every mail that was sent, as [Message-ID, to, text]; a repeated one is there twice."""
    sent = []
    for path in sorted(Path(settings.EMAIL_FILE_PATH).glob("*.log")):
        for text in path.read_text().split("-" * 79 + "\n"):
            mail = message_from_string(text)
            if mail["Message-ID"]:
                body = mail.get_payload(0).get_payload()
                sent.append([mail["Message-ID"], mail["To"], body])
    return sorted(sent)


def dump() -> dict:
    messages = OutboxMessage.objects.select_related("recipient").order_by("event_key")
    return {
        "outbox": sorted(
            [m.event_key, m.recipient.email, m.channel, bool(m.sent_at), bool(m.parked_at)]
            for m in messages
        ),
        "inbox": sorted(
            [item.message.event_key, item.recipient.email, item.subject]
            for item in InboxItem.objects.select_related("message", "recipient")
        ),
        "mails": mails(),
    }


def wait_for_others(count: int) -> None:
    """Go on as soon as `count` processes of this installation have come this far."""
    Path(settings.DATA_DIR, f"ready-{os.getpid()}").touch()
    while len(list(Path(settings.DATA_DIR).glob("ready-*"))) < count:
        time.sleep(0.005)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("command", choices=COMMANDS)
    parser.add_argument("count", nargs="?", type=int, default=1)
    parser.add_argument("--without", choices=sorted(unguarded.GUARDS))
    parser.add_argument("--later", type=float, default=0)
    parser.add_argument("--together", type=int, default=1, help="start with so many others")
    options = parser.parse_args()
    if options.without:
        unguarded.GUARDS[options.without]()
    wait_for_others(options.together)
    match options.command:
        case "prepare":
            prepare()
        case "queue":
            queue(options.count)
        case "work":
            work(options.later)
            print(json.dumps(dump()))
        case "dump":
            print(json.dumps(dump()))
        case "kpis":
            kpis(options.count)
        case "judge":
            judge()
            print(json.dumps(judgements()))
        case "judgements":
            print(json.dumps(judgements()))
        case "last":
            print(OutboxMessage.objects.latest("sent_at").sent_at.timestamp())


if __name__ == "__main__":
    with contextlib.suppress(BrokenPipeError):
        main()
