"""A page says the day and hour it was in the organisation, whatever UTC called it."""

from datetime import UTC, datetime

import pytest
from django.utils import timezone

from teams.models import InboxItem
from tests.factories import make_stuck_message

LATE = datetime(2026, 8, 18, 23, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("zone", "day"),
    [("Europe/Berlin", "19 Aug"), ("UTC", "18 Aug"), ("America/New_York", "18 Aug")],
)
def test_a_message_late_in_the_day_stands_under_the_local_day(client, bob, zone, day):
    bob.organisation.time_zone = zone
    bob.organisation.save()
    message = make_stuck_message(bob)
    InboxItem.objects.create(message=message, recipient=bob, subject="Churn", created_at=LATE)
    client.force_login(bob)
    assert f">{day}</time>" in client.get("/inbox/").content.decode()


def test_the_zone_of_one_request_is_not_that_of_the_next(client, bob):
    bob.organisation.time_zone = "Europe/Berlin"
    bob.organisation.save()
    client.force_login(bob)
    client.get("/inbox/")
    assert timezone.get_current_timezone_name() == "UTC"
