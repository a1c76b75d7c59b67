"""The history row that stands beside every change of an objective, and its two guards."""

from __future__ import annotations

from datetime import datetime

from django.db.models import F, Model

from metrics.actions.history import as_text
from objectives.models import KeyResult, Objective, ObjectiveEvent
from teams.models import User


class Changed(Exception):
    """Somebody else changed the object since the form was opened; nothing was written.

    `current` is the object as it stands now.
    """

    def __init__(self, current: Model) -> None:
        super().__init__("changed meanwhile")
        self.current = current


def write_history(
    objective: Objective,
    kind: str,
    *,
    actor: User | None,
    now: datetime,
    key_result: KeyResult | None = None,
    moved: tuple[str, str] = ("", ""),
    reason: str = "",
    before: dict | None = None,
    after: dict | None = None,
) -> ObjectiveEvent:
    """Append one row to the objective's history; `moved` is (from state, to state)."""
    return ObjectiveEvent.objects.create(
        objective=objective,
        key_result=key_result,
        type=kind,
        at=now,
        actor=actor,
        from_state=moved[0],
        to_state=moved[1],
        reason=reason,
        before={name: as_text(value) for name, value in (before or {}).items()},
        after={name: as_text(value) for name, value in (after or {}).items()},
    )


def take_version(row: Model, expected: int) -> None:
    """Claim the row for one change by a guarded UPDATE; raise Changed when somebody was first.

    The statement locks the row until the transaction ends, so what is read after it is current. The
    object keeps its old version until the caller succeeds: what is rolled back has not moved on.
    """
    model = type(row)
    taken = model.objects.filter(pk=row.pk, version=expected).update(version=F("version") + 1)
    if not taken:
        raise Changed(model.objects.get(pk=row.pk))
