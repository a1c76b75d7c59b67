"""Days on which nobody is reminded: weekends, a country's public holidays, own days.

The calendars come from the `holidays` package, which is loaded at the first country that is asked
for: it costs 25 MB, and most processes never need it.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from datetime import date, timedelta
from functools import lru_cache

LONGEST_STRETCH = 31  # days in a row that a search for a working day goes back at most


@lru_cache(maxsize=1)
def countries() -> list[tuple[str, str]]:
    """The countries whose holidays are known, as (code, name), by name."""
    from holidays.registry import COUNTRIES

    named = [(code, _spaced(name)) for name, code, *_ in COUNTRIES.values()]
    return sorted(named, key=lambda one: one[1])


def _spaced(name: str) -> str:
    """`UnitedStates` as people write it."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name)


@lru_cache(maxsize=16)
def _calendar(country: str):
    from holidays import country_holidays

    return country_holidays(country)


def is_day_off(day: date, country: str, own: Collection[date]) -> bool:
    """Is it a weekend or a holiday of the country ("" for none), or one of the own days?

    Saturday and Sunday, or the country's own weekend.
    """
    if day in own:
        return True
    return not _calendar(country).is_working_day(day) if country else day.isoweekday() > 5


def reason_off(day: date, country: str, own: Collection[date]) -> str:
    """Why nobody is reminded that day: the name of a holiday, `an own day off`, or the weekday."""
    if day in own:
        return "an own day off"
    name = _calendar(country).get(day) if country else None
    return name or f"{day:%A}"


def working_day_before(day: date, country: str, own: Collection[date]) -> date:
    """That day if it is a working one, else the last before it; the day itself after a month."""
    for back in range(LONGEST_STRETCH):
        found = day - timedelta(days=back)
        if not is_day_off(found, country, own):
            return found
    return day
