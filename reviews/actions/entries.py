"""What people enter in a review: grades and decisions, one row at a time, nothing overwritten.

Every write claims the review's row first, so entries of one review never run into each other, none
comes after the close, and the review's version tells that something changed.
"""

from __future__ import annotations

import hashlib
from dataclasses import asdict
from datetime import datetime

from django.db import transaction
from django.db.models import F, Model

from objectives.actions import Changed, Grade
from objectives.models import KeyResult, Objective
from reviews.models import GivenGrade, ObjectiveDecision, Review
from teams.actions import audit
from teams.mentions import queue_mentions, who_see
from teams.models import User
from teams.sight import about

# What is entered together, in one form: the words of an objective, and what becomes of it.
WORDS = ("explanation", "root_cause")
NEXT = ("decision", "note", "why_again")
GRADE = ("grade", "reason", "is_left_out")


class ReviewClosed(Exception):
    """The review was closed meanwhile; nothing was written."""


def claim(review: Review) -> None:
    """Take the review for one entry by a guarded UPDATE; raise ReviewClosed when it is closed."""
    rows = Review.objects.filter(pk=review.pk, closed_at=None)
    if not rows.update(version=F("version") + 1):
        raise ReviewClosed


def seen_of(row: Model | None, names: tuple[str, ...]) -> str:
    """What a form was opened with, as a short text: the values of some fields of a row."""
    values = [str(getattr(row, name)) if row else "" for name in names]
    return hashlib.sha256("\x1f".join(values).encode()).hexdigest()[:16]


@transaction.atomic
def give_grade(
    review: Review,
    key_result: KeyResult,
    given: Grade,
    *,
    actor: User,
    now: datetime,
    version: int,
) -> GivenGrade:
    """Keep the grade of a key result; `version` is the row's the form was opened with, 0 for none.

    The same grade again changes nothing. Raises Changed with the row when somebody else graded it
    meanwhile, ReviewClosed after the close.
    """
    claim(review)
    row = GivenGrade.objects.filter(review=review, key_result=key_result).first()
    if row is not None and row.version != version:
        if (row.grade, row.reason, row.is_left_out) == (
            given.grade,
            given.reason,
            given.is_left_out,
        ):
            return row
        raise Changed(row)
    if row is None:
        row = GivenGrade(review=review, key_result=key_result, version=0)
    stood = {name: getattr(row, name) for name in GRADE} if row.version else {}
    row.grade, row.reason, row.is_left_out = given.grade, given.reason, given.is_left_out
    row.version, row.changed_at, row.changed_by = row.version + 1, now, actor
    row.save()
    objective, then = key_result.objective, asdict(given)
    note_review(review, "graded", key_result.title, objective, by=actor, before=stood, after=then)
    tell_mentioned(review, f"grade:{row.pk}", given.reason, by=actor, now=now, objective=objective)
    return row


def note_review(
    review: Review,
    verb: str,
    label: str,
    objective: Objective | None = None,
    *,
    by: User | None,
    **said,
) -> None:
    """Tell the audit record what was entered in a review, private where the `objective` is."""
    audit.record(
        verb,
        "review",
        review,
        by=by,
        label=label,
        team=review.team_id,
        organisation_id=by.organisation_id if by else review.team.organisation_id,
        is_private=objective is not None and objective.is_private,
        **said,
    )


def tell_mentioned(
    review: Review,
    entry: str,
    *texts: str,
    by: User,
    now: datetime,
    objective: Objective | None = None,
) -> None:
    """Tell whom an entry of a review mentions, once an entry however often it is changed."""
    queue_mentions(
        *texts,
        key=f"mention:{entry}",
        seeing=who_see(review.team, is_private=objective is not None and objective.is_private),
        by=by,
        about=str(review),
        of=about(review.team, *([objective] if objective else [])),
        link=review.get_absolute_url(),
        now=now,
    )


@transaction.atomic
def decide(
    review: Review,
    objective: Objective,
    said: dict[str, str],
    *,
    names: tuple[str, ...],
    seen: str,
    actor: User,
    now: datetime,
) -> ObjectiveDecision:
    """Keep some fields of what is decided of an objective: `WORDS` or `NEXT`.

    `seen` is what the form was opened with (`seen_of`): two people may fill the two forms of one
    row side by side. Raises Changed with the row when these fields were changed meanwhile,
    ReviewClosed after the close.
    """
    claim(review)
    row = ObjectiveDecision.objects.filter(review=review, objective=objective).first()
    if row is not None and all(getattr(row, name) == said[name] for name in names):
        return row
    if row is not None and seen_of(row, names) != seen:
        raise Changed(row)
    if row is None:
        row = ObjectiveDecision(review=review, objective=objective, version=0)
    stood = {name: getattr(row, name) for name in names}
    for name in names:
        setattr(row, name, said[name])
    row.version, row.changed_at, row.changed_by = row.version + 1, now, actor
    row.save()
    before, after = audit.differences(stood, {name: said[name] for name in names})
    title = objective.title
    note_review(review, "decided", title, objective, by=actor, before=before, after=after)
    texts = [said[name] for name in names if name != "decision"]
    tell_mentioned(review, f"words:{row.pk}", *texts, by=actor, now=now, objective=objective)
    return row
