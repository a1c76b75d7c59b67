"""Named points at which a test kills the process, to show that nothing depends on luck.

A no-op in production: only `OKRKPI_FAULT` in the environment arms one point of one process.
"""

import os
import signal
from pathlib import Path

_passes: dict[str, int] = {}


def fault(name: str) -> None:
    """Kill this process with SIGKILL when the environment names this point.

    `OKRKPI_FAULT` is "name", "name:n" for the n-th pass (from 1), or "name:n:group" to take the
    whole process group along. `OKRKPI_FAULT_MARK` names a file made just before the kill; while it
    exists nothing is killed, so a restarted process gets past the point.
    """
    armed = os.environ.get("OKRKPI_FAULT")
    if not armed:
        return
    point, _, rest = armed.partition(":")
    if point != name:
        return
    nth, _, whole = rest.partition(":")
    _passes[name] = _passes.get(name, 0) + 1
    if _passes[name] >= int(nth or 1) and _first_time():
        (os.killpg if whole else os.kill)(0 if whole else os.getpid(), signal.SIGKILL)


def _first_time() -> bool:
    """True unless the mark shows that the kill was done; makes the mark."""
    mark = os.environ.get("OKRKPI_FAULT_MARK")
    if not mark:
        return True
    try:
        Path(mark).touch(exist_ok=False)
    except FileExistsError:
        return False
    return True
