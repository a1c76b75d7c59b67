"""The cast: alice leads, bob is a member, vera views, charlie is elsewhere, ada admins."""

import os
import shutil

import pytest
from django.conf import settings
from django.db import connection

from tests import emptying, unrecorded
from tests.factories import join, make_organisation, make_team, make_user

# The files that take longest, each in one test process.
LONGEST = ("test_year", "test_redis_faults", "test_access", "test_scenarios", "test_faults")


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items):
    """Begin with the longest, then with what starts processes and waits: it makes no long tail."""
    waits = ("services", "browser")

    def turn(item) -> int:
        if item.path.stem in LONGEST:
            return 0
        return 1 if any(item.get_closest_marker(mark) for mark in waits) else 2

    items.sort(key=turn)


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


@pytest.fixture(autouse=True)
def nothing_changes_unrecorded(request):
    """In every test, what the app changes of what numbers depend on is in the audit record.

    But where a test has transactions of its own, whose end nothing tells of.
    """
    mark = request.node.get_closest_marker("django_db")
    has_database = mark is not None or "db" in request.fixturenames
    if (
        not has_database
        or "transactional_db" in request.fixturenames
        or (mark is not None and mark.kwargs.get("transaction"))
    ):
        yield
        return
    watch = unrecorded.Watch()
    with connection.execute_wrapper(watch):
        yield watch
    assert watch.missing() == []


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
