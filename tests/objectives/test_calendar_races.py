"""Another calendar chosen at the moment somebody begins an objective in a cycle it replaces."""

import threading
from contextlib import nullcontext

import pytest
from django.db import IntegrityError, connection

from objectives.actions import (
    CycleReplaced,
    create_objective,
    drafts,
    ensure_cycles,
)
from objectives.actions.new_calendar import change_settings
from objectives.models import Objective
from tests.factories import NOW, join, make_team, make_user
from tests.objectives.test_draft_races import typed

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif("connection.vendor != 'postgresql'", reason="SQLite has one writer"),
]


@pytest.fixture
def alice(db):
    team = make_team()
    return join(team, make_user("Alice Moreau", organisation=team.organisation), "lead")


@pytest.fixture
def team(alice):
    return alice.memberships.get().team


def choose(team, alice):
    """Let the fiscal year begin a month later."""
    month = team.organisation.fiscal_start_month
    new, seen = {"fiscal_start_month": month + 1}, {"fiscal_start_month": str(month)}
    return change_settings(team.organisation, new, seen=seen, now=NOW, by=alice)


def meanwhile(monkeypatch, module, name, job):
    """Let another connection do the job before the first call of a function."""
    call, jobs = getattr(module, name), [job]

    def run(job):
        try:
            job()
        finally:
            connection.close()

    def late(*args, **kwargs):
        if jobs:
            other = threading.Thread(target=run, args=[jobs.pop()])
            other.start()
            other.join(20)
        return call(*args, **kwargs)

    monkeypatch.setattr(module, name, late)


@pytest.fixture
def begin(alice, team):
    """A function that begins an objective in a cycle another calendar would replace."""
    draft = typed(team, alice, cycle=ensure_cycles(team.organisation, NOW)[1])
    return lambda: create_objective(team, draft, actor=alice, now=NOW)


def test_who_begins_an_objective_is_told_to_choose_a_cycle_again(begin, team, alice, monkeypatch):
    meanwhile(monkeypatch, drafts, "write_history", lambda: choose(team, alice))
    with pytest.raises(CycleReplaced, match="choose a cycle again"):
        begin()
    assert not Objective.objects.exists()


def test_control_the_database_alone_says_nothing_a_person_could_use(
    begin, team, alice, monkeypatch
):
    meanwhile(monkeypatch, drafts, "write_history", lambda: choose(team, alice))
    monkeypatch.setattr(drafts, "as_replaced", lambda cycle: nullcontext())
    with pytest.raises(IntegrityError):
        begin()
