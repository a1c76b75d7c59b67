"""What a team withdrew or deleted in the last 30 days, and how to undo it."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import NamedTuple

from metrics.wording import ago, plural
from objectives.actions.lifecycle import UNDO_DAYS
from objectives.models import Blocker, Initiative, KeyResult, Objective
from objectives.states import ENDED, ObjectiveState
from teams.guards import role_in
from teams.models import Membership, Team, User

MOST = 100


class Gone(NamedTuple):
    """One row: what it was, when it went, how long it can come back, and where undo is sent."""

    what: str
    title: str
    of: str
    when: str
    left: str
    undo_url: str
    at: datetime


def withdrawn_context(team: Team, user: User, now: datetime) -> dict:
    """What `withdrawn_list.html` prints: newest first, at most `MOST` of each sort."""
    since = now - timedelta(days=UNDO_DAYS)
    leads = role_in(user, team) == Membership.Role.LEAD
    rows = [
        *(_objective(row, now, leads) for row in _objectives(team, since)),
        *(_key_result(row, now, leads) for row in _key_results(team, since)),
        *(_part(row, "Initiative", row.title, now) for row in _parts(Initiative, team, since)),
        *(_part(row, "Blocker", row.what, now) for row in _parts(Blocker, team, since)),
    ]
    rows.sort(key=lambda row: row.at, reverse=True)
    return {"team": team, "rows": rows, "days": UNDO_DAYS}


def _objectives(team: Team, since: datetime):
    rows = Objective.objects.filter(team=team, state=ObjectiveState.WITHDRAWN, closed_at__gte=since)
    return rows.select_related("team__organisation")[:MOST]


def _key_results(team: Team, since: datetime):
    rows = KeyResult.objects.filter(objective__team=team, withdrawn_at__gte=since)
    rows = rows.exclude(objective__state__in=ENDED)
    return rows.select_related("objective__team__organisation")[:MOST]


def _parts(model, team: Team, since: datetime):
    rows = model.objects.filter(key_result__objective__team=team, deleted_at__gte=since)
    return rows.select_related("key_result__objective__team__organisation")[:MOST]


def _objective(row: Objective, now: datetime, leads: bool) -> Gone:
    url = f"/objectives/{row.pk}/restore/" if leads else ""
    return _gone("Objective", row.title, row.team.name, row.closed_at, now, url, row.team)


def _key_result(row: KeyResult, now: datetime, leads: bool) -> Gone:
    url = f"/key-results/{row.pk}/restore/" if leads else ""
    title = row.objective.title
    return _gone("Key result", row.title, title, row.withdrawn_at, now, url, row.objective.team)


def _part(row: Initiative | Blocker, what: str, title: str, now: datetime) -> Gone:
    url = f"/{what.lower()}s/{row.pk}/restore/"
    key_result = row.key_result
    team = key_result.objective.team
    return _gone(what, title, key_result.title, row.deleted_at, now, url, team)


def _gone(
    what: str, title: str, of: str, at: datetime, now: datetime, undo_url: str, team: Team
) -> Gone:
    organisation = team.organisation
    today, day = organisation.today(now), organisation.today(at)
    left = (at + timedelta(days=UNDO_DAYS) - now).days
    return Gone(what, title, of, ago(day, today), plural(left, "day"), undo_url, at)
