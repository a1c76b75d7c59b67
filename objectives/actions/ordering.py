"""The order of a team's objectives in a cycle, moved by dragging or by keyboard."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction
from django.db.models import Max

from objectives.actions.history import write_history
from objectives.models import Objective
from teams.models import Team, User


@transaction.atomic
def order_objectives(team: Team, ids: Sequence[int], *, actor: User, now: datetime) -> list[int]:
    """Put the team's objectives into the order of `ids`; returns their ids in the new order.

    Those not named keep their places behind the named ones, so a list that is out of date loses
    nothing. Ids of other teams are ignored. The same order again changes nothing.
    """
    Team.objects.select_for_update().get(pk=team.pk)
    rows = list(Objective.objects.of_team(team.pk))
    rank = {pk: place for place, pk in enumerate(ids)}
    wanted = sorted(rows, key=lambda row: rank.get(row.pk, len(rank)))
    changed = []
    for place, row in enumerate(wanted, start=1):
        if row.position != place:
            row.position = place
            changed.append(row)
    Objective.objects.bulk_update(changed, ["position"])
    if [row.pk for row in rows] != [row.pk for row in wanted] and changed:
        moved = next(row for row in wanted if row.pk in rank)
        write_history(moved, "reordered", actor=actor, now=now, after={"place": moved.position})
    return [row.pk for row in wanted]


def moved(ids: Sequence[int], pk: int, steps: int) -> list[int]:
    """The ids with one of them moved by `steps` places, as far as there is room. Pure."""
    order = [one for one in ids if one != pk]
    place = min(max(list(ids).index(pk) + steps, 0), len(order))
    return [*order[:place], pk, *order[place:]]


def next_position(team_id: int) -> int:
    """The place behind a team's last objective; two at once may share it, the id then decides."""
    last = Objective.objects.filter(team_id=team_id).aggregate(Max("position"))
    return (last["position__max"] or 0) + 1
