"""Memory and idle processor use of the whole embedded app, its second start, and its first load.

`python -m tests.benchmarks.bench_idle [seconds]` starts `run.py` on an empty data folder, lets it
settle, and adds up what the supervisor and everything below it use while nobody asks for anything.
"""

import contextlib
import gzip
import os
import re
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple
from urllib.request import Request, urlopen

from tests.services import free_port, wait_until

ROOT = Path(__file__).resolve().parents[2]
SETTLE_SECONDS = 20
NAMED = re.compile(r'(?:href|src|data-icons)="(/static/[^"#?]+)')


class Figure(NamedTuple):
    """One figure, and the most that performance.md 3 allows; None where it only informs."""

    name: str
    value: float
    must: float | None


def run(seconds: int = 60) -> list[Figure]:
    """Measure for so many seconds after the app has settled."""
    with tempfile.TemporaryDirectory(prefix="okrkpi-idle-") as data:
        with started(data) as (_, url):
            first_load = kilobytes(url + "/accounts/login/")
        begun = time.monotonic()
        with started(data) as (supervisor, _):
            second_start = time.monotonic() - begun
            time.sleep(SETTLE_SECONDS)
            pids = tree(supervisor)
            before = cpu_seconds(pids)
            time.sleep(seconds)
            used = cpu_seconds(pids) - before
            rss, pss = (sum(memory_mb(pid, kind) for pid in pids) for kind in ("Rss", "Pss"))
    return [
        Figure("idle: memory of all processes, MB (RSS)", rss, 320),
        Figure("idle: the same, shared pages counted once, MB (PSS)", pss, None),
        Figure("idle: one processor, %", 100 * used / seconds, 1),
        Figure("first load of a page without a chart, KB as it travels", first_load, 100),
        Figure("second start until a page answers, s", second_start, 3),
    ]


@contextlib.contextmanager
def started(data: str) -> Iterator[tuple[int, str]]:
    """The whole app on a free port: the supervisor's process id and the address it answers at."""
    port = free_port()
    environ = {k: v for k, v in os.environ.items() if not k.startswith(("OKRKPI_", "DJANGO_"))}
    for name in ("DATABASE_URL", "REDIS_URL"):
        environ.pop(name, None)
    process = subprocess.Popen(
        [sys.executable, "run.py", "--no-demo", "--port", str(port), "--data", data],
        cwd=ROOT,
        env=environ,
        stdout=subprocess.DEVNULL,
    )
    try:
        wait_until(lambda: answers(port), within=300, every=0.05)
        yield process.pid, f"http://127.0.0.1:{port}"
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(30)


def answers(port: int) -> bool:
    try:
        with urlopen(f"http://127.0.0.1:{port}/accounts/login/", timeout=5) as page:
            return page.status == 200
    except OSError:
        return False


def kilobytes(address: str) -> float:
    """What a browser fetches for a page and all that it names, compressed as the app sends it."""
    site = address.split("/accounts")[0]
    page = sent(address)
    names = dict.fromkeys(NAMED.findall(gzip.decompress(page).decode()))
    return sum(map(len, [page, *(sent(site + name) for name in names)])) / 1000


def sent(address: str) -> bytes:
    """The body as it travels; the page itself is not compressed by the app but by its proxy."""
    with urlopen(Request(address, headers={"Accept-Encoding": "gzip"}), timeout=10) as answer:
        body = answer.read()
        is_page = answer.headers.get_content_type() == "text/html"
        is_plain = answer.headers.get("Content-Encoding") != "gzip"
    return gzip.compress(body) if is_page and is_plain else body


def tree(pid: int) -> list[int]:
    """The process and all below it."""
    below = [pid]
    for children in Path(f"/proc/{pid}/task").glob("*/children"):
        for child in children.read_text().split():
            below += tree(int(child))
    return below


def cpu_seconds(pids: list[int]) -> float:
    """Processor time used so far, in seconds, user and system."""
    ticks = 0
    for pid in pids:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        ticks += int(fields[11]) + int(fields[12])
    return ticks / os.sysconf("SC_CLK_TCK")


def memory_mb(pid: int, kind: str) -> float:
    """Resident memory in MB: "Rss" counts shared pages in full, "Pss" in part."""
    for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
        if line.startswith(f"{kind}:"):
            return int(line.split()[1]) / 1024
    raise LookupError(kind)


def main(arguments: list[str]) -> None:
    for figure in run(int(arguments[0]) if arguments else 60):
        must = "" if figure.must is None else f"  must be at most {figure.must:g}"
        print(f"{figure.name}: {figure.value:.1f}{must}")


if __name__ == "__main__":
    main(sys.argv[1:])
