"""The rows of My week, in their groups: what is overdue, then day by day what is due."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from itertools import groupby
from typing import NamedTuple

from django.utils.html import format_html_join
from django.utils.safestring import SafeString

from metrics.evaluation.recent import RecentPeriod, parse_recent
from metrics.models import Kpi, Target
from metrics.value_list import ListedValue, Urls, owed_row
from objectives.models import KeyResult
from objectives.pages.row_markup import rest_row
from objectives.pages.rows import WEEK, row_view
from objectives.pages.week_owed import CHECK_IN, VALUE, Owed, Week
from objectives.standing import key_result_standing


class Group(NamedTuple):
    """A heading with its rows; `count` is how many rows of it stand on this page."""

    title: str
    count: int
    rows: SafeString


def grouped(week: Week, owed: Sequence[Owed], targets: Mapping[int, Target]) -> list[Group]:
    """The rows of one page, overdue ones first, then by the day they are due.

    `targets` are those in force of the KPIs among them.
    """
    drawn = draw(week, owed, targets)
    found = []
    for title, ones in groupby(owed, key=lambda one: group_title(one.due_on, week.today)):
        rows = [drawn[one.root] for one in ones if one.root in drawn]
        if rows:
            found.append(
                Group(title, len(rows), format_html_join("\n", "{}", ((r,) for r in rows)))
            )
    return found


def group_title(due: date, today: date) -> str:
    """`Overdue`, or `By Friday 21 August`."""
    if due < today:
        return "Overdue"
    return f"By {due:%A} {due.day} {due:%B}"


def draw(week: Week, owed: Sequence[Owed], targets: Mapping[int, Target]) -> dict[str, SafeString]:
    """Each row's markup by its id."""
    kpis = [one for one in owed if one.kind == VALUE]
    drawn = {one.root: value_row(week, one, targets.get(one.pk)) for one in kpis}
    return drawn | _check_in_rows(week, [one.pk for one in owed if one.kind == CHECK_IN])


def value_row(week: Week, one: Owed, target: Target | None) -> SafeString:
    """The row of a KPI that waits for its value."""
    shown = listed(week, one.kpi, parse_recent(one.kpi.state.recent), target, one.periods)
    return owed_row(shown, value_urls(one.kpi, one.periods[0].start))


def listed(
    week: Week, kpi: Kpi, recent: Sequence[RecentPeriod], target: Target | None, periods=()
) -> ListedValue:
    """A KPI as My week lists it."""
    return ListedValue(kpi, recent, target, periods, week.fiscal_month, week.today)


def value_urls(kpi: Kpi, start: date) -> Urls:
    """Where My week types the values of a KPI."""
    base = f"/my-week/kpis/{kpi.pk}/"
    return Urls(f"{base}values/{start.isoformat()}/edit/", f"{base}values/fill/")


_READ = ("latest", "kpi__state", "kpi__cadence", "objective__cycle")


def _check_in_rows(week: Week, ids: Sequence[int]) -> dict[str, SafeString]:
    """The rows of key results, as they are everywhere."""
    if not ids:
        return {}
    rows = KeyResult.objects.filter(pk__in=ids).with_latest()
    # Without the owners: what is asked of a person is theirs, or nobody's of their objective.
    rows = rows.select_related(None).select_related(*_READ)
    drawn = {}
    for key_result in rows:
        key_result.owner = week.user if key_result.owner_id else None
        objective = key_result.objective
        # One organisation for all: every team's is the person's own.
        objective.team = week.teams[objective.team_id]
        standing = key_result_standing(key_result, objective, week.today)
        row = row_view(standing, objective, week.today, may_write=True, place=WEEK)
        drawn[row.root] = rest_row(row)
    return drawn
