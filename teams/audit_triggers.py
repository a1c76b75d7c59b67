"""The triggers that let the audit record only grow, in both databases."""

from __future__ import annotations

TABLES = ("teams_auditevent", "teams_auditseal")
REFUSED = "The audit record only grows: nothing in it is changed or deleted."


def create_sql(vendor: str) -> list[str]:
    """The statements that make both tables append-only."""
    if vendor == "sqlite":
        return [
            f"CREATE TRIGGER {table}_no_{verb.lower()} BEFORE {verb} ON {table} "
            f"BEGIN SELECT RAISE(ABORT, '{REFUSED}'); END"
            for table in TABLES
            for verb in ("UPDATE", "DELETE")
        ]
    refuse = (
        "CREATE OR REPLACE FUNCTION teams_audit_refuse() RETURNS trigger LANGUAGE plpgsql AS "
        f"$$ BEGIN RAISE EXCEPTION '{REFUSED}' USING ERRCODE = 'integrity_constraint_violation'; "
        "END $$"
    )
    each = [
        f"CREATE TRIGGER {table}_no_{name} BEFORE {verb} ON {table} "
        f"FOR EACH {level} EXECUTE FUNCTION teams_audit_refuse()"
        for table in TABLES
        for name, verb, level in (
            ("change", "UPDATE OR DELETE", "ROW"),
            ("truncate", "TRUNCATE", "STATEMENT"),
        )
    ]
    return [refuse, *each]


def drop_sql(vendor: str) -> list[str]:
    """The statements that take the triggers away: to undo the migration, and for tests."""
    if vendor == "sqlite":
        return [
            f"DROP TRIGGER {table}_no_{verb}" for table in TABLES for verb in ("update", "delete")
        ]
    each = [
        f"DROP TRIGGER {table}_no_{name} ON {table}"
        for table in TABLES
        for name in ("change", "truncate")
    ]
    return [*each, "DROP FUNCTION teams_audit_refuse()"]
