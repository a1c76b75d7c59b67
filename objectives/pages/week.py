"""Everything My week prints, in a number of queries that does not grow with what is owed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.core.paginator import Paginator
from django.utils.html import format_html
from django.utils.safestring import SafeString

from metrics.models import Kpi
from metrics.owed_values import in_time_until
from metrics.periods import Period
from metrics.scorecard_facts import targets_of
from metrics.wording import day_week
from objectives.models import KeyResult
from objectives.pages import week_ahead, week_squares
from objectives.pages.week_changes import what_changed
from objectives.pages.week_owed import (
    VALUE,
    Owed,
    Week,
    all_owed,
    counter_words,
    my_key_results,
    next_owed,
    owned_kpis,
)
from objectives.pages.week_rhythm import your_rhythm
from objectives.pages.week_rows import grouped

PAGE = 40


def week_page(week: Week, number: str | None, seen_before: datetime | None) -> dict:
    """The context of `my_week.html`; `seen_before` is when the person looked before this visit."""
    kpis = owned_kpis(week)
    rows = my_key_results(week)
    owed = all_owed(week, kpis, rows)
    page = Paginator(owed, PAGE).get_page(number)
    waiting = week_ahead.signals_owned(week)
    watched = week_ahead.watched(kpis)
    health = week_squares.health_kpis(week)
    shown = [one.pk for one in page.object_list if one.kind == VALUE]
    targets = targets_of(
        [*shown, *(kpi.pk for kpi in watched), *(kpi.pk for kpi in health)], week.today
    )
    items = week_squares.items_of(week)
    answered = {one.pk for one in owed if one.kind == VALUE}
    return {
        "title": week_title(week),
        "week_on": week.monday,
        "last_week_on": week.monday - week_squares.WEEK,
        "teams": list(week.teams.values()),
        "page": page,
        "groups": grouped(week, page.object_list, targets),
        "counter": counter(owed, week.today),
        "rhythm": your_rhythm(week, kpis, rows),
        "signals": week_ahead.signal_cards(week, waiting),
        "more_signals": week_ahead.more_signals(len(waiting)),
        "targets_owed": week_ahead.targets_owed(week),
        "watching": week_ahead.watching_words(watched, targets, week.today),
        "coming": week_ahead.coming_up(week, kpis, rows, waiting, answered),
        "changes": what_changed(week, seen_before),
        "squares": week_squares.squares(week, items, rows, health, targets),
    }


def week_title(week: Week) -> str:
    """`Week 34 · Mon 17 to Sun 23 August`."""
    first, last = week.monday, week.last_day
    begins = day_week(first) if first.month != last.month else f"{first:%a} {first.day}"
    return f"Week {first.isocalendar().week} · {begins} to {last:%a} {last.day} {last:%B}"


def counter(owed: Sequence[Owed], today: date, *, swap: bool = False) -> SafeString:
    """The lead of the page: how much is owed. `swap` replaces it where it stands already."""
    mark = SafeString(' hx-swap-oob="true"') if swap else ""
    if not owed:
        return format_html(
            '<p class="lead" id="week-count"{}>Nothing to update: all values are in.</p>', mark
        )
    much, time, late = counter_words(owed, today)
    return format_html(
        '<p class="lead" id="week-count"{}>{}, about <b>{}</b>. {}</p>', mark, much, time, late
    )


@dataclass(frozen=True, slots=True)
class Following:
    """What comes after a save in My week: the row to open, and the counter as it is now."""

    next: str
    counter: SafeString


def following(week: Week, root: str, after: tuple | None) -> Following:
    """What follows the row `root`; `after` is its place in the list before it was saved."""
    owed = all_owed(week)
    return Following(next_owed(owed, root, after), counter(owed, week.today, swap=True))


def place_of_key_result(key_result: KeyResult, due_on: date | None) -> tuple | None:
    """Where a key result that was due on a day stood in the list; None where nothing was owed."""
    if due_on is None:
        return None
    return (due_on, 1, key_result.objective_id, key_result.position)


def place_of_value(kpi: Kpi, period: Period) -> tuple:
    """Where a KPI that waits for the value of a period stands in the list of what is owed."""
    return (in_time_until(kpi, period), 0, kpi.team_id, kpi.pk)
