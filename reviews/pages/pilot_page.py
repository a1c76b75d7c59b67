"""What an administrator looks at of a pilot: do its teams have objectives, update them, learn?"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db.models import Avg, Count, Q

from metrics.wording import NO_VALUE, day_year, percent
from objectives.models import Cycle, Objective, Pilot
from objectives.states import ROLLED_UP, ObjectiveState
from reviews.pages.statistics_facts import Scope, update_shares
from teams.models import Team, User

ON_TIME = Decimal("0.8")


@dataclass(frozen=True, slots=True)
class PilotRow:
    """A team of the pilot: its objectives in the cycle, how many are closed, their mean grade."""

    team: Team
    objectives: int
    closed: int
    grade: str


@dataclass(frozen=True, slots=True)
class Look:
    """One question of the end: what to look for, what stands, and whether it is so already."""

    question: str
    stands: str
    is_so: bool

    @property
    def icon(self) -> str:
        """A check, or an open circle."""
        return "s-check" if self.is_so else "circle"


def pilot_context(pilot: Pilot, user: User, today: date) -> dict:
    """The running pilot as it stands; a number of queries that no team adds to."""
    teams = list(pilot.teams.order_by("name", "pk"))
    seen = Team.objects.visible_to(user)
    visible = set(seen.filter(pk__in=[team.pk for team in teams]).values_list("pk", flat=True))
    shown = [team for team in teams if team.pk in visible]
    rows = _rows(pilot.cycle, shown)
    scope = Scope(
        user,
        pilot.organisation,
        today,
        (pilot.cycle,),
        team_ids=frozenset(team.pk for team in teams),
    )
    updates = update_shares(scope)[pilot.cycle.pk]
    others = seen.in_use().exclude(pk__in=[team.pk for team in teams])
    return {
        "pilot": pilot,
        "rows": rows,
        "hidden": len(teams) - len(shown),
        "looks": _looks(rows, updates),
        "others": others.order_by("name", "pk"),
        "when": _when(pilot.cycle, today),
    }


def _rows(cycle: Cycle, teams: list[Team]) -> list[PilotRow]:
    objectives = Objective.objects.filter(team__in=teams, cycle=cycle, state__in=ROLLED_UP)
    by_team = (
        objectives.order_by()
        .values_list("team_id")
        .annotate(
            count=Count("pk"),
            closed=Count("pk", filter=Q(state=ObjectiveState.CLOSED)),
            mean=Avg("grade"),
        )
    )
    counted = {team: rest for team, *rest in by_team}
    rows = []
    for team in teams:
        count, closed, grade = counted.get(team.pk, (0, 0, None))
        said = NO_VALUE if grade is None else f"{Decimal(grade):.1f}"
        rows.append(PilotRow(team, count, closed, said))
    return rows


def _looks(rows: list[PilotRow], updates) -> list[Look]:
    """The three questions; none of them is a verdict on a team."""
    having = sum(1 <= row.objectives <= 4 for row in rows)
    ratio = updates.ratio
    told = f"{updates.on_time} of {updates.due}" if updates.due else "none was due yet"
    graded = sum(row.closed == row.objectives > 0 for row in rows)
    return [
        Look(
            "Has each team one to four objectives?",
            f"{having} of {len(rows)}",
            bool(rows) and having == len(rows),
        ),
        Look(
            "Do check-ins come in time, about four of five?",
            told if ratio is None else f"{told}, {percent(ratio)}",
            ratio is not None and ratio >= ON_TIME,
        ),
        Look(
            "Were they graded and talked about at the end?",
            f"{graded} of {len(rows)} closed all of theirs",
            bool(rows) and graded == len(rows),
        ),
    ]


def _when(cycle: Cycle, today: date) -> str:
    """`Ends on 30 Sep 2026, in 43 days.`"""
    days = (cycle.ends_on - today).days
    if days < 0:
        return f"{cycle.name} ended on {day_year(cycle.ends_on)}: look, then widen."
    return f"{cycle.name} ends on {day_year(cycle.ends_on)}, in {days} days."
