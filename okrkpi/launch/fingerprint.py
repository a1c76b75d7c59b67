"""Tells a start at which nothing changed, so that it need not ask Django: that takes a second."""

import hashlib
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
STAMP = ".okrkpi-fingerprint"
APPS = ("teams", "metrics", "objectives", "reviews")


def fingerprint() -> str:
    """Changes with the packages, the migrations and the static files: 64 hex digits."""
    digest = hashlib.sha256((ROOT / "requirements.lock").read_bytes())
    for path in sorted(_sources()):
        facts = path.stat()
        digest.update(f"{path} {facts.st_mtime_ns} {facts.st_size}\n".encode())
    return digest.hexdigest()


def _sources() -> Iterator[Path]:
    for app in APPS:
        yield from (ROOT / app / "migrations").glob("*.py")
    yield from (path for path in (ROOT / "static").rglob("*") if path.is_file())


def is_prepared(data: Path, *, demo: bool) -> bool:
    """True when the SQLite database and the static files under `data` were prepared by this code.

    The database itself holds the fingerprint, so an older one put back in its place is noticed.
    With `demo` it must hold an organisation too.
    """
    database, static = data / "db.sqlite3", data / "static" / STAMP
    if not (database.exists() and static.exists()):
        return False
    try:
        with closing(sqlite3.connect(database, timeout=5)) as connection:
            note = "SELECT note FROM teams_heartbeat WHERE name = 'prepared'"
            (stored,) = connection.execute(note).fetchone() or ("",)
            (half,) = connection.execute(
                "SELECT count(*) FROM teams_heartbeat WHERE name = 'seeding'"
            ).fetchone()
            (firms,) = connection.execute("SELECT count(*) FROM teams_organisation").fetchone()
    except sqlite3.Error:
        return False
    now = fingerprint()
    return stored == static.read_text() == now and not half and bool(firms or not demo)
