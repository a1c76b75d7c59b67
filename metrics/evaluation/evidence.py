"""What speaks for a raise, frozen when it was raised and kept with its revisions (signals.md 12).

`Signal.evidence` of an off-target signal; numbers are text in the KPI's unit, days ISO text:

    {"raised_on", "streak", "severity", "sentence",
     "assurance": one of kinds.Assurance, "assurance_note",
     "periods": [{"on", "status", "value", "target", "low", "high", "distance"}, ...],
     "holes": [day, ...],
     "corrections": [{"on", "was", "at", "reason"}, ...],
     "revisions": [{"at", "cause", "evidence": the evidence as it was, without revisions}, ...]}

`periods` are those from the first off-target period to the raise, and before them as many as make
up `SHOWN`. Of a `data_stale` signal it is {"missing": [day, ...], "sentence", "kpis": [name, ...]}.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import NamedTuple

from metrics.accumulating import run_up
from metrics.episodes import Span
from metrics.evaluation.loading import Subject
from metrics.evaluation.measurements import load_values, load_windows
from metrics.evaluation.recent import Judged, judged
from metrics.evaluation.transitions import Transition
from metrics.judging import MISSING, OFF_TARGET
from metrics.kinds import Assurance
from metrics.models import Kpi, MeasurementRevision
from metrics.numbers import number_text
from metrics.periods import period_label, period_of
from metrics.special_cause import BASELINE, assurance, assurance_note, natural_limits
from metrics.suggestion import evidence_sentence
from metrics.wording import names

SHOWN = 13
# Periods in which the twelve values of the baseline are looked for before all are.
BASELINE_REACH = 24


class Facts(NamedTuple):
    """What the evidence and the messages say about a KPI besides its verdicts."""

    id: int
    name: str
    unit: str
    team_id: int
    owner_id: int | None
    parent_id: int | None
    natural_floor: Decimal | None
    natural_ceiling: Decimal | None
    limits_from: date | None


def load_facts(kpi_ids: Iterable[int]) -> dict[int, Facts]:
    """The facts of KPIs, by id."""
    rows = Kpi.objects.filter(pk__in=list(kpi_ids)).values_list(*Facts._fields)
    return {row[0]: Facts._make(row) for row in rows}


def load_corrections(kpi_ids: Iterable[int]) -> dict[int, list[tuple]]:
    """(day, value before, replaced at, reason) of every corrected value, by KPI id."""
    found: dict[int, list[tuple]] = defaultdict(list)
    rows = MeasurementRevision.objects.filter(kpi_id__in=list(kpi_ids)).order_by("day", "revision")
    for kpi_id, *rest in rows.values_list("kpi_id", "day", "value", "replaced_at", "reason"):
        found[kpi_id].append(tuple(rest))
    return found


def spell_until(one: Transition) -> date:
    """First date after the raise period of the latest span."""
    raised = one.signal.spans[-1].raised
    period = one.walk.plan.line.containing(raised)
    return period.end if period else raised + timedelta(days=1)


def spell_starts(one: Transition) -> list[date]:
    """The starts of the periods the evidence shows, oldest first."""
    line, span = one.walk.plan.line, one.signal.spans[-1]
    until = spell_until(one)
    in_span = len(line.closed(span.first, until))
    return [period.start for period in line.closed(line.first, until)[-max(in_span, SHOWN) :]]


def baseline_starts(one: Transition, facts: Facts) -> list[date]:
    """The starts of the first periods after the start or the last rebase, enough for the limits."""
    line = one.walk.plan.line
    since = max(facts.limits_from or line.first, line.first)
    return [period.start for period in line.closed(since, spell_until(one))[:BASELINE_REACH]]


def load_backgrounds(
    transitions: Sequence[Transition], facts: Mapping[int, Facts], subjects: dict[int, Subject]
) -> dict[int, Mapping[date, Decimal]]:
    """The values the evidence needs, by KPI id: the spell and the baseline, not the whole history.

    So a raise costs the same after thirteen weeks and after eight years.
    """
    found: dict[int, Mapping[date, Decimal]] = {}
    windows = []
    # Where a target accumulates, the walk's values are running totals; the evidence needs both.
    unclear = {one.kpi_id for one in transitions if one.walk.targets.windows}
    for one in transitions:
        if one.kpi_id in unclear:
            continue
        if one.walk.replayed:
            found[one.kpi_id] = one.walk.values
            continue
        baseline = baseline_starts(one, facts[one.kpi_id])
        if baseline:
            windows.append((one.kpi_id, baseline[0], baseline[-1] + timedelta(days=1)))
        windows.append((one.kpi_id, spell_starts(one)[0], spell_until(one)))
    loaded, others = load_windows(windows, subjects)
    unclear |= others
    for one in transitions:
        if one.kpi_id in found or one.kpi_id in unclear:
            continue
        values = loaded.get(one.kpi_id, {})
        starts = baseline_starts(one, facts[one.kpi_id])
        known = sum(start in values for start in starts)
        if len(starts) == BASELINE_REACH and known < BASELINE:
            unclear.add(one.kpi_id)
        else:
            found[one.kpi_id] = values
    return {**load_values((), unclear, subjects), **found} if unclear else found


def off_target_evidence(
    one: Transition,
    facts: Facts,
    values: Mapping[date, Decimal],
    corrections: Sequence[tuple],
) -> dict:
    """The evidence of the latest raise of an off-target signal."""
    walk, span = one.walk, one.signal.spans[-1]
    starts, until = spell_starts(one), spell_until(one)
    targets, compared = walk.targets, values
    if targets.windows:
        targets, compared = run_up(targets, walk.plan.line, values, walk.excluded, until)
    shown = [judged(start, targets, compared, walk.excluded) for start in starts]
    in_span = [period for period in shown if period.start >= span.first]
    statuses = [period.status for period in in_span]
    verdict = _assurance(one, facts, values)
    return {
        "raised_on": span.raised.isoformat(),
        "streak": statuses.count(OFF_TARGET),
        "severity": span.severity,
        "sentence": evidence_sentence(facts.name, statuses, walk.plan.kind),
        "assurance": str(verdict),
        "assurance_note": assurance_note(verdict),
        "periods": [_period(period) for period in shown],
        "holes": [period.start.isoformat() for period in in_span if period.status == MISSING],
        "corrections": [
            {
                "on": day.isoformat(),
                "was": _text(was),
                "at": at.isoformat(),
                "reason": reason,
            }
            for day, was, at, reason in corrections
            if starts[0] <= day < until
        ],
        "revisions": [],
    }


def _assurance(one: Transition, facts: Facts, values: Mapping[date, Decimal]) -> str:
    """Can the process meet the target in force at the raise? By the limits of the baseline."""
    excluded, plan = one.walk.excluded, one.walk.plan
    series = [
        None if start in excluded else values.get(start) for start in baseline_starts(one, facts)
    ]
    limits = natural_limits(series, floor=facts.natural_floor, ceiling=facts.natural_ceiling)
    rule = one.walk.targets.in_force(one.signal.spans[-1].raised)
    if rule is not None and rule.source.over:
        # The limits are those of single periods, the target is for a total.
        return Assurance.UNKNOWN
    aim = rule.source if rule else None
    return assurance(
        limits,
        plan.direction,
        target=aim.target if aim else None,
        low=aim.low if aim else None,
        high=aim.high if aim else None,
    )


def _period(period: Judged) -> dict:
    rule, value = period.rule, period.value
    aim = rule.source if rule else None
    distance = None if value is None or rule is None else rule.distance(value)
    return {
        "on": period.start.isoformat(),
        "status": period.status,
        "value": _text(value),
        "target": _text(aim.target) if aim else None,
        "low": _text(aim.low) if aim else None,
        "high": _text(aim.high) if aim else None,
        "distance": _text(distance),
    }


def _text(number: Decimal | None) -> str | None:
    return None if number is None else number_text(number)


def revised(old: Mapping, new: dict, *, cause: str, now: datetime) -> dict | None:
    """The new evidence with the old among its revisions; None where both say the same."""
    kept = {name: value for name, value in old.items() if name != "revisions"}
    if kept == {name: value for name, value in new.items() if name != "revisions"}:
        return None
    revisions = list(old.get("revisions", ()))
    if kept:
        revisions.append({"at": now.isoformat(), "cause": cause, "evidence": kept})
    return {**new, "revisions": revisions}


def stale_evidence(transition: Transition, span: Span, kpi_names: Sequence[str]) -> dict:
    """Which periods have no value; `kpi_names` where it is about a whole source."""
    plan = transition.walk.plan
    last = period_of(span.raised, plan.kind, plan.fiscal_start_month)
    missing = [
        period
        for period in plan.line.closed(span.first, last.end)
        if period.start not in transition.walk.excluded
    ]
    labels = [period_label(period, plan.fiscal_start_month) for period in missing]
    verb = "is" if len(labels) == 1 else "are"
    return {
        "missing": [period.start.isoformat() for period in missing],
        "sentence": f"{names(labels)} {verb} missing" if labels else "",
        "kpis": list(kpi_names),
    }
