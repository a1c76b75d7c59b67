"""Check-ins by team and week: how many were due, came, and came in time.

Only what people type counts; a key result that follows its KPI owes no check-in.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import NamedTuple

from django.db.models import Count, F, Q

from metrics.periods import first_instant
from objectives import rhythm
from objectives.kinds import KeyResultKind, Rhythm
from objectives.models import CheckIn
from objectives.standing import ObjectiveStanding, follows
from objectives.states import ObjectiveState
from reviews.dashboards.scope import Scope

SHOWN = 8
_WEEK = timedelta(days=7)
_CLOSED = "key_result__objective__closed_at"
_STILL_OPEN = Q(**{_CLOSED: None})
# As `_owes`, for the database.
_OWES_NONE = Q(key_result__kpi_follows=True) | Q(
    key_result__kind__in=(KeyResultKind.HOLD, KeyResultKind.OPEN)
)


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


def read_came(scope: Scope, objectives: Sequence[int]) -> dict[tuple[int, str, date], Came]:
    """What came for each due day of the weeks shown, by (team, rhythm, due day): one query.

    What was taken back since has still come. `objectives` are those on the page.
    """
    zone = scope.organisation.zone
    days = due_days(scope.on, scope.organisation.check_in_weekday)
    in_time = asked = Q(pk__in=[])
    for (kind, day), last in days.items():
        due = Q(due_on=day, key_result__objective__rhythm=kind)
        in_time |= due & Q(made_at__lt=first_instant(last + rhythm.DAY, zone))
        asked |= due & (_STILL_OPEN | Q(**{f"{_CLOSED}__gte": first_instant(day, zone)}))
    rows = CheckIn.objects.filter(
        ~_OWES_NONE,
        asked | Q(**{f"{_CLOSED}__gt": scope.moment}),
        Q(key_result__withdrawn_at=None) | Q(key_result__withdrawn_at__gt=scope.moment),
        key_result__objective__in=objectives,
        key_result__objective__starts_on__lte=F("due_on"),
        key_result__objective__cycle__ends_on__gte=F("due_on"),
        due_on__in={day for _, day in days},
        made_at__lte=scope.moment,
        is_retraction=False,
    )
    rows = rows.order_by().values(
        "key_result__objective__team_id", "key_result__objective__rhythm", "due_on"
    )
    rows = rows.annotate(
        came=Count("key_result", distinct=True),
        early=Count("key_result", distinct=True, filter=in_time),
    )
    return {
        (team, kind, day): Came(came, early)
        for team, kind, day, came, early in rows.values_list(
            "key_result__objective__team_id",
            "key_result__objective__rhythm",
            "due_on",
            "came",
            "early",
        )
    }


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
        until = objective.cycle.ends_on
        if objective.state == ObjectiveState.CLOSED:
            until = min(until, objective.team.organisation.today(objective.closed_at))
        for kind, day in days:
            if kind == objective.rhythm and objective.begins_on <= day <= until:
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
