"""The history row that stands beside every change of an objective, and its two guards."""

from __future__ import annotations

from datetime import datetime

from django.db.models import F, Model

from metrics.actions.history import as_text
from objectives.models import KeyResult, Objective, ObjectiveEvent
from teams.actions import audit
from teams.models import AuditEvent, User


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
    told: tuple[dict, dict] = ({}, {}),
) -> ObjectiveEvent:
    """Append one row to the objective's history, and one to the audit record.

    `moved` is (from state, to state). `told` is what the record says beside or instead of `before`
    and `after`.
    """
    was, then = ({"state": moved[0]}, {"state": moved[1]}) if any(moved) else ({}, {})
    made = objective_event(
        objective,
        kind,
        key_result,
        by=actor,
        before=was | (before or {}) | told[0],
        after=then | (after or {}) | told[1],
        reason=reason,
    )
    audit.record_many([made])
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


def objective_event(
    objective: Objective,
    verb: str,
    key_result: KeyResult | None = None,
    *,
    by: User | None,
    before: dict | None = None,
    after: dict | None = None,
    reason: str = "",
) -> AuditEvent:
    """An event of the audit record about an objective, or about one of its key results."""
    return audit.event(
        verb,
        "key_result" if key_result else "objective",
        key_result or objective,
        by=by,
        label=key_result.title if key_result else objective.title,
        team=objective.team_id,
        organisation_id=by.organisation_id if by else objective.team.organisation_id,
        is_private=objective.is_private,
        before=_told(before),
        after=_told(after),
        reason=reason,
    )


def _told(values: dict | None) -> dict:
    """The values as they may be read beside this objective: what is private stays unnamed."""
    return {
        name: _name(value) if isinstance(value, Objective | KeyResult) else value
        for name, value in (values or {}).items()
    }


def _name(parent: Objective | KeyResult) -> str:
    above = parent.objective if isinstance(parent, KeyResult) else parent
    if above.is_private or above.team.is_private:
        return f"private {parent._meta.verbose_name} {parent.pk}"
    return str(parent)


def take_version(row: Model, expected: int) -> None:
    """Claim the row for one change by a guarded UPDATE; raise Changed when somebody was first.

    The statement locks the row until the transaction ends, so what is read after it is current. The
    object keeps its old version until the caller succeeds: what is rolled back has not moved on.
    """
    model = type(row)
    taken = model.objects.filter(pk=row.pk, version=expected).update(version=F("version") + 1)
    if not taken:
        raise Changed(model.objects.get(pk=row.pk))
