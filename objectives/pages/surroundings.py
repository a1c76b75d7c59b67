"""What stands around an objective: what it contributes to, who contributes, what others owe it."""

from __future__ import annotations

from datetime import date, datetime
from typing import NamedTuple

from objectives.actions.alignment import parent_of
from objectives.actions.lifecycle import UNDO_DAYS, may_be_restored
from objectives.actions.parents import objective_of
from objectives.models import Dependency, KeyResult, Objective
from objectives.pages.alignment_page import children_of
from objectives.pages.dependency_page import DependencyView, dependency_view
from objectives.states import LIVE, DependencyState, ObjectiveState
from teams.models import User

MOST = 60


class Parent(NamedTuple):
    """What an objective is aligned to; without a URL it is hidden from the person."""

    title: str
    url: str
    team: str


class Step(NamedTuple):
    """One thing a lead can do with the objective; posted at once where it needs no form."""

    label: str
    url: str
    is_post: bool = False


def parent_view(objective: Objective, user: User) -> Parent | None:
    """Its parent; one the person may not see is only said to be there."""
    parent = parent_of(objective)
    if parent is None:
        return None
    above = objective_of(parent)
    if not Objective.objects.visible_to(user).filter(pk=above.pk).exists():
        return Parent("1 hidden", "", "")
    url = parent.get_absolute_url() if isinstance(parent, KeyResult) else above.get_absolute_url()
    return Parent(str(parent), url, above.team.name)


def children_views(objective: Objective, user: User) -> list[Objective]:
    """The visible objectives that contribute to it."""
    return list(children_of(objective, user)[:MOST])


def dependencies_of(objective: Objective, user: User, today: date) -> list[DependencyView]:
    """What it needs of other teams, taken-back ones left out."""
    rows = Dependency.objects.visible_to(user).filter(objective=objective)
    rows = rows.exclude(state=DependencyState.WITHDRAWN).select_related("team", "objective__team")
    return [dependency_view(row, today) for row in rows.order_by("needed_on", "pk")[:MOST]]


def steps_of(objective: Objective, now: datetime) -> list[Step]:
    """What a lead can do beside the one next step that the page offers."""
    base = objective.get_absolute_url()
    state = objective.state
    steps = []
    if state in LIVE:
        steps += [Step("Align it", f"{base}align/"), Step("Ask another team", f"{base}ask/")]
    if state != ObjectiveState.PARKED:
        steps.append(Step("Draft it again for another cycle", f"{base}copy/"))
    if state == ObjectiveState.DRAFT:
        steps.append(Step("Put it on the parking list", f"{base}park/"))
    if state == ObjectiveState.PARKED:
        steps.append(Step("Take it up as a draft", f"{base}unpark/", is_post=True))
    if state in {*LIVE, ObjectiveState.PARKED}:
        steps.append(Step("Withdraw it", f"{base}withdraw/"))
    if may_be_restored(objective, now):
        label = f"Bring it back (for {UNDO_DAYS} days)"
        steps.append(Step(label, f"{base}restore/", is_post=True))
    return steps
