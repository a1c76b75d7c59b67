"""At which moment of today a person wants to be reminded of something."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from teams.digest_times import moment_of
from teams.models import Organisation, User
from teams.models_messages import DEFAULT_HOUR

DAY = timedelta(days=1)


class Reminded(NamedTuple):
    """A person, their day, and the moment their hour begins on it; `kinds` is what they chose."""

    user_id: int
    day: date
    at: datetime
    kinds: dict[str, str]


def reminded_about_now(
    organisation: Organisation, now: datetime, *, lead: timedelta
) -> list[Reminded]:
    """Every active person whose hour of their day has come, or comes within `lead`. One query."""
    rows = User.objects.filter(organisation=organisation, is_active=True).order_by("pk")
    chosen = rows.values_list(
        "pk", "message_settings__hour", "message_settings__time_zone", "message_settings__kinds"
    )
    found = []
    for pk, hour, name, kinds in chosen:
        near = _day_and_moment(hour, name or organisation.time_zone, now, lead)
        if near is not None:
            found.append(Reminded(pk, *near, kinds or {}))
    return found


def _day_and_moment(
    hour: int | None, zone_name: str, now: datetime, lead: timedelta
) -> tuple[date, datetime] | None:
    """The last day whose hour is here or near; None: today's is still to come."""
    zone = ZoneInfo(zone_name)
    today = now.astimezone(zone).date()
    for day in (today + DAY, today):
        at = moment_of(day, DEFAULT_HOUR if hour is None else hour, zone)
        if at - lead <= now:
            return day, at
    return None


def their_moment(
    organisation: Organisation, user_ids: Collection[int], now: datetime
) -> dict[int, datetime]:
    """When to tell each person something today: at their hour, or now if it is past. One query."""
    rows = User.objects.filter(pk__in=user_ids).values_list(
        "pk", "message_settings__hour", "message_settings__time_zone"
    )
    found = {}
    for pk, hour, name in rows:
        zone = ZoneInfo(name or organisation.time_zone)
        today = now.astimezone(zone).date()
        found[pk] = max(now, moment_of(today, DEFAULT_HOUR if hour is None else hour, zone))
    return found
