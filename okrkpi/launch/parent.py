"""No process outlives the supervisor that started it."""

import ctypes
import os
import signal
import sys
import threading
import time

PR_SET_PDEATHSIG = 1
POLL_SECONDS = 1.0


def tie_to_parent(parent: int) -> None:
    """Have Linux kill this process when its parent ends; called between fork and exec."""
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, int(signal.SIGKILL))
        if os.getppid() != parent:
            os._exit(1)


def poll_parent() -> None:
    """Where the kernel does not do it: end once the process OKRKPI_POLL_PARENT is not our parent.

    Does nothing unless that variable names our parent, so children of ours are not concerned.
    """
    parent = int(os.environ.get("OKRKPI_POLL_PARENT", "0"))
    if parent and os.getppid() == parent:
        threading.Thread(target=_watch, args=(parent,), daemon=True, name="parent").start()


def _watch(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(POLL_SECONDS)
    os.kill(os.getpid(), signal.SIGKILL)
