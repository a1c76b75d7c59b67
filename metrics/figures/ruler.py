"""The ruler under the top bar: every day of the cycle, and today."""

from datetime import date, timedelta
from functools import lru_cache
from typing import NamedTuple

from django.utils.html import format_html
from django.utils.safestring import SafeString

from metrics.figures.fragments import numbers_only, pixel
from metrics.wording import day_week, month_short


class Ruler(NamedTuple):
    """What `templates/_ruler.html` prints; `days` picks the column widths in app.css."""

    label: str
    months: tuple[str, ...]
    days: str
    ticks: SafeString
    today: SafeString
    today_label: str
    day: int
    of: int


@lru_cache(maxsize=64)
def ruler(label: str, start: date, end: date, today: date) -> Ruler:
    """Draw the ruler of the cycle whose first and last days are `start` and `end`, both inside.

    `today` is the date in the organisation's zone; outside the cycle it is put on its edge.

    The shell's templates expect this context from the context processor `okrkpi.context.shell`
    (nothing of it for people who are not signed in; the header is then left out)::

        nav = {
            "home": "/",                       # where the brand leads
            "current": "teams",                # name of the section the page belongs to, or ""
            "sections": [                      # in order; only sections that exist
                {"name": "teams", "label": "Teams", "url": "/teams/", "icon": "users", "key": "t"},
                {"name": "signals", "label": "Signals", "url": "/signals/", "icon": "activity",
                 "key": "s", "count": 2},      # count: to decide, may be a callable; 0 hides it
            ],
            "inbox": "/inbox/", "inbox_count": 3,   # inbox "" leaves the bell out
            "profile": "/profile/", "sign_out": "/accounts/logout/",
        }
        viewer = {"name": "Alice Moreau", "initials": "AM", "role": "Lead, Customer Success",
                  "theme": "", "keys_off": False}   # theme: "", "light" or "dark"
        organisation = the Organisation, or {"name": "Halden"}
        ruler = {"label": "Q3 2026", "start": date(2026, 7, 1), "end": date(2026, 9, 30),
                 "today": date(2026, 8, 18)}        # _ruler.html calls this function itself
    """
    length = (end - start).days + 1
    today = min(max(today, start), end)
    passed = (today - start).days
    months, sizes = _months(start, end)
    past, following = _ticks(start, length, passed)
    ticks = format_html(
        '<svg class="ticks" viewBox="0 0 {} 10" preserveAspectRatio="none" aria-hidden="true">'
        '<path class="past" d="{}"/><path class="next" d="{}"/></svg>',
        length,
        past,
        following,
    )
    mark = format_html(
        '<svg class="today" aria-hidden="true"><svg x="{}%" overflow="visible">'
        '<line x1="0" x2="0" y1="9" y2="26"/><path d="M-4 4h8l-4 6z"/></svg></svg>',
        numbers_only(pixel(100 * passed / length)),
    )
    return Ruler(label, months, sizes, ticks, mark, day_week(today), passed + 1, length)


def _months(start: date, end: date) -> tuple[tuple[str, ...], str]:
    """Return the names of the months inside and how many days of each lie inside."""
    names: list[str] = []
    sizes: list[int] = []
    day = start
    while day <= end:
        following = (day.replace(day=1) + timedelta(days=32)).replace(day=1)
        names.append(month_short(day))
        sizes.append((min(following, end + timedelta(days=1)) - day).days)
        day = following
    return tuple(names), " ".join(map(str, sizes))


def _ticks(start: date, length: int, passed: int) -> tuple[str, str]:
    """Return the ticks up to today and after it: tall on the first of a month, then Mondays."""
    ticks = []
    for at in range(length + 1):
        day = start + timedelta(days=at)
        top = 0 if day.day == 1 else 4 if day.weekday() == 0 else 7
        ticks.append(f"M{at} 10V{top}")
    return "".join(ticks[: passed + 1]), "".join(ticks[passed + 1 :])
