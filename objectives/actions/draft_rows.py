"""The key results of a draft as they are written: what stays keeps its row."""

from __future__ import annotations

from datetime import datetime

from django.db.models import F

from objectives.actions.drafted import KeyResultDraft, ObjectiveDraft
from objectives.models import Checkpoint, KeyResult, Milestone, Objective, ObjectiveEvent

LEFT_OUT = "Left out of the draft."
# Positions are unique: rows step aside by more than an objective can hold, then take their places.
ASIDE = 1000


def write_key_results(objective: Objective, draft: ObjectiveDraft, now: datetime) -> None:
    """Make the objective's key results those of the draft, in its order.

    A row that names the key result it was opened from keeps it, since something may be aligned to
    it. One that is left out goes, or is withdrawn with a reason where something hangs on it.
    """
    standing = {row.pk: row for row in objective.key_results.filter(withdrawn_at=None)}
    objective.key_results.update(position=F("position") + ASIDE)
    for place, typed in enumerate(draft.key_results, start=1):
        row = standing.pop(typed.pk, None) if typed.pk else None
        row = row or KeyResult(objective=objective)
        for name, value in _columns(typed, draft).items():
            setattr(row, name, value)
        row.position = place
        row.save()
        _write_parts(row, typed)
    _let_go(standing.values(), now)
    _close_ranks(objective, len(draft.key_results))


def _columns(row: KeyResultDraft, draft: ObjectiveDraft) -> dict:
    return {
        "title": row.title,
        "kind": row.settled_kind,
        "baseline": row.baseline,
        "target": row.target,
        "low": row.low,
        "high": row.high,
        "unit": row.unit,
        "kpi": row.kpi,
        "kpi_follows": row.kpi_follows,
        "hold_periods": row.hold_periods,
        "weight": row.weight,
        "ambition": row.ambition,
        "owner": row.owner or draft.owner,
    }


def _write_parts(row: KeyResult, typed: KeyResultDraft) -> None:
    """The steps of its path and its milestones; a milestone of the same words stays done."""
    row.checkpoints.all().delete()
    Checkpoint.objects.bulk_create(
        Checkpoint(key_result=row, on=step.on, value=step.value) for step in typed.steps
    )
    done = dict(row.milestones.values_list("title", "done_at"))
    row.milestones.all().delete()
    Milestone.objects.bulk_create(
        Milestone(
            key_result=row,
            title=one.title,
            weight=one.weight,
            due_on=one.due_on,
            done_at=done.get(one.title),
            position=place,
        )
        for place, one in enumerate(typed.milestones, start=1)
    )


def _let_go(rows, now: datetime) -> None:
    for row in rows:
        if _is_bare(row):
            row.delete()
        else:
            row.withdrawn_at, row.withdrawn_reason = now, LEFT_OUT
            row.save(update_fields=["withdrawn_at", "withdrawn_reason"])


def _is_bare(row: KeyResult) -> bool:
    """True when nothing hangs on it that would be lost with it."""
    attached = (row.check_ins, row.initiatives, row.blockers, row.revisions)
    return not (
        any(rows.exists() for rows in attached)
        or Objective.objects.filter(parent_key_result=row).exists()
        or ObjectiveEvent.objects.filter(key_result=row).exists()
    )


def _close_ranks(objective: Objective, taken: int) -> None:
    aside = objective.key_results.filter(position__gt=ASIDE).order_by("position")
    for place, row in enumerate(aside, start=taken + 1):
        KeyResult.objects.filter(pk=row.pk).update(position=place)
