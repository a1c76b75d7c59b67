#!/usr/bin/env python3
"""`python3 run.py` starts okrkpi; `python3 run.py test` tests it; `python3 run.py bench` times it.

This file is read by any Python, however old, so that it can say which one it needs.
"""

import sys

if sys.version_info < (3, 11):  # noqa: UP036
    sys.exit(
        "okrkpi needs Python 3.11 or newer; this is %d.%d (%s)."  # noqa: UP031
        % (sys.version_info[0], sys.version_info[1], sys.executable)
    )

from okrkpi.launch.main import main

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
