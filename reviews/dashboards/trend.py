"""Progress, expected pace and confidence of a scope week by week, from the rows of one load.

Each week is worked out by `objectives.standing` from what was said by its end. A key result that
was revised counts with what it goes for now, so that the line tells of one goal.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import partial
from typing import NamedTuple
from zoneinfo import ZoneInfo

from metrics.evaluation.recent import parse_recent
from metrics.models import KpiState
from metrics.periods import first_instant, period_end
from objectives import rhythm
from objectives.models import KeyResult, Objective
from objectives.rolled_up import stood_up
from objectives.rolled_up_sql import Told, When
from objectives.rollup import team_progress
from objectives.standing import objective_standing, standing_check_ins, team_standing
from objectives.states import ObjectiveState
from reviews.dashboards.goals import followed_kpis, read_standings, visible_objectives
from reviews.dashboards.kpis import Stood
from reviews.dashboards.scope import Scope, as_of

_DAY = timedelta(days=1)
_WEEK = timedelta(days=7)


class Week(NamedTuple):
    """The last day of a week and where the objectives stood: shares 0..1, confidence 0..10."""

    on: date
    count: int
    progress: Decimal | None
    expected: Decimal | None
    confidence: Decimal | None


class _Whole(NamedTuple):
    """The parts of a key result before any week cut them."""

    row: KeyResult
    check_ins: list
    done: list[tuple]
    recent: str
    withdrawn_at: datetime | None


def week_ends(starts_on: date, until: date) -> list[date]:
    """The last day of each week that began by `until`, and `until` itself as the last."""
    found, day = [], starts_on + _WEEK - _DAY
    while day < until:
        found.append(day)
        day += _WEEK
    return [*found, until] if starts_on <= until else []


def weekly(objectives: Sequence[Objective], days: Sequence[date], zone: ZoneInfo) -> list[Week]:
    """One entry for each day, over the objectives that were published by its end.

    The objectives come from `goals.loaded_then`, and are of no use to anybody afterwards.
    """
    wholes = {one.pk: [_whole(row) for row in one.key_results.all()] for one in objectives}
    found = []
    for day in days:
        moment = first_instant(day + _DAY, zone)
        begun = [one for one in objectives if one.published_at and one.published_at < moment]
        standings = []
        for one in begun:
            _cut(one, wholes[one.pk], day, moment)
            standings.append(objective_standing(one, day))
        total = team_standing(standings)
        said = [one.confidence for one in standings if one.confidence is not None]
        mean = sum(said, Decimal(0)) / len(said) if said else None
        found.append(Week(day, total.count, total.progress, total.expected, mean))
    return found


def weekly_added_up(scope: Scope, days: Sequence[date]) -> list[Week]:
    """The same of very many objectives: a statement a week, each as of the end of its day.

    An objective counts as long as it ran, and a revised key result with what it went for then.
    """
    rows, recents = visible_objectives(scope), _followed(scope)
    weekday = scope.organisation.check_in_weekday
    found = []
    for day in days:
        then = as_of(scope, scope.cycle, day)  # type: ignore[arg-type]
        stood = {
            pk: Stood(_judged_by(recent, kind, day), is_stale=False, status_since=None)
            for pk, recent, kind in recents
        }
        told = {pk: Told(one.value, one.is_stale) for pk, one in stood.items()}
        when = When(day, then.moment, weekday, told)
        goals = stood_up(rows, when, partial(read_standings, then, stood)).goals.values()
        said = [one.confidence for one in goals if one.confidence is not None]
        known = [one for one in goals if one.progress is not None]
        found.append(
            Week(
                day,
                len(goals),
                team_progress([one.progress for one in known]),
                team_progress([one.expected for one in known]),
                team_progress(said),
            )
        )
    return found


def _followed(scope: Scope) -> list[tuple[int, str, str]]:
    """The KPIs that are followed, with the text of their last periods and their cadence."""
    rows = KpiState.objects.filter(kpi__in=followed_kpis(scope), kpi__cadence__isnull=False)
    return list(rows.order_by().values_list("kpi_id", "recent", "kpi__cadence__kind"))


def _whole(row: KeyResult) -> _Whole:
    done = [(step, step.done_at) for step in row.brief_milestones]
    recent = row.kpi.state.recent if row.kpi_id is not None else ""
    return _Whole(row, list(row.brief_check_ins), done, recent, row.withdrawn_at)


def _cut(objective: Objective, wholes: Sequence[_Whole], day: date, moment: datetime) -> None:
    """Leave of an objective's parts what was there before the moment."""
    objective.state, objective.grade = ObjectiveState.ACTIVE, None
    ends_on, weekday = objective.cycle.ends_on, objective.team.organisation.check_in_weekday
    for whole in wholes:
        row = whole.row
        row.latest = row.final_progress = row.final_value = row.grade = None
        row.brief_check_ins = [one for one in whole.check_ins if one.made_at < moment]
        gone = whole.withdrawn_at is not None and whole.withdrawn_at < moment
        row.withdrawn_at = whole.withdrawn_at if gone else None
        for step, done_at in whole.done:
            step.done_at = done_at if done_at is not None and done_at < moment else None
        if row.kpi_id is not None:
            row.kpi.state.recent = _judged_by(whole.recent, row.kpi.cadence.kind, day)
        standing = standing_check_ins(row)
        since = standing[-1].due_on + rhythm.DAY if standing else objective.begins_on
        row.next_due_on = rhythm.first_owed(since, ends_on, objective.rhythm, weekday)


def _judged_by(recent: str, kind: str, day: date) -> str:
    """The periods of a state's text that were over by a day."""
    entries = recent.split(" ") if recent else []
    return " ".join(
        text for text in entries if period_end(parse_recent(text)[0].on, kind) <= day + _DAY
    )
