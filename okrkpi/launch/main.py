"""The commands of `run.py`: start, test, bench."""

import argparse
import errno
import fcntl
import os
import socket
import subprocess
import sys
from pathlib import Path

from okrkpi.launch.environment import PYTHON, ROOT, VENV, Refused, make_environment
from okrkpi.launch.fingerprint import is_prepared
from okrkpi.launch.supervisor import Child, Supervisor

HOST = "127.0.0.1"
JOBS_DELAY = 1.5  # seconds by which jobs start later, so that the first page comes sooner


def main(arguments: list[str]) -> int:
    """Do what the command line asks; every refusal is one line and exit code 1."""
    commands = {"test": "tests.run", "bench": "tests.benchmarks"}
    try:
        if arguments and arguments[0] in commands:
            return develop(commands[arguments[0]], arguments[1:])
        return serve(parse(arguments))
    except Refused as refusal:
        print(refusal, file=sys.stderr)
    except OSError as error:
        print(f"{error.strerror or error}: {error.filename or 'okrkpi'}", file=sys.stderr)
    except KeyboardInterrupt:
        print("Stopped.", file=sys.stderr)
    return 1


def parse(arguments: list[str]) -> argparse.Namespace:
    """The options of a plain start."""
    parser = argparse.ArgumentParser(
        prog="run.py",
        description="Start okrkpi on this machine. Also: run.py test [pytest options], "
        "run.py bench [options].",
    )
    parser.add_argument("--port", type=int, default=8000, help="where to listen (8000)")
    parser.add_argument("--data", type=Path, help="folder that holds all data (var)")
    parser.add_argument("--no-demo", action="store_true", help="load no demo organisation")
    return parser.parse_args(arguments)


def develop(module: str, arguments: list[str]) -> int:
    """Run the tests or the benchmark in an environment that has the test group too."""
    make_environment("requirements.lock")
    make_environment("tests/requirements.lock")
    return subprocess.call([PYTHON, "-m", module, *arguments], cwd=ROOT)


def serve(options: argparse.Namespace) -> int:
    """Prepare, start and look after okrkpi until it is told to stop."""
    check_port(options.port)
    data = own_folder(options.data or Path(os.environ.get("OKRKPI_DATA") or ROOT / "var"))
    lock = lock_folder(data)
    check_writable(ROOT if not VENV.exists() else VENV)
    make_environment("requirements.lock")
    environ = environment(options.port, data)
    prepare(environ, data, demo=not options.no_demo)
    welcome = Welcome(options.port, data)
    Supervisor(children(environ)).run(welcome)
    lock.close()
    print("Stopped.", flush=True)
    return 0


def check_port(port: int) -> None:
    """Refuse a port that is taken, before anything takes time."""
    if not 0 < port < 65536:
        raise Refused(f"Port {port} does not exist; choose one from 1 to 65535.")
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError as error:
            reason = "is in use" if error.errno == errno.EADDRINUSE else "may not be used"
            raise Refused(
                f"Port {port} {reason}. Choose another, for example: "
                f"python3 run.py --port {port + 1 if port < 65535 else 8001}"
            ) from None


def own_folder(folder: Path) -> Path:
    """The data folder, made when missing and readable by its owner only."""
    folder = folder.absolute()
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise Refused(f"The data folder cannot be made: {error.strerror}: {folder}") from None
    check_writable(folder)
    return folder


def check_writable(folder: Path) -> None:
    """Refuse a folder in which no file can be made."""
    probe = folder / f".okrkpi-{os.getpid()}"
    try:
        probe.touch()
        probe.unlink()
    except OSError as error:
        raise Refused(f"Nothing can be written here: {error.strerror}: {folder}") from None


def lock_folder(data: Path):
    """Hold the data folder for one supervisor; the lock ends with the process, however it ends."""
    file = (data / "run.lock").open("w")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise Refused(
            f"okrkpi already runs with the data in {data}. Stop it, or name another folder: "
            "python3 run.py --data FOLDER"
        ) from None
    return file


def environment(port: int, data: Path) -> dict[str, str]:
    """What every process of this start is told."""
    own = {"OKRKPI_DATA": str(data), "OKRKPI_BIND": f"{HOST}:{port}", "PYTHONUNBUFFERED": "1"}
    return {"OKRKPI_URL": f"http://{HOST}:{port}"} | dict(os.environ) | own


def prepare(environ: dict[str, str], data: Path, *, demo: bool) -> None:
    """Bring the database up to date, unless it visibly is; the demo is loaded once."""
    own = not environ.get("DATABASE_URL") and not environ.get("OKRKPI_STATIC_ROOT")
    if own and is_prepared(data, demo=demo):
        return
    command = [PYTHON, "-m", "okrkpi.prepare", *(["--demo"] if demo else [])]
    if subprocess.run(command, cwd=ROOT, env=environ).returncode:
        raise Refused("The database could not be prepared; the reason stands above.")


def children(environ: dict[str, str]) -> list[Child]:
    """Web and jobs; with a Redis broker web, worker and beat."""
    celery = [str(PYTHON), "-m", "celery", "--quiet", "--app", "okrkpi"]
    commands = {"web": [str(PYTHON), "-m", "gunicorn", "-c", "python:okrkpi.web", "okrkpi.wsgi"]}
    if environ.get("REDIS_URL"):
        commands["worker"] = [*celery, "worker", "--without-gossip", "--without-mingle"]
        commands["beat"] = [*celery, "beat"]
    else:
        commands["jobs"] = [str(PYTHON), "-m", "okrkpi.jobs"]
    return [
        Child(name, command, ROOT, environ, delay=0 if name == "web" else JOBS_DELAY)
        for name, command in commands.items()
    ]


class Welcome:
    """Says once, as soon as the first page can be had, where okrkpi is."""

    def __init__(self, port: int, data: Path):
        self.port, self.data, self.said = port, data, False

    def __call__(self) -> None:
        if not self.said and self.answers():
            self.said = True
            people = self.data / "demo-people.txt"
            lines = people.read_text().splitlines() if people.exists() else []
            lines = [f"okrkpi runs at http://{HOST}:{self.port}/", *lines, f"Data: {self.data}"]
            print(*lines, "Ctrl-C stops it.", sep="\n", flush=True)

    def answers(self) -> bool:
        """True when the web process answers."""
        request = f"GET /healthz HTTP/1.0\r\nHost: {HOST}\r\n\r\n".encode()
        try:
            with socket.create_connection((HOST, self.port), timeout=2) as connection:
                connection.sendall(request)
                return b" 200 " in connection.recv(100)
        except OSError:
            return False
