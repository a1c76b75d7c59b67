"""What is done for a key result and what stands in its way; thanks for saying so.

Each of these rows has its own version: work on one does not disturb a check-in that is being typed.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from uuid import UUID

from django.db import transaction

from objectives.actions.history import take_version, write_history
from objectives.models import Blocker, CheckIn, Initiative, KeyResult, Thanks
from objectives.states import MoveRefused
from teams.mentions import queue_thanks, who_see
from teams.models import User
from teams.sight import about

# How long what was deleted can be brought back.
UNDO_TIME = timedelta(days=30)


@transaction.atomic
def add_initiative(
    key_result: KeyResult,
    *,
    title: str,
    owner: User | None,
    due_on: date | None,
    token: UUID,
    actor: User,
    now: datetime,
) -> Initiative:
    """Add a piece of work to the end of the list, once for each form."""
    made, is_new = Initiative.objects.get_or_create(
        form_token=token,
        defaults={
            "key_result": key_result,
            "title": title,
            "owner": owner,
            "due_on": due_on,
            "position": key_result.initiatives.count() + 1,
            "created_at": now,
            "created_by": actor,
        },
    )
    if is_new:
        _note(made, "initiative_added", actor, now)
    return made


@transaction.atomic
def edit_initiative(
    initiative: Initiative,
    *,
    title: str,
    owner: User | None,
    due_on: date | None,
    actor: User,
    now: datetime,
    version: int,
) -> Initiative:
    """Change what it says. Raises Changed when somebody else did since `version`."""
    take_version(initiative, version)
    before = {"title": initiative.title, "owner": initiative.owner, "due_on": initiative.due_on}
    initiative.title, initiative.owner, initiative.due_on = title, owner, due_on
    initiative.save(update_fields=["title", "owner", "due_on"])
    _note(initiative, "initiative_edited", actor, now, before=before)
    return initiative


@transaction.atomic
def finish_initiative(
    initiative: Initiative, *, is_done: bool, actor: User, now: datetime, version: int
) -> Initiative:
    """Make it done, or not done after all; nothing when it is so already."""
    if (initiative.done_at is not None) == is_done:
        return initiative
    take_version(initiative, version)
    initiative.done_at = now if is_done else None
    initiative.save(update_fields=["done_at"])
    _note(initiative, "initiative_done" if is_done else "initiative_reopened", actor, now)
    return initiative


@transaction.atomic
def delete_initiative(
    initiative: Initiative, *, actor: User, now: datetime, version: int
) -> Initiative:
    """Take it off the list; it can be brought back for 30 days."""
    if initiative.deleted_at is not None:
        return initiative
    take_version(initiative, version)
    initiative.deleted_at = now
    initiative.save(update_fields=["deleted_at"])
    _note(initiative, "initiative_deleted", actor, now)
    return initiative


@transaction.atomic
def restore_initiative(
    initiative: Initiative, *, actor: User, now: datetime, version: int
) -> Initiative:
    """Bring it back within 30 days. Raises MoveRefused later."""
    if initiative.deleted_at is None:
        return initiative
    _require_recent(initiative.deleted_at, now)
    take_version(initiative, version)
    initiative.deleted_at = None
    initiative.save(update_fields=["deleted_at"])
    _note(initiative, "initiative_restored", actor, now)
    return initiative


@transaction.atomic
def add_blocker(
    key_result: KeyResult,
    *,
    what: str,
    remover: User | None,
    by_on: date | None,
    token: UUID,
    actor: User,
    now: datetime,
) -> Blocker:
    """Say what stands in the way, who can remove it and by when; once for each form."""
    made, is_new = Blocker.objects.get_or_create(
        form_token=token,
        defaults={
            "key_result": key_result,
            "what": what,
            "remover": remover,
            "by_on": by_on,
            "created_at": now,
            "created_by": actor,
        },
    )
    if is_new:
        _note(made, "blocker_added", actor, now)
    return made


@transaction.atomic
def edit_blocker(
    blocker: Blocker,
    *,
    what: str,
    remover: User | None,
    by_on: date | None,
    actor: User,
    now: datetime,
    version: int,
) -> Blocker:
    """Change what it says. Raises Changed when somebody else did since `version`."""
    take_version(blocker, version)
    before = {"what": blocker.what, "remover": blocker.remover, "by_on": blocker.by_on}
    blocker.what, blocker.remover, blocker.by_on = what, remover, by_on
    blocker.save(update_fields=["what", "remover", "by_on"])
    _note(blocker, "blocker_edited", actor, now, before=before)
    return blocker


@transaction.atomic
def resolve_blocker(
    blocker: Blocker, *, is_resolved: bool, actor: User, now: datetime, version: int
) -> Blocker:
    """Say that it is out of the way, or in the way again; nothing when it is so already."""
    if (blocker.resolved_at is not None) == is_resolved:
        return blocker
    take_version(blocker, version)
    blocker.resolved_at = now if is_resolved else None
    blocker.save(update_fields=["resolved_at"])
    _note(blocker, "blocker_resolved" if is_resolved else "blocker_reopened", actor, now)
    return blocker


@transaction.atomic
def delete_blocker(blocker: Blocker, *, actor: User, now: datetime, version: int) -> Blocker:
    """Take it off the list; it can be brought back for 30 days."""
    if blocker.deleted_at is not None:
        return blocker
    take_version(blocker, version)
    blocker.deleted_at = now
    blocker.save(update_fields=["deleted_at"])
    _note(blocker, "blocker_deleted", actor, now)
    return blocker


@transaction.atomic
def restore_blocker(blocker: Blocker, *, actor: User, now: datetime, version: int) -> Blocker:
    """Bring it back within 30 days. Raises MoveRefused later."""
    if blocker.deleted_at is None:
        return blocker
    _require_recent(blocker.deleted_at, now)
    take_version(blocker, version)
    blocker.deleted_at = None
    blocker.save(update_fields=["deleted_at"])
    _note(blocker, "blocker_restored", actor, now)
    return blocker


@transaction.atomic
def thank(check_in: CheckIn, *, person: User, now: datetime) -> Thanks:
    """Say thanks for a check-in, once a person. Raises MoveRefused for one's own."""
    if check_in.author_id == person.pk:
        raise MoveRefused("Thanks are for what others said.")
    made, is_new = Thanks.objects.get_or_create(
        check_in=check_in, person=person, defaults={"at": now}
    )
    if is_new:
        objective = check_in.key_result.objective
        queue_thanks(
            key=f"thanks:{made.pk}",
            seeing=who_see(objective.team, is_private=objective.is_private),
            to=check_in.author,
            by=person,
            about=check_in.key_result.title,
            of=about(objective),
            link=check_in.key_result.get_absolute_url(),
            now=now,
        )
    return made


def _require_recent(deleted_at: datetime, now: datetime) -> None:
    if now - deleted_at > UNDO_TIME:
        raise MoveRefused("What was deleted is brought back within 30 days.")


def _note(
    row: Initiative | Blocker, kind: str, actor: User, now: datetime, *, before: dict | None = None
) -> None:
    """Write the change into the objective's history, and move the loaded row's version on."""
    if "_added" not in kind:
        row.version += 1
    if isinstance(row, Initiative):
        after = {"title": row.title, "owner": row.owner, "due_on": row.due_on}
    else:
        after = {"what": row.what, "remover": row.remover, "by_on": row.by_on}
    write_history(
        row.key_result.objective,
        kind,
        actor=actor,
        now=now,
        key_result=row.key_result,
        before=before,
        after=after,
    )
