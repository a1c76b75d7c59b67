"""Rows of the first release go through objectives 0002 to 0004 and back, on either database."""

from contextlib import contextmanager
from datetime import UTC, date, datetime
from decimal import Decimal
from uuid import UUID

import pytest
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.loader import MigrationLoader

OLD, NEW = ("objectives", "0001_initial"), ("objectives", "0004_goals_constraints")
MORNING = datetime(2026, 7, 1, 9, 0, tzinfo=UTC)
D = Decimal


class OneByOne(MigrationLoader):
    """The migrations as an instance of the first release runs them, without the squashed ones."""

    def load_disk(self):
        super().load_disk()
        rows = self.disk_migrations.items()
        last = {key: row.replaces[-1] for key, row in rows if row.replaces}
        self.disk_migrations = {key: row for key, row in rows if not row.replaces}
        for row in self.disk_migrations.values():
            row.dependencies = [last.get(key, key) for key in row.dependencies]


def one_by_one():
    executor = MigrationExecutor(connection)
    executor.loader = OneByOne(connection)
    return executor


def migrate(target):
    """Take the database to one migration; the models as they are there."""
    return one_by_one().migrate([target]).apps


@contextmanager
def empty_database(folder):
    """While this lasts, the connection is to a database of its own, with nothing in it."""
    settings = connection.settings_dict
    kept = settings["NAME"]
    connection.close()
    if connection.vendor == "sqlite":
        settings["NAME"] = folder / "first_release.sqlite3"
    else:
        settings["NAME"] = f"{kept}_first_release"
        admin(f"CREATE DATABASE {settings['NAME']}")
    try:
        yield
    finally:
        connection.close()
        if connection.vendor != "sqlite":
            admin(f"DROP DATABASE {settings['NAME']}")
        settings["NAME"] = kept


def admin(sql):
    with connection._nodb_cursor() as cursor:
        cursor.execute(sql)


@pytest.fixture
def old(django_db_setup, django_db_blocker, tmp_path):
    """The models of the first release, as it made its tables; in the end they are today's."""
    with django_db_blocker.unblock(), empty_database(tmp_path):
        yield migrate(OLD)
        executor = one_by_one()
        executor.migrate(executor.loader.graph.leaf_nodes())


class Rows:
    """One organisation of the first release, with every kind of row it could hold."""

    def __init__(self, apps):
        self.apps = apps
        organisation = self.make(
            "teams.Organisation", name="Halden", time_zone="Europe/Oslo", created_at=MORNING
        )
        self.person = self.make("teams.User", email="a@halden.example", name="Alice")
        self.team = self.make(
            "teams.Team", organisation=organisation, name="Success", created_at=MORNING
        )
        self.cycle = self.make(
            "objectives.Cycle",
            organisation=organisation,
            name="Q3 2026",
            starts_on=date(2026, 7, 1),
            ends_on=date(2026, 9, 30),
            state="active",
        )
        self.falling = self.kpi("Churn", "lower_is_better")
        self.rising = self.kpi("NPS", "higher_is_better")
        self.active = self.objective("active", published_at=MORNING, starts_on=date(2026, 7, 6))
        self.given_up = self.objective("withdrawn", closed_at=MORNING)
        self.draft = self.objective("draft")

    def make(self, model, **fields):
        return self.apps.get_model(model).objects.create(**fields)

    def kpi(self, name, direction):
        return self.make(
            "metrics.Kpi",
            team=self.team,
            name=name,
            direction=direction,
            starts_on=date(2026, 1, 1),
            created_at=MORNING,
        )

    def objective(self, state, **over):
        fields = {"team": self.team, "cycle": self.cycle, "created_at": MORNING, "state": state}
        return self.make("objectives.Objective", title=f"One {state}", **fields | over)

    def key_result(self, objective, title, **over):
        position = objective.key_results.count() + 1
        fields = {"objective": objective, "position": position, "title": title, "kind": "change"}
        return self.make("objectives.KeyResult", **fields | over).pk

    def check_in(self, pk, made_at, value, corrects=None):
        number = self.apps.get_model("objectives.CheckIn").objects.count() + 1
        return self.make(
            "objectives.CheckIn",
            key_result_id=pk,
            value=D(value),
            confidence=6,
            author=self.person,
            made_at=made_at,
            token=UUID(int=number),
            corrects=corrects,
        )


def at(month, day, hour=9):
    return datetime(2026, month, day, hour, 30, tzinfo=UTC)


CHANGE = {"baseline": D(38), "target": D(52)}


def of_every_kind(rows):
    """Key results by id, and the kind each is to become."""
    add, active = rows.key_result, rows.active
    return {
        add(active, "up", **CHANGE): "increase",
        add(active, "down", baseline=D("12.1"), target=D(8)): "decrease",
        add(active, "below 0", baseline=D(-5), target=D(-9)): "decrease",
        add(active, "no baseline", target=D(52)): "increase",
        add(active, "no baseline, rises", target=D(52), kpi=rows.rising): "increase",
        add(active, "no baseline, falls", target=D(8), kpi=rows.falling): "decrease",
        add(active, "baseline first", baseline=D(1), target=D(8), kpi=rows.falling): "increase",
        add(active, "hold", kind="hold", kpi=rows.falling, hold_periods=2): "hold",
        add(active, "open", kind="open"): "open",
        add(active, "graded", **CHANGE, **GRADED): "increase",
        add(rows.given_up, "given up", baseline=D(9), target=D(8)): "decrease",
    }


GRADED = {
    "unit": "NPS",
    "weight": D("0.25"),
    "suggested_grade": D("0.4"),
    "grade": D("0.7"),
    "grade_reason": "Late data.",
    "final_value": D("45.123456789012345"),
    "final_progress": D("0.478"),
    "version": 7,
}


def checked_in(rows):
    """Ids of key results, and (check-in that stands, day the next is owed) of each."""
    said = rows.key_result(rows.active, "NPS", **CHANGE)
    rows.check_in(said, at(8, 11), 41)
    # Friday evening in UTC is Saturday in Oslo: the coming week.
    late = rows.check_in(said, at(8, 14, 22), 45)
    right = rows.check_in(said, at(8, 18), 46, corrects=late)
    silent = rows.key_result(rows.active, "silent", **CHANGE)
    done = rows.key_result(rows.active, "done", **CHANGE)
    last = rows.check_in(done, at(9, 22), 50)
    withdrawn = {"withdrawn_at": MORNING, "withdrawn_reason": "Sold."}
    gone = rows.key_result(rows.active, "gone", **CHANGE, **withdrawn)
    drafted = rows.key_result(rows.draft, "drafted", **CHANGE)
    return {
        said: (right.pk, date(2026, 8, 28)),
        silent: (None, date(2026, 7, 10)),
        # Friday 25 September was answered; 2 October is past the cycle.
        done: (last.pk, None),
        gone: (None, None),
        drafted: (None, None),
    }


def columns_of(apps):
    """The columns of the first release, by model, without the kind of a key result."""
    return {
        name: [
            field.attname
            for field in apps.get_model("objectives", name)._meta.concrete_fields
            if field.name != "kind"
        ]
        for name in ("Cycle", "Objective", "KeyResult", "CheckIn")
    }


def values_of(apps, columns):
    """Every row in those columns, by model."""
    return {
        name: list(apps.get_model("objectives", name).objects.order_by("pk").values(*names))
        for name, names in columns.items()
    }


def test_rows_of_the_first_release_go_forward_and_back(old):
    rows = Rows(old)
    kinds, standing = of_every_kind(rows), checked_in(rows)
    columns = columns_of(old)
    before = values_of(old, columns)

    new = migrate(NEW)
    key_results = new.get_model("objectives", "KeyResult").objects
    assert dict(key_results.filter(pk__in=kinds).values_list("pk", "kind")) == kinds
    found = key_results.filter(pk__in=standing).values_list("pk", "latest", "next_due_on")
    assert {pk: (latest, due) for pk, latest, due in found} == standing
    due = new.get_model("objectives", "CheckIn").objects.order_by("pk")
    days = [(one.month, one.day) for one in due.values_list("due_on", flat=True)]
    assert days == [(8, 14), (8, 21), (8, 21), (9, 25)]
    states = new.get_model("objectives", "Objective").objects.order_by("pk")
    assert list(states.values_list("withdrawn_from", flat=True)) == ["", "draft", ""]
    cycle = new.get_model("objectives", "Cycle").objects.get()
    assert (cycle.kind, cycle.closed_at) == ("quarter", None)
    assert values_of(new, columns) == before

    was = migrate(OLD)
    kept = was.get_model("objectives", "KeyResult").objects.values_list("pk", "kind")
    changed = {pk: kind for pk, kind in kept if kind != "change"}
    assert changed == {pk: kind for pk, kind in kinds.items() if kind in ("hold", "open")}
    assert values_of(was, columns) == before
