"""What a person owes: check-ins and values, in the order My week asks for them.

Told from a few columns of everything a person is responsible for, at the same number of queries at
10 and at 1,000 of them; the rows themselves are built only for the page that is shown. A kind of
thing that is owed is one function that `all_owed` asks.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import NamedTuple

from django.db.models import Q

from metrics.evaluation.recent import KEPT, parse_recent
from metrics.models import Kpi, Measurement
from metrics.owed_values import in_time_until, periods_owed
from metrics.periods import Period
from metrics.value_list import is_typed
from objectives.models import KeyResult
from objectives.states import ObjectiveState
from teams.guards import WRITERS
from teams.models import Team, User

VALUE, CHECK_IN = "value", "check-in"
WEEK = timedelta(days=7)
# How long one update takes, in seconds (product.md D1: at most 20).
SECONDS = 15
_WORDS = (
    *("no", "one", "two", "three", "four", "five", "six"),
    *("seven", "eight", "nine", "ten", "eleven", "twelve"),
)


@dataclass(frozen=True, slots=True)
class Owed:
    """One thing that is owed: `key` orders it, `root` is the id of its row on the page.

    `due_on` is the last day on which it is in time. `kpi` and `periods` belong to a value, oldest
    period first. `in_place` False: it is done on another page, so no row opens by itself for it.
    """

    kind: str
    pk: int
    due_on: date
    key: tuple
    kpi: Kpi | None = None
    periods: tuple[Period, ...] = ()
    in_place: bool = True

    @property
    def root(self) -> str:
        """The id of its row."""
        return f"{'kpi' if self.kind == VALUE else 'kr'}-{self.pk}"


@dataclass(frozen=True, slots=True)
class Week:
    """A person's week: whose it is, the day, its Monday, and the teams they belong to.

    `writes_for` are those of `teams` in which they may enter values and check in, `leads` those
    they lead.
    """

    user: User
    now: datetime
    today: date
    monday: date
    writes_for: frozenset[int]
    teams: dict[int, Team]
    leads: frozenset[int]

    @classmethod
    def of(cls, user: User, now: datetime) -> Week:
        """The week of a person at a moment, in their organisation's zone. One query."""
        today = user.organisation.today(now)
        mine = user.memberships.filter(team__organisation_id=user.organisation_id)
        teams, writes_for, leads = {}, set(), set()
        for membership in mine.select_related("team").order_by("team__name", "team_id"):
            team = teams[membership.team_id] = membership.team
            # One object for all: what a row reads of the calendar is loaded already.
            team.organisation = user.organisation
            if membership.role in WRITERS:
                writes_for.add(team.pk)
            if membership.role == "lead":
                leads.add(team.pk)
        monday = monday_of(today)
        return cls(user, now, today, monday, frozenset(writes_for), teams, frozenset(leads))

    @property
    def last_day(self) -> date:
        """Its Sunday."""
        return self.monday + timedelta(days=6)

    @property
    def fiscal_month(self) -> int:
        """The month in which the organisation's year begins."""
        return self.user.organisation.fiscal_start_month


def monday_of(day: date) -> date:
    """The Monday of a day's week."""
    return day - timedelta(days=day.weekday())


def owned_kpis(week: Week) -> list[Kpi]:
    """The KPIs a person answers for, with what tells what they owe and what comes next."""
    rows = Kpi.objects.filter(owner=week.user, team__in=week.writes_for, cadence__isnull=False)
    return list(rows.select_related("state", "cadence", "source"))


def owed_values(week: Week, kpis: Sequence[Kpi]) -> list[Owed]:
    """The closed periods without a value of the KPIs the person owns."""
    waiting: dict[int, list[Period]] = {}
    for kpi in kpis:
        recent = parse_recent(kpi.state.recent)
        if periods := periods_owed(kpi, recent, week.fiscal_month, week.today, most_waiting=KEPT):
            waiting[kpi.pk] = periods
    if not waiting:
        return []
    entered = _entered(week, min(periods[0].start for periods in waiting.values()))
    found = []
    for kpi in kpis:
        periods = [p for p in waiting.get(kpi.pk, ()) if (kpi.pk, *p.key) not in entered]
        if periods:
            found.append(_value(kpi, periods))
    return found


def _value(kpi: Kpi, periods: Sequence[Period]) -> Owed:
    until = in_time_until(kpi, periods[0])
    key = (until, 0, kpi.team_id, kpi.pk)
    return Owed(VALUE, kpi.pk, until, key, kpi, tuple(periods), is_typed(kpi))


def _entered(week: Week, since: date) -> set[tuple[int, str, date]]:
    """What was entered and is not judged yet: the state rows do not know of it."""
    rows = Measurement.objects.filter(
        kpi__owner=week.user, day__gte=since, value__isnull=False
    ).values_list("kpi_id", "identity", "day")
    return set(rows)


def mine(week: Week) -> Q:
    """Key results of running objectives that the person answers for and may check in on."""
    own = Q(owner=week.user) | Q(owner=None, objective__owner=week.user)
    return own & Q(
        objective__state=ObjectiveState.ACTIVE,
        objective__team__in=week.writes_for,
        withdrawn_at=None,
    )


class Mine(NamedTuple):
    """A running key result of the person: what tells when it is due and how sure they are.

    `said_on` is the local day of the check-in that stands, date.min without one.
    """

    pk: int
    title: str
    due_on: date | None
    objective_id: int
    position: int
    said_on: date
    confidence: int | None
    rhythm: str
    begins_on: date
    ends_on: date


_MINE = (
    "pk",
    "title",
    "next_due_on",
    "objective_id",
    "position",
    "latest__made_at",
    "latest__confidence",
    "objective__rhythm",
    "objective__starts_on",
    "objective__cycle__starts_on",
    "objective__cycle__ends_on",
)


def my_key_results(week: Week) -> list[Mine]:
    """The running key results the person answers for, by objective. One query for all uses."""
    zone = week.user.organisation.zone
    rows = KeyResult.objects.filter(mine(week)).order_by("objective_id", "position")
    found = []
    for (
        pk,
        title,
        due,
        objective,
        place,
        made_at,
        sure,
        beat,
        own,
        starts,
        ends,
    ) in rows.values_list(*_MINE):
        said_on = made_at.astimezone(zone).date() if made_at else date.min
        one = Mine(pk, title, due, objective, place, said_on, sure, beat, own or starts, ends)
        found.append(one)
    return found


def is_answered(week: Week, one: Mine) -> bool:
    """Whether something was said this week for a day that is still to come.

    What was said this week is asked again only on its due day: who answers a missed day late has
    done their Monday.
    """
    return one.due_on is not None and one.due_on > week.today and one.said_on >= week.monday


def owed_check_ins(week: Week, rows: Sequence[Mine]) -> list[Owed]:
    """The key results whose check-in is due by the end of the week."""
    return [
        Owed(CHECK_IN, one.pk, one.due_on, (one.due_on, 1, one.objective_id, one.position))
        for one in rows
        if one.due_on is not None and one.due_on <= week.last_day and not is_answered(week, one)
    ]


def all_owed(
    week: Week, kpis: Sequence[Kpi] | None = None, rows: Sequence[Mine] | None = None
) -> list[Owed]:
    """Everything owed, overdue first, then by due day.

    `kpis` are `owned_kpis`, `rows` are `my_key_results`, where they are loaded already.
    """
    kpis = owned_kpis(week) if kpis is None else kpis
    rows = my_key_results(week) if rows is None else rows
    found = [*owed_values(week, kpis), *owed_check_ins(week, rows)]
    return sorted(found, key=lambda one: one.key)


def next_owed(owed: Sequence[Owed], root: str, after: tuple | None = None) -> str:
    """The row to open once `root` is saved: the first owed behind `after`, else the first there is.

    Only rows that are done in place; empty when none is left.
    """
    left = [one for one in owed if one.in_place and one.root != root]
    later = (one for one in left if after is None or one.key > after)
    following = next(later, left[0] if left else None)
    return following.root if following else ""


def counter_words(owed: Sequence[Owed], today: date) -> tuple[str, str, str]:
    """(how much there is, how long it takes, how much is late) for the lead of the page."""
    values, late = len(owed), sum(one.due_on < today for one in owed)
    noun = "value" if values == 1 else "values"
    minutes = max(1, round(values * SECONDS / 60))
    time = "one minute" if minutes == 1 else f"{in_words(minutes)} minutes"
    was = "One of them was" if late == 1 else f"{in_words(late).capitalize()} of them were"
    if values == 1 and late:
        was = "It was"
    overdue = f"{was} due yesterday or before." if late else ""
    return f"{in_words(values).capitalize()} {noun} to update", time, overdue


def in_words(count: int) -> str:
    """Small numbers as words, as sentences want them: `four`; larger ones in figures."""
    return _WORDS[count] if count < len(_WORDS) else f"{count:,}"
