"""What was kept against the coach's advice, and the work that was kept as initiatives."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from objectives.actions.history import write_history
from objectives.models import Initiative, Objective, ObjectiveEvent
from teams.models import User

KEPT = "kept_against_advice"


class Kept(NamedTuple):
    """A finding that stays, by its rule's code, the text it is about, and the reason."""

    code: str
    text: str
    reason: str


def reasons_given(objective: Objective) -> dict[tuple[str, str], str]:
    """The reasons in an objective's history by (code, text), the latest one for the same words."""
    events = ObjectiveEvent.objects.filter(objective=objective, type=KEPT).order_by("at", "pk")
    return {
        (after.get("code", ""), after.get("text", "")): reason
        for after, reason in events.values_list("after", "reason")
    }


def note_kept(
    objective: Objective, kept: Sequence[Kept], *, actor: User | None, now: datetime
) -> None:
    """Write why findings stay into the history; a reason that stands there already is not repeated.

    Belongs into the transaction that saves the texts.
    """
    if not kept:
        return
    known = reasons_given(objective)
    for one in kept:
        text = one.text.strip()
        if known.get((one.code, text)) == one.reason:
            continue
        write_history(
            objective,
            KEPT,
            actor=actor,
            now=now,
            reason=one.reason,
            after={"code": one.code, "text": text},
        )


def keep_said(
    objective: Objective,
    kept: Sequence[Kept],
    initiatives: Sequence[str],
    *,
    actor: User | None,
    now: datetime,
) -> None:
    """Write down what a draft says beside its words; belongs into the transaction that saves it."""
    note_kept(objective, kept, actor=actor, now=now)
    keep_initiatives(objective, initiatives, actor=actor, now=now)


def initiatives_of(objective: Objective) -> list[str]:
    """The titles of the open initiatives under an objective's key results, in order."""
    rows = Initiative.objects.filter(key_result__objective=objective, deleted_at=None)
    return list(
        rows.order_by("key_result__position", "position", "pk").values_list("title", flat=True)
    )


def keep_initiatives(
    objective: Objective, titles: Sequence[str], *, actor: User | None, now: datetime
) -> None:
    """Keep work beside the key results it helps: under the first one, until somebody moves it.

    Initiatives of the draft that are no longer named are taken away, those that are there already
    stay as they are. Without a key result there is nothing to keep them under.
    """
    first = objective.key_results.order_by("position").first()
    rows = Initiative.objects.filter(key_result__objective=objective, deleted_at=None)
    stands = {row.title: row for row in rows}
    for title in [title for title in stands if title not in titles]:
        stands[title].deleted_at = now
        stands[title].save(update_fields=["deleted_at"])
    fresh = [title for title in dict.fromkeys(titles) if title not in stands]
    if first is None or not fresh:
        return
    Initiative.objects.bulk_create(
        Initiative(key_result=first, title=title, position=at, created_at=now, created_by=actor)
        for at, title in enumerate(fresh, start=len(stands) + 1)
    )
