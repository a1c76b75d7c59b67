"""What a draft form opens with: the suggestion of a raise, or an objective as it was saved."""

from __future__ import annotations

from datetime import date

from metrics import suggestion
from metrics.kpi_page.history import History
from metrics.models import Kpi, Signal
from metrics.periods import next_period
from metrics.standpoint import HAS_VALUE
from metrics.wording import plural
from objectives.draft_offers import Offers, parent_key
from objectives.kinds import (
    Ambition,
    CycleKind,
    KeyResultKind,
    Level,
    Origin,
    Rhythm,
    change_kind,
)
from objectives.models import Cycle, KeyResult, Objective
from teams.models import User

SHORT_DAYS = 60
OPEN, AT_MOST = KeyResultKind.OPEN, KeyResultKind.AT_MOST
# What the rarer fields of an objective open with.
OPENING = {"level": Level.TEAM, "origin": Origin.BOTTOM_UP, "rhythm": Rhythm.WEEKLY}


def short_cycle_note(offers: Offers, chosen: str, today: date) -> str:
    """Advice when little is left of the running stretch and it is `chosen`; empty otherwise."""
    scheme = offers.team.organisation.cycle_scheme
    stretches = [cycle for cycle, _ in offers.cycles.values() if cycle.kind == scheme]
    running = [cycle for cycle in stretches if cycle.starts_on <= today <= cycle.ends_on]
    ahead = [cycle for cycle in stretches if cycle.starts_on > today]
    if not running or not ahead or chosen != str(running[0].pk):
        return ""
    if (left := (running[0].ends_on - today).days) >= SHORT_DAYS:
        return ""
    whole = "quarter" if scheme == CycleKind.QUARTER else "cycle"
    return f"{running[0]} has {plural(left, 'day')} left. {ahead[0]} gives the full {whole}."


def suggested_cycle(history: History, offers: Offers, needed: int) -> Cycle | None:
    """The stretch whose end leaves time to see success (signals.md 12), else the last."""
    scheme = offers.team.organisation.cycle_scheme
    cycles = {
        (cycle.starts_on, cycle.ends_on): cycle
        for cycle, _ in offers.cycles.values()
        if cycle.kind == scheme
    }
    ends: list[date] = []
    if history.running is not None:
        period = next_period(history.running)
        for _ in range(needed):
            ends.append(period.last_day)
            period = next_period(period)
    chosen = suggestion.choose_cycle(ends, needed, list(cycles)) if ends else None
    return cycles.get(chosen) if chosen else next(reversed(cycles.values()), None)


def suggested(
    signal: Signal, history: History, user: User, today: date, offers: Offers
) -> tuple[dict, list[dict]] | None:
    """What the form opens with for a raise: (objective fields, key result rows).

    None for a KPI without a value or a target: there is nothing to suggest.
    """
    kpi = signal.kpi
    judged = [v for v in history.verdicts if v.value is not None and v.status in HAS_VALUE]
    rule = history.rule_on(today)
    if not judged or rule is None:
        return None
    source = rule.source
    draft = suggestion.draft(
        kpi.name,
        direction=kpi.direction,
        latest=judged[-1].value,
        recovery=rule.recovery,
        cadence=signal.cadence_kind,
        unit=kpi.unit,
        target=source.target,
        low=source.low,
        high=source.high,
    )
    cycle = suggested_cycle(history, offers, rule.recovery)
    owner = kpi.owner_id if str(kpi.owner_id) in offers.people else user.pk
    objective = {
        "title": draft.objective,
        "why": "",
        "ambition": Ambition.COMMITTED,
        "owner": owner,
        "cycle": cycle.pk if cycle else None,
        "is_private": kpi.is_private,
        "version": signal.version,
    }
    return OPENING | objective, [_aim(draft.aim, kpi), _hold(draft.hold, kpi), {"kind": OPEN}]


def _aim(aim: suggestion.Aim, kpi: Kpi) -> dict:
    """The first key result; a value that is there already has a level to keep, not a way to go."""
    row = {"title": aim.text, "unit": kpi.unit, "kpi": kpi.pk, "target": aim.target}
    if suggestion.reaches(aim.start, aim.target, aim.operator):
        kind = KeyResultKind.AT_LEAST if aim.operator == suggestion.AT_LEAST else AT_MOST
        return row | {"kind": kind, "baseline": aim.start}
    kind = change_kind(aim.start, aim.target)
    return row | {"kind": kind, "baseline": aim.start}


def _hold(hold: suggestion.Hold, kpi: Kpi) -> dict:
    kind = KeyResultKind.HOLD
    return {"title": hold.text, "kind": kind, "kpi": kpi.pk, "hold_periods": hold.periods}


def saved(objective: Objective) -> tuple[dict, list[dict]]:
    """What the form opens with for a draft that was saved."""
    fields = {
        "title": objective.title,
        "why": objective.why,
        "ambition": objective.ambition,
        "owner": objective.owner_id,
        "cycle": objective.cycle_id,
        "level": objective.level,
        "origin": objective.origin,
        "rhythm": objective.rhythm,
        "is_private": objective.is_private,
        "parent": parent_key(objective.parent_objective or objective.parent_key_result),
        "version": objective.version,
    }
    rows = objective.key_results.all()
    return fields, [_saved_row(row, objective) for row in rows if row.withdrawn_at is None]


def _saved_row(row: KeyResult, objective: Objective) -> dict:
    names = ("pk", "title", "kind", "baseline", "target", "low", "high", "unit", "hold_periods")
    opened = {name: getattr(row, name) for name in names}
    opened |= {"kpi": row.kpi_id, "ambition": row.ambition}
    opened["weight"] = row.weight.normalize() if row.weight != 1 else None
    opened["owner"] = row.owner_id if row.owner_id != objective.owner_id else None
    opened["step"] = [{"on": one.on, "value": one.value} for one in row.checkpoints.all()]
    opened["milestone"] = [
        {
            "title": one.title,
            "weight": one.weight.normalize() if one.weight != 1 else None,
            "due_on": one.due_on,
        }
        for one in row.milestones.all()
    ]
    return opened
