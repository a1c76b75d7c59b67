"""Check-ins by team and week: how many were due, came, and came in time.

Only what people type counts; a key result that follows its KPI owes no check-in.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import date, timedelta
from decimal import Decimal
from typing import NamedTuple

from django.db.models import Min

from metrics.periods import first_instant
from objectives import rhythm
from objectives.kinds import KeyResultKind, Rhythm
from objectives.models import CheckIn, Objective
from objectives.standing import ObjectiveStanding, follows
from objectives.states import ObjectiveState
from reviews.dashboards.scope import Scope

SHOWN = 8
_WEEK = timedelta(days=7)


class Came(NamedTuple):
    """How many key results were answered for a due day, and how many of them in time."""

    came: int = 0
    in_time: int = 0


class WeekFact(NamedTuple):
    """One week of a team: `due` key results, answered, and answered in time.

    `is_over` False: something due may still come in time.
    """

    monday: date
    due: int
    came: int
    in_time: int
    is_over: bool

    @property
    def verdict(self) -> str:
        """ok, late or miss, the worst there is; empty where nothing was due or all may still."""
        if not self.due or (not self.is_over and self.came < self.due):
            return ""
        if self.came == 0:
            return "miss"
        return "ok" if self.in_time == self.due else "late"


def mondays(on: date) -> list[date]:
    """The first days of the last weeks, oldest first, that of `on` included."""
    this = on - timedelta(days=on.weekday())
    return [this - _WEEK * back for back in reversed(range(SHOWN))]


def due_days(on: date, weekday: int) -> dict[tuple[str, date], date]:
    """The due days of both rhythms in the weeks shown, with the last day that is in time."""
    first, last = mondays(on)[0], mondays(on)[-1] + _WEEK - timedelta(days=1)
    found = {}
    for kind in Rhythm:
        day = rhythm.due_from(first, kind, weekday)
        while day <= last:
            found[kind.value, day] = day + timedelta(days=rhythm.GRACE_DAYS[kind])
            day = rhythm.due_from(day + rhythm.DAY, kind, weekday)
    return found


def read_came(
    scope: Scope, standings: Iterable[ObjectiveStanding]
) -> dict[tuple[int, str, date], Came]:
    """What came for each due day of the weeks shown, by (team, rhythm, due day): one query.

    What was taken back since has still come.
    """
    zone = scope.organisation.zone
    days = due_days(scope.on, scope.organisation.check_in_weekday)
    cutoffs = {due: first_instant(last + rhythm.DAY, zone) for due, last in days.items()}
    asked = {
        row.key_result.pk: one.objective
        for one in standings
        for row in one.key_results
        if _owes(row)
    }
    rows = CheckIn.objects.filter(
        scope.within("key_result__objective__team"),
        key_result__objective__cycle=scope.cycle,
        due_on__in={day for _, day in days},
        made_at__lte=scope.moment,
        is_retraction=False,
    )
    firsts = rows.order_by().values_list("key_result_id", "due_on").annotate(first=Min("made_at"))
    found: dict[tuple[int, str, date], Came] = defaultdict(Came)
    for pk, day, first in firsts:
        objective = asked.get(pk)
        if objective is None or not _asks(objective, day):
            continue
        cutoff = cutoffs.get((objective.rhythm, day))
        if cutoff is not None:
            key = objective.team_id, objective.rhythm, day
            came, in_time = found[key]
            found[key] = Came(came + 1, in_time + (first < cutoff))
    return found


def _asks(objective: Objective, day: date) -> bool:
    """Whether an objective asks for check-ins for a due day."""
    until = objective.cycle.ends_on
    if objective.state == ObjectiveState.CLOSED:
        until = min(until, objective.team.organisation.today(objective.closed_at))
    return objective.begins_on <= day <= until


def weeks_of_teams(
    standings: Iterable[ObjectiveStanding],
    came: dict[tuple[int, str, date], Came],
    on: date,
    weekday: int,
) -> dict[int, list[WeekFact]]:
    """The last weeks of each team that owes check-ins, oldest first. Pure."""
    days = due_days(on, weekday)
    owed: dict[tuple[int, str, date], int] = defaultdict(int)
    teams = set()
    for one in standings:
        objective = one.objective
        count = sum(_owes(row) for row in one.key_results)
        if not count:
            continue
        teams.add(objective.team_id)
        for kind, day in days:
            if kind == objective.rhythm and _asks(objective, day):
                owed[objective.team_id, kind, day] += count
    return {team: _weeks(team, owed, came, days, on) for team in sorted(teams)}


def _owes(row) -> bool:
    key_result = row.key_result
    return row.counts and not follows(key_result) and key_result.kind != KeyResultKind.OPEN


def _weeks(team: int, owed, came, days, on: date) -> list[WeekFact]:
    found = []
    for monday in mondays(on):
        due = came_count = in_time = 0
        is_over = True
        for (kind, day), last in days.items():
            if not monday <= day < monday + _WEEK:
                continue
            asked = owed.get((team, kind, day), 0)
            got = came.get((team, kind, day), Came())
            due += asked
            came_count += min(got.came, asked)
            in_time += min(got.in_time, asked)
            is_over = is_over and (not asked or on > last)
        found.append(WeekFact(monday, due, came_count, in_time, is_over))
    return found


def on_time(weeks: Iterable[WeekFact]) -> tuple[int, int]:
    """(in time, due) of what is decided: weeks that are over, and what already came."""
    early = due = 0
    for one in weeks:
        early += one.in_time
        due += one.due if one.is_over else one.came
    return early, due


def share(early: int, due: int) -> Decimal | None:
    """0..1; None where nothing was due."""
    return Decimal(early) / due if due else None
