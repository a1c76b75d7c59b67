"""Check-ins by team and week: how many were due, came, and came in time.

Only what people type counts; a key result that follows its KPI owes no check-in.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from decimal import Decimal
from typing import NamedTuple

from metrics.evaluation.sql import as_day, fetch
from metrics.periods import first_instant
from objectives import rhythm
from objectives.kinds import Rhythm
from objectives.rolled_up_sql import chosen_ids, day_literal, literal, state_at
from objectives.states import ObjectiveState
from reviews.dashboards.goals import GoalFact, visible_objectives
from reviews.dashboards.scope import Scope

SHOWN = 8
_WEEK = timedelta(days=7)


class Came(NamedTuple):
    """How many key results were answered for a due day, and how many of them in time."""

    came: int = 0
    in_time: int = 0


_NONE = Came()


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


Answers = dict[tuple[int, str, date], Came]

# By `check_in_by_due`: the days of one key result lie beside each other, with the instants.
_CAME = """
WITH due(rhythm, day, begins_at, cutoff) AS (VALUES {days}), goal AS (
    SELECT o.id, o.team_id, o.rhythm, o.closed_at, COALESCE(o.starts_on, c.starts_on) AS begins,
        c.ends_on AS ends, {state} AS state
    FROM objectives_objective o JOIN objectives_cycle c ON c.id = o.cycle_id
    WHERE o.id IN ({chosen})
), firsts AS (
    SELECT g.id, g.team_id, g.rhythm, g.state, g.closed_at, i.due_on, MIN(i.made_at) AS made_at
    FROM goal g
    JOIN objectives_keyresult k ON k.objective_id = g.id AND {counts}
        AND k.kind NOT IN ('open', 'hold') AND NOT k.kpi_follows
    JOIN objectives_checkin i ON i.key_result_id = k.id
    WHERE g.state IN ('active', 'closed') AND i.due_on >= {first} AND i.due_on <= {last}
        AND i.due_on >= g.begins AND i.due_on <= g.ends AND i.made_at <= {moment}
        AND NOT i.is_retraction
    GROUP BY g.id, g.team_id, g.rhythm, g.state, g.closed_at, i.due_on, k.id
)
SELECT f.team_id, f.rhythm, CAST(f.due_on AS text), COUNT(*),
    SUM(CASE WHEN f.made_at < d.cutoff THEN 1 ELSE 0 END)
FROM firsts f JOIN due d ON d.rhythm = f.rhythm AND d.day = f.due_on
WHERE f.state <> 'closed' OR f.closed_at >= d.begins_at
GROUP BY f.team_id, f.rhythm, f.due_on
"""


def read_came(scope: Scope) -> Answers:
    """What came for each due day of the weeks shown, by (team, rhythm, due day): one query.

    What was taken back since has still come.
    """
    zone, weekday = scope.organisation.zone, scope.organisation.check_in_weekday
    days = due_days(scope.on, weekday)
    chosen, parameters = chosen_ids(visible_objectives(scope))
    withdrawn = f" OR k.withdrawn_at > {literal(scope.moment)}" if scope.is_past else ""
    sql = _CAME.format(
        days=", ".join(
            f"('{kind}', {day_literal(day)}, {literal(first_instant(day, zone))},"
            f" {literal(first_instant(last + rhythm.DAY, zone))})"
            for (kind, day), last in days.items()
        ),
        state=state_at(scope.moment if scope.is_past else None),
        chosen=chosen,
        counts=f"(k.withdrawn_at IS NULL{withdrawn})",
        first=day_literal(min(day for _, day in days)),
        last=day_literal(max(day for _, day in days)),
        moment=literal(scope.moment),
    )
    return {
        (team, kind, as_day(day)): Came(came, in_time)
        for team, kind, day, came, in_time in fetch(sql, parameters)
    }


def weeks_of_teams(
    goals: Iterable[GoalFact], came: Answers, scope: Scope
) -> dict[int, list[WeekFact]]:
    """The last weeks of each team that owes check-ins, oldest first. Pure."""
    on, organisation = scope.on, scope.organisation
    days = due_days(on, organisation.check_in_weekday)
    ends_on = scope.cycle.ends_on if scope.cycle else on
    alike: Counter[tuple[int, str, date, date]] = Counter()
    for one in goals:
        if one.owed:
            until = ends_on
            if one.state == ObjectiveState.CLOSED and one.closed_at is not None:
                until = min(until, organisation.today(one.closed_at))
            alike[one.team_id, one.rhythm, one.begins_on, until] += one.owed
    owed: dict[int, dict[tuple[str, date], int]] = defaultdict(lambda: defaultdict(int))
    for (team, kind, begins_on, until), count in alike.items():
        of_team = owed[team]
        for due in days:
            if due[0] == kind and begins_on <= due[1] <= until:
                of_team[due] += count
    by_week = [
        (monday, [due for due in days if monday <= due[1] < monday + _WEEK])
        for monday in mondays(on)
    ]
    return {team: _weeks(team, owed[team], came, by_week, days, on) for team in sorted(owed)}


def _weeks(
    team: int, owed: Mapping, came: Answers, by_week: list, days: Mapping, on: date
) -> list[WeekFact]:
    found = []
    for monday, dues in by_week:
        due = came_count = in_time = 0
        is_over = True
        for kind, day in dues:
            asked = owed.get((kind, day), 0)
            if not asked:
                continue
            got = came.get((team, kind, day), _NONE)
            due += asked
            came_count += min(got.came, asked)
            in_time += min(got.in_time, asked)
            is_over = is_over and on > days[kind, day]
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
