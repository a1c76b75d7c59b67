"""All jobs in one process, for the embedded mode: worker threads and beat over an in-memory broker.

Nothing is kept in this process: what is due stands in the database, so it may be killed any time.
"""

import gc
import logging
import os
import threading
import warnings

from celery.beat import Service

from okrkpi.celery import app

log = logging.getLogger(__name__)


def beat_until_end() -> None:
    """Send ticks; a beat that ends takes the process along, and the supervisor starts both anew."""
    try:
        Service(app, scheduler_cls=app.conf.beat_scheduler).start()
    except Exception:
        log.exception("beat ended")
    finally:
        os._exit(1)


def main() -> None:
    """Run until told to stop."""
    warnings.filterwarnings("ignore", message="You're running the worker with superuser")
    app.finalize()
    worker = app.Worker(
        hostname=f"jobs@{os.getpid()}",
        quiet=True,
        loglevel="WARNING",
        without_gossip=True,
        without_mingle=True,
        without_heartbeat=True,
    )
    # As okrkpi/wsgi.py: what is loaded by now stays for good.
    gc.collect()
    gc.freeze()
    threading.Thread(target=beat_until_end, daemon=True, name="beat").start()
    worker.start()


if __name__ == "__main__":
    main()
