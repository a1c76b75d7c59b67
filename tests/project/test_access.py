"""Every route × method × role is answered as the access table says; unlisted routes fail.

What is about a private team is asked in `test_access_private`.
"""

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from tests.project.access import ACCESS
from tests.project.access_cells import ROLES
from tests.project.asking import wrong_answers
from tests.project.world import make_world

EXEMPT_PREFIXES = ("admin:",)  # Django's admin site: staff only, tested below


def names(patterns, prefix=""):
    """The full names of all routes; an unnamed one by its pattern."""
    for entry in patterns:
        if isinstance(entry, URLResolver):
            yield from names(
                entry.url_patterns, prefix + (f"{entry.namespace}:" if entry.namespace else "")
            )
        elif isinstance(entry, URLPattern):
            yield f"{prefix}{entry.name or entry.pattern}"


def test_every_route_is_listed_and_every_listed_route_exists():
    found = {n for n in names(get_resolver().url_patterns) if not n.startswith(EXEMPT_PREFIXES)}
    assert found == set(ACCESS)


@pytest.mark.django_db
def test_every_route_answers_each_role_as_the_table_says():
    assert wrong_answers(private=False) == []


@pytest.mark.django_db
def test_the_admin_site_is_for_staff():
    people, _ = make_world(private=False)
    for role in ROLES[1:]:
        client = Client()
        client.force_login(people[role])
        assert client.get("/admin/").status_code == 302


@pytest.mark.django_db
def test_a_deactivated_person_is_refused_on_the_next_request():
    people, _ = make_world(private=False)
    client = Client()
    client.force_login(people["lead"])
    assert client.get("/inbox/").status_code == 200
    people["lead"].is_active = False
    people["lead"].save(update_fields=["is_active"])
    assert client.get("/inbox/").status_code == 302
