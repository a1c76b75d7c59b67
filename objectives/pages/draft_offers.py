"""Loads what a draft form offers: cycles, levels, people, KPIs and what to align to."""

from __future__ import annotations

from datetime import date

from django.db.models import Case, IntegerField, Prefetch, Value, When

from metrics.models import Kpi
from metrics.wording import day_near, plural
from objectives.actions.alignment import parent_of
from objectives.actions.parents import objective_of
from objectives.alignment import below
from objectives.draft_offers import Offers, Parent, parent_key
from objectives.kinds import CycleKind, Level
from objectives.models import Cycle, KeyResult, Objective
from objectives.states import OPEN_CYCLES
from teams.models import Organisation, Team, User

MOST_PARENTS = 200


def draft_offers(team: Team, user: User, today: date, keep: Objective | None = None) -> Offers:
    """What `user` may choose for an objective of `team`; `keep` is the draft that is edited."""
    organisation = team.organisation
    people = {str(who.pk): who for who in members(team)}
    pk = keep.pk if keep else None
    above = Objective.objects.parents_in(organisation) if keep else {}
    parents, is_cut = parents_for(team, user, keep)
    not_below = below(pk, above) if pk else set()
    rows = {parent_key(one): one for found in parents for one in found}
    groups = grouped([found for found in parents if found[0].pk not in not_below])
    kept = parent_of(keep) if keep else None
    hidden = None
    if kept is not None and parent_key(kept) not in rows:
        # What it is aligned to stays a choice though it is hidden or over: nothing is lost unseen.
        hidden = None if is_seen(kept, user) else kept
        rows[parent_key(kept)] = kept
        groups.insert(0, ("As it is", [(parent_key(kept), "1 hidden" if hidden else str(kept))]))
    return Offers(
        team=team,
        cycles=offered_cycles(organisation, today, keep),
        levels=levels(team, user, keep),
        people=people,
        gone={key: who for key, who in owners_of(keep).items() if key not in people},
        kpis={str(kpi.pk): kpi for kpi in kpis_of(team)},
        parents=rows,
        parent_groups=groups,
        hidden=hidden,
        above=above,
        pk=pk,
        is_cut=is_cut,
    )


def is_seen(parent: Parent, user: User) -> bool:
    """Whether the person may see what an objective is aligned to."""
    return Objective.objects.visible_to(user).filter(pk=objective_of(parent).pk).exists()


def members(team: Team) -> list[User]:
    """The people who can own something of the team."""
    rows = User.objects.filter(
        memberships__team=team, is_active=True, organisation=team.organisation_id
    )
    return list(rows.order_by("name", "pk"))


def owners_of(keep: Objective | None) -> dict[str, User]:
    """Who owns a draft and its key results now, whether or not they left."""
    if keep is None:
        return {}
    owners = [keep.owner, *(row.owner for row in keep.key_results.all())]
    return {str(who.pk): who for who in owners if who is not None}


def kpis_of(team: Team) -> list[Kpi]:
    """The KPIs a key result of the team can be measured by."""
    rows = Kpi.objects.filter(team=team).select_related("state", "cadence")
    return list(rows.order_by("position", "name", "pk"))


def levels(team: Team, user: User, keep: Objective | None) -> list[tuple[str, str]]:
    """The levels offered; the one a draft has stays among them."""
    is_top = user.is_org_admin or team.parent_id is None
    offered = {Level.TEAM}
    if is_top:
        offered.add(Level.COMPANY)
    if team.organisation.has_individual_goals:
        offered.add(Level.INDIVIDUAL)
    if keep is not None:
        offered.add(Level(keep.level))
    return [choice for choice in Level.choices if choice[0] in offered]


# -- cycles --------------------------------------------------------------------------------------


def offered_cycles(
    organisation: Organisation, today: date, keep: Objective | None = None
) -> dict[str, tuple[Cycle, str]]:
    """Open cycles by key with their labels: the running stretch, those ahead, years, own dates."""
    rows = list(Cycle.objects.of(organisation).filter(state__in=OPEN_CYCLES))
    if keep is not None and keep.cycle not in rows:
        rows.insert(0, keep.cycle)
    rank = {organisation.cycle_scheme: 0, CycleKind.YEAR: 1, CycleKind.CUSTOM: 2}
    rows.sort(key=lambda row: (rank.get(row.kind, 3), row.starts_on))
    return {str(row.pk): (row, cycle_label(row, today)) for row in rows}


def cycle_label(cycle: Cycle, today: date) -> str:
    """`Q3 2026, 43 days left`, `Q4 2026, from 1 Oct`, `Q1 2026, over`."""
    if cycle.ends_on < today:
        return f"{cycle.name}, over"
    if cycle.starts_on > today:
        return f"{cycle.name}, from {day_near(cycle.starts_on, today)}"
    return f"{cycle.name}, {plural((cycle.ends_on - today).days, 'day')} left"


# -- what to align to ----------------------------------------------------------------------------


def parents_for(team: Team, user: User, keep: Objective | None) -> tuple[list[list[Parent]], bool]:
    """Each objective with its key results behind it, the nearest first; whether some are left out.

    Nearest are those of the company, then of the teams above, of the team itself, of all others.
    """
    running = KeyResult.objects.filter(withdrawn_at=None).order_by("position")
    rows = (
        Objective.objects.visible_to(user)
        .live()
        .filter(team__organisation=team.organisation_id, cycle__state__in=OPEN_CYCLES)
        .exclude(pk=keep.pk if keep else None)
        .select_related("team", "cycle")
        .prefetch_related(Prefetch("key_results", queryset=running))
        .annotate(nearness=_nearness(team))
        .order_by("nearness", "team__name", "position", "pk")
    )
    found = list(rows[: MOST_PARENTS + 1])
    kept = keep.parent_objective_id if keep else None
    held = keep.parent_key_result.objective_id if keep and keep.parent_key_result_id else kept
    if held and held not in {row.pk for row in found[:MOST_PARENTS]}:
        found[:0] = list(rows.filter(pk=held))
    parents = [[row, *_with_objective(row)] for row in found[:MOST_PARENTS]]
    return parents, len(found) > MOST_PARENTS


def _nearness(team: Team) -> Case:
    above = team.parent_id
    return Case(
        When(level=Level.COMPANY, then=Value(0)),
        When(team=above, then=Value(1)),
        When(team=team.pk, then=Value(2)),
        default=Value(3),
        output_field=IntegerField(),
    )


def _with_objective(objective: Objective) -> list[KeyResult]:
    rows = list(objective.key_results.all())
    for row in rows:
        row.objective = objective
    return rows


def grouped(parents: list[list[Parent]]) -> list[tuple[str, list[tuple[str, str]]]]:
    """The choices under the names of their teams, a key result under its objective."""
    groups: dict[str, list[tuple[str, str]]] = {}
    for objective, *rows in parents:
        options = groups.setdefault(objective.team.name, [])
        options.append((parent_key(objective), f"{objective.title} ({objective.cycle})"))
        options.extend((parent_key(row), f"– {row.title}") for row in rows)
    return [*groups.items()]
