"""Instances from before the first steps: they are past them, and the demo's one is known."""

from importlib import import_module

from django.apps import apps

from reviews.demo_story import PEOPLE
from tests.factories import make_organisation, make_user

migration = import_module("teams.migrations.0007_first_run_of_old_instances")


def test_the_demo_is_known_by_its_people_and_every_organisation_is_past_its_first_steps(db):
    demo = make_organisation(first_steps_closed_at=None)
    for _, name, email, is_admin in PEOPLE:
        last = make_user(name, organisation=demo, email=email, is_org_admin=is_admin)
    other = make_organisation(name="Elsewhere", first_steps_closed_at=None)
    migration.mark(apps, None)
    for one in (demo, other):
        one.refresh_from_db()
        assert one.first_steps_closed_at is not None
    assert demo.demo_loaded_at == last.date_joined
    assert other.demo_loaded_at is None


def test_a_firm_with_one_address_of_the_demo_holds_no_demo(db):
    firm = make_organisation()
    make_user("Ada Berg", organisation=firm, email="ada@halden.example")
    migration.mark(apps, None)
    firm.refresh_from_db()
    assert firm.demo_loaded_at is None
