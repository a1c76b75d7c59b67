"""Starts okrkpi's real processes for the fault tests, and asks them for what they did."""

import contextlib
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.services import Postgres

ROOT = Path(__file__).resolve().parent.parent.parent
SETTINGS = "tests.project.slow_settings"


class Place:
    """One installation: a data folder, a database, and the environment its processes get."""

    def __init__(self, folder: Path, database_url: str = "", **environ: str):
        kept = {k: v for k, v in os.environ.items() if not k.startswith(("OKRKPI_", "DJANGO_"))}
        kept.pop("DATABASE_URL", None)
        kept.pop("REDIS_URL", None)
        self.folder = folder
        self.environ = kept | {
            "OKRKPI_DATA": str(folder),
            "DJANGO_SETTINGS_MODULE": SETTINGS,
            **({"DATABASE_URL": database_url} if database_url else {}),
            **environ,
        }
        self.started: list[subprocess.Popen] = []

    def prepare(self) -> "Place":
        self.drive("prepare")
        return self

    def drive(self, *arguments: str, **environ: str):
        """Run one command of tests/project/drive.py to its end; its JSON answer, if it has one."""
        out = self._ask("-m", "tests.project.drive", *arguments, **environ)
        return json.loads(out) if out.strip() else None

    def _ask(self, *arguments: str, **environ: str) -> str:
        done = subprocess.run(
            [sys.executable, *arguments],
            cwd=ROOT,
            env=self.environ | environ,
            capture_output=True,
            text=True,
            timeout=120,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    def start(self, *command: str, **environ: str) -> subprocess.Popen:
        """Start a process in a group of its own; `end()` ends it if nothing else did."""
        process = subprocess.Popen(
            [sys.executable, *command],
            cwd=ROOT,
            env=self.environ | environ,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
        self.started.append(process)
        return process

    def end(self) -> None:
        """Kill whatever this place started and has not ended."""
        for process in self.started:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()
            process.stdout.close()
        self.started.clear()


@contextlib.contextmanager
def place(database_url: str = "", *, copy_of: Path | None = None, **environ: str):
    """An installation in a temporary folder, ended with the `with` block.

    Empty, or with a copy of the SQLite file `copy_of`.
    """
    with tempfile.TemporaryDirectory(prefix="okrkpi-place-") as folder:
        made = Place(Path(folder), database_url, **environ)
        try:
            if copy_of:
                shutil.copy(copy_of, made.folder / "db.sqlite3")
            yield made
        finally:
            made.end()


class Places:
    """Hands out installations as `seed` (of drive.py) leaves them, each with its own database."""

    def __init__(self, server: Postgres | None, *seed: str):
        self.server, self.number = server, 0
        self.folder = tempfile.TemporaryDirectory(prefix="okrkpi-template-")
        self.template = Place(
            Path(self.folder.name), server.migrated_url("prepared") if server else ""
        )
        self.template.prepare().drive(*seed)

    def new(self, **environ: str):
        """A context manager: one more installation, as the template was left."""
        if not self.server:
            return place(copy_of=self.template.folder / "db.sqlite3", **environ)
        self.number += 1
        return place(self.server.url(f"copy{self.number}", copy_of="prepared"), **environ)

    def close(self) -> None:
        self.folder.cleanup()


@contextlib.contextmanager
def places(vendor: str, *seed: str):
    """Installations on "sqlite", or on a PostgreSQL cluster started for the `with` block."""
    with contextlib.ExitStack() as stack:
        server = stack.enter_context(Postgres()) if vendor == "postgres" else None
        made = Places(server, *seed)
        stack.callback(made.close)
        yield made


CELERY = ["-m", "celery", "--quiet", "-A", "okrkpi"]
WORKER = [*CELERY, "worker", "--without-gossip", "--without-mingle"]
BEAT = [*CELERY, "beat"]
JOBS = ["-m", "okrkpi.jobs"]


def descendants(pid: int) -> set[int]:
    """The processes below `pid`, each with its own below it."""
    found = set()
    for child in Path(f"/proc/{pid}/task").glob("*/children"):
        for number in map(int, child.read_text().split()):
            found |= {number} | descendants(number)
    return found


def alive(pids: set[int]) -> set[int]:
    """Those of the processes that run (a zombie does not)."""
    running = set()
    for pid in pids:
        try:
            state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
        except OSError:
            continue
        if state != "Z":
            running.add(pid)
    return running
