"""What people say about a key result: value, confidence and a note."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from uuid import UUID

from django.db import transaction

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
) -> CheckIn:
    """Append a check-in; the same `token` again returns the one that is there.

    `value` is in the key result's unit (the KPI's own value where it follows one), `confidence` 0
    to 10. `version` is what the form was opened with: raises Changed when somebody checked in since
    then. Raises MoveRefused unless the objective is active.
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
        note=note,
        author=author,
        made_at=now,
        token=token,
        corrects=corrects,
    )
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
