"""Examples of KPIs by function, for a team that begins: what to copy, and a target to adapt."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from metrics.kinds import CadenceKind, Direction, Theme
from metrics.library_examples import ROWS

GROUPS = {
    "growth": "Growth",
    "retention": "Retention",
    "engagement": "Engagement",
    "quality": "Quality",
    "finance": "Finance",
    "sales": "Sales",
    "success": "Customer success",
    "engineering": "Engineering",
    "people": "People",
    "marketing": "Marketing",
}


@dataclass(frozen=True, slots=True)
class Example:
    """A KPI to copy. `target` is in `unit`; `direction` says whether it is a floor or a ceiling."""

    key: str
    group: str
    name: str
    definition: str
    why: str
    unit: str
    direction: Direction
    cadence: CadenceKind
    target: Decimal
    nature: str
    theme: Theme

    @property
    def is_floor(self) -> bool:
        """Whether the target is the least that is good, not the most."""
        return self.direction == Direction.HIGHER


def _example(group: str, row: tuple) -> Example:
    key, *words, target, nature, theme = row
    return Example(f"{group}-{key}", group, *words, Decimal(target), nature, theme)


EXAMPLES = tuple(_example(group, row) for group in GROUPS for row in ROWS[group])


@dataclass(frozen=True, slots=True)
class Idea:
    """An objective a group's KPIs could call for: its words and its first key result."""

    title: str
    key_result: str


IDEAS = {
    "growth": Idea(
        "Become the first name small firms are told",
        "New customers by recommendation rise from 12 to 30 a month",
    ),
    "retention": Idea(
        "Become the most trusted partner in our customers' renewal decisions",
        "Renewal rate improves from 82% to 90%",
    ),
    "engagement": Idea(
        "Become part of how managers begin their day",
        "Daily use of the main feature rises from 45% to 65%",
    ),
    "quality": Idea("Our customers love our onboarding", "Onboarding NPS rises from 32 to 55"),
    "finance": Idea(
        "Earn enough with each customer to choose our own pace",
        "Gross margin rises from 64% to 72%",
    ),
    "sales": Idea(
        "Build a repeatable enterprise sales motion",
        "Sales cycle falls from 90 to 60 days",
    ),
    "success": Idea(
        "Hear of trouble before our customers have to tell us",
        "At-risk accounts called in time rise from 40% to 80%",
    ),
    "engineering": Idea("Ship small changes that stay up", "Changes that fail fall from 18% to 8%"),
    "people": Idea(
        "Make onboarding a competitive advantage",
        "New hire time to productivity falls from 90 to 65 days",
    ),
    "marketing": Idea(
        "The right firms find us at a price that lets us grow",
        "Customer acquisition cost falls from 240 to 180",
    ),
}
BY_KEY = {one.key: one for one in EXAMPLES}


def by_group() -> list[tuple[str, str, list[Example]]]:
    """Key and name of each group with its examples, in the order of `GROUPS`."""
    return [
        (group, name, [one for one in EXAMPLES if one.group == group])
        for group, name in GROUPS.items()
    ]


def idea_for(names: set[str]) -> Idea:
    """The idea of the group most of these KPIs come from; of quality where none is known."""
    known = [one.group for one in EXAMPLES if one.name in names]
    return IDEAS[max(known, key=known.count) if known else "quality"]
