"""The one clock of the jobs: it says "look now" every few seconds, and keeps nothing."""

from celery.beat import Scheduler


class Ticker(Scheduler):
    """Sends the ticks of those tasks that exist, and holds them back while nobody takes them.

    Workers that are away for a day thus find a handful of messages, not a day's worth.
    """

    waiting_limit = 50

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

    def apply_async(self, entry, producer=None, advance=True, **kwargs):
        """Send one tick, unless more than `waiting_limit` messages wait already."""
        if producer is not None and self._waiting(producer) > self.waiting_limit:
            return self.reserve(entry) if advance else None
        return super().apply_async(entry, producer=producer, advance=advance, **kwargs)

    def _waiting(self, producer) -> int:
        """How many messages wait for a worker; 0 for a queue that does not exist yet."""
        channel = producer.connection.default_channel
        return channel._size(self.app.conf.task_default_queue)
