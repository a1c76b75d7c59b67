"""Whose dashboard, of which cycle, as of which day."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import NamedTuple

from django.db.models import Q

from metrics.periods import first_instant
from objectives.models import Cycle
from objectives.states import CycleState
from teams.models import Membership, Organisation, Team, User

_DAY = timedelta(days=1)
_TICK = timedelta(microseconds=1)


class TeamFact(NamedTuple):
    """A team the reader may see; `leads` are the names of those who decide.

    `ended_at` is when it was archived, None while it is in use.
    """

    pk: int
    name: str
    parent_id: int | None
    leads: str = ""
    ended_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Scope:
    """What the page is about.

    `teams` are the visible ones in it, `visible` all the reader may choose from; `team_ids` those
    of the whole subtree, hidden ones too, None for the whole organisation: only counts of hidden
    rows are taken from them. `moment` is the instant the page tells of, and `is_past` says that it
    is not now. `cycle` is None while the organisation has none.
    """

    organisation: Organisation
    user: User
    visible: tuple[TeamFact, ...]
    teams: tuple[TeamFact, ...]
    team: TeamFact | None
    team_ids: frozenset[int] | None
    cycles: tuple[Cycle, ...]
    cycle: Cycle | None
    on: date
    moment: datetime
    is_past: bool

    def in_use(self) -> list[TeamFact]:
        """The teams that were not archived by the moment."""
        return [one for one in self.teams if not one.ended_at or one.ended_at > self.moment]

    def within(self, path: str = "team") -> Q:
        """Rows of the teams in scope, whether the reader may see them or not."""
        if self.team_ids is None:
            return Q(**{f"{path}__organisation_id": self.organisation.pk})
        return Q(**{f"{path}_id__in": self.team_ids})


class Known(NamedTuple):
    """The teams and cycles of an organisation, read once before anything is chosen."""

    teams: tuple[tuple[int, str, int | None, bool, datetime | None], ...]
    member_of: frozenset[int]
    leads: dict[int, str]
    cycles: tuple[Cycle, ...]

    def visible(self) -> tuple[TeamFact, ...]:
        """Those the reader may see, by name."""
        return tuple(
            TeamFact(pk, name, parent_id, self.leads.get(pk, ""), ended_at)
            for pk, name, parent_id, is_private, ended_at in self.teams
            if not is_private or pk in self.member_of
        )


def read_known(user: User) -> Known:
    """Teams, the reader's memberships, leads and cycles: four queries."""
    teams = Team.objects.filter(organisation_id=user.organisation_id).order_by("name", "pk")
    leads: dict[int, list[str]] = defaultdict(list)
    rows = Membership.objects.filter(
        team__organisation_id=user.organisation_id, role="lead", user__is_active=True
    ).order_by("user__name", "user_id")
    for team_id, name, email in rows.values_list("team_id", "user__name", "user__email"):
        leads[team_id].append(name or email)
    return Known(
        tuple(teams.values_list("pk", "name", "parent_id", "is_private", "archived_at")),
        frozenset(user.memberships.values_list("team_id", flat=True)),
        {pk: ", ".join(names) for pk, names in leads.items()},
        tuple(Cycle.objects.of(user.organisation).order_by("-starts_on", "ends_on", "pk")),
    )


def subtree(parents: Iterable[tuple[int, int | None]], root: int) -> frozenset[int]:
    """The ids of a team and everything below it, from (team, parent) pairs; a circle ends."""
    children: dict[int | None, list[int]] = defaultdict(list)
    for pk, parent_id in parents:
        children[parent_id].append(pk)
    found, waiting = {root}, [root]
    while waiting:
        for child in children[waiting.pop()]:
            if child not in found:
                found.add(child)
                waiting.append(child)
    return frozenset(found)


def usual_cycle(cycles: Sequence[Cycle], today: date) -> Cycle | None:
    """The cycle a person means without saying: the shortest that runs today, else the last begun.

    `cycles` are newest first; of those that are yet to come the next one, where none has begun.
    """
    running = [one for one in cycles if one.starts_on <= today <= one.ends_on]
    if running:
        return min(running, key=lambda one: (one.ends_on - one.starts_on, one.pk))
    begun = [one for one in cycles if one.starts_on <= today]
    late = [one for one in begun if one.state != CycleState.CLOSED]
    if late or begun:
        return (late or begun)[0]
    return cycles[-1] if cycles else None


def closing_day(cycle: Cycle | None, organisation: Organisation, today: date) -> date | None:
    """The past day on which a cycle was closed, its grades given; None while it goes on.

    KPIs and signals of today beside the objectives of a cycle long gone would say nothing of it.
    """
    if cycle is None or cycle.state != CycleState.CLOSED:
        return None
    closed = organisation.today(cycle.closed_at)
    return closed if closed < today else None


def as_of(scope: Scope, cycle: Cycle, day: date) -> Scope:
    """The same scope, of a cycle and as of a past day."""
    moment = end_of(day, scope.organisation)
    return replace(scope, cycle=cycle, on=day, moment=moment, is_past=True)


def end_of(day: date, organisation: Organisation) -> datetime:
    """The last instant of a day where the organisation is: what a past day is told as of."""
    return first_instant(day + _DAY, organisation.zone) - _TICK


def scope_of(
    user: User,
    known: Known,
    now: datetime,
    *,
    team: TeamFact | None = None,
    cycle: Cycle | None = None,
    on: date | None = None,
) -> Scope:
    """Put what was chosen together; without `on` the page tells of now, `on` is never after."""
    organisation = user.organisation
    today = organisation.today(now)
    visible = known.visible()
    ids = None
    if team is not None:
        ids = subtree(((row[0], row[2]) for row in known.teams), team.pk)
    is_past = on is not None and on < today
    day = on if is_past else today
    moment = end_of(day, organisation) if is_past else now
    return Scope(
        organisation,
        user,
        visible,
        tuple(one for one in visible if ids is None or one.pk in ids),
        team,
        ids,
        known.cycles,
        cycle or usual_cycle(known.cycles, day),
        day,
        moment,
        is_past,
    )
