"""PostgreSQL, Redis and a Redis that never answers, started by a test for itself. Stdlib only.

Every service listens on a free port of 127.0.0.1, keeps its files in a temporary folder, and ends
with the `with` block that started it.
"""

import contextlib
import os
import pwd
import re
import shutil
import signal
import socket
import subprocess
import tempfile
import threading
import time
from pathlib import Path


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_until(true, *, within: float, every: float = 0.1):
    """The first truthy answer of `true()`; fails after `within` seconds."""
    stop = time.monotonic() + within
    while time.monotonic() < stop:
        if answer := true():
            return answer
        time.sleep(every)
    raise AssertionError(f"did not happen within {within} s")


def listens(port: int) -> bool:
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex(("127.0.0.1", port)) == 0


def postgres_folder() -> Path | None:
    """The folder of PostgreSQL's programs, the newest one found."""
    places = sorted(
        Path("/usr/lib/postgresql").glob("*/bin/initdb"),
        key=lambda path: int(path.parts[-3]),
        reverse=True,
    )
    on_path = shutil.which("initdb")
    places += [Path(on_path)] if on_path else []
    return places[0].parent if places else None


def chromium() -> str | None:
    """The lightest Chromium here: the headless shell has no window's pages to draw beside ours."""
    names = ("chromium-headless-shell", "chromium", "chromium-browser")
    return next(filter(None, map(shutil.which, names)), None)


def found() -> dict[str, str | None]:
    """The version of each service on this machine; None where it is missing."""
    folder = postgres_folder()
    programs = {
        "PostgreSQL": str(folder / "postgres") if folder else None,
        "Redis": shutil.which("redis-server"),
        "Chromium": chromium(),
        "docker-compose": shutil.which("docker-compose"),
    }
    return {name: _version(program) if program else None for name, program in programs.items()}


def _version(program: str) -> str | None:
    done = subprocess.run([program, "--version"], capture_output=True, text=True)
    number = re.search(r"\d+(\.\d+)+", done.stdout)
    return number.group() if number else None


class Postgres:
    """A cluster of its own; `url("name")` makes a database.

    It begins as a copy of the files of `MIGRATED_CLUSTER`, where the test run has made the tables
    once (tests/run.py); without it, empty.
    """

    def __init__(self, files: Path | None = None):
        made = os.environ.get("MIGRATED_CLUSTER")
        self.files = files or (Path(made) if made else None)
        self.is_running = False

    def __enter__(self):
        self.folder = Path(tempfile.mkdtemp(prefix="okrkpi-pg-"))
        self.port = free_port()
        user = "postgres" if os.getuid() == 0 else None
        if user:
            os.chown(self.folder, pwd.getpwnam(user).pw_uid, -1)
        self.as_user = {"user": user} if user else {}
        data = str(self.folder / "data")
        if self.files:
            subprocess.run(["cp", "-a", self.files, data], check=True)
        else:
            self._run("initdb", "-D", data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "-N")
        options = (
            f"-p {self.port} -c listen_addresses=127.0.0.1 -k {self.folder} -c fsync=off "
            "-c full_page_writes=off -c max_connections=60 -c shared_buffers=64MB"
        )
        log = str(self.folder / "log")
        self._run("pg_ctl", "-D", data, "-w", "-t", "60", "-o", options, "-l", log, "start")
        self.is_running = True
        return self

    def __exit__(self, *_):
        self._stop("immediate")
        shutil.rmtree(self.folder, ignore_errors=True)

    def keep(self, folder: Path) -> None:
        """Stop, and leave the files in a folder, for others to begin with."""
        self._stop("fast")
        subprocess.run(["cp", "-a", self.folder / "data", folder], check=True)

    def _stop(self, mode: str) -> None:
        if self.is_running:
            self._run("pg_ctl", "-D", str(self.folder / "data"), "-m", mode, "-w", "stop")
            self.is_running = False

    def _run(self, program, *arguments):
        subprocess.run(
            [postgres_folder() / program, *arguments],
            check=True,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            cwd="/",
            **self.as_user,
        )

    def url(self, name: str = "postgres", *, copy_of: str = "template1") -> str:
        """The address of a database, made as a copy of another one unless it is there anyway."""
        if name != "postgres":
            address = ["-h", "127.0.0.1", "-p", str(self.port), "-U", "postgres"]
            self._run("createdb", *address, "-T", copy_of, name)
        return f"postgres://postgres@127.0.0.1:{self.port}/{name}"

    def migrated_url(self, name: str) -> str:
        """The address of a new database with the tables the test run has made; else without any."""
        return self.url(name, copy_of="migrated" if self.files else "template1")


class Redis:
    """A Redis of its own; `pause()` stops it in its tracks, `go_on()` wakes it."""

    def __init__(self, port: int | None = None):
        self.port = port or free_port()
        self.url = f"redis://127.0.0.1:{self.port}/0"

    def __enter__(self):
        self.folder = tempfile.mkdtemp(prefix="okrkpi-redis-")
        options = {
            "port": self.port,
            "bind": "127.0.0.1",
            "dir": self.folder,
            "save": "",
            "appendonly": "yes",
            "maxmemory-policy": "noeviction",
        }
        words = [word for name, value in options.items() for word in (f"--{name}", str(value))]
        self.process = subprocess.Popen(
            ["redis-server", *words],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
        )
        wait_until(lambda: listens(self.port), within=20)
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()
        shutil.rmtree(self.folder, ignore_errors=True)

    def pause(self):
        self.process.send_signal(signal.SIGSTOP)

    def go_on(self):
        self.process.send_signal(signal.SIGCONT)


class SilentServer:
    """Accepts every connection and never says a word; counts those it accepted."""

    def __init__(self):
        self.port = free_port()
        self.url = f"redis://127.0.0.1:{self.port}/0"
        self.accepted = 0

    def __enter__(self):
        self.listener = socket.create_server(("127.0.0.1", self.port), backlog=100)
        self.held: list[socket.socket] = []
        self.thread = threading.Thread(target=self._accept, daemon=True)
        self.thread.start()
        return self

    def _accept(self):
        with contextlib.suppress(OSError):
            while True:
                self.held.append(self.listener.accept()[0])
                self.accepted += 1

    def __exit__(self, *_):
        with contextlib.suppress(OSError):
            self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()
        self.thread.join(5)
        for connection in self.held:
            connection.close()
