"""Writing the audit record: one INSERT in the transaction of the change it tells of."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal

from django.db import transaction
from django.db.models import Model

from teams.audit import origin
from teams.models import AuditEvent, Team, User


def event(
    verb: str,
    kind: str,
    row: Model | None,
    *,
    by: User | None,
    label: str | None = None,
    team: Team | int | None = None,
    organisation_id: int | None = None,
    is_private: bool = False,
    before: Mapping | None = None,
    after: Mapping | None = None,
    reason: str = "",
) -> AuditEvent:
    """An event that is not stored yet: `by` did `verb` to the `row`, which is a `kind`.

    `label` is what the row is called, by default its text. `team` is whose members may read it,
    None for what is the whole organisation's. `is_private` keeps it from everybody else. Without
    `by` it was the job, the command or the app itself. `organisation_id` is needed only without
    `by` and `team`.
    """
    source = origin.current()
    return AuditEvent(
        organisation_id=organisation_id or _organisation_id(by, team),
        actor_kind=AuditEvent.ActorKind.PERSON if by else source.kind,
        actor_id=by.pk if by else None,
        actor_name=(by.name or by.email if by else source.name)[:200],
        verb=verb,
        kind=kind,
        object_id="" if row is None else str(row.pk),
        label=(str(row or "") if label is None else label)[:300],
        team_id=team.pk if isinstance(team, Team) else team,
        is_private=is_private,
        before=as_json(before),
        after=as_json(after),
        reason=reason,
        request_id=source.request_id,
    )


def record(verb: str, kind: str, row: Model | None, **said) -> AuditEvent:
    """Append one event; what may be said is that of `event`. The caller's transaction carries it.

    Raises RuntimeError outside of a transaction: a change without its record, or a record of
    nothing, must not be possible.
    """
    _require_transaction()
    made = event(verb, kind, row, **said)
    made.save(force_insert=True)
    return made


def record_many(events: Iterable[AuditEvent]) -> None:
    """Append events in batches; the caller's transaction carries them."""
    _require_transaction()
    AuditEvent.objects.bulk_create(events, batch_size=500)


def as_json(values: Mapping | None) -> str:
    """A JSON object as text, its names sorted; empty for nothing. Decimals, days and rows are text.

    What a private team is called is not told: other people read the events of other teams.
    """
    if not values:
        return ""
    return json.dumps(values, default=_plain, ensure_ascii=False, sort_keys=True)


def differences(before: Mapping, after: Mapping) -> tuple[dict, dict]:
    """What stood and what stands now of those that differ, each by name."""
    names = [name for name in after if before.get(name) != after[name]]
    return {name: before.get(name) for name in names}, {name: after[name] for name in names}


def team_words(team: Team | None) -> str | None:
    """What a team is called in an event that others may read, too."""
    if team is None:
        return None
    return f"private team {team.pk}" if team.is_private else team.name


def _plain(value: object) -> object:
    match value:
        case Decimal():
            return plain_number(value)
        case date():
            return value.isoformat()
        case Team():
            return team_words(value)
        case set() | frozenset():
            return sorted(value)
    return str(value)


def plain_number(value: Decimal) -> str:
    """A decimal in plain digits, the same whatever zeros the database keeps behind it."""
    text = format(value, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def _organisation_id(by: User | None, team: Team | int | None) -> int | None:
    if isinstance(team, Team):
        return team.organisation_id
    return by.organisation_id if by else None


def _require_transaction() -> None:
    if not transaction.get_connection().in_atomic_block:
        raise RuntimeError("The audit record is written in the transaction of the change.")
