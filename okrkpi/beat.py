"""The one clock of the jobs: it says "look now" every few seconds, and keeps nothing."""

import time

from celery.beat import Scheduler
from django.conf import settings


class Ticker(Scheduler):
    """Sends the ticks of those tasks that exist, and holds them back while nobody takes them.

    All ticks leave together and the clock sleeps until the next. Celery's own scheduler wakes for
    each and spins for the last ten milliseconds before it, which was most of what an app at rest
    used. Workers that are away for a day find a handful of messages, not a day's worth.
    """

    waiting_limit = 50
    next_at = 0.0

    def setup_schedule(self) -> None:
        """Take the schedule from the settings, without tasks an app does not have."""
        self.app.loader.import_default_modules()
        self.merge_inplace(
            {
                name: entry
                for name, entry in self.app.conf.beat_schedule.items()
                if entry["task"] in self.app.tasks
            }
        )

    def tick(self) -> float:
        """Send every tick when it is time; returns the seconds to sleep, by the steady clock."""
        now = time.monotonic()
        if now >= self.next_at:
            for entry in self.schedule.values():
                self.apply_entry(entry, producer=self.producer)
            self.next_at = now + settings.TICK_SECONDS
        return min(max(self.next_at - time.monotonic(), 0.01), self.max_interval)

    def apply_async(self, entry, producer=None, advance=True, **kwargs):
        """Send one tick, unless more than `waiting_limit` messages wait already."""
        if producer is not None and self._waiting(producer) > self.waiting_limit:
            return None
        return super().apply_async(entry, producer=producer, advance=advance, **kwargs)

    def _waiting(self, producer) -> int:
        """How many messages wait for a worker; 0 for a queue that does not exist yet."""
        channel = producer.connection.default_channel
        return channel._size(self.app.conf.task_default_queue)

    def close(self) -> None:
        """Release nothing; the end of the process closes the connection.

        Celery calls this inside its handler of SIGTERM. There, to release a connection that is just
        being published on may wait for what was interrupted, and so for ever.
        """
