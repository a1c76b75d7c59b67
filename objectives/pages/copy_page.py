"""The page that drafts an objective again for another cycle."""

from __future__ import annotations

from datetime import date

from django.http import QueryDict

from objectives.forms_lifecycle import CarryForm, CopyForm
from objectives.models import Cycle, KeyResult, Objective
from objectives.standing import KeyResultStanding, objective_standing
from objectives.states import OPEN_CYCLES


def copy_context(objective: Objective, today: date, data: QueryDict | None = None) -> dict:
    """What `objective_copy.html` prints: the cycles to choose from, and each key result with
    today's value as its start. The objective comes `with_parts()`."""
    standing = objective_standing(objective, today)
    kept = [row for row in standing.key_results if row.key_result.withdrawn_at is None]
    cycles = Cycle.objects.of(objective.team.organisation).filter(
        state__in=OPEN_CYCLES, ends_on__gte=today
    )
    following = cycles.filter(kind=objective.cycle.kind, starts_on__gt=objective.cycle.starts_on)
    form = CopyForm(data, cycles=cycles, initial={"cycle": following.first()})
    rows = [_carry_form(row, data) for row in kept]
    return {"objective": objective, "team": objective.team, "form": form, "rows": rows}


def _carry_form(row: KeyResultStanding, data: QueryDict | None) -> CarryForm:
    key_result: KeyResult = row.key_result
    start = row.value if row.value is not None else key_result.baseline
    initial = {"carry": True, "baseline": start, "target": key_result.target}
    return CarryForm(data, key_result=key_result, initial=initial, prefix=key_result.row_id)
