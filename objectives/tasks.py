"""Jobs of the objectives app."""

from celery import shared_task
from django.utils import timezone

from objectives.actions import ensure_cycles
from teams.models import Organisation


@shared_task
def advance_cycles() -> None:
    """Make the coming cycles and move their states on, every hour. Safe to rerun: guarded."""
    now = timezone.now()
    for organisation in Organisation.objects.all():
        ensure_cycles(organisation, now)
