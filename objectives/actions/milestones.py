"""The steps of a milestone key result: done, and not done after all."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from django.db import transaction

from objectives.actions.history import take_version, write_history
from objectives.models import CheckIn, KeyResult, Milestone
from objectives.states import MoveRefused, ObjectiveState
from teams.models import User


def tick(key_result: KeyResult, done: Collection[int], now: datetime) -> dict[str, str]:
    """Make the steps of these ids done and all others not; say what changed, for the history.

    A step that was done keeps its moment. Call it with the key result's row taken.
    """
    steps = list(key_result.milestones.all())
    ticked = [step for step in steps if step.pk in done and step.done_at is None]
    opened = [step for step in steps if step.pk not in done and step.done_at is not None]
    _set(ticked, now)
    _set(opened, None)
    lists = {"ticked": ticked, "opened": opened}
    return {name: ",".join(str(step.pk) for step in rows) for name, rows in lists.items() if rows}


def tick_back(key_result: KeyResult, check_in: CheckIn, now: datetime) -> None:
    """Undo the ticks that were made together with a check-in."""
    event = key_result.objective.events.filter(
        key_result=key_result, after__check_in=check_in.pk
    ).first()
    if event is None:
        return
    ids = {name: _ids(event.after.get(name)) for name in ("ticked", "opened")}
    _set(key_result.milestones.filter(pk__in=ids["ticked"]), None)
    _set(key_result.milestones.filter(pk__in=ids["opened"], done_at=None), now)


@transaction.atomic
def tick_milestone(
    milestone: Milestone, *, is_done: bool, actor: User, now: datetime, version: int
) -> Milestone:
    """Make one step done, or not done after all; nothing when it is so already.

    Raises Changed when the key result changed since `version`, MoveRefused once it has ended.
    """
    key_result = milestone.key_result
    if (milestone.done_at is not None) == is_done:
        return milestone
    take_version(key_result, version)
    key_result.objective.refresh_from_db(fields=["state"])
    if key_result.objective.state != ObjectiveState.ACTIVE or key_result.withdrawn_at:
        raise MoveRefused("Steps are ticked while the objective is active.")
    milestone.done_at = now if is_done else None
    milestone.save(update_fields=["done_at"])
    write_history(
        key_result.objective,
        "milestone_done" if is_done else "milestone_reopened",
        actor=actor,
        now=now,
        key_result=key_result,
        after={"title": milestone.title},
    )
    key_result.version = version + 1
    return milestone


def _set(steps: Collection[Milestone], done_at: datetime | None) -> None:
    for step in steps:
        step.done_at = done_at
        step.save(update_fields=["done_at"])


def _ids(text: str | None) -> list[int]:
    return [int(part) for part in text.split(",")] if text else []
