"""What waits for a decision besides signals: objectives, dependencies and silent key results."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import NamedTuple

from django.db.models import Q

from objectives.kinds import Health
from objectives.models import Dependency
from objectives.states import DependencyState, ObjectiveState
from reviews.dashboards.goals import GoalFact
from reviews.dashboards.scope import Scope

# At or below it people do not expect an objective to arrive any more (the red of the ten bars).
LOW_CONFIDENCE = 3


class DependencyFact(NamedTuple):
    """Something an objective needs of another team, which has not answered yet."""

    pk: int
    what: str
    objective: str
    asking: str
    team_id: int
    team: str
    needed_on: date | None

    @property
    def url(self) -> str:
        """Its page."""
        return f"/dependencies/{self.pk}/"


def read_dependencies(scope: Scope) -> list[DependencyFact]:
    """Those not answered at the moment that a team in scope asks for or is asked: one query.

    The day they are needed on comes first; those without one last, in the order they were asked.
    """
    if scope.cycle is None:
        return []
    still = Q(state=DependencyState.ASKED)
    if scope.is_past:
        still |= Q(answered_at__gt=scope.moment)
    rows = Dependency.objects.visible_to(scope.user).filter(
        still,
        scope.within("objective__team") | scope.within("team"),
        objective__cycle=scope.cycle,
        objective__state__in=[ObjectiveState.ACTIVE, ObjectiveState.CLOSED],
        asked_at__lte=scope.moment,
    )
    found = [
        DependencyFact(*row)
        for row in rows.order_by("asked_at", "pk").values_list(
            *("pk", "what", "objective__title", "objective__team__name", "team_id", "team__name"),
            "needed_on",
        )
    ]
    return sorted(found, key=lambda one: one.needed_on or date.max)


def to_grade(goals: Iterable[GoalFact]) -> list[GoalFact]:
    """The objectives whose cycle is over and that nobody has graded."""
    return [one for one in goals if one.health == Health.OVERDUE]


def to_reconsider(goals: Iterable[GoalFact]) -> list[GoalFact]:
    """The objectives that will not land: at risk by the figures, and people do not expect them to.

    The least confident first.
    """
    found = [
        one
        for one in goals
        if one.health == Health.AT_RISK and one.lowest is not None and one.lowest <= LOW_CONFIDENCE
    ]
    return sorted(found, key=lambda one: (one.lowest, one.pk))
