"""What two people may want to talk about, from live data, as the one who looks may see it.

As many queries whatever there is. What the reader may not see of the other's goals is only counted.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import NamedTuple

from django.db.models import F, Q, QuerySet
from django.utils.safestring import SafeString

from metrics.figures.progress import confidence_level
from metrics.wording import day_near
from objectives.kinds import Health
from objectives.models import Blocker, CheckIn, KeyResult, Thanks
from objectives.pages.rows import check_in_words, health_mark
from objectives.standing import KeyResultStanding, key_result_standing
from objectives.states import ROLLED_UP, ObjectiveState
from reviews.models import Conversation, ReviewAction
from teams.models import User
from teams.querysets import team_access

SHOWN = 20
# Who has not talked before looks at the last month.
AT_MOST = timedelta(days=31)
# From how much a fall of confidence is worth a word (product.md 2.4).
FALL = 3
FLAGS = (Health.OVERDUE, Health.AT_RISK, Health.STALE)


@dataclass(frozen=True, slots=True)
class Talk:
    """A conversation as one of the two looks at it."""

    conversation: Conversation
    user: User
    now: datetime
    since: datetime

    @property
    def pair(self) -> tuple[int, int]:
        """The keys of the two."""
        return self.conversation.first_id, self.conversation.second_id

    @property
    def other(self) -> User:
        """The one who does not look."""
        mine = self.conversation.first_id == self.user.pk
        return self.conversation.second if mine else self.conversation.first

    @property
    def today(self) -> date:
        """The reader's local date."""
        return self.user.organisation.today(self.now)

    def day(self, at: datetime) -> str:
        """A moment as a day."""
        return day_near(self.user.organisation.today(at), self.today)


def talk_of(conversation: Conversation, user: User, now: datetime) -> Talk:
    """The conversation since the two last wrote something down before today. One query.

    Notes of today are of the talk that is going on, so what it is about stays on the page.
    """
    zone = user.organisation.zone
    midnight = datetime.combine(user.organisation.today(now), datetime.min.time(), zone)
    notes = conversation.notes.filter(created_at__lt=midnight).order_by("-created_at")
    last = notes.values_list("created_at", flat=True).first()
    return Talk(conversation, user, now, last or now - AT_MOST)


class Said(NamedTuple):
    """A check-in since the last conversation; `fall` is empty unless confidence fell or is low."""

    when: str
    who: str
    words: str
    note: str
    url: str
    title: str
    fall: str


class Flag(NamedTuple):
    """A key result that is at risk, stale or overdue."""

    url: str
    title: str
    who: str
    status: SafeString


class Line(NamedTuple):
    """Something open or said: what, what stands under it, and where it leads."""

    what: str
    sub: str
    url: str


def conversation_context(talk: Talk) -> dict:
    """What `conversation_detail.html` prints."""
    theirs = _key_results(talk)
    visible = theirs.visible_to(talk.user)
    rows = list(
        visible.with_latest().select_related(
            "objective__owner", "objective__cycle", "objective__team__organisation"
        )
    )
    said = list(_said(talk, rows))
    return {
        "talk": talk,
        "other": talk.other,
        "since": talk.day(talk.since),
        "said": said[:SHOWN],
        "more": max(len(said) - SHOWN, 0),
        "flags": list(_flags(talk, rows)),
        "hidden": theirs.count() - len(rows),
        "blockers": list(_blockers(talk)),
        "thanks": list(_thanks(talk)),
        "actions": list(_actions(talk)),
    }


def _owned(pair: tuple[int, int], path: str = "") -> Q:
    """Key results (reached by `path`) one of the two answers for."""
    owner, above = f"{path}owner", f"{path}objective__owner__in"
    return Q(**{f"{owner}__in": pair}) | Q(**{owner: None, above: pair})


def _key_results(talk: Talk) -> QuerySet:
    rows = KeyResult.objects.filter(_owned(talk.pair), withdrawn_at=None)
    running = Q(objective__state=ObjectiveState.ACTIVE)
    ended = Q(objective__state__in=ROLLED_UP, objective__closed_at__gt=talk.since)
    return rows.filter(running | ended).order_by("objective_id", "position")


def _said(talk: Talk, rows: list[KeyResult]) -> Iterator[Said]:
    """The check-ins since then, newest first, each against the one before it."""
    known = {row.pk: row for row in rows}
    made = CheckIn.objects.standing().filter(key_result__in=known).select_related("author")
    last: dict[int, CheckIn] = {}
    found = []
    for one in made.order_by("due_on", "made_at", "pk"):
        before = last.get(one.key_result_id)
        last[one.key_result_id] = one
        if one.made_at > talk.since:
            row = known[one.key_result_id]
            words, fall = check_in_words(one, row), _fall(before, one)
            line = (talk.day(one.made_at), str(one.author), words, one.note)
            found.append((one.made_at, Said(*line, row.get_absolute_url(), row.title, fall)))
    found.sort(key=lambda pair: pair[0], reverse=True)
    return (one for _, one in found)


def _fall(before: CheckIn | None, one: CheckIn) -> str:
    if before is not None and before.confidence - one.confidence >= FALL:
        return f"Confidence {before.confidence} → {one.confidence}"
    return "Low confidence" if confidence_level(one.confidence) == "low" else ""


def _flags(talk: Talk, rows: list[KeyResult]) -> Iterator[Flag]:
    standings = [key_result_standing(row, row.objective, talk.today) for row in rows]
    flagged = [one for one in standings if one.health in FLAGS]
    for one in sorted(flagged, key=lambda one: FLAGS.index(one.health)):
        yield _flag(one)


def _flag(one: KeyResultStanding) -> Flag:
    row = one.key_result
    who = row.owner or row.objective.owner
    return Flag(row.get_absolute_url(), row.title, str(who), health_mark(one.health))


def _blockers(talk: Talk) -> Iterator[Line]:
    """What stands in the way where one of the two can remove it or waits for it."""
    seen = KeyResult.objects.visible_to(talk.user).filter(withdrawn_at=None)
    rows = Blocker.objects.filter(
        _owned(talk.pair, "key_result__") | Q(remover__in=talk.pair),
        key_result__in=seen.order_by().values("pk"),
        key_result__objective__state=ObjectiveState.ACTIVE,
        resolved_at=None,
        deleted_at=None,
    )
    for one in rows.select_related("key_result", "remover")[: 2 * SHOWN]:
        parts = [one.key_result.title, f"{one.remover or 'nobody yet'} can remove it"]
        parts += [f"by {day_near(one.by_on, talk.today)}"] if one.by_on else []
        yield Line(one.what, " · ".join(parts), one.key_result.get_absolute_url())


def _thanks(talk: Talk) -> Iterator[Line]:
    """What somebody thanked one of the two for since then."""
    seen = CheckIn.objects.visible_to(talk.user).filter(author__in=talk.pair)
    rows = Thanks.objects.filter(check_in__in=seen.order_by().values("pk"), at__gt=talk.since)
    rows = rows.exclude(person=F("check_in__author")).order_by("-at", "-pk")
    for one in rows.select_related("person", "check_in__author", "check_in__key_result")[:SHOWN]:
        row = one.check_in.key_result
        what = f"{one.person} thanked {one.check_in.author}"
        yield Line(what, f"{row.title} · {talk.day(one.at)}", row.get_absolute_url())


def _actions(talk: Talk) -> Iterator[Line]:
    """What one of the two took on in a review and has not done yet."""
    rows = ReviewAction.objects.filter(
        team_access(talk.user), owner__in=talk.pair, done_at=None, deleted_at=None
    )
    for one in rows.select_related("owner", "team").order_by("due_on", "pk")[: 2 * SHOWN]:
        parts = [str(one.owner), one.team.name]
        if one.due_on:
            past = ", past" if one.due_on < talk.today else ""
            parts.append(f"by {day_near(one.due_on, talk.today)}{past}")
        yield Line(one.what, " · ".join(parts), f"/reviews/{one.review_id}/")
