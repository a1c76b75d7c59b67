"""What the statistics page counts, asked of the database in sums: as many queries at any size."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from itertools import pairwise

from django.db.models import Case, Count, Exists, F, OuterRef, Q, QuerySet, When
from django.db.models.functions import TruncDate

from metrics.models import Target
from objectives.coach.facts import PastObjective
from objectives.kinds import KeyResultKind, Origin
from objectives.models import CheckIn, Cycle, KeyResult, Objective
from objectives.states import ROLLED_UP
from reviews import update_share
from reviews.calibration import CycleFigures, Grades, repeats
from reviews.update_share import Came, Owing, Updates
from teams.models import Organisation, Team, User

CYCLES_SHOWN = 8
_AMBITION = Case(When(ambition="", then=F("objective__ambition")), default=F("ambition"))


@dataclass(frozen=True, slots=True)
class Scope:
    """What the figures are about: an organisation, or a team with its sub-teams, and its cycles.

    `team_ids` is None for the whole organisation. `cycles` are of one kind, the latest first.
    """

    user: User
    organisation: Organisation
    today: date
    cycles: tuple[Cycle, ...]
    team: Team | None = None
    team_ids: frozenset[int] | None = None

    def objectives(self) -> QuerySet:
        """The objectives that count, those the person may not see included."""
        rows = Objective.objects.filter(
            team__organisation=self.organisation,
            cycle__in=[one.pk for one in self.cycles],
            state__in=ROLLED_UP,
        ).order_by()
        return rows if self.team_ids is None else rows.filter(team__in=self.team_ids)

    def visible(self) -> QuerySet:
        """Those of them the person may see."""
        return self.objectives().visible_to(self.user)

    def key_results(self) -> QuerySet:
        """The key results of the visible ones, withdrawn ones left out."""
        return counted_of(self.visible())


def counted_of(objectives: QuerySet) -> QuerySet:
    """The key results of objectives, withdrawn ones left out."""
    rows = KeyResult.objects.filter(objective__in=objectives.values("pk"))
    return rows.filter(withdrawn_at=None).order_by()


def team_and_below(team: Team) -> frozenset[int]:
    """The ids of a team and of all teams under it. One query."""
    children: dict[int, list[int]] = defaultdict(list)
    rows = Team.objects.filter(organisation=team.organisation_id, parent__isnull=False)
    for pk, parent in rows.order_by().values_list("pk", "parent_id"):
        children[parent].append(pk)
    found, waiting = {team.pk}, [team.pk]
    while waiting:
        below = [pk for pk in children[waiting.pop()] if pk not in found]
        found.update(below)
        waiting += below
    return frozenset(found)


def cycle_figures(scope: Scope) -> dict[int, CycleFigures]:
    """The figures of each cycle of the scope, by its key; every cycle is there. Six queries."""
    figures = {one.pk: CycleFigures() for one in scope.cycles}
    all_counts = dict(scope.objectives().values_list("cycle_id").annotate(Count("pk")))
    counted = (
        scope.visible()
        .values_list("cycle_id")
        .annotate(
            objectives=Count("pk"),
            teams=Count("team_id", distinct=True),
            bottom_up=Count("pk", filter=Q(origin=Origin.BOTTOM_UP)),
        )
    )
    for pk, objectives, teams, bottom_up in counted:
        one = figures[pk]
        one.objectives, one.teams, one.bottom_up = objectives, teams, bottom_up
    for pk, count in all_counts.items():
        figures[pk].hidden = count - figures[pk].objectives
    alike = scope.key_results().annotate(own=_AMBITION)
    alike = alike.values_list("objective__cycle_id", "kind", "own", "grade").annotate(Count("pk"))
    for pk, *rest in alike:
        figures[pk].add_key_results(*rest)
    for pk, count in repeated(scope).items():
        figures[pk].repeats = count
    return figures


def team_grades(key_results: QuerySet) -> dict[int, dict[int, dict[str, Grades]]]:
    """The grades of each team by cycle and ambition; teams without a grade are not in it."""
    found: dict[int, dict[int, dict[str, Grades]]] = {}
    rows = key_results.filter(grade__isnull=False).annotate(own=_AMBITION)
    names = ("objective__team_id", "objective__cycle_id", "own", "grade")
    for team, cycle, ambition, grade, count in rows.values_list(*names).annotate(Count("pk")):
        by_cycle = found.setdefault(team, {})
        of_cycle = by_cycle.setdefault(cycle, CycleFigures().grades)
        of_cycle[ambition].add(grade, count)
    return found


def repeated(scope: Scope) -> dict[int, int]:
    """How many objectives of each cycle do again what their team did the cycle before."""
    measures: dict[int, set[tuple[int, str]]] = defaultdict(set)
    with_kpi = scope.key_results().filter(kpi__isnull=False)
    for pk, kpi, kind in with_kpi.values_list("objective_id", "kpi_id", "kind"):
        measures[pk].add((kpi, kind))
    said: dict[tuple[int, int], list[PastObjective]] = defaultdict(list)
    rows = scope.visible().values_list("pk", "team_id", "cycle_id", "title")
    for pk, team, cycle, title in rows:
        said[cycle, team].append(PastObjective(title, frozenset(measures[pk])))
    fresh = _new_targets({kpi for found in measures.values() for kpi, _ in found})
    previous = dict(_neighbours(scope.cycles))
    counts: dict[int, int] = defaultdict(int)
    for (cycle, team), objectives in said.items():
        before = previous.get(cycle)
        past = said.get((before.pk, team)) if before else None
        if past:
            retargeted = {kpi for kpi, on in fresh.items() if on > before.starts_on}
            counts[cycle] += repeats(objectives, past, retargeted)
    return counts


def _neighbours(cycles: Iterable[Cycle]) -> Iterable[tuple[int, Cycle]]:
    """The key of each cycle with the one that ended the day before it began, or later."""
    for cycle, before in pairwise(cycles):
        if (cycle.starts_on - before.ends_on).days <= 1:
            yield cycle.pk, before


def _new_targets(kpis: set[int]) -> dict[int, date]:
    """The day of each KPI's latest target, where it replaced an earlier one."""
    days: dict[int, set[date]] = defaultdict(set)
    rows = Target.objects.filter(kpi__in=kpis, is_withdrawn=False).order_by()
    for kpi, on in rows.values_list("kpi_id", "effective_on"):
        days[kpi].add(on)
    return {kpi: max(found) for kpi, found in days.items() if len(found) > 1}


def update_shares(scope: Scope) -> dict[int, Updates]:
    """What became of the check-ins of each cycle: of teams together, never of a person."""
    weekday, owing, came = scope.organisation.check_in_weekday, _owing(scope), _came(scope)
    return {
        one.pk: update_share.updates(owing[one.pk], came[one.pk], weekday, scope.today)
        for one in scope.cycles
    }


def _typed(scope: Scope) -> QuerySet:
    """Key results that people check in on: not those that follow a KPI or have no measure yet."""
    return KeyResult.objects.filter(
        objective__in=scope.visible().values("pk"), kpi_follows=False
    ).exclude(kind=KeyResultKind.OPEN)


def _owing(scope: Scope) -> Mapping[int, list[Owing]]:
    zone = scope.organisation.zone
    rows = (
        _typed(scope)
        .order_by()
        .annotate(
            out=TruncDate("withdrawn_at", tzinfo=zone),
            over=TruncDate("objective__closed_at", tzinfo=zone),
        )
    )
    names = ("objective__cycle_id", "objective__rhythm", "objective__starts_on", "out", "over")
    last = {one.pk: one.ends_on for one in scope.cycles}
    found: dict[int, list[Owing]] = defaultdict(list)
    for cycle, kind, begins, out, over, count in rows.values_list(*names).annotate(Count("pk")):
        ends_on = min(day for day in (last[cycle], out, over) if day is not None)
        found[cycle].append(Owing(kind, begins, ends_on, count))
    return found


def _came(scope: Scope) -> Mapping[int, list[Came]]:
    """The first check-in of each due day, unless it was taken back."""
    others = CheckIn.objects.filter(key_result=OuterRef("key_result"), due_on=OuterRef("due_on"))
    sooner = Q(made_at__lt=OuterRef("made_at")) | Q(
        made_at=OuterRef("made_at"), pk__lt=OuterRef("pk")
    )
    taken_back = CheckIn.objects.filter(corrects=OuterRef("pk"), is_retraction=True)
    rows = CheckIn.objects.filter(
        ~Exists(others.filter(sooner, corrects=None)),
        ~Exists(taken_back),
        key_result__in=_typed(scope).values("pk"),
        corrects=None,
    ).order_by()
    rows = rows.annotate(came=TruncDate("made_at", tzinfo=scope.organisation.zone))
    names = ("key_result__objective__cycle_id", "key_result__objective__rhythm", "due_on", "came")
    found: dict[int, list[Came]] = defaultdict(list)
    for cycle, *rest in rows.values_list(*names).annotate(Count("pk")):
        found[cycle].append(Came(*rest))
    return found
