"""Reminds people of values and check-ins that are due: once a day and twice a week at most.

Told set-wise, at the same number of queries for ten people and for ten thousand. A reminder is made
a little before the person's hour and leaves at it; its key is the person's day, so that it is made
once whoever runs this and however often.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import NamedTuple

from django.db.models import Q

from metrics.evaluation.recent import KEPT, parse_recent
from metrics.kinds import CadenceKind
from metrics.models import Cadence, Kpi, Measurement
from metrics.owed_values import periods_owed, value_asked_on
from metrics.periods import Period
from metrics.policies import Terms, read
from metrics.wording import day_week, plural
from objectives.models import KeyResult
from objectives.reminder_days import (
    WEEK,
    DaysOff,
    asked_first,
    due_early,
    is_held,
    is_off,
    wants_reminder,
)
from objectives.states import ObjectiveState
from teams.guards import WRITERS
from teams.message_kinds import DUE, OVERDUE, REMINDERS, Reach, farthest, reach_of
from teams.models import Membership, Organisation, OutboxMessage
from teams.outbox import channels, queue_messages
from teams.sight import code
from teams.their_hours import Reminded, reminded_about_now

# Longer than the pause between two runs of the job, so that no hour is missed by it.
LEAD = timedelta(minutes=20)
LISTED = 12
CHUNK = 5000


class Due(NamedTuple):
    """One thing a person owes: since when, what it is called, and when reminders of it may come.

    `asked_on` is the day of the first one; `about` names it as messages do (`teams.sight`).
    """

    on: date
    name: str
    asked_on: date
    days_off: DaysOff = DaysOff()
    about: str = ""


class ReminderCounts(NamedTuple):
    """How many people are reminded, and how many the weekly cap held."""

    reminders: int
    held: int


def remind(organisation: Organisation, now: datetime) -> ReminderCounts:
    """Queue a reminder for everybody whose hour it is and who owes something. Safe to repeat."""
    near = [
        one
        for one in reminded_about_now(organisation, now, lead=LEAD)
        if any(reach_of(topic, one.kinds) != Reach.NOT for topic in REMINDERS)
    ]
    told = _told_days(organisation, {one.day for one in near})
    near = [one for one in near if one.day not in told[one.user_id]]
    if not near:
        return ReminderCounts(0, 0)
    found = owed_by_people(organisation, {one.user_id for one in near}, max(p.day for p in near))
    owed = {one.user_id: _wanted(found.get(one.user_id, ()), one) for one in near}
    asked = [one for one in near if _is_asked(owed[one.user_id], told[one.user_id], one.day)]
    free = [one for one in asked if not is_held(told[one.user_id], one.day)]
    queue_messages(row for one in free for row in _rows(one, owed[one.user_id], organisation, now))
    return ReminderCounts(len(free), len(asked) - len(free))


def _key(day: date) -> str:
    return f"due:{day.isoformat()}"


def _topic(thing: Due, day: date) -> str:
    return OVERDUE if thing.on < day else DUE


def _wanted(owed: Iterable[Due], one: Reminded) -> list[Due]:
    """What a person wants to be reminded of: what is due, what is past its day, or both."""
    return [thing for thing in owed if reach_of(_topic(thing, one.day), one.kinds) != Reach.NOT]


def _told_days(organisation: Organisation, days: Collection[date]) -> dict[int, set[date]]:
    """On which of these days and of the week before each a person was reminded, by person."""
    told: dict[int, set[date]] = defaultdict(set)
    if not days:
        return told
    first, count = min(days) - WEEK, (max(days) - min(days) + WEEK).days
    keys = {_key(day): day for n in range(count + 1) if (day := first + timedelta(days=n))}
    rows = OutboxMessage.objects.filter(
        event_key__in=list(keys),
        recipient__organisation=organisation,
        channel=OutboxMessage.Channel.INBOX,
    )
    for person, key in rows.order_by().values_list("recipient_id", "event_key"):
        told[person].add(keys[key])
    return told


def _is_asked(owed: Sequence[Due], told: Collection[date], day: date) -> bool:
    last = max(told, default=None)
    return any(
        wants_reminder(one.on, one.asked_on, last, day) and not is_off(day, one.days_off)
        for one in owed
    )


# -- what is owed -------------------------------------------------------------------------------


def owed_by_people(
    organisation: Organisation, people: Collection[int], until: date
) -> dict[int, list[Due]]:
    """What each of these people owes up to a day, the oldest first.

    Check-ins of key results they own, or whose objective they own where those have no owner, and
    values of KPIs they own, in teams they write for.
    """
    writes = Membership.objects.filter(team__organisation=organisation, role__in=WRITERS)
    writers = set(writes.values_list("user_id", "team_id"))
    found: dict[int, list[Due]] = defaultdict(list)
    days = TeamDays(organisation, until)
    for person, team, due in [
        *_check_ins(organisation, days, until),
        *_values(organisation, people, until),
    ]:
        if person in people and (person, team) in writers:
            found[person].append(due)
    for dues in found.values():
        dues.sort()
    return found


class TeamDays:
    """The days off of each team for what belongs to no KPI: those of its weekly cadence.

    Without a weekly cadence they are those of the organisation's first one, else weekends. One
    query.
    """

    def __init__(self, organisation: Organisation, day: date) -> None:
        cadences = list(Cadence.objects.filter(organisation=organisation).order_by("pk"))
        weekly = [one for one in cadences if one.kind == CadenceKind.WEEKLY]
        self._cadence = next(iter([*weekly, *cadences]), None)
        self._day = day
        self._known: dict[int | None, DaysOff] = {}

    def of(self, team_id: int | None) -> DaysOff:
        """Those of a team; None: of the organisation."""
        if team_id not in self._known:
            cadence = self._cadence
            terms = cadence.terms_on(self._day, team_id) if cadence else Terms()
            self._known[team_id] = DaysOff(terms.country, terms.days_off)
        return self._known[team_id]

    def all(self) -> set[DaysOff]:
        """Those of the organisation and of every team with terms of its own."""
        entries = read(self._cadence.policies) if self._cadence else ()
        return {self.of(team) for team in {None, *(one.team_id for one in entries)}}


def _check_ins(
    organisation: Organisation, days: TeamDays, until: date
) -> Iterator[tuple[int | None, int, Due]]:
    rows = KeyResult.objects.filter(
        Q(next_due_on__lte=until) | Q(next_due_on__in=due_early(until, days.all())),
        withdrawn_at=None,
        objective__state=ObjectiveState.ACTIVE,
        objective__team__organisation=organisation,
    ).order_by()
    columns = ("owner_id", "objective__owner_id", "objective__team_id", "next_due_on", "title")
    for owner, other, team, due_on, title, pk in rows.values_list(*columns, "objective_id"):
        off, about = days.of(team), code("objective", pk)
        yield owner or other, team, Due(due_on, title, asked_first(due_on, off), off, about)


def _values(
    organisation: Organisation, people: Collection[int], until: date
) -> Iterator[tuple[int, int, Due]]:
    month = organisation.fiscal_start_month
    rows = Kpi.objects.filter(
        team__organisation=organisation, owner__isnull=False, cadence__isnull=False
    )
    waiting = {}
    for kpi in rows.select_related("state", "cadence").order_by().iterator(CHUNK):
        if kpi.owner_id in people:
            recent = parse_recent(kpi.state.recent)
            periods = periods_owed(kpi, recent, month, until, most_waiting=KEPT)
            if periods:
                waiting[kpi.pk] = kpi, periods
    entered = _entered(waiting)
    for kpi, periods in waiting.values():
        left = [period for period in periods if (kpi.pk, *period.key) not in entered]
        if left and (due := _value_due(kpi, left[0])).asked_on <= until:
            yield kpi.owner_id, kpi.team_id, due


def _value_due(kpi: Kpi, period: Period) -> Due:
    """A value of a period that is over: nobody is asked for it before."""
    terms = kpi.cadence.terms_on(period.start, kpi.team_id)
    off, on = DaysOff(terms.country, terms.days_off), value_asked_on(kpi, period)
    asked_on = max(asked_first(on, off), period.end)
    return Due(on, kpi.name, asked_on, off, code("kpi", kpi.pk))


def _entered(waiting: Mapping[int, tuple]) -> set[tuple[int, str, date]]:
    """What was entered for these KPIs and is not judged yet."""
    ids, found = sorted(waiting), set()
    for at in range(0, len(ids), CHUNK):
        some = ids[at : at + CHUNK]
        since = min(waiting[pk][1][0].start for pk in some)
        rows = Measurement.objects.filter(kpi__in=some, day__gte=since, value__isnull=False)
        found.update(rows.order_by().values_list("kpi_id", "identity", "day"))
    return found


# -- words --------------------------------------------------------------------------------------


def _rows(
    one: Reminded, owed: Sequence[Due], organisation: Organisation, now: datetime
) -> Iterator[OutboxMessage]:
    due = [thing for thing in owed if thing.asked_on <= one.day]
    subject, body = words(due, one.day)
    about = " ".join(dict.fromkeys(thing.about for thing in due[:LISTED]))
    topic = farthest({_topic(thing, one.day) for thing in due}, one.kinds)
    for channel in channels():
        yield OutboxMessage(
            event_key=_key(one.day),
            recipient_id=one.user_id,
            channel=channel,
            run=_key(one.day),
            topic=topic,
            subject=subject,
            body=body,
            link="/my-week/",
            about=about,
            created_at=now,
            due_at=max(now, one.at),
        )


def words(due: Sequence[Due], day: date) -> tuple[str, str]:
    """Subject and body of a reminder: how much is due, since or on when, and what. Oldest first."""
    count, late = len(due), sum(thing.on < day for thing in due)
    verb = "is" if count == 1 else "are"
    subject = f"{plural(count, 'update')} {verb} due"
    if due[0].on > day:
        subject += f" by {day_week(due[0].on)}"
    if late:
        subject += f", the oldest since {day_week(due[0].on)}"
    lines = [f"{thing.name}: due by {day_week(thing.on)}" for thing in due[:LISTED]]
    if count > LISTED:
        lines.append(f"and {count - LISTED} more")
    return subject, "\n".join(lines)
