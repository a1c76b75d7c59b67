"""Two at once: threads with their own connections, and a control that shows the race is real."""

import threading
from datetime import date
from decimal import Decimal
from uuid import UUID

import pytest
from django.db import close_old_connections, connection, transaction

from metrics.actions import revise_target
from metrics.decisions import answer_with_target
from metrics.evaluation import evaluate_kpis
from metrics.models import Signal, Target
from objectives.actions import (
    Changed,
    Grade,
    close_objective,
    draft_objective_from_signal,
    record_check_in,
)
from objectives.models import CheckIn, KeyResult, Objective
from tests.factories import (
    NOW,
    join,
    make_cycle,
    make_key_result,
    make_kpi,
    make_objective,
    make_signal,
    make_team,
    make_user,
    make_value,
)
from tests.objectives.test_drafts import typed

pytestmark = pytest.mark.django_db(transaction=True)


def at_once(*jobs):
    """Run the jobs in threads that start together; what each returned or raised, in order."""
    barrier = threading.Barrier(len(jobs))
    found = [None] * len(jobs)

    def run(place, job):
        close_old_connections()
        try:
            barrier.wait(10)
            found[place] = job()
        except Exception as problem:
            found[place] = problem
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=pair) for pair in enumerate(jobs)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    return found


@pytest.fixture
def bob(db):
    team = make_team()
    return join(team, make_user("Bob Tanaka", organisation=team.organisation))


@pytest.fixture
def row(bob):
    team = bob.memberships.get().team
    return make_key_result(make_objective(team=team))


def submit(row_id, who, value, token):
    """One request: reads the row as its form had it, and records."""

    def job():
        row = KeyResult.objects.select_related("objective").get(pk=row_id)
        return record_check_in(
            row,
            value=Decimal(value),
            confidence=6,
            author=who,
            now=NOW,
            token=token,
            version=1,
        )

    return job


def test_a_double_submit_from_two_threads_is_one_check_in(row, bob):
    token = UUID(int=7)
    found = at_once(*[submit(row.pk, bob, "45", token)] * 4)
    assert CheckIn.objects.count() == 1
    made = CheckIn.objects.get()
    assert found == [made] * 4
    assert row.objective.events.count() == 1


def test_two_people_at_once_are_one_check_in_and_one_conflict(row, bob):
    found = at_once(submit(row.pk, bob, "45", UUID(int=1)), submit(row.pk, bob, "46", UUID(int=2)))
    kinds = sorted(type(one).__name__ for one in found)
    assert kinds == ["Changed", "CheckIn"]
    assert CheckIn.objects.count() == 1
    conflict = next(one for one in found if isinstance(one, Changed))
    assert conflict.current.version == 2


def test_control_without_the_guard_two_forms_overwrite_each_other(row, bob):
    """The same two forms by look-then-write: both see version 1, both write."""
    looked = threading.Barrier(2)

    def naive(value, token):
        def job():
            row_now = KeyResult.objects.get(pk=row.pk)
            assert row_now.version == 1
            looked.wait(10)
            KeyResult.objects.filter(pk=row.pk).update(version=row_now.version + 1)
            return CheckIn.objects.create(
                key_result=row_now,
                value=Decimal(value),
                confidence=6,
                author=bob,
                made_at=NOW,
                due_on=date(2026, 8, 21),
                token=token,
            )

        return job

    at_once(naive("45", UUID(int=1)), naive("46", UUID(int=2)))
    row.refresh_from_db()
    assert (CheckIn.objects.count(), row.version) == (2, 2)


def test_a_draft_submitted_from_four_threads_is_one_objective(bob):
    team = bob.memberships.get().team
    signal = make_signal(make_kpi(team=team, target=8))
    make_cycle(organisation=team.organisation)
    draft = typed(signal, bob)

    def job():
        return draft_objective_from_signal(signal, draft, actor=bob, now=NOW, version=1)

    found = at_once(*[job] * 4)
    assert Objective.objects.count() == 1
    assert found == [Objective.objects.get()] * 4


def test_control_without_the_look_the_constraint_refuses_the_second(bob):
    """What makes it once is the constraint: two plain inserts, and one of them fails."""
    team = bob.memberships.get().team
    signal = make_signal(make_kpi(team=team, target=8))
    cycle = make_cycle(organisation=team.organisation)

    def job():
        fields = {"team": team, "signal": signal, "cycle": cycle, "state": "draft"}
        return make_objective(**fields)

    found = at_once(job, job)
    assert sorted(type(one).__name__ for one in found) == ["IntegrityError", "Objective"]


def test_deciding_and_revising_the_target_at_once_never_wait_in_a_circle(bob):
    """Each takes the KPI, its state and the signal in one order; both finish, round after round."""
    team = bob.memberships.get().team
    kpi = make_kpi(team=team, target=8)
    for month in range(1, 8):
        make_value(kpi, date(2026, month, 1), "12.1")
    evaluate_kpis([kpi.pk], NOW)
    signal = Signal.objects.get()
    for day in range(1, 9):
        when = date(2026, 9, day)

        def revise(when=when):
            value = Decimal(when.day)
            return revise_target(kpi, effective_on=when, value=value, actor=bob, now=NOW)

        def answer(when=when):
            fresh = Signal.objects.get(pk=signal.pk)
            return answer_with_target(
                fresh,
                effective_on=when.replace(month=10),
                value=Decimal(50),
                reason="x",
                actor=bob,
                now=NOW,
                version=fresh.version,
            )

        found = at_once(revise, answer, lambda: evaluate_kpis([kpi.pk], NOW))
        assert [one for one in found if isinstance(one, Exception)] == []
    assert Target.objects.filter(kpi=kpi).count() == 17


def test_a_check_in_on_its_way_while_the_objective_is_closed_counts_in_its_figures(row, bob):
    kept = threading.Event()
    check_in = submit(row.pk, bob, 49, UUID(int=7))

    def slow_check_in():
        with transaction.atomic():
            made = check_in()
            kept.set()
            threading.Event().wait(0.5)
        return made

    def close():
        kept.wait(10)
        return close_objective(
            Objective.objects.get(pk=row.objective_id),
            grades={row.pk: Grade(Decimal("0.8"), "Judged by hand")},
            note="Nearly all of it.",
            actor=bob,
            now=NOW,
            version=1,
        )

    made, closed = at_once(slow_check_in, close)

    assert (type(made), type(closed)) == (CheckIn, Objective)
    row.refresh_from_db()
    assert (row.final_value, row.version) == (49, 3)
