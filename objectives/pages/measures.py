"""The sentence "We will … as measured by …": every kind of key result in words. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal

from metrics.wording import leading, names, period_noun, plural, quantity
from objectives.coach.proposals import subject
from objectives.kinds import CHANGES, KeyResultKind, Rhythm
from objectives.models import KeyResult, Objective

# Where a title begins to say its numbers: "rises from 38 to 52", "falls from 12.1".
_WAY = re.compile(
    r"\s+(?:(?:rise|drop|fall|grow|improve|increase|decrease)s?\s+)?from\s", re.IGNORECASE
)
# How a title begins that says what will be true ("Our customers love …"), not what is to be done.
_STATES = re.compile(
    r"(a|accounts|all|an|any|clients|customers|each|employees|every|everybody|everyone|firms|it|my"
    r"|new|no|nobody|no one|our|people|teams|the|their|they|this|users|visitors|we|your)\s",
    re.IGNORECASE,
)
RHYTHM_NOUNS = {Rhythm.WEEKLY: "week", Rhythm.MONTHLY: "month"}


@dataclass(frozen=True, slots=True)
class Measure:
    """What a key result is measured by. `period` is what one period is called, `kpi` its KPI."""

    title: str
    kind: str
    baseline: Decimal | None = None
    target: Decimal | None = None
    low: Decimal | None = None
    high: Decimal | None = None
    unit: str = ""
    hold_periods: int | None = None
    milestone_count: int = 0
    period: str = "period"
    kpi: str = ""


def measure_words(one: Measure) -> str:
    """One key result in the sentence, without numbers that its title states anyway."""
    if one.kind in CHANGES and one.target is not None:
        return _change(one)
    about = one.kpi or subject(one.title) or one.title
    match one.kind:
        case KeyResultKind.AT_LEAST if one.target is not None:
            return f"{about} at least {quantity(one.target, one.unit)} in every {one.period}"
        case KeyResultKind.AT_MOST if one.target is not None:
            return f"{about} at most {quantity(one.target, one.unit)} in every {one.period}"
        case KeyResultKind.RANGE if one.low is not None and one.high is not None:
            between = f"{leading(one.low, one.unit)} and {quantity(one.high, one.unit)}"
            return f"{about} between {between} in every {one.period}"
        case KeyResultKind.HOLD if one.kpi and one.hold_periods:
            span = plural(one.hold_periods, one.period)
            row = " in a row" if one.hold_periods > 1 else ""
            return f"hold {one.kpi} on target for {span}{row}"
        case KeyResultKind.MILESTONES if one.milestone_count:
            return f"{one.title} ({plural(one.milestone_count, 'milestone')})"
        case KeyResultKind.YES_NO:
            return f"{one.title} (yes or no)"
        case KeyResultKind.FIND_BASELINE:
            return f"{one.title} (its baseline first)"
    return one.title


def _change(one: Measure) -> str:
    head = _WAY.split(one.title)[0]
    way = quantity(one.target, one.unit)
    if one.baseline is None:
        return f"{head} → {way}"
    return f"{head} {leading(one.baseline, one.unit)} → {way}"


def will_sentence(title: str, measures: list[str]) -> tuple[str, str]:
    """(what we will, as measured by what), for "We will … as measured by …".

    A title that names a state is something we will see: "We will see that our customers …".
    """
    text = title.strip().rstrip(".")
    # An acronym or a name in capitals keeps them: "NPS stays …".
    lowered = text if text[1:2].isupper() else text[:1].lower() + text[1:]
    if _STATES.match(text):
        lowered = f"see that {lowered}"
    return lowered, names(measures) if measures else "key results still to be named"


def period_of(kpi, rhythm: str) -> str:
    """What one period of a key result is called: its KPI's, else that of the check-ins."""
    if kpi is not None and kpi.cadence is not None:
        return period_noun(kpi.cadence.kind)
    return RHYTHM_NOUNS.get(rhythm, "period")


def stored_measure(row: KeyResult, objective: Objective) -> Measure:
    """A saved key result as the sentence reads it; it comes `with_parts()`."""
    stones = row.milestones.all() if row.kind == KeyResultKind.MILESTONES else ()
    return Measure(
        row.title,
        row.kind,
        row.baseline,
        row.target,
        row.low,
        row.high,
        row.unit,
        row.hold_periods,
        len(stones),
        period_of(row.kpi, objective.rhythm),
        row.kpi.name if row.kpi else "",
    )


def objective_sentence(objective: Objective, rows: list[KeyResult]) -> tuple[str, str]:
    """The sentence of a saved objective."""
    return will_sentence(
        objective.title,
        [measure_words(stored_measure(row, objective)) for row in rows if row.withdrawn_at is None],
    )
