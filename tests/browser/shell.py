"""Runs code beside a running okrkpi: `python -m tests.browser.shell`, for as long as it is asked.

Each line of its input is a JSON string of code; each line it answers is what that printed and what
went wrong. One process for all that a test file prepares, since starting one takes a second.
"""

import contextlib
import io
import json
import sys
import traceback

import django
from django.db import connections


def answer(code: str) -> dict[str, str]:
    """What the code prints, and the traceback where it fails; no connection stays open."""
    printed, error = io.StringIO(), ""
    try:
        with contextlib.redirect_stdout(printed):
            exec(code, {"__name__": "shell"})
    except Exception:
        error = traceback.format_exc()
    finally:
        connections.close_all()
    return {"printed": printed.getvalue(), "error": error}


if __name__ == "__main__":
    django.setup()
    clock = sys.modules.get("sitecustomize")  # tests/browser/clock, where the okrkpi has one
    for line in sys.stdin:
        if hasattr(clock, "catch_up"):
            clock.catch_up()
        print(json.dumps(answer(json.loads(line))), flush=True)
