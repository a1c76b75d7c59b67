"""The last step of the loop: which target the KPI is watched against from now on."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from django.http import QueryDict

from metrics.kpi_page.history import judged_history
from metrics.models import Kpi, Treatment
from metrics.next_target import Bounds, Choice
from metrics.periods import next_period, period_label
from metrics.treatments import read_bounds
from metrics.wording import leading, names, quantity, target_words
from objectives.forms_signals import NextTargetForm
from objectives.models import Objective


def treatment_of(objective: Objective) -> Treatment | None:
    """The treatment this objective is, None when it answers no signal or another one took over.

    A merge may have moved it to another signal of the KPI than the one it was drafted from.
    """
    if not objective.signal_id:
        return None
    rows = Treatment.objects.select_related("signal__kpi__team__organisation", "chosen_target")
    kpi_id = objective.signal.kpi_id
    return rows.filter(signal__kpi=kpi_id, url=objective.get_absolute_url()).first()


def bounds_words(kpi: Kpi, bounds: Bounds | None) -> str:
    """`at most 8 %`."""
    found = bounds or Bounds()
    return target_words(kpi.direction, found.target, found.low, found.high, kpi.unit)


def next_target_context(
    objective: Objective,
    treatment: Treatment | None,
    now: datetime,
    data: QueryDict | None = None,
) -> dict:
    """What `objective_next_target.html` prints."""
    treatment = treatment or treatment_of(objective)
    kpi = treatment.signal.kpi
    proposal = treatment.proposal
    proposed = read_bounds(proposal.get("proposed"))
    today_bounds = read_bounds(proposal.get("today")) or Bounds()
    choices = period_choices(kpi, now)
    begin = proposed or today_bounds
    initial = {
        "choice": Choice.TIGHTEN if proposed else Choice.KEEP,
        "value": begin.target,
        "low": begin.low,
        "high": begin.high,
        "effective_on": choices[0][0] if choices else "",
    }
    form = NextTargetForm(
        data, kpi=kpi, periods=choices, tighten=proposed is not None, initial=initial
    )
    return {
        "objective": objective,
        "team": objective.team,
        "kpi": kpi,
        "treatment": treatment,
        "form": form,
        "chosen": form["choice"].value(),
        "keep_words": bounds_words(kpi, today_bounds),
        "tighten_words": bounds_words(kpi, proposed) if proposed else "",
        "evidence": evidence_words(kpi, proposal),
        "label": own_label(kpi),
        "made": choice_words(kpi, treatment),
    }


def evidence_words(kpi: Kpi, proposal: dict) -> str:
    """What the proposal rests on, in one sentence or two."""
    numbers = [Decimal(text) for text in proposal.get("values", [])]
    if not numbers:
        return "No values were judged yet, so the target stays unless you set another."
    values = [leading(one, kpi.unit) for one in numbers[:-1]] + [quantity(numbers[-1], kpi.unit)]
    is_one = len(values) == 1
    last = f"The last {'value is' if is_one else 'values are'} {names(values)}."
    if not proposal.get("held"):
        return f"{last} The target was not held for long enough: it stays unless you set another."
    they_hold = "It holds" if is_one else "They hold"
    if proposal.get("proposed") is None:
        return f"{last} {they_hold} the target; there is nothing to tighten."
    return (
        f"{last} {they_hold} the target: the {'value' if is_one else 'worst of them'} is proposed."
    )


def own_label(kpi: Kpi) -> str:
    """`Churn at most`, for the field of an own value."""
    words = {"lower_is_better": "at most", "higher_is_better": "at least"}
    return f"{kpi.name} {words.get(kpi.direction, 'between')}"


def choice_words(kpi: Kpi, treatment: Treatment) -> str:
    """What was chosen already; empty while the choice is owed."""
    if not treatment.choice:
        return ""
    if treatment.chosen_target is None:
        return "The target stays."
    row = treatment.chosen_target
    words = target_words(kpi.direction, row.value, row.low, row.high, kpi.unit)
    return f"{words[0].upper()}{words[1:]} was chosen."


def period_choices(kpi: Kpi, now: datetime) -> list[tuple[str, str]]:
    """(first day, name) of the next period and the running one: nobody is asked for a date.

    The next one comes first: a running period keeps the target of its first day unless a person
    says otherwise.
    """
    running = judged_history(kpi, now).running
    if running is None:
        return []
    month = kpi.team.organisation.fiscal_start_month
    following = next_period(running)
    return [(p.start.isoformat(), period_label(p, month)) for p in (following, running)]
