"""Jobs of the reviews app."""

from celery import shared_task
from django.utils import timezone

from reviews.actions.opening import open_due_reviews
from teams.models import Organisation


@shared_task
def open_reviews() -> None:
    """Open the reviews of the cycles that are closing, every hour. Safe to rerun: once a team."""
    now = timezone.now()
    for organisation in Organisation.objects.all():
        open_due_reviews(organisation, now)
