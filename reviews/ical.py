"""A calendar as text (RFC 5545) of entries. Pure; the same entries of one day are the same text."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta

from reviews.calendar_entries import Entry

DAY, QUARTER_HOUR = timedelta(days=1), timedelta(minutes=15)


def calendar_text(name: str, entries: Iterable[Entry], today: date, site: str) -> bytes:
    """The calendar; `site` is the address links begin with, without a slash at its end.

    Moments are given in UTC, so no change of clock and no list of zones stands between them and
    the reader; days are days, whatever the zone.
    """
    from icalendar import Calendar, Event

    calendar = Calendar()
    calendar.add("prodid", "-//okrkpi//calendar//EN")
    calendar.add("version", "2.0")
    calendar.add("x-wr-calname", name)
    calendar.add("refresh-interval", timedelta(hours=1), {"value": "DURATION"})
    calendar.add("x-published-ttl", "PT1H")
    domain = site.partition("//")[2] or "okrkpi"
    stamp = datetime.combine(today, time(0), UTC)
    for one in entries:
        event = Event()
        event.add("uid", f"{one.uid}@{domain}")
        event.add("dtstamp", stamp)
        event.add("dtstart", one.on)
        event.add("dtend", one.on + (QUARTER_HOUR if isinstance(one.on, datetime) else DAY))
        event.add("summary", _clean(one.summary))
        if one.lines:
            event.add("description", "\n".join(map(_clean, one.lines)))
        event.add("url", f"{site}{one.link}")
        event.add("transp", "TRANSPARENT")
        calendar.add_component(event)
    return calendar.to_ical()


def _clean(text: str) -> str:
    """What people typed on one line, without characters that no calendar may hold."""
    return "".join(sign if sign.isprintable() else " " for sign in text).strip()


def etag_of(text: bytes) -> str:
    """What a reader names the calendar it has by."""
    return f'"{hashlib.sha256(text).hexdigest()[:32]}"'
