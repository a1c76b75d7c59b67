"""What happened in a person's teams since they last looked at their week.

Only what the person may see: rows of their own teams, where a member sees everything, and of an
objective's or a signal's history only what others did. Newest first, the last few of each kind.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import NamedTuple

from django.db.models import Count, F, Q, QuerySet, Window

from metrics.models import SignalEvent
from metrics.signal_changes import RAISED, RESOLVED
from metrics.wording import NBSP, day_week
from objectives.models import CheckIn, ObjectiveEvent, Thanks
from objectives.pages.rows import check_in_words
from objectives.pages.week_owed import Week

SHOWN = 20
# Who has not looked yet, or for long, is told of the last two weeks.
AT_MOST = timedelta(days=14)
_OBJECTIVE_WORDS = {
    "published": "published",
    "closed": "closed",
    "withdrawn": "withdrew",
    "parked": "parked",
}
_DECISIONS = {
    "accepted": "accepted for now",
    "data_fix": "has the data fixed:",
    "target_revised": "revised the target of",
    "dismissed": "dismissed",
    "treatment_began": "answered with an objective:",
}


_DATA_WORDS = {RAISED: "Signal opened:", RESOLVED: "Signal resolved:"}


class Change(NamedTuple):
    """One thing that happened, of so many of its kind: `who` did it, empty where the data did."""

    of: int
    at: datetime
    who: str
    words: str
    url: str
    title: str
    when: str = ""


class ChangeGroup(NamedTuple):
    """Changes of one kind, newest first."""

    title: str
    rows: list[Change]


class Changes(NamedTuple):
    """The newest changes by kind, and how many there are besides; `since` in words."""

    groups: list[ChangeGroup]
    more: int
    since: str


def what_changed(week: Week, since: datetime | None) -> Changes:
    """The changes since then, newest first; all of them are counted."""
    begin = max(since or week.now - AT_MOST, week.now - AT_MOST)
    kinds = {title: list(kind(week, begin)) for title, kind in _KINDS.items()}
    count = sum(rows[0].of for rows in kinds.values() if rows)
    found = [
        (title, one._replace(when=_when(week, one.at)))
        for title, rows in kinds.items()
        for one in rows
    ]
    found.sort(key=lambda pair: pair[1].at, reverse=True)
    shown = found[:SHOWN]
    groups = [
        ChangeGroup(title, rows)
        for title in _KINDS
        if (rows := [one for of, one in shown if of == title])
    ]
    return Changes(groups, count - len(shown), _since(week, begin, known=since is not None))


def _newest(rows: QuerySet, moment: str) -> QuerySet:
    """As many as can be shown; each row says `of` how many, counted by the same query."""
    return rows.annotate(of=Window(Count("pk"))).order_by(f"-{moment}", "-pk")[:SHOWN]


def _check_ins(week: Week, since: datetime) -> Iterator[Change]:
    rows = CheckIn.objects.standing().filter(
        key_result__objective__team__in=list(week.teams), made_at__gt=since
    )
    rows = rows.exclude(author=week.user).select_related("author", "key_result")
    for one in _newest(rows, "made_at"):
        words = check_in_words(one, one.key_result)
        url = one.key_result.get_absolute_url()
        yield Change(
            one.of, one.made_at, str(one.author), f"said {words}", url, one.key_result.title
        )


def _objectives(week: Week, since: datetime) -> Iterator[Change]:
    rows = ObjectiveEvent.objects.filter(
        objective__team__in=list(week.teams), at__gt=since, type__in=_OBJECTIVE_WORDS
    ).exclude(actor=week.user)
    for one in _newest(rows.select_related("actor", "objective"), "at"):
        who = str(one.actor) if one.actor else ""
        words = _OBJECTIVE_WORDS[one.type] if who else f"was {one.type}"
        yield Change(
            one.of, one.at, who, words, one.objective.get_absolute_url(), one.objective.title
        )


def _signals(week: Week, since: datetime) -> Iterator[Change]:
    teams = list(week.teams)
    rows = SignalEvent.objects.filter(
        Q(signal__kpi__team__in=teams) | Q(signal__source__team__in=teams),
        Q(type__in=(RAISED, RESOLVED)) | Q(type__in=_DECISIONS) & ~Q(actor=week.user),
        at__gt=since,
        signal__retracted_at=None,
    )
    for one in _newest(rows.select_related("actor", "signal__kpi", "signal__source"), "at"):
        about = one.signal.kpi or one.signal.source
        who = str(one.actor) if one.actor else ""
        words = _DATA_WORDS.get(one.type) or _DECISIONS[one.type]
        yield Change(one.of, one.at, who, words, one.signal.get_absolute_url(), about.name)


def _thanks(week: Week, since: datetime) -> Iterator[Change]:
    rows = Thanks.objects.filter(
        check_in__author=week.user,
        check_in__key_result__objective__team__in=list(week.teams),
        at__gt=since,
    ).exclude(person=F("check_in__author"))
    for one in _newest(rows.select_related("person", "check_in__key_result"), "at"):
        row = one.check_in.key_result
        words = "thanked you for"
        yield Change(one.of, one.at, str(one.person), words, row.get_absolute_url(), row.title)


def _when(week: Week, at: datetime) -> str:
    local = at.astimezone(week.user.organisation.zone)
    return f"{local:%H:%M}" if local.date() == week.today else day_week(local.date())


def _since(week: Week, begin: datetime, *, known: bool) -> str:
    local = begin.astimezone(week.user.organisation.zone)
    if not known:
        return f"in the last two weeks, since {day_week(local.date())}"
    if local.date() == week.today:
        return f"since {local:%H:%M} today"
    return f"since your last visit, {day_week(local.date())}{NBSP}{local:%H:%M}"


_KINDS = {
    "Check-ins": _check_ins,
    "Objectives": _objectives,
    "Signals": _signals,
    "Thanks": _thanks,
}
