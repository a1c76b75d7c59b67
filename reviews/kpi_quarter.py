"""How a team's KPIs went in a cycle: value before and at the end, each period, its signals.

Everything is text or a number, so that a review can freeze it. A fixed number of queries, however
many KPIs there are.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from metrics.accumulating import run_up
from metrics.evaluation.loading import load_exclusions, load_subjects, load_targets
from metrics.evaluation.measurements import load_values
from metrics.evaluation.recent import Judged, judged_periods
from metrics.judging import MISSING, NO_TARGETS, OFF_TARGET
from metrics.models import Kpi, Signal
from metrics.scorecard_facts import treatment_of
from metrics.standpoint import Standpoint, standpoint, trailing_missing
from metrics.wording import NO_VALUE, day_year, period_noun, quantity, target_sign
from objectives.models import Cycle
from teams.models import Organisation, Team

# How far back a status is told, in periods; a cycle of days has 92.
_REACH = 130


def kpis_of(team: Team, cycle: Cycle, now: datetime) -> list[dict]:
    """The KPIs of a team in the order of its scorecard, private ones included and marked."""
    kpis = list(Kpi.objects.of_team(team.pk).select_related("state"))
    subjects = load_subjects([kpi.pk for kpi in kpis], now)
    targets, excluded = load_targets(subjects), load_exclusions(subjects)
    values = load_values((), list(subjects), subjects) if subjects else {}
    signals = _signals_of(kpis, cycle, team.organisation)
    found = []
    for kpi in kpis:
        subject = subjects.get(kpi.pk)
        judged: list[Judged] = []
        if subject is not None and subject.plan is not None:
            judged = _judged(
                kpi,
                subject.plan,
                targets.get(kpi.pk, NO_TARGETS),
                values.get(kpi.pk, {}),
                excluded.get(kpi.pk, ()),
                cycle,
            )
        kind = subject.plan.kind if subject is not None and subject.plan else None
        found.append(_facts(kpi, judged, kind, cycle, signals.get(kpi.pk, [])))
    return found


def _judged(kpi: Kpi, plan, targets, values, excluded, cycle: Cycle) -> list[Judged]:
    """The judged periods up to the cycle's end, oldest first; awaited ones are left out."""
    if targets is not NO_TARGETS and targets.windows:
        targets, values = run_up(targets, plan.line, values, excluded, plan.today)
    until = min(cycle.ends_on + timedelta(days=1), plan.today)
    rows = judged_periods(
        plan.line,
        targets,
        values,
        excluded,
        since=kpi.starts_on,
        until=until,
        at_most=_REACH,
    )
    waiting = kpi.state.watermark_on
    return [row for row in rows if row.value is not None or waiting is None or row.start < waiting]


def _facts(
    kpi: Kpi, judged: Sequence[Judged], kind: str | None, cycle: Cycle, signals: list[dict]
) -> dict:
    inside = [row for row in judged if row.start >= cycle.starts_on]
    before = [row for row in judged if row.start < cycle.starts_on]
    last = judged[-1] if judged else None
    at = _standpoint(judged, kind)
    return {
        "id": kpi.pk,
        "name": kpi.name,
        "is_private": kpi.is_private,
        "start": _value(before, kpi.unit),
        "end": _value(judged, kpi.unit),
        "target": _target(kpi, last),
        "statuses": [str(row.status) for row in inside],
        "off": sum(row.status == OFF_TARGET for row in inside),
        "missing": sum(row.status == MISSING for row in inside),
        "noun": period_noun(kind) if kind else "period",
        "state": at.state,
        "age": at.age,
        "signals": signals,
    }


def _standpoint(judged: Sequence[Judged], kind: str | None) -> Standpoint:
    """The state at the end of the cycle; missing periods at the end make it stale."""
    if not judged:
        return Standpoint("no_data")
    statuses = [str(row.status) for row in judged]
    return standpoint(statuses, kind, is_stale=trailing_missing(statuses) > 0)


def _value(rows: Sequence[Judged], unit: str) -> str:
    value = next((row.value for row in reversed(rows) if row.value is not None), None)
    return quantity(value, unit)


def _target(kpi: Kpi, last: Judged | None) -> str:
    """The target that was in force at the end."""
    if last is None or last.rule is None:
        return NO_VALUE
    source = last.rule.source
    return target_sign(kpi.direction, source.target, source.low, source.high, kpi.unit)


def _signals_of(
    kpis: Sequence[Kpi], cycle: Cycle, organisation: Organisation
) -> dict[int, list[dict]]:
    """The signals that stood in the cycle and what became of them, by KPI id."""
    rows = (
        Signal.objects.standing()
        .filter(kpi__in=[kpi.pk for kpi in kpis], kind="off_target", raised_on__lte=cycle.ends_on)
        .exclude(ended_on__lt=cycle.starts_on)
        .select_related("treatment")
        .defer("evidence", "spans", "workflow")
    )
    found: dict[int, list[dict]] = {}
    for row in sorted(rows, key=lambda one: (one.raised_on, one.pk)):
        found.setdefault(row.kpi_id, []).append(
            {"id": row.pk, "words": _signal_words(row, organisation)}
        )
    return found


def _signal_words(signal: Signal, organisation: Organisation) -> str:
    """`Signal opened 3 Jul 2026: fix it with an OKR, graded 0.9, still open.`

    The days are those on which people were told, as on the dashboard, not those of the periods.
    """
    treatment = treatment_of(signal)
    answer = str(Signal.Decision(signal.decision).label)
    if treatment is not None and not treatment.is_private:
        answer = f"answered by “{treatment.title}”"
        if treatment.grade is not None:
            answer = f"{answer}, graded {treatment.grade}"
    end = "still open" if signal.is_open else f"resolved {_day(signal.resolved_at, organisation)}"
    return f"Signal opened {_day(signal.opened_at, organisation)}: {answer}, {end}."


def unnamed_words(words: str) -> str:
    """The words of a signal without the title and the grade of the OKR that answered it."""
    if "answered by “" not in words:
        return words
    raised, end = words.partition(": ")[0], words.rpartition(", ")[2]
    return f"{raised}: {Signal.Decision.OKR.label}, {end}"


def _day(at: datetime | None, organisation: Organisation) -> str:
    return day_year(organisation.today(at)) if at else NO_VALUE
