"""What a draft form offers to choose from, as rows that were loaded once for every field."""

from __future__ import annotations

from dataclasses import dataclass, field

from metrics.models import Kpi
from objectives.models import Cycle, KeyResult, Objective
from teams.models import Team, User

Parent = Objective | KeyResult


@dataclass(frozen=True, slots=True)
class Offers:
    """The choices of one form. Keys are what the form posts.

    `gone` are people who own something here but left; they are shown, and refused with a reason.
    `parents` are all that may be seen, `parent_groups` those offered, by team; `above` maps the
    organisation's aligned objectives to their parents. `hidden` is the parent a draft has though
    the person may not see it. `pk` is the draft's, None for a new one.
    """

    team: Team
    cycles: dict[str, tuple[Cycle, str]]
    levels: list[tuple[str, str]]
    people: dict[str, User]
    gone: dict[str, User] = field(default_factory=dict)
    kpis: dict[str, Kpi] = field(default_factory=dict)
    parents: dict[str, Parent] = field(default_factory=dict)
    parent_groups: list[tuple[str, list[tuple[str, str]]]] = field(default_factory=list)
    above: dict[int, int] = field(default_factory=dict)
    hidden: Parent | None = None
    pk: int | None = None
    is_cut: bool = False


def parent_key(parent: Parent | None) -> str:
    """What the form posts for a parent: `o12` an objective, `k34` a key result."""
    if parent is None:
        return ""
    return f"{'k' if isinstance(parent, KeyResult) else 'o'}{parent.pk}"
