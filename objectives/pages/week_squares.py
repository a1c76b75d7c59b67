"""The four squares of a week: priorities, confidence in the goals, what comes, health KPIs."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import NamedTuple

from django.utils.safestring import SafeString

from metrics import figures
from metrics.evaluation.recent import parse_recent
from metrics.figures import quantity_mark, status_mark
from metrics.models import Kpi, Target
from metrics.standpoint import missing_essentials, standpoint
from objectives.models import WeekItem
from objectives.pages.week_owed import WEEK, Mine, Week

WEEKS_AHEAD = 4
GOALS = 8
HEALTH = 8


class Goal(NamedTuple):
    """A key result of the person and how sure they are of it."""

    pk: int
    title: str
    confidence: SafeString


class Ahead(NamedTuple):
    """What comes in one week; `text` is empty while nothing is noted."""

    label: str
    text: str


class Health(NamedTuple):
    """A KPI of the person's teams that must not slip."""

    pk: int
    name: str
    value: SafeString
    status: SafeString


class Squares(NamedTuple):
    """What the four squares print; `last` is last week's outcome in words."""

    priorities: list[WeekItem]
    last: str
    last_open: bool
    goals: list[Goal]
    ahead: list[Ahead]
    health: list[Health]


def items_of(week: Week) -> list[WeekItem]:
    """The person's items from last week on."""
    rows = WeekItem.objects.filter(
        person=week.user,
        week_on__gte=week.monday - WEEK,
        week_on__lte=week.monday + WEEKS_AHEAD * WEEK,
    )
    return list(rows.select_related("key_result"))


def priorities_of(week: Week, monday: date) -> list[WeekItem]:
    """The person's priorities of one week, in their order."""
    rows = WeekItem.objects.filter(
        person=week.user, week_on=monday, kind=WeekItem.Kind.PRIORITY
    ).select_related("key_result")
    return list(rows.order_by("position"))


def upcoming_of(week: Week, mondays: Sequence[date]) -> dict[date, WeekItem]:
    """What the person noted for some weeks, by their Mondays."""
    rows = WeekItem.objects.filter(
        person=week.user, week_on__in=mondays, kind=WeekItem.Kind.UPCOMING
    )
    return {row.week_on: row for row in rows}


def square_context(week: Week) -> dict:
    """What the square of priorities or of the next weeks prints alone."""
    items = items_of(week)
    last = _priorities(items, week.monday - WEEK)
    return {
        "week_on": week.monday,
        "last_week_on": week.monday - WEEK,
        "squares": Squares(
            _priorities(items, week.monday),
            outcome_words(last),
            any(not item.outcome for item in last),
            [],
            _ahead(week, items),
            [],
        ),
    }


def squares(
    week: Week,
    items: Sequence[WeekItem],
    rows: Sequence[Mine],
    kpis: Sequence[Kpi],
    targets: dict[int, Target],
) -> Squares:
    """The four squares.

    `rows` are the person's `my_key_results`, `kpis` are `health_kpis`, `targets` those in force.
    """
    last = _priorities(items, week.monday - WEEK)
    return Squares(
        priorities=_priorities(items, week.monday),
        last=outcome_words(last),
        last_open=any(not item.outcome for item in last),
        goals=_goals(rows),
        ahead=_ahead(week, items),
        health=[_health(kpi, targets.get(kpi.pk)) for kpi in kpis],
    )


def _priorities(items: Sequence[WeekItem], monday: date) -> list[WeekItem]:
    return [
        item for item in items if item.week_on == monday and item.kind == WeekItem.Kind.PRIORITY
    ]


def outcome_words(items: Sequence[WeekItem]) -> str:
    """`Last week: 2 of 3 done. Not done: pricing page copy, waiting for legal.`"""
    if not items:
        return ""
    done = sum(item.outcome == WeekItem.Outcome.DONE for item in items)
    said = f"Last week: {done} of {len(items)} done."
    missed = [
        f"{item.text}, {item.why}" for item in items if item.outcome == WeekItem.Outcome.NOT_DONE
    ]
    return f"{said} Not done: {'; '.join(missed)}." if missed else said


def _goals(rows: Sequence[Mine]) -> list[Goal]:
    """The person's key results with the confidence last given, the least sure first."""
    by_doubt = sorted(rows, key=lambda one: (one.confidence is None, one.confidence, one.pk))
    return [Goal(one.pk, one.title, figures.confidence(one.confidence)) for one in by_doubt[:GOALS]]


def _ahead(week: Week, items: Sequence[WeekItem]) -> list[Ahead]:
    noted = {item.week_on: item.text for item in items if item.kind == WeekItem.Kind.UPCOMING}
    mondays = [week.monday + n * WEEK for n in range(1, WEEKS_AHEAD + 1)]
    return [Ahead(week_label(monday), noted.get(monday, "")) for monday in mondays]


def week_label(monday: date) -> str:
    """`W35`."""
    return f"W{monday.isocalendar().week:02}"


def health_kpis(week: Week) -> list[Kpi]:
    """The first KPIs of the teams the person writes for, in the order of their scorecards."""
    rows = Kpi.objects.filter(team__in=week.writes_for, cadence__isnull=False)
    rows = rows.exclude(state__latest_value=None)
    return list(
        rows.select_related("state", "cadence").order_by("team__name", "position", "pk")[:HEALTH]
    )


def _health(kpi: Kpi, target: Target | None) -> Health:
    recent = parse_recent(kpi.state.recent)
    at = standpoint(
        [one.status for one in recent],
        kpi.cadence.kind,
        is_stale=kpi.state.is_stale,
        is_judged=not missing_essentials(kpi, has_target=target is not None),
    )
    value = next((one.value for one in reversed(recent) if one.value is not None), None)
    return Health(kpi.pk, kpi.name, quantity_mark(value, kpi.unit), status_mark(at.state))
