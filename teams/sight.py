"""Whether people may still see what a message or an event of the audit record tells of.

A message names what it tells of in codes, `kpi:12 team:3`, stored with it; an event by its kind and
id. The things are looked up again each time, as a message leaves and as either is read: meanwhile a
team may have become private, or the person have left it. What kinds there are say
`settings.TOLD_OF`, whose rows have a team and `is_private`, or are teams, and
`settings.RECORDED_OF`; their QuerySets have `visible_to`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from functools import reduce
from operator import or_
from typing import TYPE_CHECKING, NamedTuple

from django.apps import apps
from django.conf import settings
from django.db import models
from django.db.models import (
    BooleanField,
    Case,
    Exists,
    ExpressionWrapper,
    OuterRef,
    Q,
    Value,
    When,
)
from django.db.models.functions import Cast, NullIf

if TYPE_CHECKING:
    from teams.models import OutboxMessage, User

TEAM = "team"
_BOOLEAN = BooleanField()
CHUNK = 5000
NOT_TOLD = "Not told: whom it is for may not see any more what it tells of."


class Thing(NamedTuple):
    """What a message tells of, as it is today; `is_private`: itself, or its team."""

    organisation_id: int
    team_id: int
    is_private: bool


def code(kind: str, pk: int) -> str:
    """How a message names one thing it tells of."""
    return f"{kind}:{pk}"


def about(*rows: models.Model) -> str:
    """How a message names these teams, KPIs and objectives."""
    return " ".join(code(row._meta.model_name, row.pk) for row in rows)


def things_of(codes: str) -> Iterator[tuple[str, int]]:
    """Kind and id of each thing that is named."""
    for one in codes.split():
        kind, _, pk = one.partition(":")
        yield kind, int(pk)


def hidden_from(user: User) -> Q:
    """Things a person may not see, or which are gone; for rows with `kind` and `object_id`."""
    seen = (
        Q(kind=kind, object_id__in=_model(kind).objects.visible_to(user).order_by().values("pk"))
        for kind in settings.TOLD_OF
    )
    return ~reduce(or_, seen)


def hidden_by_now(user: User) -> Case:
    """Whether an event of the audit record is about what is there and the user may not see today.

    For rows with `kind` and `object_id`. Each is looked up by its key, so a page costs the same
    however many things there are.
    """
    key = Cast(NullIf(OuterRef("object_id"), Value("")), models.BigIntegerField())
    cases = []
    for label, kinds in settings.RECORDED_OF.items():
        rows = apps.get_model(label).objects
        there = Exists(rows.order_by().filter(pk=key))
        seen = Exists(rows.visible_to(user).order_by().filter(pk=key))
        cases.append(When(kind__in=kinds, then=ExpressionWrapper(there & ~seen, _BOOLEAN)))
    return Case(*cases, default=Value(value=False), output_field=_BOOLEAN)


def split(rows: Sequence[OutboxMessage]) -> tuple[list[OutboxMessage], list[OutboxMessage]]:
    """Those that may be told, and those that may not any more.

    One query for each kind of thing they tell of, and one where some of it is private.
    """
    named = {row.pk: list(things_of(row.about)) for row in rows}
    things = _load({thing for found in named.values() for thing in found})
    members = _members({one.team_id for one in things.values() if one.is_private})
    told, withheld = [], []
    for row in rows:
        found = [things.get(thing) for thing in named[row.pk]]
        (told if _may_tell(row, found, members) else withheld).append(row)
    return told, withheld


def _may_tell(row: OutboxMessage, found: list[Thing | None], members: set[tuple]) -> bool:
    """Whether the person is here and sees everything; a chat hears of its team, or what is open."""
    if row.recipient is not None and not row.recipient.is_active:
        return False
    for one in found:
        if one is None:
            return False
        if row.hook is not None and row.hook.team_id is not None:
            if one.team_id != row.hook.team_id:
                return False
            continue
        whom = row.recipient or row.hook
        if whom is not None and whom.organisation_id != one.organisation_id:
            return False
        if one.is_private and (row.recipient_id, one.team_id) not in members:
            return False
    return True


def _load(wanted: Iterable[tuple[str, int]]) -> dict[tuple[str, int], Thing]:
    by_kind: dict[str, list[int]] = defaultdict(list)
    for kind, pk in sorted(wanted):
        by_kind[kind].append(pk)
    found = {}
    for kind, ids in by_kind.items():
        rows = _model(kind).objects.order_by()
        columns = ("pk", "team__organisation_id", "team_id", "team__is_private", "is_private")
        if kind == TEAM:
            columns = ("pk", "organisation_id", "pk", "is_private", "is_private")
        for at in range(0, len(ids), CHUNK):
            some = rows.filter(pk__in=ids[at : at + CHUNK])
            for pk, organisation, team, *private in some.values_list(*columns):
                found[kind, pk] = Thing(organisation, team, any(private))
    return found


def _members(team_ids: set[int]) -> set[tuple]:
    """Who is in which of these teams, by ids; no query for no team."""
    if not team_ids:
        return set()
    rows = apps.get_model("teams.Membership").objects.filter(team__in=team_ids).order_by()
    return set(rows.values_list("user_id", "team_id"))


def _model(kind: str) -> type[models.Model]:
    return apps.get_model(settings.TOLD_OF[kind])
