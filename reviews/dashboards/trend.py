"""Progress, expected pace and confidence of a scope week by week, each as of the end of its day."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import partial
from typing import Any, NamedTuple

from metrics.evaluation.recent import parse_recent
from metrics.models import KpiState
from metrics.periods import period_end
from objectives.models import KeyResult, Objective
from objectives.rolled_up import RolledUp, rolled, stood_up
from objectives.rolled_up_sql import Told, When
from objectives.rollup import team_progress
from objectives.standing import ObjectiveStanding
from objectives.states import ROLLED_UP
from reviews.dashboards.goals import (
    SET_BACK,
    followed_kpis,
    loaded,
    look_back,
    state_then,
    visible_objectives,
)
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
    """The parts of a key result before any week set them back."""

    row: KeyResult
    kept: dict[str, Any]
    check_ins: list
    revisions: list
    done: list[tuple]


def week_ends(starts_on: date, until: date) -> list[date]:
    """The last day of each week that began by `until`, and `until` itself as the last."""
    found, day = [], starts_on + _WEEK - _DAY
    while day < until:
        found.append(day)
        day += _WEEK
    return [*found, until] if starts_on <= until else []


def weekly(scope: Scope, days: Sequence[date]) -> list[Week]:
    """Where the objectives stood at the end of each day, as the dashboard of that day says.

    One statement a day however many there are, and a fixed number of queries for those that no
    statement can tell of. An objective counts as long as it ran, and a revised key result with
    what it went for then; only what followed KPIs said is by what is known of them today.
    """
    rows, recents = visible_objectives(scope), _followed(scope)
    weekday = scope.organisation.check_in_weekday
    thens = [as_of(scope, scope.cycle, day) for day in days]  # type: ignore[arg-type]
    told, others = [], set()
    for then in thens:
        stood = {
            pk: Stood(_judged_by(recent, kind, then.on), is_stale=False, status_since=None)
            for pk, recent, kind in recents
        }
        said = {pk: Told(one.value, one.is_stale) for pk, one in stood.items()}
        asked: set[int] = set()
        when = When(then.on, then.moment, weekday, said)
        goals = stood_up(rows, when, partial(_leave, asked)).goals
        told.append((then, stood, goals, asked))
        others |= asked
    whole = {one.pk: (one, _wholes(one)) for one in _read_whole(scope, others)}
    return [
        _week(then.on, goals | _worked(then, stood, [whole[pk] for pk in asked if pk in whole]))
        for then, stood, goals, asked in told
    ]


def _leave(asked: set[int], ids: Collection[int]) -> list[ObjectiveStanding]:
    """Work out nothing yet: all weeks are read first."""
    asked.update(ids)
    return []


def _read_whole(scope: Scope, ids: Collection[int]) -> list[Objective]:
    """The objectives with all that was ever revised; no query without ids."""
    return loaded(scope, ids, revised_since=None) if ids else []


def _worked(
    then: Scope, stood: dict[int, Stood], found: Sequence[tuple[Objective, list[_Whole]]]
) -> dict[int, RolledUp]:
    """Where loaded objectives stood at a moment; they are set back to it in place."""
    for objective, wholes in found:
        objective.state = state_then(objective, objective.moves, then.moment)
        for whole in wholes:
            _restore(whole, then.moment)
    objectives = [one for one, _ in found if one.state in ROLLED_UP]
    standings = look_back(objectives, stood, then.moment, then.on)
    return {one.objective.pk: rolled(one) for one in standings}


def _week(day: date, goals: Mapping[int, RolledUp]) -> Week:
    said = [one.confidence for one in goals.values() if one.confidence is not None]
    known = [one for one in goals.values() if one.progress is not None]
    return Week(
        day,
        len(goals),
        team_progress([one.progress for one in known]),
        team_progress([one.expected for one in known]),
        team_progress(said),
    )


def _followed(scope: Scope) -> list[tuple[int, str, str]]:
    """The KPIs that are followed, with the text of their last periods and their cadence."""
    rows = KpiState.objects.filter(kpi__in=followed_kpis(scope), kpi__cadence__isnull=False)
    return list(rows.order_by().values_list("kpi_id", "recent", "kpi__cadence__kind"))


def _wholes(objective: Objective) -> list[_Whole]:
    return [
        _Whole(
            row,
            {name: getattr(row, name) for name in SET_BACK},
            list(row.brief_check_ins),
            list(row.later_revisions),
            [(step, step.done_at) for step in row.brief_milestones],
        )
        for row in objective.key_results.all()
    ]


def _restore(whole: _Whole, moment: datetime) -> None:
    """Put back what setting back changes, and leave of its history what `look_back` asks for."""
    row = whole.row
    for name, value in whole.kept.items():
        setattr(row, name, value)
    row.brief_check_ins = [one for one in whole.check_ins if one.made_at <= moment]
    row.later_revisions = [one for one in whole.revisions if one.at > moment]
    for step, done_at in whole.done:
        step.done_at = done_at


def _judged_by(recent: str, kind: str, day: date) -> str:
    """The periods of a state's text that were over by a day."""
    entries = recent.split(" ") if recent else []
    return " ".join(
        text for text in entries if period_end(parse_recent(text)[0].on, kind) <= day + _DAY
    )
