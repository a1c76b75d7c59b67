"""What nobody looks after: the gaps report (product.md C14). Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import date
from typing import NamedTuple

from metrics.standpoint import OFF
from metrics.wording import day_near, plural
from objectives.kinds import KeyResultKind
from objectives.standing import KeyResultStanding, ObjectiveStanding, follows, said_on
from objectives.states import ObjectiveState
from reviews.dashboards.facts import KpiFact
from reviews.dashboards.links import Link
from reviews.dashboards.scope import TeamFact

# After so long without an update nobody looks at a key result (W24, product.md E6).
UNTOUCHED_DAYS = 31


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
    """One gap: what it is about, where that is, whose it is, and since when."""

    kind: Kind
    what: str
    url: str
    team_id: int
    detail: str = ""


def gaps(
    teams: Iterable[TeamFact],
    kpis: Collection[KpiFact],
    standings: Collection[ObjectiveStanding],
    links: Mapping[int, list[Link]],
    answered: Collection[int],
    today: date,
) -> list[Gap]:
    """Every gap, by kind; `answered` are the KPIs whose open signal somebody decided about."""
    found = [*_of_kpis(kpis, links, answered)]
    running = [one for one in standings if one.objective.state == ObjectiveState.ACTIVE]
    linked = {link.objective.objective.pk for ties in links.values() for link in ties}
    parents = {one.objective.parent_objective_id for one in running}
    for one in running:
        found += _of_objective(one, linked | parents, today)
    with_kpis = {one.team_id for one in kpis}
    with_goals = {one.objective.team_id for one in standings}
    for team in teams:
        url = f"/teams/{team.pk}/"
        if team.pk not in with_kpis:
            found.append(Gap(NO_KPIS, team.name, url, team.pk))
        if team.pk not in with_goals:
            found.append(Gap(NO_OBJECTIVES, team.name, url, team.pk))
    order = {kind: at for at, kind in enumerate(KINDS)}
    return sorted(found, key=lambda gap: order[gap.kind])


def _of_kpis(kpis, links, answered) -> Iterator[Gap]:
    for kpi in kpis:
        if kpi.state != OFF:
            continue
        if not kpi.owner:
            yield Gap(NO_OWNER, kpi.name, kpi.url, kpi.team_id, kpi.age)
        ties = links.get(kpi.pk, ())
        being_fixed = any(tie.objective.objective.state == ObjectiveState.ACTIVE for tie in ties)
        if kpi.pk not in answered and not being_fixed:
            yield Gap(NO_ANSWER, kpi.name, kpi.url, kpi.team_id, kpi.age)


def _of_objective(one: ObjectiveStanding, tied: Collection[int | None], today: date):
    objective = one.objective
    url = objective.get_absolute_url()
    counted = [row for row in one.key_results if row.counts]
    if not counted:
        yield Gap(NO_KEY_RESULT, objective.title, url, objective.team_id)
    for row in counted:
        days = days_untouched(row, one, today)
        if days is not None and days > UNTOUCHED_DAYS:
            last = said_on(row.last, objective)
            detail = f"last {day_near(last, today)}" if last else "never"
            yield Gap(
                UNTOUCHED,
                row.key_result.title,
                row.key_result.get_absolute_url(),
                objective.team_id,
                f"{plural(days, 'day')}, {detail}",
            )
    has_parent = objective.parent_objective_id or objective.parent_key_result_id
    if not has_parent and objective.pk not in tied and objective.signal_id is None:
        yield Gap(ORPHAN, objective.title, url, objective.team_id)


def days_untouched(row: KeyResultStanding, one: ObjectiveStanding, today: date) -> int | None:
    """Days since the last check-in, else since the objective began; None where a KPI is followed.

    One without a measure yet owes no check-in either.
    """
    if follows(row.key_result) or row.key_result.kind == KeyResultKind.OPEN:
        return None
    since = said_on(row.last, one.objective) or one.objective.begins_on
    return (today - since).days
