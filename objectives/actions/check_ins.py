"""What people say about a key result: value, confidence and a note."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from django.db import transaction

from objectives import rhythm
from objectives.actions.history import Changed, take_version, write_history
from objectives.models import CheckIn, KeyResult
from objectives.states import MoveRefused, ObjectiveState
from teams.models import User


@transaction.atomic
def record_check_in(
    key_result: KeyResult,
    *,
    value: Decimal | None,
    confidence: int,
    note: str = "",
    author: User,
    now: datetime,
    token: UUID,
    version: int,
    corrects: CheckIn | None = None,
    reported: str = "",
    due_on: date | None = None,
) -> CheckIn:
    """Append a check-in; the same `token` again returns the one that is there.

    `value` is in the key result's unit (the KPI's own value where it follows one), `confidence` 0
    to 10, `reported` what the person says of its status. `due_on` is the due day it answers, by
    default the one `rhythm.answered` names; a correction keeps that of what it corrects. `version`
    is what the form was opened with: raises Changed when somebody checked in since then. Raises
    MoveRefused unless the objective is active.
    """
    if (again := CheckIn.objects.filter(token=token, key_result=key_result).first()) is not None:
        return again
    try:
        take_version(key_result, version)
    except Changed:
        # The same form sent twice at once: its twin won the row, and that is the answer.
        if (twin := CheckIn.objects.filter(token=token, key_result=key_result).first()) is not None:
            return twin
        raise
    key_result.objective.refresh_from_db(fields=["state"])
    if key_result.objective.state != ObjectiveState.ACTIVE or key_result.withdrawn_at:
        raise MoveRefused("Check-ins belong to active key results.")
    before = key_result.check_ins.order_by("made_at", "pk").last()
    made = CheckIn.objects.create(
        key_result=key_result,
        value=value,
        confidence=confidence,
        reported=reported,
        note=note,
        due_on=corrects.due_on if corrects else due_on or answers(key_result, now),
        author=author,
        made_at=now,
        token=token,
        corrects=corrects,
    )
    note_latest(key_result)
    write_history(
        key_result.objective,
        "check_in_corrected" if corrects else "checked_in",
        actor=author,
        now=now,
        key_result=key_result,
        reason=note,
        before={"value": before.value, "confidence": before.confidence} if before else {},
        after={"value": value, "confidence": confidence},
    )
    key_result.version = version + 1
    return made


def answers(key_result: KeyResult, now: datetime) -> date:
    """The due day that a check-in made now answers."""
    objective = key_result.objective
    organisation = objective.team.organisation
    return rhythm.answered(
        organisation.today(now),
        key_result.next_due_on,
        objective.rhythm,
        organisation.check_in_weekday,
    )


def note_latest(key_result: KeyResult) -> None:
    """Keep on the key result which check-in stands for it now, and when the next one is due.

    The latest is the one for the latest due day, the newest of several; what was replaced or taken
    back does not count. Call it with the key result's row locked.
    """
    objective = key_result.objective
    organisation = objective.team.organisation
    latest = key_result.check_ins.standing().order_by("due_on", "made_at", "pk").last()
    begins = objective.starts_on or objective.cycle.starts_on
    weekday = organisation.check_in_weekday
    ends_on = objective.cycle.ends_on
    if latest is None:
        due = rhythm.first_owed(begins, ends_on, objective.rhythm, weekday)
    else:
        due = rhythm.first_owed(latest.due_on + rhythm.DAY, ends_on, objective.rhythm, weekday)
    key_result.latest, key_result.next_due_on = latest, due
    key_result.save(update_fields=["latest", "next_due_on"])
