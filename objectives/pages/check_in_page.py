"""The row of a key result while it is edited, just saved, or in conflict with somebody else."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from django.http import QueryDict

from metrics.figures import quantity_mark
from metrics.wording import number
from objectives.forms import CheckInForm, asks_why
from objectives.models import CheckIn, KeyResult, Objective
from objectives.pages.rows import (
    LiveResult,
    RowView,
    check_in_words,
    live_result,
    row_view,
    saved_sub,
)
from objectives.standing import (
    KeyResultStanding,
    follows,
    key_result_standing,
    way_gone,
)


def today_of(key_result: KeyResult, now: datetime):
    """The date in the organisation's zone."""
    return key_result.objective.team.organisation.today(now)


def standing_of(key_result: KeyResult, now: datetime) -> KeyResultStanding:
    """Where the key result stands; it comes `with_parts()` and its objective."""
    return key_result_standing(key_result, key_result.objective, today_of(key_result, now))


def check_in_form(
    key_result: KeyResult,
    standing: KeyResultStanding,
    data: QueryDict | None = None,
    corrects: CheckIn | None = None,
) -> CheckInForm:
    """The form of a row: opens with the last value and confidence, and a new token."""
    initial = CheckInForm.first_values(key_result, standing.value, standing.confidence)
    if corrects is not None:
        initial |= {"note": corrects.note, "corrects": corrects.pk}
    return CheckInForm(data, key_result=key_result, follows=follows(key_result), initial=initial)


def edit_context(key_result: KeyResult, form: CheckInForm, now: datetime) -> dict:
    """What `_kr_row_edit.html` prints."""
    standing = standing_of(key_result, now)
    typed = proposed(key_result, standing, form)
    confidence = form["confidence"].value()
    new = int(confidence) if str(confidence).isdigit() else None
    return {
        "key_result": key_result,
        "objective": key_result.objective,
        "root": key_result.row_id,
        "form": form,
        "last_value": number(standing.value) if standing.value is not None else "",
        "last_confidence": standing.confidence,
        "asks_why": new is not None and asks_why(new, standing.confidence),
        "result": result_line(standing, typed),
        "kpi_value": quantity_mark(standing.value, key_result.unit)
        if follows(key_result)
        else None,
        "kpi": key_result.kpi if follows(key_result) else None,
    }


def proposed(
    key_result: KeyResult, standing: KeyResultStanding, form: CheckInForm
) -> KeyResultStanding:
    """Where it would stand with the value that was typed; as it is while none was."""
    if "value" not in form.fields or not form.is_bound or form["value"].errors:
        return standing
    value = form.cleaned_data.get("value")
    return replace(standing, value=value, progress=way_gone(key_result, value, None))


def result_line(standing: KeyResultStanding, typed: KeyResultStanding) -> LiveResult:
    """The result of what was typed beside what was there."""
    before = standing.value if standing.value != typed.value else None
    return live_result(typed, before)


def rest_context(key_result: KeyResult, now: datetime, *, may_write: bool) -> dict:
    """What `_kr_row.html` prints at rest."""
    standing = standing_of(key_result, now)
    today = today_of(key_result, now)
    objective = key_result.objective
    return {
        "row": row_view(standing, objective, today, may_write=may_write),
        "objective": objective,
    }


def saved_context(
    key_result: KeyResult, made: CheckIn, before: KeyResultStanding, now: datetime
) -> dict:
    """What `_kr_row.html` prints just after saving: what it was, how far it moved."""
    standing = standing_of(key_result, now)
    today = today_of(key_result, now)
    row: RowView = row_view(standing, key_result.objective, today, may_write=True)
    was, moved = saved_sub(standing, before)
    row = row._replace(now_sub=was, rail_sub=moved)
    edit_url = f"{row.check_in_url}?corrects={made.pk}"
    return {"row": row, "objective": key_result.objective, "saved": True, "edit_url": edit_url}


def conflict_context(key_result: KeyResult, form: CheckInForm, now: datetime) -> dict:
    """The row in conflict: what stands now beside what was typed, which is kept."""
    standing = standing_of(key_result, now)
    kept = form.data.copy()
    kept["version"] = str(key_result.version)
    form.data = kept
    last = standing.last
    theirs = check_in_words(last, key_result.unit) if last else "another change"
    by = f"{last.author}: {theirs}" if last else theirs
    return edit_context(key_result, form, now) | {"conflict": by}


def next_row(objective: Objective, key_result: KeyResult) -> str:
    """The id of the next row to check in; empty after the last."""
    rows = objective.key_results.filter(withdrawn_at=None, position__gt=key_result.position)
    following = rows.order_by("position").first()
    return following.row_id if following else ""
