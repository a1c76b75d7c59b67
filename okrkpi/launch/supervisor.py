"""Keeps the processes of okrkpi running, and ends them with itself."""

import contextlib
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

from okrkpi.launch.parent import tie_to_parent

FIRST_PAUSE = 0.2
LONGEST_PAUSE = 10.0
SETTLED_AFTER = 20.0
STOP_WITHIN = 12.0


class Child:
    """One process that should run, with the pause before it is started again."""

    def __init__(
        self, name: str, command: list, folder: Path, environ: dict[str, str], delay: float = 0.0
    ):
        self.name, self.command, self.folder, self.environ = name, command, folder, environ
        self.process: subprocess.Popen | None = None
        self.started_at = 0.0
        self.pause = FIRST_PAUSE
        self.start_at = time.monotonic() + delay

    def start(self) -> None:
        """Start it as leader of its own process group, tied to this process."""
        parent = os.getpid()
        environ = self.environ
        if sys.platform != "linux":
            environ = environ | {"OKRKPI_POLL_PARENT": str(parent)}
        self.process = subprocess.Popen(
            self.command,
            cwd=self.folder,
            env=environ,
            stdin=subprocess.DEVNULL,
            start_new_session=True,
            preexec_fn=lambda: tie_to_parent(parent),
        )
        self.started_at = time.monotonic()

    def signal(self, number: int) -> None:
        """Send a signal to the process and all it started."""
        if self.process:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.process.pid, number)

    def look_after(self, now: float) -> None:
        """Start it when it is due; when it died, end what it left and set the time to start it."""
        if self.process is None:
            if now >= self.start_at:
                self.start()
        elif self.process.poll() is not None:
            self.signal(signal.SIGKILL)
            if now - self.started_at > SETTLED_AFTER:
                self.pause = FIRST_PAUSE
            print(
                f"{self.name} ended with {self.process.returncode}; "
                f"started again in {self.pause:.1f} s",
                file=sys.stderr,
                flush=True,
            )
            self.process, self.start_at = None, now + self.pause
            self.pause = min(self.pause * 2, LONGEST_PAUSE)


class Supervisor:
    """Starts the children and looks after them until a signal asks it to stop."""

    def __init__(self, children: list[Child]):
        self.children = children
        self.stopping = False

    def run(self, on_tick) -> None:
        """Run until SIGINT, SIGTERM or SIGHUP; `on_tick()` is called several times a second."""
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self._stop)
        try:
            while not self.stopping:
                for child in self.children:
                    child.look_after(time.monotonic())
                on_tick()
                time.sleep(0.2)
        finally:
            self._end()

    def _stop(self, *_) -> None:
        self.stopping = True

    def _end(self) -> None:
        """Ask all to finish what they do; kill what is left after `STOP_WITHIN` seconds."""
        running = [child for child in self.children if child.process]
        for child in running:
            child.process.terminate()
        stop_at = time.monotonic() + STOP_WITHIN
        for child in running:
            with contextlib.suppress(subprocess.TimeoutExpired):
                child.process.wait(max(0.1, stop_at - time.monotonic()))
            child.signal(signal.SIGKILL)
            child.process.wait()
