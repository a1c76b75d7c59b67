"""Jobs of the objectives app."""

from celery import shared_task
from django.utils import timezone

from objectives.actions.cycles import ensured_cycles
from objectives.reminders import remind as remind_people
from teams.job_runs import for_each_organisation, recorded


@shared_task
def advance_cycles() -> None:
    """Make the coming cycles and move their states on, every hour. Safe to rerun: guarded."""
    now = timezone.now()
    with recorded("advance_cycles") as run:
        for_each_organisation(
            lambda organisation: run.count("cycles", len(ensured_cycles(organisation, now)))
        )


@shared_task
def remind() -> None:
    """Remind people of what is due at their hour, often. Safe to rerun: once a person and day."""
    now = timezone.now()
    with recorded("remind") as run:
        for_each_organisation(
            lambda organisation: run.counts.update(remind_people(organisation, now)._asdict())
        )
