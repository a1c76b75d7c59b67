"""Two people update one key result at once, in 500 random schedules: nothing is lost in silence.

On PostgreSQL in 100 of them: one thing happens after the other here, so no lock decides anything.

A schedule is a random order of what two people do: open the row, save, send the same form again,
save after a conflict, correct, take back. Every twentieth goes through the pages with two browsers,
the others through the actions behind them. A naive model beside it knows only what was accepted.
The control takes the guard away and must be caught.
"""

import contextlib
import random
from dataclasses import dataclass, field
from decimal import Decimal
from typing import NamedTuple
from uuid import uuid4

import pytest
import time_machine
from django.db import IntegrityError, connection
from django.db.models import F
from django.test import Client

from objectives.actions import Changed, check_ins
from objectives.models import CheckIn, KeyResult
from objectives.pages.happenings import meanwhile
from objectives.states import MoveRefused
from tests.factories import NOW, make_key_result, make_objective

SIZE, BLOCKS, STEPS, THROUGH_PAGES = 50, 10 if connection.vendor == "sqlite" else 2, 8, 20
HTMX = {"HX-Request": "true"}


class Refused(NamedTuple):
    """What a refusal told the person: what happened meanwhile, and the version to go on from."""

    what: str
    version: int


class Pages:
    """What one person does in a browser."""

    def __init__(self, user):
        self.client = Client()
        self.client.force_login(user)

    def open(self, row, corrects=None):
        query = f"?corrects={corrects}" if corrects else ""
        found = self.client.get(f"/key-results/{row.pk}/check-in/{query}", headers=HTMX)
        form = found.context["form"]
        sent = {name: form[name].value() for name in ("token", "version", "corrects")}
        return {name: "" if value is None else str(value) for name, value in sent.items()}

    def save(self, row, form):
        answer = self.client.post(f"/key-results/{row.pk}/check-in/", form, headers=HTMX)
        page = answer.content.decode()
        if answer.status_code == 409:
            # What was typed is kept, beside what the other one did.
            assert f'value="{form["value"]}"' in page
            assert form["note"] in page
            found = answer.context["conflict"]
            assert f"meanwhile by {found.who}: {found.what}." in page
            return Refused(found.what, int(answer.context["form"]["version"].value()))
        assert answer.status_code == 200, page
        return CheckIn.objects.get(token=form["token"])

    def take_back(self, made, version):
        path, sent = f"/check-ins/{made}/undo/", {"version": version}
        answer = self.client.post(path, sent, headers=HTMX)
        if answer.status_code == 200:
            return CheckIn.objects.get(corrects=made)
        assert answer.status_code == 409
        assert "Not taken back: changed meanwhile by" in answer.content.decode()
        return None


class Actions:
    """The same without the pages."""

    def __init__(self, user):
        self.user = user

    def open(self, row, corrects=None):
        version = KeyResult.objects.get(pk=row.pk).version
        return {"token": str(uuid4()), "version": str(version), "corrects": str(corrects or "")}

    def save(self, row, form):
        fresh = KeyResult.objects.get(pk=row.pk)
        standing = fresh.check_ins.standing().filter(author=self.user)
        corrects = standing.filter(pk=form["corrects"]).first() if form["corrects"] else None
        said = {"value": Decimal(form["value"]), "confidence": 6, "note": form["note"]}
        keys = {"token": form["token"], "version": int(form["version"]), "corrects": corrects}
        try:
            return check_ins.record_check_in(fresh, **said, **keys, author=self.user, now=NOW)
        except Changed as problem:
            return Refused(meanwhile(problem.current).what, problem.current.version)

    def take_back(self, made, version):
        row = CheckIn.objects.get(pk=made)
        how = {"actor": self.user, "now": NOW, "version": version}
        try:
            return check_ins.take_back_check_in(row, **how)
        except (Changed, MoveRefused):
            return None


@dataclass
class Editor:
    """One person: the forms they have open, those they sent, the undo they are offered."""

    hands: Pages | Actions
    opened: list = field(default_factory=list)
    sent: list = field(default_factory=list)
    undo: tuple | None = None


class Schedule:
    """One run of two editors over one key result, checked after every step."""

    def __init__(self, seed: int, row: KeyResult, editors: list[Editor]):
        self.chance = random.Random(seed)
        self.row, self.editors = row, editors
        self.version, self.values, self.trace = 1, iter(range(100, 200)), []
        self.said: dict[int, Decimal] = {}  # what was accepted, by the check-in's id
        self.replaced: dict[int, int] = {}  # what replaced it, by the same
        self.taken_back: set[int] = set()
        self.told: set[int] = set()  # what the history must name
        self.conflicts = 0

    def run(self):
        for _ in range(STEPS):
            at = self.chance.randrange(2)
            who = self.editors[at]
            steps = [self.open, self.open]
            steps += [self.save] * 3 if who.opened else []
            steps += [self.resend] if who.sent else []
            steps += [self.take_back, self.correct] if who.undo else []
            step = self.chance.choice(steps)
            self.trace.append(f"{at} {step.__name__}")
            step(who)
            self.check()

    def open(self, who):
        who.opened.append(who.hands.open(self.row))

    def correct(self, who):
        who.opened.append(who.hands.open(self.row, who.undo[0]))

    def save(self, who):
        form = who.opened.pop(self.chance.randrange(len(who.opened)))
        value = str(next(self.values))
        self.send(who, form | {"value": value, "confidence": "6", "note": f"note of {value}"})

    def send(self, who, form):
        made = who.hands.save(self.row, form)
        if isinstance(made, Refused):
            self.refused(who, form, made)
            return
        assert made.value == Decimal(form["value"]), "accepted, but not what was typed"
        self.accept(int(form["version"]))
        self.keep(made)
        self.told.add(made.pk)
        who.sent.append(form)
        who.undo = (made.pk, self.version)

    def refused(self, who, form, answer):
        """The person is shown what the other one did, and decides."""
        self.conflicts += 1
        event = self.row.objective.events.filter(key_result=self.row).order_by("-at", "-pk").first()
        value = event.before if event.type == "check_in_taken_back" else event.after
        assert value["value"] in answer.what
        assert answer.version == self.version
        if self.chance.random() < 0.5:
            self.send(who, form | {"version": str(answer.version)})

    def resend(self, who):
        """The back button, a retry, an impatient second click: the answer of the first."""
        form = self.chance.choice(who.sent)
        made = who.hands.save(self.row, form | {"value": "999"})
        assert str(made.token) == form["token"]
        assert made.value == Decimal(form["value"])

    def take_back(self, who):
        (made, version), who.undo = who.undo, None
        by = who.hands.take_back(made, version)
        if by is None:
            assert version != self.version, "refused, though nobody had changed anything"
            return
        self.accept(version)
        self.keep(by)
        if by.is_retraction:
            self.taken_back.add(by.pk)

    def keep(self, made):
        self.said[made.pk] = made.value
        if made.corrects_id:
            self.replaced[made.corrects_id] = made.pk

    def accept(self, known: int):
        """A write is accepted only from somebody who had seen the write before it."""
        assert known == self.version, f"version {known} was accepted over {self.version}"
        self.version += 1

    def check(self):
        rows = {row.pk: row for row in CheckIn.objects.filter(key_result=self.row)}
        assert {pk: row.value for pk, row in rows.items()} == self.said
        stands = set(rows) - set(self.replaced) - self.taken_back
        latest = max(stands, key=lambda pk: (rows[pk].due_on, rows[pk].made_at, pk), default=None)
        fresh = KeyResult.objects.get(pk=self.row.pk)
        assert (fresh.latest_id, fresh.version) == (latest, self.version)
        events = list(self.row.objective.events.filter(key_result=self.row))
        assert len(events) == self.version - 1
        assert {e.after["check_in"] for e in events if "check_in" in e.after} == self.told


def play(seed: int, team, people, hands) -> Schedule:
    row = make_key_result(make_objective(team=team))
    schedule = Schedule(seed, row, [Editor(hands(user)) for user in people])
    try:
        schedule.run()
    except AssertionError as problem:
        raise AssertionError(f"seed {seed}, {schedule.trace}: {problem}") from problem
    return schedule


@pytest.fixture(autouse=True)
def _clock():
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.mark.parametrize("block", range(BLOCKS))
def test_random_schedules_of_two_editors_lose_nothing(block, team, alice, bob):
    seeds = range(block * SIZE, (block + 1) * SIZE)
    hands = {seed: Actions if seed % THROUGH_PAGES else Pages for seed in seeds}
    played = [play(seed, team, (alice, bob), hands[seed]) for seed in seeds]
    # A test in which nobody ever meets would prove nothing.
    assert sum(one.conflicts for one in played) > SIZE / 5


@pytest.mark.parametrize("hands", [Actions, Pages])
def test_without_the_guard_the_same_schedules_find_the_lost_update(
    team, alice, bob, monkeypatch, hands
):
    def unguarded(row, expected):
        KeyResult.objects.filter(pk=row.pk).update(version=F("version") + 1)

    monkeypatch.setattr(check_ins, "take_version", unguarded)
    with pytest.raises(AssertionError, match=r"seed \d+.* was accepted over"):
        play_all(range(20), team, (alice, bob), hands)


def play_all(seeds, team, people, hands):
    for seed in seeds:
        # The token's constraint, a last guard of its own, may end a schedule first.
        with contextlib.suppress(IntegrityError):
            play(seed, team, people, hands)
