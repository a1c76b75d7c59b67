"""The audit record: what an event holds, and that the database lets it only grow."""

import json
from datetime import date
from decimal import Decimal

import pytest
from django.db import DatabaseError, connection, transaction

from teams.actions import audit
from teams.audit import origin
from teams.models import AuditEvent, AuditSeal
from tests.factories import make_team

pytestmark = pytest.mark.django_db


def test_event_tells_who_what_before_after_and_why(ada, team):
    audit.record(
        "revised",
        "target",
        team,
        by=ada,
        team=team,
        before={"value": Decimal("8.50")},
        after={"value": Decimal("9.00"), "on": date(2026, 1, 31), "is_new": True, "note": None},
        reason="Too low",
    )
    row = AuditEvent.objects.get()
    assert (row.organisation_id, row.team_id) == (team.organisation_id, team.pk)
    assert (row.actor_kind, row.actor_id, row.actor_name) == ("person", ada.pk, "Ada Berg")
    assert (row.verb, row.kind, row.object_id) == ("revised", "target", str(team.pk))
    assert (row.label, row.reason) == ("Customer Success", "Too low")
    assert json.loads(row.before) == {"value": "8.5"}
    assert json.loads(row.after) == {
        "is_new": True,
        "note": None,
        "on": "2026-01-31",
        "value": "9",
    }


def test_event_without_a_person_names_the_job_or_the_request(team):
    with origin.job("advance_cycles"):
        by_job = audit.record("opened", "cycle", None, by=None, team=team)
    with origin.request("abc"):
        by_app = audit.record("opened", "cycle", None, by=None, team=team)
    by_command = audit.record("opened", "cycle", None, by=None, team=team)
    told = [(row.actor_kind, row.actor_name, row.request_id) for row in (by_job, by_app)]
    assert told == [("job", "advance_cycles", ""), ("app", "okrkpi", "abc")]
    assert by_command.actor_kind == "command"


def test_private_team_is_named_by_its_id_in_events_of_others(ada, team):
    secret = make_team(organisation=team.organisation, name="Merger", is_private=True)
    row = audit.record("moved", "team", team, by=ada, team=team, after={"parent": secret})
    assert json.loads(row.after) == {"parent": f"private team {secret.pk}"}


@pytest.mark.django_db(transaction=True)
def test_nothing_is_recorded_outside_of_a_transaction(ada):
    with pytest.raises(RuntimeError, match="transaction of the change"):
        audit.record("renamed", "team", None, by=ada)
    assert not AuditEvent.objects.exists()


@pytest.mark.parametrize("model", [AuditEvent, AuditSeal])
@pytest.mark.parametrize("verb", ["update", "delete"])
def test_database_refuses_to_change_or_delete(model, verb, ada, team):
    event = audit.record("renamed", "team", team, by=ada, team=team)
    AuditSeal.objects.create(
        position=1, event=event, previous_hash="0" * 64, hash="1" * 64, sealed_at=event.at
    )
    table = model._meta.db_table
    statement = f"UPDATE {table} SET id = id" if model is AuditEvent else ""
    statement = statement or f"UPDATE {table} SET hash = hash"
    if verb == "delete":
        statement = f"DELETE FROM {table}"
    with pytest.raises(DatabaseError, match="only grows"), transaction.atomic():
        connection.cursor().execute(statement)
    assert model.objects.count() == 1


@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has no TRUNCATE")
@pytest.mark.parametrize("model", [AuditEvent, AuditSeal])
def test_postgresql_refuses_to_truncate(model):
    with pytest.raises(DatabaseError, match="only grows"), transaction.atomic():
        connection.cursor().execute(f"TRUNCATE {model._meta.db_table}")
