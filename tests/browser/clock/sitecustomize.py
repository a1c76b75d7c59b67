"""Read at the start of each Python on this path: the clock says what a test wrote in a file.

The file of `TEST_CLOCK` holds a moment in ISO format. Every process of okrkpi starts at it, and one
that runs follows within a twentieth of a second when a later one is written.
"""

import os
import threading
import time
from datetime import datetime
from pathlib import Path

import time_machine

FILE = Path(os.environ["TEST_CLOCK"])
said = FILE.read_text()
clock = time_machine.travel(datetime.fromisoformat(said), tick=True).start()


def catch_up() -> None:
    """Move the clock of this process if the file says something else."""
    global said
    now = FILE.read_text()
    if now and now != said:
        clock.move_to(datetime.fromisoformat(now))
        said = now


def follow() -> None:
    while True:
        time.sleep(0.05)
        catch_up()


def begin() -> None:
    """Follow in a thread of its own: those of a parent do not live on in what it forks."""
    threading.Thread(target=follow, daemon=True).start()


begin()
os.register_at_fork(after_in_child=begin)
