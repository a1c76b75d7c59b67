"""The chain over the audit record: sealed by the job, verified by the command, tampering found."""

import re
import threading
from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, connections, transaction
from django.utils import timezone

from teams.actions import audit
from teams.audit import chain
from teams.models import AuditEvent, AuditSeal, Heartbeat
from teams.tasks import seal_audit
from tests import emptying

pytestmark = pytest.mark.django_db


def record(count: int) -> list[AuditEvent]:
    made = [
        audit.event("renamed", "team", None, by=None, label=f"Équipe {number}", organisation_id=1)
        for number in range(count)
    ]
    audit.record_many(made)
    return made


def sealed(count: int) -> list[AuditEvent]:
    made = record(count)
    chain.seal_events(timezone.now())
    return made


def tamper(statement: str, *values) -> None:
    with emptying.unguarded():
        connection.cursor().execute(statement, values)


def problem(**options) -> str:
    return chain.verify(timezone.now(), **options).problem


def test_job_seals_every_event_once_and_in_order(monkeypatch):
    monkeypatch.setattr(chain, "BATCH", 2)
    made = record(5)
    seal_audit()
    seal_audit()
    seals = list(AuditSeal.objects.order_by("position").values_list("position", "event_id"))
    assert seals == [(place, one.pk) for place, one in enumerate(made, start=1)]
    assert chain.verify(timezone.now()).head.position == 5


def test_event_that_appears_late_with_a_lower_id_is_sealed_behind():
    first, second = (audit.event("renamed", "team", None, by=None) for _ in range(2))
    first.pk, second.pk = 2000, 1000
    audit.record_many([first])
    chain.seal_events(timezone.now())
    audit.record_many([second])
    assert chain.seal_events(timezone.now()) == 1
    assert AuditSeal.objects.get(event=second).position == 2
    assert problem() == ""


def test_verification_is_the_same_over_several_chunks(monkeypatch):
    sealed(7)
    whole = chain.verify(timezone.now())
    monkeypatch.setattr(chain, "CHUNK", 2)
    assert chain.verify(timezone.now()) == whole


@pytest.mark.parametrize("column", ["label", "before", "reason", "actor_name", "request_id"])
def test_changed_event_is_found(column):
    made = sealed(3)
    tamper(f"UPDATE teams_auditevent SET {column} = 'x' WHERE id = %s", made[1].pk)
    assert problem() == f"Position 2: event {made[1].pk} or its seal was changed."


def test_changed_time_is_found():
    made = sealed(1)
    with emptying.unguarded():
        AuditEvent.objects.update(at=made[0].at + timedelta(microseconds=1))
    assert problem() == f"Position 1: event {made[0].pk} or its seal was changed."


def test_deleted_event_is_found():
    made = sealed(3)
    tamper("DELETE FROM teams_auditevent WHERE id = %s", made[2].pk)
    assert problem() == f"Position 3: event {made[2].pk} is missing."


def test_deleted_event_and_seal_are_found():
    made = sealed(3)
    tamper("DELETE FROM teams_auditseal WHERE position = 2")
    tamper("DELETE FROM teams_auditevent WHERE id = %s", made[1].pk)
    assert problem() == "Position 2 is missing: the chain goes on at 3."


def test_seal_made_anew_is_found_at_the_next_one():
    sealed(3)
    first = AuditSeal.objects.get(position=1)
    event = AuditEvent.objects.filter(pk=first.event_id)
    with emptying.unguarded():
        event.update(label="Forged")
        values = event.values_list(*chain.SEALED).get()
        AuditSeal.objects.filter(position=1).update(
            hash=chain.seal_hash(first.previous_hash, values)
        )
    assert problem() == "Position 2 does not follow the position before it."


def test_chain_made_anew_as_a_whole_is_found_by_a_noted_head():
    sealed(2)
    noted = chain.head()
    with emptying.unguarded():
        AuditEvent.objects.update(label="Forged")
        AuditSeal.objects.all().delete()
    chain.seal_events(timezone.now())
    assert problem() == ""
    assert problem(noted=noted) == "Position 2 had another hash when it was noted."


def test_end_cut_off_is_found_by_a_noted_head():
    sealed(3)
    noted = chain.head()
    tamper("DELETE FROM teams_auditseal WHERE position = 3")
    tamper("DELETE FROM teams_auditevent WHERE id = %s", AuditEvent.objects.latest("pk").pk)
    assert problem(noted=noted) == "Position 3 was noted, the chain ends before it."


def test_event_left_unsealed_for_an_hour_is_found():
    sealed(1)
    [late] = record(1)
    assert problem() == ""
    found = chain.verify(timezone.now() + timedelta(minutes=61)).problem
    assert found.startswith(f"Event {late.pk} of ")
    assert found.endswith("was not sealed within an hour.")


def test_command_says_the_head_to_note_or_the_first_problem(capsys):
    made = sealed(2)
    call_command("verify_audit")
    said = capsys.readouterr().out
    noted = re.search(r"2 changes\. Note (2:[0-9a-f]{64})$", said.strip())[1]
    call_command("verify_audit", "--noted", noted)
    tamper("UPDATE teams_auditevent SET label = 'x' WHERE id = %s", made[0].pk)
    with pytest.raises(CommandError) as refused:
        call_command("verify_audit")
    assert str(refused.value) == f"Position 1: event {made[0].pk} or its seal was changed."
    assert refused.value.returncode == 1


def test_reading_costs_the_same_number_of_queries_a_chunk(django_assert_num_queries):
    sealed(20)
    with django_assert_num_queries(4):  # the chunk, its events, the end, what is late
        chain.verify(timezone.now())


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has one writer anyway")
def test_second_sealer_does_nothing_and_writers_do_not_wait():
    Heartbeat.objects.create(name="audit_sealer", at=timezone.now())
    found = []

    def meanwhile() -> None:
        with transaction.atomic():
            record(1)
        found.append(chain.seal_events(timezone.now()))
        connections.close_all()

    with transaction.atomic():
        record(1)
        chain.seal_events(timezone.now())
        other = threading.Thread(target=meanwhile)
        other.start()
        other.join(timeout=10)
        assert found == [0]
    chain.seal_events(timezone.now())
    assert AuditSeal.objects.count() == AuditEvent.objects.count() == 2
