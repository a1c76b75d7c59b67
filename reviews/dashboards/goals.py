"""Reads where the objectives of a dashboard stand, today or at a past moment."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime

from django.db.models import Prefetch, prefetch_related_objects

from metrics.evaluation.recent import parse_recent
from metrics.models import KpiState, Signal
from objectives import rhythm
from objectives.models import (
    CheckIn,
    Checkpoint,
    KeyResult,
    Milestone,
    Objective,
    ObjectiveEvent,
    Revision,
)
from objectives.standing import ObjectiveStanding, objective_standing, standing_check_ins
from objectives.states import ROLLED_UP, ObjectiveState
from reviews.dashboards.kpis import NEVER, Stood
from reviews.dashboards.scope import Scope
from teams.models import Team

_NUMBERS = ("baseline", "target", "low", "high", "weight")


def visible_objectives(scope: Scope):
    """The objectives of the scope's teams and cycle that the reader may see, in any state."""
    rows = Objective.objects.visible_to(scope.user).filter(scope.within())
    return rows.filter(cycle=scope.cycle) if scope.cycle else rows.none()


def count_all(scope: Scope) -> int:
    """How many objectives are rolled up in scope at the moment, hidden ones too."""
    if scope.cycle is None:
        return 0
    rows = Objective.objects.filter(scope.within(), cycle=scope.cycle)
    if not scope.is_past:
        return rows.filter(state__in=ROLLED_UP).count()
    moves = Prefetch("events", queryset=_moves(), to_attr="moves")
    states = (state_then(one, one.moves, scope.moment) for one in rows.prefetch_related(moves))
    return sum(state in ROLLED_UP for state in states)


def standings_now(scope: Scope) -> list[ObjectiveStanding]:
    """Where the objectives stand today: a fixed number of queries."""
    rows = visible_objectives(scope).filter(state__in=ROLLED_UP).order_by("position", "pk")
    found = placed(rows.select_related("owner"), scope)
    parts = Prefetch("key_results", queryset=KeyResult.objects.with_last_said())
    prefetch_related_objects(found, parts, "key_results__judged_values")
    return [objective_standing(one, scope.on) for one in found]


def placed(rows: Iterable[Objective], scope: Scope) -> list[Objective]:
    """The objectives with their cycle and team, which are read already.

    Prefetching the teams would ask for each by an OR, and SQLite takes no more than 1,000 of them.
    """
    organisation = scope.organisation
    teams = {
        one.pk: Team(pk=one.pk, name=one.name, organisation=organisation) for one in scope.teams
    }
    found = list(rows)
    for one in found:
        one.cycle, one.team = scope.cycle, teams[one.team_id]
    return found


def loaded_then(scope: Scope) -> list[Objective]:
    """The objectives with every part as it was at the moment; their states are set back.

    What their KPIs said is set by `look_back`.
    """
    moment = scope.moment
    rows = visible_objectives(scope).filter(created_at__lte=moment).order_by("position", "pk")
    parts = (
        KeyResult.objects.select_related("owner", "kpi__state", "kpi__cadence")
        .prefetch_related(
            Prefetch(
                "check_ins",
                queryset=CheckIn.objects.filter(made_at__lte=moment),
                to_attr="brief_check_ins",
            ),
            Prefetch("checkpoints", queryset=Checkpoint.objects.all(), to_attr="brief_checkpoints"),
            Prefetch("milestones", queryset=Milestone.objects.all(), to_attr="brief_milestones"),
            Prefetch(
                "revisions",
                queryset=Revision.objects.filter(at__gt=moment).order_by("at", "pk"),
                to_attr="later_revisions",
            ),
        )
        .order_by("objective", "position")
    )
    found = placed(rows.select_related("owner"), scope)
    events = Prefetch("events", queryset=_moves(), to_attr="moves")
    prefetch_related_objects(found, Prefetch("key_results", queryset=parts), events)
    kept = []
    for one in found:
        one.state = state_then(one, one.moves, moment)
        if one.state in ROLLED_UP:
            kept.append(one)
    return kept


def _moves():
    """The events that moved an objective from one state to another, in order."""
    return ObjectiveEvent.objects.exclude(to_state="").order_by("at", "pk")


def state_then(objective: Objective, moves: Sequence[ObjectiveEvent], moment: datetime) -> str:
    """The state of an objective at a moment: by its history, else by its stamps."""
    before = [one for one in moves if one.at <= moment]
    if before:
        return before[-1].to_state
    if moves:
        return moves[0].from_state or ObjectiveState.DRAFT
    if objective.closed_at is not None and objective.closed_at <= moment:
        return objective.state
    if objective.published_at is None or objective.published_at > moment:
        return ObjectiveState.DRAFT
    return ObjectiveState.ACTIVE


def look_back(
    objectives: Sequence[Objective], kpis: dict[int, Stood], moment: datetime, day: date
) -> list[ObjectiveStanding]:
    """Where loaded objectives stood: `kpis` are how the KPIs they follow stood, by id. Pure."""
    for objective in objectives:
        if objective.state != ObjectiveState.CLOSED:
            objective.grade = None
        for row in objective.key_results.all():
            _set_back(row, objective, kpis, moment)
    return [objective_standing(one, day) for one in objectives]


def _set_back(row: KeyResult, objective: Objective, kpis: dict[int, Stood], moment: datetime):
    """Turn one loaded key result into what it was at the moment."""
    row.latest = None
    if row.later_revisions:
        _unrevise(row, row.later_revisions[0].before)
    if row.withdrawn_at is not None and row.withdrawn_at > moment:
        row.withdrawn_at = None
    if objective.state != ObjectiveState.CLOSED:
        row.final_value = row.final_progress = row.grade = None
    for step in row.brief_milestones:
        if step.done_at is not None and step.done_at > moment:
            step.done_at = None
    standing = standing_check_ins(row)
    organisation = objective.team.organisation
    since = standing[-1].due_on + rhythm.DAY if standing else objective.begins_on
    row.next_due_on = rhythm.first_owed(
        since, objective.cycle.ends_on, objective.rhythm, organisation.check_in_weekday
    )
    if row.kpi_id is not None:
        _set_back_kpi(row.kpi.state, kpis.get(row.kpi_id, NEVER))


def _set_back_kpi(state: KpiState, stood: Stood) -> None:
    state.recent, state.is_stale = stood.recent, stood.is_stale
    last = parse_recent(stood.recent.rpartition(" ")[2])
    state.latest_on = last[0].on if last else None


def _unrevise(row: KeyResult, before: dict) -> None:
    """Put back what a key result went for before a later revision."""
    field = {one.name: one for one in row._meta.fields}
    for name in _NUMBERS:
        if name in before:
            setattr(row, name, field[name].to_python(before[name]))
    row.kind = before.get("kind", row.kind)
    row.original_baseline = row.original_target = None


def followed_kpis(objectives: Sequence[Objective]) -> set[int]:
    """The KPIs that key results are tied to, by id."""
    return {
        row.kpi_id for one in objectives for row in one.key_results.all() if row.kpi_id is not None
    }


def kpis_of_signals(standings: Sequence[ObjectiveStanding]) -> dict[int, int]:
    """The KPI of each signal that these objectives answer, by the signal's id: one query."""
    ids = {one.objective.signal_id for one in standings}
    rows = Signal.objects.filter(pk__in=ids - {None}, kpi__isnull=False)
    return dict(rows.order_by().values_list("pk", "kpi_id"))


def count_key_results(scope: Scope) -> int:
    """How many key results of rolled-up objectives the reader may see in scope: one query."""
    rows = visible_objectives(scope).filter(state__in=ROLLED_UP).order_by()
    return KeyResult.objects.filter(objective__in=rows.values("pk"), withdrawn_at=None).count()
