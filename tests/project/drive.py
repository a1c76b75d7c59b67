"""One process of a fault test: `python -m tests.project.drive COMMAND [options]`.

  people              make an organisation, a team and its people
  queue N             queue N runs of messages: each person gets 3 inbox rows and one digest a run
  work                deliver until nothing is due, as a worker does, then print the dump
  dump                print what stands in the tables and in the mail folder, as JSON
  signs               print the heartbeats
`--without GUARD` switches a guard off for a negative control; `--later S` moves the clock.
"""

import argparse
import contextlib
import json
import os
import time
from datetime import timedelta
from email import message_from_string
from pathlib import Path

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.project.slow_settings")
django.setup()

from django.conf import settings  # noqa: E402
from django.utils import timezone  # noqa: E402

from teams import outbox  # noqa: E402
from teams.models import Heartbeat, InboxItem, OutboxMessage, User  # noqa: E402
from teams.tasks import worker_name  # noqa: E402
from tests.factories import join, make_organisation, make_team, make_user  # noqa: E402
from tests.project import unguarded  # noqa: E402

PASSWORD = "correct horse battery"


def people() -> None:
    team = make_team(organisation=make_organisation())
    for name, role in (("Alice Moreau", "lead"), ("Bob Tanaka", "member")):
        email = f"{name.split()[0].lower()}@halden.example"
        user = make_user(name, email=email, organisation=team.organisation, password=PASSWORD)
        join(team, user, role)


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


def mails() -> list[list[str]]:
    """Every mail that was sent, as [Message-ID, to, body]; a repeated one is there twice."""
    sent = []
    for path in sorted(Path(settings.EMAIL_FILE_PATH).glob("*.log")):
        for text in path.read_text().split("-" * 79 + "\n"):
            mail = message_from_string(text)
            if mail["Message-ID"]:
                sent.append([mail["Message-ID"], mail["To"], mail.get_payload()])
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
    parser.add_argument("command", choices=["people", "queue", "work", "dump", "signs"])
    parser.add_argument("count", nargs="?", type=int, default=1)
    parser.add_argument("--without", choices=sorted(unguarded.GUARDS))
    parser.add_argument("--later", type=float, default=0)
    parser.add_argument("--together", type=int, default=1, help="start with so many others")
    options = parser.parse_args()
    if options.without:
        unguarded.GUARDS[options.without]()
    wait_for_others(options.together)
    match options.command:
        case "people":
            people()
        case "queue":
            queue(options.count)
        case "work":
            work(options.later)
            print(json.dumps(dump()))
        case "dump":
            print(json.dumps(dump()))
        case "signs":
            print(json.dumps(list(Heartbeat.objects.values_list("name", flat=True))))


if __name__ == "__main__":
    with contextlib.suppress(BrokenPipeError):
        main()
