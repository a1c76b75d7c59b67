"""The virtual environment: made once from the lock file, with hashes checked."""

import hashlib
import importlib.util
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
STAMP = VENV / "okrkpi-locks.json"


class Refused(Exception):
    """Something the person at the keyboard must change; its text is the one line they read."""


def make_environment(lock: str) -> None:
    """See that `.venv` holds what `lock` names; costs nothing when it was so the last time."""
    digest = hashlib.sha256((ROOT / lock).read_bytes()).hexdigest()
    stamps = _stamps()
    if stamps.get(lock) == digest:
        return
    print(f"Installing what {lock} names into .venv, once …", flush=True)
    uv = _uv()
    if not _usable():
        _make_venv(uv)
    _install(uv, lock)
    STAMP.write_text(json.dumps(stamps | {lock: digest}))


def _stamps() -> dict[str, str]:
    """Which lock files the environment was made from; empty when it is missing or broken."""
    try:
        stamps = json.loads(STAMP.read_text())
    except (OSError, ValueError):
        return {}
    return stamps if PYTHON.exists() else {}


def _usable() -> bool:
    """True when `.venv` has a Python that starts and is new enough."""
    if not PYTHON.exists():
        return False
    check = "import sys; sys.exit(sys.version_info < (3, 11))"
    return subprocess.run([PYTHON, "-c", check], capture_output=True).returncode == 0


def _uv() -> str | None:
    """The path of a uv that runs, else None."""
    uv = shutil.which("uv")
    if uv and subprocess.run([uv, "--version"], capture_output=True).returncode == 0:
        return uv
    return None


def _make_venv(uv: str | None) -> None:
    shutil.rmtree(VENV, ignore_errors=True)
    if uv:
        _run([uv, "venv", "--quiet", "--python", sys.executable, str(VENV)])
        return
    if not all(map(_importable, ("venv", "ensurepip"))):
        raise Refused(
            "This Python lacks the venv module. On Debian or Ubuntu: apt-get install python3-venv"
        )
    _run([sys.executable, "-m", "venv", str(VENV)])


def _importable(name: str) -> bool:
    """True when the module is there; Debian keeps `venv` and leaves out `ensurepip`."""
    try:
        return importlib.util.find_spec(name) is not None and bool(__import__(name))
    except ImportError:
        return False


def _install(uv: str | None, lock: str) -> None:
    wanted = ["--require-hashes", "-r", str(ROOT / lock)]
    if uv:
        _run([uv, "pip", "install", "--quiet", "--python", str(PYTHON), *wanted])
        return
    if subprocess.run([PYTHON, "-m", "pip", "--version"], capture_output=True).returncode:
        _run([str(PYTHON), "-m", "ensurepip", "--default-pip"])
    options = ["--quiet", "--no-input", "--disable-pip-version-check"]
    _run([str(PYTHON), "-m", "pip", "install", *options, *wanted])


def _run(command: list[str]) -> None:
    """Run one step; when it fails, its last line is the reason that is shown."""
    environ = os.environ | {"UV_PYTHON_DOWNLOADS": "never"}
    done = subprocess.run(command, capture_output=True, text=True, env=environ)
    if done.returncode:
        lines = (done.stderr or done.stdout).strip().splitlines() or ["no reason given"]
        raise Refused(f"The environment could not be made: {lines[-1].strip()}")
