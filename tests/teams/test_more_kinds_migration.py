"""What was chosen of a kind holds for the kinds that were a part of it, and back."""

from importlib import import_module

from django.apps import apps

from teams.models import MessageSettings

migration = import_module("teams.migrations.0014_more_kinds")


def test_what_was_switched_off_stays_off(db, alice, bob):
    chosen = MessageSettings.objects.create(user=alice, kinds={"signals": "not", "due": "inbox"})
    other = MessageSettings.objects.create(user=bob, kinds={"thanks": "not"})
    migration.choose_parts(apps, None)
    chosen.refresh_from_db()
    parts = {"escalated": "not", "missing": "not", "overdue": "inbox"}
    assert chosen.kinds == {"signals": "not", "due": "inbox"} | parts
    migration.forget_parts(apps, None)
    chosen.refresh_from_db()
    other.refresh_from_db()
    assert chosen.kinds == {"signals": "not", "due": "inbox"}
    assert other.kinds == {"thanks": "not"}
