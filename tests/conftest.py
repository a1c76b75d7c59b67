"""The cast: alice leads, bob is a member, vera views, charlie is elsewhere, ada admins."""

import os
import shutil

import pytest
from django.conf import settings

from tests import emptying
from tests.factories import join, make_organisation, make_team, make_user


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items):
    """Begin with the tests that start processes and wait, so that they do not make a long tail."""
    waits = ("services", "browser")
    items.sort(key=lambda item: not any(item.get_closest_marker(mark) for mark in waits))


@pytest.fixture(scope="session")
def django_db_keepdb(django_db_modify_db_settings, request):
    """Begin with a copy of the tables that `run.py test` has made; without it, migrate."""
    test = settings.DATABASES["default"]["TEST"]
    template = os.environ.get("MIGRATED_SQLITE")
    if template and "sqlite3" in settings.DATABASES["default"]["ENGINE"]:
        shutil.copy(template, test["NAME"])
        return True
    return request.config.getvalue("reuse_db")


@pytest.fixture(scope="session", autouse=True)
def tests_may_empty_the_audit_record():
    """A test with transactions of its own empties the tables after it, the record too."""
    with emptying.allowed():
        yield


@pytest.fixture
def organisation(db):
    return make_organisation()


@pytest.fixture
def team(organisation):
    return make_team(organisation=organisation, name="Customer Success")


@pytest.fixture
def alice(team):
    return join(team, make_user("Alice Moreau", organisation=team.organisation), "lead")


@pytest.fixture
def bob(team):
    return join(team, make_user("Bob Tanaka", organisation=team.organisation), "member")


@pytest.fixture
def vera(team):
    return join(team, make_user("Vera Lind", organisation=team.organisation), "viewer")


@pytest.fixture
def charlie(organisation):
    other = make_team(organisation=organisation, name="Platform")
    return join(other, make_user("Charlie Osei", organisation=organisation), "lead")


@pytest.fixture
def ada(organisation):
    return make_user("Ada Berg", organisation=organisation, is_org_admin=True)
