"""`python3 run.py` as a person meets it: real processes, real signals, one clear line a refusal."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from urllib.request import urlopen

import pytest

from tests.project.processes import ROOT, alive, descendants, place
from tests.services import free_port, listens, wait_until

pytestmark = pytest.mark.services
REQUIRED = os.environ.get("OKRKPI_REQUIRE") == "all"


def command_of(pid: int) -> str:
    return Path(f"/proc/{pid}/cmdline").read_text().replace("\0", " ")


def answers(port: int) -> bool:
    try:
        with urlopen(f"http://127.0.0.1:{port}/accounts/login/", timeout=5) as page:
            return page.status == 200
    except OSError:
        return False


class Running:
    """okrkpi started by run.py on a free port, with its data in `made.folder`."""

    def __init__(self, made, *options: str, **environ: str):
        self.port = free_port()
        self.process = made.start(
            "run.py", "--port", str(self.port), "--data", str(made.folder), *options, **environ
        )
        wait_until(lambda: answers(self.port) or self.process.poll() is not None, within=120)
        assert answers(self.port), self.process.stdout.read()

    def child(self, text: str) -> int | None:
        """The supervisor's own child whose command line contains `text`."""
        for path in Path(f"/proc/{self.process.pid}/task").glob("*/children"):
            for pid in map(int, path.read_text().split()):
                if text in command_of(pid):
                    return pid
        return None

    def both(self) -> bool:
        return bool(self.child("gunicorn") and self.child("okrkpi.jobs"))


@pytest.fixture(scope="module")
def home():
    """A data folder whose first start is over."""
    with place() as made:
        made.environ.pop("DJANGO_SETTINGS_MODULE")
        first = Running(made, "--no-demo")
        first.process.send_signal(signal.SIGTERM)
        assert first.process.wait(20) == 0
        yield made


@pytest.fixture
def start(home):
    """Starts okrkpi on the data of `home`; whatever still runs ends with the test."""
    yield lambda: Running(home, "--no-demo")
    home.end()


def refusal(*options: str, python: str = sys.executable, **environ) -> str:
    """The one line run.py prints when it refuses to start."""
    environ = {k: v for k, v in os.environ.items() if not k.startswith("OKRKPI_")} | environ
    done = subprocess.run(
        [python, "run.py", *options], cwd=ROOT, env=environ, capture_output=True, text=True
    )
    assert done.returncode == 1
    (line,) = (done.stdout + done.stderr).splitlines()
    return line


def test_the_second_start_answers_within_three_seconds(start):
    begun = time.monotonic()
    start()
    took = time.monotonic() - begun

    # Other tests share the two cores with this one; alone it takes about two seconds.
    assert took < (3 if os.cpu_count() > 2 else 6)


def test_it_says_where_it_runs_and_where_the_data_lie(start, home):
    started = start()
    lines = [started.process.stdout.readline().strip() for _ in range(3)]

    assert lines[0] == f"okrkpi runs at http://127.0.0.1:{started.port}/"
    assert lines[1] == f"Data: {home.folder}"
    assert "Ctrl-C" in lines[2]


def test_kill_9_of_the_supervisor_leaves_no_orphan(start):
    started = start()
    wait_until(started.both, within=20)
    below = descendants(started.process.pid)
    assert len(below) >= 3

    started.process.kill()

    wait_until(lambda: not alive(below), within=5)
    assert not listens(started.port)


def test_ctrl_c_stops_everything(start):
    started = start()
    wait_until(started.both, within=20)
    below = descendants(started.process.pid)

    started.process.send_signal(signal.SIGINT)

    assert started.process.wait(20) == 0
    assert not alive(below)


@pytest.mark.parametrize("text", ["gunicorn", "okrkpi.jobs"])
def test_a_process_that_dies_is_started_again(start, text):
    started = start()
    wait_until(started.both, within=20)
    old = started.child(text)
    below = descendants(old)

    os.kill(old, signal.SIGKILL)

    wait_until(lambda: started.child(text) not in (None, old), within=10)
    assert not alive(below)
    wait_until(lambda: answers(started.port), within=10)


def test_a_process_that_polls_its_parent_ends_with_it(tmp_path):
    """What serves where Linux's parent-death signal does not exist."""
    child = (
        "from okrkpi.launch.parent import poll_parent; poll_parent(); import time; time.sleep(60)"
    )
    parent = (
        "import os, subprocess, sys\n"
        "os.environ['OKRKPI_POLL_PARENT'] = str(os.getpid())\n"
        f"child = subprocess.Popen([sys.executable, '-c', {child!r}])\n"
        "print(child.pid, flush=True)\n"
        "import time; time.sleep(60)\n"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", parent], cwd=ROOT, stdout=subprocess.PIPE, text=True
    )
    with process:
        orphan = {int(process.stdout.readline())}
        time.sleep(1)
        assert alive(orphan)
        process.kill()
    wait_until(lambda: not alive(orphan), within=5)


def test_a_busy_port_is_one_clear_line(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        line = refusal("--port", str(port), "--data", str(tmp_path))

    assert line.startswith(f"Port {port} is in use. Choose another")


def test_a_second_start_with_the_same_data_is_one_clear_line(start, home):
    start()
    line = refusal("--port", str(free_port()), "--data", str(home.folder))

    assert line.startswith(f"okrkpi already runs with the data in {home.folder}")


def test_a_data_folder_that_cannot_be_made_is_one_clear_line(tmp_path):
    (tmp_path / "file").touch()
    line = refusal("--port", str(free_port()), "--data", str(tmp_path / "file" / "var"))

    assert line.startswith("The data folder cannot be made: Not a directory")


def copied(folder: Path, mode: int = 0o755) -> Path:
    """What run.py needs before there is an environment, in a folder of its own."""
    shutil.copytree(ROOT / "okrkpi", folder / "okrkpi")
    for name in ("run.py", "requirements.lock"):
        shutil.copy(ROOT / name, folder)
    folder.chmod(mode)
    return folder


def run_copy(folder: Path, python: str = sys.executable, **options):
    return subprocess.run(
        [python, "run.py", "--port", str(free_port())],
        cwd=folder,
        env={"PATH": "/usr/bin:/bin", "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        **options,
    )


def python_for(user: str) -> str | None:
    """A Python, new enough, that this user may run."""
    check = "import sys; sys.exit(sys.version_info < (3, 11))"
    for python in (sys.executable, "/usr/bin/python3", "/usr/local/bin/python3"):
        try:
            if not subprocess.run([python, "-c", check], cwd="/", user=user).returncode:
                return python
        except OSError:
            continue
    return None


def test_a_read_only_folder_is_one_clear_line(tmp_path):
    options = {}
    if os.getuid() == 0:  # root may write anywhere, so somebody else starts it
        options = {"user": "nobody", "python": python_for("nobody")}
        if options["python"] is None:
            pytest.skip("no other user may run a Python here")
    folder = copied(tmp_path / "clone", 0o555)
    for parent in folder.parents[:-2]:
        parent.chmod(0o755)
    done = run_copy(folder, **options)

    assert done.returncode == 1
    (line,) = done.stderr.splitlines()
    assert line == f"The data folder cannot be made: Permission denied: {folder / 'var'}"


def test_a_missing_venv_module_is_one_clear_line(tmp_path):
    folder = copied(tmp_path / "clone")
    (folder / "ensurepip.py").write_text("raise ImportError")
    done = run_copy(folder)

    assert done.returncode == 1
    assert done.stderr.splitlines() == [
        "This Python lacks the venv module. On Debian or Ubuntu: apt-get install python3-venv"
    ]


def old_pythons() -> list[str]:
    """Interpreters older than 3.11 on this machine."""
    pyenv = Path(os.environ.get("PYENV_ROOT", "/root/.pyenv")) / "versions"
    places = [*pyenv.glob("2.*/bin/python"), *pyenv.glob("3.[0-9].*/bin/python")]
    places += [*pyenv.glob("3.10.*/bin/python")]
    names = ["python2.7", "python3.6", "python3.7", "python3.8", "python3.9", "python3.10"]
    on_path = [path for path in map(shutil.which, names) if path and "shims" not in path]
    return [*map(str, places), *on_path]


@pytest.mark.parametrize("python", old_pythons() or [None])
def test_a_python_too_old_is_one_clear_line(python):
    if python is None:
        pytest.skip("no Python older than 3.11 on this machine")
    assert refusal(python=python).startswith("okrkpi needs Python 3.11 or newer; this is ")


@pytest.mark.skipif(not REQUIRED, reason="makes an environment from the registry; CI does")
def test_a_fresh_clone_starts_with_python_and_pip_alone(tmp_path):
    clone = tmp_path / "clone"
    files = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout.split("\0")
    for name in filter(None, files):
        (clone / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, clone / name)
    python = Path(sys.executable).resolve()
    environ = {k: v for k, v in os.environ.items() if not k.startswith(("OKRKPI_", "VIRTUAL"))}
    port = free_port()
    process = subprocess.Popen(
        [python, "run.py", "--port", str(port)],
        cwd=clone,
        env=environ | {"PATH": "/usr/bin:/bin"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    with process:
        try:
            wait_until(lambda: answers(port) or process.poll() is not None, within=300)
            assert answers(port)
        finally:
            process.terminate()
        said = process.communicate(timeout=30)[0]
    assert "alice@" in said
    assert f"Data: {clone / 'var'}" in said
