"""How events of the audit record read: who, what, and what stands now in place of what. Pure."""

from __future__ import annotations

import json
import re
from datetime import datetime, tzinfo
from typing import NamedTuple

from teams.models import AuditEvent

# Where an object of each kind is looked at; plain addresses, since they belong to other apps.
PLACES = {
    "calendar": "/organisation/people/{}/",
    "cadence": "/organisation/cadences/",
    "cycle": "/cycles/{}/",
    "exclusion": "/kpis/{}/periods/",
    "import": "/imports/{}/",
    "invitation": "/organisation/people/",
    "key_result": "/key-results/{}/",
    "kpi": "/kpis/{}/",
    "objective": "/objectives/{}/",
    "organisation": "/organisation/",
    "person": "/organisation/people/{}/",
    "policy": "/organisation/cadences/",
    "review": "/reviews/{}/",
    "role": "/organisation/people/{}/",
    "scorecard_link": "/scorecard-links/",
    "signal": "/signals/{}/",
    "target": "/kpis/{}/targets/",
    "team": "/organisation/teams/{}/",
    "value": "/kpis/{}/",
}
MOST_SHOWN = 5
# What leads a program to a row and tells a person nothing; the file to take away has it.
KEYS = frozenset({"check_in"})
# As the record keeps them: a day alone, or a moment with its distance from UTC.
DAY_OR_MOMENT = re.compile(r"\d{4}-\d\d-\d\d([T ]\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d))?")
ABBREVIATIONS = {"kpi": "KPI", "kpis": "KPIs", "okr": "OKR"}


class Change(NamedTuple):
    """One thing that an event changed, as text; empty where nothing stood or stands."""

    name: str
    was: str
    now: str


class Line(NamedTuple):
    """One event as a page prints it."""

    pk: int
    day: str
    time: str
    moment: str
    who: str
    who_id: int | None
    how: str
    what: str
    label: str
    place: str
    team: str
    changes: list[Change]
    reason: str

    @property
    def is_long(self) -> bool:
        """Whether what changed is folded: all there is to a new object would fill the page."""
        return len(self.changes) > MOST_SHOWN


def line_of(event: AuditEvent, zone: tzinfo) -> Line:
    """An event with its times in `zone`; its team is loaded."""
    at = event.at.astimezone(zone)
    return Line(
        pk=event.pk,
        day=f"{at.day} {at:%b %Y}",
        time=f"{at:%H:%M}",
        moment=at.isoformat(timespec="seconds"),
        who=event.actor_name if event.actor_id else in_words(event.actor_name),
        who_id=event.actor_id,
        how="job" if event.actor_kind == AuditEvent.ActorKind.JOB else "",
        what=_what(event.kind, event.verb),
        label=event.label,
        place="" if event.verb == "deleted" else PLACES.get(event.kind, "").format(event.object_id),
        team=event.team.name if event.team_id and event.team else "",
        changes=changes_of(event, zone),
        reason=event.reason,
    )


def _what(kind: str, verb: str) -> str:
    """`KPI: edited`; a verb that names the kind itself stands alone: `target set`."""
    words = in_words(verb)
    return words if verb.startswith(kind) else f"{in_words(kind)}: {words}"


def in_words(name: str) -> str:
    """A kind, a verb or a column as people say it: `key result`, `values imported`, `KPI`."""
    return " ".join(ABBREVIATIONS.get(word, word) for word in name.replace("_", " ").split(" "))


def changes_of(event: AuditEvent, zone: tzinfo) -> list[Change]:
    """What stood and what stands, by name, in the order of the names; moments in `zone`.

    What reads the same before and after is no change: the record has it for programs.
    """
    before, after = _read(event.before), _read(event.after)
    found = [
        Change(in_words(name), _said(before.get(name), zone), _said(after.get(name), zone))
        for name in sorted((before | after).keys() - KEYS)
    ]
    return [one for one in found if one.was != one.now]


def _read(text: str) -> dict:
    return json.loads(text) if text else {}


def _said(value: object, zone: tzinfo) -> str:
    match value:
        case None | "":
            return ""
        case bool():
            return "yes" if value else "no"
        case list():
            return ", ".join(_said(one, zone) for one in value)
        case dict():
            return "; ".join(f"{in_words(name)} {_said(one, zone)}" for name, one in value.items())
        case str() if DAY_OR_MOMENT.fullmatch(value):
            return _when(value, zone)
    return str(value)


def _when(text: str, zone: tzinfo) -> str:
    """A day or a moment of the record as pages print it: `14 Dec 2026`, `14 Dec 2026 08:10`."""
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        return text
    if at.tzinfo is None:
        return f"{at.day} {at:%b %Y}"
    at = at.astimezone(zone)
    return f"{at.day} {at:%b %Y %H:%M}"
