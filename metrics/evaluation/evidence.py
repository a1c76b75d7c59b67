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
from datetime import date, datetime
from decimal import Decimal
from typing import NamedTuple

from metrics.episodes import Span
from metrics.evaluation.transitions import History, Transition
from metrics.judging import EXCLUDED, MISSING
from metrics.models import Kpi, MeasurementRevision
from metrics.numbers import number_text
from metrics.periods import period_label, period_of
from metrics.replay import Verdict
from metrics.special_cause import assurance, assurance_note, natural_limits
from metrics.suggestion import evidence_sentence
from metrics.wording import names

SHOWN = 13


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


def off_target_evidence(
    transition: Transition,
    facts: Facts,
    history: History,
    corrections: Sequence[tuple],
) -> dict:
    """The evidence of the latest raise of an off-target signal."""
    span = transition.signal.spans[-1]
    plan = transition.walk.plan
    upto = [v for v in history.of(transition.walk) if v.period.start <= span.raised]
    count = sum(verdict.period.start >= span.first for verdict in upto)
    shown = upto[-max(count, SHOWN) :]
    in_span = upto[-count:] if count else []
    verdict = _assurance(upto, facts, plan.direction)
    return {
        "raised_on": span.raised.isoformat(),
        "streak": (upto[-1].streak or 0) if upto else 0,
        "severity": span.severity,
        "sentence": evidence_sentence(facts.name, [one.status for one in in_span], plan.kind),
        "assurance": str(verdict),
        "assurance_note": assurance_note(verdict),
        "periods": [_period(one) for one in shown],
        "holes": [one.period.start.isoformat() for one in in_span if one.status == MISSING],
        "corrections": [
            {
                "on": day.isoformat(),
                "was": _text(was),
                "at": at.isoformat(),
                "reason": reason,
            }
            for day, was, at, reason in corrections
            if shown and shown[0].period.start <= day < shown[-1].period.end
        ],
        "revisions": [],
    }


def _assurance(verdicts: Sequence[Verdict], facts: Facts, direction: str) -> str:
    """Can the process meet the target in force at the raise? By the limits known then."""
    since = facts.limits_from or date.min
    series = [
        None if one.status == EXCLUDED else one.value
        for one in verdicts
        if one.period.start >= since
    ]
    limits = natural_limits(series, floor=facts.natural_floor, ceiling=facts.natural_ceiling)
    rule = verdicts[-1].rule if verdicts else None
    aim = rule.source if rule else None
    return assurance(
        limits,
        direction,
        target=aim.target if aim else None,
        low=aim.low if aim else None,
        high=aim.high if aim else None,
    )


def _period(verdict: Verdict) -> dict:
    aim = verdict.rule.source if verdict.rule else None
    return {
        "on": verdict.period.start.isoformat(),
        "status": verdict.status,
        "value": _text(verdict.value),
        "target": _text(aim.target) if aim else None,
        "low": _text(aim.low) if aim else None,
        "high": _text(aim.high) if aim else None,
        "distance": _text(verdict.distance),
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
