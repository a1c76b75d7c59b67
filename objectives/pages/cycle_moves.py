"""What moving the end of a cycle would do, before it is done, and what was done to a cycle."""

from __future__ import annotations

from datetime import date, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from metrics.models import Treatment
from metrics.wording import day_near, day_year, percent, plural
from objectives import pace
from objectives.models import Cycle, CycleEvent, KeyResult, Milestone, Objective
from objectives.states import ObjectiveState

ONE_DAY = timedelta(days=1)


class CycleChange(NamedTuple):
    """One line of a cycle's history."""

    made: str
    author: str
    said: str
    reason: str


def consequences(cycle: Cycle, after: Cycle | None, ends_on: date, today: date) -> list[str]:
    """What follows from another last day, as sentences; private things are counted too.

    `after` is the cycle that begins where this one ends. A fixed number of queries.
    """
    days = f"{day_year(ends_on)} instead of {day_year(cycle.ends_on)}"
    said = [f"{cycle} ends on {days}: {_length(cycle, ends_on)}."]
    if after is not None:
        first = ends_on + ONE_DAY
        said.append(f"{after} begins on {day_year(first)} instead of {day_year(after.starts_on)}.")
    running = Objective.objects.filter(cycle=cycle, state=ObjectiveState.ACTIVE)
    count = running.count()
    if count:
        teams = running.values("team_id").distinct().count()
        who = f"{plural(count, 'running objective')} of {plural(teams, 'team')}"
        verb = "is" if count == 1 else "are"
        said.append(f"{who} {verb} paced by the new dates{_elapsed(cycle, ends_on, today)}.")
    said += _parts(cycle, ends_on)
    if after is not None:
        ready = Objective.objects.filter(cycle=after, state=ObjectiveState.ACTIVE).count()
        if ready:
            verb = "begins" if ready == 1 else "begin"
            said.append(f"{plural(ready, 'objective')} of {after} {verb} on the new day.")
    said += _misfits(cycle, ends_on)
    return said


def _length(cycle: Cycle, ends_on: date) -> str:
    days = [(last - cycle.starts_on).days + 1 for last in (ends_on, cycle.ends_on)]
    return f"{plural(days[0], 'day')} instead of {days[1]}"


def _elapsed(cycle: Cycle, ends_on: date, today: date) -> str:
    if today < cycle.starts_on:
        return ""
    shares = [pace.elapsed(today, cycle.starts_on, last) for last in (ends_on, cycle.ends_on)]
    return f": {percent(shares[0])} of the time is over today instead of {percent(shares[1])}"


def _parts(cycle: Cycle, ends_on: date) -> list[str]:
    """Check-ins, signals and steps that hang on the last day."""
    said = []
    key_results = KeyResult.objects.filter(
        objective__cycle=cycle, objective__state=ObjectiveState.ACTIVE, withdrawn_at=None
    )
    count = key_results.count()
    if count:
        said.append(
            f"Check-ins of {plural(count, 'key result')} are due until {day_year(ends_on)}."
        )
    treated = Treatment.objects.filter(
        ended_at=None, signal__in=Objective.objects.filter(cycle=cycle).values("signal_id")
    ).count()
    if treated:
        verb = "stays" if treated == 1 else "stay"
        said.append(f"{plural(treated, 'signal')} {verb} addressed until then.")
    late = Milestone.objects.filter(key_result__in=key_results, due_on__gt=ends_on).count()
    if late:
        said.append(f"{plural(late, 'step')} of key results would be due after the end.")
    return said


def _misfits(cycle: Cycle, ends_on: date) -> list[str]:
    """Objectives that would reach beyond the cycle of the one they support."""
    live = Objective.objects.filter(state=ObjectiveState.ACTIVE)
    beyond = live.filter(cycle=cycle, parent_objective__cycle__ends_on__lt=ends_on).count()
    within = live.filter(parent_objective__cycle=cycle, cycle__ends_on__gt=ends_on)
    count = beyond + within.exclude(cycle=cycle).count()
    if not count:
        return []
    if count == 1:
        return ["1 objective reaches beyond the cycle of the objective it supports."]
    return [f"{count} objectives reach beyond the cycles of those they support."]


def cycle_history(cycle: Cycle, zone: ZoneInfo, today: date) -> list[CycleChange]:
    """What people changed about a cycle, newest first, by the organisation's zone."""
    rows = CycleEvent.objects.filter(cycle=cycle).select_related("actor").order_by("-at", "-pk")
    return [
        CycleChange(
            day_near(row.at.astimezone(zone).date(), today),
            str(row.actor) if row.actor else "",
            _said(row),
            row.reason,
        )
        for row in rows
    ]


def _said(row: CycleEvent) -> str:
    if "open_until" in row.after:
        return f"Reopened for late updates until {_day(row.after['open_until'])}"
    name = "ends_on" if "ends_on" in row.after else "starts_on"
    words = "Last day" if name == "ends_on" else "First day"
    return f"{words} {_day(row.before[name])} → {_day(row.after[name])}"


def _day(text: str) -> str:
    return day_year(date.fromisoformat(text))
