"""What nobody looks after: the gaps report (product.md C14). Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import NamedTuple

from metrics.standpoint import OFF
from metrics.wording import day_near, plural
from objectives.kinds import Health
from objectives.rolled_up import RowFact
from objectives.states import ObjectiveState
from reviews.dashboards.facts import KpiFact
from reviews.dashboards.goals import UNTOUCHED_DAYS, GoalFact
from reviews.dashboards.links import Link
from reviews.dashboards.scope import TeamFact

LocalDay = Callable[[datetime], date]


class Kind(NamedTuple):
    """A sort of gap: how it is called, and what to do about it."""

    slug: str
    title: str
    advice: str


NO_KEY_RESULT = Kind("no-key-result", "Objective without a key result", "Add one, or withdraw it.")
UNTOUCHED = Kind(
    "untouched",
    f"Key result without an update for {UNTOUCHED_DAYS} days",
    "Check in, or withdraw it with a reason.",
)
NO_OWNER = Kind("no-owner", "KPI off target that nobody owns", "Name an owner.")
NO_ANSWER = Kind("no-answer", "KPI off target without an answer", "Decide what is done about it.")
ORPHAN = Kind(
    "orphan", "Objective tied to nothing", "Align it, or say which KPI it is meant to move."
)
NO_KPIS = Kind("no-kpis", "Team without KPIs", "Add four to six.")
NO_OBJECTIVES = Kind("no-objectives", "Team without objectives", "Fine by choice; else draft one.")
KINDS = (NO_OWNER, NO_ANSWER, NO_KEY_RESULT, UNTOUCHED, ORPHAN, NO_KPIS, NO_OBJECTIVES)


class Gap(NamedTuple):
    """One gap: what it is about, where that is, whose it is, and since when.

    `health` is the status of a key result, None for anything else.
    """

    kind: Kind
    what: str
    url: str
    team_id: int
    detail: str = ""
    health: Health | None = None


def gaps(
    teams: Iterable[TeamFact],
    kpis: Collection[KpiFact],
    goals: Collection[GoalFact],
    rows: Iterable[RowFact],
    links: Mapping[int, list[Link]],
    answered: Collection[int],
    today: date,
    local: LocalDay,
) -> list[Gap]:
    """Every gap, by kind; `answered` are the KPIs whose open signal somebody decided about.

    A signal whose OKR is closed while it stays open is not in `answered`: only data end it.
    `rows` are at least the key results nobody has checked in on for long; `local` is the day of an
    instant where the organisation is.
    """
    found = [*_of_kpis(kpis, links, answered)]
    by_hand: dict[int, list[RowFact]] = defaultdict(list)
    for row in rows:
        if row.owes:
            by_hand[row.objective_id].append(row)
    running = [one for one in goals if one.state == ObjectiveState.ACTIVE]
    tied = {link.objective.pk for ties in links.values() for link in ties}
    tied |= {one.parent_id for one in running}
    for one in running:
        found += _of_objective(one, by_hand.get(one.pk, ()), tied, today, local)
    with_kpis = {one.team_id for one in kpis}
    with_goals = {one.team_id for one in goals}
    for team in teams:
        url = f"/teams/{team.pk}/"
        if team.pk not in with_kpis:
            found.append(Gap(NO_KPIS, team.name, url, team.pk))
        if team.pk not in with_goals:
            found.append(Gap(NO_OBJECTIVES, team.name, url, team.pk))
    order = {kind.slug: at for at, kind in enumerate(KINDS)}
    return sorted(found, key=lambda gap: order[gap.kind.slug])


def _of_kpis(kpis, links, answered) -> Iterator[Gap]:
    for kpi in kpis:
        if kpi.state != OFF:
            continue
        if not kpi.owner:
            yield Gap(NO_OWNER, kpi.name, kpi.url, kpi.team_id, kpi.age)
        if kpi.pk not in answered and not is_being_fixed(links.get(kpi.pk, ())):
            yield Gap(NO_ANSWER, kpi.name, kpi.url, kpi.team_id, kpi.age)


def is_being_fixed(ties: Iterable[Link]) -> bool:
    """A running objective answers the signal of the KPI, or is measured by it."""
    return any(tie.objective.state == ObjectiveState.ACTIVE for tie in ties)


def _of_objective(
    one: GoalFact, rows: Sequence[RowFact], tied: Collection, today: date, local: LocalDay
) -> Iterator[Gap]:
    if not one.count:
        yield Gap(NO_KEY_RESULT, one.title, one.url, one.team_id)
    for row in rows:
        last = local(row.said_at) if row.said_at else None
        days = (today - (last or one.begins_on)).days
        if days > UNTOUCHED_DAYS:
            detail = f"last {day_near(last, today)}" if last else "never"
            detail = f"{plural(days, 'day')}, {detail}"
            yield Gap(UNTOUCHED, row.title, row.url, one.team_id, detail, row.health)
    if not one.is_aligned and one.pk not in tied and one.signal_id is None:
        yield Gap(ORPHAN, one.title, one.url, one.team_id)
