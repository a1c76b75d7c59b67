"""The lock files: fresh, with a hash for everything, and enough for Python 3.11 to 3.14."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent
EXPORTS = {
    "requirements.lock": ["--no-default-groups"],
    "tests/requirements.lock": [],
}


def packages(lock: str) -> dict[str, str]:
    """Each requirement of the file with the lines that belong to it."""
    text = (ROOT / lock).read_text()
    entries = re.split(r"\n(?=[a-z0-9])", text)
    return {entry.split("==")[0]: entry for entry in entries if "==" in entry.split("\n")[0]}


@pytest.mark.parametrize("lock", EXPORTS)
def test_every_package_has_a_hash(lock):
    found = packages(lock)
    assert len(found) > 20
    assert [name for name, entry in found.items() if "--hash=sha256:" not in entry] == []


def test_the_test_lock_holds_what_the_runtime_lock_holds():
    runtime, tests = packages("requirements.lock"), packages("tests/requirements.lock")
    pins = {name: entry.split()[0] for name, entry in tests.items()}
    assert {n: e.split()[0] for n, e in runtime.items()} == {n: pins[n] for n in runtime}


def test_nothing_of_the_test_group_is_installed_to_run():
    assert not {"pytest", "plotly", "ruff", "playwright"} & set(packages("requirements.lock"))


def uv_runs() -> bool:
    uv = shutil.which("uv")
    return bool(uv) and subprocess.run([uv, "--version"], capture_output=True).returncode == 0


@pytest.mark.skipif(not uv_runs(), reason="uv is not on this machine")
@pytest.mark.parametrize("lock", EXPORTS)
def test_the_lock_is_what_uv_exports(lock, tmp_path):
    for name in ("pyproject.toml", "uv.lock"):
        shutil.copy(ROOT / name, tmp_path)
    command = ["uv", "export", "--quiet", "--locked", "--offline", *EXPORTS[lock], "-o", "new.lock"]
    subprocess.run(command, cwd=tmp_path, check=True)

    new = (tmp_path / "new.lock").read_text().splitlines()
    old = (ROOT / lock).read_text().splitlines()
    assert [line for line in new if line[:1] != "#"] == [line for line in old if line[:1] != "#"]
