"""Reads where the objectives of a dashboard stand, today or at a past moment.

The figures come from `objectives.rolled_up`, added up in the database; an objective is made a row
object of only where a statement cannot tell how it stands, and for the list of every key result.
"""

# ruff: noqa: S608 (what is joined into a query here are our own subqueries of ids)

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import NamedTuple

from django.db.models import Prefetch, prefetch_related_objects

from metrics.evaluation.recent import parse_recent
from metrics.evaluation.sql import as_day, fetch
from metrics.models import KpiState, Signal
from metrics.periods import first_instant
from objectives import rhythm
from objectives.kinds import Health
from objectives.models import (
    CheckIn,
    Checkpoint,
    KeyResult,
    Milestone,
    Objective,
    ObjectiveEvent,
    Revision,
)
from objectives.rolled_up import RowFact, stood_up
from objectives.rolled_up_sql import Look, Told, When, chosen_ids, instant, state_at
from objectives.standing import ObjectiveStanding, objective_standing, standing_check_ins
from objectives.states import ROLLED_UP, ObjectiveState
from reviews.dashboards.kpis import NEVER, Stood
from reviews.dashboards.scope import Scope
from teams.models import Team

# After so long without an update nobody looks at a key result (W24, product.md E6).
UNTOUCHED_DAYS = 31
_NUMBERS = ("baseline", "target", "low", "high", "weight")
# What `look_back` changes of a key result.
SET_BACK = (
    *(*_NUMBERS, "kind", "original_baseline", "original_target"),
    *("withdrawn_at", "final_value", "final_progress", "grade"),
)


class GoalFact(NamedTuple):
    """One objective and where it stands: shares 0..1, None where there is nothing to measure.

    `tones` counts its key results in the order of `rolled_up.TONES`; `count` are those that count,
    `owed` those of them that are checked in on by hand; `lowest` is the lowest confidence last
    given. `grade` is None until it was closed. `parent_id` is the objective it is aligned to,
    `is_aligned` tells that it is to one or to a key result.
    """

    pk: int
    team_id: int
    title: str
    ambition: str
    rhythm: str
    begins_on: date
    closed_at: datetime | None
    is_private: bool
    signal_id: int | None
    parent_id: int | None
    is_aligned: bool
    grade: Decimal | None
    owner: str
    state: str
    progress: Decimal | None
    expected: Decimal
    health: Health
    tones: tuple[int, int, int, int]
    lowest: int | None
    count: int
    owed: int

    @property
    def url(self) -> str:
        """Its page."""
        return f"/objectives/{self.pk}/"


class Goals(NamedTuple):
    """The objectives of a dashboard, and the key results with a KPI or long without an update."""

    facts: list[GoalFact]
    rows: list[RowFact]


def visible_objectives(scope: Scope):
    """The objectives of the scope's teams and cycle that the reader may see, in any state."""
    rows = Objective.objects.visible_to(scope.user).filter(scope.within())
    return rows.filter(cycle=scope.cycle) if scope.cycle else rows.none()


def count_all(scope: Scope) -> int:
    """How many objectives are rolled up in scope at the moment, hidden ones too: one query."""
    if scope.cycle is None:
        return 0
    rows = Objective.objects.filter(scope.within(), cycle=scope.cycle)
    if not scope.is_past:
        return rows.filter(state__in=ROLLED_UP).count()
    chosen, parameters = chosen_ids(rows.filter(created_at__lte=scope.moment))
    state = state_at(scope.moment)
    sql = f"SELECT COUNT(*) FROM objectives_objective o WHERE o.id IN ({chosen}) AND {state} IN"
    return fetch(f"{sql} ('active', 'closed')", parameters)[0][0]


def read_goals(scope: Scope, told: dict[int, Stood]) -> Goals:
    """Where the objectives stand: two queries, and a fixed number more for unusual key results.

    `told` is how followed KPIs stood at a past moment, by id.
    """
    if scope.cycle is None:
        return Goals([], [])
    rows = visible_objectives(scope)
    zone = scope.organisation.zone
    before = scope.on - timedelta(days=UNTOUCHED_DAYS)
    when = When(scope.on)
    if scope.is_past:
        said = {pk: Told(one.value, one.is_stale) for pk, one in told.items()}
        when = When(scope.on, scope.moment, scope.organisation.check_in_weekday, said)

    def worked(ids: Collection[int]) -> Iterable[ObjectiveStanding]:
        return read_standings(scope, told, ids)

    found = stood_up(rows, when, worked, Look(first_instant(before, zone), before))
    facts = [
        _fact(row, found.goals[row[0]], is_past=scope.is_past)
        for row in _own_rows(rows)
        if row[0] in found.goals
    ]
    return Goals(facts, found.rows)


def _own_rows(rows) -> list[tuple]:
    chosen, parameters = chosen_ids(rows)
    return fetch(
        "SELECT o.id, o.team_id, o.title, o.ambition, o.rhythm,"
        " CAST(COALESCE(o.starts_on, c.starts_on) AS text), o.closed_at, o.is_private, o.signal_id,"
        " o.parent_objective_id, o.parent_key_result_id, o.grade, COALESCE(u.name, ''),"
        " COALESCE(u.email, '') FROM objectives_objective o"
        " JOIN objectives_cycle c ON c.id = o.cycle_id LEFT JOIN teams_user u ON u.id = o.owner_id"
        f" WHERE o.id IN ({chosen}) ORDER BY o.position, o.id",
        parameters,
    )


def _fact(row: tuple, stands, *, is_past: bool) -> GoalFact:
    """A fact from its row; a grade that was given later is not there yet."""
    pk, team_id, title, ambition, kind, begins, closed_at, is_private, signal_id = row[:9]
    parent_id, parent_row_id, grade, name, email = row[9:]
    if grade is None or (is_past and stands.state != ObjectiveState.CLOSED):
        grade = None
    else:
        grade = Decimal(str(grade)).quantize(Decimal("0.1"))
    return GoalFact(
        pk,
        team_id,
        title,
        ambition,
        kind,
        as_day(begins),
        instant(closed_at),
        bool(is_private),
        signal_id,
        parent_id,
        parent_id is not None or parent_row_id is not None,
        grade,
        name or email,
        stands.state,
        stands.progress,
        stands.expected,
        stands.health,
        stands.tones,
        stands.lowest,
        stands.count,
        stands.owed,
    )


def read_standings(
    scope: Scope, told: dict[int, Stood], ids: Collection[int] | None = None
) -> list[ObjectiveStanding]:
    """The same with every key result as a row object, of all or some of the objectives.

    A fixed number of queries, and much memory for very many objectives.
    """
    if scope.is_past:
        return look_back(loaded_then(scope, ids), told, scope.moment, scope.on)
    return standings_now(scope, ids)


def _some(rows, ids: Collection[int] | None):
    return rows if ids is None else rows.filter(pk__in=ids)


def standings_now(scope: Scope, ids: Collection[int] | None = None) -> list[ObjectiveStanding]:
    """Where the objectives stand today: a fixed number of queries."""
    rows = _some(visible_objectives(scope), ids).filter(state__in=ROLLED_UP)
    rows = rows.order_by("position", "pk")
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


def loaded_then(scope: Scope, ids: Collection[int] | None = None) -> list[Objective]:
    """The objectives with every part as it was at the moment; their states are set back.

    What their KPIs said is set by `look_back`.
    """
    kept = []
    for one in loaded(scope, ids, revised_since=scope.moment):
        one.state = state_then(one, one.moves, scope.moment)
        if one.state in ROLLED_UP:
            kept.append(one)
    return kept


def loaded(
    scope: Scope, ids: Collection[int] | None, *, revised_since: datetime | None
) -> list[Objective]:
    """The objectives with every part, in the states they have now.

    Of what was revised only what was after `revised_since`, None: all of it.
    """
    moment = scope.moment
    rows = _some(visible_objectives(scope), ids).filter(created_at__lte=moment)
    revisions = Revision.objects.order_by("at", "pk")
    if revised_since is not None:
        revisions = revisions.filter(at__gt=revised_since)
    rows = rows.order_by("position", "pk")
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
            Prefetch("revisions", queryset=revisions, to_attr="later_revisions"),
        )
        .order_by("objective", "position")
    )
    found = placed(rows.select_related("owner"), scope)
    events = Prefetch("events", queryset=_moves(), to_attr="moves")
    prefetch_related_objects(found, Prefetch("key_results", queryset=parts), events)
    return found


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


def followed_kpis(scope: Scope) -> set[int]:
    """The KPIs that key results in scope are tied to, by id: one query."""
    rows = KeyResult.objects.filter(
        objective__in=visible_objectives(scope).order_by().values("pk"), kpi__isnull=False
    )
    return set(rows.order_by().values_list("kpi_id", flat=True))


def kpis_of_signals(goals: Iterable[GoalFact]) -> dict[int, int]:
    """The KPI of each signal that these objectives answer, by the signal's id: one query."""
    ids = {one.signal_id for one in goals}
    rows = Signal.objects.filter(pk__in=ids - {None}, kpi__isnull=False)
    return dict(rows.order_by().values_list("pk", "kpi_id"))
