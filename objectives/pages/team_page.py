"""The objectives side of the team page: which ones, filtered how, and what they add up to."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import NamedTuple

from django import forms
from django.db import connection
from django.db.models import Q

from metrics.wording import NO_VALUE, percent
from objectives import explain
from objectives.kinds import Health
from objectives.models import Cycle, Dependency, Objective
from objectives.pages.dependency_page import DependencyView, dependency_view
from objectives.standing import ObjectiveStanding, objective_standing, team_standing
from objectives.states import LIVE, ROLLED_UP, UNPUBLISHED, DependencyState, ObjectiveState
from teams.models import Team, User

MOST_NEEDS = 60
# What stands in the filter for status, worst first.
STATUSES = (
    Health.AT_RISK,
    Health.STALE,
    Health.BEHIND,
    Health.NO_DATA,
    Health.ON_TRACK,
    Health.ACHIEVED,
    Health.CLOSED,
)


class FilterForm(forms.Form):
    """Which objectives the page shows; what cannot be understood filters nothing."""

    cycle = forms.ChoiceField(label="Cycle", required=False)
    owner = forms.ChoiceField(label="Owner", required=False)
    status = forms.ChoiceField(
        label="Status",
        required=False,
        choices=[("", "Any status"), *((one.value, one.label) for one in STATUSES)],
    )

    def __init__(self, data, *, cycles: Sequence[Cycle], owners: dict[str, str]) -> None:
        super().__init__(data)
        named = [(str(one.pk), one.name) for one in cycles]
        self.fields["cycle"].choices = [("", "Running now"), *named]
        self.fields["owner"].choices = [("", "Anybody"), *owners.items()]

    def chosen(self, name: str) -> str:
        """What was chosen, empty for all."""
        return self.cleaned_data.get(name, "") if self.is_valid() else ""


class Held(NamedTuple):
    """Whether a team has objectives at all, and was asked for something or asks others."""

    objectives: bool
    dependencies: bool


def held_by(team_id: int) -> Held:
    """Look by hand, since every look at a team asks and most have few or none. One query."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT EXISTS (SELECT 1 FROM objectives_objective WHERE team_id = %s), EXISTS ("
            " SELECT 1 FROM objectives_dependency WHERE team_id = %s OR objective_id IN"
            " (SELECT id FROM objectives_objective WHERE team_id = %s))",
            [team_id] * 3,
        )
        return Held(*map(bool, cursor.fetchone()))


class Destination(NamedTuple):
    """What the team is going for, as the person may see it."""

    standings: Sequence[ObjectiveStanding] = ()
    drafts: Sequence[Objective] = ()
    parked: Sequence[Objective] = ()
    form: FilterForm | None = None
    filtered: bool = False
    cycle: Cycle | None = None


def destination(team: Team, user: User, role: str | None, today: date, data: dict) -> Destination:
    """The team's objectives: the running ones, or those of the cycle that was chosen.

    Members see the drafts and the parking list too. A stranger sees no private one. What only some
    pages need is asked for only there.
    """
    rows = Objective.objects.of_team(team.pk)
    if role is None:
        rows = rows.filter(is_private=False, state__in=ROLLED_UP)
    known = list(rows.values_list("pk", "state", "cycle_id", "owner_id", "owner__name"))
    if not known:
        return Destination()
    cycles = list(Cycle.objects.filter(pk__in={row[2] for row in known}).order_by("-starts_on"))
    owners = {str(row[3]): row[4] for row in known if row[3] is not None}
    form = FilterForm(data, cycles=cycles, owners=dict(sorted(owners.items(), key=lambda o: o[1])))
    cycle = next((one for one in cycles if str(one.pk) == form.chosen("cycle")), None)
    shown = _shown(known, {one.pk: one for one in cycles}, cycle, today)
    if form.chosen("owner"):
        shown = [row for row in shown if str(row[3]) == form.chosen("owner")]
    standings = _standings([row[0] for row in shown], today)
    if status := form.chosen("status"):
        standings = [one for one in standings if one.health == status]
    unpublished = {row[0] for row in known if row[1] in UNPUBLISHED}
    waiting = list(rows.filter(pk__in=unpublished).select_related("owner", "cycle"))
    return Destination(
        standings,
        [row for row in waiting if row.state == ObjectiveState.DRAFT],
        [row for row in waiting if row.state == ObjectiveState.PARKED],
        form,
        any(form.chosen(name) for name in ("cycle", "owner", "status")),
        cycle,
    )


def _shown(known: list, cycles: dict[int, Cycle], cycle: Cycle | None, today: date) -> list:
    """The rows of the chosen cycle; without one the active ones whose cycle has begun."""
    if cycle is not None:
        return [row for row in known if row[2] == cycle.pk and row[1] in ROLLED_UP]
    return [
        row
        for row in known
        if row[1] == ObjectiveState.ACTIVE and cycles[row[2]].starts_on <= today
    ]


def _standings(ids: list[int], today: date) -> list[ObjectiveStanding]:
    if not ids:
        return []
    rows = Objective.objects.filter(pk__in=ids).order_by("position", "pk").with_parts()
    return [objective_standing(one, today) for one in rows]


def objective_facts(standings: Sequence[ObjectiveStanding]) -> list[dict]:
    """Mean progress and the lowest confidence, explained; nothing without objectives."""
    if not standings:
        return []
    total = team_standing(standings)
    found = [
        {
            "term": "Objectives, progress",
            "value": NO_VALUE if total.progress is None else percent(total.progress)[:-2],
            "small": "" if total.progress is None else "%",
            "below": f"{percent(total.expected)} expected today"
            if total.progress is not None
            else "no data",
            "explanation": explain.team_progress(standings),
        }
    ]
    said = [
        (row.confidence, row.key_result.title)
        for one in standings
        for row in one.key_results
        if row.confidence is not None and row.counts
    ]
    if said:
        lowest, title = min(said)
        fact = {"term": "Lowest confidence", "value": lowest, "small": "/10", "below": title}
        found.append(fact)
    return found


class Needs(NamedTuple):
    """What the team was asked for, and what it asks of others."""

    asked_of_us: Sequence[DependencyView] = ()
    asked_by_us: Sequence[DependencyView] = ()


def needs_of(team: Team, today: date) -> Needs:
    """The dependencies that still matter to a team, as its own people may see them.

    What a private objective of others asks, or a private team is asked, stays between those two.
    """
    seen = Q(objective__is_private=False, objective__team__is_private=False)
    rows = Dependency.objects.filter(Q(objective__team=team) | Q(team=team) & seen)
    rows = rows.filter(objective__state__in=LIVE).exclude(state=DependencyState.WITHDRAWN)
    rows = rows.select_related("team", "objective__team").order_by("needed_on", "pk")[:MOST_NEEDS]
    views = [dependency_view(row, today) for row in rows]
    return Needs(
        [one for one in views if one.dependency.team_id == team.pk],
        [one for one in views if one.dependency.objective.team_id == team.pk],
    )
