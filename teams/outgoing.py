"""The one client for addresses that people typed: https only, to public machines, and not for long.

The name is resolved once and all of its addresses are judged (`teams.addresses`); the connection
goes to the very address that was judged, so a name that answers otherwise the next time gains
nothing. Redirects are not followed, proxies of the environment not used, and of an answer nothing
is read but its status. What an error says never holds the address, whose path may be a secret.
"""

from __future__ import annotations

import http.client
import json
import re
import socket
import ssl
import threading
from contextlib import suppress
from typing import NamedTuple
from urllib.parse import urlsplit

from django.conf import settings

from teams.addresses import may_reach

# Together less than the lease of a message: nobody else takes it over meanwhile.
SECONDS = 8
CONNECT_SECONDS = 3
HTTPS = 443
_HOST = re.compile(r"[A-Za-z0-9.-]{1,253}|\[[0-9A-Fa-f:.]{2,45}\]")


class Unreachable(Exception):
    """The address was not asked, or did not answer; its text is a sentence for people."""


class Target(NamedTuple):
    """Where a request goes; `host` is lower case, without brackets."""

    host: str
    port: int
    path: str
    is_allowed: bool


def target_of(url: str) -> Target:
    """The parts of an address that may be asked. Raises Unreachable with what is wrong with it."""
    if not url.isascii() or not url.isprintable() or any(one in url for one in ' "<>\\^`{|}'):
        raise Unreachable("The address has characters that no web address has.")
    try:
        parts = urlsplit(url)
        port = parts.port or HTTPS
    except ValueError:
        raise Unreachable("This is not a web address.") from None
    if parts.scheme != "https":
        raise Unreachable("The address must begin with https://.")
    if "@" in parts.netloc or parts.hostname is None or parts.fragment:
        raise Unreachable("The address must be a host and a path, without a name or a #.")
    if not _HOST.fullmatch(re.sub(r":\d+$", "", parts.netloc)):
        raise Unreachable("The address must be a host and a path, without a name or a #.")
    host = parts.hostname
    is_allowed = {host, f"{host}:{port}"} & set(settings.OUTGOING_HOSTS) != set()
    if port != HTTPS and not is_allowed:
        raise Unreachable("The address must use the port of https, 443.")
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return Target(host, port, path, is_allowed)


def post_json(url: str, payload: dict, *, key: str) -> int:
    """Post a JSON object and return the status of the answer; `key` names it for the receiver.

    Raises Unreachable when nothing was sent, or no answer came within `SECONDS`.
    """
    target = target_of(url)
    body = json.dumps(payload, allow_nan=False).encode()
    headers = {
        "Content-Type": "application/json",
        "Accept-Encoding": "identity",
        "User-Agent": "okrkpi",
        "Idempotency-Key": key,
    }
    try:
        return _asked(target, body, headers)
    except Unreachable:
        raise
    except TimeoutError:
        raise Unreachable(f"No answer came within {SECONDS} seconds.") from None
    except ssl.SSLCertVerificationError:
        raise Unreachable("Its certificate could not be verified.") from None
    except (OSError, http.client.HTTPException, AttributeError, ValueError) as error:
        reason = getattr(error, "strerror", None) or type(error).__name__
        raise Unreachable(f"It could not be reached: {reason}.") from None


def addresses_of(target: Target) -> list[str]:
    """The addresses of a name, every one of which may be reached. Raises Unreachable."""
    found: list[str] = []

    def look_up() -> None:
        with suppress(OSError, UnicodeError):
            rows = socket.getaddrinfo(target.host, target.port, type=socket.SOCK_STREAM)
            found.extend(row[4][0] for row in rows)

    # The system's resolver has no deadline of its own.
    looking = threading.Thread(target=look_up, daemon=True)
    looking.start()
    looking.join(CONNECT_SECONDS)
    known = list(dict.fromkeys(found))
    if not known:
        raise Unreachable("Its name leads to no machine.")
    if not all(may_reach(one, allowed=target.is_allowed) for one in known):
        raise Unreachable("Its name leads to a machine that may not be asked.")
    return known


def _asked(target: Target, body: bytes, headers: dict[str, str]) -> int:
    connection = _Pinned(target, addresses_of(target))
    try:
        connection.request("POST", target.path, body, headers)
        status = connection.getresponse().status
    except (OSError, http.client.HTTPException, AttributeError, ValueError):
        if connection.is_over:
            raise TimeoutError from None
        raise
    finally:
        connection.close()
    if connection.is_over:  # what came until then was taken for the whole
        raise TimeoutError
    return status


class _Pinned(http.client.HTTPSConnection):
    """A connection to one of the judged addresses, for the name they are of; cut off in time."""

    def __init__(self, target: Target, addresses: list[str]) -> None:
        context = ssl.create_default_context()
        if settings.OUTGOING_CA_FILE:
            context.load_verify_locations(settings.OUTGOING_CA_FILE)
        super().__init__(target.host, target.port, timeout=CONNECT_SECONDS, context=context)
        self._addresses, self._tls = addresses, context
        self._timer: threading.Timer | None = None
        self.is_over = False

    def connect(self) -> None:
        """Connect to the first address that answers, and prove that it is the named host."""
        bare = self._first()
        bare.settimeout(SECONDS)
        self.sock = self._tls.wrap_socket(
            bare, server_hostname=self.host, do_handshake_on_connect=False
        )
        self._timer = threading.Timer(SECONDS, self._cut)
        self._timer.daemon = True
        self._timer.start()
        self.sock.do_handshake()

    def _first(self) -> socket.socket:
        for at, address in enumerate(self._addresses):
            try:
                return socket.create_connection((address, self.port), CONNECT_SECONDS)
            except OSError:
                if at + 1 == len(self._addresses) or at == 1:
                    raise
        raise OSError

    def _cut(self) -> None:
        """End a conversation that a slow answer draws out: each of its waits may be short."""
        self.is_over = True
        with suppress(OSError, AttributeError):
            # Of the plain socket: that of TLS would forget its state under the other thread's feet.
            socket.socket.shutdown(self.sock, socket.SHUT_RDWR)

    def close(self) -> None:
        """Hang up."""
        if self._timer is not None:
            self._timer.cancel()
        super().close()
