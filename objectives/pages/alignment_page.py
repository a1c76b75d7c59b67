"""How the objectives of a cycle hang together: the tree, the orphans, the KPIs claimed twice."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date
from typing import NamedTuple

from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.utils.safestring import SafeString

from metrics.figures import status_mark
from metrics.models import Kpi
from metrics.wording import percent
from objectives.alignment import depth
from objectives.coach.catalogue import Hint
from objectives.coach.facts import ObjectiveText
from objectives.coach.objective_rules import copied
from objectives.coach.reading import read
from objectives.kinds import Level
from objectives.models import Cycle, KeyResult, Objective
from objectives.pages.rows import grade_state, health_mark
from objectives.standing import ObjectiveStanding, objective_standing
from objectives.states import LIVE, ROLLED_UP
from teams.models import User

ROOTS_A_PAGE = 60
MOST_DEEP = 6


class Branch(NamedTuple):
    """One objective in the tree; `steps` is how far it is indented, `via` the key result above."""

    objective: Objective
    team: str
    steps: int
    via: str
    status: SafeString
    progress: str
    hint: Hint | None
    children: int


class Claim(NamedTuple):
    """A KPI that more than one key result goes for."""

    kpi: Kpi
    key_results: list[KeyResult]


def alignment_context(cycle: Cycle, user: User, today: date, number: str) -> dict:
    """What `alignment.html` prints for a cycle: drafts and active objectives and their parents.

    Parents may lie in a longer cycle around it. What the person may not see is left out; a child of
    it stands as if at the top, and says so.
    """
    seen = Objective.objects.visible_to(user).filter(state__in=[*LIVE, *ROLLED_UP])
    around = seen.filter(cycle__starts_on__lte=cycle.starts_on, cycle__ends_on__gte=cycle.ends_on)
    rows = list(
        around.values_list(
            "pk", "cycle_id", "parent_objective_id", "parent_key_result__objective_id"
        )
    )
    parents = {pk: up or via for pk, _, up, via in rows if up or via}
    mine = [pk for pk, of, _, _ in rows if of == cycle.pk]
    roots = _roots(mine, parents, {pk for pk, *_ in rows})
    page = Paginator(roots, ROOTS_A_PAGE).get_page(number)
    branches = _branches(list(page), mine, parents, around, today)
    orphans = [pk for pk in mine if pk not in parents]
    return {
        "cycle": cycle,
        "page": page,
        "branches": branches,
        "orphans": len(orphans),
        "aligned": len(mine) - len(orphans),
        "claims": double_claims(cycle, user),
    }


def _roots(mine: Sequence[int], parents: dict[int, int], known: set[int]) -> list[int]:
    """The top objectives of the cycle's trees, each once, in the order of their first child."""
    found: dict[int, None] = {}
    for pk in mine:
        top, seen = pk, {pk}
        while (above := parents.get(top)) in known and above not in seen:
            top = above
            seen.add(above)
        found[top] = None
    return list(found)


def _branches(
    roots: list[int], mine: list[int], parents: dict[int, int], around: QuerySet, today: date
) -> list[Branch]:
    """The trees below the page's roots, in the order they are read."""
    below: dict[int, list[int]] = defaultdict(list)
    for child, above in parents.items():
        below[above].append(child)
    wanted = set(mine) | set(roots)
    order: list[tuple[int, int]] = []
    for root in roots:
        _walk(root, 0, below, wanted, order)
    loaded = around.filter(pk__in=[pk for pk, _ in order]).with_latest()
    loaded = loaded.select_related("owner", "parent_key_result")
    standings = {row.pk: objective_standing(row, today) for row in loaded}
    return [
        _branch(standings[pk], steps, standings, parents, below)
        for pk, steps in order
        if pk in standings
    ]


def _walk(pk: int, steps: int, below: dict[int, list[int]], wanted: set[int], order: list) -> None:
    """Depth first; what lies between the root and an objective of the cycle is kept."""
    order.append((pk, steps))
    if steps >= MOST_DEEP:
        return
    for child in below.get(pk, ()):
        if child in wanted or any(one in wanted for one in below.get(child, ())):
            _walk(child, steps + 1, below, wanted, order)


def _branch(
    standing: ObjectiveStanding,
    steps: int,
    standings: dict[int, ObjectiveStanding],
    parents: dict[int, int],
    below: dict[int, list[int]],
) -> Branch:
    objective = standing.objective
    above = standings.get(parents.get(objective.pk, 0))
    via = objective.parent_key_result.title if objective.parent_key_result else ""
    return Branch(
        objective,
        objective.team.name,
        steps,
        via,
        _status(standing),
        percent(standing.progress),
        _theatre(objective, above.objective if above else None, depth(objective.pk, parents)),
        len(below.get(objective.pk, ())),
    )


def _status(standing: ObjectiveStanding) -> SafeString:
    objective = standing.objective
    if objective.state in ("draft", "parked"):
        return status_mark("not_started", word="Draft")
    if objective.grade is not None:
        return status_mark(grade_state(objective.grade), word=f"Closed, {objective.grade}")
    return health_mark(standing.health)


def _theatre(objective: Objective, above: Objective | None, deep: int) -> Hint | None:
    """W23: copied wording, or deeper than three."""
    text = ObjectiveText(objective.title, parent_title=above.title if above else "", depth=deep)
    return copied(text, read(objective.title))


def double_claims(cycle: Cycle, user: User) -> list[Claim]:
    """KPIs that two key results go for: whose result is it (product.md G9)?"""
    rows = KeyResult.objects.visible_to(user).filter(
        objective__cycle=cycle, objective__state__in=LIVE, withdrawn_at=None, kpi__isnull=False
    )
    rows = rows.filter(kpi__in=Kpi.objects.visible_to(user)).exclude(kind="hold")
    rows = rows.select_related("kpi", "objective__team").order_by("kpi_id", "pk")
    found: dict[int, list[KeyResult]] = defaultdict(list)
    for row in rows:
        found[row.kpi_id].append(row)
    return [Claim(of[0].kpi, of) for of in found.values() if len(of) > 1]


def possible_children(parent: Objective, user: User) -> QuerySet[Objective]:
    """Objectives without a parent that the person leads and may offer to this one."""
    rows = Objective.objects.visible_to(user).filter(
        state__in=LIVE,
        team__organisation=parent.team.organisation,
        team__memberships__user=user,
        team__memberships__role="lead",
        parent_objective=None,
        parent_key_result=None,
        cycle__starts_on__gte=parent.cycle.starts_on,
        cycle__ends_on__lte=parent.cycle.ends_on,
    )
    return rows.exclude(pk=parent.pk).select_related("team", "cycle").order_by("title", "pk")


def children_of(objective: Objective, user: User) -> Iterable[Objective]:
    """The visible objectives aligned to this one or to one of its key results."""
    rows = Objective.objects.visible_to(user).filter(state__in=[*LIVE, *ROLLED_UP])
    rows = rows.filter(parent_objective=objective) | rows.filter(
        parent_key_result__objective=objective
    )
    return rows.select_related("team", "cycle", "parent_key_result").order_by("team__name", "pk")


def level_word(objective: Objective) -> str:
    """`company`, `team` or `individual`, as a word in a line."""
    return Level(objective.level).label.lower()
