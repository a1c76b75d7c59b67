"""What a draft form opens with: the suggestion of a raise, or an objective as it was saved."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal

from metrics import suggestion
from metrics.kpi_page.history import History
from metrics.models import Signal
from metrics.periods import next_period
from metrics.standpoint import HAS_VALUE
from metrics.wording import day_near, leading, names, plural, quantity
from objectives import calendar
from objectives.actions.cycles import AHEAD
from objectives.kinds import CHANGES, Ambition
from objectives.models import KeyResult, Objective
from teams.models import Organisation, User

SHORT_QUARTER_DAYS = 60
# Where a title begins to say its numbers: "rises from 38 to 52", "falls from 12.1".
_WAY = re.compile(
    r"\s+(?:(?:rise|drop|fall|grow|improve|increase|decrease)s?\s+)?from\s", re.IGNORECASE
)


def quarters(organisation: Organisation, today: date) -> list[tuple[date, date, str]]:
    """(first day, last day, name) of the running stretch and those ahead, from the calendar."""
    scheme = organisation.cycle_scheme
    found = calendar.spans(scheme, today, organisation.fiscal_start_month, AHEAD[scheme] + 1)
    return [(span.starts_on, span.ends_on, span.name) for span in found]


def cycle_choices(
    organisation: Organisation, today: date, keep: Objective | None = None
) -> list[tuple[str, str]]:
    """The quarters a draft may be for; `keep` adds the one it has, though it may be over."""
    choices = []
    for start, end, name in quarters(organisation, today):
        if start <= today:
            left = (end - today).days
            choices.append((start.isoformat(), f"{name}, {plural(left, 'day')} left"))
        else:
            choices.append((start.isoformat(), f"{name}, from {day_near(start, today)}"))
    if keep is not None and keep.cycle.starts_on.isoformat() not in dict(choices):
        choices.insert(0, (keep.cycle.starts_on.isoformat(), keep.cycle.name))
    return choices


def short_quarter_note(organisation: Organisation, today: date) -> str:
    """Advice when little is left of the running quarter; empty otherwise."""
    (_, end, name), (_, _, following) = quarters(organisation, today)[:2]
    left = (end - today).days
    if left >= SHORT_QUARTER_DAYS:
        return ""
    return f"{name} has {plural(left, 'day')} left. {following} gives the full quarter."


def suggested_cycle(history: History, organisation: Organisation, today: date, needed: int) -> date:
    """First day of the quarter whose end leaves time to see success (signals.md 12)."""
    cycles = [(start, end) for start, end, _ in quarters(organisation, today)]
    ends: list[date] = []
    if history.running is not None:
        period = next_period(history.running)
        for _ in range(needed):
            ends.append(period.last_day)
            period = next_period(period)
    chosen = suggestion.choose_cycle(ends, needed, cycles) if ends else None
    return (chosen or cycles[-1])[0]


def suggested(
    signal: Signal, history: History, user: User, today: date
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
    organisation = kpi.team.organisation
    cycle = suggested_cycle(history, organisation, today, rule.recovery)
    owner = kpi.owner_id or user.pk
    objective = {
        "title": draft.objective,
        "why": "",
        "ambition": Ambition.COMMITTED,
        "owner": owner,
        "cycle": cycle.isoformat(),
        "version": signal.version,
    }
    aim = {"title": draft.aim.text, "unit": kpi.unit, "linked": True}
    aim |= {"baseline": draft.aim.start, "target": draft.aim.target}
    hold = {"title": draft.hold.text, "linked": True, "hold_periods": draft.hold.periods}
    return objective, [aim, hold, {}]


def saved(objective: Objective) -> tuple[dict, list[dict]]:
    """What the form opens with for a draft that was saved."""
    fields = {
        "title": objective.title,
        "why": objective.why,
        "ambition": objective.ambition,
        "owner": objective.owner_id,
        "cycle": objective.cycle.starts_on.isoformat(),
        "version": objective.version,
    }
    rows = [
        {
            "title": row.title,
            "baseline": row.baseline,
            "target": row.target,
            "unit": row.unit,
            "linked": row.kpi_id is not None,
            "hold_periods": row.hold_periods,
        }
        for row in objective.key_results.all()
    ]
    return fields, rows


def measure_words(
    title: str,
    *,
    kind: str,
    baseline: Decimal | None,
    target: Decimal | None,
    unit: str,
) -> str:
    """One key result in the sentence: its title without numbers it states anyway, and its way."""
    if kind not in CHANGES or target is None:
        return title
    head = _WAY.split(title)[0]
    way = quantity(target, unit)
    return (
        f"{head} {leading(baseline, unit)} → {way}" if baseline is not None else f"{head} → {way}"
    )


def will_sentence(title: str, measures: list[str]) -> tuple[str, str]:
    """(what we will, as measured by what), for "We will … as measured by …"."""
    text = title.strip().rstrip(".")
    lowered = text[:1].lower() + text[1:]
    return lowered, names(measures) if measures else "key results still to be named"


def objective_sentence(objective: Objective, rows: list[KeyResult]) -> tuple[str, str]:
    """The sentence of a saved objective."""
    measures = [
        measure_words(
            row.title, kind=row.kind, baseline=row.baseline, target=row.target, unit=row.unit
        )
        for row in rows
        if row.withdrawn_at is None
    ]
    return will_sentence(objective.title, measures)
