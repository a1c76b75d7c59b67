"""Who is told what: one outbox row for each told event, person and channel (signals.md 9, 10).

The rows of one run for one person leave as one digest, the bad news first. What happened to a child
KPI is folded into its parent's message where both have news in one run. Whoever made the change
that caused an event knows already and is not told. That something ended is told to those who heard
that it began: who knew of it without a message of its own has a row that was never to be delivered.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from metrics.episodes import OFF_KIND, STALE_KIND
from metrics.evaluation.evidence import Facts
from metrics.evaluation.notice_words import News, missing_words, off_target_words
from metrics.evaluation.staleness import SourceEvent
from metrics.evaluation.storing import Stored, decide_by, event_key
from metrics.models import Kpi, Signal, SignalEvent, Source
from metrics.periods import period_label, period_of
from metrics.signal_changes import RESOLVED, RETRACTED
from metrics.wording import day_near, names, periods, plural
from teams.chat import chat_row, hooks_of_teams
from teams.message_kinds import MISSING
from teams.models import ChatHook, Membership, OutboxMessage, User
from teams.outbox import channels, queue_messages
from teams.sight import code

GOOD_NEWS = frozenset({RESOLVED, RETRACTED})


class Folded(NamedTuple):
    """What happened to a child KPI, as the message about its parent tells it to these people."""

    text: str
    kpi_id: int
    recipients: frozenset[int]


class Notice(NamedTuple):
    """One message to several people, before it is spread over recipients and channels.

    `knowing` are those who need no message to know of it; `about` the KPIs it speaks of to all,
    `folded` what it tells some of them besides.
    """

    key: str
    topic: str
    subject: str
    body: str
    link: str
    kpi_id: int | None
    parent_id: int | None
    recipients: frozenset[int]
    signal_id: int
    knowing: frozenset[int] = frozenset()
    about: frozenset[int] = frozenset()
    folded: tuple[Folded, ...] = ()

    @property
    def is_good(self) -> bool:
        return self.topic in GOOD_NEWS


class Audience:
    """Who hears about a KPI: its owner and the leads of its team; of missing data its owner."""

    def __init__(self, facts: Iterable[Facts]) -> None:
        facts = list(facts)
        self._leads: dict[int, set[int]] = defaultdict(set)
        leads = Membership.objects.filter(
            role="lead", user__is_active=True, team_id__in={one.team_id for one in facts}
        )
        for team_id, user_id in leads.values_list("team_id", "user_id"):
            self._leads[team_id].add(user_id)
        owners = {one.owner_id for one in facts if one.owner_id}
        active = User.objects.filter(pk__in=owners, is_active=True)
        self._active = set(active.values_list("pk", flat=True))

    def of(self, facts: Facts, kind: str, author: int | None) -> frozenset[int]:
        """The ids of the people to tell about a signal of this kind."""
        owner = {facts.owner_id} & self._active
        leads = self._leads[facts.team_id]
        people = (owner or leads) if kind == STALE_KIND else owner | leads
        return frozenset(person for person in people if person is not None and person != author)


def queue_notices(
    stored: Sequence[Stored],
    sources: Sequence[SourceEvent],
    facts: Mapping[int, Facts],
    *,
    run: str,
    now: datetime,
) -> int:
    """Queue a message for every told event; returns how many rows were queued."""
    told = [one for one in stored if one.event.told]
    if not told and not sources:
        return 0
    audience = Audience(facts.values())
    notices = [_notice(one, facts[one.transition.kpi_id], audience) for one in told]
    notices += _source_notices(sources, facts, audience)
    posts = list(posts_to_chats(notices, facts, run=run, now=now))
    notices = _mention_parents(_fold(to_those_who_heard(notices)), facts)
    rows = [
        _row(notice, person, channel, run, now)
        for notice in sorted(notices, key=lambda one: one.is_good)
        for person in sorted(notice.recipients)
        for channel in channels()
    ]
    known = [
        _row(notice, person, OutboxMessage.Channel.INBOX, run, now, sent_at=now)
        for notice in notices
        if not notice.is_good
        for person in sorted(notice.knowing - notice.recipients)
    ]
    queue_messages([*rows, *known, *posts])
    return len(rows)


def _row(notice: Notice, person: int, channel: str, run: str, now: datetime, **over):
    told = [one for one in notice.folded if person in one.recipients]
    return OutboxMessage(
        event_key=notice.key,
        recipient_id=person,
        channel=channel,
        run=run,
        topic=notice.topic,
        subject=notice.subject[:300],
        body="\n".join([notice.body, *(one.text for one in told)]).strip(),
        link=notice.link,
        about=_codes(notice.about | {one.kpi_id for one in told}),
        created_at=now,
        due_at=now,
        **over,
    )


def _codes(kpi_ids: Iterable[int]) -> str:
    return " ".join(code("kpi", pk) for pk in sorted(kpi_ids))


# -- who heard ----------------------------------------------------------------------------------


def to_those_who_heard(notices: Sequence[Notice]) -> list[Notice]:
    """Good news for those only who heard, now or before, of what it ends. Two queries at most."""
    ended = {one.signal_id for one in notices if one.is_good}
    if not ended:
        return list(notices)
    heard = _heard_before(ended, "recipient_id")
    for one in notices:
        if not one.is_good:
            heard[one.signal_id] |= one.recipients | one.knowing
    return [
        one._replace(recipients=one.recipients & heard[one.signal_id]) if one.is_good else one
        for one in notices
    ]


def _heard_before(signal_ids: Collection[int], who: str) -> dict[int, set[int]]:
    """Who has a row of the outbox about something but the end of these signals, by signal.

    `who` is the column that says it: of people or of chats.
    """
    rows = SignalEvent.objects.filter(signal__in=signal_ids, told=True).order_by()
    events = rows.exclude(type__in=GOOD_NEWS).values_list(
        "signal_id", "type", "period_on", "ordinal"
    )
    keys = {event_key(*event): event[0] for event in events}
    heard: dict[int, set[int]] = defaultdict(set)
    told = OutboxMessage.objects.filter(event_key__in=list(keys)).order_by()
    for key, one in told.exclude(**{who: None}).values_list("event_key", who):
        heard[keys[key]].add(one)
    return heard


# -- chats --------------------------------------------------------------------------------------


def posts_to_chats(
    notices: Sequence[Notice], facts: Mapping[int, Facts], *, run: str, now: datetime
) -> Iterator[OutboxMessage]:
    """One message for each notice and chat that hears of its team, the bad news first.

    The organisation's chat hears of nothing private; that something ended is told where it was told
    that it began. One query where nobody set up a chat.
    """
    teams = {facts[pk].team_id for one in notices for pk in one.about}
    hooks = hooks_of_teams(teams)
    if not any(hooks.values()):
        return
    private = set(
        Kpi.objects.filter(pk__in=list(facts), is_private=True).values_list("pk", flat=True)
    )
    ended = {one.signal_id for one in notices if one.is_good}
    heard = _heard_before(ended, "hook_id") if ended else defaultdict(set)
    for one in sorted(notices, key=lambda one: one.is_good):
        for hook in _hearing(one, hooks, facts, private):
            if one.is_good and hook.pk not in heard[one.signal_id]:
                continue
            heard[one.signal_id].add(hook.pk)
            words = {"topic": one.topic, "subject": one.subject, "body": one.body}
            words["about"] = _codes(one.about)
            yield chat_row(hook, one.key, now=now, run=run, link=one.link, **words)


def _hearing(
    notice: Notice,
    hooks: Mapping[int, Sequence[ChatHook]],
    facts: Mapping[int, Facts],
    private: Collection[int],
) -> list[ChatHook]:
    """The chats that may hear of all KPIs a notice speaks of."""
    found: dict[int, ChatHook] = {}
    for pk in sorted(notice.about):
        mine = {
            hook.pk: hook
            for hook in hooks.get(facts[pk].team_id, ())
            if hook.team_id is not None or pk not in private
        }
        found = mine if pk == min(notice.about) else {k: v for k, v in found.items() if k in mine}
    return list(found.values())


# -- words --------------------------------------------------------------------------------------


def _notice(one: Stored, facts: Facts, audience: Audience) -> Notice:
    walk, signal = one.transition.walk, one.transition.signal
    words = missing_words if signal.kind == STALE_KIND else off_target_words
    subject, body = words(_news(one, facts))
    people = audience.of(facts, signal.kind, None)
    author = frozenset({walk.state.changed_by} & people)
    return Notice(
        one.key,
        _topic(one.event.type, signal.kind),
        subject,
        body,
        f"/signals/{one.signal_id}/",
        facts.id if signal.kind == OFF_KIND else None,
        facts.parent_id,
        people - author,
        one.signal_id,
        author,
        frozenset({facts.id}),
    )


def _topic(event: str, kind: str) -> str:
    """What people switch a message by: values that are missing are a topic, however it began."""
    return MISSING if kind == STALE_KIND and event not in GOOD_NEWS else event


def _news(one: Stored, facts: Facts) -> News:
    """What the message is about, as the words need it."""
    walk, span = one.transition.walk, one.transition.signal.spans[-1]
    plan, month = walk.plan, walk.plan.fiscal_start_month
    first = plan.line.containing(span.first) or period_of(span.first, plan.kind, month)
    by = day_near(decide_by(plan), plan.today) if one.event.suggests else ""
    return News(
        one.event.type,
        one.event.reason,
        facts.name,
        periods(max(span.off_periods, 1), first.cadence),
        period_label(first, month),
        one.event.severity,
        walk.result.latest_status or walk.state.latest_status,
        by,
    )


def _source_notices(
    sources: Sequence[SourceEvent], facts: Mapping[int, Facts], audience: Audience
) -> list[Notice]:
    found = Source.objects.in_bulk([event.source_id for event in sources])
    notices = []
    for event in sources:
        known = [facts[pk] for pk in event.kpi_ids if pk in facts]
        people = frozenset().union(*(audience.of(one, STALE_KIND, None) for one in known))
        listed = names(sorted(one.name for one in known)) if known else ""
        source = found[event.source_id].name
        if event.type == RESOLVED:
            subject, body = f"{source} reports again", ""
        else:
            subject = f"{source}: values of {plural(len(known), 'KPI')} are missing"
            body = f"{event.sentence}: {listed}." if listed else event.sentence
        link = f"/signals/{event.signal_id}/"
        notices.append(
            Notice(
                *(event.key, _topic(event.type, STALE_KIND), subject, body, link, None, None),
                *(people, event.signal_id),
                about=frozenset(one.id for one in known),
            )
        )
    return notices


# -- families -----------------------------------------------------------------------------------


def _fold(notices: Sequence[Notice]) -> list[Notice]:
    """Put a child's news into its parent's message, for people who are told of both."""
    parents = {one.kpi_id: one for one in notices if one.kpi_id and not one.is_good}
    folded: dict[str, list[Folded]] = defaultdict(list)
    kept = []
    for one in notices:
        parent = None if one.is_good else _head(one, parents)
        if parent is None:
            kept.append(one)
            continue
        both = one.recipients & parent.recipients
        if both:
            text = f"{one.subject}. {one.body}".strip()
            folded[parent.key].append(Folded(text, one.kpi_id, both))
        kept.append(one._replace(recipients=one.recipients - both, knowing=one.knowing | both))
    return [one._replace(folded=tuple(folded[one.key])) for one in kept]


def _head(one: Notice, parents: Mapping[int, Notice]) -> Notice | None:
    """The highest ancestor reached through KPIs that have news; None: the parent has none."""
    head, seen = None, {one.kpi_id}
    while one.parent_id in parents and one.parent_id not in seen:
        seen.add(one.parent_id)
        head = one = parents[one.parent_id]
    return head


def _mention_parents(notices: Sequence[Notice], facts: Mapping[int, Facts]) -> list[Notice]:
    """Name the parent in a child's message where the parent has been off target for longer.

    But not to people who may see the child and not the parent.
    """
    wanted = {one.parent_id for one in notices if one.parent_id and not one.is_good}
    if not wanted:
        return list(notices)
    parents = Signal.objects.open().filter(
        kpi_id__in=wanted, kind=OFF_KIND, told=True, kpi__is_private=False
    )
    columns = ("kpi_id", "kpi__name", "kpi__team_id", "kpi__team__is_private")
    found = {pk: rest for pk, *rest in parents.values_list(*columns)}
    return [_mention(one, facts, *found.get(one.parent_id, ())) for one in notices]


def _mention(
    one: Notice,
    facts: Mapping[int, Facts],
    name: str = "",
    team_id: int | None = None,
    is_private: bool = False,
) -> Notice:
    if not name or one.is_good:
        return one
    if is_private and any(facts[pk].team_id != team_id for pk in one.about):
        return one
    body = f"{one.body} Part of {name}, which has an open signal."
    return one._replace(body=body, about=one.about | {one.parent_id})
