"""A simulated year of the jobs, in real processes: `python -m tests.project.drive_year DAYS`.

Two workers, each with a beat of its own, live through the moments of each day by the clock they are
told; one of them is killed each day, at a named point of its work, and replaced. The database is
that of the environment and the mail server that of OKRKPI_SMTP_URL. Prints what was done as JSON.
`--without GUARD` switches a guard off (tests/project/unguarded.py) and kills where it is needed.
"""

import argparse
import gc
import json
import os
import signal
from collections import Counter
from datetime import UTC, date, datetime, time, timedelta

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.project.slow_settings")
django.setup()

import time_machine  # noqa: E402
from django.conf import settings  # noqa: E402
from django.db import connections  # noqa: E402

from metrics.models import KpiState, SignalEvent  # noqa: E402
from metrics.tasks import evaluate_due  # noqa: E402
from objectives.actions.cycles import ensure_cycles  # noqa: E402
from objectives.models import Cycle, KeyResult  # noqa: E402
from okrkpi.celery import app  # noqa: E402
from teams import faults  # noqa: E402
from teams.models import InboxItem, MessageSettings, OutboxMessage, User  # noqa: E402
from teams.outbox import channels, queue_messages  # noqa: E402
from teams.tasks import deliver_outbox, tick  # noqa: E402
from tests.factories import (  # noqa: E402
    join,
    make_key_result,
    make_kpi,
    make_objective,
    make_organisation,
    make_team,
    make_user,
    make_value,
)
from tests.project import unguarded  # noqa: E402
from tests.project.drive import migrate  # noqa: E402

DAY, WEEK = timedelta(days=1), timedelta(days=7)
FIRST = date(2026, 1, 1)
# The first is after Berlin's hour at two, also where it comes twice; the other after everybody's.
MOMENTS = [time(1, 5), time(13, 5)]
# What makes messages runs at each moment or day, what only moves cycles on once a day.
JOBS = {
    "advance_cycles": ("objectives.tasks.advance_cycles", 24 * 60 * 60),
    "open_reviews": ("reviews.tasks.open_reviews", 24 * 60 * 60),
    "remind": ("objectives.tasks.remind", 15 * 60),
    "escalate": ("metrics.tasks.escalate", 24 * 60 * 60),
}
POINTS = [
    *(f"outbox.{at}" for at in ("before_claim", "after_claim", "before_deliver", "after_deliver")),
    *(f"outbox.{at}" for at in ("before_mark", "after_mark", "before_commit", "after_commit")),
    *(f"evaluation.{at}" for at in ("after_claim", "after_outbox", "before_commit")),
    *("slot.before_job", "slot.after_job"),
]
# Where a worker has to die for a missing guard to show: between the mail server's word and our
# mark, or while it holds what nobody else may take.
NEEDED_AT = {"key": "outbox.after_deliver", "lease_end": "outbox.after_claim"}
PEOPLE = {
    "Alice": {"mail": "at_once"},
    "Bob": {"mail": "daily", "hour": 2},  # an hour that one day skips and another has twice
    "Carol": {"mail": "weekly", "weekday": 5, "hour": 8},
    "Dan": {"mail": "daily", "hour": 8, "time_zone": "America/New_York"},
    "Eve": {"mail": "at_once", "quiet_from": 12, "quiet_until": 8},
}


def seed(days: int) -> None:
    organisation = make_organisation(time_zone="Europe/Berlin")
    team = make_team(organisation=organisation)
    for name, chosen in PEOPLE.items():
        email = f"{name.lower()}@halden.example"
        person = make_user(name, email=email, organisation=organisation, password="x")
        join(team, person, "lead" if name == "Alice" else "member")
        if chosen:
            MessageSettings.objects.create(user=person, **chosen)
    make_user("Ada", email="ada@halden.example", organisation=organisation, is_org_admin=True)
    owners = {one.name: one for one in User.objects.all()}
    weekly = make_kpi(team=team, cadence="weekly", target=8, owner=owners["Bob"], starts_on=FIRST)
    monday = FIRST - timedelta(days=FIRST.weekday()) + WEEK
    for week in range(days // 7 + 1):
        make_value(weekly, monday + week * WEEK, 5 if week // 6 % 2 else 12)
    # Nobody ever enters a value of this one.
    make_kpi(team=team, cadence="weekly", target=8, owner=owners["Carol"], starts_on=FIRST)
    start = datetime.combine(FIRST, time(0), UTC)
    KpiState.objects.update(due_at=start)
    ensure_cycles(organisation, start)
    for cycle in Cycle.objects.filter(kind="quarter", starts_on__year=FIRST.year):
        for name in ("Bob", "Dan"):
            fields = {"team": team, "cycle": cycle, "starts_on": cycle.starts_on}
            objective = make_objective(title=f"{name} {cycle}", owner=owners[name], **fields)
            make_key_result(objective, owner=owners[name], next_due_on=None)


def people_act(day: date) -> None:
    """A message to everybody; on Mondays the check-ins of last week: the next are due Friday."""
    at = datetime.combine(day, time(12), UTC)
    note = {"event_key": f"note:{day}", "run": f"note:{day}", "topic": "raised"}
    note |= {"subject": f"Note of {day}", "link": f"/notes/{day}/", "created_at": at, "due_at": at}
    queue_messages(
        OutboxMessage(recipient=person, channel=channel, **note)
        for person in User.objects.order_by("pk")
        for channel in channels()
    )
    if day.isoweekday() == 1:
        running = KeyResult.objects.filter(
            objective__cycle__starts_on__lte=day, objective__cycle__ends_on__gte=day + 4 * DAY
        )
        KeyResult.objects.update(next_due_on=None)
        running.update(next_due_on=day + 4 * DAY)


def work() -> None:
    """What beat and worker do at a moment."""
    tick()
    evaluate_due()
    deliver_outbox()


def warm_up() -> None:
    """Live through the day before, so that no forked process loads anything by itself."""
    people_act(FIRST - DAY)
    with time_machine.travel(datetime.combine(FIRST - DAY, MOMENTS[-1], UTC), tick=False):
        work()


class Worker:
    """A forked process that does what beat and worker do, at each moment it is told."""

    def __init__(self) -> None:
        connections.close_all()
        hears, self._tell = os.pipe()
        self._said, says = os.pipe()
        self.pid = os.fork()
        if not self.pid:
            os.close(self._tell), os.close(self._said)
            self._live(os.fdopen(hears, "rb"), says)
            os._exit(0)
        os.close(hears), os.close(says)

    @staticmethod
    def _live(hears, says: int) -> None:
        with time_machine.travel(datetime(2026, 1, 1, tzinfo=UTC), tick=False) as clock:
            for line in hears:
                moment, fault = json.loads(line)
                os.environ["OKRKPI_FAULT"] = fault
                faults._passes.clear()
                clock.move_to(datetime.fromisoformat(moment))
                work()
                os.write(says, b".")

    def begin(self, moment: datetime, fault: str) -> None:
        os.write(self._tell, json.dumps([moment.isoformat(), fault]).encode() + b"\n")

    def survived(self) -> bool:
        """Whether it came to the end of the moment; else it was killed, and is buried."""
        if os.read(self._said, 1):
            return True
        self.bury()
        return False

    def bury(self) -> None:
        os.waitpid(self.pid, 0)
        os.close(self._tell), os.close(self._said)

    def kill(self) -> None:
        os.kill(self.pid, signal.SIGKILL)
        self.bury()


def live(days: int, points: list[str]) -> Counter:
    """Run the year; how often a worker was killed at each point ("idle" between two moments)."""
    killed: Counter = Counter()
    workers = [Worker(), Worker()]
    for number in range(days + 9):
        day = FIRST + number * DAY
        is_over = number >= days  # a week more, for what waits for its day, without new trouble
        if not is_over:
            people_act(day)
            connections.close_all()
        point = "" if is_over else points[number % len(points)]
        doomed, fault = number % 2, f"{point}:{number % 3 + 1}"
        for moment in MOMENTS:
            at = datetime.combine(day, moment, UTC)
            for which, worker in enumerate(workers):
                worker.begin(at, fault if which == doomed and point else "")
            for which, worker in enumerate(workers):
                if not worker.survived():
                    killed[point] += 1
                    point, workers[which] = "", Worker()
        if point:
            killed["idle"] += 1
            workers[doomed].kill()
            workers[doomed] = Worker()
    for worker in workers:
        worker.kill()
    return killed


def dump(killed: Counter) -> dict:
    rows = OutboxMessage.objects.select_related("recipient").order_by("pk")
    told = SignalEvent.objects.filter(told=True, signal__kind="off_target")
    return {
        "killed": killed,
        "outbox": [
            [row.event_key, row.topic, row.recipient.name, row.channel, bool(row.sent_at)]
            for row in rows
        ],
        "inbox": list(InboxItem.objects.values_list("message__event_key", "recipient__name")),
        "told": told.count(),
    }


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("days", type=int)
    parser.add_argument("--without", choices=sorted(NEEDED_AT))
    options = parser.parse_args()
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.SLOT_JOBS = JOBS
    app.loader.import_default_modules()
    if options.without:
        unguarded.GUARDS[options.without]()
    migrate()
    seed(options.days)
    warm_up()
    gc.freeze()  # what is there already is looked at by no worker's collector, and stays shared
    points = [NEEDED_AT[options.without]] if options.without else POINTS
    print(json.dumps(dump(live(options.days, points))))


if __name__ == "__main__":
    main()
