"""What the coach's rules need from the database, each in a number of queries that does not grow."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal

from django.db.models import Max

from metrics.evaluation import parse_recent
from metrics.kinds import PeriodStatus
from metrics.kpi_page.history import stored_rule
from metrics.models import Kpi, Signal, Target
from objectives.coach.facts import KpiText, PastCycle, PastObjective
from objectives.kinds import Ambition, CycleKind, Rhythm
from objectives.models import Objective, ObjectiveEvent
from objectives.states import ObjectiveState
from teams.models import Team

# Cycles before this many days are history for people, not for the rules.
REMEMBERED = timedelta(days=800)
JUDGED = frozenset(
    {PeriodStatus.ON_TARGET.value, PeriodStatus.NEAR_TARGET.value, PeriodStatus.OFF_TARGET.value}
)
JUDGED_PERIODS = 6
# Cadence and grace of check-ins (product.md 2.11).
RHYTHM_DAYS = {Rhythm.WEEKLY: 7 + 3, Rhythm.MONTHLY: 31 + 5}
_COLUMNS = (
    *("pk", "title", "state", "ambition", "cycle__starts_on", "cycle__ends_on"),
    *("key_results__kind", "key_results__kpi", "key_results__ambition", "key_results__grade"),
    "key_results__withdrawn_at",
)


def past_cycles(
    team: Team,
    before: date,
    *,
    kind: str = CycleKind.QUARTER,
    with_private: bool,
    with_targets: bool = False,
) -> tuple[PastCycle, ...]:
    """The cycles of a team that began before a day, the latest first, from one query.

    Yearly ones are compared with yearly ones. A stretch without objectives stands between two that
    do not follow each other, so "in a row" ends there. `with_targets` asks once more, for KPIs that
    got a new target since, which only the history of one objective needs.
    """
    rows = Objective.objects.filter(
        team=team,
        state__in=[ObjectiveState.ACTIVE, ObjectiveState.CLOSED],
        cycle__kind=kind,
        cycle__starts_on__lt=before,
        cycle__ends_on__gte=before - REMEMBERED,
    )
    if not with_private:
        rows = rows.filter(is_private=False)
    by_cycle: dict[tuple[date, date], list[dict]] = defaultdict(list)
    for row in rows.order_by("-cycle__starts_on", "pk").values(*_COLUMNS):
        by_cycle[row["cycle__starts_on"], row["cycle__ends_on"]].append(row)
    keys = {row["key_results__kpi"] for found in by_cycle.values() for row in found} - {None}
    targets = _new_targets(keys) if with_targets and keys else {}
    return _in_a_row(by_cycle, targets, before)


def _in_a_row(
    by_cycle: Mapping[tuple[date, date], list[dict]], targets: dict[int, date], before: date
) -> tuple[PastCycle, ...]:
    found: list[PastCycle] = []
    following = before
    for (starts_on, ends_on), rows in by_cycle.items():
        if ends_on < following - timedelta(days=1):
            found.append(PastCycle())
        fresh = frozenset(key for key, on in targets.items() if on > starts_on)
        found.append(replace(past_cycle(rows), retargeted=fresh))
        following = starts_on
    return tuple(found)


def past_cycle(rows: Iterable[dict]) -> PastCycle:
    """One cycle from the rows of its objectives, each beside one of its key results."""
    titles: dict[int, str] = {}
    measures: dict[int, set[tuple[int, str]]] = defaultdict(set)
    aspirational: list[Decimal] = []
    graded = full = 0
    for row in rows:
        titles[row["pk"]] = row["title"]
        if row["key_results__withdrawn_at"] is not None:
            continue
        if row["key_results__kpi"] is not None:
            measures[row["pk"]].add((row["key_results__kpi"], row["key_results__kind"]))
        grade = row["key_results__grade"]
        if grade is None:
            continue
        graded, full = graded + 1, full + (grade == 1)
        if (row["key_results__ambition"] or row["ambition"]) == Ambition.ASPIRATIONAL:
            aspirational.append(grade)
    mean = sum(aspirational, Decimal(0)) / len(aspirational) if aspirational else None
    objectives = [PastObjective(title, frozenset(measures[pk])) for pk, title in titles.items()]
    return PastCycle(tuple(objectives), mean, graded, full)


def _new_targets(keys: set[int]) -> dict[int, date]:
    """The day of each KPI's latest target, where it replaced an earlier one."""
    found: dict[int, list[date]] = defaultdict(list)
    rows = Target.objects.filter(kpi__in=keys, is_withdrawn=False).order_by("effective_on")
    for key, on in rows.values_list("kpi", "effective_on"):
        found[key].append(on)
    return {key: days[-1] for key, days in found.items() if len(set(days)) > 1}


def closed_only(history: Iterable[PastCycle]) -> tuple[PastCycle, ...]:
    """The cycles that were graded: what always reached and out of reach are judged by."""
    return tuple([cycle for cycle in history if cycle.graded_count])


def untouched_days(objective: Objective, today: date) -> int | None:
    """Whole days since something was checked in or changed; None of what is not being worked on."""
    if objective.state != ObjectiveState.ACTIVE:
        return None
    last = ObjectiveEvent.objects.filter(objective=objective).aggregate(last=Max("at"))["last"]
    moments = [one for one in (last, objective.published_at) if one is not None]
    if not moments:
        return None
    return max((today - objective.team.organisation.today(max(moments))).days, 0)


def parent_of(objective: Objective) -> tuple[str, int]:
    """(title of what it is aligned to, depth), `("", 1)` at the top; a query for each level."""
    if objective.parent_key_result_id is None and objective.parent_objective_id is None:
        return "", 1
    parent = objective.parent_objective or objective.parent_key_result
    row = {
        "pk": objective.pk,
        "parent_objective_id": objective.parent_objective_id,
        "parent_key_result_id": objective.parent_key_result_id,
    }
    return str(parent), depth_of(row)


def depth_of(row: dict) -> int:
    """How deep an objective stands, 1 at the top, counted no further than W23 asks for."""
    depth, seen = 1, {row["pk"]}
    above = _above(row["parent_objective_id"], row["parent_key_result_id"])
    while above is not None and above["pk"] not in seen and depth <= _DEEPEST:
        depth += 1
        seen.add(above["pk"])
        above = _above(above["parent_objective_id"], above["parent_key_result_id"])
    return depth


# One level more than W23 allows is enough to know.
_DEEPEST = 4


def _above(parent_id: int | None, key_result_id: int | None) -> dict | None:
    if parent_id is None and key_result_id is None:
        return None
    rows = Objective.objects.all()
    rows = rows.filter(pk=parent_id) if parent_id else rows.filter(key_results=key_result_id)
    return rows.values("pk", "parent_objective_id", "parent_key_result_id").first()


def kpi_text(kpi: Kpi, now: datetime) -> tuple[KpiText, Signal | None]:
    """A KPI as its rules read it, and its open signal. It comes with state, cadence, source, owner.

    Two queries: the target in force, and the signal with what was decided.
    """
    organisation = kpi.team.organisation
    today = organisation.today(now)
    rule = stored_rule(kpi, today)
    signals = Signal.objects.filter(kpi=kpi, kind="off_target", is_open=True)
    signal = signals.standing().select_related("treatment").order_by("-raised_on").first()
    treatment = getattr(signal, "treatment", None) if signal else None
    statuses = [one.status for one in parse_recent(kpi.state.recent)]
    judged = [status for status in statuses if status in JUDGED][-JUDGED_PERIODS:]
    patience = kpi.settings_on(today).patience if kpi.cadence else 3
    text = KpiText(
        kpi.name,
        kpi.definition,
        kpi.source.name if kpi.source else "",
        kpi.cadence.kind if kpi.cadence else "",
        kpi.why,
        str(kpi.owner) if kpi.owner else "",
        has_target=rule is not None,
        met_count=judged.count(PeriodStatus.ON_TARGET.value),
        judged_count=len(judged),
        off_count=kpi.state.streak,
        patience=patience,
        has_okr=treatment is not None and treatment.ended_at is None,
        is_answered=signal is not None and bool(signal.decision),
    )
    return text, signal
