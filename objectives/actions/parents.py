"""What an objective may be aligned to, asked again where it is written."""

from __future__ import annotations

from objectives.alignment import would_cycle
from objectives.models import Cycle, KeyResult, Objective
from objectives.states import LIVE
from teams.models import Organisation


class ParentRefused(ValueError):
    """The objective cannot be aligned to this one; the text says why and what to do instead."""

    field = "parent"


def objective_of(parent: Objective | KeyResult) -> Objective:
    """The objective a parent stands for: itself, or that of the key result."""
    return parent.objective if isinstance(parent, KeyResult) else parent


def parent_problem(
    pk: int | None,
    cycle: Cycle,
    parent: Objective | KeyResult,
    parents: dict[int, int],
) -> str:
    """Why an objective of a cycle cannot be aligned to `parent`; empty where it can.

    `pk` is None for one that is new; `parents` are those of its organisation.
    """
    above = objective_of(parent)
    if above.state not in LIVE or getattr(parent, "withdrawn_at", None):
        return f"“{parent}” is not being worked on any more. Choose another, or none."
    if pk is not None and pk == above.pk:
        return "This is the objective itself. Choose another, or none."
    if pk is not None and would_cycle(pk, above.pk, parents):
        return f"“{above}” is itself aligned below this objective. Choose another, or none."
    if above.cycle.starts_on > cycle.starts_on or above.cycle.ends_on < cycle.ends_on:
        return (
            f"“{above}” belongs to {above.cycle}, which does not hold {cycle}."
            " Choose one of the same cycle or of a longer one around it."
        )
    return ""


def lock_tree(organisation: Organisation) -> None:
    """Hold what is aligned to what in an organisation until the transaction ends.

    Taken after a KPI and before objectives and key results, by everybody, so that nobody waits in a
    circle.
    """
    Organisation.objects.select_for_update(no_key=True).get(pk=organisation.pk)


def require_parent(
    pk: int | None, organisation: Organisation, cycle: Cycle, parent: Objective | KeyResult | None
) -> None:
    """Raise ParentRefused unless an objective of this organisation may be aligned so.

    Holds the tree until the transaction ends: two alignments that would close a circle together
    come one after the other, and what is given up meanwhile takes nothing on.
    """
    if parent is None:
        return
    above = objective_of(parent)
    if above.team.organisation_id != organisation.pk:
        raise ParentRefused("It belongs to another organisation. Choose another, or none.")
    lock_tree(organisation)
    above.refresh_from_db(fields=["state"])
    if isinstance(parent, KeyResult):
        parent.refresh_from_db(fields=["withdrawn_at"])
    parents = Objective.objects.parents_in(organisation)
    if problem := parent_problem(pk, cycle, parent, parents):
        raise ParentRefused(problem)
