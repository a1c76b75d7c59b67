"""What people say about a key result: value, confidence and a note; corrected and taken back."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime, timedelta
from decimal import Decimal
from uuid import UUID, uuid5

from django.db import transaction

from objectives import rhythm
from objectives.actions.history import Changed, take_version, write_history
from objectives.actions.milestones import tick, tick_back
from objectives.models import CheckIn, KeyResult, Objective
from objectives.states import MoveRefused, ObjectiveState
from teams.mentions import queue_mentions, who_see
from teams.models import User
from teams.sight import about

# How long a person may take back what they said last.
UNDO_TIME = timedelta(days=30)


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
    milestones: Collection[int] | None = None,
) -> CheckIn:
    """Append a check-in; the same `token` again returns the one that is there.

    `value` is in the key result's unit (the KPI's own value where it follows one), `confidence` 0
    to 10, `reported` what the person says of its status. `due_on` is the due day it answers, by
    default the one `rhythm.answered` names; a correction keeps that of what it corrects.
    `milestones` are the ids of the steps that are done, None leaves them as they are. `version` is
    what the form was opened with: raises Changed when somebody changed the key result since then.
    Raises MoveRefused unless the objective is active.
    """
    if (again := _claim(key_result, version, token)) is not None:
        return again
    # What was loaded at this version is what stands, now that the version is taken.
    before = key_result.latest if key_result.version == version else newest(key_result)
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
    keep_latest(key_result, newest(key_result) if corrects else _later(before, made))
    ticked = {} if milestones is None else tick(key_result, milestones, now)
    write_history(
        key_result.objective,
        "check_in_corrected" if corrects else "checked_in",
        actor=author,
        now=now,
        key_result=key_result,
        reason=note,
        before=_said(before),
        after=_said(made) | {"check_in": made.pk} | ticked,
    )
    _tell_mentioned(made, now)
    key_result.version = version + 1
    return made


def _tell_mentioned(made: CheckIn, now: datetime) -> None:
    """Tell whom the note mentions; a correction is the same entry as what it corrects."""
    if "@" not in made.note:
        return
    first = made
    while first.corrects is not None:
        first = first.corrects
    objective = made.key_result.objective
    queue_mentions(
        made.note,
        key=f"mention:check-in:{first.pk}",
        seeing=who_see(objective.team, is_private=objective.is_private),
        by=made.author,
        about=made.key_result.title,
        of=about(objective),
        link=made.key_result.get_absolute_url(),
        now=now,
    )


@transaction.atomic
def take_back_check_in(check_in: CheckIn, *, actor: User, now: datetime, version: int) -> CheckIn:
    """Undo a check-in by one more version; doing it twice is doing it once.

    Only its author may, within 30 days and while nobody said anything later about the key result.
    A correction taken back gives way to a copy of what it had corrected; anything else to nothing,
    and what stood before stands again. Raises Changed when the key result changed since `version`,
    MoveRefused with a sentence when it is not theirs to take back.
    """
    key_result = check_in.key_result
    token = uuid5(check_in.token, "taken back")
    if check_in.author_id != actor.pk or check_in.is_retraction:
        raise MoveRefused("Only the person who made a check-in takes it back.")
    if now - check_in.made_at > UNDO_TIME:
        raise MoveRefused("A check-in is taken back within 30 days. Check in anew instead.")
    if (again := _claim(key_result, version, token)) is not None:
        return again
    if key_result.check_ins.order_by("made_at", "pk").last() != check_in:
        raise MoveRefused("Only the last check-in is taken back. Check in anew instead.")
    stood = check_in.corrects or check_in
    made = CheckIn.objects.create(
        key_result=key_result,
        value=stood.value,
        confidence=stood.confidence,
        reported=stood.reported,
        note=stood.note if check_in.corrects_id else "",
        due_on=check_in.due_on,
        author=actor,
        made_at=now,
        token=token,
        corrects=check_in,
        is_retraction=check_in.corrects_id is None,
    )
    note_latest(key_result)
    tick_back(key_result, check_in, now)
    write_history(
        key_result.objective,
        "check_in_taken_back",
        actor=actor,
        now=now,
        key_result=key_result,
        before=_said(check_in),
        after=_said(key_result.latest),
    )
    key_result.version = version + 1
    return made


def _claim(key_result: KeyResult, version: int, token: UUID) -> CheckIn | None:
    """Take the key result for one change, or return what the same form made already.

    Raises Changed when somebody was first, MoveRefused when it takes no check-ins any more.
    """
    # A check-in made since these were loaded has moved the version on, which the claim notices.
    loaded = key_result.check_ins.all()
    if (again := next((row for row in loaded if row.token == token), None)) is not None:
        return again
    try:
        take_version(key_result, version)
    except Changed:
        # The same form sent twice at once: its twin won the row, and that is the answer.
        twins = CheckIn.objects.filter(token=token, key_result=key_result).order_by()
        if (twin := next(iter(twins), None)) is not None:
            return twin
        raise
    require_open(key_result)
    return None


def require_open(key_result: KeyResult) -> None:
    """Raise MoveRefused unless the objective is being worked on and the key result belongs to it.

    Call it with the key result's row taken: what was loaded of it is then current.
    """
    objective = key_result.objective
    objective.state = Objective.objects.values_list("state", flat=True).get(pk=objective.pk)
    if objective.state != ObjectiveState.ACTIVE:
        raise MoveRefused(f"The objective is {objective.state}: its figures are kept.")
    if key_result.withdrawn_at:
        raise MoveRefused("This key result was withdrawn.")


def _said(check_in: CheckIn | None) -> dict:
    """What a check-in says, as the history keeps it."""
    if check_in is None:
        return {}
    said = {"value": check_in.value, "confidence": check_in.confidence}
    return said | ({"reported": check_in.reported} if check_in.reported else {})


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

    Call it with the key result's row locked.
    """
    keep_latest(key_result, newest(key_result))


def newest(key_result: KeyResult) -> CheckIn | None:
    """The check-in that stands: the one for the latest due day, the newest of several.

    What was replaced or taken back does not count. None without one.
    """
    return key_result.check_ins.standing().order_by("due_on", "made_at", "pk").last()


def _later(stood: CheckIn | None, made: CheckIn) -> CheckIn:
    """Which of the two stands by the rule of `newest`."""
    both = [made] if stood is None else [stood, made]
    return max(both, key=lambda one: (one.due_on, one.made_at, one.pk))


def keep_latest(key_result: KeyResult, latest: CheckIn | None) -> None:
    """Keep on the key result that `latest` stands for it, and when the next one is due after it."""
    due = due_after(key_result.objective, latest)
    key_result.latest, key_result.next_due_on = latest, due
    key_result.save(update_fields=["latest", "next_due_on"])


def due_after(objective: Objective, latest: CheckIn | None) -> date | None:
    """When the next check-in is due after the one that stands (None: the first); None: never more.

    The objective comes with cycle, team and organisation.
    """
    weekday = objective.team.organisation.check_in_weekday
    begins = latest.due_on + rhythm.DAY if latest else objective.begins_on
    return rhythm.first_owed(begins, objective.cycle.ends_on, objective.rhythm, weekday)
