"""Quarters of the fiscal year, made ahead and moved on by the calendar."""

from __future__ import annotations

from datetime import date, timedelta

from django.db import transaction

from metrics.kinds import CadenceKind
from metrics.periods import next_period, period_label, period_of
from objectives.models import Cycle
from objectives.states import CycleState
from teams.models import Organisation

QUARTERS_AHEAD = 4


@transaction.atomic
def ensure_cycles(
    organisation: Organisation, today: date, *, ahead: int = QUARTERS_AHEAD
) -> list[Cycle]:
    """Make the quarter that holds `today` and those `ahead` of it, and move states on.

    Safe to repeat: a quarter that exists stays. Quarters follow the calendar, so they never
    overlap. States only go forward: prepare, active from the first day, closing after the last.
    """
    month = organisation.fiscal_start_month
    period = period_of(today, CadenceKind.QUARTERLY, month)
    cycles = []
    for _ in range(ahead + 1):
        cycle, _ = Cycle.objects.get_or_create(
            organisation=organisation,
            starts_on=period.start,
            defaults={
                "ends_on": period.end - timedelta(days=1),
                "name": period_label(period, month),
            },
        )
        cycles.append(cycle)
        period = next_period(period)
    advance_cycles(organisation, today)
    for cycle in cycles:
        cycle.refresh_from_db(fields=["state"])
    return cycles


def advance_cycles(organisation: Organisation, today: date) -> None:
    """Move every cycle on to where the calendar says it is; guarded, so it never goes back."""
    mine = Cycle.objects.of(organisation)
    begun = mine.filter(state=CycleState.PREPARE, starts_on__lte=today)
    begun.update(state=CycleState.ACTIVE)
    over = mine.filter(state=CycleState.ACTIVE, ends_on__lt=today)
    over.update(state=CycleState.CLOSING)


def cycle_holding(organisation: Organisation, day: date) -> Cycle:
    """The quarter that holds the day, made if it is not there yet."""
    return ensure_cycles(organisation, day, ahead=0)[0]
