"""Let the database itself refuse changes of the audit record.

A later migration that makes SQLite rebuild one of the tables must create its triggers again.
"""

from django.db import migrations

from teams.audit_triggers import create_sql, drop_sql


def create(apps, schema_editor):
    for statement in create_sql(schema_editor.connection.vendor):
        schema_editor.execute(statement, params=None)


def drop(apps, schema_editor):
    for statement in drop_sql(schema_editor.connection.vendor):
        schema_editor.execute(statement, params=None)


class Migration(migrations.Migration):
    dependencies = [("teams", "0008_audit")]

    operations = [migrations.RunPython(create, drop)]
