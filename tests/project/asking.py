"""Ask the routes of the access table, and find every answer that is not as it says."""

import re
from unittest import mock

from django.conf import settings
from django.core.cache import cache
from django.db import connection, transaction
from django.http import HttpResponse
from django.test import Client
from django.views import defaults

from metrics.models import Kpi
from tests.factories import make_import
from tests.project.access import ACCESS
from tests.project.access_cells import OK
from tests.project.world import make_world

# On PostgreSQL one of each kind asks: who may what is settled in the same querysets and guards, and
# whoever leads or administers comes past every query there is.
KINDS = ("foreign", "stranger", "lead", "admin")
BY_HTMX = ("stranger", "lead")
METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
# A method that a route does not have is refused before anybody looks at who asks.
ASKED_IN_VAIN = ("member", "admin")
WRITING = ("INSERT", "UPDATE", "DELETE", "REPLACE", "MERGE", "WITH")
# Rows that reading may touch: the session itself, and what throttles count.
UNCOUNTED = re.compile(r'^\W*(INSERT INTO|UPDATE|DELETE FROM) "(django_session|okrkpi_cache)"')


class Writes:
    """While it is entered, keeps every statement that would change a row that counts."""

    def __init__(self):
        self.kept: list[str] = []

    def __call__(self, execute, sql, params, many, context):
        if sql.lstrip("( ").startswith(WRITING) and not UNCOUNTED.search(sql):
            self.kept.append(sql)
        return execute(sql, params, many, context)


class Refusals:
    """The pages of 403 and 404, written out for each person once; it is the same page each time."""

    def __init__(self):
        self.written: set[tuple] = set()

    def not_found(self, request, exception):
        return self._page(defaults.page_not_found, 404, request, exception)

    def denied(self, request, exception):
        return self._page(defaults.permission_denied, 403, request, exception)

    def _page(self, write, status: int, request, exception):
        which = (request.user.pk, status)
        if which in self.written:
            return HttpResponse(status=status)
        self.written.add(which)
        return write(request, exception)

    def told_briefly(self):
        """A context in which this answers for the routes of okrkpi."""
        ours = {"handler403": self.denied, "handler404": self.not_found}
        return mock.patch.multiple(settings.ROOT_URLCONF, create=True, **ours)


def ask(client: Client, method: str, path: str, *, htmx: bool = False) -> int | str:
    """The status, where everything that got past the guards is OK."""
    headers = {"HX-Request": "true"} if htmx else {}
    response = getattr(client, method.lower())(path, headers=headers)
    sent_to_sign_in = response.status_code == 302 and response.url.startswith("/accounts/login/")
    if sent_to_sign_in or response.status_code in (403, 404, 405):
        return response.status_code
    assert response.status_code in (200, 204, 302, 303, 409, 422, 503), response.status_code
    return OK


def wrong_answers(*, private: bool) -> list[tuple]:
    """All faults, about objects of an open or of a private team; a route is named in front."""
    people, places = make_world(private=private)
    keys = {role: session_of(person) for role, person in people.items()}
    if connection.vendor == "postgresql":
        keys = {role: keys[role] for role in KINDS}
    wrong, refusals = [], Refusals()
    for name, route in sorted(ACCESS.items()):
        if private and not route.private:
            continue  # the route is about no team's object
        with transaction.atomic(), refusals.told_briefly():
            if "{import}" in route.path:  # its file goes when it is cancelled
                places["import"] = make_import(Kpi.objects.get(pk=places["kpi"])).pk
            wrong += [(name, *fault) for fault in faults_of(route, keys, places, private)]
            transaction.set_rollback(True)  # what it wrote is not there for the next
    return wrong


def session_of(person) -> str:
    """The key of a session in which this person is signed in; "" for nobody's."""
    if person is None:
        return ""
    client = Client()
    client.force_login(person)
    return client.cookies[settings.SESSION_COOKIE_NAME].value


def browser(key: str) -> Client:
    """A browser that holds this session and nothing else."""
    client = Client()
    if key:
        client.cookies[settings.SESSION_COOKIE_NAME] = key
    return client


def ways(role: str, expected: int | str) -> tuple[bool, ...]:
    """Whether it is asked plainly and by htmx, where the same guards answer."""
    if expected == 405:
        return (False,)
    # On PostgreSQL one way for each: the same guards and querysets answer both.
    return (role in BY_HTMX,) if connection.vendor == "postgresql" else (False, True)


def faults_of(route, keys: dict, places: dict, private: bool):
    """Every (role, method, htmx, expected, answer) that is not as the table says."""
    path = route.path.format(**places)
    outsiders = {"foreign", "stranger", "admin"}
    for role, key in keys.items():
        client = browser(key)
        cache.clear()  # throttles count each role anew
        for method in METHODS:
            expected = route.methods[method][role] if method in route.methods else 405
            if private and role in outsiders and method in route.methods:
                expected = 404
            if expected == 405 and role not in ASKED_IN_VAIN:
                continue
            for htmx in ways(role, expected):
                writes = Writes()
                with connection.execute_wrapper(writes):
                    answer = ask(client, method, path, htmx=htmx)
                if answer != expected:
                    yield (role, method, "htmx" if htmx else "", expected, answer)
                if expected in (302, 403, 404, 405) and writes.kept:
                    yield (role, method, "a refused request wrote", writes.kept)
