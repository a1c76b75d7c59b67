"""Jobs of the reviews app."""

from celery import shared_task
from django.utils import timezone

from reviews.actions.opening import open_due_reviews
from teams.job_runs import for_each_organisation, recorded


@shared_task
def open_reviews() -> None:
    """Open the reviews of the cycles that are closing, every hour. Safe to rerun: once a team."""
    now = timezone.now()
    with recorded("open_reviews") as run:
        for_each_organisation(
            lambda organisation: run.count("reviews", open_due_reviews(organisation, now))
        )
