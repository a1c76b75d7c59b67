"""A real okrkpi, started by `run.py`, and a real Chromium in front of it."""

import atexit
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import urllib.request
from contextlib import ExitStack, contextmanager
from functools import cache
from pathlib import Path

import pytest
from playwright.sync_api import Page, sync_playwright

from tests.services import Postgres, Redis, chromium, free_port, postgres_folder, wait_until

ROOT = Path(__file__).resolve().parents[2]
AXE = ROOT / "tests" / "vendor" / "axe-core-4.14.1" / "axe.min.js"
LAUNCH = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
SETTINGS = "okrkpi.settings"
OWN = ("OKRKPI_", "DATABASE_URL", "REDIS_URL", "DJANGO_")
PAPER = 688  # px of A4 between its margins of 14 mm
LEFT = "htmx:afterRequest"  # what htmx logs beside htmx:sendAbort


class App:
    """A running okrkpi: its address, and the means to stop or kill it."""

    def __init__(self, process: subprocess.Popen, url: str, environ: dict):
        self.process, self.url, self.environ = process, url, environ
        self._shell: subprocess.Popen | None = None

    def run(self, code: str) -> str:
        """Run Python in the environment of this okrkpi; what it printed."""
        if self._shell is None:
            self._shell = subprocess.Popen(
                [sys.executable, "-m", "tests.browser.shell"],
                cwd=ROOT,
                env=self.environ | {"DJANGO_SETTINGS_MODULE": SETTINGS},
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
            )
        self._shell.stdin.write(json.dumps(code) + "\n")
        self._shell.stdin.flush()
        said = json.loads(self._shell.stdout.readline())
        assert not said["error"], said["error"]
        return said["printed"]

    def end_shell(self) -> None:
        if self._shell is not None:
            self._shell.communicate()

    def manage(self, *arguments: str, **environ: str) -> str:
        done = subprocess.run(
            [sys.executable, "manage.py", *arguments],
            cwd=ROOT,
            env=self.environ | environ,
            capture_output=True,
            text=True,
            timeout=120,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    def children(self) -> dict[str, int]:
        """The process ids of the supervised children, by a word of their command line."""
        out = subprocess.run(
            ["ps", "--ppid", str(self.process.pid), "-o", "pid=,args="],
            capture_output=True,
            text=True,
        ).stdout
        found = {}
        for line in out.splitlines():
            pid, command = line.strip().split(maxsplit=1)
            words = {"gunicorn": "web", "okrkpi.jobs": "jobs", "worker": "worker", "beat": "beat"}
            for word, name in words.items():
                if word in command:
                    found[name] = int(pid)
        return found


def answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url + "/accounts/login/", timeout=5) as response:
            return response.status == 200
    except OSError:
        return False


@cache
def static_root() -> str:
    """The collected static files: those of the test run, else made once for this process."""
    if made := os.environ.get("COLLECTED_STATIC"):
        return made
    folder = tempfile.mkdtemp(prefix="okrkpi-static-")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    subprocess.run(
        [sys.executable, "manage.py", "collectstatic", "-v0", "--no-input"],
        cwd=ROOT,
        env=os.environ | {"OKRKPI_STATIC_ROOT": folder, "DJANGO_SETTINGS_MODULE": SETTINGS},
        check=True,
    )
    return folder


@cache
def demo_data() -> str:
    """A data folder with the demo organisation: that of the test run, else made once."""
    if made := os.environ.get("MADE_DEMO"):
        return made
    folder = tempfile.mkdtemp(prefix="okrkpi-demo-")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    if template := os.environ.get("MIGRATED_SQLITE"):
        shutil.copy(template, Path(folder) / "db.sqlite3")
    own = {"OKRKPI_DATA": folder, "OKRKPI_STATIC_ROOT": static_root()}
    env = {k: v for k, v in os.environ.items() if not k.startswith(OWN)} | own
    command = [sys.executable, "-m", "okrkpi.prepare", "--demo"]
    subprocess.run(command, cwd=ROOT, env=env, check=True, stdout=subprocess.DEVNULL)
    return folder


@contextmanager
def running(folder: Path, *options: str, **environ: str):
    """okrkpi as `python3 run.py` starts it, on a free port with its data in `folder`."""
    port = free_port()
    env = {k: v for k, v in os.environ.items() if not k.startswith(OWN)}
    env |= {"OKRKPI_DATA": str(folder), "OKRKPI_STATIC_ROOT": static_root(), **environ}
    process = subprocess.Popen(
        [sys.executable, "run.py", "--port", str(port), "--data", str(folder), *options],
        cwd=ROOT,
        env=env,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    app = App(process, f"http://127.0.0.1:{port}", env)
    try:
        wait_until(lambda: answers(app.url) or process.poll() is not None, within=90)
        assert process.poll() is None, process.stdout.read()
        yield app
    finally:
        app.end_shell()
        process.send_signal(signal.SIGINT)
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        process.stdout.close()


@contextmanager
def installation(kind: str, folder: Path, *options: str, empty: bool = False):
    """`embedded`: SQLite and the in-memory broker. `services`: PostgreSQL and Redis.

    It begins with what lies in the folder, and on PostgreSQL with the tables that the test run has
    made, unless that is to be `empty`.
    """
    with ExitStack() as stack:
        environ = {}
        if kind == "services":
            if postgres_folder() is None:
                pytest.skip("PostgreSQL is not on this machine")
            server = stack.enter_context(Postgres())
            environ["DATABASE_URL"] = server.url() if empty else server.migrated_url("okrkpi")
            environ["REDIS_URL"] = stack.enter_context(Redis()).url
        yield stack.enter_context(running(folder, *options, **environ))


@pytest.fixture(scope="module")
def demo(tmp_path_factory):
    """okrkpi with the demo organisation, embedded; shared by the tests of a module."""
    folder = tmp_path_factory.mktemp("demo")
    shutil.copytree(demo_data(), folder, dirs_exist_ok=True)
    with installation("embedded", folder) as app:
        yield app


@pytest.fixture(scope="module")
def browser():
    """One headless Chromium for a module."""
    path = chromium()
    if path is None:
        pytest.skip("Chromium is not on this machine")
    with sync_playwright() as playwright:
        made = playwright.chromium.launch(executable_path=path, args=LAUNCH)
        yield made
        made.close()


@pytest.fixture
def open_page(browser):
    """A function that opens a fresh page; its console errors fail the test at the end."""
    opened: list[Page] = []
    complaints: list[str] = []

    def open_one(*, width: int = 1440, scheme: str = "light", javascript: bool = True) -> Page:
        context = browser.new_context(
            viewport={"width": width, "height": 1000},
            color_scheme=scheme,
            java_script_enabled=javascript,
            reduced_motion="reduce",
        )
        context.set_default_timeout(8_000)
        page = context.new_page()
        page.on("console", lambda message: note(message.type, message.text))
        page.on("pageerror", lambda error: complaints.append(str(error)))
        opened.append(page)
        return page

    def note(kind: str, text: str) -> None:
        # Not faults of a page: a 4xx answer that a test provokes, which Chromium logs itself, and
        # a request for hints that ends because the person went on to the next page.
        expected = ("the server responded with a status of 4", "htmx:sendAbort", LEFT)
        if kind == "error" and not any(words in text for words in expected):
            complaints.append(text)

    yield open_one
    for page in opened:
        page.context.close()
    assert complaints == []


def sign_in(page: Page, url: str, email: str, password: str) -> None:
    """Sign in by keyboard."""
    page.goto(url + "/accounts/login/")
    page.get_by_label("E-mail").fill(email)
    page.get_by_label("Password").fill(password)
    page.keyboard.press("Enter")
    page.wait_for_url(lambda now: "/accounts/login/" not in now)


# Both widths and both themes. A theme changes colours alone, so the second one at a width asks only
# about those.
COLOURS = {"runOnly": {"type": "rule", "values": ["color-contrast", "link-in-text-block"]}}
LOOKS = ((1440, "light", {}), (1440, "dark", COLOURS), (390, "dark", {}), (390, "light", COLOURS))


def axe(page: Page, **options) -> list[str]:
    """What axe finds against WCAG 2.0 to 2.2 A and AA and its best practices."""
    if not page.evaluate("() => 'axe' in window"):
        page.evaluate(AXE.read_text())
    found = page.evaluate(
        "(options) => axe.run(options)", {"resultTypes": ["violations"]} | options
    )
    return [
        f"{rule['id']}: {node['html'][:140]}"
        for rule in found["violations"]
        for node in rule["nodes"]
    ]


def sideways(page: Page) -> int:
    """By how many px the page scrolls sideways."""
    return page.evaluate(
        "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    )


def faults(page: Page) -> list[str]:
    """What axe finds on the open page at each of the LOOKS, and where it scrolls sideways.

    The page is looked at again without being loaded again, as when somebody turns the phone or the
    evening comes.
    """
    found = []
    for width, scheme, options in LOOKS:
        page.set_viewport_size({"width": width, "height": 1000})
        page.emulate_media(color_scheme=scheme)
        problems = axe(page, **options)
        if wider := sideways(page):
            problems.append(f"scrolls sideways by {wider} px")
        found += [f"{width} px, {scheme}: {problem}" for problem in problems]
    page.set_viewport_size({"width": 1440, "height": 1000})
    page.emulate_media(color_scheme="light")
    return found
