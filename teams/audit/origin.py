"""Where a change comes from: the request or the job that is being worked on, in this context."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import NamedTuple


class Origin(NamedTuple):
    """Who writes where no person does: `kind` as in `AuditEvent.ActorKind`, and a name."""

    kind: str
    name: str
    request_id: str = ""


COMMAND = Origin("command", "command line")
_origin: ContextVar[Origin] = ContextVar("audit_origin", default=COMMAND)


def current() -> Origin:
    """The request, job or command that is being worked on."""
    return _origin.get()


def request_id() -> str:
    """The id of the request that is being worked on; empty outside of one."""
    return _origin.get().request_id


@contextmanager
def request(identifier: str) -> Iterator[None]:
    """Everything inside belongs to this request."""
    with _set(Origin("app", "okrkpi", identifier)):
        yield


@contextmanager
def job(name: str) -> Iterator[None]:
    """Everything inside is done by this job."""
    with _set(Origin("job", name)):
        yield


@contextmanager
def _set(origin: Origin) -> Iterator[None]:
    token = _origin.set(origin)
    try:
        yield
    finally:
        _origin.reset(token)


class RequestIdFilter(logging.Filter):
    """Puts the id of the request into each line of the log; a dash outside of one."""

    def filter(self, record: logging.LogRecord) -> bool:
        # Django tells of refused requests when the context is over, and hands the request along.
        request = getattr(record, "request", None)
        record.request_id = request_id() or getattr(request, "request_id", "-")
        return True
