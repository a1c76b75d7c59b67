"""What a review leaves behind beside its grades: learnings, and actions with owner and date."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import F

from objectives.actions import Changed
from reviews.actions.entries import claim, note_review, tell_mentioned
from reviews.models import Learning, Review, ReviewAction
from teams.models import User


def add_learning(review: Review, *, text: str, token: UUID, actor: User, now: datetime) -> Learning:
    """Write down what was learned; the same form (`token`) again returns the row that is there."""
    fields = {"review": review, "text": text, "author": actor, "created_at": now}
    return _added(review, Learning, token, fields)


def add_action(
    review: Review,
    *,
    what: str,
    owner: User | None,
    due_on: date | None,
    token: UUID,
    actor: User,
    now: datetime,
) -> ReviewAction:
    """Note who does what by when; the same form (`token`) again returns the row that is there."""
    fields = {
        "review": review,
        "team_id": review.team_id,
        "what": what,
        "owner": owner,
        "due_on": due_on,
        "created_at": now,
        "created_by": actor,
    }
    return _added(review, ReviewAction, token, fields)


def _added(review: Review, model, token: UUID, fields: dict):
    try:
        with transaction.atomic():
            claim(review)
            found = model.objects.filter(form_token=token).first()
            if found is not None:
                return found
            made = model.objects.create(form_token=token, **fields)
            by = fields.get("author") or fields["created_by"]
            note_review(review, f"{_noun(made)}_added", str(made), by=by)
            entry = f"{_noun(made)}:{made.pk}"
            tell_mentioned(review, entry, str(made), by=by, now=fields["created_at"])
            return made
    except IntegrityError:
        # The same form sent to two reviews at once, or an old one again: its twin is the answer.
        return model.objects.get(form_token=token)


def _noun(row: Learning | ReviewAction) -> str:
    return "learning" if isinstance(row, Learning) else "action"


@transaction.atomic
def delete_learning(
    review: Review, learning: Learning, *, now: datetime, version: int, by: User | None = None
) -> None:
    """Take a learning off the page. Raises Changed when somebody else did something to it."""
    claim(review)
    _moved(learning, version, deleted_at=now)
    note_review(review, "learning_deleted", str(learning), by=by)


@transaction.atomic
def delete_action(
    review: Review, action: ReviewAction, *, now: datetime, version: int, by: User | None = None
) -> None:
    """Take an action off the list. Raises Changed when somebody else did something to it."""
    claim(review)
    _moved(action, version, deleted_at=now)
    note_review(review, "action_deleted", str(action), by=by)


@transaction.atomic
def finish_action(
    review: Review,
    action: ReviewAction,
    *,
    is_done: bool,
    now: datetime,
    version: int,
    by: User | None = None,
) -> None:
    """Mark an action done, or open again, from the review that looks at it.

    It may come from an earlier review, which stays closed. Done twice is done once. Raises Changed
    when somebody else did something to it.
    """
    claim(review)
    current = ReviewAction.objects.get(pk=action.pk)
    if (current.done_at is not None) == is_done and current.deleted_at is None:
        return
    _moved(action, version, done_at=now if is_done else None)
    note_review(review, "action_done" if is_done else "action_reopened", str(action), by=by)


def _moved(row: Learning | ReviewAction, version: int, **fields) -> None:
    rows = type(row).objects.filter(pk=row.pk, version=version, deleted_at=None)
    if not rows.update(version=F("version") + 1, **fields):
        raise Changed(type(row).objects.get(pk=row.pk))
