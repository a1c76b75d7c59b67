"""A container's health check: `python -m okrkpi.alive web|jobs`. Exit code 0 is healthy.

`web` asks the pages whether the database answers. `jobs` reads from PostgreSQL when a worker last
took beat's tick, without loading Django.
"""

import os
import socket
import sys

import psycopg

LIMIT_SECONDS = 60


def web() -> bool:
    """True when /healthz answers 200."""
    port = int(os.environ.get("OKRKPI_BIND", "127.0.0.1:8000").rpartition(":")[2])
    with socket.create_connection(("127.0.0.1", port), timeout=4) as connection:
        connection.sendall(b"GET /healthz HTTP/1.0\r\nHost: 127.0.0.1\r\n\r\n")
        return b" 200 " in connection.recv(100)


def jobs() -> bool:
    """True when the last tick is at most `LIMIT_SECONDS` old."""
    url = os.environ["DATABASE_URL"]
    question = "SELECT extract(epoch FROM now() - at) FROM teams_heartbeat WHERE name = 'beat'"
    with psycopg.connect(url, connect_timeout=4) as connection:
        row = connection.execute(question).fetchone()
    return bool(row) and row[0] <= LIMIT_SECONDS


if __name__ == "__main__":
    try:
        healthy = {"web": web, "jobs": jobs}[sys.argv[1]]()
    except (OSError, psycopg.Error) as error:
        sys.exit(f"{error}")
    sys.exit(0 if healthy else 1)
